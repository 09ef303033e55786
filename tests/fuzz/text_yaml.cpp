// YAML from outside: every place lies within the text, and what is read is written and read as the same value.

#include <string>

#include "tests/fuzz/input.h"
#include "text/yaml.h"

namespace {

using namespace lilux::text;
using lilux::fuzz::require;

void check(const YamlSpan& span, std::size_t size) {
  require(span.at <= size && span.begin <= span.end && span.end <= size);
  for (const YamlSpan& inner : span.inner) check(inner, size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  const auto made = parse_yaml(text);
  if (!made) {
    require(made.error().message.starts_with("line "));
    return 0;
  }
  check(made->span, text.size());
  if (!made->value.is_object()) return 0;
  require(made->span.inner.size() == made->value.as_object().size());
  std::string written;
  for (const auto& [key, value] : made->value.as_object()) written += yaml_member(key, value);
  const auto again = parse_yaml(written);
  if (again) require(again->value == made->value || made->value.as_object().size() == 0);
  // What is too deep or has keys that are too long in one style may be refused in another, and nothing else.
  const bool is_bound = again || again.error().message.contains("deeply") || again.error().message.contains("a key ") ||
                        again.error().message.contains("too large");
  require(is_bound);
  return 0;
}

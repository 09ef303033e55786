// A schema from outside on the first line and a value from outside behind it: compiling and checking end in bounded
// time, say the same twice, and point at what is there.

#include <string>

#include "base/encoding.h"
#include "base/schema.h"
#include "tests/fuzz/input.h"

namespace {

using namespace lilux::base;
using lilux::fuzz::require;

// Whether the JSON pointer leads somewhere.
bool points_into(const Json& root, std::string_view pointer) {
  const Json* at = &root;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return false;
    std::string_view written = pointer.substr(1, pointer.find('/', 1) - 1);
    pointer.remove_prefix(written.size() + 1);
    std::string token;
    for (; !written.empty(); written.remove_prefix(1)) {
      const bool is_escape = written.starts_with("~0") || written.starts_with("~1");
      token += !is_escape ? written[0] : written[1] == '0' ? '~' : '/';
      if (is_escape) written.remove_prefix(1);
    }
    if (at->is_array()) {
      const bool is_index = !token.empty() && token.find_first_not_of("0123456789") == std::string::npos;
      if (!is_index || token.size() > 9 || std::stoul(token) >= at->as_array().size()) return false;
      at = &at->as_array()[std::stoul(token)];
    } else {
      at = at->find(token);
      if (!at) return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lilux::fuzz::Input input(data, size);
  auto schema_text = parse_json(input.line());
  const auto value = parse_json(input.rest());
  if (!schema_text) return 0;
  const SchemaOptions options{.asserts_formats = size % 2 == 0,
                              .documents_max = 10,
                              .schemas_max = 2'000,
                              .patterns_max = 20'000,
                              .depth_max = 200,
                              .steps_max = 20'000};
  const auto schema = Schema::compile(std::move(*schema_text), options);
  if (!schema) {
    require(!schema.error().message.empty() && is_utf8(schema.error().message));
    return 0;
  }
  if (!value) return 0;
  const auto violation = schema->check(*value);
  const auto again = schema->check(*value);
  require(violation.has_value() == again.has_value());
  require(schema->validate(*value).has_value() == !violation);
  if (!violation) return 0;
  require(violation->at == again->at && violation->message == again->message && !violation->message.empty());
  require(is_utf8(violation->message) && points_into(*value, violation->at));
  return 0;
}

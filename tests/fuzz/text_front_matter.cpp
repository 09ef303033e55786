// Heads of files from outside: a key that is put in is read there, everything else stays, and it can be taken out
// again.

#include <string>

#include "tests/fuzz/input.h"
#include "text/front_matter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::text;
  using lilux::fuzz::require;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  const auto mended = parse_front_matter(text, FrontMatterReading::mending);
  const auto front = parse_front_matter(text);
  if (front && *front) {
    require((*front)->begin <= (*front)->end && (*front)->end <= (*front)->body && (*front)->body <= text.size());
    require(mended && *mended && (*mended)->value == (*front)->value);
  }
  const auto made = with_front_matter(text, "version", "\"7\"");
  if (!made || !front) return 0;
  const auto again = parse_front_matter(*made);
  require(again && *again && (*again)->value.string_or("version") == "7");
  lilux::base::Json wanted = *front ? (*front)->value : lilux::base::JsonObject();
  wanted.as_object().set("version", "7");
  require((*again)->value == wanted);
  require(made->substr((*again)->body) == text.substr(*front ? (*front)->body : 0));
  const auto without = with_front_matter(*made, "version", "");
  require(without && !parse_front_matter(*without).value().value().value.find("version"));
  return 0;
}

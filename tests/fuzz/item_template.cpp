// Templates from outside, which may use themselves and one another: putting them together ends.

#include <array>
#include <string>
#include <tuple>

#include "item/document.h"
#include "item/interpolate.h"
#include "item/knowledge.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::item;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  const std::array<std::string, 2> halves{std::string(text.substr(0, text.size() / 2)),
                                          std::string(text.substr(text.size() / 2))};
  const FindTemplate find = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "a") return halves[0];
    if (name == "b") return halves[1];
    return std::nullopt;
  };
  for (const std::string& half : halves) {
    const auto made = composed("start", half, find);
    lilux::fuzz::require(made || !made.error().message.empty());
  }
  const Lookup lookup = [&](std::string_view name) { return value_at(lilux::base::JsonObject{{"a", "{{a}}"}}, name); };
  const std::string once = interpolated_text(text, lookup);
  lilux::fuzz::require(!placeholders(lilux::base::Json(text)).empty() || once == text);
  std::ignore = parse_relationships(text);  // only whether it falls over
  std::ignore = parse_index(text);
  return 0;
}

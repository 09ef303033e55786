// Settings from outside in every format: what is put in is found there and goes again, and nothing falls over.

#include <array>
#include <string>

#include "tests/fuzz/input.h"
#include "text/settings.h"

namespace {

using namespace lilux::text;
using lilux::base::Json;
using lilux::base::JsonArray;
using lilux::base::JsonObject;
using lilux::fuzz::require;

const std::array<std::string, 2> kPath{"servers", "lilux"};

void check(const SettingsFormat& format, std::string_view text) {
  const Json value = JsonObject{{"command", "/bin/lilux"}, {"args", JsonArray{"mcp", "serve"}}};
  const auto before = format.find(text, kPath);
  if (!before) {
    require(!before.error().message.empty());
    return;
  }
  if (!*before) require(lilux::fuzz::gives(format.without(text, kPath), std::string(text)));
  const auto made = format.with(text, kPath, value);
  if (!made) return;
  const auto found = format.find(*made, kPath);
  require(found && *found && **found == value);
  const auto back = format.without(*made, kPath);
  require(!back || !format.find(*back, kPath).value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  for (const SettingsFormat* format : {&kJsonSettings, &kTomlSettings, &kYamlSettings}) check(*format, text);
  const std::array<std::string, 1> list{"list"};
  if (const auto made = with_json_entry(text, list, Json(1))) require(find_json(*made, list)->value().is_array());
  return 0;
}

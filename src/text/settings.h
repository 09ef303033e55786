#pragma once

// Settings files of other programs, edited as text: what a person wrote stays byte for byte, comments, order and line
// ends too; only the value that is put in or taken out changes. What cannot be understood is refused with its line.
// Pure; any thread.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace lilux::text {

// Keys from the outermost object inwards.
using KeyPath = std::span<const std::string>;

// One way of writing settings. An empty text is one without any.
struct SettingsFormat {
  // What stands there; nullopt when nothing does.
  base::Result<std::optional<base::Json>> (*find)(std::string_view text, KeyPath path);
  // The text with that value there, in place of another or behind what its object holds; missing objects are made.
  base::Result<std::string> (*with)(std::string_view text, KeyPath path, const base::Json& value);
  // The text without it; the same when nothing stands there.
  base::Result<std::string> (*without)(std::string_view text, KeyPath path);
};

// JSON with comments and a comma behind the last item.
base::Result<std::optional<base::Json>> find_json(std::string_view text, KeyPath path);
base::Result<std::string> with_json(std::string_view text, KeyPath path, const base::Json& value);
base::Result<std::string> without_json(std::string_view text, KeyPath path);
// The same for an entry of the list at `path`: added behind the others, or taken out by its number.
base::Result<std::string> with_json_entry(std::string_view text, KeyPath path, const base::Json& value);
base::Result<std::string> without_json_entry(std::string_view text, KeyPath path, std::size_t number);

// TOML. An object that is new becomes a table of its own at the end.
base::Result<std::optional<base::Json>> find_toml(std::string_view text, KeyPath path);
base::Result<std::string> with_toml(std::string_view text, KeyPath path, const base::Json& value);
base::Result<std::string> without_toml(std::string_view text, KeyPath path);

// YAML as programs write their settings: mappings one key a line, with plain and quoted values and lists in them. What
// goes beyond that is passed over where it does not matter and refused where it does.
base::Result<std::optional<base::Json>> find_yaml(std::string_view text, KeyPath path);
base::Result<std::string> with_yaml(std::string_view text, KeyPath path, const base::Json& value);
base::Result<std::string> without_yaml(std::string_view text, KeyPath path);

inline constexpr SettingsFormat kJsonSettings{.find = find_json, .with = with_json, .without = without_json};
inline constexpr SettingsFormat kTomlSettings{.find = find_toml, .with = with_toml, .without = without_toml};
inline constexpr SettingsFormat kYamlSettings{.find = find_yaml, .with = with_yaml, .without = without_yaml};

}  // namespace lilux::text

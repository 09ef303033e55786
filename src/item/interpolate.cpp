#include "item/interpolate.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "base/number.h"
#include "text/markdown.h"

namespace lilux::item {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

struct Placeholder {
  std::size_t at = 0;
  std::size_t end = 0;
  std::string_view name = {};
};

bool is_name(std::string_view name) {
  const auto may_stand = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; };
  return !name.empty() && std::ranges::all_of(name, may_stand) && name.front() != '.' && name.back() != '.';
}

// No name has a brace, so that only the last opening before a closing one can begin it.
std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  while (true) {
    const std::size_t first = text.find("{{", from);
    const std::size_t end = text.find("}}", first);
    if (first == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
    const std::size_t at = text.rfind("{{", end);
    const std::string_view name = text::trimmed(text.substr(at + 2, end - at - 2));
    if (is_name(name)) return Placeholder{.at = at, .end = end + 2, .name = name};
    from = end;
  }
}

std::string as_text(const Json& value) {
  return value.is_string() ? value.as_string() : base::to_text(value);
}

struct Names {
  std::vector<std::string> list = {};
  std::unordered_set<std::string> seen = {};
};

void add_names(std::string_view text, Names& names) {
  for (auto found = next_placeholder(text, 0); found; found = next_placeholder(text, found->end)) {
    std::string name(found->name);
    if (names.seen.insert(name).second) names.list.push_back(std::move(name));
  }
}

void add_names(const Json& value, Names& names) {
  if (value.is_string()) add_names(std::string_view(value.as_string()), names);
  if (value.is_array())
    for (const Json& entry : value.as_array()) add_names(entry, names);
  if (value.is_object())
    for (const auto& [key, member] : value.as_object()) add_names(member, names);
}

Result<Json> filled(std::string_view text, const Lookup& lookup) {
  std::string made;
  std::size_t from = 0;
  for (auto found = next_placeholder(text, 0); found; found = next_placeholder(text, found->end)) {
    std::optional<Json> value = lookup(found->name);
    if (!value)
      return base::fail(base::ErrorCode::invalid_argument, "'{{" + std::string(found->name) + "}}' has no value",
                        "give it as an input, or take it from a step before");
    if (found->at == 0 && found->end == text.size()) return std::move(*value);
    made.append(text.substr(from, found->at - from)).append(as_text(*value));
    from = found->end;
  }
  return Json(made.append(text.substr(from)));
}

}  // namespace

std::optional<Json> value_at(const Json& scope, std::string_view path) {
  const Json* at = &scope;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    if (at->is_array()) {
      const auto index = base::number_from<std::size_t>(name);
      if (!index || *index >= at->as_array().size()) return std::nullopt;
      at = &at->as_array()[*index];
    } else {
      at = at->find(name);
      if (!at) return std::nullopt;
    }
  }
  return *at;
}

std::vector<std::string> placeholders(const Json& value) {
  Names names;
  add_names(value, names);
  return std::move(names.list);
}

std::string interpolated_text(std::string_view text, const Lookup& lookup) {
  std::string made;
  std::size_t from = 0;
  for (auto found = next_placeholder(text, 0); found; found = next_placeholder(text, found->end)) {
    const std::optional<Json> value = lookup(found->name);
    if (!value) continue;
    made.append(text.substr(from, found->at - from)).append(as_text(*value));
    from = found->end;
  }
  return made.append(text.substr(from));
}

Result<Json> interpolated(const Json& value, const Lookup& lookup) {
  if (value.is_string()) return filled(value.as_string(), lookup);
  if (value.is_array()) {
    JsonArray made;
    for (const Json& entry : value.as_array()) made.push_back(TRY(interpolated(entry, lookup)));
    return made;
  }
  if (!value.is_object()) return value;
  JsonObject made;
  for (const auto& [key, member] : value.as_object()) made.set(key, TRY(interpolated(member, lookup)));
  return made;
}

}  // namespace lilux::item

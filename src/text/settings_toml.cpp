// TOML: the parser says where things stand, the text is edited there, and what was made is read back before it counts.

#include <algorithm>

#include "base/toml.h"
#include "text/edit.h"
#include "text/settings.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

std::unexpected<base::Error> wrong(toml::source_index line, const std::string& what) {
  return fail(ErrorCode::invalid_argument, "line " + std::to_string(line) + ": " + what, "mend the file");
}

std::unexpected<base::Error> not_safe(toml::source_index line) {
  return wrong(line, "it is written in a way that cannot be edited safely");
}

Result<toml::table> parsed(std::string_view text) {
  toml::parse_result result = base::parse_toml(text);
  if (!result) return wrong(result.error().source().begin.line, std::string(result.error().description()));
  return std::move(result).table();
}

// Of what JSON does not have, such as times, no more than that it is there: edits leave it alone.
Json json_of(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    JsonObject object;
    for (const auto& [key, value] : *table) object.set(key.str(), json_of(value));
    return object;
  }
  if (const auto* array = node.as_array()) {
    JsonArray list;
    for (const toml::node& entry : *array) list.push_back(json_of(entry));
    return list;
  }
  if (node.is_string()) return Json(**node.as_string());
  if (node.is_integer()) return Json(**node.as_integer());
  if (node.is_boolean()) return Json(**node.as_boolean());
  if (node.is_floating_point()) return Json(**node.as_floating_point());
  return nullptr;
}

std::string key_text(const std::string& key) {
  const bool is_bare = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return is_bare ? key : base::to_text(Json(key));
}

// JSON's escapes are a subset of TOML's, and so are its scalars and lists.
std::string value_text(const Json& value) {
  return base::to_text(value, base::JsonStyle::spaced);
}

struct Found {
  const toml::node* node = nullptr;
  const toml::table* holder = nullptr;
  std::size_t depth = 0;
};

Result<Found> follow(const toml::table& root, KeyPath path) {
  Found found{.node = &root};
  for (; found.depth < path.size(); ++found.depth) {
    const toml::table* table = found.node->as_table();
    if (!table) return wrong(found.node->source().begin.line, "'" + path[found.depth - 1] + "' is no table");
    const toml::node* next = table->get(path[found.depth]);
    if (!next) return found;
    found.holder = table;
    found.node = next;
  }
  return found;
}

void set(JsonObject& object, KeyPath path, const Json& value) {
  if (path.size() == 1) return object.set(path[0], value);
  if (!object.find(path[0])) object.set(path[0], JsonObject{});
  Json& inner = *object.find(path[0]);
  if (inner.is_object()) set(inner.as_object(), path.subspan(1), value);
}

void erase(JsonObject& object, KeyPath path) {
  Json* inner = object.find(path[0]);
  if (path.size() == 1)
    object.erase(path[0]);
  else if (inner && inner->is_object())
    erase(inner->as_object(), path.subspan(1));
}

Result<std::string> checked(std::string text, const Json& wanted, toml::source_index line) {
  const Result<toml::table> made = parsed(text);
  if (!made || json_of(*made) != wanted) return not_safe(line);
  return text;
}

// A table of its own behind everything else.
std::string with_table(std::string_view text, KeyPath path, const JsonObject& members) {
  const std::string line_end(line_end_of(text));
  std::string made(text);
  if (!made.empty() && !made.ends_with('\n')) made += line_end;
  if (!made.empty()) made += line_end;
  std::string name;
  for (const std::string& key : path) name.append(name.empty() ? "" : ".").append(key_text(key));
  made.append("[").append(name).append("]").append(line_end);
  for (const auto& [key, value] : members)
    made.append(key_text(key)).append(" = ").append(value_text(value)).append(line_end);
  return made;
}

// A line behind the header of a table.
std::string with_line(std::string_view text, const toml::table& holder, const std::string& key, const Json& value) {
  const std::size_t header = base::toml_offset(text, holder.source().begin);
  const std::size_t end = std::min(text.find('\n', header), text.size());
  const std::string line_end(line_end_of(text));
  const std::string line = key_text(key) + " = " + value_text(value) + line_end;
  if (end == text.size()) return std::string(text) + line_end + line;
  return edited(text, {{.at = end + 1, .text = std::string(indent_at(text, header)) + line}});
}

struct Lines {  // from the first one up to one past the last, counted from 1
  std::size_t first = 0;
  std::size_t end = 0;
};

// The lines of a value, and of the tables below it, which may have headers of their own anywhere.
void lines_of(const toml::node& node, std::vector<Lines>& found) {
  const toml::table* table = node.as_table();
  const toml::array* array = node.as_array();
  Lines own{.first = node.source().begin.line, .end = node.source().end.line + 1};
  if (table && !table->is_inline()) own.end = own.first + 1;
  const bool has_parts = (table && !table->is_inline()) || (array && array->is_array_of_tables());
  if (!array || !has_parts) found.push_back(own);
  if (has_parts && table) {
    for (const auto& [key, value] : *table) lines_of(value, found);
  }
  if (has_parts && array) {
    for (const toml::node& entry : *array) lines_of(entry, found);
  }
}

std::string without_lines(std::string_view text, const std::vector<Lines>& cuts) {
  std::string made;
  std::size_t number = 1;
  bool was_cut = false;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = after_line_end(text, std::min(text.find('\n', at), text.size()));
    const std::string_view line = text.substr(at, end - at);
    const bool is_cut =
        std::ranges::any_of(cuts, [&](const Lines& cut) { return number >= cut.first && number < cut.end; });
    const bool is_gap = was_cut && line.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (!is_cut && !is_gap) made += line;
    was_cut = is_cut || is_gap;
    at = end;
  }
  // With the last table goes the empty line before it.
  const bool was_last = was_cut && !made.empty();
  const std::string_view line_end = line_end_of(text);
  if (was_last && made.ends_with(std::string(line_end) + std::string(line_end)))
    made.resize(made.size() - line_end.size());
  return made;
}

}  // namespace

Result<std::optional<Json>> find_toml(std::string_view text, KeyPath path) {
  const toml::table table = TRY(parsed(text));
  const Found found = TRY(follow(table, path));
  return found.depth == path.size() ? std::optional(json_of(*found.node)) : std::nullopt;
}

Result<std::string> with_toml(std::string_view text, KeyPath path, const Json& value) {
  const toml::table table = TRY(parsed(text));
  const Found found = TRY(follow(table, path));
  const toml::source_region& place = found.node->source();
  Json wanted = json_of(table);
  set(wanted.as_object(), path, value);
  if (found.depth == path.size()) {
    const toml::table* old = found.node->as_table();
    if (old && !old->is_inline()) return not_safe(place.begin.line);
    const std::size_t begin = base::toml_offset(text, place.begin);
    const std::size_t size = base::toml_offset(text, place.end) - begin;
    return checked(edited(text, {{.at = begin, .size = size, .text = value_text(value)}}), wanted, place.begin.line);
  }
  if (value.is_object()) return checked(with_table(text, path, value.as_object()), wanted, place.begin.line);
  const toml::table* holder = found.node->as_table();
  if (found.depth + 1 < path.size() || found.depth == 0 || !holder || holder->is_inline())
    return not_safe(place.begin.line);
  return checked(with_line(text, *holder, path.back(), value), wanted, place.begin.line);
}

Result<std::string> without_toml(std::string_view text, KeyPath path) {
  const toml::table table = TRY(parsed(text));
  const Found found = TRY(follow(table, path));
  if (found.depth < path.size()) return std::string(text);
  std::vector<Lines> cuts;
  lines_of(*found.node, cuts);
  Json wanted = json_of(table);
  erase(wanted.as_object(), path);
  const toml::source_index line = found.node->source().begin.line;
  std::string made = without_lines(text, cuts);
  if (Result<std::string> done = checked(made, wanted, line)) return done;
  // What held nothing else went with it.
  if (path.size() > 1 && found.holder->size() == 1) erase(wanted.as_object(), path.first(path.size() - 1));
  return checked(std::move(made), wanted, line);
}

}  // namespace lilux::text

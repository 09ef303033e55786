#include "base/field_codec.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/nearest.h"

namespace lilux::base::codec {

namespace {

std::string at(const Where& where) {
  const std::string path = where.text();
  return path.empty() ? std::string("the value") : "field '" + path + "'";
}

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

}  // namespace

std::string Where::text() const {
  if (!outer_) return {};
  const std::string before = outer_->text();
  if (is_index_) return before + "[" + std::to_string(index_) + "]";
  return before.empty() ? std::string(name_) : before + "." + std::string(name_);
}

std::unexpected<Error> wrong_type(const Where& where, std::string_view expected, const Json& found) {
  return fail(ErrorCode::invalid_argument,
              at(where) + ": expected " + std::string(expected) + ", found " + described(found));
}

std::unexpected<Error> wrong_name(const Where& where, const std::string& found,
                                  std::span<const std::string_view> names) {
  return fail(ErrorCode::invalid_argument,
              at(where) + ": '" + std::string(clipped(found, 100)) + "' is none of " + joined(names),
              "one of " + joined(names));
}

std::unexpected<Error> missing(const Where& where, std::string_view name, std::string_view help) {
  const std::string path = where.text();
  return fail(ErrorCode::invalid_argument,
              "field '" + (path.empty() ? "" : path + ".") + std::string(name) + "' is missing",
              std::string(name) + ": " + std::string(help));
}

Result<void> check_known(const Where& where, const JsonObject& object, std::span<const std::string_view> names) {
  for (const auto& [key, value] : object) {
    if (std::ranges::find(names, key) != names.end()) continue;
    const std::string path = where.text();
    return fail(ErrorCode::invalid_argument,
                "unknown field '" + (path.empty() ? "" : path + ".") + std::string(clipped(key, 100)) + "'",
                guess(key, names, names.empty() ? "it takes no fields" : "fields are " + joined(names)));
  }
  return {};
}

Result<void> check_number(const Where& where, const Json& value, const FieldBounds& bounds) {
  if (bounds.minimum && is_less(value, *bounds.minimum)) {
    return fail(ErrorCode::invalid_argument, at(where) + ": must be at least " + std::to_string(*bounds.minimum));
  }
  if (bounds.maximum && is_less(*bounds.maximum, value)) {
    return fail(ErrorCode::invalid_argument, at(where) + ": must be at most " + std::to_string(*bounds.maximum));
  }
  return {};
}

Result<void> check_length(const Where& where, std::string_view text, const FieldBounds& bounds) {
  if (!bounds.minimum && !bounds.maximum) return {};
  const auto is_first = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return check_size(where, static_cast<std::size_t>(std::ranges::count_if(text, is_first)), bounds, "characters");
}

// "1 character", "2 entries".
std::string counted(std::int64_t count, std::string_view units) {
  const bool is_entries = units == "entries";
  if (count == 1) units = is_entries ? "entry" : units.substr(0, units.size() - 1);
  return std::to_string(count) + " " + std::string(units);
}

Result<void> check_size(const Where& where, std::size_t size, const FieldBounds& bounds, std::string_view unit) {
  if (bounds.minimum && std::cmp_less(size, *bounds.minimum)) {
    return fail(ErrorCode::invalid_argument, at(where) + ": must have at least " + counted(*bounds.minimum, unit));
  }
  if (bounds.maximum && std::cmp_greater(size, *bounds.maximum)) {
    return fail(ErrorCode::invalid_argument, at(where) + ": must have at most " + counted(*bounds.maximum, unit));
  }
  return {};
}

Result<std::int64_t> integer_from(const Where& where, const Json& json) {
  if (const std::optional<std::int64_t> integer = json.exact_integer()) return *integer;
  return wrong_type(where, "an integer", json);
}

void add_bounds(JsonObject& schema, const FieldBounds& bounds, std::string_view minimum, std::string_view maximum) {
  if (bounds.minimum) schema.set(minimum, *bounds.minimum);
  if (bounds.maximum) schema.set(maximum, *bounds.maximum);
}

Json string_enum_schema(std::span<const std::string_view> names) {
  JsonArray values;
  for (const std::string_view name : names) values.emplace_back(name);
  return JsonObject{{"type", "string"}, {"enum", std::move(values)}};
}

Json object_schema(JsonObject properties, JsonArray required) {
  JsonObject made{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) made.set("required", std::move(required));
  made.set("additionalProperties", false);
  return made;
}

}  // namespace lilux::base::codec

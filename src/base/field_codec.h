#pragma once

// How field.h's declarations become decoders, encoders and schemas: templates that walk the fields, and the plain
// functions that do the rest. Included by field.h alone.

#include <array>
#include <concepts>
#include <span>
#include <type_traits>
#include <utility>

#include "base/field.h"

namespace lilux::base::codec {

// Where in the value we are: "entries[2].name".
class Where {
 public:
  Where() = default;
  Where(const Where* outer, std::string_view name) : outer_(outer), name_(name) {}
  Where(const Where* outer, std::size_t index) : outer_(outer), index_(index), is_index_(true) {}
  std::string text() const;

 private:
  const Where* outer_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

std::unexpected<Error> wrong_type(const Where& where, std::string_view expected, const Json& found);
std::unexpected<Error> wrong_name(const Where& where, const std::string& found,
                                  std::span<const std::string_view> names);
std::unexpected<Error> missing(const Where& where, std::string_view name, std::string_view help);
Result<void> check_known(const Where& where, const JsonObject& object, std::span<const std::string_view> names);
Result<void> check_number(const Where& where, const Json& value, const FieldBounds& bounds);
Result<void> check_size(const Where& where, std::size_t size, const FieldBounds& bounds, std::string_view unit);
Result<void> check_length(const Where& where, std::string_view text, const FieldBounds& bounds);
Result<std::int64_t> integer_from(const Where& where, const Json& json);
void add_bounds(JsonObject& schema, const FieldBounds& bounds, std::string_view minimum, std::string_view maximum);
Json string_enum_schema(std::span<const std::string_view> names);
Json object_schema(JsonObject properties, JsonArray required);

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;

template <Fielded T>
Result<void> read_struct(T& into, const Json& json, const Where& where);

template <class T>
Result<void> read(T& into, const Json& json, const FieldBounds& bounds, const Where& where) {
  if constexpr (std::same_as<T, Json>) {
    into = json;
  } else if constexpr (kIsOptional<T>) {
    if (json.is_null()) return {};
    return read(into.emplace(), json, bounds, where);
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_bool()) return wrong_type(where, "true or false", json);
    into = json.as_bool();
  } else if constexpr (std::integral<T>) {
    const std::int64_t value = TRY(integer_from(where, json));
    if (!std::in_range<T>(value)) return wrong_type(where, "an integer that fits", json);
    TRY(check_number(where, json, bounds));
    into = static_cast<T>(value);
  } else if constexpr (std::same_as<T, double>) {
    if (!json.is_number()) return wrong_type(where, "a number", json);
    TRY(check_number(where, json, bounds));
    into = json.as_real();
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, Secret>) {
    if (!json.is_string()) return wrong_type(where, "a string", json);
    TRY(check_length(where, json.as_string(), bounds));
    if constexpr (std::same_as<T, Secret>)
      into.text = json.as_string();
    else
      into = json.as_string();
  } else if constexpr (NamedEnum<T>) {
    static constexpr auto kNames = enum_names(T{});
    if (!json.is_string()) return wrong_type(where, "a string", json);
    const std::optional<T> found = enum_from_name<T>(json.as_string());
    if (!found) return wrong_name(where, json.as_string(), kNames);
    into = *found;
  } else if constexpr (kIsVector<T>) {
    if (!json.is_array()) return wrong_type(where, "a list", json);
    TRY(check_size(where, json.as_array().size(), bounds, "entries"));
    into.clear();
    into.reserve(json.as_array().size());
    for (std::size_t i = 0; i < json.as_array().size(); ++i)
      TRY(read(into.emplace_back(), json.as_array()[i], {}, Where(&where, i)));
  } else if constexpr (kIsMap<T>) {
    if (!json.is_object()) return wrong_type(where, "an object", json);
    TRY(check_size(where, json.as_object().size(), bounds, "entries"));
    for (const auto& [key, value] : json.as_object())
      TRY(read(into[key], value, {}, Where(&where, std::string_view(key))));
  } else {
    return read_struct(into, json, where);
  }
  return {};
}

template <Fielded T>
Result<void> read_struct(T& into, const Json& json, const Where& where) {
  if (!json.is_object()) return wrong_type(where, "an object", json);
  static constexpr auto kNames = T::fields.apply(
      [](const auto&... field) { return std::array<std::string_view, sizeof...(field)>{field.name...}; });
  TRY(check_known(where, json.as_object(), kNames));
  Result<void> result;
  const auto one = [&](const auto& field) {
    using Member = std::remove_cvref_t<decltype(into.*field.member)>;
    const Json* found = json.find(field.name);
    if (found)
      result = read(into.*field.member, *found, field.bounds, Where(&where, field.name));
    else if constexpr (!kIsOptional<Member>)
      result = missing(where, field.name, field.help);
    return result.has_value();
  };
  T::fields.apply([&](const auto&... field) { std::ignore = (one(field) && ...); });
  return result;
}

template <class T>
constexpr bool has_secret() {
  if constexpr (std::same_as<T, Secret>)
    return true;
  else if constexpr (kIsOptional<T> || kIsVector<T>)
    return has_secret<typename T::value_type>();
  else if constexpr (kIsMap<T>)
    return has_secret<typename T::mapped_type>();
  else if constexpr (Fielded<T>)
    return T::fields.apply([](const auto&... field) {
      return (has_secret<std::remove_cvref_t<decltype(std::declval<T&>().*field.member)>>() || ...);
    });
  else
    return false;
}

// A part of a value that was given to be taken, or only to be read.
template <class Given, class Part>
decltype(auto) taken(Part& part) {
  if constexpr (std::is_rvalue_reference_v<Given&&> && !std::is_const_v<Part>)
    return std::move(part);
  else
    return std::as_const(part);
}

template <class Given>
Json write_struct(Given&& value, const SecretDigest* digest);

template <class Given, class T = std::remove_cvref_t<Given>>
Json write(Given&& value, const SecretDigest* digest) {
  if constexpr (std::same_as<T, Json>)
    return std::forward<Given>(value);
  else if constexpr (kIsOptional<T>)
    return value ? write(*std::forward<Given>(value), digest) : Json();
  else if constexpr (std::same_as<T, Secret>)
    return digest ? Json(JsonObject{{"digest", (*digest)(value.text)}}) : Json(value.text);
  else if constexpr (std::same_as<T, bool> || std::integral<T> || std::same_as<T, double> ||
                     std::same_as<T, std::string>)
    return Json(std::forward<Given>(value));
  else if constexpr (NamedEnum<T>)
    return Json(enum_name(value));
  else if constexpr (kIsVector<T>) {
    JsonArray items;
    items.reserve(value.size());
    for (auto&& item : value) items.push_back(write(taken<Given>(item), digest));
    return items;
  } else if constexpr (kIsMap<T>) {
    std::vector<JsonObject::Member> members;
    for (auto&& [key, item] : value) members.emplace_back(key, write(taken<Given>(item), digest));
    return JsonObject::from_unique(std::move(members));
  } else {
    return write_struct(std::forward<Given>(value), digest);
  }
}

template <class Given>
Json write_struct(Given&& value, const SecretDigest* digest) {
  using T = std::remove_cvref_t<Given>;
  std::vector<JsonObject::Member> members;
  members.reserve(T::fields.size);
  const auto one = [&](const auto& field) {
    using Member = std::remove_cvref_t<decltype(value.*field.member)>;
    if constexpr (kIsOptional<Member>) {
      if (!(value.*field.member)) return;
    }
    members.emplace_back(std::string(field.name), write(taken<Given>(value.*field.member), digest));
  };
  T::fields.apply([&](const auto&... field) { (one(field), ...); });
  return JsonObject::from_unique(std::move(members));
}

template <Fielded T>
void append_struct(std::string& out, const T& value);

template <class T>
void append(std::string& out, const T& value) {
  [[maybe_unused]] auto comma = [&out, is_first = true]() mutable {
    if (!std::exchange(is_first, false)) out += ',';
  };
  if constexpr (kIsOptional<T>) {
    if (value)
      append(out, *value);
    else
      out += "null";
  } else if constexpr (std::same_as<T, Secret>) {
    append_json_string(out, value.text);
  } else if constexpr (std::same_as<T, std::string>) {
    append_json_string(out, value);
  } else if constexpr (NamedEnum<T>) {
    append_json_string(out, enum_name(value));
  } else if constexpr (kIsVector<T>) {
    out += '[';
    for (const auto& item : value) {
      comma();
      append(out, item);
    }
    out += ']';
  } else if constexpr (kIsMap<T>) {
    out += '{';
    for (const auto& [key, item] : value) {
      comma();
      append_json_string(out, key);
      out += ':';
      append(out, item);
    }
    out += '}';
  } else if constexpr (Fielded<T>) {
    append_struct(out, value);
  } else if constexpr (std::same_as<T, Json>) {
    append_json(out, value);
  } else {
    append_json(out, Json(value));
  }
}

template <Fielded T>
void append_struct(std::string& out, const T& value) {
  out += '{';
  bool is_first = true;
  const auto one = [&](const auto& field) {
    using Member = std::remove_cvref_t<decltype(value.*field.member)>;
    if constexpr (kIsOptional<Member>) {
      if (!(value.*field.member)) return;
    }
    out += std::exchange(is_first, false) ? "\"" : ",\"";
    out += field.name;  // ours, and plain
    out += "\":";
    append(out, value.*field.member);
  };
  T::fields.apply([&](const auto&... field) { (one(field), ...); });
  out += '}';
}

template <class T>
Json schema(const FieldBounds& bounds) {
  JsonObject made;
  if constexpr (kIsOptional<T>)
    return schema<typename T::value_type>(bounds);
  else if constexpr (std::same_as<T, Json>)
    return made;
  else if constexpr (std::same_as<T, bool>)
    made.set("type", "boolean");
  else if constexpr (std::integral<T>) {
    made.set("type", "integer");
    add_bounds(made, bounds, "minimum", "maximum");
  } else if constexpr (std::same_as<T, double>) {
    made.set("type", "number");
    add_bounds(made, bounds, "minimum", "maximum");
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, Secret>) {
    made.set("type", "string");
    if constexpr (std::same_as<T, Secret>) {
      made.set("format", "password");
      made.set("writeOnly", true);
    }
    add_bounds(made, bounds, "minLength", "maxLength");
  } else if constexpr (NamedEnum<T>) {
    static constexpr auto kNames = enum_names(T{});
    return string_enum_schema(kNames);
  } else if constexpr (kIsVector<T>) {
    made.set("type", "array");
    made.set("items", schema<typename T::value_type>({}));
    add_bounds(made, bounds, "minItems", "maxItems");
  } else if constexpr (kIsMap<T>) {
    made.set("type", "object");
    made.set("additionalProperties", schema<typename T::mapped_type>({}));
    add_bounds(made, bounds, "minProperties", "maxProperties");
  } else {
    return schema_of<T>();
  }
  return made;
}

}  // namespace lilux::base::codec

namespace lilux::base {

template <Fielded T>
Result<T> decode(const Json& json) {
  T value{};
  TRY(codec::read_struct(value, json, codec::Where()));
  return value;
}

template <Fielded T>
Json encode(const T& value) {
  return codec::write_struct(value, nullptr);
}

template <Fielded T>
Json encode(T&& value) {
  return codec::write_struct(std::move(value), nullptr);
}

template <Fielded T>
constexpr bool has_secret() {
  return codec::has_secret<T>();
}

template <Fielded T>
std::string encode_text(const T& value) {
  std::string out;
  codec::append_struct(out, value);
  return out;
}

template <Fielded T>
Json encode_redacted(const T& value, const SecretDigest& digest) {
  return codec::write_struct(value, &digest);
}

template <Fielded T>
Json schema_of() {
  JsonObject properties;
  JsonArray required;
  const auto one = [&](const auto& field) {
    using Member = std::remove_cvref_t<decltype(std::declval<T&>().*field.member)>;
    Json made = codec::schema<Member>(field.bounds);
    made.as_object().set("description", field.help);
    properties.set(field.name, std::move(made));
    if constexpr (!codec::kIsOptional<Member>) required.emplace_back(field.name);
  };
  T::fields.apply([&](const auto&... field) { (one(field), ...); });
  return codec::object_schema(std::move(properties), std::move(required));
}

}  // namespace lilux::base

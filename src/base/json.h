#pragma once

// Json is the value a call carries: arguments, output, ledger bodies. Objects keep the order in which
// members were set, and keys are unique. Values: copyable, comparable, no locks, any thread.
// Parsing is strict RFC 8259 with limits on size and depth; the parser behind it stays in json.cpp.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lilux::base {

class Json;
using JsonArray = std::vector<Json>;

// An object's members in the order they were set.
class JsonObject {
 public:
  using Member = std::pair<std::string, Json>;
  struct Given;

  JsonObject() = default;
  JsonObject(std::initializer_list<Given> members);

  // Replaces the member of that name or appends it.
  void set(std::string_view key, Json value);
  // Removes the member; false when there was none.
  bool erase(std::string_view key);
  // Takes members with unique keys as they are; the parser's way in, linear in their number.
  static JsonObject from_unique(std::vector<Member> members);

  const Json* find(std::string_view key) const;
  Json* find(std::string_view key);
  std::size_t size() const;
  bool empty() const;
  std::vector<Member>::const_iterator begin() const;
  std::vector<Member>::const_iterator end() const;

 private:
  std::vector<Member> members_;
};

class Json {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, real, string, array, object };

  Json() = default;
  Json(std::nullptr_t) {}
  Json(std::same_as<bool> auto value) : value_(value) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Json(T value) : value_(static_cast<std::int64_t>(value)) {}
  Json(double value);  // JSON has no infinity and no NaN: they become null
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(JsonArray value) : value_(std::move(value)) {}
  Json(JsonObject value) : value_(std::move(value)) {}

  Type type() const { return static_cast<Type>(value_.index()); }
  bool is_null() const { return type() == Type::null; }
  bool is_bool() const { return type() == Type::boolean; }
  bool is_integer() const { return type() == Type::integer; }
  bool is_number() const { return type() == Type::integer || type() == Type::real; }
  bool is_string() const { return type() == Type::string; }
  bool is_array() const { return type() == Type::array; }
  bool is_object() const { return type() == Type::object; }

  // Each throws when the value is of another type; as_real accepts integers too.
  bool as_bool() const;
  std::int64_t as_integer() const;
  double as_real() const;
  // The integer this number is exactly, 2.0 included; nothing for other numbers and other types.
  std::optional<std::int64_t> exact_integer() const;
  const std::string& as_string() const;
  const JsonArray& as_array() const;
  JsonArray& as_array();
  const JsonObject& as_object() const;
  JsonObject& as_object();

  // The member of that name; null when this is no object or has no such member.
  const Json* find(std::string_view key) const;
  // Typed look-ups for reading our own records: the member, or the default when absent or another type.
  std::string string_or(std::string_view key, std::string_view otherwise = {}) const;
  std::int64_t integer_or(std::string_view key, std::int64_t otherwise = 0) const;
  bool bool_or(std::string_view key, bool otherwise = false) const;

  // Numbers compare by value (1 equals 1.0), objects without regard to order.
  friend bool operator==(const Json& left, const Json& right);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject> value_;
};

// A member in braces. An initializer_list is constant, so its values could only be copied out of it, at every level of
// an object that is written down nested; these may be taken.
struct JsonObject::Given {
  std::string_view name;
  mutable Json value;
};

// Of two numbers, exactly: no rounding to a real on the way.
bool is_less(const Json& left, const Json& right);

struct JsonLimits {
  std::size_t bytes_max = std::size_t{64} << 20;
  std::size_t depth_max = 128;
};

// Parses one JSON text. Refuses anything RFC 8259 does not allow, invalid UTF-8, and what exceeds the
// limits; the message says where. Of duplicate keys the last wins. Integers beyond 64 bits become reals.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// compact: {"a":1}; spaced: {"a": 1, "b": 2} on one line; pretty: indented by two. All of them can be parsed: what is
// no UTF-8 in a string that we made ourselves becomes U+FFFD.
enum class JsonStyle : std::uint8_t { compact, spaced, pretty };
std::string to_text(const Json& value, JsonStyle style = JsonStyle::compact);
// Adds the compact text of a value, and of a string.
void append_json(std::string& out, const Json& value);
void append_json_string(std::string& out, std::string_view text);
// At least what the compact text takes, without making it.
std::size_t text_bytes_most(const Json& value);

// The one text that equal values share: compact, members sorted by key bytes, integral reals written as
// integers, strings byte for byte. What approvals and hashes are bound to.
std::string canonical_text(const Json& value);

// What a message calls a value: "a string", "the integer 3". Says nothing of what strings and larger values hold.
std::string described(const Json& value);

}  // namespace lilux::base

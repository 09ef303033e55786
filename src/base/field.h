#pragma once

// A request or response struct declares its fields once:
//
//   struct ReadRequest {
//     std::string path;
//     std::optional<std::int64_t> limit;
//     static constexpr base::Fields fields{
//         Field{"path", &ReadRequest::path, "File to read"},
//         Field{"limit", &ReadRequest::limit, "Most bytes to return", {.minimum = 0}},
//     };
//   };
//
// and decode, encode, schema_of and describe follow from it. Field types: bool, integers, double, std::string, Secret,
// enums with names (see enum_names), std::optional of any (the only fields that may be left out), std::vector and
// std::map<std::string, T> of any, nested structs with fields, and Json for "anything". Values, any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::base {

// Text that must not be recorded in the clear: the ledger keeps a keyed digest in its place.
struct Secret {
  std::string text;
  friend bool operator==(const Secret&, const Secret&) = default;
};

// Bounds that go into the schema and are checked by decode. For strings they bound the number of characters, for lists
// and maps the number of entries.
struct FieldBounds {
  std::optional<std::int64_t> minimum = std::nullopt;
  std::optional<std::int64_t> maximum = std::nullopt;
};

template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::* member;
  std::string_view help;
  FieldBounds bounds = {};
};
template <class Struct, class Member>
Field(const char*, Member Struct::*, const char*) -> Field<Struct, Member>;
template <class Struct, class Member>
Field(const char*, Member Struct::*, const char*, FieldBounds) -> Field<Struct, Member>;

// All of them, in their order. A std::tuple would do, at several times the cost to the compiler.
template <std::size_t, class F>
struct FieldAt {
  F field;
};
template <class Numbers, class... F>
struct FieldList;
template <std::size_t... I, class... F>
struct FieldList<std::index_sequence<I...>, F...> : FieldAt<I, F>... {
  static constexpr std::size_t size = sizeof...(F);
  // What `use` makes of all of them at once.
  template <class Use>
  constexpr decltype(auto) apply(Use&& use) const {
    return use(static_cast<const FieldAt<I, F>&>(*this).field...);
  }
};
template <class... F>
struct Fields : FieldList<std::index_sequence_for<F...>, F...> {
  constexpr Fields(F... fields) : FieldList<std::index_sequence_for<F...>, F...>{{fields}...} {}
};

// An enum is named by a constexpr function in its own namespace, found by argument-dependent look-up:
//   constexpr std::array<std::string_view, 3> enum_names(Autonomy) { return {"manual", "supervised", "full"}; }
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires { enum_names(T{}); };

template <class T>
concept Fielded = requires { T::fields; };

// The name of an enumerator, and the enumerator of a name.
template <NamedEnum E>
constexpr std::string_view enum_name(E value) {
  return enum_names(E{})[static_cast<std::size_t>(value)];
}
template <NamedEnum E>
constexpr std::optional<E> enum_from_name(std::string_view name) {
  const auto names = enum_names(E{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

// Reads a struct from an object. The error names the field by its path, what was expected and what was found
// ("field 'entries[2].name': expected a string, found a number"); an unknown field gets the nearest known name as hint.
template <Fielded T>
Result<T> decode(const Json& json);

// The object of a struct, fields in declared order; absent optionals are left out. Secrets are written in the clear.
template <Fielded T>
Json encode(const T& value);
template <Fielded T>
Json encode(T&& value);

// The same with {"digest": digest(text)} in the place of every Secret.
using SecretDigest = std::function<std::string(std::string_view)>;
template <Fielded T>
Json encode_redacted(const T& value, const SecretDigest& digest);

// Whether there is a Secret anywhere in it.
template <Fielded T>
constexpr bool has_secret();

// The compact text of encode(value), without making that first.
template <Fielded T>
std::string encode_text(const T& value);

// JSON Schema 2020-12 of a struct: type, properties with descriptions, required, additionalProperties false, bounds,
// enums. Secret fields carry "writeOnly": true and "format": "password".
template <Fielded T>
Json schema_of();

}  // namespace lilux::base

#include "base/field_codec.h"

#include "base/json.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include <boost/json/basic_parser_impl.hpp>

#include "base/encoding.h"

namespace lilux::base {

JsonObject::JsonObject(std::initializer_list<Given> members) {
  members_.reserve(members.size());
  for (const Given& member : members) set(member.name, std::move(member.value));
}

void JsonObject::set(std::string_view key, Json value) {
  if (Json* found = find(key))
    *found = std::move(value);
  else
    members_.emplace_back(std::string(key), std::move(value));
}

bool JsonObject::erase(std::string_view key) {
  return std::erase_if(members_, [&](const Member& member) { return member.first == key; }) > 0;
}

JsonObject JsonObject::from_unique(std::vector<Member> members) {
  JsonObject made;
  made.members_ = std::move(members);
  return made;
}

const Json* JsonObject::find(std::string_view key) const {
  const auto found = std::ranges::find(members_, key, &Member::first);
  return found == members_.end() ? nullptr : &found->second;
}

Json* JsonObject::find(std::string_view key) {
  return const_cast<Json*>(std::as_const(*this).find(key));
}
std::size_t JsonObject::size() const {
  return members_.size();
}
bool JsonObject::empty() const {
  return members_.empty();
}
std::vector<JsonObject::Member>::const_iterator JsonObject::begin() const {
  return members_.begin();
}
std::vector<JsonObject::Member>::const_iterator JsonObject::end() const {
  return members_.end();
}

Json::Json(double value) {
  if (std::isfinite(value)) value_ = value;
}

bool Json::as_bool() const {
  return std::get<bool>(value_);
}
std::int64_t Json::as_integer() const {
  return std::get<std::int64_t>(value_);
}
double Json::as_real() const {
  return is_integer() ? static_cast<double>(as_integer()) : std::get<double>(value_);
}
std::optional<std::int64_t> Json::exact_integer() const {
  constexpr double kLimit = 9223372036854775808.0;
  if (is_integer()) return as_integer();
  if (type() != Type::real) return std::nullopt;
  const double real = as_real();
  if (real < -kLimit || real >= kLimit || std::trunc(real) != real) return std::nullopt;
  return static_cast<std::int64_t>(real);
}
const std::string& Json::as_string() const {
  return std::get<std::string>(value_);
}
const JsonArray& Json::as_array() const {
  return std::get<JsonArray>(value_);
}
JsonArray& Json::as_array() {
  return std::get<JsonArray>(value_);
}
const JsonObject& Json::as_object() const {
  return std::get<JsonObject>(value_);
}
JsonObject& Json::as_object() {
  return std::get<JsonObject>(value_);
}

const Json* Json::find(std::string_view key) const {
  return is_object() ? as_object().find(key) : nullptr;
}

std::string Json::string_or(std::string_view key, std::string_view otherwise) const {
  const Json* found = find(key);
  return found && found->is_string() ? found->as_string() : std::string(otherwise);
}

std::int64_t Json::integer_or(std::string_view key, std::int64_t otherwise) const {
  const Json* found = find(key);
  return found && found->is_integer() ? found->as_integer() : otherwise;
}

bool Json::bool_or(std::string_view key, bool otherwise) const {
  const Json* found = find(key);
  return found && found->is_bool() ? found->as_bool() : otherwise;
}

namespace {

constexpr std::size_t kUsualDepth = 8;
constexpr std::size_t kUsualMembers = 4;
constexpr std::size_t kFewMembers = 16;  // comparing each with each is faster than hashing

bool same_members(const JsonObject& left, const JsonObject& right) {
  if (left.size() != right.size()) return false;
  if (left.size() <= kFewMembers) {
    return std::ranges::all_of(left, [&](const JsonObject::Member& member) {
      const Json* other = right.find(member.first);
      return other && *other == member.second;
    });
  }
  std::unordered_map<std::string_view, const Json*> by_key;
  for (const auto& [key, value] : right) by_key.emplace(key, &value);
  return std::ranges::all_of(left, [&](const JsonObject::Member& member) {
    const auto other = by_key.find(member.first);
    return other != by_key.end() && *other->second == member.second;
  });
}

}  // namespace

bool operator==(const Json& left, const Json& right) {
  if (left.is_object() && right.is_object()) return same_members(left.as_object(), right.as_object());
  // Equal as numbers: an integer too large for a real equals no real that it would be rounded to.
  if (left.is_number() && right.is_number() && left.type() != right.type())
    return left.exact_integer() == right.exact_integer();
  return left.value_ == right.value_;
}

bool is_less(const Json& left, const Json& right) {
  static_assert(std::numeric_limits<long double>::digits >= 64);  // holds both kinds of number
  const auto wide = [](const Json& number) {
    return number.is_integer() ? static_cast<long double>(number.as_integer())
                               : static_cast<long double>(number.as_real());
  };
  return wide(left) < wide(right);
}

namespace {

// Builds values as the library's parser reports them; `open` holds the arrays and objects not closed yet.
class Builder {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  using Code = boost::json::error_code;
  using Text = boost::json::string_view;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return begin(Json::Type::object); }
  bool on_array_begin(Code&) { return begin(Json::Type::array); }
  bool on_array_end(std::size_t, Code&) {
    JsonArray items = std::move(open_.back().items);
    open_.pop_back();
    return put(Json(std::move(items)));
  }
  bool on_object_end(std::size_t, Code&) {
    std::vector<JsonObject::Member> members = std::move(open_.back().members);
    open_.pop_back();
    keep_last(members);
    return put(Json(JsonObject::from_unique(std::move(members))));
  }
  bool on_key_part(Text part, std::size_t, Code&) { return append(part); }
  bool on_key(Text part, std::size_t, Code&) {
    open_.back().key = whole(part);
    return true;
  }
  bool on_string_part(Text part, std::size_t, Code&) { return append(part); }
  bool on_string(Text part, std::size_t, Code&) { return put(Json(whole(part))); }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t value, Text, Code&) { return put(Json(value)); }
  bool on_uint64(std::uint64_t value, Text, Code&) {
    return value <= static_cast<std::uint64_t>(INT64_MAX) ? put(Json(static_cast<std::int64_t>(value)))
                                                          : put(Json(static_cast<double>(value)));
  }
  // The library's own value may be off in the last digit, so the digits are read again.
  bool on_double(double value, Text digits, Code& code) {
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (!std::isfinite(value)) code = boost::json::error::exponent_overflow;
    return std::isfinite(value) && put(Json(value));
  }
  bool on_bool(bool value, Code&) { return put(Json(value)); }
  bool on_null(Code&) { return put(Json()); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

  Json take() { return std::move(root_); }

 private:
  struct Open {
    Json::Type type = Json::Type::array;
    std::string key;
    JsonArray items;
    std::vector<JsonObject::Member> members;
  };

  bool begin(Json::Type type) {
    if (open_.empty()) open_.reserve(kUsualDepth);
    open_.emplace_back().type = type;
    return true;
  }
  // A text with its last part; most have no other.
  std::string whole(Text last) {
    std::string text = std::exchange(text_, {});
    text.append(last.data(), last.size());
    return text;
  }
  bool append(Text part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool put(Json value) {
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().type == Json::Type::array)
      open_.back().items.push_back(std::move(value));
    else
      put_member(open_.back(), std::move(value));
    return true;
  }
  static void put_member(Open& object, Json&& value) {
    if (object.members.empty()) object.members.reserve(kUsualMembers);
    object.members.emplace_back(std::move(object.key), std::move(value));
  }
  // Most objects are small: their names are compared with each other, which takes no memory.
  static bool has_twins(const std::vector<JsonObject::Member>& members) {
    if (members.size() <= kFewMembers) {
      for (std::size_t i = 1; i < members.size(); ++i) {
        const auto before = members.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find_if(members.begin(), before, [&](const auto& other) { return other.first == before->first; }) !=
            before)
          return true;
      }
      return false;
    }
    std::unordered_set<std::string_view> seen;
    return std::ranges::any_of(members, [&](const auto& member) { return !seen.insert(member.first).second; });
  }
  // Of members with one key the last wins, in the place of the first.
  static void keep_last(std::vector<JsonObject::Member>& members) {
    if (!has_twins(members)) return;
    std::unordered_map<std::string, std::size_t> kept;
    std::vector<JsonObject::Member> unique;
    for (JsonObject::Member& member : members) {
      const auto [place, is_new] = kept.emplace(member.first, unique.size());
      if (is_new)
        unique.push_back(std::move(member));
      else
        unique[place->second].second = std::move(member.second);
    }
    members = std::move(unique);
  }

  std::vector<Open> open_;
  std::string text_;
  Json root_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return fail(
        ErrorCode::invalid_argument,
        "the JSON text has " + std::to_string(text.size()) + " bytes, more than " + std::to_string(limits.bytes_max),
        "send less");
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::basic_parser<Builder> parser(options);
  boost::json::error_code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  if (!code && read < text.size()) code = boost::json::error::extra_data;
  if (code) {
    return fail(ErrorCode::invalid_argument, "invalid JSON at byte " + std::to_string(read) + ": " + code.message(),
                "JSON as in RFC 8259: quoted keys, no comments, no trailing commas");
  }
  return parser.handler().take();
}

namespace {

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}
constexpr std::array<bool, 256> kIsPlain = make_plain();  // bytes that surely stand for themselves

// Where the plain bytes from there end; looked at in blocks first: most text is plain from end to end.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
  constexpr std::size_t kBlock = 16;
  for (; text.size() - at >= kBlock; at += kBlock) {
    bool is_plain = true;
    for (std::size_t i = 0; i < kBlock; ++i) {  // no early end: the compiler compares them all at once
      const auto byte = static_cast<unsigned char>(text[at + i]);
      is_plain &= byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
    }
    if (!is_plain) break;
  }
  while (at < text.size() && kIsPlain[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

// Where the characters beyond ASCII from there end; a byte that is none stands for itself in canonical text alone.
std::size_t end_of_wide(std::string_view text, std::size_t at, bool is_canonical) {
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80) {
    const std::size_t length = is_canonical ? 1 : utf8_length(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

// A byte that has to be written otherwise.
void append_escaped(std::string& out, unsigned char byte) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  switch (byte) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (byte >= 0x80)
    out += "\xEF\xBF\xBD";
  else
    out.append({'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]});
}

constexpr std::size_t kLongText = 1024;

void append_string(std::string& out, std::string_view text, bool is_canonical) {
  if (text.size() >= kLongText) out.reserve(out.size() + text.size() + kLongText);  // what follows has room too
  out += '"';
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = end_of_wide(text, end_of_plain(text, from), is_canonical);
    out.append(text, from, end - from);
    if (end == from) append_escaped(out, static_cast<unsigned char>(text[from]));
    from = std::max(end, from + 1);
  }
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  assert(error == std::errc{});
  out.append(digits.data(), end);
}

void append_real(std::string& out, double value) {
  const std::size_t from = out.size();
  append_number(out, value);
  if (out.find_first_of(".e", from) == std::string::npos) out += ".0";  // stays a real when read back
}

struct Layout {
  std::string_view colon;
  std::string_view comma;
  bool is_indented = false;
  bool is_canonical = false;
};

void new_line(std::string& out, std::size_t depth) {
  out.append("\n").append(depth * 2, ' ');
}

void append_value(std::string& out, const Json& value, const Layout& layout, std::size_t depth);

void append_array(std::string& out, const JsonArray& items, const Layout& layout, std::size_t depth) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += layout.comma;
    if (layout.is_indented) new_line(out, depth + 1);
    append_value(out, items[i], layout, depth + 1);
  }
  if (layout.is_indented && !items.empty()) new_line(out, depth);
  out += ']';
}

std::vector<const JsonObject::Member*> sorted_members(const JsonObject& object) {
  std::vector<const JsonObject::Member*> members;
  members.reserve(object.size());
  for (const JsonObject::Member& member : object) members.push_back(&member);
  std::ranges::sort(members, {}, [](const JsonObject::Member* member) -> const std::string& { return member->first; });
  return members;
}

void append_object(std::string& out, const JsonObject& object, const Layout& layout, std::size_t depth) {
  bool is_first = true;
  const auto append = [&](const JsonObject::Member& member) {
    if (!std::exchange(is_first, false)) out += layout.comma;
    if (layout.is_indented) new_line(out, depth + 1);
    append_string(out, member.first, layout.is_canonical);
    out += layout.colon;
    append_value(out, member.second, layout, depth + 1);
  };
  out += '{';
  if (layout.is_canonical) {
    for (const JsonObject::Member* member : sorted_members(object)) append(*member);
  } else {
    for (const JsonObject::Member& member : object) append(member);
  }
  if (layout.is_indented && !object.empty()) new_line(out, depth);
  out += '}';
}

void append_value(std::string& out, const Json& value, const Layout& layout, std::size_t depth) {
  switch (value.type()) {
    case Json::Type::null: out += "null"; return;
    case Json::Type::boolean: out += value.as_bool() ? "true" : "false"; return;
    case Json::Type::integer: append_number(out, value.as_integer()); return;
    case Json::Type::real:
      if (layout.is_canonical && value.exact_integer())
        append_number(out, *value.exact_integer());
      else
        append_real(out, value.as_real());
      return;
    case Json::Type::string: append_string(out, value.as_string(), layout.is_canonical); return;
    case Json::Type::array: append_array(out, value.as_array(), layout, depth); return;
    case Json::Type::object: append_object(out, value.as_object(), layout, depth); return;
  }
}

constexpr Layout kCompact{.colon = ":", .comma = ",", .is_indented = false, .is_canonical = false};

}  // namespace

std::string to_text(const Json& value, JsonStyle style) {
  constexpr std::size_t kUsual = 128;
  std::string out;
  if (value.is_object() || value.is_array()) out.reserve(kUsual);
  switch (style) {
    case JsonStyle::compact: append_value(out, value, kCompact, 0); break;
    case JsonStyle::spaced:
      append_value(out, value, {.colon = ": ", .comma = ", ", .is_indented = false, .is_canonical = false}, 0);
      break;
    case JsonStyle::pretty:
      append_value(out, value, {.colon = ": ", .comma = ",", .is_indented = true, .is_canonical = false}, 0);
      break;
  }
  return out;
}

void append_json(std::string& out, const Json& value) {
  append_value(out, value, kCompact, 0);
}

void append_json_string(std::string& out, std::string_view text) {
  append_string(out, text, false);
}

std::size_t text_bytes_most(const Json& value) {
  constexpr std::size_t kEscapedByte = 6;  // \u0000
  constexpr std::size_t kScalar = 32;      // a number's digits, and what stands around any value
  switch (value.type()) {
    case Json::Type::string: return kScalar + kEscapedByte * value.as_string().size();
    case Json::Type::array: {
      std::size_t bytes = kScalar;
      for (const Json& item : value.as_array()) bytes += text_bytes_most(item);
      return bytes;
    }
    case Json::Type::object: {
      std::size_t bytes = kScalar;
      for (const auto& [key, item] : value.as_object()) bytes += kEscapedByte * key.size() + text_bytes_most(item);
      return bytes;
    }
    default: return kScalar;
  }
}

std::string canonical_text(const Json& value) {
  std::string out;
  append_value(out, value, {.colon = ":", .comma = ",", .is_indented = false, .is_canonical = true}, 0);
  return out;
}

std::string described(const Json& value) {
  switch (value.type()) {
    case Json::Type::null: return "null";
    case Json::Type::boolean: return "a boolean";
    case Json::Type::integer: return "the integer " + to_text(value);
    case Json::Type::real: return "the number " + to_text(value);
    case Json::Type::string: return "a string";
    case Json::Type::array: return "a list";
    case Json::Type::object: return "an object";
  }
  std::unreachable();
}

}  // namespace lilux::base

#include "text/wild.h"

#include <algorithm>

#include "base/escape.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kSpecial = "*?[]{},\\";

std::bitset<256> members(std::string_view inside) {
  const bool is_not = inside.starts_with('!') || inside.starts_with('^');
  if (is_not) inside.remove_prefix(1);
  std::bitset<256> set;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const auto low = static_cast<unsigned char>(inside[i]);
    auto high = low;
    if (i + 2 < inside.size() && inside[i + 1] == '-') {
      high = static_cast<unsigned char>(inside[i + 2]);
      i += 2;
    }
    for (unsigned byte = low; byte <= high; ++byte) set.set(byte);
  }
  return is_not ? ~set : set;
}

// Where the brace at `open` closes; its commas are added to `commas`.
std::optional<std::size_t> brace_end(std::string_view pattern, std::size_t open, std::vector<std::size_t>& commas) {
  int depth = 0;
  for (std::size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '[') {
      if (const auto end = class_end(pattern, i)) i = *end - 1;
    } else if (pattern[i] == '{') {
      ++depth;
    } else if (pattern[i] == '}' && --depth == 0) {
      return i;
    } else if (pattern[i] == ',' && depth == 1) {
      commas.push_back(i);
    }
  }
  return std::nullopt;
}

std::size_t first_brace(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '{' || pattern[i] == '}') return i;
    if (pattern[i] != '[') continue;
    if (const auto end = class_end(pattern, i)) i = *end - 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::unexpected<base::Error> bad_pattern(std::string_view pattern, std::string_view why, std::string_view hint) {
  return fail(ErrorCode::invalid_argument,
              "pattern '" + base::escape_for_terminal(pattern.substr(0, 200)) + "' " + std::string(why),
              std::string(hint));
}

std::optional<std::size_t> class_end(std::string_view pattern, std::size_t at) {
  std::size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  const std::size_t end = pattern.find(']', i + 1);
  return end == std::string_view::npos ? std::nullopt : std::optional(end + 1);
}

std::string escape_glob(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (kSpecial.find(c) == std::string_view::npos) {
      pattern += c;
    } else {
      pattern.append({'[', c, ']'});
    }
  }
  return pattern;
}

Result<std::vector<std::string>> choices_of(std::string_view pattern) {
  if (pattern.empty()) return bad_pattern(pattern, "is empty, so it never matches", "write * for anything");
  if (pattern.size() > kPatternBytesMax) return bad_pattern(pattern, "is too long", "use several shorter ones");
  if (pattern.find('\0') != std::string_view::npos) {
    return bad_pattern(pattern, "holds a NUL byte, so it never matches", "remove it");
  }
  std::vector<std::string> open{std::string(pattern)};
  std::vector<std::string> done;
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    const std::size_t brace = first_brace(next);
    if (brace == std::string::npos) {
      done.push_back(next);
    } else {
      std::vector<std::size_t> commas;
      const auto end = next[brace] == '{' ? brace_end(next, brace, commas) : std::nullopt;
      if (!end) return bad_pattern(pattern, "has braces that do not pair", "write [{] for the character itself");
      const std::string inside = next.substr(brace, *end + 1 - brace);
      if (commas.empty())
        return bad_pattern(pattern, "has no choice in " + inside, "write {a,b}, or leave the braces out");
      std::size_t from = brace + 1;
      commas.push_back(*end);
      for (const std::size_t comma : commas) {
        if (comma == from) return bad_pattern(pattern, "has an empty choice in " + inside, "name every choice");
        open.push_back(next.substr(0, brace) + next.substr(from, comma - from) + next.substr(*end + 1));
        from = comma + 1;
      }
    }
    if (open.size() + done.size() > kChoicesMax) {
      return bad_pattern(pattern, "has more than 64 combinations of choices", "use several shorter ones");
    }
  }
  std::ranges::sort(done);
  return done;
}

Wild Wild::literal(std::string_view text) {
  Wild made;
  for (const char c : text) made.elements_.push_back({.kind = Kind::byte, .value = static_cast<unsigned char>(c)});
  made.settle();
  return made;
}

Result<Wild> Wild::compile(std::string_view pattern) {
  Wild made;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\')
      return bad_pattern(pattern, "has a backslash, which escapes nothing", "write [*] for a *, [\\] for a backslash");
    if (c == '*') {
      const bool is_new = made.elements_.empty() || made.elements_.back().kind != Kind::run;
      if (is_new) made.elements_.push_back({.kind = Kind::run});
    } else if (c == '?') {
      made.elements_.push_back({.kind = Kind::any});
    } else if (c == '[') {
      const auto end = class_end(pattern, i);
      if (!end) return bad_pattern(pattern, "has a '[' that is not closed", "write [[] for the character itself");
      const std::bitset<256> set = members(pattern.substr(i + 1, *end - i - 2));
      if (set.none())
        return bad_pattern(pattern, "has a class that never matches", "put the lower end of a range first");
      made.elements_.push_back({.kind = Kind::set, .value = static_cast<std::uint16_t>(made.sets_.size())});
      made.sets_.push_back(set);
      i = *end - 1;
    } else {
      made.elements_.push_back({.kind = Kind::byte, .value = static_cast<unsigned char>(c)});
    }
  }
  made.settle();
  return made;
}

// Classes of one byte become that byte; then what is literal is known.
void Wild::settle() {
  for (Element& element : elements_) {
    if (element.kind != Kind::set || sets_[element.value].count() != 1) continue;
    const std::bitset<256>& set = sets_[element.value];
    std::uint16_t byte = 0;
    while (!set.test(byte)) ++byte;
    element = {.kind = Kind::byte, .value = byte};
  }
  tail_.clear();
  auto first = elements_.end();
  while (first != elements_.begin() && std::prev(first)->kind == Kind::byte) --first;
  for (auto at = first; at != elements_.end(); ++at) tail_ += static_cast<char>(at->value);
  is_literal_ = first == elements_.begin();
}

bool Wild::one_matches(const Element& element, char c) const {
  const auto byte = static_cast<unsigned char>(c);
  if (element.kind == Kind::byte) return element.value == byte;
  return element.kind == Kind::any || (element.kind == Kind::set && sets_[element.value].test(byte));
}

bool Wild::matches(std::string_view text) const {
  if (is_literal_) return text == tail_;
  if (!text.ends_with(tail_)) return false;
  return row_matches(
      elements_.size(), text.size(), [&](std::size_t i) { return elements_[i].kind == Kind::run; },
      [&](std::size_t i, std::size_t at) { return one_matches(elements_[i], text[at]); });
}

bool Wild::one_covers(const Element& element, const Wild& other, const Element& narrow) const {
  if (element.kind == Kind::any) return true;
  if (narrow.kind == Kind::byte) return one_matches(element, static_cast<char>(narrow.value));
  if (narrow.kind != Kind::set || element.kind != Kind::set) return false;
  return (other.sets_[narrow.value] & ~sets_[element.value]).none();
}

bool Wild::covers(const Wild& other) const {
  return row_covers(
      elements_.size(), other.elements_.size(), [&](std::size_t i) { return elements_[i].kind == Kind::run; },
      [&](std::size_t j) { return other.elements_[j].kind == Kind::run; },
      [&](std::size_t i, std::size_t j) { return one_covers(elements_[i], other, other.elements_[j]); });
}

bool Wild::has_byte(char c) const {
  return std::ranges::any_of(elements_, [c](const Element& element) {
    return element.kind == Kind::byte && element.value == static_cast<unsigned char>(c);
  });
}

}  // namespace lilux::text

#include "text/wildcard.h"

#include <algorithm>

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kChoicesMax = 64;
constexpr std::size_t kPatternBytesMax = 8192;
constexpr std::size_t kShownBytes = 200;

// One past the ']' of the class that begins at `at`; nothing when it is not closed. A ']' in first place is a member.
std::optional<std::size_t> class_end(std::string_view pattern, std::size_t at) {
  std::size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  const std::size_t end = pattern.find(']', i);
  return end == std::string_view::npos ? std::nullopt : std::optional(end + 1);
}

// `inside` is the class without its brackets.
bool class_matches(std::string_view inside, char c) {
  const auto byte = [](char one) { return static_cast<unsigned char>(one); };
  const bool is_not = inside.starts_with('!') || inside.starts_with('^');
  if (is_not) inside.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const bool is_range = i + 2 < inside.size() && inside[i + 1] == '-';
    const char last = is_range ? inside[i + 2] : inside[i];
    found = found || (byte(c) >= byte(inside[i]) && byte(c) <= byte(last));
    if (is_range) i += 2;
  }
  return found != is_not;
}

// One element other than '*' against one byte; `next` is set behind the element.
bool one_matches(std::string_view pattern, std::size_t at, char c, std::size_t& next) {
  next = at + 1;
  if (pattern[at] == '?') return true;
  if (pattern[at] != '[') return pattern[at] == c;
  next = class_end(pattern, at).value_or(pattern.size());
  return class_matches(pattern.substr(at + 1, next - at - 2), c);
}

// Position of the first brace that is not a member of a class.
std::size_t first_brace(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '{' || pattern[i] == '}') return i;
    if (pattern[i] == '[') i = class_end(pattern, i).value_or(i + 1) - 1;
  }
  return std::string_view::npos;
}

// Positions of the commas and, last, of the closing brace that belong to the brace at `open`; empty when it is not closed.
std::vector<std::size_t> choice_ends(std::string_view pattern, std::size_t open) {
  std::vector<std::size_t> ends;
  int depth = 0;
  for (std::size_t i = open; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '[') i = class_end(pattern, i).value_or(i + 1) - 1;
    if (c == '{') ++depth;
    if (c == '}') --depth;
    if ((c == ',' && depth == 1) || depth == 0) ends.push_back(i);
    if (depth == 0) return ends;
  }
  return {};
}

// Replaces the first brace of `pattern` by each of its choices.
Result<void> expand_first(std::string_view pattern, std::size_t brace, std::vector<std::string>& open) {
  const auto ends = pattern[brace] == '{' ? choice_ends(pattern, brace) : std::vector<std::size_t>();
  if (ends.empty()) return refused_pattern(pattern, "has braces that do not pair", "write [{] for the character itself");
  std::size_t from = brace + 1;
  for (const std::size_t end : ends) {
    if (end == from) return refused_pattern(pattern, "has an empty choice in braces", "name every choice");
    std::string made(pattern.substr(0, brace));
    open.push_back(made.append(pattern.substr(from, end - from)).append(pattern.substr(ends.back() + 1)));
    from = end + 1;
  }
  return {};
}

}  // namespace

std::unexpected<base::Error> refused_pattern(std::string_view pattern, std::string_view why, std::string_view hint) {
  std::string message = "pattern '";
  message.append(pattern.substr(0, kShownBytes)).append("' ").append(why);
  return fail(ErrorCode::invalid_argument, std::move(message), std::string(hint));
}

Result<void> check_classes(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '[') continue;
    const auto end = class_end(pattern, i);
    if (!end) return refused_pattern(pattern, "has a '[' that is not closed", "write [[] for the character itself");
    const std::string_view inside = pattern.substr(i + 1, *end - i - 2);
    bool can_match = false;
    for (int c = 1; c < 256 && !can_match; ++c) can_match = class_matches(inside, static_cast<char>(c));
    if (!can_match) return refused_pattern(pattern, "has a class that never matches", "put the lower end of a range first");
    i = *end - 1;
  }
  return {};
}

Result<std::vector<std::string>> expand_choices(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) return refused_pattern(pattern, "is longer than 8 KiB", "use several rules");
  if (pattern.empty()) return refused_pattern(pattern, "is empty, so it never matches", "write * for anything");
  if (pattern.find('\0') != std::string_view::npos) return refused_pattern(pattern, "holds a NUL byte", "remove it");
  std::vector<std::string> open{std::string(pattern)};
  std::vector<std::string> done;
  while (!open.empty()) {
    std::string next = std::move(open.back());
    open.pop_back();
    const std::size_t brace = first_brace(next);
    if (brace != std::string::npos) TRY(expand_first(next, brace, open));
    else done.push_back(std::move(next));
    if (open.size() + done.size() > kChoicesMax) return refused_pattern(pattern, "has more than 64 choices", "use several rules");
  }
  for (const std::string& choice : done) TRY(check_classes(choice));
  std::ranges::sort(done);
  return done;
}

// Greedy: on a mismatch only the newest '*' takes one byte more, since what an older one could take, the newest can too.
bool wild_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    std::size_t next = 0;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && one_matches(pattern, p, text[t], next)) {
      p = next;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// A class of one byte, such as [*], is a literal too.
std::optional<std::string> literal_of(std::string_view pattern) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?') return std::nullopt;
    if (pattern[i] != '[') {
      text += pattern[i];
      continue;
    }
    const bool is_one = class_end(pattern, i) == i + 3 && pattern[i + 1] != '!' && pattern[i + 1] != '^';
    if (!is_one) return std::nullopt;
    text += pattern[i + 1];
    i += 2;
  }
  return text;
}

bool wild_covers(std::string_view wide, std::string_view narrow) {
  if (wide == narrow || wide.find_first_not_of('*') == std::string_view::npos) return true;
  if (const auto literal = literal_of(narrow)) return wild_matches(wide, *literal);
  // "abc*" covers whatever begins with "abc"; anything cleverer is not shown.
  const std::size_t pattern_at = wide.find_first_of("*?[");
  return pattern_at + 1 == wide.size() && wide.back() == '*' && narrow.starts_with(wide.substr(0, pattern_at));
}

}  // namespace lilux::text

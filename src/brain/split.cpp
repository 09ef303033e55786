#include "brain/split.h"

#include <algorithm>
#include <array>
#include <string>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

// Words that begin a request of their own behind "and" or a comma, in order.
constexpr std::array<std::string_view, 72> kVerbs{
    "add",      "analyze",   "append",  "assess",   "book",     "calculate", "call",     "can",    "cancel",
    "change",   "check",     "close",   "compare",  "compute",  "convert",   "copy",     "could",  "create",
    "delete",   "determine", "display", "download", "email",    "estimate",  "fetch",    "fill",   "find",
    "fit",      "generate",  "get",     "give",     "how",      "i",         "identify", "list",   "locate",
    "look",     "make",      "move",    "navigate", "open",     "order",     "plan",     "play",   "please",
    "post",     "predict",   "print",   "provide",  "read",     "remind",    "remove",   "rename", "reserve",
    "retrieve", "run",       "save",    "search",   "send",     "set",       "show",     "solve",  "start",
    "stop",     "suggest",   "take",    "tell",     "transfer", "turn",      "what",     "who",    "write"};
static_assert(std::ranges::is_sorted(kVerbs));

bool is_verb(std::string_view word) {
  return std::ranges::binary_search(kVerbs, word);
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t';
}

std::string word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && (is_letter(text[end]) || text[end] == '\'')) ++end;
  return lowered(text.substr(at, end - at));
}

// How far what joins two requests goes from here; 0 where nothing does.
std::size_t joint(std::string_view text, std::size_t at, std::span<const std::string> acts) {
  const std::string_view rest = text.substr(at);
  const bool ends_sentence =
      (rest.front() == '.' || rest.front() == '?' || rest.front() == '!' || rest.front() == ';') && rest.size() > 1 &&
      is_space(rest[1]);
  const bool is_short =
      rest.front() == '.' && at >= 2 && (at < 3 || !is_letter(text[at - 3]) || !is_letter(text[at - 2]));
  if (ends_sentence && !is_short) return 2;
  if (rest.front() == '\n') return 1;
  const std::string lower = lowered(rest.substr(0, 12));
  for (const std::string_view words :
       {std::string_view(" and then "), std::string_view(", then "), std::string_view(" and also "),
        std::string_view(", also "), std::string_view(" then ")}) {
    if (lower.starts_with(words)) return words.size();
  }
  for (const std::string_view words : {std::string_view(", and "), std::string_view(" and "), std::string_view(", ")}) {
    if (!lower.starts_with(words)) continue;
    const std::string next = word_at(text, at + words.size());
    if (is_verb(next) || std::ranges::find(acts, next) != acts.end()) return words.size();
  }
  return 0;
}

// How far what joins two values or requests goes from here; 0 where nothing does.
std::size_t cut_at(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  const char c = rest.front();
  if (c == '\n') return 1;
  if ((c == '.' || c == '?' || c == '!' || c == ';') && is_space(rest[1]))
    return c != '.' || (rest.size() > 2 && !(rest[2] >= 'a' && rest[2] <= 'z')) ? 2 : 0;
  if (c != ' ' && c != ',') return 0;
  const std::string lower = lowered(rest.substr(0, 14));
  for (const std::string_view words :
       {std::string_view(", and then "), std::string_view(" and then "), std::string_view(", and also "),
        std::string_view(" and also "), std::string_view(" as well as "), std::string_view(", and "),
        std::string_view(", then "), std::string_view(" and "), std::string_view(" then "), std::string_view(", ")}) {
    if (lower.starts_with(words)) return words.size();
  }
  return 0;
}

bool says_something(std::string_view part) {
  return std::ranges::count_if(part, is_letter) >= 3;
}

}  // namespace

std::vector<std::string_view> split_request(std::string_view text, std::span<const std::string> acts) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  char quote = 0;
  for (std::size_t at = 0; at < text.size() && parts.size() + 1 < kPartsMax; ++at) {
    const char c = text[at];
    const bool is_inside_word = at > 0 && is_letter(text[at - 1]) && at + 1 < text.size() && is_letter(text[at + 1]);
    if ((c == '"' || (c == '\'' && !is_inside_word)) && (quote == 0 || quote == c)) {
      const bool closes = text.find(c, at + 1) != std::string_view::npos;
      if (quote != 0)
        quote = 0;
      else if (closes && at > 0)
        quote = c;
    }
    if (quote != 0) continue;
    const std::size_t size = joint(text, at, acts);
    if (size == 0 || !says_something(text.substr(begin, at - begin)) || !says_something(text.substr(at + size)))
      continue;
    parts.push_back(text.substr(begin, at - begin));
    begin = at + size;
    at = begin - 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::vector<Cut> cuts_of(std::string_view text) {
  std::vector<Cut> cuts;
  char quote = 0;
  int depth = 0;
  for (std::size_t at = 1; at + 1 < text.size(); ++at) {
    const char c = text[at];
    const bool opens = quote == 0 && !is_letter(text[at - 1]) && text.find(c, at + 1) != std::string_view::npos;
    if ((c == '"' || c == '\'' || c == '`') && (opens || (quote == c && !is_letter(text[at + 1]))))
      quote = quote == 0 ? c : '\0';
    if (c == '(' || c == '[' || c == '{') ++depth;
    if ((c == ')' || c == ']' || c == '}') && depth > 0) --depth;
    if (quote != 0 || depth > 0) continue;
    const std::size_t size = cut_at(text, at);
    if (size == 0) continue;
    cuts.push_back({.begin = at, .end = at + size, .is_weak = c == ',' && size == 2});
    at += size - 1;
  }
  return cuts;
}

}  // namespace lilux::brain

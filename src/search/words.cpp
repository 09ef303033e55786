#include "search/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include <libstemmer.h>
#include <utf8proc.h>

#include "base/encoding.h"

namespace lilux::search {

namespace {

// In order.
constexpr std::array<std::string_view, 141> kStopWords{
    "a",         "about",   "above",   "after",      "again",   "against", "all",     "also",    "am",      "an",
    "and",       "any",     "are",     "as",         "at",      "be",      "because", "been",    "before",  "being",
    "below",     "between", "both",    "but",        "by",      "can",     "could",   "d",       "did",     "do",
    "does",      "doing",   "down",    "during",     "each",    "few",     "for",     "from",    "further", "had",
    "has",       "have",    "having",  "he",         "her",     "here",    "hers",    "herself", "him",     "himself",
    "his",       "how",     "however", "i",          "if",      "in",      "into",    "is",      "it",      "its",
    "itself",    "ll",      "m",       "may",        "me",      "might",   "more",    "most",    "must",    "my",
    "myself",    "no",      "nor",     "not",        "of",      "off",     "on",      "once",    "only",    "or",
    "other",     "our",     "ours",    "ourselves",  "out",     "over",    "own",     "re",      "s",       "same",
    "shall",     "she",     "should",  "so",         "some",    "such",    "t",       "than",    "that",    "the",
    "their",     "theirs",  "them",    "themselves", "then",    "there",   "these",   "they",    "this",    "those",
    "through",   "thus",    "to",      "too",        "under",   "until",   "up",      "upon",    "ve",      "very",
    "was",       "we",      "were",    "what",       "when",    "where",   "which",   "while",   "who",     "whom",
    "why",       "will",    "with",    "within",     "without", "would",   "you",     "your",    "yours",   "yourself",
    "yourselves"};

bool is_stop_word(std::string_view word) {
  return std::ranges::binary_search(kStopWords, word);
}

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

using Class = CharacterClass;

// Writings without spaces between words.
bool is_ideograph(std::int32_t c) {
  return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0x20000 && c <= 0x3ffff) || (c >= 0x0e00 && c <= 0x0e7f);
}

struct Character {
  Class kind = Class::between;
  std::size_t size = 1;
};

Character character_at(std::string_view text) {
  const char first = text.front();
  if (static_cast<unsigned char>(first) < 0x80)
    return {.kind = is_ascii_letter(first) || is_digit(first) ? Class::letter : Class::between, .size = 1};
  const std::size_t size = base::utf8_length(text);
  if (size == 0) return {};
  utf8proc_int32_t c = 0;
  utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(size), &c);
  return {.kind = class_of(c), .size = size};
}

// Without case, accents and the like.
std::string folded(std::string_view word) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                      UTF8PROC_STRIPMARK | UTF8PROC_STRIPNA);
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(word.data()),
                                             static_cast<utf8proc_ssize_t>(word.size()), &mapped, options);
  std::string result =
      size > 0 ? std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)) : std::string();
  std::free(mapped);  // NOLINT: the library allocates it so
  return result;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Where the next part of a name like getHTTPServer2 begins, or its end.
std::size_t part_end(std::string_view name, std::size_t begin) {
  for (std::size_t i = begin + 1; i < name.size(); ++i) {
    const bool is_hump = is_upper(name[i]) && is_lower(name[i - 1]);
    const bool is_last_of_capitals =
        is_upper(name[i]) && is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1]);
    if (is_hump || (is_last_of_capitals && i > begin)) return i;
  }
  return name.size();
}

}  // namespace

CharacterClass class_of(std::int32_t code_point) {
  if (is_ideograph(code_point)) return Class::ideograph;
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return Class::letter;
    default: return Class::between;
  }
}

bool is_content(std::string_view term) {
  return !term.empty() && term[0] != kStopMark && term[0] != kFilterMark;
}

void Words::Ends::operator()(sb_stemmer* stemmer) const {
  sb_stemmer_delete(stemmer);
}

Words::Words() : english_(sb_stemmer_new("english", nullptr)) {}

void Words::add(std::vector<Word>& words, std::string_view folded, std::size_t begin, std::size_t end) {
  std::string term(base::clipped(folded, kTermBytesMax));
  if (term.empty()) return;
  if (is_stop_word(term)) {
    term.insert(term.begin(), kStopMark);
  } else if (english_ && std::ranges::all_of(term, is_lower)) {
    const sb_symbol* stem =
        sb_stemmer_stem(english_.get(), reinterpret_cast<const sb_symbol*>(term.data()), static_cast<int>(term.size()));
    if (stem != nullptr)
      term.assign(reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(english_.get())));
  }
  words.push_back({.term = std::move(term), .begin = begin, .end = end});
}

// A name in parts is there as a whole too.
void Words::add_ascii(std::vector<Word>& words, std::string_view word, std::size_t begin) {
  add(words, lowered(word), begin, begin + word.size());
  for (std::size_t at = 0, end = part_end(word, 0); end < word.size() || at > 0; end = part_end(word, at)) {
    add(words, lowered(word.substr(at, end - at)), begin + at, begin + end);
    if (end == word.size()) return;
    at = end;
  }
}

std::vector<Word> Words::split(std::string_view text) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const Character first = character_at(text.substr(at));
    std::size_t end = at + first.size;
    if (first.kind == Class::between) {
      at = end;
      continue;
    }
    std::size_t last = at;  // where the last character begins
    while (end < text.size()) {
      const Character next = character_at(text.substr(end));
      if (next.kind != first.kind) break;
      const std::size_t after = end + next.size;
      if (first.kind == Class::ideograph) add(words, folded(text.substr(last, after - last)), last, after);
      last = end;
      end = after;
    }
    const std::string_view word = text.substr(at, end - at);
    if (first.kind == Class::letter && is_ascii(word))
      add_ascii(words, word, at);
    else if (first.kind == Class::letter || last == at)
      add(words, folded(word), at, end);
    at = end;
  }
  return words;
}

}  // namespace lilux::search

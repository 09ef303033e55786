#include "brain/polite.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "brain/phrase.h"

namespace lilux::brain {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// In front, the longest that fits is taken off first; words as they are folded.
constexpr std::array<std::string_view, 47> kBefore{"please",
                                                   "can you",
                                                   "could you",
                                                   "would you",
                                                   "will you",
                                                   "can you tell me",
                                                   "could you tell me",
                                                   "can u",
                                                   "hey",
                                                   "hi",
                                                   "hello",
                                                   "ok",
                                                   "okay",
                                                   "well",
                                                   "so",
                                                   "now",
                                                   "just",
                                                   "then",
                                                   "first",
                                                   "i want to",
                                                   "i want you to",
                                                   "i would like to",
                                                   "i would like you to",
                                                   "i'd like to",
                                                   "i'd like you to",
                                                   "i need to",
                                                   "i need you to",
                                                   "i need",
                                                   "we need",
                                                   "i'd like",
                                                   "i would like",
                                                   "could i have",
                                                   "can i have",
                                                   "i want",
                                                   "let me",
                                                   "let us",
                                                   "let's",
                                                   "help me",
                                                   "go ahead and",
                                                   "lilux",
                                                   "computer",
                                                   "tell me",
                                                   "quickly",
                                                   "perhaps",
                                                   "maybe",
                                                   "possibly",
                                                   "kindly"};
constexpr std::array<std::string_view, 16> kAfter{
    "please",   "for me",  "now",   "right now", "thanks",     "thank you",     "at the moment", "currently",
    "just now", "quickly", "again", "then",      "at present", "if you please", "will you",      "would you"};
constexpr std::array<Pair, 10> kLong{{{"what's", "what is"},
                                      {"whats", "what is"},
                                      {"where's", "where is"},
                                      {"who's", "who is"},
                                      {"how's", "how is"},
                                      {"there's", "there is"},
                                      {"that's", "that is"},
                                      {"what're", "what are"},
                                      {"which's", "which is"},
                                      {"when's", "when is"}}};
constexpr std::array<std::string_view, 24> kSmall{"the",   "a",         "an",       "all",   "of",        "me",
                                                  "my",    "our",       "this",     "these", "any",       "some",
                                                  "every", "currently", "please",   "there", "really",    "exactly",
                                                  "still", "just",      "actually", "also",  "available", "installed"};
// Several words that say what one does, there and only there.
constexpr std::array<Pair, 11> kSayings{{
    {"do i have", "is"},
    {"do we have", "is"},
    {"do you have", "is"},
    {"have i got", "is"},
    {"have we got", "is"},
    {"have you got", "is"},
    {"that are", ""},
    {"that is", ""},
    {"which are", ""},
    {"a list of", ""},
    {"the list of", ""},
}};
constexpr std::array<Pair, 29> kSame{
    {{"display", "show"},       {"list", "show"},       {"get", "show"},           {"are", "is"},
     {"exist", "is"},           {"exists", "is"},       {"print", "show"},         {"view", "show"},
     {"see", "show"},           {"give", "show"},       {"directory", "folder"},   {"directories", "folders"},
     {"dir", "folder"},         {"which", "what"},      {"anything", "something"}, {"okay", "ok"},
     {"programs", "processes"}, {"program", "process"}, {"room", "space"},         {"edited", "changed"},
     {"modified", "changed"},   {"altered", "changed"}, {"drive", "disk"},         {"newest", "last"},
     {"latest", "last"},        {"recent", "last"},     {"big", "large"},          {"computer", "machine"},
     {"inside", "in"}}};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const Spoken::Word& word : spoken(text).words) words.push_back(word.folded);
  return words;
}

// How many words of the sentence, from there on, are these; 0: it goes on otherwise.
std::size_t fits_at(const std::vector<Spoken::Word>& said, std::size_t at, std::string_view phrase) {
  // Most do not even begin so, and the others are taken apart.
  if (at >= said.size() || said[at].folded != phrase.substr(0, phrase.find(' '))) return 0;
  const std::vector<std::string> wanted = words_of(phrase);
  if (at + wanted.size() > said.size()) return 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (said[at + i].folded != wanted[i] || said[at + i].is_quoted) return 0;
  }
  return wanted.size();
}

std::string_view same_as(std::span<const Pair> pairs, std::string_view word) {
  const auto found = std::ranges::find(pairs, word, &Pair::first);
  return found == pairs.end() ? std::string_view() : found->second;
}

}  // namespace

std::string plainly(std::string_view text) {
  const Spoken said = spoken(text);
  std::size_t from = 0;
  std::size_t to = said.words.size();
  for (std::size_t most = 1; most > 0;) {
    most = 0;
    for (const std::string_view phrase : kBefore) most = std::max(most, fits_at(said.words, from, phrase));
    if (from + most >= to) break;
    from += most;
  }
  for (std::size_t most = 1; most > 0;) {
    most = 0;
    for (const std::string_view phrase : kAfter) {
      const std::size_t size = words_of(phrase).size();
      if (size < to - from && fits_at(said.words, to - size, phrase) == size) most = std::max(most, size);
    }
    to -= most;
  }
  if (from >= to) return std::string(text);
  const std::string_view all = said.text;
  const Spoken::Word& first = said.words[from];
  const std::string_view is = same_as(kLong, first.folded);
  const std::size_t begin = is.empty() ? first.begin : first.end;
  std::string made = std::string(is).append(all.substr(begin, said.words[to - 1].end - begin));
  // A comma before "please" says nothing any more.
  while (to < said.words.size() && !made.empty() && made.back() == ',') made.pop_back();
  return made;
}

Spoken loosely_spoken(std::string_view text) {
  Spoken said = spoken(plainly(text));
  std::vector<Spoken::Word> words;
  for (std::size_t at = 0; at < said.words.size(); ++at) {
    Spoken::Word& word = said.words[at];
    const auto saying =
        std::ranges::find_if(kSayings, [&](const Pair& one) { return fits_at(said.words, at, one.first) > 0; });
    if (saying != kSayings.end()) {
      const std::size_t last = at + words_of(saying->first).size() - 1;
      if (!saying->second.empty())
        words.push_back({.folded = std::string(saying->second), .begin = word.begin, .end = said.words[last].end});
      at = last;
      continue;
    }
    if (word.is_quoted) {
      words.push_back(std::move(word));
      continue;
    }
    if (std::ranges::find(kSmall, word.folded) != kSmall.end()) continue;
    const std::string_view is = same_as(kLong, word.folded);
    const std::string_view same = is.empty() ? same_as(kSame, word.folded) : is;
    if (!same.empty()) word.folded = same;
    for (const std::string& one : words_of(word.folded))
      words.push_back({.folded = one, .begin = word.begin, .end = word.end});
  }
  said.words = std::move(words);
  return said;
}

std::optional<std::string> loosened(const std::string& phrase) {
  std::string made = loosely(phrase);
  const auto strict = Phrase::compile(phrase);
  const auto loose = Phrase::compile(made);
  if (!strict || !loose || (made.contains("{{") && loose->size() < 2 && strict->size() > 1)) return std::nullopt;
  return made;
}

std::string loosely(std::string_view text) {
  const Spoken said = loosely_spoken(text);
  std::string made;
  for (const Spoken::Word& word : said.words) {
    const std::string own = said.text.substr(word.begin, word.end - word.begin);
    const bool is_own = words_of(own) == std::vector{word.folded};
    made.append(made.empty() ? "" : " ").append(is_own ? own : word.folded);
  }
  return made;
}

}  // namespace lilux::brain

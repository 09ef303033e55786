#include "brain/phrase.h"

#include <algorithm>

#include "item/interpolate.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kMarks = ".,;:!?\"'()";
constexpr std::string_view kBehindQuote = ".,;:!?)";
constexpr std::size_t kPartsMax = 60;
constexpr std::size_t kTextBytesMax = 16 * 1024;

std::string in_small(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return made;
}

std::string folded(std::string_view word) {
  const std::size_t from = word.find_first_not_of(kMarks);
  if (from == std::string_view::npos) return std::string(word);
  return in_small(word.substr(from, word.find_last_not_of(kMarks) - from + 1));
}

// Where the quote that opens here closes: before a blank, the end, or marks and one of those. npos: it does not, as in
// "rock 'n roll".
std::size_t closing(std::string_view text, std::size_t at) {
  constexpr std::string_view kQuotes = "\"'`";
  if (kQuotes.find(text[at]) == std::string_view::npos) return std::string_view::npos;
  for (std::size_t end = text.find(text[at], at + 1); end != std::string_view::npos;
       end = text.find(text[at], end + 1)) {
    const std::size_t behind = std::min(text.find_first_not_of(kBehindQuote, end + 1), text.size());
    if (end > at + 1 && (behind == text.size() || kBlanks.find(text[behind]) != std::string_view::npos)) return end;
  }
  return std::string_view::npos;
}

// What a gap takes, without the quotes around it and the mark that ends the sentence. The dots of ".." are a folder's.
std::string taken(std::string_view text, bool is_last) {
  const std::string_view word = text.substr(text.find_last_of(kBlanks) + 1);
  const bool is_folder = word.find_first_not_of("./") == std::string_view::npos;
  if (is_last && !is_folder && text.size() > 1)
    text = text.substr(0, std::max<std::size_t>(text.find_last_not_of(".!?") + 1, 1));
  return unquoted(text);
}

}  // namespace

Spoken spoken(std::string_view text, Quotes quotes) {
  Spoken made{.text = std::string(text.substr(0, kTextBytesMax)), .words = {}};
  if (text.size() > kTextBytesMax) return made;
  const std::string_view all = made.text;
  for (std::size_t at = all.find_first_not_of(kBlanks); at != std::string::npos;
       at = all.find_first_not_of(kBlanks, at)) {
    const std::size_t quote = quotes == Quotes::hold_together ? closing(all, at) : std::string_view::npos;
    const bool is_quoted = quote != std::string_view::npos;
    const std::size_t end = std::min(all.find_first_of(kBlanks, is_quoted ? quote : at), all.size());
    made.words.push_back(
        {.folded = is_quoted ? in_small(all.substr(at + 1, quote - at - 1)) : folded(all.substr(at, end - at)),
         .begin = at,
         .end = end,
         .is_quoted = is_quoted});
    at = end;
    if (made.words.size() > kWordsMax) break;
  }
  if (made.words.size() > kWordsMax) made.words.clear();
  return made;
}

std::string unquoted(std::string_view text) {
  const std::size_t end = text.empty() ? std::string_view::npos : closing(text, 0);
  const bool is_all =
      end != std::string_view::npos && text.find_first_not_of(kBehindQuote, end + 1) == std::string_view::npos;
  return std::string(is_all ? text.substr(1, end - 1) : text);
}

bool is_quoted(std::string_view value, std::string_view text) {
  if (text.find_first_of("\"'`") == std::string_view::npos) return false;
  return std::ranges::any_of(spoken(text).words, [&](const Spoken::Word& word) {
    return word.is_quoted && unquoted(text.substr(word.begin, word.end - word.begin)) == value;
  });
}

Result<Phrase> Phrase::compile(std::string_view pattern) {
  Phrase made;
  std::string text(pattern);
  // "{{ name }}" is one word like any other once its blanks are gone.
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at + 2)) {
    const std::size_t end = text.find("}}", at);
    if (end == std::string::npos) break;
    std::string inside = text.substr(at, end - at);
    std::erase_if(inside, [](char c) { return kBlanks.find(c) != std::string_view::npos; });
    text.replace(at, end - at, inside);
  }
  // A gap may stand in quotes with other words, which then are words like any other.
  const auto holds_gap = [&](const Spoken::Word& word) {
    const std::string_view raw = std::string_view(text).substr(word.begin, word.end - word.begin);
    return word.is_quoted && raw.contains("{{") && raw.contains(' ');
  };
  const Quotes quotes = std::ranges::any_of(spoken(text).words, holds_gap) ? Quotes::are_marks : Quotes::hold_together;
  for (const Spoken::Word& word : spoken(text, quotes).words) {
    const std::string raw = text.substr(word.begin, word.end - word.begin);
    const std::vector<std::string> names = item::placeholders(raw);
    const bool is_gap = !names.empty();
    if (is_gap && folded(raw) != folded("{{" + names.front() + "}}"))
      return fail(ErrorCode::invalid_argument, "'" + raw + "': a gap stands for whole words", "put blanks around it");
    if (is_gap && !made.parts_.empty() && made.parts_.back().is_gap)
      return fail(ErrorCode::invalid_argument, "'" + raw + "' follows another gap, so nobody knows where it begins",
                  "put a word between them");
    const auto is_same = [&](const Part& part) { return part.is_gap && part.text == names.front(); };
    if (is_gap && std::ranges::any_of(made.parts_, is_same))
      return fail(ErrorCode::invalid_argument, "there are two gaps '" + names.front() + "'", "name one otherwise");
    made.parts_.push_back({.is_gap = is_gap, .text = is_gap ? names.front() : word.folded});
  }
  if (made.parts_.size() > kPartsMax)
    return fail(ErrorCode::invalid_argument, "a phrase has " + std::to_string(kPartsMax) + " words at most",
                "shorten it");
  if (made.size() == 0)
    return fail(ErrorCode::invalid_argument, "the phrase '" + text + "' has no word of its own, so it would fit all",
                "for example \"remind me to {{what}}\"");
  return made;
}

// From the end: whether the parts from i on fit the words from j on. Then forward, each gap taking as few as will do.
std::optional<JsonObject> Phrase::match(const Spoken& said) const {
  const std::size_t parts = parts_.size();
  const std::size_t words = said.words.size();
  if (words < parts) return std::nullopt;
  const auto is_other = [](const Part& part, const Spoken::Word& word) {
    return !part.is_gap && part.text != word.folded;
  };
  if (is_other(parts_.front(), said.words.front()) || is_other(parts_.back(), said.words.back())) return std::nullopt;
  std::vector<std::vector<bool>> fits(parts + 1, std::vector<bool>(words + 1, false));
  fits[parts][words] = true;
  for (std::size_t i = parts; i-- > 0;) {
    for (std::size_t j = words; j-- > 0;) {
      const bool is_one = parts_[i].is_gap || parts_[i].text == said.words[j].folded;
      fits[i][j] = (is_one && fits[i + 1][j + 1]) || (parts_[i].is_gap && fits[i][j + 1]);
    }
  }
  if (!fits[0][0]) return std::nullopt;
  JsonObject found;
  for (std::size_t i = 0, j = 0; i < parts; ++i) {
    const std::size_t first = j++;
    while (parts_[i].is_gap && !fits[i + 1][j]) ++j;
    if (!parts_[i].is_gap) continue;
    const std::size_t begin = said.words[first].begin;
    found.set(parts_[i].text,
              taken(std::string_view(said.text).substr(begin, said.words[j - 1].end - begin), j == words));
  }
  return found;
}

std::vector<std::string> Phrase::gaps() const {
  std::vector<std::string> names;
  for (const Part& part : parts_) {
    if (part.is_gap) names.push_back(part.text);
  }
  return names;
}

std::size_t Phrase::size() const {
  return static_cast<std::size_t>(std::ranges::count(parts_, false, &Part::is_gap));
}

std::vector<std::string_view> Phrase::words() const {
  std::vector<std::string_view> own;
  for (const Part& part : parts_) {
    if (!part.is_gap) own.push_back(part.text);
  }
  return own;
}

}  // namespace lilux::brain

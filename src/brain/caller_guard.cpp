#include "brain/caller_guard.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "brain/caller_words.h"
#include "brain/extract_text.h"
#include "search/words.h"

namespace lilux::brain {

namespace {

// As words with a space on both sides, apostrophes left out.
constexpr std::array<std::string_view, 23> kForbidding{
    " dont ",   " do not ",     " never ",       " not ",    " no ",     " without ", " avoid ",       " stop ",
    " cant ",   " cannot ",     " shouldnt ",    " mustnt ", " wont ",   " keep ",    " prevent ",     " refuse ",
    " unless ", " instead of ", " rather than ", " leave ",  " cancel ", " except ",  " anything but "};

constexpr std::array<std::string_view, 26> kAsking{
    " how ",      " what ",       " why ",     " when ",     " who ",     " which ",    " should i ",
    " can i ",    " is it ",      " does ",    " did ",      " has ",     " have you ", " are you ",
    " would ",    " could i ",    " explain ", " describe ", " tell me ", " document ", " show me ",
    " is there ", " difference ", " if ",      " wonder ",   " whether "};

constexpr std::array<std::string_view, 20> kTelling{
    " said ",      " says ",   " wrote ",  " i deleted ", " was deleted ", " were deleted ", " has been ",
    " yesterday ", " almost ", " nearly ", " pretend ",   " imagine ",     " example ",      " translate ",
    " the word ",  " called ", " titled ", " about ",     " joke ",        " write "};

std::string plain(std::string_view text) {
  std::string words = " ";
  for (const char c : lowered(text)) {
    if (c == '\'' || static_cast<unsigned char>(c) == 0xe2 || static_cast<unsigned char>(c) == 0x80 ||
        static_cast<unsigned char>(c) == 0x99)
      continue;
    const bool is_part = is_letter(c) || is_digit(c);
    if (is_part || words.back() != ' ') words += is_part ? c : ' ';
  }
  return words + " ";
}

bool has_any(std::string_view words, std::span<const std::string_view> wanted) {
  return std::ranges::any_of(wanted, [&](std::string_view one) { return words.find(one) != std::string_view::npos; });
}

// More than a name between quotes: words that might be a request themselves.
bool quotes_words(const Reading& reading) {
  return std::ranges::any_of(reading.literals, [&](const Literal& one) {
    const std::string_view inside = std::string_view(reading.text.text).substr(one.begin, one.end - one.begin);
    return one.kind == LiteralKind::quoted && std::ranges::count(inside, ' ') >= 1;
  });
}

// Of its name, its description, its parameters' names and what they may be chosen from.
std::vector<std::string> words_of(const Tool& tool) {
  search::Words words;
  std::vector<std::string> stems = tool.name_words;
  const auto take = [&](const std::vector<std::string>& more) { stems.insert(stems.end(), more.begin(), more.end()); };
  take(tool.words);
  for (const Parameter& parameter : tool.parameters) {
    take(parameter.name);
    for (const base::Json& choice : parameter.choices)
      if (choice.is_string()) take(text_stems(choice.as_string(), words));
  }
  return stems;
}

}  // namespace

std::string_view held_back(const Reading& reading) {
  const std::string words = plain(reading.text.text);
  if (has_any(words, kForbidding)) return "it may be forbidden there";
  if (has_any(words, kAsking)) return "it may only be asked about";
  if (has_any(words, kTelling)) return "it may only be told of";
  if (quotes_words(reading)) return "it may only be quoted";
  return {};
}

bool is_about(const Reading& reading, const Tool& tool) {
  const std::vector<std::string> stems = words_of(tool);
  std::uint64_t groups = 0;
  for (const std::string& stem : stems) groups |= groups_of(stem);
  std::set<std::string_view> said;
  std::set<std::string_view> met;
  for (const Token& token : reading.text.tokens) {
    if (token.is_stop() || token.is_number) continue;
    said.insert(token.stem);
    if (std::ranges::find(stems, token.stem) != stems.end() || (groups_of(token.stem) & groups) != 0)
      met.insert(token.stem);
  }
  return met.size() >= 2 || (!met.empty() && met.size() == said.size());
}

}  // namespace lilux::brain

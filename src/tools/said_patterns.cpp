#include "tools/said_patterns.h"

#include <algorithm>
#include <array>
#include <vector>

#include "brain/extract_text.h"
#include "brain/phrase.h"

namespace lilux::tools {

std::string_view bare_text(std::string_view said) {
  constexpr std::array<std::string_view, 6> kBefore{"the word ",   "the words ",  "the text ",
                                                    "the string ", "the phrase ", "the line "};
  for (const std::string_view before : kBefore)
    if (said.starts_with(before)) return said.substr(before.size());
  return said;
}

std::optional<std::string> any_of_texts(std::string_view said) {
  const brain::Spoken all = brain::spoken(said);
  const auto is_or = [](const brain::Spoken::Word& word) { return word.folded == "or" && !word.is_quoted; };
  if (std::ranges::none_of(all.words, is_or)) return std::nullopt;
  std::vector<std::string> texts{""};
  for (std::size_t at = 0; at < all.words.size(); ++at) {
    const brain::Spoken::Word& word = all.words[at];
    const bool is_either = at == 0 && word.folded == "either" && !word.is_quoted;
    std::string own(said.substr(word.begin, word.end - word.begin));
    const bool ends = !word.is_quoted && own.size() > 1 && own.ends_with(',');
    if (ends) own.pop_back();
    if (is_or(word)) {
      if (!texts.back().empty()) texts.emplace_back();
    } else if (!is_either) {
      texts.back() += (texts.back().empty() ? "" : " ") + brain::unquoted(own);
      if (ends) texts.emplace_back();
    }
  }
  if (texts.size() < 2 || std::ranges::any_of(texts, &std::string::empty)) return std::nullopt;
  std::string made;
  for (const std::string& text : texts) {
    made += made.empty() ? "" : "|";
    for (const char c : text) {
      if (std::string_view("\\.^$|?*+()[]{}").contains(c)) made += '\\';
      made += c;
    }
  }
  return made;
}

std::string name_pattern(const std::string& said, std::string_view text, const NamesIn& names) {
  const auto says = [&](std::string_view word) { return text.contains(word); };
  if (said.find_first_of("./*?{[") != std::string::npos) return said;
  const std::vector<std::string> meant = meant_by(said, names);  // also of "the readme"
  if (said.contains(' ')) return meant.size() == 1 ? meant.front() : said;
  const bool is_called = says("called ") || says("named ");
  if (!is_called) return meant.size() == 1 ? meant.front() : said;
  const bool is_more = meant.size() == 1 && !meant.front().starts_with(said);
  return "{" + said + "," + said + ".*" + (is_more ? "," + meant.front() : "") + "}";
}

}  // namespace lilux::tools

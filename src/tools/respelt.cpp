#include "tools/respelt.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/nearest.h"
#include "brain/extract_text.h"
#include "brain/phrase.h"
#include "brain/thesaurus.h"
#include "search/words.h"
#include "tools/sentences.h"

namespace lilux::tools {

namespace {

constexpr std::size_t kShortest = 3;

bool is_plain(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// Those that are said most come first: of several that are as near it is one of these.
const std::vector<std::string>& known_words() {
  static const std::vector<std::string> kKnown = [] {
    std::map<std::string, std::size_t, std::less<>> counts;
    for (const SaidCall& said : shipped_sentences())
      for (const brain::Spoken::Word& word : brain::spoken(said.text).words)
        if (is_plain(word.folded) && word.folded.size() >= kShortest) ++counts[word.folded];
    std::vector<std::string> all;
    for (const auto& [word, count] : counts) all.push_back(word);
    std::ranges::sort(all, std::ranges::greater{},
                      [&](const std::string& word) { return std::pair(counts[word], word); });
    return all;
  }();
  return kKnown;
}

// Whether a dictionary has it, as it stands or by its stem.
bool is_word(const brain::Token& token) {
  const brain::Thesaurus& words = brain::shipped_thesaurus();
  return token.is_stop() || !words.groups_of(token.stem).empty() || !words.groups_of(token.lower).empty();
}

}  // namespace

std::vector<std::string> respelt(std::string_view text, const std::function<bool(std::string_view)>& is_there) {
  constexpr std::size_t kWaysMax = 4;
  const std::vector<std::string>& known = known_words();
  std::vector<std::string> ways;
  search::Words words;
  for (const brain::Spoken::Word& word : brain::spoken(text).words) {
    const std::string_view own = text.substr(word.begin, word.end - word.begin);
    if (word.is_quoted || own.size() < kShortest || !is_plain(own)) continue;
    if (std::ranges::find(known, word.folded) != known.end()) continue;
    const std::vector<brain::Token> tokens = brain::read_text(own, words).tokens;
    if (tokens.size() != 1 || is_word(tokens.front()) || is_there(own)) continue;
    std::vector<std::string_view> names(known.begin(), known.end());
    while (ways.size() < kWaysMax) {
      const std::optional<std::string_view> near = base::nearest(word.folded, names);
      if (!near) break;
      ways.emplace_back(text).replace(word.begin, own.size(), *near);
      std::erase(names, *near);
    }
    break;
  }
  return ways;
}

}  // namespace lilux::tools

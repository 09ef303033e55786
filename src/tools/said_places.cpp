#include "tools/said_places.h"

#include <algorithm>
#include <array>

#include "brain/extract_text.h"
#include "brain/phrase.h"
#include "brain/reference.h"
#include "text/glob.h"

namespace lilux::tools {

namespace {

using Words = std::vector<brain::Spoken::Word>;

constexpr std::array<std::string_view, 9> kHere{"this folder",           "this directory",         "the current folder",
                                                "the current directory", "the working directory",  "the working folder",
                                                "my current folder",     "this folder right here", "this dir"};

std::size_t fits_at(const Words& words, std::size_t at, std::string_view phrase) {
  const Words wanted = brain::spoken(phrase).words;
  if (at + wanted.size() > words.size()) return 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (words[at + i].folded != wanted[i].folded || words[at + i].is_quoted) return 0;
  }
  return wanted.size();
}

// Without an ending: "readme" of "README.md"; what begins with a dot has none.
std::string_view stem_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? name : name.substr(0, dot);
}

std::string_view without_the(std::string_view said) {
  return said.starts_with("the ") ? said.substr(4) : said;
}

}  // namespace

std::string with_here(std::string_view text) {
  std::string made(text);
  const Words words = brain::spoken(text).words;
  for (std::size_t at = words.size(); at-- > 0;) {
    std::size_t most = 0;
    for (const std::string_view phrase : kHere) most = std::max(most, fits_at(words, at, phrase));
    if (most == 0 && at + 1 == words.size() && at > 0 && words[at].folded == "here" && !words[at].is_quoted) {
      made.replace(words[at].begin, std::string::npos, "in .");
    } else if (most > 0) {
      made.replace(words[at].begin, words[at + most - 1].end - words[at].begin, ".");
    }
  }
  return made;
}

std::string_view bare_place(std::string_view said) {
  constexpr std::array<std::string_view, 6> kBefore{"the ", "my ", "our ", "a ", "an ", "new "};
  constexpr std::array<std::string_view, 4> kSorts{"file", "folder", "directory", "dir"};
  std::string_view bare = said;
  if (!brain::find_mentions(said).empty()) return said;  // "that file" and "the first folder" have no name
  for (const std::string_view word : kBefore)
    if (bare.starts_with(word)) bare.remove_prefix(word.size());
  for (const std::string_view sort : kSorts) {
    if (bare.size() > sort.size() && bare.starts_with(sort) && bare[sort.size()] == ' ')
      bare.remove_prefix(sort.size() + 1);
    else if (bare.size() > sort.size() && bare.ends_with(sort) && bare[bare.size() - sort.size() - 1] == ' ')
      bare.remove_suffix(sort.size() + 1);
  }
  for (const std::string_view named : {"called ", "named "})
    if (bare.starts_with(named)) bare.remove_prefix(named.size());
  return bare.empty() || bare.contains(' ') ? said : bare;
}

std::vector<std::string> listed(std::string_view value) {
  std::vector<std::string> all{""};
  for (const brain::Spoken::Word& word : brain::spoken(value).words) {
    std::string own(value.substr(word.begin, word.end - word.begin));
    const bool ends = own.size() > 1 && own.back() == ',';
    if (ends) own.pop_back();
    own = brain::unquoted(own);
    if (word.folded == "and" && !word.is_quoted && !all.front().empty()) {
      if (!all.back().empty()) all.emplace_back();
      continue;
    }
    all.back() += (all.back().empty() ? "" : " ") + own;
    if (ends) all.emplace_back();
  }
  if (all.back().empty() || all.size() == 1) return {std::string(value)};
  return all;
}

std::vector<std::string> meant_by(std::string_view said, const NamesIn& names) {
  const std::string_view plain = without_the(said);
  const std::size_t slash = plain.rfind('/');
  const std::string folder(slash == std::string_view::npos ? "" : plain.substr(0, slash + 1));
  const std::string_view wanted = slash == std::string_view::npos ? plain : plain.substr(slash + 1);
  constexpr std::size_t kShortest = 3;  // "a" is the beginning of too much
  if (!names || wanted.size() < kShortest || wanted.contains(' ')) return {};
  const auto glob = text::NameGlob::compile(std::string(wanted));
  const bool is_pattern = wanted.contains('*') && glob;
  const std::string lower = brain::lowered(wanted);
  std::vector<std::string> found;
  for (const std::string& name : names(folder.empty() ? "." : folder)) {
    const std::string own = brain::lowered(name);
    if (is_pattern ? glob->matches(name) && !name.starts_with('.') : own == lower || stem_of(own) == lower)
      found.push_back(folder + name);
  }
  std::ranges::sort(found);
  if (!is_pattern && found.size() > 1) return {};
  return found;
}

}  // namespace lilux::tools

#include "search/snippet.h"

#include <algorithm>
#include <vector>

#include "base/encoding.h"

namespace lilux::search {

namespace {

constexpr std::size_t kLookedAtMax = 16'000;  // bytes of a text
constexpr std::size_t kPlacesMax = 500;       // of words that are wanted

struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view term = {};
  double worth = 0;
};

// Of all windows of that size that begin with a wanted word the one worth most, each term counted once.
const Place* best_window(const std::vector<Place>& places, std::size_t bytes_max) {
  const Place* best = nullptr;
  double most = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::map<std::string_view, double> seen;
    for (std::size_t j = i; j < places.size() && places[j].end <= places[i].begin + bytes_max; ++j)
      seen.emplace(places[j].term, places[j].worth);
    double worth = 0;
    for (const auto& [term, value] : seen) worth += value;
    if (worth <= most) continue;
    most = worth;
    best = &places[i];
  }
  return best;
}

bool is_space(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == '\x7f';
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (!is_space(c))
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace

std::string snippet(std::string_view text, const std::map<std::string, double>& wanted, Words& words,
                    std::size_t bytes_max) {
  const std::string_view looked_at = base::clipped(text, kLookedAtMax);
  std::vector<Place> places;
  for (const Word& word : words.split(looked_at)) {
    if (places.size() == kPlacesMax) break;
    const auto found = wanted.find(word.term);
    if (found != wanted.end())
      places.push_back({.begin = word.begin, .end = word.end, .term = found->first, .worth = found->second});
  }
  const Place* window = best_window(places, bytes_max * 2 / 3);
  std::size_t begin = 0;
  if (window != nullptr && window->end > bytes_max * 3 / 4) {
    begin = window->begin - std::min(window->begin, bytes_max / 4);
    while (begin > 0 && begin < window->begin && !is_space(text[begin - 1])) ++begin;
  }
  std::string_view shown = base::clipped(text.substr(begin), bytes_max);
  const bool is_cut = begin + shown.size() < text.size();
  const std::size_t space = shown.find_last_of(" \n\t");
  if (is_cut && space != std::string_view::npos && space > bytes_max / 2) shown = shown.substr(0, space);
  return (begin > 0 ? "… " : "") + base::to_valid_utf8(on_one_line(shown)) + (is_cut ? " …" : "");
}

}  // namespace lilux::search

#include "brain/extract.h"

#include <algorithm>
#include <array>
#include <span>

namespace lilux::brain {

namespace {

// No value begins or ends with one of them, in order.
constexpr std::array<std::string_view, 32> kEdges{
    "a",  "an",  "and", "are", "as", "at", "be", "but", "by",   "can",  "for", "from",  "i",  "if",   "in",  "is",
    "it", "its", "me",  "my",  "of", "on", "or", "our", "same", "that", "the", "their", "to", "with", "you", "your"};

bool is_edge(const Token& token) {
  return std::ranges::binary_search(kEdges, std::string_view(token.lower)) && !token.is_upper &&
         !(token.is_capital && !token.begins_text && token.lower != "i");
}

bool may_begin(const Token& token) {
  return !is_edge(token) || (token.is_capital && token.lower == "the");
}

bool breaks(Gap gap) {
  return gap == Gap::stop || gap == Gap::start;
}

bool is_joiner(const Token& token) {
  return token.lower == "and" || token.lower == "or" || token.lower == "&";
}

std::vector<Span> spans_of(const Text& text) {
  std::vector<Span> spans;
  const std::vector<Token>& tokens = text.tokens;
  for (std::size_t first = 0; first < tokens.size(); ++first) {
    if (!may_begin(tokens[first])) continue;
    for (std::size_t last = first; last < std::min(first + kSpanTokensMax, tokens.size()); ++last) {
      if (last > first && breaks(tokens[last].gap)) break;
      if (is_edge(tokens[last]) && last > first) continue;
      if (spans.size() >= kSpansMax) return spans;
      spans.push_back({.first = first, .last = last});
    }
  }
  return spans;
}

// Where one item ends and the next begins; the joining word is in none.
struct Break {
  std::size_t last = 0;
  std::size_t next = 0;
};

std::vector<Break> breaks_of(const Text& text) {
  std::vector<Break> found;
  const std::vector<Token>& tokens = text.tokens;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (breaks(tokens[i].gap)) continue;
    if (is_joiner(tokens[i]) && i + 1 < tokens.size() && !breaks(tokens[i + 1].gap)) {
      found.push_back({.last = i - 1, .next = i + 1});
      ++i;
    } else if (tokens[i].gap == Gap::comma) {
      found.push_back({.last = i - 1, .next = i});
    }
  }
  return found;
}

bool holds_break(const Text& text, Span span) {
  for (std::size_t i = span.first + 1; i <= span.last; ++i) {
    if (breaks(text.tokens[i].gap)) return true;
  }
  return false;
}

void add_lists(const Text& text, std::span<const Break> chain, std::vector<ListSpan>& lists) {
  std::vector<Span> middle;
  for (std::size_t i = 1; i < chain.size(); ++i) middle.push_back({.first = chain[i - 1].next, .last = chain[i].last});
  const std::size_t first_end = chain.front().last;
  const std::size_t last_begin = chain.back().next;
  for (std::size_t before = 0; before < 5 && before <= first_end; ++before) {
    const Span first{.first = first_end - before, .last = first_end};
    if (holds_break(text, first)) break;
    if (!may_begin(text.tokens[first.first])) continue;
    for (std::size_t after = 0; after < 5 && last_begin + after < text.tokens.size(); ++after) {
      const Span last{.first = last_begin, .last = last_begin + after};
      if (holds_break(text, last)) break;
      if (is_edge(text.tokens[last.last])) continue;
      ListSpan list{.items = {first}};
      list.items.insert(list.items.end(), middle.begin(), middle.end());
      list.items.push_back(last);
      lists.push_back(std::move(list));
    }
  }
}

bool is_item(const Text& text, const Break& left, const Break& right) {
  if (right.last < left.next || right.last - left.next >= 6) return false;
  return !holds_break(text, {.first = left.next, .last = right.last});
}

std::vector<ListSpan> lists_of(const Text& text) {
  std::vector<ListSpan> lists;
  const std::vector<Break> all = breaks_of(text);
  for (std::size_t i = 0; i < all.size() && lists.size() < 400; ++i) {
    for (std::size_t j = i; j < std::min(all.size(), i + kListItemsMax); ++j) {
      if (j > i && !is_item(text, all[j - 1], all[j])) break;
      add_lists(text, std::span(all).subspan(i, j - i + 1), lists);
    }
  }
  return lists;
}

}  // namespace

Span Reading::tokens_of(std::size_t begin, std::size_t end) const {
  const auto& tokens = text.tokens;
  const auto first = std::ranges::partition_point(tokens, [&](const Token& token) { return token.end <= begin; });
  const auto last = std::ranges::partition_point(tokens, [&](const Token& token) { return token.begin < end; });
  if (first >= last) return {.first = 1, .last = 0};
  return {.first = static_cast<std::size_t>(first - tokens.begin()),
          .last = static_cast<std::size_t>(last - tokens.begin()) - 1};
}

Reading read(std::string_view text, Now now, search::Words& words) {
  Reading reading{.text = read_text(text, words)};
  const std::string_view kept = reading.text.text;
  reading.quantities = find_quantities(kept);
  reading.sums = sums_of(kept, reading.quantities);
  reading.now = now;
  reading.moments = find_moments(kept, now);
  reading.literals = find_literals(kept);
  reading.phones = find_phones(kept);
  reading.spans = spans_of(reading.text);
  reading.lists = lists_of(reading.text);
  return reading;
}

Reading read_part(const Reading& whole, std::string_view part, Now now, search::Words& words) {
  Reading reading = read(part, now, words);
  reading.text.is_small = whole.text.is_small;
  reading.offset = whole.offset;
  return reading;
}

}  // namespace lilux::brain

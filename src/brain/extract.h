#pragma once

// Everything in a sentence that may be a value: its words, numbers, times and literals, the spans of words that may be
// a name or a phrase, and the lists of them. Pure; any thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "brain/extract_amount.h"
#include "brain/extract_literal.h"
#include "brain/extract_number.h"
#include "brain/extract_text.h"
#include "brain/extract_time.h"

namespace lilux::brain {

inline constexpr std::size_t kSpansMax = 1200;
inline constexpr std::size_t kSpanTokensMax = 9;
inline constexpr std::size_t kListItemsMax = 32;

// Tokens from `first` to `last`, both of them in it.
struct Span {
  std::size_t first = 0;
  std::size_t last = 0;
  friend auto operator<=>(const Span&, const Span&) = default;
};

// "a, b and c": what stands between the commas.
struct ListSpan {
  std::vector<Span> items = {};
};

struct Reading {
  Text text = {};
  std::vector<Quantity> quantities = {};
  std::vector<Sum> sums = {};  // of them
  std::vector<Moment> moments = {};
  std::vector<Literal> literals = {};
  std::vector<Literal> phones = {};
  std::vector<Span> spans = {};
  std::vector<ListSpan> lists = {};
  Now now = {};
  std::optional<std::chrono::seconds> offset = {};  // of the speaker's clock to UTC

  // The tokens that bytes of the text lie in; first > last where they lie in none.
  Span tokens_of(std::size_t begin, std::size_t end) const;
};

Reading read(std::string_view text, Now now, search::Words& words);
// A part of what was read: how the whole is written tells what small letters mean there.
Reading read_part(const Reading& whole, std::string_view part, Now now, search::Words& words);

}  // namespace lilux::brain

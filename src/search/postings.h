#pragma once

// Which documents have a term and how often, as bytes: a count, then for each document the distance to the one before
// and how often, all as numbers of one to five bytes. What is read may be damaged. Pure; any thread.

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::search {

struct Posting {
  std::uint32_t document = 0;  // its number
  std::uint32_t count = 0;     // weighted by the field: a word of the title counts twice
  friend auto operator<=>(const Posting&, const Posting&) = default;
};

void append_number(std::string& out, std::uint32_t number);
// Takes a number off the front; false when there is no whole one.
bool take_number(std::string_view& bytes, std::uint32_t& number);

// In the order of their documents, none of them before `first`.
std::string encode_postings(std::span<const Posting> postings, std::uint32_t first);
// Adds them to `into`; `corrupt` unless all are in order and between `first` and `end`.
base::Result<void> decode_postings(std::string_view bytes, std::uint32_t first, std::uint32_t end,
                                   std::vector<Posting>& into);

// The terms of one document: their numbers in order, and how often each stands there.
struct TermCount {
  std::uint32_t term = 0;
  std::uint32_t count = 0;
  friend bool operator==(const TermCount&, const TermCount&) = default;
};
std::string encode_terms(std::span<const TermCount> terms);
base::Result<std::vector<TermCount>> decode_terms(std::string_view bytes);

}  // namespace lilux::search

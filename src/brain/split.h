#pragma once

// A request in its parts: sentences, and what "and then", "also" or a second verb behind "and" sets apart. Pure; any
// thread.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lilux::brain {

inline constexpr std::size_t kPartsMax = 12;

// At least one part; together they are the text without what joins them. `acts` are further words, in small letters,
// that begin a request.
std::vector<std::string_view> split_request(std::string_view text, std::span<const std::string> acts = {});

// What stands between two things that may each be a request, or the values of one.
struct Cut {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_weak = false;  // a comma alone
};

// Ends of sentences, "and", "then", semicolons and commas outside of quotes and brackets.
std::vector<Cut> cuts_of(std::string_view text);

}  // namespace lilux::brain

#pragma once

// A sentence as the pieces that values are made of: words without the marks around them, each with its place in the
// text, its stem and what stands before it. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search/words.h"

namespace lilux::brain {

inline constexpr std::size_t kRequestBytesMax = 16 * 1024;  // of one request; the rest is not read
inline constexpr std::size_t kRequestTokensMax = 600;

// What stands between a token and the one before it.
enum class Gap : std::uint8_t { start, space, comma, stop, open, close, quote, equals, colon, none };

struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string lower = {};
  std::string stem = {};  // empty: a word that says nothing of what a text is about
  Gap gap = Gap::start;
  bool is_capital = false;  // begins with a capital letter
  bool is_upper = false;    // two letters or more, all capital
  bool has_digit = false;
  bool is_number = false;    // digits, points and commas alone
  bool begins_text = false;  // the first of a sentence
  bool is_stop() const { return stem.empty(); }
};

struct Text {
  std::string text = {};
  std::vector<Token> tokens = {};
  bool is_small = false;  // no capital letter but for the first one of the text

  std::string_view span(std::size_t first, std::size_t last) const {
    return std::string_view(text).substr(tokens[first].begin, tokens[last].end - tokens[first].begin);
  }
};

Text read_text(std::string_view text, search::Words& words);

// The parts of a name as they are written, in small letters: startDate, start_date.
std::vector<std::string> name_parts(std::string_view name);
// The parts of names like getUserName, get_user_name or get-user.name as stems, words that say nothing left out.
std::vector<std::string> name_stems(std::string_view name, search::Words& words);
// The stems of a text in order, words that say nothing left out.
std::vector<std::string> text_stems(std::string_view text, search::Words& words);

bool is_letter(char c);
bool is_digit(char c);
std::string lowered(std::string_view text);

}  // namespace lilux::brain

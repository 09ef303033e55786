#include "text/private_number.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace lilux::text {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// The letters and digits from there on as long as `fits` takes them, over single blanks and dashes; empty within a
// word.
template <class Fits>
std::string row_at(std::string_view line, std::size_t at, std::size_t most, Fits fits) {
  std::string row;
  if (at > 0 && (is_digit(line[at - 1]) || is_letter(line[at - 1]))) return row;
  for (; at < line.size() && row.size() <= most; ++at) {
    const bool is_between = (line[at] == ' ' || line[at] == '-') && !row.empty() && at + 1 < line.size();
    if (is_between && fits(line[at + 1])) continue;
    if (!fits(line[at])) break;
    row += lower(line[at]);
  }
  return row;
}

// ISO/IEC 7812: the last digit makes the sum a multiple of ten. No card begins with 0, 1, 7, 8 or 9.
bool is_card(std::string_view digits) {
  constexpr std::size_t kMin = 13;
  constexpr std::size_t kMax = 19;
  if (digits.size() < kMin || digits.size() > kMax || digits.front() < '2' || digits.front() > '6') return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int twice = digit * 2;
    sum += i % 2 == 0 ? digit : (twice > 9 ? twice - 9 : twice);
  }
  return sum % 10 == 0;
}

// ISO 13616: the first four behind the rest, letters as two digits, leave 1 when divided by 97.
bool is_account(std::string_view row) {
  constexpr std::size_t kMin = 15;
  constexpr std::size_t kMax = 34;
  if (row.size() < kMin || row.size() > kMax || !is_letter(row[0]) || !is_letter(row[1])) return false;
  if (!is_digit(row[2]) || !is_digit(row[3])) return false;
  int rest = 0;
  for (const char c : std::string(row.substr(4)).append(row.substr(0, 4)))
    rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'a' + 10)) % 97;
  return rest == 1;
}

// The number of an account may be followed by words, which a row takes in as well.
bool begins_with_account(std::string_view row) {
  constexpr std::size_t kMin = 15;
  for (std::size_t size = kMin; size <= row.size(); ++size)
    if (is_account(row.substr(0, size))) return true;
  return false;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (is_digit(c) || is_letter(c) || c == '-')
      words.back() += lower(c);
    else if (!words.back().empty())
      words.emplace_back();
  }
  return words;
}

// How many digits the word is, dashes between them not counted.
std::optional<std::size_t> digits_of(std::string_view word) {
  if (word.empty() || word.find_first_not_of("0123456789-") != std::string_view::npos) return std::nullopt;
  return static_cast<std::size_t>(std::ranges::count_if(word, is_digit));
}

// "my pin is 4821", "4821 opens the safe, code 12": a number beside the word for what it is.
bool has_code(std::string_view line) {
  constexpr std::array<std::string_view, 13> kCodes{"pin",  "pins", "pincode", "passcode", "puk",         "tan", "cvv",
                                                    "cvv2", "cvc",  "otp",     "ssn",      "combination", "code"};
  constexpr std::size_t kMin = 3;
  constexpr std::size_t kMinOfCode = 4;  // of three are those that programs end with and servers answer
  constexpr std::size_t kMax = 12;
  const std::vector<std::string> words = words_of(line);
  const auto says = [&](std::string_view word) { return std::ranges::find(words, word) != words.end(); };
  const bool names_one = std::ranges::any_of(kCodes, says);
  const std::size_t least = std::ranges::any_of(kCodes.begin(), kCodes.end() - 1, says) ? kMin : kMinOfCode;
  return std::ranges::any_of(words, [&](const std::string& word) {
    const std::optional<std::size_t> digits = digits_of(word);
    const bool is_social_security = word.size() == 11 && word[3] == '-' && word[6] == '-' && digits == 9U;
    return is_social_security || (names_one && digits && *digits >= least && *digits <= kMax);
  });
}

}  // namespace

bool has_private_number(std::string_view line) {
  constexpr std::size_t kCardMax = 19;
  constexpr std::size_t kAccountMax = 34;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (is_digit(line[at]) && is_card(row_at(line, at, kCardMax, is_digit))) return true;
    const auto is_either = [](char c) { return is_digit(c) || is_letter(c); };
    if (is_letter(line[at]) && begins_with_account(row_at(line, at, kAccountMax, is_either))) return true;
  }
  return has_code(line);
}

}  // namespace lilux::text

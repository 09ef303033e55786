#include "text/private.h"

#include <algorithm>
#include <array>
#include <string>

#include "text/private_number.h"

namespace lilux::text {

namespace {

constexpr auto kNames = std::to_array<std::string_view>({"password", "passwd", "passphrase", "secret", "token",
                                                         "api_key", "apikey", "api-key", "access_key", "private_key",
                                                         "bearer", "authorization", "credential", "pwd="});
// What keys of well-known services begin with.
constexpr auto kBeginnings = std::to_array<std::string_view>(
    {"sk-",   "sk_live_", "sk_test_", "rk_live_", "ghp_", "gho_",  "ghs_",    "ghu_", "ghr_", "github_pat_", "glpat-",
     "xoxb-", "xoxp-",    "xoxa-",    "hf_",      "npm_", "pypi-", "dop_v1_", "AKIA", "ASIA", "AIza",        "eyJ"});
constexpr std::size_t kKeyMin = 12;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

// A long row of letters and digits behind a beginning that keys have.
bool has_key(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (at > 0 && is_word(line[at - 1])) continue;
    const std::string_view rest = line.substr(at);
    const std::size_t size = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin());
    const bool begins =
        std::ranges::any_of(kBeginnings, [&](std::string_view start) { return rest.starts_with(start); });
    if (begins && size >= kKeyMin) return true;
  }
  return false;
}

// user:password@ of an address.
bool has_login(std::string_view line) {
  for (std::size_t at = line.find("://"); at != std::string_view::npos; at = line.find("://", at + 3)) {
    const std::string_view place = line.substr(at + 3, line.substr(at + 3).find_first_of("/ \t"));
    const std::size_t end = place.find('@');
    if (end != std::string_view::npos && place.substr(0, end).find(':') != std::string_view::npos) return true;
  }
  return false;
}

// curl -u user:password
bool has_user_option(std::string_view line) {
  for (const std::string_view option : {" -u ", " --user ", " --user="}) {
    const std::size_t at = line.find(option);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = line.substr(at + option.size());
    if (rest.substr(0, rest.find(' ')).find(':') != std::string_view::npos) return true;
  }
  return false;
}

constexpr std::size_t kMadeUpMin = 10;
constexpr std::size_t kTurnsMin = 3;
constexpr std::size_t kTurnsMinOfMixed = 2;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_hexadecimal(std::string_view word) {
  return word.find_first_not_of("0123456789abcdefABCDEF-:") == std::string_view::npos;
}

// As calls and tasks are named: "cd20mw3wwab4e".
bool is_identifier(std::string_view word) {
  constexpr std::size_t kSize = 13;
  return word.size() == kSize && (word[0] == 'c' || word[0] == 't') &&
         std::ranges::all_of(word, [](char c) { return is_digit(c) || is_lower(c); });
}

// Letters and digits alone.
bool takes_turns(std::string_view piece) {
  if (piece.size() < kMadeUpMin) return false;
  std::size_t turns = 0;
  for (std::size_t i = 1; i < piece.size(); ++i) turns += is_digit(piece[i]) != is_digit(piece[i - 1]) ? 1U : 0U;
  const bool is_mixed = std::ranges::any_of(piece, is_lower) && std::ranges::any_of(piece, is_upper);
  return turns >= (is_mixed ? kTurnsMinOfMixed : kTurnsMin);
}

bool is_made_up(std::string_view word) {
  if (word.size() < kMadeUpMin || is_hexadecimal(word) || is_identifier(word)) return false;
  if (word.find_first_of("/\\()[]{}<>*?=:~") != std::string_view::npos) return false;
  const bool has_letter = std::ranges::any_of(word, [](char c) { return is_lower(c) || is_upper(c); });
  const bool has_sign = word.find_first_of("!#$%&^+@") != std::string_view::npos;
  const bool is_address = word.find('@') != std::string_view::npos && word.find('.') != std::string_view::npos;
  if (has_sign && has_letter && !is_address && std::ranges::any_of(word, is_digit)) return true;
  for (std::size_t begin = 0; begin < word.size() && !is_address;) {
    const std::size_t end = std::min(word.find_first_of("-_.", begin), word.size());
    const std::string_view piece = word.substr(begin, end - begin);
    if (!is_hexadecimal(piece) && takes_turns(piece)) return true;
    begin = end + 1;
  }
  return false;
}

// "log in as ana with hunter2": what one gets in with. "sign in with a key" says none.
bool has_spoken_login(std::string_view lower) {
  constexpr auto kIn = std::to_array<std::string_view>(
      {"log in", "login", "log on", "logon", "sign in", "authenticate", "unlock", "decrypt", "connect"});
  if (std::ranges::none_of(kIn, [&](std::string_view verb) { return lower.find(verb) != std::string_view::npos; }))
    return false;
  const bool names_whom = lower.find(" as ") != std::string_view::npos;
  for (const std::string_view with : {" with ", " using "}) {
    for (std::size_t at = lower.find(with); at != std::string_view::npos; at = lower.find(with, at + 1)) {
      const std::string_view rest = lower.substr(at + with.size());
      const std::string_view word = rest.substr(0, rest.find_first_of(" ,\"'"));
      const bool is_path = word.find_first_of("./~") != std::string_view::npos;
      const bool is_mixed = word.find_first_of("0123456789!#$%&^+@") != std::string_view::npos;
      const bool is_last = word.size() == rest.size();
      if (word.size() > 3 && !is_path && (is_mixed || (names_whom && is_last))) return true;
    }
  }
  return false;
}

}  // namespace

bool has_made_up_word(std::string_view line) {
  constexpr std::string_view kBetween = " \t\n\r\"'`,;|";
  for (std::size_t begin = 0; begin < line.size();) {
    const std::size_t end = std::min(line.find_first_of(kBetween, begin), line.size());
    if (is_made_up(line.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

bool is_private(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) return true;
  std::string lower(line);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto names_one = [&](std::string_view name) { return lower.find(name) != std::string::npos; };
  return std::ranges::any_of(kNames, names_one) || has_key(line) || has_login(line) || has_user_option(line) ||
         line.find("PRIVATE KEY-----") != std::string_view::npos || has_spoken_login(lower) || has_private_number(line);
}

bool may_hold_secret(std::string_view text) {
  return is_private(text) || has_made_up_word(text);
}

}  // namespace lilux::text

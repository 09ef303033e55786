#include "text/private.h"

#include <algorithm>
#include <array>
#include <string>

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

}  // namespace

bool is_private(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) return true;
  std::string lower(line);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto names_one = [&](std::string_view name) { return lower.find(name) != std::string::npos; };
  return std::ranges::any_of(kNames, names_one) || has_key(line) || has_login(line) || has_user_option(line) ||
         line.find("PRIVATE KEY-----") != std::string_view::npos;
}

}  // namespace lilux::text

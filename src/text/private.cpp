#include "text/private.h"

#include <algorithm>
#include <array>
#include <string>

namespace lilux::text {

namespace {

constexpr std::array<std::string_view, 12> kNames{"password",   "passwd",  "passphrase", "secret",
                                                  "token",      "api_key", "apikey",     "api-key",
                                                  "access_key", "bearer",  "credential", "pwd="};
// What keys of well-known services begin with.
constexpr std::array<std::string_view, 11> kBeginnings{"sk-",   "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-",
                                                       "xoxp-", "AKIA", "ASIA", "AIza",        "eyJ"};
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
  const std::size_t scheme = line.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view place = line.substr(scheme + 3, line.substr(scheme + 3).find_first_of("/ \t"));
  const std::size_t at = place.find('@');
  return at != std::string_view::npos && place.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace

bool is_private(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t')) return true;
  std::string lower(line);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto names_one = [&](std::string_view name) { return lower.find(name) != std::string::npos; };
  return std::ranges::any_of(kNames, names_one) || has_key(line) || has_login(line) ||
         line.find("PRIVATE KEY-----") != std::string_view::npos;
}

}  // namespace lilux::text

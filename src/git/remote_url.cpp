// Which URLs of remotes are let through.

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "git/remote.h"
#include "sys/error.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kUrlBytesMax = 2048;

struct Authority {
  std::string_view user;
  std::string_view host;
  std::string_view port = {};
};

Authority authority_of(std::string_view rest) {
  rest = rest.substr(0, rest.find('/'));
  const std::size_t at = rest.rfind('@');
  const std::string_view user = at == std::string_view::npos ? std::string_view() : rest.substr(0, at);
  if (at != std::string_view::npos) rest.remove_prefix(at + 1);
  const std::size_t end = rest.starts_with('[') ? rest.find(']') + 1 : std::min(rest.find(':'), rest.size());
  std::string_view port = rest.substr(end);
  if (port.starts_with(':')) port.remove_prefix(1);
  return {.user = user, .host = rest.substr(0, end), .port = port};
}

bool is_loopback(std::string_view host) {
  constexpr std::array<std::string_view, 3> kNames{"localhost", "127.0.0.1", "[::1]"};
  return std::ranges::find(kNames, host) != kNames.end();
}

std::unexpected<base::Error> no_url(std::string_view url) {
  return base::fail(ErrorCode::invalid_argument, sys::quoted(url) + " is no URL of a repository",
                    "a path, https://host/path, ssh://user@host/path or user@host:path");
}

Result<void> check_authority(std::string_view scheme, std::string_view url, const Authority& authority) {
  if (authority.host.empty() || authority.host.starts_with('-')) return no_url(url);
  if (authority.user.find(':') != std::string_view::npos || (scheme == "https" && !authority.user.empty())) {
    return base::fail(ErrorCode::denied, "the URL for " + sys::quoted(authority.host) + " carries a secret",
                      "leave it out of the URL and give it as a token");
  }
  const bool is_open = scheme == "http" || scheme == "git";
  if (!is_open || is_loopback(authority.host)) return {};
  return base::fail(ErrorCode::denied,
                    sys::quoted(scheme) + " to " + sys::quoted(authority.host) + " can be changed on the way",
                    "use https or ssh");
}

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array kSchemes{Scheme{"https", 443}, Scheme{"ssh", 22}, Scheme{"http", 80}, Scheme{"git", 9418}};

}  // namespace

Result<void> check_url(std::string_view url) {
  const bool is_plain = std::ranges::all_of(url, [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (url.empty() || url.size() > kUrlBytesMax || (!is_plain && !url.starts_with('/'))) return no_url(url);
  if (std::ranges::any_of(url, [](unsigned char c) { return std::iscntrl(c) != 0; })) return no_url(url);
  if (url.starts_with('/') || url.starts_with("file:///")) return {};
  const std::size_t end = url.find("://");
  if (end == std::string_view::npos) {
    const std::size_t colon = url.find(':');
    if (colon == std::string_view::npos || url.find('/') < colon) return no_url(url);
    return check_authority("ssh", url, authority_of(url.substr(0, colon)));
  }
  const std::string_view scheme = url.substr(0, end);
  if (std::ranges::find(kSchemes, scheme, &Scheme::name) == kSchemes.end()) return no_url(url);
  return check_authority(scheme, url, authority_of(url.substr(end + 3)));
}

Result<std::optional<Endpoint>> endpoint_of(std::string_view url) {
  TRY(check_url(url));
  if (!path_of(url).empty()) return std::optional<Endpoint>();
  const std::size_t end = url.find("://");
  const bool is_short = end == std::string_view::npos;  // user@host:path
  const Authority authority = authority_of(is_short ? url.substr(0, url.find(':')) : url.substr(end + 3));
  Endpoint found{.host = std::string(authority.host)};
  std::ranges::transform(found.host, found.host.begin(), [](unsigned char c) { return std::tolower(c); });
  found.port = std::ranges::find(kSchemes, is_short ? "ssh" : url.substr(0, end), &Scheme::name)->port;
  if (authority.port.empty()) return std::optional(found);
  const auto [rest, error] =
      std::from_chars(authority.port.data(), authority.port.data() + authority.port.size(), found.port);
  if (error != std::errc() || rest != authority.port.data() + authority.port.size()) return no_url(url);
  return std::optional(found);
}

std::string path_of(std::string_view url) {
  if (url.starts_with("file://")) url.remove_prefix(std::string_view("file://").size());
  return url.starts_with('/') ? std::string(url) : std::string();
}

}  // namespace lilux::git

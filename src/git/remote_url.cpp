#include "git/remote_url.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/number.h"
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
  if (!port.empty() && !port.starts_with(':')) return {.user = user, .host = rest};  // "[::1]x", which is no host
  if (!port.empty()) port.remove_prefix(1);
  return {.user = user, .host = rest.substr(0, end), .port = port};
}

bool is_letter_or_digit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Nothing that libgit2 may read in another way than we do: for it '?' and '#' end the authority, and '%' is decoded.
bool is_name(std::string_view text) {
  constexpr std::string_view kMarks = "._~-";
  return std::ranges::all_of(text, [&](char c) { return is_letter_or_digit(c) || kMarks.contains(c); });
}

bool is_host(std::string_view host) {
  constexpr std::string_view kAddress = "0123456789abcdefABCDEF:.";
  if (host.starts_with('['))
    return host.size() > 2 && host.ends_with(']') &&
           host.substr(1, host.size() - 2).find_first_not_of(kAddress) == std::string_view::npos;
  return is_name(host) && !host.empty() && !host.starts_with('-') && !host.ends_with('.');
}

// Absent, or one that everybody reads alike: 0 and 022 are not.
bool is_port(std::string_view port) {
  return port.empty() || (base::number_from<std::uint16_t>(port) && !port.starts_with('0'));
}

// A password in it is told as what it is.
bool is_plain(const Authority& authority) {
  const std::string_view user = authority.user.substr(0, authority.user.find(':'));
  return is_name(user) && !user.starts_with('-') && is_host(authority.host) && is_port(authority.port);
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
  if (!is_plain(authority)) return no_url(url);
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
  const bool is_whole = std::ranges::all_of(url, [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (url.empty() || url.size() > kUrlBytesMax || (!is_whole && !url.starts_with('/'))) return no_url(url);
  if (std::ranges::any_of(url, [](unsigned char c) { return std::iscntrl(c) != 0; })) return no_url(url);
  if (url.starts_with("file:///") && url.contains('%'))
    return no_url(url);  // git decodes it, a path of ours is as it is
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
  found.port = base::number_from<std::uint16_t>(authority.port).value_or(found.port);  // check_url has seen to it
  return std::optional(found);
}

std::string path_of(std::string_view url) {
  if (url.starts_with("file://")) url.remove_prefix(std::string_view("file://").size());
  return url.starts_with('/') ? std::string(url) : std::string();
}

std::string spelled_for_git(std::string_view url) {
  constexpr std::string_view kPlain = "/._~-";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::string path = path_of(url);
  if (path.empty()) return std::string(url);
  std::string spelled = "file://";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_letter_or_digit(c) || kPlain.contains(c))
      spelled += c;
    else
      spelled += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return spelled;
}

}  // namespace lilux::git

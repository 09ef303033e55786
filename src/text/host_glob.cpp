#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "text/glob.h"
#include "text/wildcard.h"

namespace lilux::text {

using base::Result;

namespace {

constexpr std::string_view kNameBytes = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

struct HostPort {
  std::string host;
  std::string port = "*";
};

enum class Wildcards : bool { refused, allowed };

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && !text.starts_with('0') && port <= 65535;
}

bool is_name(std::string_view host) {
  const bool has_empty_part = host.empty() || host.starts_with('.') || host.ends_with('.') || host.find("..") != host.npos;
  return !has_empty_part && host.find_first_not_of(kNameBytes) == std::string_view::npos;
}

// An address has many spellings; the one that the system writes stands for all.
std::optional<std::string> canonical_address(std::string_view bracketed) {
  const std::string inside(bracketed.substr(1, bracketed.size() - 2));
  in6_addr address{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_pton(AF_INET6, inside.c_str(), &address) != 1) return std::nullopt;
  if (inet_ntop(AF_INET6, &address, text.data(), text.size()) == nullptr) return std::nullopt;
  return "[" + std::string(text.data()) + "]";
}

std::optional<std::string> canonical_host(std::string_view text, Wildcards wildcards) {
  if (text.starts_with('[')) return canonical_address(text);
  std::string host(text);
  std::ranges::transform(host, host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (wildcards == Wildcards::allowed && host == "*") return host;
  if (host.ends_with('.')) host.pop_back();  // the root, which every name ends in
  const bool is_below = wildcards == Wildcards::allowed && host.starts_with("*.");
  if (!is_name(is_below ? std::string_view(host).substr(2) : host)) return std::nullopt;
  return host;
}

// Where the host ends: at the colon before the port, at the end without one.
std::size_t host_size(std::string_view target) {
  const std::size_t bracket = target.starts_with('[') ? target.find(']') : std::string_view::npos;
  return bracket != std::string_view::npos ? bracket + 1 : std::min(target.find(':'), target.size());
}

std::optional<HostPort> parse(std::string_view target, Wildcards wildcards) {
  if (target.find('\0') != std::string_view::npos) return std::nullopt;
  const std::size_t size = host_size(target);
  const auto host = canonical_host(target.substr(0, size), wildcards);
  if (!host) return std::nullopt;
  if (size == target.size()) return HostPort{.host = *host};
  const std::string_view port = target.substr(size + 1);
  if (target[size] != ':' || !(port == "*" || is_port(port))) return std::nullopt;
  return HostPort{.host = *host, .port = std::string(port)};
}

bool is_below(std::string_view host, std::string_view wildcard) {
  return wildcard.starts_with("*.") && host.size() > wildcard.size() - 1 && host.ends_with(wildcard.substr(1));
}

}  // namespace

Result<HostGlob> HostGlob::compile(std::string_view pattern) {
  if (pattern.empty()) return refused_pattern(pattern, "is empty, so it never matches", "write * for any host");
  if (!std::ranges::all_of(pattern, [](char c) { return c > 0x20 && c < 0x7f; })) {
    return refused_pattern(pattern, "holds characters that no host has", "write the host in its ASCII form");
  }
  if (pattern.find('/') != std::string_view::npos) {
    return refused_pattern(pattern, "has a scheme or a path, so it never matches a host", "write host:port");
  }
  auto parts = parse(pattern, Wildcards::allowed);
  if (!parts) {
    return refused_pattern(pattern, "is not a host with or without a port",
                       "like example.com, *.example.com:443, [::1]:80, *; a * only for all that stands before a dot");
  }
  HostGlob made;
  made.host_ = std::move(parts->host);
  made.port_ = std::move(parts->port);
  return made;
}

bool HostGlob::matches(std::string_view target) const {
  const auto parts = parse(target, Wildcards::refused);
  if (!parts || (port_ != "*" && port_ != parts->port)) return false;
  return host_ == "*" || host_ == parts->host || is_below(parts->host, host_);
}

bool covers(const HostGlob& wide, const HostGlob& narrow) {
  if (wide.port() != "*" && wide.port() != narrow.port()) return false;
  return wide.host() == "*" || wide.host() == narrow.host() || is_below(narrow.host(), wide.host());
}

}  // namespace lilux::text

#include "text/host_glob.h"

#include <algorithm>
#include <array>
#include <optional>

#include <arpa/inet.h>

#include "base/escape.h"
#include "base/number.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kHostBytesMax = 253;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Parts {
  std::string host;  // lower case; of an IPv6 address what stands in the brackets
  std::optional<std::string> port;
  bool is_bracketed = false;
};

std::optional<Parts> split(std::string_view target) {
  Parts parts;
  std::size_t host_end = target.find(':');
  if (target.starts_with('[')) {
    const std::size_t close = target.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parts.is_bracketed = true;
    parts.host = target.substr(1, close - 1);
    host_end = close + 1;
    if (host_end < target.size() && target[host_end] != ':') return std::nullopt;
  } else {
    parts.host = target.substr(0, host_end);
  }
  if (host_end < target.size()) parts.port = std::string(target.substr(host_end + 1));
  std::ranges::transform(parts.host, parts.host.begin(), lower);
  return parts;
}

bool is_port(std::string_view text) {
  const auto value = base::number_from<unsigned>(text);
  return value && *value > 0 && *value <= 65535 && text[0] != '0';
}

bool is_label_byte(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

std::vector<std::string_view> labels_of(std::string_view host) {  // from the right
  std::vector<std::string_view> labels;
  for (std::size_t end = host.size();;) {
    const std::size_t dot = end == 0 ? std::string_view::npos : host.rfind('.', end - 1);
    if (dot == std::string_view::npos) {
      labels.push_back(host.substr(0, end));
      return labels;
    }
    labels.push_back(host.substr(dot + 1, end - dot - 1));
    end = dot;
  }
}

// 0x7f.1, 127.1 and 2130706433 all reach 127.0.0.1; only the plain spelling is taken.
bool is_odd_address(const std::vector<std::string_view>& labels, std::string_view host) {
  const bool is_number = !labels[0].empty() && is_digit(labels[0][0]);
  if (!is_number) return false;
  const bool is_hex = labels[0].starts_with("0x");
  if (!is_hex && !std::ranges::all_of(labels[0], is_digit)) return false;
  in_addr address{};
  return inet_pton(AF_INET, std::string(host).c_str(), &address) != 1;
}

// The one spelling of an IPv6 address; of an IPv4 address in it, that of IPv4.
std::optional<std::string> spelled(const std::string& text) {
  in6_addr address{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    inet_ntop(AF_INET, address.s6_addr + 12, out.data(), out.size());
  } else {
    inet_ntop(AF_INET6, &address, out.data(), out.size());
  }
  return std::string(out.data());
}

std::unexpected<base::Error> bad_host(std::string_view target, std::string_view why) {
  return fail(ErrorCode::invalid_argument,
              "'" + base::escape_for_terminal(target.substr(0, 300)) + "' is no host: " + std::string(why),
              "write host:port, for example api.example.com:443 or [::1]:80");
}

bool is_plain_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<HostGlob::Choice> compile_address(std::string_view choice, const Parts& parts, HostGlob::Choice made) {
  const std::optional<std::string> address = spelled(parts.host);
  if (!address) return bad_pattern(choice, "has no IPv6 address in its brackets", "for example [::1]:80");
  const bool is_mapped = address->find(':') == std::string::npos;
  if (!is_mapped) {
    made.labels.push_back(TRY(Wild::compile(*address)));
    return made;
  }
  for (const std::string_view label : labels_of(*address)) made.labels.push_back(TRY(Wild::compile(label)));
  return made;
}

Result<HostGlob::Choice> compile_choice(std::string_view choice) {
  if (!is_plain_text(choice)) return bad_pattern(choice, "holds bytes that no host has", "write the host's ASCII form");
  if (choice.find('/') != std::string_view::npos) {
    return bad_pattern(choice, "has a scheme or a path, so it never matches a host", "write host:port alone");
  }
  if (choice.find('@') != std::string_view::npos) return bad_pattern(choice, "names a user", "write host:port alone");
  // A class is told from an address by what stands in it.
  const std::size_t close = choice.find(']');
  const bool is_address = choice.starts_with('[') && choice.substr(0, close).find(':') != std::string_view::npos;
  const auto parts = is_address || !choice.starts_with('[') ? split(choice) : std::nullopt;
  if (!parts) return bad_pattern(choice, "begins with a class", "begin with a letter, a digit or *");
  HostGlob::Choice made;
  if (parts->port && *parts->port != "*") {
    if (!is_port(*parts->port)) return bad_pattern(choice, "has a port that is none", "a number up to 65535, or *");
    made.port = *parts->port;
  }
  if (is_address) return compile_address(choice, *parts, std::move(made));
  if (parts->host.ends_with('.'))
    return bad_pattern(choice, "has a dot at its end, so it never matches", "leave it out");
  if (parts->host == "*") {
    made.is_any = true;
    return made;
  }
  std::vector<std::string_view> labels = labels_of(parts->host);
  if (labels.size() > 1 && labels.back() == "*") {
    made.is_open = true;
    labels.pop_back();
  }
  for (const std::string_view label : labels) {
    if (label.empty()) return bad_pattern(choice, "has an empty part, so it never matches", "one dot between parts");
    if (label == "**") return bad_pattern(choice, "has '**' in it", "*.example.com is every host below example.com");
    const bool is_possible = std::ranges::all_of(
        label, [](char c) { return is_label_byte(c) || c == '*' || c == '?' || c == '[' || c == ']' || c == '!'; });
    if (!is_possible) return bad_pattern(choice, "holds bytes that no host has", "letters, digits, - and _");
    made.labels.push_back(TRY(Wild::compile(label)));
  }
  const bool is_literal = !made.is_open && std::ranges::all_of(made.labels, &Wild::is_literal);
  if (is_literal && is_odd_address(labels, parts->host)) {
    return bad_pattern(choice, "is a number, but not a plain IPv4 address, so it never matches",
                       "for example 10.0.0.1");
  }
  return made;
}

bool choice_matches(const HostGlob::Choice& choice, const Host& host) {
  if (!choice.port.empty() && choice.port != host.port) return false;
  if (choice.is_any) return true;
  const std::size_t count = choice.labels.size();
  if (choice.is_open ? host.labels.size() <= count : host.labels.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!choice.labels[i].matches(host.labels[i])) return false;
  }
  return true;
}

bool choice_covers(const HostGlob::Choice& wide, const HostGlob::Choice& narrow) {
  if (!wide.port.empty() && wide.port != narrow.port) return false;
  if (wide.is_any) return true;
  if (narrow.is_any) return false;
  const std::size_t count = wide.labels.size();
  const std::size_t fewest = narrow.labels.size() + (narrow.is_open ? 1u : 0u);
  const bool fits = wide.is_open ? fewest > count : !narrow.is_open && fewest == count;
  if (!fits) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!wide.labels[i].covers(narrow.labels[i])) return false;
  }
  return true;
}

}  // namespace

Result<Host> Host::parse(std::string_view target) {
  if (!is_plain_text(target)) return bad_host(target, "it holds bytes that no host has");
  const auto parts = split(target);
  if (!parts) return bad_host(target, "its brackets do not fit");
  Host made{.labels = {}, .port = parts->port.value_or("")};
  if (parts->port && !is_port(*parts->port)) return bad_host(target, "its port is no number from 1 to 65535");
  std::string host = parts->host;
  if (parts->is_bracketed) {
    const auto address = spelled(host);
    if (!address) return bad_host(target, "there is no IPv6 address in its brackets");
    if (address->find(':') != std::string::npos) {
      made.labels.push_back(*address);
      return made;
    }
    host = *address;
  }
  if (host.empty() || host.size() > kHostBytesMax) return bad_host(target, "its length is none a host has");
  const std::vector<std::string_view> labels = labels_of(host);
  for (const std::string_view label : labels) {
    if (label.empty()) return bad_host(target, "it has a dot too many");
    if (!std::ranges::all_of(label, is_label_byte)) return bad_host(target, "it holds bytes that no host has");
  }
  if (is_odd_address(labels, host)) return bad_host(target, "it is a number, but not a plain IPv4 address");
  made.labels.assign(labels.begin(), labels.end());
  return made;
}

Result<HostGlob> HostGlob::compile(std::string_view pattern) {
  HostGlob made;
  for (const std::string& choice : TRY(choices_of(pattern))) made.choices_.push_back(TRY(compile_choice(choice)));
  return made;
}

bool HostGlob::matches(const Host& host) const {
  return std::ranges::any_of(choices_, [&](const Choice& choice) { return choice_matches(choice, host); });
}

bool HostGlob::matches(std::string_view target) const {
  const Result<Host> host = Host::parse(target);
  return host && matches(*host);
}

bool covers(const HostGlob& wide, const HostGlob& narrow) {
  return std::ranges::all_of(narrow.choices(), [&](const HostGlob::Choice& inner) {
    return std::ranges::any_of(wide.choices(), [&](const auto& outer) { return choice_covers(outer, inner); });
  });
}

}  // namespace lilux::text

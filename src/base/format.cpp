#include "base/format.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>

#include <arpa/inet.h>

#include "base/encoding.h"
#include "base/hostname.h"
#include "base/pattern.h"
#include "base/uri.h"

namespace lilux::base {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

// Takes a text apart from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // As many digits as there are.
  std::size_t digits() {
    std::size_t count = 0;
    for (; take("0123456789"); ++count) continue;
    return count;
  }
  // Exactly two digits, or four.
  bool number(std::size_t count, int& value) {
    if (rest_.size() < count || !std::ranges::all_of(rest_.substr(0, count), is_digit)) return false;
    value = 0;
    for (; count > 0; --count, rest_.remove_prefix(1)) value = value * 10 + (rest_.front() - '0');
    return true;
  }

 private:
  std::string_view rest_;
};

bool scan_date(Scanner& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!text.number(4, year) || !text.take("-") || !text.number(2, month) || !text.take("-") || !text.number(2, day))
    return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

bool scan_time(Scanner& text) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!text.number(2, hour) || !text.take(":") || !text.number(2, minute) || !text.take(":") || !text.number(2, second))
    return false;
  if (text.take(".") && text.digits() == 0) return false;
  int offset = 0;
  if (!text.take("Zz")) {
    const int sign = text.rest().starts_with('-') ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if (!text.take("+-") || !text.number(2, hours) || !text.take(":") || !text.number(2, minutes)) return false;
    if (hours > 23 || minutes > 59) return false;
    offset = sign * (hours * 60 + minutes);
  }
  constexpr int kDay = 24 * 60;
  const bool is_leap = second == 60 && (hour * 60 + minute - offset + kDay) % kDay == kDay - 1;
  return hour < 24 && minute < 60 && (second < 60 || is_leap);
}

bool is_date(std::string_view text) {
  Scanner scanner(text);
  return scan_date(scanner) && scanner.at_end();
}
bool is_time(std::string_view text) {
  Scanner scanner(text);
  return scan_time(scanner) && scanner.at_end();
}
bool is_date_time(std::string_view text) {
  Scanner scanner(text);
  return scan_date(scanner) && scanner.take("Tt") && scan_time(scanner) && scanner.at_end();
}

// One or more numbers with units that follow each other in `units` without a gap.
bool scan_units(Scanner& text, std::string_view units) {
  std::size_t next = std::string_view::npos;
  while (!text.at_end() && is_digit(text.rest().front())) {
    text.digits();
    const std::size_t unit = text.at_end() ? std::string_view::npos : units.find(text.rest().front());
    if (unit == std::string_view::npos || (next != std::string_view::npos && unit != next)) return false;
    text.take(units);
    next = unit + 1;
  }
  return next != std::string_view::npos;
}

bool is_duration(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.take("P")) return false;
  if (text.ends_with('W')) return scanner.digits() > 0 && scanner.take("W") && scanner.at_end();
  if (!scanner.rest().starts_with('T') && !scan_units(scanner, "YMD")) return false;
  return (!scanner.take("T") || scan_units(scanner, "HMS")) && scanner.at_end();
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return text.find('\0') == std::string_view::npos &&
         ::inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}
bool is_ipv4(std::string_view text) {
  return is_address(AF_INET, text);
}
bool is_ipv6(std::string_view text) {
  return is_address(AF_INET6, text);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t at = 0; (at = text.find('~', at)) != std::string_view::npos; ++at) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  const auto scan_number = [](Scanner& scanner) { return scanner.take("0") || scanner.digits() > 0; };
  Scanner scanner(text);
  if (!scan_number(scanner)) return false;
  if (scanner.take("+-") && (scanner.rest().starts_with('0') || scanner.digits() == 0)) return false;
  return scanner.rest() == "#" || is_json_pointer(scanner.rest());
}

enum class Alphabet : bool { uri, iri };

// Whether all characters are allowed there: unreserved, percent-encoded, sub-delimiters and `more`.
bool is_made_of(std::string_view text, std::string_view more, Alphabet alphabet) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_letter(c) && !is_digit(c) && std::string_view("-._~!$&'()*+,;=").find(c) == std::string_view::npos &&
               more.find(c) == std::string_view::npos && (is_ascii(c) || alphabet == Alphabet::uri)) {
      return false;
    }
  }
  return true;
}

bool is_host_literal(std::string_view text) {
  if (is_ipv6(text)) return true;
  const std::size_t dot = text.find('.');
  return text.size() > 2 && (text[0] | 0x20) == 'v' && dot != std::string_view::npos && dot > 1 &&
         dot + 1 < text.size() && std::ranges::all_of(text.substr(1, dot - 1), is_hex) &&
         text.find('%') == std::string_view::npos && is_made_of(text.substr(dot + 1), ":", Alphabet::uri);
}

bool is_authority(std::string_view text, Alphabet alphabet) {
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    if (!is_made_of(text.substr(0, at), ":", alphabet)) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_host_literal(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.size(), text.find(':'));
    if (!is_made_of(text.substr(0, colon), "", alphabet)) return false;
    port = text.substr(colon);
  }
  return port.empty() || (port.front() == ':' && std::ranges::all_of(port.substr(1), is_digit));
}

bool is_reference(std::string_view text, Alphabet alphabet) {
  const UriParts parts = split_uri(text);
  if (parts.authority && !is_authority(*parts.authority, alphabet)) return false;
  if (!is_made_of(parts.path, ":@/", alphabet)) return false;
  if (!parts.scheme && !parts.authority &&
      parts.path.substr(0, parts.path.find('/')).find(':') != std::string_view::npos)
    return false;
  return is_made_of(parts.query.value_or(""), ":@/?", alphabet) &&
         is_made_of(parts.fragment.value_or(""), ":@/?", alphabet);
}

template <Alphabet alphabet>
bool is_reference(std::string_view text) {
  return is_reference(text, alphabet);
}
template <Alphabet alphabet>
bool is_absolute(std::string_view text) {
  return split_uri(text).scheme && is_reference(text, alphabet);
}

// One variable of an expression: a name of letters, digits, _ and percent-encoded bytes with single dots inside, then
// perhaps :length or *.
bool is_variable(std::string_view text) {
  const std::size_t end = std::min(text.size(), text.find_first_of(":*"));
  const std::string_view name = text.substr(0, end);
  const auto is_part = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '%'; };
  if (name.empty() || name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos)
    return false;
  if (!std::ranges::all_of(name, is_part) || !percent_decode(name)) return false;
  Scanner modifier(text.substr(end));
  if (modifier.at_end()) return true;
  if (modifier.take("*")) return modifier.at_end();
  modifier.take(":");
  const bool has_zero = modifier.rest().starts_with('0');
  const std::size_t digits = modifier.digits();
  return !has_zero && digits > 0 && digits < 5 && modifier.at_end();
}

bool is_expression(std::string_view text) {
  if (!text.empty() && std::string_view("+#./;?&").find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  while (true) {
    const std::size_t comma = std::min(text.size(), text.find(','));
    if (!is_variable(text.substr(0, comma))) return false;
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

bool is_uri_template(std::string_view text) {
  while (!text.empty()) {
    const std::size_t open = std::min(text.size(), text.find('{'));
    const std::string_view literal = text.substr(0, open);
    const auto is_forbidden = [](char c) {
      return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F ||
             std::string_view("\"<>\\^`|}").find(c) != std::string_view::npos;
    };
    if (std::ranges::any_of(literal, is_forbidden) || !percent_decode(literal)) return false;
    text.remove_prefix(open);
    if (text.empty()) break;
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos || !is_expression(text.substr(1, close - 1))) return false;
    text.remove_prefix(close + 1);
  }
  return true;
}

bool is_regex(std::string_view text) {
  const Result<Pattern> pattern = Pattern::compile(text);
  return pattern || pattern.error().code == ErrorCode::unavailable;  // one that we only cannot search is still one
}

bool is_local_part(std::string_view text, Alphabet alphabet) {
  if (text.empty() || text.size() > 64) return false;
  if (!std::ranges::all_of(text, is_ascii) && alphabet == Alphabet::uri) return false;
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) {
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
      const char c = text[i];
      if (is_ascii(c) && (c < 0x20 || c == 0x7F || c == '"')) return false;
      if (c == '\\' && ++i + 1 >= text.size()) return false;
    }
    return true;
  }
  const auto is_atom = [](char c) {
    return !is_ascii(c) || is_letter(c) || is_digit(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  };
  return std::ranges::all_of(text, is_atom) && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos;
}

bool is_mail_address(std::string_view text, Alphabet alphabet, const HostnameCheck& hosts) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || !is_local_part(text.substr(0, at), alphabet)) return false;
  const std::string_view domain = text.substr(at + 1);
  if (!domain.starts_with('['))
    return alphabet == Alphabet::uri ? hosts.is_hostname(domain) : hosts.is_idn_hostname(domain);
  if (!domain.ends_with(']')) return false;
  const std::string_view literal = domain.substr(1, domain.size() - 2);
  return literal.starts_with("IPv6:") ? is_ipv6(literal.substr(5)) : is_ipv4(literal);
}

struct Row {
  std::string_view name;
  bool (*check)(std::string_view);
};
constexpr std::array kFormats{
    Row{"date", is_date},
    Row{"date-time", is_date_time},
    Row{"duration", is_duration},
    Row{"ipv4", is_ipv4},
    Row{"ipv6", is_ipv6},
    Row{"iri", is_absolute<Alphabet::iri>},
    Row{"iri-reference", is_reference<Alphabet::iri>},
    Row{"json-pointer", is_json_pointer},
    Row{"regex", is_regex},
    Row{"relative-json-pointer", is_relative_json_pointer},
    Row{"time", is_time},
    Row{"uri", is_absolute<Alphabet::uri>},
    Row{"uri-reference", is_reference<Alphabet::uri>},
    Row{"uri-template", is_uri_template},
    Row{"uuid", is_uuid},
};

}  // namespace

FormatCheck format_check(std::string_view name) {
  const auto* found = std::ranges::find(kFormats, name, &Row::name);
  if (found != kFormats.end()) return found->check;
  const Alphabet alphabet = name.starts_with("idn-") ? Alphabet::iri : Alphabet::uri;
  if (alphabet == Alphabet::iri) name.remove_prefix(4);
  if (name != "hostname" && name != "email") return {};
  const HostnameCheck hosts;
  if (name == "email") return [=](std::string_view text) { return is_mail_address(text, alphabet, hosts); };
  if (alphabet == Alphabet::uri) return [=](std::string_view text) { return hosts.is_hostname(text); };
  return [=](std::string_view text) { return hosts.is_idn_hostname(text); };
}

}  // namespace lilux::base

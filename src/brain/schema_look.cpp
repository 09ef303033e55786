#include "brain/schema_look.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

constexpr std::array<std::pair<std::string_view, Look>, 9> kFormats{{{"email", Look::email},
                                                                     {"idn-email", Look::email},
                                                                     {"uri", Look::url},
                                                                     {"url", Look::url},
                                                                     {"iri", Look::url},
                                                                     {"uuid", Look::uuid},
                                                                     {"ipv4", Look::address},
                                                                     {"ipv6", Look::address},
                                                                     {"phone", Look::phone}}};

constexpr std::array<std::pair<std::string_view, Look>, 12> kNames{{{"email", Look::email},
                                                                    {"emails", Look::email},
                                                                    {"url", Look::url},
                                                                    {"uri", Look::url},
                                                                    {"urls", Look::url},
                                                                    {"iban", Look::iban},
                                                                    {"uuid", Look::uuid},
                                                                    {"ip", Look::address},
                                                                    {"phone", Look::phone},
                                                                    {"date", Look::date},
                                                                    {"deadline", Look::date},
                                                                    {"glob", Look::glob}}};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t digits_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
}

// Letters of a country, two digits, and 11 letters and digits or more, with or without spaces.
bool is_iban(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != ' ') plain += c;
  }
  return plain.size() >= 15 && plain.size() <= 34 && is_letter(plain[0]) && is_letter(plain[1]) && is_digit(plain[2]) &&
         is_digit(plain[3]) && std::ranges::all_of(plain, [](char c) { return is_letter(c) || is_digit(c); });
}

// Words of which one at least stands in what tells a day or a length of time without a digit.
constexpr std::string_view kOfTime =
    " today tonight tomorrow yesterday now day days week weeks weekend month months year years quarter quarters "
    "century "
    "decade decades hour hours minute minutes second seconds morning noon midnight midday evening night afternoon "
    "spring "
    "summer autumn fall winter christmas easter thanksgiving halloween ramadan holiday holidays ago monday tuesday "
    "wednesday thursday friday saturday sunday january february march april may june july august september october "
    "november december jan feb mar apr jun jul aug sep sept oct nov dec current currently latest recent recently asap "
    "immediately daily weekly monthly yearly annually hourly eve birthday anniversary era age forever soon later ";

bool tells_time(std::string_view text) {
  if (digits_in(text) > 0) return true;
  std::string word;
  for (const char c : lowered(text) + " ") {
    if (is_letter(c)) {
      word += c;
    } else {
      if (!word.empty() && has(kOfTime, " " + word + " ")) return true;
      word.clear();
    }
  }
  return false;
}

bool is_uuid(std::string_view text) {
  return text.size() >= 32 && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
         });
}

bool is_url(std::string_view text) {
  return !has(text, " ") &&
         (has(text, "://") || has(text, ".") || text.starts_with("localhost") || text.starts_with('/'));
}

}  // namespace

Look look_of(const Told& told) {
  const auto* format = std::ranges::find(kFormats, told.format, &std::pair<std::string_view, Look>::first);
  if (format != kFormats.end()) return format->second;
  if (told.format == "date" || told.format == "date-time") return Look::date;
  const std::vector<std::string> parts = name_parts(told.name);
  if (parts.empty()) return Look::any;
  const std::string lower = lowered(told.description);
  if (has(lower, "iban")) return Look::iban;
  if (has(lower, "glob ") || (parts.back() == "pattern" && !has(lower, "reg"))) return Look::glob;
  constexpr std::string_view kEnds = " start end from to since until before after ";
  if (has(kEnds, " " + parts.back() + " ") && has(lower, "date") && !has(lower, "update")) return Look::date;
  std::string_view last = parts.back();
  const bool is_of_kind = last == "address" || last == "number";
  if (is_of_kind && parts.size() > 1) last = parts[parts.size() - 2];
  const auto* named = std::ranges::find(kNames, last, &std::pair<std::string_view, Look>::first);
  return named == kNames.end() ? Look::any : named->second;
}

bool looks_like(Look look, std::string_view text) {
  switch (look) {
    case Look::any: return true;
    case Look::email: return has(text, "@") && !has(text, " ") && !text.starts_with('@') && !text.ends_with('@');
    case Look::url: return is_url(text);
    case Look::phone: return digits_in(text) >= 3;
    case Look::iban: return is_iban(text);
    case Look::date: return tells_time(text);
    case Look::uuid: return is_uuid(text);
    case Look::address: return (has(text, ".") || has(text, ":") || text == "localhost") && !has(text, " ");
    case Look::glob: return true;
  }
  return true;
}

}  // namespace lilux::brain

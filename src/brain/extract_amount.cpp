#include "brain/extract_amount.h"

#include <algorithm>
#include <array>
#include <string>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

// The word that ends at `end`, without the space in front of it.
std::string_view word_before(std::string_view lower, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && is_letter(lower[begin - 1])) --begin;
  return lower.substr(begin, end - begin);
}

std::string_view word_from(std::string_view lower, std::size_t begin) {
  std::size_t end = begin;
  while (end < lower.size() && is_letter(lower[end])) ++end;
  return lower.substr(begin, end - begin);
}

bool follows(std::string_view lower, std::size_t at, std::string_view words) {
  return at <= lower.size() && lower.substr(at).starts_with(words);
}

bool is_half(std::string_view lower, const Quantity& one) {
  return word_from(lower, one.begin) == "half";
}

void set_unit(Quantity& one, const Unit& unit, std::size_t end) {
  one.unit = unit;
  one.unit_end = end;
}

// "half an hour", "half a mile".
void read_half_of(std::string_view lower, Quantity& half) {
  for (const std::string_view article : {std::string_view(" an "), std::string_view(" a ")}) {
    if (!follows(lower, half.end, article)) continue;
    const std::string_view name = word_from(lower, half.end + article.size());
    if (const auto unit = unit_named(name)) set_unit(half, *unit, half.end + article.size() + name.size());
  }
}

// "two" and "a half minutes" as 2.5 minutes, "2 hours" and "a half" as 2.5 hours, "2" and "1/2" as 2.5.
bool take_half(std::string_view lower, Quantity& one, const Quantity& next) {
  const std::string_view between = lower.substr(one.unit_end, next.begin - one.unit_end);
  const bool is_word = is_half(lower, next) && (between == " and a " || between == " and ");
  const bool is_written = !next.is_whole && next.value < 1 && (between == " " || between == " and ") &&
                          lower.substr(next.begin, next.end - next.begin).find('/') != std::string_view::npos;
  if (one.is_ordinal || one.is_percent || !one.is_whole || !(is_word || is_written)) return false;
  // "two and a half million"
  const double scale = is_word ? next.value * 2 : 1;
  one.value = one.value * scale + next.value;
  one.is_whole = scale > 1;
  one.end = next.end;
  if (next.unit)
    set_unit(one, *next.unit, next.unit_end);
  else
    one.unit_end = one.end;
  return true;
}

// "an hour and a half": the hour that stands before the half.
bool take_one_before(std::string_view lower, Quantity& half) {
  constexpr std::string_view kJoint = " and a ";
  if (!is_half(lower, half) || half.begin < kJoint.size()) return false;
  const std::size_t end = half.begin - kJoint.size();
  if (!follows(lower, end, kJoint)) return false;
  const std::string_view name = word_before(lower, end);
  const auto unit = unit_named(name);
  if (!unit || end < name.size() + 2) return false;
  const std::string_view article = word_before(lower, end - name.size() - 1);
  if (article != "a" && article != "an") return false;
  half.begin = end - name.size() - 1 - article.size();
  half.value = 1.5;
  set_unit(half, *unit, half.end);
  return true;
}

// "2h30": what is glued behind the hours are minutes.
void take_glued_minutes(std::string_view lower, Quantity& one) {
  if (!one.unit || one.unit->dimension != Dimension::time || one.unit->factor != 3600) return;
  const std::size_t at = one.unit_end;
  if (at == 0 || at + 1 >= lower.size() || lower[at - 1] != 'h' || !is_digit(lower[at]) || !is_digit(lower[at + 1]))
    return;
  if (at + 2 < lower.size() && (is_digit(lower[at + 2]) || is_letter(lower[at + 2]))) return;
  one.value += ((lower[at] - '0') * 10 + (lower[at + 1] - '0')) / 60.0;
  one.is_whole = false;
  one.end = one.unit_end = at + 2;
}

// "for an hour", "in a quarter of an hour": amounts without any number.
void add_without_number(std::string_view lower, std::vector<Quantity>& found) {
  constexpr std::array<std::string_view, 6> kQuarter{"three quarters of an hour", "a quarter of an hour",
                                                     "quarter of an hour",        "a quarter hour",
                                                     "quarter of a mile",         "quarter hour"};
  const auto add = [&](Quantity one) {
    const auto meets = [&](const Quantity& other) { return one.begin < other.unit_end && other.begin < one.unit_end; };
    std::erase_if(found, [&](const Quantity& other) { return other.begin >= one.begin && other.end <= one.end; });
    if (std::ranges::none_of(found, meets)) found.push_back(one);
  };
  for (const std::string_view phrase : kQuarter) {
    const std::size_t at = lower.find(phrase);
    if (at == std::string_view::npos) continue;
    Quantity one{.begin = at, .end = at + phrase.size(), .value = phrase.starts_with('t') ? 0.75 : 0.25};
    one.is_whole = false;
    one.is_word = true;
    set_unit(one, *unit_named(phrase.ends_with("mile") ? "mile" : "hour"), one.end);
    add(one);
    break;
  }
  for (const std::string_view before :
       {"for a ", "for an ", "in a ", "in an ", "within a ", "within an ", "after an "}) {
    for (std::size_t at = lower.find(before); at != std::string_view::npos; at = lower.find(before, at + 1)) {
      if (at > 0 && is_letter(lower[at - 1])) continue;
      const std::size_t begin = at + before.find(' ') + 1;
      const std::string_view name = word_from(lower, at + before.size());
      const auto unit = unit_named(name);
      if (!unit || unit->dimension != Dimension::time || name.size() < 3) continue;
      Quantity one{.begin = begin, .end = at + before.size() + name.size(), .value = 1, .is_word = true};
      set_unit(one, *unit, one.end);
      add(one);
    }
  }
}

bool is_joined(std::string_view between) {
  return between.empty() || between == " " || between == " and " || between == ", " || between == ", and ";
}

// The unit of a quantity behind another one: "1h 20m" is 20 minutes.
std::optional<Unit> unit_behind(std::string_view lower, const Quantity& before, const Quantity& one) {
  if (one.unit && before.unit->dimension == Dimension::time && lower.substr(one.end, one.unit_end - one.end) == "m")
    return unit_named("minute");
  return one.unit;
}

}  // namespace

std::vector<Quantity> with_halves(std::string_view text, std::vector<Quantity> found) {
  const std::string lower = lowered(text);
  std::vector<Quantity> all;
  for (Quantity& one : found) {
    if (!all.empty() && take_half(lower, all.back(), one)) continue;
    take_glued_minutes(lower, one);
    if (is_half(lower, one) && !take_one_before(lower, one)) read_half_of(lower, one);
    all.push_back(one);
  }
  add_without_number(lower, all);
  std::ranges::sort(all, {}, &Quantity::begin);
  return all;
}

std::vector<Sum> sums_of(std::string_view text, const std::vector<Quantity>& found) {
  const std::string lower = lowered(text);
  std::vector<Sum> sums;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Sum sum{.first = i, .last = i, .whole = found[i]};
    double least = found[i].unit ? found[i].unit->factor : 0;
    while (sum.whole.unit && sum.last + 1 < found.size()) {
      const Quantity& next = found[sum.last + 1];
      const auto unit = unit_behind(lower, sum.whole, next);
      const std::string_view between =
          std::string_view(lower).substr(sum.whole.unit_end, next.begin - sum.whole.unit_end);
      const bool is_part = unit && unit->dimension == sum.whole.unit->dimension && unit->factor < least &&
                           unit->dimension != Dimension::none && unit->dimension != Dimension::money &&
                           unit->dimension != Dimension::temperature;
      if (!is_part || next.begin < sum.whole.unit_end || !is_joined(between)) break;
      sum.whole.value += next.value * unit->factor / sum.whole.unit->factor;
      sum.whole.is_whole = false;
      sum.whole.end = next.end;
      sum.whole.unit_end = next.unit_end;
      least = unit->factor;
      ++sum.last;
    }
    if (sum.last == i) continue;
    sums.push_back(sum);
    i = sum.last;
  }
  return sums;
}

}  // namespace lilux::brain

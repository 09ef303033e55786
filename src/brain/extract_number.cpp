#include "brain/extract_number.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "brain/extract_amount.h"
#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

using enum Dimension;

struct NumberWord {
  std::string_view word;
  double value;
  bool is_ordinal;
};

constexpr NumberWord kNumberWords[] = {
    {"zero", 0, false},     {"one", 1, false},        {"two", 2, false},       {"three", 3, false},
    {"four", 4, false},     {"five", 5, false},       {"six", 6, false},       {"seven", 7, false},
    {"eight", 8, false},    {"nine", 9, false},       {"ten", 10, false},      {"eleven", 11, false},
    {"twelve", 12, false},  {"thirteen", 13, false},  {"fourteen", 14, false}, {"fifteen", 15, false},
    {"sixteen", 16, false}, {"seventeen", 17, false}, {"eighteen", 18, false}, {"nineteen", 19, false},
    {"twenty", 20, false},  {"thirty", 30, false},    {"forty", 40, false},    {"fifty", 50, false},
    {"sixty", 60, false},   {"seventy", 70, false},   {"eighty", 80, false},   {"ninety", 90, false},
    {"dozen", 12, false},   {"half", 0.5, false},     {"first", 1, true},      {"second", 2, true},
    {"third", 3, true},     {"fourth", 4, true},      {"fifth", 5, true},      {"sixth", 6, true},
    {"seventh", 7, true},   {"eighth", 8, true},      {"ninth", 9, true},      {"tenth", 10, true},
    {"once", 1, false},     {"twice", 2, false},      {"thrice", 3, false},    {"couple", 2, false},
};

double scale_of(std::string_view word) {
  if (word == "hundred") return 1e2;
  if (word == "thousand" || word == "k") return 1e3;
  if (word == "million" || word == "mn") return 1e6;
  if (word == "billion" || word == "bn") return 1e9;
  if (word == "trillion") return 1e12;
  return 0;
}

const NumberWord* number_word(std::string_view word) {
  const auto* found = std::ranges::find(kNumberWords, word, &NumberWord::word);
  return found == std::end(kNumberWords) ? nullptr : found;
}

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text), lower_(lowered(text)) {}

  std::vector<Quantity> find() {
    while (at_ < text_.size()) {
      const char before = at_ == 0 ? ' ' : text_[at_ - 1];
      const bool begins_word = !is_letter(before) && !is_digit(before) && before != '_';
      const bool is_second = is_times() && is_digit(peek(at_));
      if (!((begins_word || is_second) && (digits() || letters()))) ++at_;
    }
    return std::move(found_);
  }

 private:
  // Behind the x of "1600x900".
  bool is_times() const {
    const std::string_view before = text_.substr(0, at_);
    return !found_.empty() && found_.back().end < at_ && before.substr(found_.back().end) == "x";
  }

  char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  std::size_t word_end(std::size_t at) const {
    while (at < text_.size() && is_letter(text_[at])) ++at;
    return at;
  }

  // The word behind one space or hyphen, or nothing.
  std::string word_after(std::size_t at, std::size_t& end) const {
    if (peek(at) == ' ' || peek(at) == '-') ++at;
    end = word_end(at);
    return lowered(text_.substr(at, end - at));
  }

  bool digits() {
    std::size_t begin = at_;
    std::size_t at = at_;
    const char before = at_ == 0 ? ' ' : text_[at_ - 1];
    if (peek(at) == '-' && (is_digit(before) || is_letter(before))) return false;
    if (peek(at) == '-' || peek(at) == '+') ++at;
    if (peek(at) == '$' && begin != at) ++at;
    if (!is_digit(peek(at)) && !(peek(at) == '.' && is_digit(peek(at + 1)))) return false;
    if (before == '.' || (before == '-' && at_ >= 2 && is_digit(text_[at_ - 2]))) return skip_word(at);
    std::string plain = peek(begin) == '-' ? "-" : "";
    const std::size_t first = at;
    while (is_digit(peek(at)) || (peek(at) == ',' && is_thousands(at))) {
      if (text_[at] != ',') plain += text_[at];
      ++at;
    }
    Quantity number{.begin = begin};
    if (peek(at) == '.' && is_digit(peek(at + 1))) {
      number.is_whole = false;
      plain += text_[at++];
      while (is_digit(peek(at))) plain += text_[at++];
    }
    if (at == first || plain.size() > 40) return skip_word(at);
    if (peek(at) == 'e' || peek(at) == 'E') at = exponent(at, plain);
    number.value = std::strtod(plain.c_str(), nullptr);
    return finish(number, at);
  }

  bool is_thousands(std::size_t comma) const {
    return is_digit(peek(comma + 1)) && is_digit(peek(comma + 2)) && is_digit(peek(comma + 3)) &&
           !is_digit(peek(comma + 4));
  }

  std::size_t exponent(std::size_t at, std::string& plain) const {
    std::size_t end = at + 1;
    if (peek(end) == '-' || peek(end) == '+') ++end;
    if (!is_digit(peek(end))) return at;
    while (is_digit(peek(end))) ++end;
    plain += text_.substr(at, end - at);
    return end;
  }

  // Digits with letters behind them: a scale, an ordinal, a unit, or a part of a name that is no number.
  bool finish(Quantity number, std::size_t at) {
    if (peek(at) == '/' && is_digit(peek(at + 1)) && !is_digit(peek(at + 3)) && peek(at + 2) != '/') {
      const double below = peek(at + 1) - '0';
      if (below > 1 && number.value < below && !is_digit(peek(at + 2))) {
        number.value /= below;
        number.is_whole = false;
        at += 2;
      }
    }
    const std::size_t end = word_end(at);
    const std::string glued = lowered(text_.substr(at, end - at));
    number.end = at;
    if (!glued.empty()) {
      if (glued == "st" || glued == "nd" || glued == "rd" || glued == "th") {
        number.is_ordinal = true;
        number.end = end;
      } else if (scale_of(glued) > 0 && !unit_wanted(at, glued)) {
        number.value *= scale_of(glued);
        number.end = end;
      } else if ((glued == "m" || glued == "b") && at_ > 0 && text_[at_ - 1] == '$') {
        number.value *= glued == "m" ? 1e6 : 1e9;
        number.end = end;
      } else if (!unit_named(glued) && glued != "x" && glued != "am" && glued != "pm") {
        return skip_word(end);
      }
    } else if (std::size_t after = 0; scale_of(word_after(at, after)) > 0 && after > at + 2) {
      number.value *= scale_of(word_after(at, after));
      number.end = after;
    }
    if (at_ > 0 && text_[at_ - 1] == '$') number.unit = Unit{.dimension = money};
    add(number);
    return true;
  }

  // "298K" is a temperature where it stands alone in capitals and small; "50k" is a number.
  bool unit_wanted(std::size_t at, std::string_view glued) const {
    const bool is_warmth =
        lower_.find("temperature") != std::string::npos || lower_.find("kelvin") != std::string::npos;
    return glued == "k" && peek(at) == 'K' && (found_.empty() || is_warmth);
  }

  // "minus 20", "negative five"; not "5 minus 3".
  void take_sign(Quantity& number) const {
    for (const std::string_view sign : {std::string_view("minus "), std::string_view("negative ")}) {
      const std::string_view before = std::string_view(lower_).substr(0, number.begin);
      if (!before.ends_with(sign) || number.is_ordinal || number.value < 0) continue;
      const std::size_t begin = before.size() - sign.size();
      if (begin > 0 && (lower_[begin - 1] != ' ' || is_behind_number(begin))) continue;
      number.begin = begin;
      number.value = -number.value;
    }
  }

  bool is_behind_number(std::size_t at) const { return !found_.empty() && found_.back().unit_end + 1 >= at; }

  void add(Quantity number) {
    take_sign(number);
    number.unit_end = number.end;
    if (peek(number.end) == '%') {
      number.is_percent = true;
      number.unit_end = number.end + 1;
    }
    std::size_t after = 0;
    std::string name = word_after(number.end, after);
    if (name == "percent") {
      number.is_percent = true;
      number.unit_end = after;
    } else if (!number.is_percent) {
      read_unit(number);
    }
    at_ = std::max(number.unit_end, at_ + 1);
    found_.push_back(number);
  }

  // The longest of "/", "^" and letters behind the number that names a unit.
  void read_unit(Quantity& number) {
    std::size_t at = number.end;
    if (peek(at) == ' ' || peek(at) == '-') ++at;
    std::size_t end = at;
    while (end < text_.size() && end - at < 16 &&
           (is_letter(text_[end]) || text_[end] == '/' || text_[end] == '^' || is_digit(text_[end]) ||
            static_cast<unsigned char>(text_[end]) == 0xc2 || static_cast<unsigned char>(text_[end]) == 0xb0))
      ++end;
    for (std::size_t stop = end; stop > at; --stop) {
      if (stop < end && is_letter(text_[stop]) && is_letter(text_[stop - 1])) continue;
      const std::string name = lowered(text_.substr(at, stop - at));
      const bool is_apart = at > number.end;
      if (is_apart && (name == "a" || name == "c" || name == "f" || name == "s" || name == "k")) {
        if (name == "a" || text_[at] >= 'a') continue;
      }
      if (const auto unit = unit_named(name)) {
        const UnitAt whole = with_more(lower_, {.unit = *unit, .end = stop});
        number.unit = whole.unit;
        number.unit_end = whole.end;
        return;
      }
    }
  }

  bool letters() {
    std::size_t end = word_end(at_);
    if (end == at_) return false;
    const std::string first = lowered(text_.substr(at_, end - at_));
    const NumberWord* word = number_word(first);
    if (word == nullptr) {
      at_ = end;
      return true;
    }
    Quantity number{.begin = at_, .end = end, .value = word->value, .is_ordinal = word->is_ordinal, .is_word = true};
    number.is_whole = first != "half";
    if (!word->is_ordinal) more_words(number);
    add(number);
    return true;
  }

  void more_words(Quantity& number) const {
    double total = 0;
    double current = number.value;
    for (;;) {
      std::size_t end = 0;
      std::string word = word_after(number.end, end);
      if (word == "and" && current >= 100) word = word_after(end, end);
      const NumberWord* next = number_word(word);
      if (const double scale = scale_of(word); scale > 0) {
        current *= scale;
        if (scale > 100) {
          total += current;
          current = 0;
        }
      } else if (next != nullptr && next->value >= 1 && fits(current, next->value)) {
        current += next->value;
        number.is_ordinal = next->is_ordinal;
      } else {
        break;
      }
      number.end = end;
    }
    number.value = total + current;
  }

  // Whether "twenty" takes "five": what comes after is smaller than the last place that is filled.
  static bool fits(double current, double next) {
    if (current == 0) return true;
    const double rest = std::fmod(current, 100);
    if (rest == 0) return next < 100;
    return rest >= 20 && std::fmod(rest, 10) == 0 && next < 10;
  }

  bool skip_word(std::size_t at) {
    while (at < text_.size() &&
           (is_letter(text_[at]) || is_digit(text_[at]) || text_[at] == '_' || text_[at] == '.' || text_[at] == '-'))
      ++at;
    at_ = std::max(at, at_ + 1);
    return true;
  }

  std::string_view text_;
  std::string lower_;
  std::size_t at_ = 0;
  std::vector<Quantity> found_ = {};
};

}  // namespace

std::vector<Quantity> find_quantities(std::string_view text) {
  return with_halves(text, Finder(text).find());
}

}  // namespace lilux::brain

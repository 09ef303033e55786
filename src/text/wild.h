#pragma once

// What the globs are made of: one pattern over bytes (`*`, `?`, classes, literal bytes), braces expanded into choices,
// and the two questions asked of any row of elements with runs in it: does it match, does it cover another. Matching
// takes at most pattern times text steps. Values, immutable once compiled; any thread.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::text {

inline constexpr std::size_t kPatternBytesMax = 4096;
inline constexpr std::size_t kChoicesMax = 64;  // combinations of {a,b} in one pattern

// The refusal of a pattern, which is quoted safely.
std::unexpected<base::Error> bad_pattern(std::string_view pattern, std::string_view why, std::string_view hint);

// "a{b,c}" as "ab" and "ac". Refuses empty patterns, NUL bytes, braces that do not pair, hold one choice or an empty
// one.
base::Result<std::vector<std::string>> choices_of(std::string_view pattern);

// One past the ']' of the class that begins at `at`; a ']' that comes first is a member. Nothing when it is not closed.
std::optional<std::size_t> class_end(std::string_view pattern, std::size_t at);

// A text as a pattern that matches exactly it.
std::string escape_glob(std::string_view text);

class Wild {
 public:
  // One choice. Refuses classes that are not closed or can match nothing, and backslashes, which escape nothing here.
  static base::Result<Wild> compile(std::string_view pattern);

  // Matches that text alone.
  static Wild literal(std::string_view text);

  bool matches(std::string_view text) const;
  // Everything the other matches is matched here; false when that cannot be shown.
  bool covers(const Wild& other) const;

  bool is_literal() const { return is_literal_; }
  // The text itself when literal, else what every match ends with.
  const std::string& tail() const { return tail_; }
  // Whether every match holds this byte because it is written out.
  bool has_byte(char c) const;

 private:
  enum class Kind : std::uint8_t { byte, any, set, run };
  struct Element {
    Kind kind = Kind::byte;
    std::uint16_t value = 0;  // the byte, or which set
  };
  bool one_matches(const Element& element, char c) const;
  bool one_covers(const Element& element, const Wild& other, const Element& narrow) const;
  void settle();

  std::vector<Element> elements_;
  std::vector<std::bitset<256>> sets_;
  std::string tail_;
  bool is_literal_ = true;  // as the empty text is
};

// Whether a row of `size` elements, of which some are runs (any number of things), matches `count` things. On a
// mismatch only the newest run takes one thing more: what an older run could take instead is never more than that.
template <class IsRun, class Matches>
bool row_matches(std::size_t size, std::size_t count, IsRun is_run, Matches matches) {
  std::size_t element = 0;
  std::size_t thing = 0;
  std::size_t run = size;  // the newest, and the first thing it has not taken
  std::size_t run_thing = 0;
  while (thing < count) {
    if (element < size && is_run(element)) {
      run = element++;
      run_thing = thing;
    } else if (element < size && matches(element, thing)) {
      ++element;
      ++thing;
    } else if (run < size) {
      element = run + 1;
      thing = ++run_thing;
    } else {
      return false;
    }
  }
  while (element < size && is_run(element)) ++element;
  return element == size;
}

inline constexpr std::size_t kCoverStepsMax = std::size_t{1} << 20;

// Whether a row matches everything another row matches; `covers(i, j)` compares elements that are no runs. Each yes is
// a proof, a no is none.
template <class WideIsRun, class NarrowIsRun, class Covers>
bool row_covers(std::size_t wide, std::size_t narrow, WideIsRun wide_is_run, NarrowIsRun narrow_is_run, Covers covers) {
  if ((wide + 1) * (narrow + 1) > kCoverStepsMax) return false;
  std::vector<bool> below(narrow + 1);  // of the wide row's next element: whether the rest of the narrow row is covered
  std::vector<bool> row(narrow + 1);
  below[narrow] = true;
  for (std::size_t i = wide; i-- > 0;) {
    for (std::size_t j = narrow + 1; j-- > 0;) {
      if (wide_is_run(i)) {
        row[j] = below[j] || (j < narrow && row[j + 1]);
      } else {
        row[j] = j < narrow && !narrow_is_run(j) && below[j + 1] && covers(i, j);
      }
    }
    below.swap(row);
  }
  return below[0];
}

}  // namespace lilux::text

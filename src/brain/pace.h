#pragma once

// When a rule fires whose events come again and again: after so many within a time, once they have ceased, not again
// for a while, and never endlessly. Time comes in, in microseconds of any clock that does not go back. One owner.

#include <cstdint>
#include <optional>
#include <vector>

namespace lilux::brain {

struct Pace {
  std::int64_t count = 1;        // so many events...
  std::int64_t within_us = 0;    // ...in this time
  std::int64_t debounce_us = 0;  // no other one for so long; 0: at once
  std::int64_t cooldown_us = 0;  // deaf for so long after it has fired
  friend bool operator==(const Pace&, const Pace&) = default;
};

inline constexpr std::int64_t kCountMax = 10'000;
// What fires oftener than that has run away.
inline constexpr std::size_t kFiringsMax = 100;
inline constexpr std::int64_t kFiringsWithinUs = 60'000'000;

class Beat {
 public:
  explicit Beat(const Pace& pace) : pace_(pace) {}

  // An event that fits has come; true when the rule fires now.
  bool take(std::int64_t now_us);
  // When the rule fires if nothing else comes.
  std::optional<std::int64_t> due_us() const { return due_us_; }
  // True when it is due: it fires now.
  bool take_due(std::int64_t now_us);
  // Whether it has just fired more often than a rule may; it begins anew then.
  bool has_run_away();

 private:
  bool fire(std::int64_t now_us);

  Pace pace_;
  std::vector<std::int64_t> came_;   // the newest, fewer than pace_.count
  std::vector<std::int64_t> fired_;  // the newest kFiringsMax
  std::optional<std::int64_t> due_us_;
  std::int64_t deaf_until_us_ = INT64_MIN;
};

}  // namespace lilux::brain

#pragma once

// The stretch of time that a sentence speaks of as a whole: "yesterday", "the last 3 days", "Q1", "January to March",
// "between Monday and Wednesday", "since Friday". Nothing where now is not known, or where two are spoken of that do
// not belong together. Pure; any thread.

#include <chrono>
#include <optional>

#include "brain/extract.h"

namespace lilux::brain {

struct Period {
  Span span = {};                                        // the words that say it
  std::optional<std::chrono::local_seconds> begin = {};  // none: "until Friday"
  std::optional<std::chrono::local_seconds> end = {};    // its last second; none: "since Friday", it goes on
  bool is_one_day = false;                               // a day as a whole: "yesterday", "June 5th"
};

std::optional<Period> find_period(const Reading& reading);

}  // namespace lilux::brain

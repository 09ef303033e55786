#pragma once

// How good and how fast calls are, over cases. Pure but for the clock; one thread.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "brain/caller.h"
#include "brain/caller_cases.h"

namespace lilux::brain {

struct Predicted {
  base::Json id = {};
  std::vector<Call> calls = {};
  double confidence = 0;
  double micros = 0;
};

struct CallMeasures {
  std::size_t cases = 0;
  std::size_t judged = 0;    // that have answers
  std::size_t to_call = 0;   // of these, those that want a call
  std::size_t names = 0;     // of these, right names
  std::size_t calls = 0;     // and right arguments
  std::size_t to_leave = 0;  // that want none
  std::size_t left = 0;      // and got none
  double p50_us = 0;
  double p99_us = 0;
};

// Cases that have the same tools share one set of them, read once and not counted into the time.
base::Result<std::vector<Predicted>> predict(std::span<const Case> cases, const CallContext& context);
base::Result<CallMeasures> measure(std::span<const Case> cases, std::span<const Predicted> predicted);

}  // namespace lilux::brain

#pragma once

// How good decisions are against what would have been right, in and out of scope. Pure; any thread.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "brain/slots.h"

namespace lilux::brain {

struct Judged {
  bool is_in_scope = true;  // what the text really is
  bool is_right = false;    // the guess is the text's label; false out of scope
  double confidence = 0;
};

struct Measures {
  std::size_t in_scope = 0;
  std::size_t out_of_scope = 0;
  // Share of what is in scope whose guess is right, whatever the confidence; none where nothing is.
  std::optional<double> accuracy = std::nullopt;
  // Chance that a text in scope has more confidence than one out of scope; none where one sort is missing.
  std::optional<double> oos_auroc = std::nullopt;
  // Share of what is out of scope below the confidence that 95 % in scope reach.
  std::optional<double> oos_recall_at_95 = std::nullopt;
  // The greatest share of all texts, the most confident first, of whose guesses 99 % are right.
  double decided_at_99 = 0;
  // Mean distance, over ten bands of confidence, of the confidence from the share that is right.
  double calibration_error = 0;
  // Right guesses at a confidence of one half or more, and texts out of scope below: share of all.
  double accuracy_at_half = 0;
};

// Slots over all texts that tell theirs; one is right where its name and both its ends are.
struct SlotMeasures {
  std::size_t texts = 0;
  std::size_t told = 0;
  std::size_t found = 0;
  std::size_t right = 0;

  void add(std::span<const Slot> told_here, std::span<const Slot> found_here);
  double f1() const;  // the harmonic mean of right among found and right among told
};

Measures measure(std::span<const Judged> decisions);

// The least of the values that so many of them do not exceed; 0 of none.
double quantile(std::vector<double> values, double share);

}  // namespace lilux::brain

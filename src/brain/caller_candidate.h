#pragma once

// What may fill a parameter: values that the sentence, the schema or the context offer for its type, each with where it
// comes from. The first of them is always none. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/json.h"
#include "brain/extract.h"
#include "brain/schema.h"

namespace lilux::brain {

enum class Source : std::uint8_t {
  none,
  span,
  quoted,
  url,
  email,
  path,
  bracketed,
  number,
  moment,
  choice,   // of an enum
  example,  // of the description
  boolean,
  list,
  code,
};

// What was done to a number or a list to make it fit.
enum class Change : std::uint8_t { none, fraction, unit, written, joined };

// Which part of a moment it is.
enum class MomentPart : std::uint8_t { whole, date, clock };

struct Candidate {
  Source source = Source::none;
  Change change = Change::none;
  Span span = {.first = 1, .last = 0};  // empty where it stands nowhere
  base::Json value = {};
  std::size_t number = 0;  // which of the quantities or moments it is
  float match = 0;         // how much of a choice or example stands in the sentence
  MomentPart part = MomentPart::whole;
  bool is_refused = false;  // a number out of its limits: no value, but what is said
  bool is_kin = false;      // a choice that the thesaurus alone knows the words of the sentence for
  bool is_meant = false;    // a choice that is not said itself: other words stand for it
  bool is_cut = false;      // a list that goes on, or has begun before
  bool has_span() const { return span.first <= span.last; }
};

inline constexpr std::size_t kCandidatesMax = 2000;

std::vector<Candidate> candidates_for(const Parameter& parameter, const Reading& reading);

}  // namespace lilux::brain

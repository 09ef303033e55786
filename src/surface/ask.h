#pragma once

// Putting a question to a person at a terminal: what a call would do, and what to do about it. Owns nothing; one
// thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace lilux::surface {

// Makes a call and gives its envelope. No kernel is held between two of them: a person may take an hour.
using MakeCall = std::function<base::Result<base::Json>(std::string_view tool, base::Json arguments)>;

struct Answered {
  base::Json envelope;  // of the call that was approved, or of the answer
  bool saved_rule = false;
};

// Shows the question on standard error and reads the answer from standard input; nullopt when it stays open. A rule is
// saved only after it and the past calls it fits were shown.
base::Result<std::optional<Answered>> ask_person(const MakeCall& make_call, const std::string& call);

// A question of ours at a terminal; only y or yes is yes.
bool confirm(const std::string& question);
// The same for what was asked for just now: an empty line is yes as well.
bool agrees(const std::string& question);
// The same for a sentence: what is neither yes nor no was typed for
// something else, and says nothing of what was asked.
struct Agreement {
  bool is_yes = false;
  bool is_no = false;
  std::string line = {};  // where it is neither
};
Agreement agreement(const std::string& question);

// A line of theirs, without blanks at its ends; empty at the end of the input.
std::string answered(const std::string& question);

}  // namespace lilux::surface

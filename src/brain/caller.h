#pragma once

// From a sentence and the schemas of tools to calls, with no training on those tools: which tool is meant, what its
// arguments are, how sure that is, and what is missing. The same words give the same calls. No I/O, no globals; any
// thread. docs/brain-calls.md tells how it decides.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "brain/extract_time.h"
#include "brain/reference.h"
#include "brain/schema.h"

namespace lilux::brain {

struct Weights;
class Retriever;

// From so many tools on it is better, and faster, to have those found that may be meant.
inline constexpr std::size_t kManyTools = 16;

struct CallContext {
  Now now = {};  // without it nothing is told from now
  // Of the speaker's clock to UTC: without it no moment is written that wants a zone.
  std::optional<std::chrono::seconds> offset = {};
  const Weights* weights = nullptr;  // null: those that are shipped
  // Made of the very tools that are given: only those it ranks first are looked at. Null: all are.
  const Retriever* retriever = nullptr;
  // What is said goes to a parameter or is asked about, also where all of them may be left out (caller_rest.h).
  bool leaves_nothing = false;
};

// An argument that is what another call of the same sentence gives.
struct Reference {
  std::string argument = {};
  std::size_t call = 0;        // counted from 0
  int nth = 0;                 // of the list that it gives, from 1; -1: the last; 0: the only one
  Wanted kind = Wanted::any;   // of those of that kind alone
  std::string item_kind = {};  // of items, where it is said
};

struct ProposedCall {
  std::string name = {};
  base::Json arguments = base::JsonObject{};
  double confidence = 0;
  std::vector<Reference> results = {};
};

struct RunnerUp {
  std::string name = {};
  double confidence = 0;
};

struct Proposal {
  std::vector<ProposedCall> calls = {};   // none: nothing fits, or something is missing
  double confidence = 0;                  // that these calls are what was meant; without calls: that `tool` is
  bool is_asked = false;                  // a person looks first, whatever the confidence
  bool is_settled = false;                // understood, and what is missing is asked for: no other guess is made
  std::string tool = {};                  // the best one, also when it is not called
  std::vector<std::string> missing = {};  // what it needs and the sentence does not say, as a.b
  std::vector<RunnerUp> runners_up = {};
  std::string why = {};  // for people
};

// How likely it must be that one of the best tools is meant for the best of them to be called, which must have half of
// that for itself; a tool whose effect cannot be taken back needs the second one for itself alone.
inline constexpr double kCallFrom = 0.55;
inline constexpr double kDestructiveFrom = 0.9;

Proposal calls_for(std::string_view text, const ToolSet& tools, const CallContext& context = {});

}  // namespace lilux::brain

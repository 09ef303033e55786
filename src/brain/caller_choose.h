#pragma once

// How well a tool fits a sentence: which of its words are in it, which words of the sentence nothing accounts for, and
// whether its arguments could be filled. Pure; any thread.

#include <cstddef>
#include <span>
#include <vector>

#include "brain/caller_fill.h"
#include "brain/caller_weights.h"
#include "brain/retrieve.h"

namespace lilux::brain {

// Of each tool, what is known before its arguments are filled.
struct Fit {
  std::size_t tool = 0;
  double name = 0;   // share of its name's words that are in the sentence, rare ones counting more
  double words = 0;  // the same of its description's
  double told = 0;   // share of the sentence's words that the tool has anywhere
  double sum = 0;    // that tools are put in order by
  double rank = 1;   // where it was found among many: its score as a share of the best one's
};

// Best first: all of them, or those that were found.
std::vector<Fit> fits_of(const Reading& reading, const ToolSet& set);
std::vector<Fit> fits_of(const Reading& reading, const ToolSet& set, std::span<const RankedTool> found);

struct Rival {
  double sum = 0;         // of the best other tool; 0 where there is none
  std::size_t tools = 0;  // in the set
};
void see_tool(const Reading& reading, const ToolSet& set, const Fit& fit, const Filled& filled, Rival rival,
              Features& features);

}  // namespace lilux::brain

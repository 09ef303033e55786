#pragma once

// Completion: the shells' scripts ask `lilux complete`, so one answer serves all of them. Pure, but for what it asks of
// the kernel.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "surface/ask.h"

namespace lilux::surface {

struct Candidate {
  std::string word;
  std::string summary;
};
// What may stand in place of `current` after those words; nothing where a file name, or anything, may. Names of items,
// tasks and the like are asked for by calls that only look; when one fails there are none.
std::vector<Candidate> candidates(std::span<const std::string_view> before, std::string_view current,
                                  const MakeCall& make_call);

base::Result<std::string> completion_script(std::string_view shell);

}  // namespace lilux::surface

#pragma once

// What was typed at the prompt: a file for its owner alone, bounded, without lines that hold secrets. One thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::surface {

inline constexpr std::size_t kHistoryMax = 2'000;
inline constexpr std::size_t kHistoryLineMax = 4'096;

class ShellHistory {
 public:
  // A missing file is an empty one; what cannot be read is as well.
  explicit ShellHistory(std::string file);

  const std::vector<std::string>& lines() const { return lines_; }
  // False for a line that is not kept: private, too long, or the same as the newest.
  bool add(std::string_view line);
  // Writes what is new behind what others have written meanwhile.
  base::Result<void> save();

 private:
  std::string file_;
  std::vector<std::string> lines_;
  std::size_t saved_ = 0;
};

}  // namespace lilux::surface

#pragma once

// What a run in the sandbox is kept to besides the rights of its caller: folders and files that it may read or write.
// What may be written may be read, and a folder is shown, empty, where something in it is. Values; any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/changes.h"
#include "text/glob.h"

namespace lilux::tools {

class RunRights {
 public:
  // Of capabilities: "read fs src/**", relative to the project. Those about anything but files keep nothing in.
  static base::Result<RunRights> parse(std::span<const std::string> capabilities, const std::string& project,
                                       const std::string& home);

  bool shows(std::string_view path) const;
  // The folder with all below it.
  bool shows_all(std::string_view folder) const;
  // Something below that folder.
  bool shows_below(std::string_view folder) const;
  // A folder may also be made for what may be written in it.
  bool may_make(const std::string& path, const sandbox::FileChange& change) const;

 private:
  std::vector<text::PathGlob> shown_;
  std::vector<text::PathGlob> written_;
};

}  // namespace lilux::tools

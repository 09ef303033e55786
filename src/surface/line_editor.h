#pragma once

// One line at a time from a terminal, with editing, history, completion and search backwards (Ctrl-R), over libedit.
// One for a process, one thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::surface {

class LineEditor {
 public:
  // Words that may stand where the last word of the text before the cursor stands; each ends as it is to be left.
  using Complete = std::function<std::vector<std::string>(std::string_view before)>;

  // `unavailable` when the terminal cannot be used so.
  static base::Result<std::unique_ptr<LineEditor>> create(Complete complete);
  ~LineEditor();

  struct Read {
    std::string line;
    bool is_interrupted = false;  // Ctrl-C: what was typed is thrown away
  };
  // Nothing at the end of the input, which is Ctrl-D on an empty line.
  std::optional<Read> read(const std::string& prompt);
  void remember(const std::string& line);

 private:
  struct Parts;
  explicit LineEditor(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// The longest beginning that all words share.
std::string common_beginning(const std::vector<std::string>& words);

}  // namespace lilux::surface

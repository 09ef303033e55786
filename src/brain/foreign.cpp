#include "brain/foreign.h"

#include <algorithm>

#include "base/embed.h"

LILUX_EMBED(lilux_foreign, LILUX_FOREIGN);

namespace lilux::brain {

std::vector<std::string_view> foreign_sentences() {
  std::vector<std::string_view> all;
  for (std::string_view text = lilux_foreign(); !text.empty();) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty()) all.push_back(line);
  }
  return all;
}

}  // namespace lilux::brain

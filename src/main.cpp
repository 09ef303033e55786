#include <string_view>
#include <vector>

#include "surface/cli.h"

int main(int count, char** words) {
  const std::vector<std::string_view> all(words, words + count);
  return lilux::surface::run_command_line(all);
}

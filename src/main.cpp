#include <string_view>
#include <vector>

#include "sandbox/guard.h"
#include "surface/cli.h"

int main(int count, char** words) {
  const std::vector<std::string_view> all(words, words + count);
  if (all.size() == 3 && all[1] == lilux::sandbox::kGuardWord) return lilux::sandbox::guard(all[2]);
  return lilux::surface::run_command_line(all);
}

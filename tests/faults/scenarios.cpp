#include "tests/faults/scenario.h"

namespace lilux::test {

std::span<const Scenario> scenarios() {
  static const std::vector<Scenario> kScenarios = {
      {"fs.chmod", "echo text > file", {"--path", "file", "--mode", "0600"}, ""},
      {"fs.copy",
       "mkdir -p from/inner; echo a > from/a; echo b > from/inner/b",
       {"--source", "from", "--destination", "to"},
       ""},
      {"fs.delete",
       "mkdir -p old/inner; echo a > old/a; echo b > old/inner/b; ln -s a old/link",
       {"--path", "old", "--recursive", "--yes"},
       ""},
      {"fs.mkdir", "", {"--path", "a/b/c", "--recursive"}, ""},
      {"fs.move", "mkdir from to; echo a > from/a", {"--source", "from/a", "--destination", "to/b"}, ""},
      {"fs.symlink", "echo text > file", {"--target", "file", "--link", "link"}, ""},
      {"fs.write", "echo old > file", {"--path", "file", "--content", "new"}, ""},
  };
  return kScenarios;
}

}  // namespace lilux::test

#pragma once

// Where a command works on a tree that stays as it is. Here alone it is decided how: on an overlay, or, where the
// machine has none, on a copy. Any thread.

#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/copy.h"
#include "sandbox/sandbox.h"

namespace lilux::sandbox {

struct Workplace {
  Spec spec;            // to launch the command with
  std::string tree;     // where the tree is
  std::string work;     // where the command finds it: at the same place, but for a copy without a root of its own
  std::string scratch;  // for its TMPDIR
  std::string home;     // below that, as the tree may be there too and nobody's home is

  // Where the command finds what lies at this path of the tree or of /tmp.
  std::string place_of(const std::string& path) const;
};

// Makes an empty place for what will be written to the tree, which may be none (""), in the folder `changes`. See
// changes.h for what comes of it and copy.h for when it is refused. On a machine that can keep nothing in nothing is
// copied, as launch() refuses. What is hidden can be read nowhere; in a copy its places are empty.
base::Result<Workplace> prepare_workplace(const std::string& changes, const std::string& tree, const Host& host,
                                          const std::stop_token& stop, const CopyLimits& limits = {},
                                          std::vector<Hidden> hidden = {});

}  // namespace lilux::sandbox

#pragma once

// Opening a ledger: finds its end by reading what came after the newest checkpoint, cuts off what a crash left, and
// puts key and anchor right. Nothing is changed before everything was understood. One caller at a time.

#include <cstdint>

#include "base/result.h"
#include "ledger/anchor.h"
#include "ledger/key.h"
#include "ledger/ledger.h"
#include "ledger/queue.h"
#include "ledger/segment_file.h"

namespace lilux::ledger {

struct Opened {
  Anchor anchor;  // its newest checkpoint is the ledger's newest
  KeyFile key;
  SegmentFile file;
  Tail tail;
};

base::Result<Opened> open_files(const Options& options);

}  // namespace lilux::ledger

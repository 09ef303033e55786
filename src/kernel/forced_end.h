#pragma once

// Ends the process when what should have ended does not: a worker that hangs in the system cannot be joined. What the
// ledger has is on the disk before; calls that were open are settled at the next start, as after a crash. Owned by who
// is about to wait.

#include <chrono>
#include <thread>

#include "ledger/ledger.h"

namespace lilux::kernel {

inline constexpr auto kEndPatience = std::chrono::seconds(5);

class ForcedEnd {
 public:
  // The process is over that long from now, unless this is destroyed before. The ledger must outlive it.
  ForcedEnd(ledger::Ledger& ledger, std::chrono::milliseconds patience);

 private:
  std::jthread watch_;
};

}  // namespace lilux::kernel

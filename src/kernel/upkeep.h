#pragma once

// What keeps Lilux from growing for ever. Records older than ledger.retention_days go, segment by segment, after all
// that is still alive has been written again behind them; pre-images, large outputs and trees moved aside by deletes go
// after objects.days, or earlier when they take more than objects.size. Nothing that an open call needs is touched.

#include <cstdint>

#include "base/field.h"
#include "base/result.h"

namespace lilux::kernel {

class Kernel;

struct Upkeep {
  std::int64_t records = 0;  // dropped
  std::int64_t objects = 0;
  std::int64_t objects_bytes = 0;
  std::int64_t trees = 0;
  static constexpr base::Fields fields{
      base::Field{"records", &Upkeep::records, "Records dropped from the ledger"},
      base::Field{"objects", &Upkeep::objects, "Pre-images and outputs removed"},
      base::Field{"objects_bytes", &Upkeep::objects_bytes, "Their bytes"},
      base::Field{"trees", &Upkeep::trees, "Deleted trees that had been moved aside, removed"},
  };
  friend bool operator==(const Upkeep&, const Upkeep&) = default;
};

// Does what is due at `now_us` and records it when anything went. One at a time; calls go on meanwhile.
base::Result<Upkeep> keep_up(Kernel& kernel, std::int64_t now_us);

}  // namespace lilux::kernel

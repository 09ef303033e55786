#pragma once

// The file that is being written. Space ahead is filled with zeros in steps, so that a commit overwrites blocks that
// are already there: it changes neither size nor extents, and its sync needs no journal commit. One user at a time.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::ledger {

// Bytes that go into one segment at one place; at offset 0 they begin with the header of a new segment.
struct Chunk {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::string bytes = {};
  std::uint64_t end() const { return offset + bytes.size(); }
};

class SegmentFile {
 public:
  SegmentFile(std::string directory, std::size_t segment_bytes)
      : directory_(std::move(directory)), segment_bytes_(segment_bytes) {}

  // Goes on with a segment that is there.
  base::Result<void> open(std::uint64_t segment);
  // A chunk of another segment makes that file, after syncing this one.
  base::Result<void> write(const Chunk& chunk);
  // Everything written is on disk when it returns. After any failure the object must not be used again.
  base::Result<void> sync();
  // Zeros from `offset` to `end`, synced: what a crash left is gone.
  base::Result<void> cut(std::uint64_t offset, std::uint64_t end);

 private:
  base::Result<void> start(std::uint64_t segment);
  base::Result<void> write_zeros(std::uint64_t offset, std::uint64_t end);
  base::Result<void> reserve(std::uint64_t end);

  std::string directory_;
  std::size_t segment_bytes_;
  std::string path_;
  sys::Fd fd_;
  std::uint64_t segment_ = 0;
  std::uint64_t size_ = 0;
  bool is_new_ = false;  // the folder does not durably name the file yet
};

}  // namespace lilux::ledger

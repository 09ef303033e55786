#pragma once

// Walks the records of one segment file from front to back through a buffer, checking form and CRC but not the chain.
// Reads, never maps: a file that shrinks underneath is an end, not a signal. One user at a time.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/format.h"
#include "sys/fd.h"

namespace lilux::ledger {

class SegmentReader {
 public:
  enum class Found : std::uint8_t {
    record,
    end,     // zeros, or the end of the file
    broken,  // bytes that are neither
  };
  struct Step {
    Found found = Found::end;
    std::uint64_t offset = 0;
    RecordHeader header = {};
    // The whole record; for `broken` empty when not even its extent is known. Valid until the next call.
    std::string_view record = {};
    std::string_view body() const { return record.substr(kRecordHeaderBytes); }
  };

  // Also checks that the header names the segment it should. `not_found` when there is no such file.
  static base::Result<SegmentReader> open(const std::string& directory, std::uint64_t segment,
                                          std::size_t buffer_bytes = std::size_t{64} << 10);

  // The file as it is, for one whose header is damaged.
  static base::Result<SegmentReader> open_raw(const std::string& directory, std::uint64_t segment,
                                              std::size_t buffer_bytes = std::size_t{64} << 10);

  const SegmentHeader& header() const { return header_; }
  const std::string& path() const { return path_; }
  // Steps over what it found when that has an extent, so a damaged record can be passed.
  base::Result<Step> next();
  // Forgets what was buffered: the file may have grown.
  void seek(std::uint64_t offset);
  std::uint64_t offset() const { return offset_; }

  // Where the last byte that is not zero ends, looking from `offset`; `offset` when there is none.
  base::Result<std::uint64_t> data_end(std::uint64_t offset);
  // True when a whole record after `offset` says that record `sequence` was on disk when it was made: proof that what
  // is missing was not lost in a crash.
  base::Result<bool> settles_after(std::uint64_t offset, std::uint64_t sequence);

 private:
  SegmentReader(sys::Fd fd, std::string path, std::size_t buffer_bytes)
      : fd_(std::move(fd)), path_(std::move(path)), buffer_bytes_(buffer_bytes) {}
  // Up to `size` bytes at `offset`; fewer at the end of the file only.
  base::Result<std::string_view> bytes_at(std::uint64_t offset, std::size_t size);

  sys::Fd fd_;
  std::string path_;
  std::size_t buffer_bytes_;
  SegmentHeader header_;
  std::uint64_t offset_ = kSegmentHeaderBytes;
  std::string buffer_;  // holds the file from buffer_at_
  std::uint64_t buffer_at_ = 0;
};

// First sequences of the segments in the folder, ascending; other files are passed over.
base::Result<std::vector<std::uint64_t>> list_segments(const std::string& directory);

}  // namespace lilux::ledger

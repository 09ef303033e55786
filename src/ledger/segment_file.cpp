#include "ledger/segment_file.h"

#include <algorithm>
#include <array>

#include <fcntl.h>

#include "ledger/format.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::ledger {
namespace {

using base::Result;

// A fresh ledger stays small; a busy one pays for new blocks once per thousands of records.
constexpr std::uint64_t kStepMin = std::uint64_t{64} << 10;
constexpr std::uint64_t kStepMax = std::uint64_t{1} << 20;
constexpr std::uint64_t kBlock = 4096;

constexpr std::array<char, 16384> kZeros{};

}  // namespace

Result<void> SegmentFile::open(std::uint64_t segment) {
  path_ = directory_ + "/" + segment_name(segment);
  fd_ = TRY(sys::open(path_, O_RDWR | O_NOFOLLOW));
  segment_ = segment;
  size_ = TRY(sys::file_size(fd_.get(), path_));
  return {};
}

Result<void> SegmentFile::write(const Chunk& chunk) {
  if (chunk.segment != segment_) TRY(start(chunk.segment));
  if (chunk.end() > size_) TRY(reserve(chunk.end()));
  return sys::write_at(fd_.get(), chunk.offset, chunk.bytes, path_);
}

Result<void> SegmentFile::sync() {
  TRY(sys::sync_data(fd_.get(), path_));
  if (is_new_) TRY(sys::sync_directory(directory_));
  is_new_ = false;
  return {};
}

Result<void> SegmentFile::cut(std::uint64_t offset, std::uint64_t end) {
  TRY(write_zeros(offset, end));
  is_new_ = true;  // whoever was killed may not have come to syncing the folder
  return sync();
}

Result<void> SegmentFile::start(std::uint64_t segment) {
  if (fd_) TRY(sync());
  path_ = directory_ + "/" + segment_name(segment);
  fd_ = TRY(sys::open(path_, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
  segment_ = segment;
  size_ = 0;
  is_new_ = true;
  return {};
}

Result<void> SegmentFile::reserve(std::uint64_t end) {
  const std::uint64_t step = std::clamp(size_, kStepMin, kStepMax);
  const std::uint64_t wanted = std::min<std::uint64_t>(end + step, segment_bytes_);
  size_ = std::max((wanted + kBlock - 1) / kBlock * kBlock, end);
  return write_zeros(end, size_);
}

Result<void> SegmentFile::write_zeros(std::uint64_t offset, std::uint64_t end) {
  while (offset < end) {
    const std::size_t count = std::min<std::uint64_t>(end - offset, kZeros.size());
    TRY(sys::write_at(fd_.get(), offset, {kZeros.data(), count}, path_));
    offset += count;
  }
  return {};
}

}  // namespace lilux::ledger

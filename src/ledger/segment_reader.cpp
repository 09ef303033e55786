#include "ledger/segment_reader.h"

#include <algorithm>

#include <fcntl.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::ledger {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<SegmentReader> SegmentReader::open(const std::string& directory, std::uint64_t segment,
                                          std::size_t buffer_bytes) {
  const std::string name = segment_name(segment);
  SegmentReader reader = TRY(open_raw(directory, segment, buffer_bytes));
  const std::string_view front = TRY(reader.bytes_at(0, kSegmentHeaderBytes));
  reader.header_ = TRY(decode_segment_header(front, name));
  if (reader.header_.first != segment) {
    return fail(ErrorCode::corrupt, "segment " + sys::quoted(name) + ": its header is that of another segment");
  }
  return reader;
}

Result<SegmentReader> SegmentReader::open_raw(const std::string& directory, std::uint64_t segment,
                                              std::size_t buffer_bytes) {
  std::string path = directory + "/" + segment_name(segment);
  sys::Fd fd = TRY(sys::open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  return SegmentReader(std::move(fd), std::move(path), buffer_bytes);
}

Result<SegmentReader::Step> SegmentReader::next() {
  Step step{.offset = offset_};
  const std::string_view front = TRY(bytes_at(offset_, kRecordHeaderBytes));
  if (is_zero(front)) return step;
  step.found = Found::broken;
  const std::optional<RecordHeader> header = decode_record_header(front);
  if (!header) return step;
  step.header = *header;
  const std::string_view record = TRY(bytes_at(offset_, header->size()));
  if (record.size() < header->size()) return step;
  step.record = record;
  if (crc_matches(record)) step.found = Found::record;
  offset_ += record.size();
  return step;
}

void SegmentReader::seek(std::uint64_t offset) {
  offset_ = offset;
  buffer_.clear();
}

Result<std::uint64_t> SegmentReader::data_end(std::uint64_t offset) {
  std::uint64_t end = offset;
  for (std::uint64_t at = offset;;) {
    const std::string_view bytes = TRY(bytes_at(at, buffer_bytes_));
    if (bytes.empty()) return end;
    if (!is_zero(bytes)) end = at + bytes.find_last_not_of('\0') + 1;
    at += bytes.size();
  }
}

Result<bool> SegmentReader::settles_after(std::uint64_t offset, std::uint64_t sequence) {
  const std::uint64_t end = TRY(data_end(offset));
  for (std::uint64_t at = offset; at + kRecordHeaderBytes <= end; ++at) {
    const std::optional<RecordHeader> header = decode_record_header(TRY(bytes_at(at, kRecordHeaderBytes)));
    if (!header || header->settled < sequence || at + header->size() > end) continue;
    if (crc_matches(TRY(bytes_at(at, header->size())))) return true;
  }
  return false;
}

Result<std::string_view> SegmentReader::bytes_at(std::uint64_t offset, std::size_t size) {
  const bool is_buffered = offset >= buffer_at_ && offset + size <= buffer_at_ + buffer_.size();
  if (!is_buffered) {
    buffer_.resize(std::max(size, buffer_bytes_));
    buffer_at_ = offset;
    buffer_.resize(TRY(sys::read_at(fd_.get(), offset, std::span(buffer_), path_)));
  }
  return std::string_view(buffer_).substr(offset - buffer_at_, size);
}

Result<std::vector<std::uint64_t>> list_segments(const std::string& directory) {
  std::vector<std::uint64_t> segments;
  for (const sys::Entry& entry : TRY(sys::list_directory(directory))) {
    if (const std::optional<std::uint64_t> segment = segment_of_name(entry.name)) segments.push_back(*segment);
  }
  std::ranges::sort(segments);
  return segments;
}

}  // namespace lilux::ledger

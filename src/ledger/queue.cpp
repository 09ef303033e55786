#include "ledger/queue.h"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

#include "base/time.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::Result;

constexpr std::size_t kQueueBytesMax = std::size_t{8} << 20;
constexpr std::size_t kChunkBytesMax = std::size_t{256} << 10;  // what is larger is copied too often as it grows

std::optional<Record> find_in(const std::vector<Chunk>& chunks, const Position& position) {
  for (const Chunk& chunk : chunks) {
    if (chunk.segment != position.segment || position.offset < chunk.offset || position.offset >= chunk.end()) continue;
    const std::string_view bytes = std::string_view(chunk.bytes).substr(position.offset - chunk.offset);
    const std::optional<RecordHeader> header = decode_record_header(bytes);
    if (!header || header->sequence != position.sequence || header->size() > bytes.size()) return std::nullopt;
    return to_record(*header, bytes.substr(kRecordHeaderBytes, header->length), position);
  }
  return std::nullopt;
}

base::Error no_more(const base::Error& cause) {
  return base::fail(ErrorCode::unavailable, "the ledger takes no more records: " + cause.message,
                    "make room or repair the disk, then start lilux again")
      .error();
}

}  // namespace

Record to_record(const RecordHeader& header, std::string_view body, const Position& position) {
  return {.position = position, .time_us = header.time_us, .kind = header.kind, .body = std::string(body)};
}

Queue::Queue(SegmentFile file, const Tail& tail, std::size_t segment_bytes)
    : segment_bytes_(segment_bytes),
      tail_(tail),
      in_flight_end_(tail.sequence),
      durable_(tail.sequence),
      file_(std::move(file)) {}

Result<Appended> Queue::append(std::uint8_t kind, std::string_view body) {
  std::unique_lock lock(mutex_);
  TRY(make_room(lock, kRecordHeaderBytes + body.size()));
  const std::int64_t time_us = next_time();
  return Appended{add(kind, body, time_us), time_us};
}

Result<Queue::Stated> Queue::append_statement(std::uint8_t kind, const Statement& statement) {
  std::unique_lock lock(mutex_);
  TRY(make_room(lock, kRecordHeaderBytes));  // a statement is small; the segment may grow a little past its size
  const Tail before = tail_;
  const std::int64_t time_us = next_time();
  const Position position = add(kind, statement(before, time_us), time_us);
  return Stated{.position = position, .before = before, .after = tail_};
}

// Waits while too much is queued, and begins a segment when `bytes` do not fit into this one.
Result<void> Queue::make_room(std::unique_lock<std::mutex>& lock, std::size_t bytes) {
  while (!failure_ && queued_bytes_ >= kQueueBytesMax) {
    TRY(wait(lock, tail_.sequence));
    if (!lock.owns_lock()) lock.lock();
  }
  if (failure_) return std::unexpected(*failure_);
  const bool is_full = tail_.offset + bytes > segment_bytes_ && tail_.offset > kSegmentHeaderBytes;
  if (tail_.segment == 0 || is_full) start_segment();
  return {};
}

void Queue::start_segment() {
  tail_.segment = tail_.sequence + 1;
  tail_.offset = kSegmentHeaderBytes;
  const SegmentHeader header{.first = tail_.segment, .time_us = tail_.time_us, .previous = tail_.hash};
  queued_.push_back({.segment = tail_.segment, .offset = 0, .bytes = encode(header)});
}

std::int64_t Queue::next_time() const {
  return std::max(base::now_us(), tail_.time_us);
}

Position Queue::add(std::uint8_t kind, std::string_view body, std::int64_t time_us) {
  const Chunk* last = queued_.empty() ? nullptr : &queued_.back();
  if (!last || last->segment != tail_.segment || last->bytes.size() >= kChunkBytesMax) {
    queued_.push_back({.segment = tail_.segment, .offset = tail_.offset, .bytes = {}});
  }
  const Position position{.sequence = tail_.sequence + 1, .segment = tail_.segment, .offset = tail_.offset};
  RecordHeader header{.sequence = position.sequence, .time_us = time_us, .settled = durable_, .kind = kind};
  append_record(queued_.back().bytes, header, tail_.hash, body);
  tail_.sequence = header.sequence;
  tail_.hash = header.hash;
  tail_.time_us = time_us;
  tail_.offset += header.size();
  queued_bytes_ += header.size();
  return position;
}

Result<void> Queue::wait_durable(std::uint64_t sequence) {
  if (sequence <= durable_) return {};
  std::unique_lock lock(mutex_);
  if (sequence > tail_.sequence) {
    return base::fail(ErrorCode::invalid_argument, "record " + std::to_string(sequence) + " was not appended yet");
  }
  return wait(lock, sequence);
}

Result<void> Queue::wait(std::unique_lock<std::mutex>& lock, std::uint64_t sequence) {
  while (durable_ < sequence) {
    if (failure_) return std::unexpected(*failure_);
    if (!is_writing_) {
      commit(lock);
      continue;
    }
    std::atomic<std::uint32_t>& done = done_[(sequence <= in_flight_end_ ? commit_number_ : commit_number_ + 1) % 2];
    const std::uint32_t seen = done;
    lock.unlock();
    done.wait(seen);
    if (sequence <= durable_) return {};
    lock.lock();
  }
  return {};
}

void Queue::wake_all(std::uint64_t commit_number) {
  ++done_[commit_number % 2];
  done_[commit_number % 2].notify_all();
}

void Queue::commit(std::unique_lock<std::mutex>& lock) {
  is_writing_ = true;
  lock.unlock();
  std::this_thread::yield();  // callers that are about to append share this sync
  lock.lock();
  const std::uint64_t number = ++commit_number_;
  in_flight_ = std::exchange(queued_, {});
  in_flight_end_ = tail_.sequence;
  queued_bytes_ = 0;
  lock.unlock();
  const Result<void> written = write_in_flight();
  lock.lock();
  is_writing_ = false;
  if (written) {
    durable_ = in_flight_end_;
    in_flight_.clear();
    lock.unlock();
    ++done_[(number + 1) % 2];
    done_[(number + 1) % 2].notify_one();  // first, so that the disk has work while the others wake
    wake_all(number);
    lock.lock();
    return;
  }
  failure_ = no_more(written.error());
  wake_all(0);
  wake_all(1);
}

Result<void> Queue::write_in_flight() {
  for (const Chunk& chunk : in_flight_) TRY(file_.write(chunk));
  return file_.sync();
}

std::optional<Record> Queue::find(const Position& position) const {
  const std::lock_guard lock(mutex_);
  std::optional<Record> found = find_in(in_flight_, position);
  if (!found) found = find_in(queued_, position);
  return found;
}

Queue::View Queue::view() const {
  const std::lock_guard lock(mutex_);
  View view{.durable = durable_, .chunks = in_flight_};
  view.chunks.insert(view.chunks.end(), queued_.begin(), queued_.end());
  return view;
}

Tail Queue::tail() const {
  const std::lock_guard lock(mutex_);
  return tail_;
}

std::uint64_t Queue::durable() const {
  return durable_;
}

std::optional<base::Error> Queue::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Queue::fail(const base::Error& cause) {
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  failure_ = no_more(cause);
  wake_all(0);
  wake_all(1);
}

}  // namespace lilux::ledger

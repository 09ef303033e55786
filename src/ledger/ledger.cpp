#include "ledger/ledger.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <tuple>
#include <utility>

#include "base/encoding.h"
#include "ledger/format.h"
#include "ledger/opening.h"
#include "ledger/queue.h"
#include "ledger/segment_reader.h"
#include "ledger/statement.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Found = SegmentReader::Found;

constexpr std::size_t kReadBytes = 4096;  // most records are read with one call

std::unexpected<base::Error> unreadable(const Position& position) {
  return fail(ErrorCode::corrupt,
              "record " + std::to_string(position.sequence) + " is not at byte " + std::to_string(position.offset) +
                  " of " + segment_name(position.segment),
              "lilux ledger verify");
}

}  // namespace

struct Ledger::State {
  State(const Options& given, Opened opened)
      : options(given),
        directory(given.directory.string()),
        queue(std::move(opened.file), opened.tail, given.segment_bytes),
        first_kept(opened.anchor.kept.first),
        anchor(std::move(opened.anchor)),
        key(std::move(opened.key)) {}

  const Options options;
  const std::string directory;
  Queue queue;
  std::atomic<std::uint64_t> first_kept;

  std::mutex checkpoint_mutex;  // for what is below
  Anchor anchor;
  KeyFile key;

  // With checkpoint_mutex held.
  Result<void> checkpoint(std::string_view note);
  Result<void> settle(const Queue::Stated& stated, Checkpoint checkpoint);
  Result<Kept> kept_from_segment(std::uint64_t segment) const;

  Result<bool> scan_files(std::optional<Position> from, std::uint64_t& next, std::uint64_t last,
                          const std::function<bool(const Record&)>& each) const;
};

Ledger::Ledger(const Options&) {}

Result<std::unique_ptr<Ledger>> Ledger::open(const Options& options) {
  std::unique_ptr<Ledger> ledger(new Ledger(options));
  ledger->state_ = std::make_unique<State>(options, TRY(open_files(options)));
  return ledger;
}

Ledger::~Ledger() {
  if (!state_) return;
  if (!checkpoint({})) std::ignore = flush();  // whoever needed to know asked before; a reopening finds what there is
}

Result<Appended> Ledger::append(std::uint8_t kind, std::string_view body) {
  if (kind >= kCheckpointKind) return fail(ErrorCode::invalid_argument, "kinds 254 and 255 are the ledger's own");
  if (body.size() > kBodyBytesMax) {
    return fail(ErrorCode::invalid_argument, "a record of " + std::to_string(body.size()) +
                                                 " bytes is over the limit of " + std::to_string(kBodyBytesMax));
  }
  return state_->queue.append(kind, body);
}

Result<void> Ledger::wait_durable(std::uint64_t sequence) {
  return state_->queue.wait_durable(sequence);
}

Result<void> Ledger::flush() {
  return state_->queue.wait_durable(state_->queue.tail().sequence);
}

Result<void> Ledger::checkpoint(std::string_view note) {
  if (note.size() > kNoteBytesMax || !base::is_utf8(note)) {
    return fail(ErrorCode::invalid_argument,
                "a checkpoint's note must be UTF-8 of at most " + std::to_string(kNoteBytesMax) + " bytes");
  }
  const std::lock_guard lock(state_->checkpoint_mutex);
  return state_->checkpoint(note);
}

Result<void> Ledger::State::checkpoint(std::string_view note) {
  const std::uint64_t newest = anchor.newest ? anchor.newest->position.sequence : 0;
  if (queue.tail().sequence == newest) return {};
  Checkpoint made{
      .index = key.index(), .key = key.public_key(), .next = key.next_public_key(), .note = std::string(note)};
  const auto body = [&](const Tail& before, std::int64_t time_us) {
    made.head = before.hash;
    made.signature =
        key.sign(signed_message(made, {.root = anchor.root, .sequence = before.sequence + 1, .time_us = time_us}));
    return base::to_text(to_json(made));
  };
  const Queue::Stated stated = TRY(queue.append_statement(kCheckpointKind, body));
  TRY(queue.wait_durable(stated.position.sequence));
  Result<void> settled = settle(stated, std::move(made));
  if (!settled) queue.fail(settled.error());  // the next checkpoint would not be one
  return settled;
}

// The order is what makes a kill harmless: the record is on disk, then the key that signed it goes, then it is
// anchored.
Result<void> Ledger::State::settle(const Queue::Stated& stated, Checkpoint made) {
  TRY(key.evolve());
  anchor.newest = AnchoredCheckpoint{.position = stated.position,
                                     .time_us = stated.after.time_us,
                                     .hash = stated.after.hash,
                                     .checkpoint = std::move(made)};
  return write_anchor(options.anchor_directory, anchor);
}

Result<Record> Ledger::read(const Position& position) const {
  if (std::optional<Record> record = state_->queue.find(position)) return *std::move(record);
  if (position.sequence > state_->queue.durable()) {
    return fail(ErrorCode::not_found, "there is no record " + std::to_string(position.sequence));
  }
  if (position.sequence < state_->first_kept) {
    return fail(ErrorCode::not_found, "record " + std::to_string(position.sequence) + " was dropped by retention");
  }
  SegmentReader reader = TRY(SegmentReader::open_raw(state_->directory, position.segment, kReadBytes));
  reader.seek(position.offset);
  const SegmentReader::Step step = TRY(reader.next());
  if (step.found != Found::record || step.header.sequence != position.sequence) return unreadable(position);
  return to_record(step.header, step.body(), position);
}

Result<void> Ledger::scan(std::optional<Position> from, const std::function<bool(const Record&)>& each) const {
  const Queue::View view = state_->queue.view();
  std::uint64_t next = from ? from->sequence : state_->first_kept.load();
  if (next <= view.durable && !TRY(state_->scan_files(from, next, view.durable, each))) return {};
  for (const Chunk& chunk : view.chunks) {
    std::size_t at = chunk.offset == 0 ? kSegmentHeaderBytes : 0;
    while (at < chunk.bytes.size()) {
      const std::string_view bytes = std::string_view(chunk.bytes).substr(at);
      const std::optional<RecordHeader> header = decode_record_header(bytes);
      const Position position{.sequence = header->sequence, .segment = chunk.segment, .offset = chunk.offset + at};
      at += header->size();
      if (header->sequence < next) continue;
      if (!each(to_record(*header, bytes.substr(kRecordHeaderBytes, header->length), position))) return {};
    }
  }
  return {};
}

// Records from `next`, which is left behind the last one told, up to `last`. False when `each` wanted no more.
Result<bool> Ledger::State::scan_files(std::optional<Position> from, std::uint64_t& next, std::uint64_t last,
                                       const std::function<bool(const Record&)>& each) const {
  SegmentReader reader = TRY(SegmentReader::open(directory, from ? from->segment : next));
  std::uint64_t segment = reader.header().first;
  if (from) reader.seek(from->offset);
  while (next <= last) {
    const SegmentReader::Step step = TRY(reader.next());
    const Position position{.sequence = next, .segment = segment, .offset = step.offset};
    if (step.found == Found::end && segment != next) {  // the next segment bears the number of its first record
      reader = TRY(SegmentReader::open(directory, next));
      segment = next;
      continue;
    }
    if (step.found != Found::record || step.header.sequence != next) return unreadable(position);
    ++next;
    if (!each(to_record(step.header, step.body(), position))) return false;
  }
  return true;
}

Result<std::uint64_t> Ledger::retain_from(std::uint64_t before_sequence) {
  const std::lock_guard lock(state_->checkpoint_mutex);
  State& state = *state_;
  const std::vector<std::uint64_t> segments = TRY(list_segments(state.directory));
  const auto begun = std::ranges::upper_bound(segments, std::min(before_sequence, durable_sequence()));
  if (begun == segments.begin() || *std::prev(begun) <= state.first_kept) return state.first_kept.load();
  const Kept kept = TRY(state.kept_from_segment(*std::prev(begun)));
  TRY(state.queue.append_statement(kRetentionKind,
                                   [&](const Tail&, std::int64_t) { return base::to_text(to_json(kept)); }));
  TRY(state.checkpoint("retention"));
  state.anchor.kept = kept;
  if (Result<void> written = write_anchor(state.options.anchor_directory, state.anchor); !written) {
    state.queue.fail(written.error());
    return std::unexpected(written.error());
  }
  state.first_kept = kept.first;
  for (const std::uint64_t segment : segments) {
    if (segment < kept.first) TRY(sys::remove_file(state.directory + "/" + segment_name(segment)));
  }
  return kept.first;
}

// Where verification can begin once everything before this segment is gone: the key is that of the first checkpoint in
// it or after it.
Result<Kept> Ledger::State::kept_from_segment(std::uint64_t segment) const {
  const SegmentReader reader = TRY(SegmentReader::open(directory, segment));
  Kept kept{.first = segment, .head = reader.header().previous, .key = key.index(), .public_key = key.public_key()};
  std::uint64_t next = segment;
  std::optional<base::Error> broken;
  TRY(scan_files(std::nullopt, next, queue.durable(), [&](const Record& record) {
    if (record.kind != kCheckpointKind) return true;
    const Result<Checkpoint> checkpoint = parse_checkpoint(record.body);
    if (!checkpoint) {
      broken = checkpoint.error();
      return false;
    }
    kept.key = checkpoint->index;
    kept.public_key = checkpoint->key;
    return false;
  }));
  if (broken) return std::unexpected(*std::move(broken));
  return kept;
}

Head Ledger::head() const {
  const Tail tail = state_->queue.tail();
  return {.sequence = tail.sequence, .hash = tail.hash};
}

std::uint64_t Ledger::durable_sequence() const {
  return state_->queue.durable();
}

std::optional<base::Error> Ledger::failure() const {
  return state_->queue.failure();
}

}  // namespace lilux::ledger

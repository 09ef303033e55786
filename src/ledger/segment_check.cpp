#include "ledger/segment_check.h"

#include <chrono>
#include <thread>

#include "ledger/segment_reader.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::Result;
using Found = SegmentReader::Found;

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kFaultsMax = 8;
// A writer copies a commit into the page cache in microseconds, but may lose the processor while it does.
constexpr std::chrono::milliseconds kPatience{250};

class Patience {
 public:
  // False when it is at its end.
  bool wait() {
    const auto now = std::chrono::steady_clock::now();
    if (!deadline_) deadline_ = now + kPatience;
    if (now >= *deadline_) return false;
    std::this_thread::yield();  // to the writer, who has only to finish copying
    return true;
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

class Check {
 public:
  Check(SegmentReader reader, SegmentPlace place, const PublicKey& root)
      : reader_(std::move(reader)), is_last_(place == SegmentPlace::last), root_(root) {
    report_.segment = reader_.header().first;
    report_.header = reader_.header();
    report_.next = report_.segment;
    report_.hash = reader_.header().previous;
    report_.time_us = reader_.header().time_us;
  }

  Result<SegmentReport> run();

 private:
  void take(const SegmentReader::Step& step);
  void take_statement(const SegmentReader::Step& step, const Position& position);
  void fault(std::uint64_t offset, std::uint64_t sequence, std::string what);

  SegmentReader reader_;
  bool is_last_;
  const PublicKey& root_;
  SegmentReport report_;
  Patience patience_;
};

Result<SegmentReport> Check::run() {
  for (;;) {
    const SegmentReader::Step step = TRY(reader_.next());
    if (step.found == Found::record) {
      take(step);
      continue;
    }
    const bool is_end = step.found == Found::end && TRY(reader_.data_end(step.offset)) == step.offset;
    if (is_end) break;
    if (is_last_ && patience_.wait()) {
      reader_.seek(step.offset);
      continue;
    }
    const bool can_pass = step.found == Found::broken && !step.record.empty() && step.header.sequence == report_.next;
    if (!can_pass) {
      fault(step.offset, report_.next, "these bytes are no record: damaged, or not written to the end");
      return std::move(report_);
    }
    fault(step.offset, report_.next, "the CRC does not match: the record is damaged");
    take(step);
  }
  report_.is_whole = true;
  return std::move(report_);
}

void Check::take(const SegmentReader::Step& step) {
  const RecordHeader& header = step.header;
  const Position position{.sequence = header.sequence, .segment = report_.segment, .offset = step.offset};
  if (header.sequence != report_.next) {
    fault(step.offset, header.sequence, "record " + std::to_string(report_.next) + " should be here");
  }
  if (hash_of(report_.hash, step.record) != header.hash) {
    fault(step.offset, header.sequence, "the hash does not match: the record or one before it was changed");
  }
  if (header.time_us < report_.time_us) fault(step.offset, header.sequence, "it is older than the record before it");
  if (header.kind >= kCheckpointKind && step.found == Found::record) take_statement(step, position);
  ++report_.records;
  report_.next = header.sequence + 1;
  report_.hash = header.hash;
  report_.time_us = header.time_us;
}

void Check::take_statement(const SegmentReader::Step& step, const Position& position) {
  if (step.header.kind == kRetentionKind) {
    const Result<Kept> kept = parse_kept(step.body());
    if (!kept) return fault(step.offset, position.sequence, "the retention record: " + kept.error().message);
    report_.retentions.push_back(*kept);
    return;
  }
  Result<Checkpoint> checkpoint = parse_checkpoint(step.body());
  if (!checkpoint) return fault(step.offset, position.sequence, "the checkpoint: " + checkpoint.error().message);
  const Signed about{.root = root_, .sequence = position.sequence, .time_us = step.header.time_us};
  if (checkpoint->head != report_.hash) {
    fault(step.offset, position.sequence, "the checkpoint was signed for another record before it");
  } else if (!signature_matches(*checkpoint, about)) {
    fault(step.offset, position.sequence, "the checkpoint's signature does not match");
  }
  report_.checkpoints.push_back({.position = position, .hash = step.header.hash, .checkpoint = *std::move(checkpoint)});
}

void Check::fault(std::uint64_t offset, std::uint64_t sequence, std::string what) {
  if (report_.faults.size() >= kFaultsMax) return;
  const Position position{.sequence = sequence, .segment = report_.segment, .offset = offset};
  report_.faults.push_back({.position = position, .what = std::move(what)});
}

}  // namespace

Result<SegmentReport> check_segment(const std::string& directory, std::uint64_t segment, SegmentPlace place,
                                    const PublicKey& root) {
  Result<SegmentReader> reader = SegmentReader::open(directory, segment, kBufferBytes);
  for (Patience patience; !reader && reader.error().code == ErrorCode::corrupt && place == SegmentPlace::last;) {
    if (!patience.wait()) break;
    reader = SegmentReader::open(directory, segment, kBufferBytes);
  }
  if (reader) return Check(*std::move(reader), place, root).run();
  if (reader.error().code != ErrorCode::corrupt) return std::unexpected(reader.error());
  SegmentReport report{.segment = segment};
  const Position start{.sequence = segment, .segment = segment, .offset = 0};
  report.faults.push_back({.position = start, .what = reader.error().message});
  return report;
}

}  // namespace lilux::ledger

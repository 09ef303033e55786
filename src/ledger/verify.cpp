#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "ledger/anchor.h"
#include "ledger/format.h"
#include "ledger/ledger.h"
#include "ledger/segment_check.h"
#include "ledger/segment_reader.h"
#include "ledger/statement.h"
#include "sys/error.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kFaultsMax = 16;
constexpr unsigned kThreadsMax = 8;

// Segments are checked side by side: each says what it is chained to.
Result<std::vector<SegmentReport>> check_all(const std::string& directory, const std::vector<std::uint64_t>& segments,
                                             const PublicKey& root) {
  std::vector<Result<SegmentReport>> results(segments.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < segments.size(); i = next++) {
      const auto place = i + 1 == segments.size() ? SegmentPlace::last : SegmentPlace::before_others;
      results[i] = check_segment(directory, segments[i], place, root);
    }
  };
  {
    const std::size_t cores = std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(cores, segments.size()); ++i) others.emplace_back(work);
    work();
  }
  std::vector<SegmentReport> reports;
  for (Result<SegmentReport>& result : results) reports.push_back(TRY(std::move(result)));
  return reports;
}

// Puts the reports together: one chain, one line of keys from the root, and what the anchor says must be there.
class Joined {
 public:
  explicit Joined(const Anchor& anchor) : anchor_(anchor), key_(anchor.kept.public_key), key_index_(anchor.kept.key) {
    next_ = anchor.kept.first;
    hash_ = anchor.kept.head;
    out_.first_sequence = anchor.kept.first;
    has_retention_ = anchor.kept == everything_kept(anchor.root);
  }

  void add(const SegmentReport& report);
  Verification finish();

 private:
  void fault(const Position& position, std::string what);
  void add_checkpoint(const CheckpointSeen& seen);

  const Anchor& anchor_;
  Verification out_;
  std::uint64_t next_;
  Hash hash_;
  std::optional<std::int64_t> time_us_;  // unknown before the first record
  PublicKey key_;
  std::uint64_t key_index_;
  bool has_retention_;
  bool has_anchored_ = false;
};

void Joined::fault(const Position& position, std::string what) {
  if (out_.faults.size() < kFaultsMax) out_.faults.push_back({.position = position, .what = std::move(what)});
}

void Joined::add(const SegmentReport& report) {
  const Position start{.sequence = report.segment, .segment = report.segment, .offset = 0};
  for (const Verification::Fault& found : report.faults) fault(found.position, found.what);
  if (!report.header) {  // said by its own fault; what follows is judged by what it says of itself
    next_ = 0;
    return;
  }
  if (next_ != 0 && report.segment != next_) {
    fault(start, "records " + std::to_string(next_) + " to " + std::to_string(report.segment - 1) + " are missing");
  } else if (next_ != 0 && report.header->previous != hash_) {
    fault(start, "the segment does not follow the one before it");
  } else if (next_ != 0 && time_us_ && report.header->time_us != *time_us_) {
    fault(start, "the segment's time is not that of the record before it");
  }
  for (const CheckpointSeen& seen : report.checkpoints) add_checkpoint(seen);
  for (const Kept& kept : report.retentions) has_retention_ = has_retention_ || kept == anchor_.kept;
  out_.records += report.records;
  next_ = report.is_whole ? report.next : 0;
  hash_ = report.hash;
  time_us_ = report.time_us;
}

void Joined::add_checkpoint(const CheckpointSeen& seen) {
  ++out_.checkpoints;
  out_.newest_checkpoint = seen.position.sequence;
  const bool is_next = seen.checkpoint.index == key_index_ && seen.checkpoint.key == key_;
  if (!is_next) fault(seen.position, "the checkpoint is not signed with the key that was to follow");
  key_index_ = seen.checkpoint.index + 1;
  key_ = seen.checkpoint.next;
  if (!anchor_.newest || anchor_.newest->position.sequence != seen.position.sequence) return;
  has_anchored_ = seen.hash == anchor_.newest->hash;
  if (!has_anchored_) fault(seen.position, "the checkpoint is not the one that was anchored");
}

Verification Joined::finish() {
  if (anchor_.newest && !has_anchored_) {
    fault(anchor_.newest->position, "the newest anchored checkpoint is not there: the end was cut off or replaced");
  }
  const Position start{.sequence = anchor_.kept.first, .segment = anchor_.kept.first, .offset = 0};
  if (!has_retention_) fault(start, "no retention record says that what is before this was dropped");
  return std::move(out_);
}

Result<Anchor> anchor_of(const Options& options) {
  std::optional<Anchor> anchor = TRY(read_anchor(options.anchor_directory));
  if (anchor) return *std::move(anchor);
  return fail(ErrorCode::corrupt,
              "the ledger's anchor " + sys::quoted(anchor_path(options.anchor_directory)) + " is missing",
              "put it back from a copy; without it nothing shows that the ledger is whole");
}

}  // namespace

Result<Verification> verify(const Options& options) {
  const std::string directory = options.directory.string();
  for (;;) {
    // The anchor first: what it names is on disk already when a live ledger is verified.
    const Anchor anchor = TRY(anchor_of(options));
    std::vector<std::uint64_t> segments = TRY(list_segments(directory));
    std::erase_if(segments, [&](std::uint64_t segment) { return segment < anchor.kept.first; });
    const Result<std::vector<SegmentReport>> reports = check_all(directory, segments, anchor.root);
    if (TRY(anchor_of(options)).kept != anchor.kept) continue;  // retention dropped segments meanwhile
    if (!reports) return std::unexpected(reports.error());
    Joined joined(anchor);
    for (const SegmentReport& report : *reports) joined.add(report);
    return joined.finish();
  }
}

}  // namespace lilux::ledger

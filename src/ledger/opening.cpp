#include "ledger/opening.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/format.h"
#include "ledger/segment_reader.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using Found = SegmentReader::Found;

std::unexpected<base::Error> corrupt(const std::string& what) {
  return fail(ErrorCode::corrupt, "the ledger is damaged: " + what, "lilux ledger verify");
}

std::string key_path(const Options& options) {
  return (options.directory / "key").string();
}

// True for a last segment that was begun and whose first commit did not come to its end.
Result<bool> is_torn(const std::string& directory, std::uint64_t segment) {
  const Result<SegmentReader> whole = SegmentReader::open(directory, segment);
  if (whole || whole.error().code != ErrorCode::corrupt) return false;
  SegmentReader reader = TRY(SegmentReader::open_raw(directory, segment));
  return !TRY(reader.settles_after(0, segment));
}

// Walks the records after the newest anchored checkpoint to the end, believing nothing that is not chained to it.
class TailWalk {
 public:
  TailWalk(std::string directory, std::vector<std::uint64_t> segments, const Anchor& anchor)
      : directory_(std::move(directory)), segments_(std::move(segments)), anchor_(anchor) {
    if (anchor.newest) anchored_ = anchor.newest->position;
  }

  Result<void> run();

  Tail tail;  // after the last whole record
  Anchor anchor() const { return anchor_; }
  std::uint64_t garbage_end = 0;   // there are bytes to cut in the tail's segment, up to here
  std::uint64_t torn_segment = 0;  // a segment whose beginning was never finished; 0 when there is none
  bool is_clean() const {
    return anchor_.newest && anchor_.newest->position == anchored_ && anchored_.sequence == tail.sequence &&
           garbage_end == 0 && torn_segment == 0;
  }
  bool has_new_checkpoint() const { return anchor_.newest && anchor_.newest->position != anchored_; }

 private:
  Result<SegmentReader> start();
  Result<void> walk(SegmentReader& reader, bool is_last);
  Result<void> take(const SegmentReader::Step& step);
  Result<void> take_checkpoint(const SegmentReader::Step& step, const Position& position);
  Result<void> end_at(SegmentReader& reader, std::uint64_t offset, bool is_last);

  std::string directory_;
  std::vector<std::uint64_t> segments_;
  Anchor anchor_;
  Position anchored_;
};

Result<void> TailWalk::run() {
  SegmentReader reader = TRY(start());
  for (auto it = std::ranges::find(segments_, tail.segment);;) {
    const bool is_last = std::next(it) == segments_.end();
    TRY(walk(reader, is_last));
    if (is_last) return {};
    const std::uint64_t next = *++it;
    if (next != tail.sequence + 1) {
      return corrupt("record " + std::to_string(tail.sequence + 1) + " is missing before " + segment_name(next));
    }
    if (std::next(it) == segments_.end() && TRY(is_torn(directory_, next))) {
      torn_segment = next;
      return {};
    }
    reader = TRY(SegmentReader::open(directory_, next));
    if (reader.header().previous != tail.hash) return corrupt(segment_name(next) + " does not follow what is before");
    tail.segment = next;
    tail.offset = kSegmentHeaderBytes;
  }
}

// Where to begin: at the anchored checkpoint, else at the first kept record.
Result<SegmentReader> TailWalk::start() {
  const std::uint64_t first = anchor_.newest ? anchor_.newest->position.segment : anchor_.kept.first;
  if (!std::ranges::binary_search(segments_, first)) return corrupt(segment_name(first) + " is missing");
  if (!std::ranges::binary_search(segments_, anchor_.kept.first)) {
    return corrupt(segment_name(anchor_.kept.first) + " is missing");
  }
  SegmentReader reader = TRY(SegmentReader::open(directory_, first));
  tail = {.sequence = anchor_.kept.first - 1,
          .hash = reader.header().previous,
          .time_us = reader.header().time_us,
          .segment = first,
          .offset = kSegmentHeaderBytes};
  if (!anchor_.newest) {
    if (reader.header().previous != anchor_.kept.head)
      return corrupt(segment_name(first) + " belongs to another ledger");
    return reader;
  }
  const AnchoredCheckpoint& newest = *anchor_.newest;
  reader.seek(newest.position.offset);
  const SegmentReader::Step step = TRY(reader.next());
  const bool is_it = step.found == Found::record && step.header.sequence == newest.position.sequence &&
                     step.header.hash == newest.hash && hash_of(newest.checkpoint.head, step.record) == newest.hash;
  if (!is_it) {
    return corrupt("checkpoint " + std::to_string(newest.checkpoint.index) + ", record " +
                   std::to_string(newest.position.sequence) + ", was anchored and is not there");
  }
  tail = {.sequence = newest.position.sequence,
          .hash = newest.hash,
          .time_us = step.header.time_us,
          .segment = first,
          .offset = newest.position.offset + step.header.size()};
  return reader;
}

Result<void> TailWalk::walk(SegmentReader& reader, bool is_last) {
  for (;;) {
    const SegmentReader::Step step = TRY(reader.next());
    if (step.found != Found::record) return end_at(reader, step.offset, is_last);
    TRY(take(step));
  }
}

Result<void> TailWalk::take(const SegmentReader::Step& step) {
  const RecordHeader& header = step.header;
  const Position position{.sequence = header.sequence, .segment = tail.segment, .offset = step.offset};
  const bool follows = header.sequence == tail.sequence + 1 && header.time_us >= tail.time_us &&
                       header.hash == hash_of(tail.hash, step.record);
  if (!follows) return corrupt("record " + std::to_string(tail.sequence + 1) + " does not follow the one before it");
  if (header.kind == kCheckpointKind) TRY(take_checkpoint(step, position));
  if (header.kind == kRetentionKind && !parse_kept(step.body())) {
    return corrupt("the retention record " + std::to_string(position.sequence) + " cannot be understood");
  }
  tail.sequence = header.sequence;
  tail.hash = header.hash;
  tail.time_us = header.time_us;
  tail.offset = step.offset + header.size();
  return {};
}

// A checkpoint younger than the anchor: the process was killed before it could anchor it.
Result<void> TailWalk::take_checkpoint(const SegmentReader::Step& step, const Position& position) {
  const Result<Checkpoint> parsed = parse_checkpoint(step.body());
  const PublicKey& key = anchor_.newest ? anchor_.newest->checkpoint.next : anchor_.kept.public_key;
  const std::uint64_t index = anchor_.newest ? anchor_.newest->checkpoint.index + 1 : anchor_.kept.key;
  const Signed about{.root = anchor_.root, .sequence = position.sequence, .time_us = step.header.time_us};
  const bool is_good = parsed && parsed->index == index && parsed->key == key && parsed->head == tail.hash &&
                       signature_matches(*parsed, about);
  if (!is_good)
    return corrupt("the checkpoint in record " + std::to_string(position.sequence) + " is not signed by this ledger");
  anchor_.newest = AnchoredCheckpoint{
      .position = position, .time_us = step.header.time_us, .hash = step.header.hash, .checkpoint = *parsed};
  return {};
}

// No record at `offset`. At the end of the last segment whatever stands there is cut off, unless something shows that
// it was on disk once.
Result<void> TailWalk::end_at(SegmentReader& reader, std::uint64_t offset, bool is_last) {
  const std::uint64_t data_end = TRY(reader.data_end(offset));
  if (data_end == offset) return {};
  const std::uint64_t lost = tail.sequence + 1;
  if (!is_last || TRY(reader.settles_after(offset, lost))) {
    return corrupt("record " + std::to_string(lost) + " in " + segment_name(tail.segment) +
                   " was on disk and is not whole any more");
  }
  garbage_end = data_end;
  return {};
}

// The newest segment tells whether a newer program has been here.
Result<void> refuse_newer_format(const std::string& directory, std::uint64_t newest) {
  const Result<SegmentReader> reader = SegmentReader::open(directory, newest);
  if (!reader && reader.error().code == ErrorCode::unavailable) return std::unexpected(reader.error());
  return {};
}

Result<Opened> create(const Options& options, std::optional<Anchor> anchor) {
  if (anchor && anchor->newest) {
    return fail(ErrorCode::corrupt,
                "the ledger in " + sys::quoted(options.directory.string()) + " is gone: its anchor names " +
                    std::to_string(anchor->newest->position.sequence) + " records",
                "put the ledger back, or remove '" + anchor_path(options.anchor_directory) + "' to begin a new one");
  }
  SegmentFile file(options.directory.string(), options.segment_bytes);
  Result<KeyFile> old_key = KeyFile::open(key_path(options));
  if (!old_key && old_key.error().code == ErrorCode::unavailable) return std::unexpected(old_key.error());
  if (old_key && old_key->index() > 0) return corrupt("its key has signed checkpoints and there is no segment");
  const bool can_go_on = old_key && anchor && old_key->public_key() == anchor->root;
  KeyFile key = can_go_on ? *std::move(old_key) : TRY(KeyFile::create(key_path(options)));
  if (!can_go_on) {
    const PublicKey root = key.public_key();
    anchor = Anchor{.root = root, .kept = everything_kept(root), .newest = {}};
    TRY(write_anchor(options.anchor_directory, *anchor));
  }
  const Tail tail{.hash = anchor->kept.head};
  return Opened{.anchor = *std::move(anchor), .key = std::move(key), .file = std::move(file), .tail = tail};
}

// The key must be the one the newest checkpoint announced, or still the one that signed it when the process was killed
// between the two.
Result<KeyFile> open_key(const Options& options, const Anchor& anchor) {
  Result<KeyFile> key = KeyFile::open(key_path(options));
  if (!key && key.error().code == ErrorCode::not_found) return corrupt("its signing key is missing");
  if (!key) return key;
  const std::uint64_t index = anchor.newest ? anchor.newest->checkpoint.index + 1 : anchor.kept.key;
  const PublicKey& expected = anchor.newest ? anchor.newest->checkpoint.next : anchor.kept.public_key;
  if (key->index() > index) return corrupt("a checkpoint that was signed is missing at its end");
  const bool is_behind =
      anchor.newest && key->index() + 1 == index && key->public_key() == anchor.newest->checkpoint.key;
  if (is_behind) TRY(key->evolve());
  if (key->index() != index || key->public_key() != expected)
    return corrupt("its signing key is not the one it announced");
  return key;
}

Result<void> repair(const Options& options, const TailWalk& walk, SegmentFile& file) {
  if (walk.torn_segment != 0) TRY(sys::remove_file((options.directory / segment_name(walk.torn_segment)).string()));
  TRY(file.cut(walk.tail.offset, std::max(walk.tail.offset, walk.garbage_end)));
  if (walk.has_new_checkpoint()) TRY(write_anchor(options.anchor_directory, walk.anchor()));
  return {};
}

// What a killed retention could not remove any more.
Result<void> remove_dropped(const std::string& directory, const std::vector<std::uint64_t>& segments,
                            std::uint64_t first_kept) {
  for (const std::uint64_t segment : segments) {
    if (segment < first_kept) TRY(sys::remove_file(directory + "/" + segment_name(segment)));
  }
  return {};
}

}  // namespace

Result<Opened> open_files(const Options& options) {
  const std::string directory = options.directory.string();
  TRY(sys::make_private_directory(directory));
  TRY(sys::make_directories(options.anchor_directory.string(), 0700));
  const std::vector<std::uint64_t> segments = TRY(list_segments(directory));
  if (!segments.empty()) TRY(refuse_newer_format(directory, segments.back()));
  std::optional<Anchor> anchor = TRY(read_anchor(options.anchor_directory));
  const bool is_begun = !segments.empty() && !(segments.size() == 1 && segments.front() == 1 && anchor &&
                                               !anchor->newest && TRY(is_torn(directory, 1)));
  if (!is_begun) {
    Opened fresh = TRY(create(options, std::move(anchor)));
    // A first segment that a kill left without its header holds nothing, and verification would stumble over it.
    if (!segments.empty()) TRY(sys::remove_file(directory + "/" + segment_name(segments.front())));
    return fresh;
  }
  if (!anchor) {
    return fail(ErrorCode::corrupt,
                "the ledger's anchor " + sys::quoted(anchor_path(options.anchor_directory)) + " is missing",
                "put it back from a copy; without it nothing shows that the ledger is whole");
  }
  TailWalk walk(directory, segments, *anchor);
  TRY(walk.run());
  KeyFile key = TRY(open_key(options, walk.anchor()));
  SegmentFile file(directory, options.segment_bytes);
  TRY(file.open(walk.tail.segment));
  if (!walk.is_clean()) TRY(repair(options, walk, file));
  TRY(remove_dropped(directory, segments, anchor->kept.first));
  return Opened{.anchor = walk.anchor(), .key = std::move(key), .file = std::move(file), .tail = walk.tail};
}

}  // namespace lilux::ledger

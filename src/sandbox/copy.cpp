#include "sandbox/copy.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>
#include <vector>

#include <fcntl.h>

#include "base/time.h"
#include "sandbox/record.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/tree.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::uint32_t kModeMax = 0777;
constexpr std::uint64_t kCountedMax = 1'000'000;               // entries, to say how many there are
constexpr std::uint64_t kRoomLeft = std::uint64_t{256} << 20;  // of the disk
constexpr std::int64_t kTickNs = 20'000'000;  // changes this close may have the same time, as the system counts it
constexpr auto kQuiet = std::chrono::milliseconds(200);  // so long a file may change before it is given up
constexpr int kTries = 3;                                // and so often it is copied at least
constexpr auto kTurn = std::chrono::seconds(5);          // of a filesystem's clock

bool is_same(const sys::Stat& left, const sys::Stat& right) {
  return left.inode == right.inode && left.size == right.size && left.modified_ns == right.modified_ns &&
         left.changed_ns == right.changed_ns;
}

// "3 files and folders", with the part below the tree that has the most of them.
struct Count {
  std::map<std::string, sys::TreeSize> parts;  // by the first name
  sys::TreeSize all;

  void add(const std::string& below, std::uint64_t bytes) {  // "/a/b"
    const std::size_t end = below.find('/', 1);
    for (sys::TreeSize* size : {&all, &parts[below.substr(1, end == std::string::npos ? end : end - 1)]}) {
      ++size->entries;
      size->bytes += bytes;
    }
  }
  std::string largest(std::uint64_t sys::TreeSize::* measure) const {
    const auto most = std::ranges::max_element(parts, {}, [&](const auto& part) { return part.second.*measure; });
    return most == parts.end() ? "nothing" : sys::quoted(most->first);
  }
};

std::unexpected<base::Error> too_large(const std::string& tree, const std::string& found, const std::string& limit,
                                       const std::string& largest) {
  return fail(ErrorCode::over_budget,
              sys::quoted(tree) + " is too large to be copied for a command: it has " + found + ", most of it in " +
                  largest + ", and the limit is " + limit,
              "this machine has no overlays (`lilux doctor sandbox`): give it user namespaces, see docs/sandbox.md, or "
              "move what is large out of the project");
}

class Copier {
 public:
  Copier(const std::string& tree, const std::string& to, const CopyTerms& terms, const std::stop_token& stop)
      : tree_(tree), to_(to), limits_(terms.limits), left_out_(terms.left_out), stop_(stop) {}

  Result<std::vector<RecordLine>> copy() {
    TRY(measure());
    const auto visit = [this](const sys::Place& from, const sys::Stat& seen) { return one(from, seen); };
    TRY(sys::walk_tree(TRY(sys::open_parent(tree_)), limits_.entries + 1, visit));
    TRY(finish_folders());
    return std::move(lines_);
  }
  std::int64_t newest_ns() const { return newest_ns_; }

 private:
  Result<void> measure() {
    Count count;
    const auto visit = [&](const sys::Place& place, const sys::Stat& stat) -> Result<sys::Descend> {
      TRY(check_stop());
      if (left_out_.contains(place.path)) return sys::Descend::no;
      if (place.path != tree_) count.add(place.path.substr(tree_.size()), stat.is_regular() ? stat.size : 0);
      return sys::Descend::yes;
    };
    const Result<sys::TreeSize> walked = sys::walk_tree(TRY(sys::open_parent(tree_)), kCountedMax, visit);
    const bool is_uncounted = !walked && walked.error().code == ErrorCode::over_budget;
    if (!walked && !is_uncounted) return std::unexpected(walked.error());
    if (count.all.entries > limits_.entries)
      return too_large(tree_,
                       (is_uncounted ? "more than " : "") + std::to_string(count.all.entries) + " files and folders",
                       std::to_string(limits_.entries) + " files and folders", count.largest(&sys::TreeSize::entries));
    const auto bytes = [](std::uint64_t number) { return std::to_string(number >> 20) + " MiB"; };
    if (count.all.bytes > limits_.bytes)
      return too_large(tree_, bytes(count.all.bytes), bytes(limits_.bytes), count.largest(&sys::TreeSize::bytes));
    const std::uint64_t room = TRY(sys::disk_space(to_)).available_bytes;
    if (count.all.bytes + kRoomLeft > room)
      return fail(ErrorCode::over_budget,
                  "the disk of " + sys::quoted(to_) + " has " + bytes(room) + " left, and " + sys::quoted(tree_) +
                      ", which is copied for a command, has " + bytes(count.all.bytes),
                  "make room and run it again");
    return {};
  }

  Result<sys::Descend> one(const sys::Place& from, const sys::Stat& seen) {
    TRY(check_stop());
    const std::string below = from.path.substr(tree_.size());
    if (below.empty()) {
      folders_.emplace_back(below, seen);
      return sys::Descend::yes;
    }
    if (std::ranges::count(below, '/') > kCopiedDepthMax)
      return fail(ErrorCode::over_budget,
                  sys::quoted(from.path) + " lies more than " + std::to_string(kCopiedDepthMax) + " folders deep",
                  "this machine copies the project for a command, and no deeper");
    const sys::Place to = TRY(sys::open_parent(to_ + below));
    if (left_out_.contains(from.path)) return TRY(leave_out(seen, to, below)), sys::Descend::no;
    if (seen.is_directory()) {
      TRY(sys::make_directory(to, 0700));
      folders_.emplace_back(below, seen);
      return sys::Descend::yes;
    }
    if (seen.is_symlink()) {
      TRY(sys::make_symlink(TRY(sys::read_link(from)), to));
      TRY(sys::set_times(to, sys::times_of(seen)));
      TRY(note(below));
    } else if (seen.is_regular()) {
      const sys::Stat copied = TRY(copy_unchanging(from, to, limits_.bytes - bytes_));
      bytes_ += copied.size;
      TRY(finish(below, copied));
    }
    return sys::Descend::no;
  }

  // A folder that is closed to its owner could not be looked into for changes.
  Result<void> leave_out(const sys::Stat& seen, const sys::Place& to, const std::string& below) {
    if (seen.is_directory()) {
      TRY(sys::make_directory(to, 0500));
    } else {
      TRY(sys::open(to, O_WRONLY | O_CREAT | O_EXCL, 0));
      TRY(sys::set_mode(to, 0));
    }
    return note(below);
  }

  // From the inside out, since what is made in a folder changes its times.
  Result<void> finish_folders() {
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder)
      TRY(finish(folder->first, folder->second));
    return {};
  }

  Result<void> finish(const std::string& below, const sys::Stat& as) {
    const sys::Place place = TRY(sys::open_parent(to_ + below));
    TRY(sys::set_times(place, sys::times_of(as)));
    TRY(sys::set_mode(place, as.mode & kModeMax));
    return note(below);
  }

  Result<void> note(const std::string& below) {
    const sys::Stat made = TRY(sys::stat(TRY(sys::open_parent(to_ + below))));
    newest_ns_ = std::max(newest_ns_, made.changed_ns);
    if (below.empty()) return {};
    lines_.push_back(
        {.numbers = {made.inode, static_cast<std::uint64_t>(made.changed_ns), made.mode & kModeMax, 0}, .path = below});
    return {};
  }

  Result<void> check_stop() const {
    if (!stop_.stop_requested()) return {};
    return fail(ErrorCode::cancelled, "copying " + sys::quoted(tree_) + " was stopped");
  }

  const std::string& tree_;
  const std::string& to_;
  const CopyLimits& limits_;
  const std::set<std::string>& left_out_;
  const std::stop_token& stop_;
  std::uint64_t bytes_ = 0;
  std::int64_t newest_ns_ = 0;
  std::vector<std::pair<std::string, sys::Stat>> folders_;  // outer ones first
  std::vector<RecordLine> lines_;
};

// Returns when a change of the file has a later time than that, so that the next change of any other has one too.
Result<void> outlast(const std::string& file, std::int64_t newest_ns) {
  const sys::Place place = TRY(sys::open_parent(file));
  const auto deadline = Clock::now() + kTurn;
  while (TRY(sys::stat(place)).changed_ns <= newest_ns) {
    if (Clock::now() > deadline)
      return fail(ErrorCode::unavailable, "the clock of the filesystem of " + sys::quoted(file) + " stands still");
    TRY(sys::set_mode(place, 0600));
  }
  return {};
}

}  // namespace

Result<sys::Stat> copy_unchanging(const sys::Place& from, const sys::Place& to, std::uint64_t bytes_max) {
  const sys::Fd source = TRY(sys::open_regular(from));
  const sys::Fd made = TRY(sys::open(to, O_RDWR | O_CREAT | O_EXCL, 0600));
  const auto deadline = Clock::now() + kQuiet;
  for (int tries = 1;; ++tries) {
    const std::int64_t began_ns = base::now_us() * 1000;
    const sys::Stat before = TRY(sys::stat(source, from.path));
    TRY(sys::copy_bytes(source.get(), made.get(), bytes_max, from.path));
    const bool is_young = std::abs(before.changed_ns - began_ns) < kTickNs;
    if (!is_young && is_same(before, TRY(sys::stat(source, from.path)))) return before;
    if (tries >= kTries && Clock::now() > deadline)
      return fail(ErrorCode::conflict, sys::quoted(from.path) + " changes while it is copied", "run it again");
    TRY(sys::seek_to(source.get(), 0, from.path));
    TRY(sys::seek_to(made.get(), 0, to.path));
    TRY(sys::truncate(made.get(), 0, to.path));
  }
}

Result<void> copy_tree(const std::string& tree, const std::string& to, const std::string& record,
                       const CopyTerms& terms, const std::stop_token& stop) {
  Copier copier(tree, to, terms, stop);
  const Result<std::vector<RecordLine>> lines = copier.copy();
  if (!lines && lines.error().code == ErrorCode::not_found)  // it was there when its folder was listed
    return fail(ErrorCode::conflict, sys::quoted(tree) + " changes while it is copied: " + lines.error().message,
                "run it again");
  TRY(write_record(record, TRY(lines), Outlives::process));  // what is kept longer is settled
  return outlast(record, copier.newest_ns());
}

Result<std::optional<Copied>> copied_in(const std::string& record) {
  const auto lines = TRY(read_record(record));
  if (!lines) return std::nullopt;
  Copied copied;
  for (const RecordLine& line : *lines) {
    copied[sys::parent_of(line.path)][sys::name_of(line.path)] = {
        .inode = line.numbers[0],
        .changed_ns = static_cast<std::int64_t>(line.numbers[1]),
        .mode = static_cast<std::uint32_t>(line.numbers[2])};
  }
  return copied;
}

}  // namespace lilux::sandbox

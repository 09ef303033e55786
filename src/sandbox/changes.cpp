#include "sandbox/changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fcntl.h>

#include "sandbox/copy.h"
#include "sandbox/record.h"
#include "sys/error.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;
using sys::FileType;

namespace {

constexpr int kDepthMax = kCopiedDepthMax;
constexpr std::size_t kEntriesMax = 200'000;  // of one folder
constexpr const char* kSettled = "/settled";  // of a run: what was found, as a record
constexpr const char* kKept = "/kept";        // and what it is about
constexpr std::uint32_t kModeMax = 0777;      // nobody's rights are lent to others on the word of a command
constexpr std::uint32_t kOfOwner = 0700;
constexpr std::size_t kComparedBytes = std::size_t{16} << 20;  // larger files count as changed

// How an overlay says that something is gone: by a device, which no program here can make. What else it says stands in
// marks that no program inside can set: on a folder that hides what lay below it, and on what was in the tree when it
// was first written to.
bool is_gone(const sys::Stat& stat) {
  return stat.type == FileType::character_device;
}
constexpr std::string_view kHidesAll = "user.overlay.opaque";
constexpr std::string_view kWasThere = "user.overlay.origin";
Result<bool> has_mark(const std::string& path, std::string_view mark) {
  const std::vector<sys::Attribute> found = TRY(sys::attributes(TRY(sys::open_parent(path))));
  return std::ranges::find(found, mark, &sys::Attribute::name) != found.end();
}

bool has_content(const FileChange& change) {
  return change.kind == ChangeKind::create || change.kind == ChangeKind::modify;
}

class Reader {
 public:
  Reader(std::string upper, std::string tree, std::optional<Copied> copied)
      : upper_(std::move(upper)), tree_(std::move(tree)), copied_(std::move(copied)) {}

  Result<std::vector<FileChange>> read() {
    TRY(top());
    TRY(folder("", false, 0));
    if (!moved_here_.empty() && moved_here_.size() > TRY(count_gone())) return has_gone(moved_here_.front());
    return std::move(found_);
  }

 private:
  // The mode of the tree itself stays; that of what was written is opened where we could not look into it.
  Result<void> top() {
    constexpr std::uint32_t kToLook = 0500;
    const sys::Place place = TRY(sys::open_parent(upper_));
    const std::uint32_t now = TRY(sys::stat(place)).mode & kModeMax;
    if ((now & kToLook) != kToLook) TRY(sys::set_mode(place, now | kToLook));
    if (now == (TRY(sys::stat(tree_)).mode & kModeMax)) return {};
    return add(
        {.kind = ChangeKind::left_out, .path = std::string(kTreeItself), .type = FileType::directory, .mode = now});
  }

  // `is_hidden`: what lay at this place before cannot be seen through the overlay, so it is gone but for what is new.
  Result<void> folder(const std::string& path, bool is_hidden, int depth) {
    if (depth > kDepthMax)
      return fail(ErrorCode::over_budget, "the command made folders more than " + std::to_string(kDepthMax) + " deep",
                  "have it work in /tmp");
    const CopiedFolder* copied = copied_folder(path);
    std::map<std::string, const CopiedEntry*> names;  // what it was, of each that was copied or is there
    if (copied != nullptr) {
      for (const auto& [name, entry] : *copied) names[name] = &entry;
    }
    sys::Place place{.parent = TRY(sys::open_directory(TRY(sys::open_parent(upper_ + path)))), .name = {}, .path = {}};
    std::set<std::string> kept;
    const auto entries = sys::list_directory(place.parent, upper_ + path, kEntriesMax);
    if (!entries && entries.error().code == ErrorCode::over_budget) return too_many();
    for (const sys::Entry& entry : TRY(entries)) {
      names.try_emplace(entry.name, nullptr);
      kept.insert(entry.name);
    }
    for (const auto& [name, entry] : names) {
      const std::string below = path + "/" + name;
      if (!kept.contains(name)) {
        if (TRY(stat_if_there(below))) TRY(add_removal(below));
        continue;
      }
      place.name = name;
      place.path = upper_ + below;
      const sys::Stat found = TRY(sys::stat(place));
      if (is_whiteout(found)) kept.erase(name);
      if (!is_untouched(found, entry))
        TRY(one(below, found, entry, is_hidden, depth));
      else if (found.is_directory())
        TRY(folder(below, false, depth + 1));
    }
    if (!is_hidden) return {};
    const auto before = TRY(stat_if_there(path));
    if (!before || !before->is_directory()) return {};
    for (const sys::Entry& entry : TRY(sys::list_directory(tree_ + path, kEntriesMax))) {
      if (!kept.contains(entry.name)) TRY(add_removal(path + "/" + entry.name));
    }
    return {};
  }

  const CopiedFolder* copied_folder(const std::string& path) const {
    if (!copied_) return nullptr;
    const auto found = copied_->find(path.empty() ? "/" : path);
    return found == copied_->end() ? nullptr : &found->second;
  }

  static bool is_untouched(const sys::Stat& found, const CopiedEntry* copied) {
    return copied != nullptr && copied->inode == found.inode && copied->changed_ns == found.changed_ns;
  }

  // In a copy such a device, which anybody can make, is one like all others.
  bool is_whiteout(const sys::Stat& stat) const { return !copied_ && is_gone(stat); }

  // What its owner could not read, or not enter and change, is made so: it could be neither looked at nor made real.
  Result<sys::Stat> readable(const std::string& path, sys::Stat now) {
    const std::uint32_t wanted = now.is_directory() ? kOfOwner : now.is_regular() ? 0400U : 0U;
    if ((now.mode & wanted) == wanted) return now;
    now.mode |= wanted;
    TRY(sys::set_mode(TRY(sys::open_parent(upper_ + path)), now.mode));
    return now;
  }

  Result<void> one(const std::string& path, const sys::Stat& found, const CopiedEntry* copied, bool is_hidden,
                   int depth) {
    const bool has_its_mode = copied != nullptr && copied->mode == (found.mode & kModeMax);
    const sys::Stat now = has_its_mode ? found : TRY(readable(path, found));
    const auto before = TRY(stat_if_there(path));
    if (copied != nullptr && !before) return has_gone(path);
    if (is_whiteout(now)) return before ? add_removal(path) : Result<void>();
    if (!now.is_regular() && !now.is_directory() && !now.is_symlink()) return leave_out(path, now, before);
    FileChange change{.path = path.substr(1),
                      .type = now.type,
                      .size = now.is_directory() ? 0 : now.size,
                      .mode = now.mode & kModeMax};
    const bool is_same_type = before && before->type == now.type;
    if (!copied_ && !is_same_type && TRY(was_there(path, now))) moved_here_.push_back(path);
    if (is_same_type && now.is_regular()) rewritten_.push_back(path);
    if (before && !is_same_type) TRY(add_removal(path));
    if (!is_same_type) {
      change.kind = ChangeKind::create;
      TRY(add(change));
    } else if (!now.is_directory() && !TRY(is_equal(path, now, *before))) {
      TRY(add(change));
    } else if (has_other_mode(now, *before, copied)) {
      change.kind = ChangeKind::properties;
      TRY(add(change));
    } else if (now.is_regular() && now.modified_ns != before->modified_ns) {
      change.kind = ChangeKind::touch;
      TRY(add(change));
    }
    if (!now.is_directory()) return {};
    const bool hides = !copied_ && (is_hidden || !is_same_type || TRY(has_mark(upper_ + path, kHidesAll)));
    return folder(path, hides, depth + 1);  // what was copied says itself what is gone from it
  }

  // An overlay moves no folders, and what has several names is not told from what the command gave another one.
  Result<bool> was_there(const std::string& path, const sys::Stat& now) const {
    if (now.is_regular() && now.links > 1) return false;
    if (!TRY(has_mark(upper_ + path, kWasThere))) return false;
    return now.is_directory() ? Result<bool>(has_gone(path)) : true;
  }

  // The files of the tree that a command may have moved: those that it took away, and those it put another one in place
  // of.
  Result<std::size_t> count_gone() const {
    std::size_t count = 0;
    const auto visit = [&](const sys::Place&, const sys::Stat& stat) {
      count += stat.is_regular() ? 1U : 0U;
      return sys::Descend::yes;
    };
    for (const FileChange& change : found_) {
      if (change.kind == ChangeKind::remove)
        TRY(sys::walk_tree(TRY(sys::open_parent(tree_ + "/" + change.path)), UINT64_MAX, visit));
    }
    for (const std::string& path : rewritten_) count += TRY(has_mark(upper_ + path, kWasThere)) ? 0U : 1U;
    return count;
  }

  static std::unexpected<base::Error> too_many() {
    return fail(ErrorCode::over_budget, "the command changed more than " + std::to_string(kChangesMax) + " files",
                "have it work in /tmp, or in smaller steps");
  }

  std::unexpected<base::Error> has_gone(const std::string& path) const {
    return fail(ErrorCode::conflict, sys::quoted(tree_ + path) + " has gone while the command ran", "run it again");
  }

  Result<void> leave_out(const std::string& path, const sys::Stat& now, const std::optional<sys::Stat>& before) {
    if (before && before->type != now.type) TRY(add_removal(path));
    return add({.kind = ChangeKind::left_out, .path = path.substr(1), .type = now.type});
  }

  static bool has_other_mode(const sys::Stat& now, const sys::Stat& before, const CopiedEntry* copied) {
    if (now.is_symlink()) return false;
    const std::uint32_t mode = copied != nullptr ? copied->mode : before.mode & kModeMax;
    const bool was_closed = now.is_directory() && (mode | kOfOwner) == (now.mode & kModeMax);  // until we opened it
    return (now.mode & kModeMax) != mode && !was_closed;
  }

  Result<bool> is_equal(const std::string& path, const sys::Stat& now, const sys::Stat& before) {
    if (now.is_symlink())
      return TRY(sys::read_link(TRY(sys::open_parent(upper_ + path)))) ==
             TRY(sys::read_link(TRY(sys::open_parent(tree_ + path))));
    if (now.size != before.size || now.size > kComparedBytes) return false;
    const sys::Fd file = TRY(sys::open_regular(TRY(sys::open_parent(upper_ + path))));
    return TRY(sys::read_all(file.get(), kComparedBytes, path)) == TRY(sys::read_file(tree_ + path, kComparedBytes));
  }

  Result<std::optional<sys::Stat>> stat_if_there(const std::string& path) {
    const Result<sys::Place> place = sys::open_parent(tree_ + path);
    if (!place) return std::optional<sys::Stat>();  // what would hold it is not there, or is no folder
    return sys::stat_if_there(*place);
  }

  Result<void> add_removal(const std::string& path) {
    const sys::Stat before = TRY(sys::lstat(tree_ + path));
    return add({.kind = ChangeKind::remove, .path = path.substr(1), .type = before.type, .size = before.size});
  }

  Result<void> add(FileChange change) {
    if (change.type == FileType::regular && has_content(change) && change.size > kFileBytesMax)
      change.kind = ChangeKind::left_out;
    bytes_ += has_content(change) ? change.size : 0;
    if (bytes_ > kChangedBytesMax)
      return fail(ErrorCode::over_budget,
                  "the command changed more than " + std::to_string(kChangedBytesMax >> 20) + " MiB",
                  "have it work in /tmp, or in smaller steps");
    if (found_.size() >= kChangesMax) return too_many();
    found_.push_back(std::move(change));
    return {};
  }

  std::string upper_;
  std::string tree_;
  std::optional<Copied> copied_;  // none for an overlay
  std::uint64_t bytes_ = 0;
  std::vector<FileChange> found_;
  std::vector<std::string> moved_here_;  // files, or those that have gone from the tree meanwhile
  std::vector<std::string> rewritten_;
};

// A file that is there for its time.
Result<void> keep_time(const FileChange& change, const std::string& upper, const std::string& kept) {
  const bool has_time =
      change.type == FileType::regular && change.kind != ChangeKind::remove && change.kind != ChangeKind::left_out;
  if (!has_time) return {};
  TRY(sys::make_directories(sys::parent_of(kept + change.path), 0700));
  const sys::Stat was = TRY(sys::stat(TRY(sys::open_parent(upper + change.path))));
  TRY(sys::open(kept + change.path, O_WRONLY | O_CREAT | O_EXCL, 0600));
  return sys::set_times(kept + change.path, sys::times_of(was));
}

// Another file with what this one holds, which nobody else has open.
Result<void> keep(const FileChange& change, const std::string& upper, const std::string& kept) {
  if (!has_content(change)) return keep_time(change, upper, kept);
  if (change.type == FileType::directory) return sys::make_directories(kept + change.path, 0700);
  TRY(sys::make_directories(sys::parent_of(kept + change.path), 0700));
  const sys::Place from = TRY(sys::open_parent(upper + change.path));
  const sys::Place to = TRY(sys::open_parent(kept + change.path));
  if (change.type == FileType::symlink) return sys::make_symlink(TRY(sys::read_link(from)), to);
  const sys::Stat was = TRY(copy_unchanging(from, to, change.size));
  TRY(sys::set_times(to, sys::times_of(was)));
  if (was.size == change.size) return {};
  return fail(ErrorCode::conflict, sys::quoted(change.path) + " changes although the command has ended",
              "run it again");
}

Result<void> remove_if_there(const std::string& path) {
  const sys::Place place = TRY(sys::open_parent(path));
  if (TRY(sys::stat_if_there(place))) TRY(sys::remove_tree(place));
  return {};
}

// What settle_changes() wrote down.
Result<std::optional<std::vector<FileChange>>> settled_in(const std::string& file) {
  const auto lines = TRY(read_record(file));
  if (!lines) return std::nullopt;
  std::vector<FileChange> found;
  for (const RecordLine& line : *lines) {
    if (line.numbers[0] > static_cast<std::uint64_t>(ChangeKind::left_out) ||
        line.numbers[1] > static_cast<std::uint64_t>(FileType::unknown))
      return fail(ErrorCode::corrupt, sys::quoted(file) + " is not as it was written", "run the command again");
    found.push_back({.kind = static_cast<ChangeKind>(line.numbers[0]),
                     .path = line.path,
                     .type = static_cast<FileType>(line.numbers[1]),
                     .size = line.numbers[2],
                     .mode = static_cast<std::uint32_t>(line.numbers[3])});
  }
  return found;
}

}  // namespace

std::string copy_record(const std::string& changes) {
  return changes + "/copied";
}

Result<std::vector<FileChange>> changes_of(const std::string& changes, const std::string& tree) {
  if (auto settled = TRY(settled_in(changes + kSettled))) return *std::move(settled);
  std::optional<Copied> copied = TRY(copied_in(copy_record(changes)));
  if (!copied && !sys::exists(changes + "/work"))
    return fail(ErrorCode::corrupt, sys::quoted(changes) + " does not say what was there before",
                "run the command again");
  return Reader(changes + "/upper", tree, std::move(copied)).read();
}

Result<std::vector<FileChange>> settle_changes(const std::string& changes, const std::string& tree) {
  std::vector<FileChange> found = TRY(changes_of(changes, tree));
  if (found.empty() || sys::exists(changes + kSettled)) return found;
  const bool is_copy = sys::exists(copy_record(changes));  // all that wrote to an overlay has ended with its root
  if (is_copy) {
    TRY(remove_if_there(changes + kKept));  // of a look that was not finished
    TRY(sys::make_directories(changes + kKept, 0700));
    for (const FileChange& change : found) TRY(keep(change, changes + "/upper/", changes + kKept + "/"));
  }
  std::vector<RecordLine> lines;
  for (const FileChange& change : found)
    lines.push_back({.numbers = {static_cast<std::uint64_t>(change.kind), static_cast<std::uint64_t>(change.type),
                                 change.size, change.mode},
                     .path = change.path});
  TRY(write_record(changes + kSettled, lines, Outlives::power_loss));
  // From here on that is what counts; what cannot be removed goes with the run.
  if (is_copy) {
    for (const char* name : {"/upper", "/tmp"}) std::ignore = remove_if_there(changes + name);
  }
  return found;
}

std::string content_of(const std::string& changes) {
  return changes + (sys::exists(changes + kSettled) && sys::exists(changes + kKept) ? kKept : "/upper");
}

Result<void> prepare_changes(const std::string& changes, const std::string& tree) {
  TRY(sys::make_private_directory(changes));
  TRY(sys::make_directories(changes + "/work", 0700));
  TRY(sys::make_directories(changes + "/upper", 0700));
  return sys::set_mode(TRY(sys::open_parent(changes + "/upper")), TRY(sys::stat(tree)).mode);
}

}  // namespace lilux::sandbox

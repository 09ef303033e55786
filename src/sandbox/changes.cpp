#include "sandbox/changes.h"

#include <algorithm>
#include <set>

#include "sys/error.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;
using sys::FileType;

namespace {

constexpr int kDepthMax = 200;
constexpr std::size_t kEntriesMax = 200'000;  // of one folder
constexpr std::uint32_t kModeMax = 0777;      // nobody's rights are lent to others on the word of a command
constexpr std::size_t kComparedBytes = std::size_t{16} << 20;  // larger files count as changed

// How an overlay says that something is gone: by a device, which no program here can make, and by a mark on a folder
// that hides what lay below it.
bool is_gone(const sys::Stat& stat) {
  return stat.type == FileType::character_device;
}
Result<bool> hides_all(const std::string& folder) {
  const std::vector<sys::Attribute> found = TRY(sys::attributes(TRY(sys::open_parent(folder))));
  return std::ranges::find(found, "user.overlay.opaque", &sys::Attribute::name) != found.end();
}

class Reader {
 public:
  Reader(std::string upper, std::string tree) : upper_(std::move(upper)), tree_(std::move(tree)) {}

  Result<std::vector<FileChange>> read() {
    TRY(folder("", false, 0));
    return std::move(found_);
  }

 private:
  // `is_hidden`: what lay at this place before cannot be seen through the overlay, so it is gone but for what is new.
  Result<void> folder(const std::string& path, bool is_hidden, int depth) {
    if (depth > kDepthMax)
      return fail(ErrorCode::over_budget, "the command made folders more than " + std::to_string(kDepthMax) + " deep",
                  "have it work in /tmp");
    std::set<std::string> kept;
    for (const sys::Entry& entry : TRY(sys::list_directory(upper_ + path, kEntriesMax))) {
      const std::string below = path + "/" + entry.name;
      const sys::Stat now = TRY(readable(below));
      if (!is_gone(now)) kept.insert(entry.name);
      TRY(one(below, now, is_hidden, depth));
    }
    if (!is_hidden) return {};
    const auto before = TRY(stat_if_there(path));
    if (!before || !before->is_directory()) return {};
    for (const sys::Entry& entry : TRY(sys::list_directory(tree_ + path, kEntriesMax))) {
      if (!kept.contains(entry.name)) TRY(add_removal(path + "/" + entry.name));
    }
    return {};
  }

  // What its owner could not read, or not enter and change, is made so: it could be neither looked at nor made real.
  Result<sys::Stat> readable(const std::string& path) {
    sys::Stat now = TRY(sys::lstat(upper_ + path));
    const std::uint32_t wanted = now.is_directory() ? 0700U : now.is_regular() ? 0400U : 0U;
    if ((now.mode & wanted) == wanted) return now;
    now.mode |= wanted;
    TRY(sys::set_mode(TRY(sys::open_parent(upper_ + path)), now.mode));
    return now;
  }

  Result<void> one(const std::string& path, const sys::Stat& now, bool is_hidden, int depth) {
    const auto before = TRY(stat_if_there(path));
    if (is_gone(now)) return before ? add_removal(path) : Result<void>();
    if (!now.is_regular() && !now.is_directory() && !now.is_symlink())
      return fail(ErrorCode::denied,
                  "the command made a " + std::string(sys::type_name(now.type)) + " at " + sys::quoted(tree_ + path) +
                      ", which is not made real",
                  "have it make them in /tmp");
    FileChange change{.path = path.substr(1),
                      .type = now.type,
                      .size = now.is_directory() ? 0 : now.size,
                      .mode = now.mode & kModeMax};
    const bool is_same_type = before && before->type == now.type;
    if (before && !is_same_type) TRY(add_removal(path));
    if (!is_same_type) {
      change.kind = ChangeKind::create;
      TRY(add(change));
    } else if (!now.is_directory() && !TRY(is_equal(path, now, *before))) {
      TRY(add(change));
    } else if (change.mode != (before->mode & kModeMax) && !now.is_symlink()) {
      change.kind = ChangeKind::properties;
      TRY(add(change));
    }
    if (!now.is_directory()) return {};
    return folder(path, is_hidden || !is_same_type || TRY(hides_all(upper_ + path)), depth + 1);
  }

  Result<bool> is_equal(const std::string& path, const sys::Stat& now, const sys::Stat& before) {
    if (now.is_symlink())
      return TRY(sys::read_link(TRY(sys::open_parent(upper_ + path)))) ==
             TRY(sys::read_link(TRY(sys::open_parent(tree_ + path))));
    if (now.size != before.size || now.size > kComparedBytes) return false;
    return TRY(sys::read_file(upper_ + path, kComparedBytes)) == TRY(sys::read_file(tree_ + path, kComparedBytes));
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
    bytes_ += change.kind == ChangeKind::remove || change.kind == ChangeKind::properties ? 0 : change.size;
    if (change.type == FileType::regular && change.kind != ChangeKind::remove && change.size > kFileBytesMax)
      return fail(
          ErrorCode::over_budget,
          sys::quoted(tree_ + "/" + change.path) + " has more than " + std::to_string(kFileBytesMax >> 20) + " MiB",
          "have the command write it to /tmp, or in parts");
    if (bytes_ > kChangedBytesMax)
      return fail(ErrorCode::over_budget,
                  "the command changed more than " + std::to_string(kChangedBytesMax >> 20) + " MiB",
                  "have it work in /tmp, or in smaller steps");
    if (found_.size() >= kChangesMax)
      return fail(ErrorCode::over_budget, "the command changed more than " + std::to_string(kChangesMax) + " files",
                  "have it work in /tmp, or in smaller steps");
    found_.push_back(std::move(change));
    return {};
  }

  std::string upper_;
  std::string tree_;
  std::uint64_t bytes_ = 0;
  std::vector<FileChange> found_;
};

}  // namespace

Result<std::vector<FileChange>> changes_of(const std::string& changes, const std::string& tree) {
  return Reader(changes + "/upper", tree).read();
}

Result<void> prepare_changes(const std::string& changes, const std::string& tree) {
  TRY(sys::make_private_directory(changes));
  TRY(sys::make_directories(changes + "/work", 0700));
  TRY(sys::make_directories(changes + "/upper", 0700));
  return sys::set_mode(TRY(sys::open_parent(changes + "/upper")), TRY(sys::stat(tree)).mode);
}

}  // namespace lilux::sandbox

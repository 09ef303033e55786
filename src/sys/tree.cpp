#include "sys/tree.h"

#include <array>
#include <cerrno>
#include <tuple>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/io.h"
#include "sys/open_strict.h"
#include "sys/temporary.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

// The folder at a place, unless another filesystem is mounted there: then nullopt.
Result<std::optional<Fd>> open_inner(const Place& place) {
  Fd fd = open_strict(place.parent.get(), place.name, kFolderFlags, Mounts::refused);
  if (fd) return fd;
  if (errno == EXDEV) return std::nullopt;
  if (errno == ELOOP)
    return base::fail(ErrorCode::conflict, quoted(place.path) + " has become a symlink",
                      "somebody changes this path at the same time: try again");
  return fail_errno(errno, "open", place.path);
}

Result<void> check_depth(int depth, const Place& place) {
  if (depth < kTreeDepthMax) return {};
  return base::fail(ErrorCode::over_budget,
                    quoted(place.path) + " lies more than " + std::to_string(kTreeDepthMax) + " folders deep",
                    "do it in parts");
}

// What it holds cannot be removed without the right to write it; its owner may take that right.
Result<std::optional<Fd>> open_to_empty(const Place& place, const Stat& status) {
  const bool is_closed = (status.mode & 0700U) != 0700U && status.uid == ::geteuid();
  Result<std::optional<Fd>> opened = open_inner(place);
  if (!is_closed || (!opened && opened.error().code != ErrorCode::denied)) return opened;
  if (!opened) {
    TRY(set_mode(place, status.mode | 0700U));
    return open_inner(place);
  }
  if (*opened && ::fchmod((*opened)->get(), status.mode | 0700U) != 0)
    return fail_errno(errno, "change the mode of", place.path);
  return opened;
}

// What lies deeper than folders can be open is first moved up into the outermost one.
class Removal {
 public:
  Result<TreeSize> remove(const Place& place) {
    TRY(below(place, 0));
    return removed_;
  }

 private:
  Result<void> below(const Place& place, int depth) {
    const Stat status = TRY(stat(place));
    if (status.is_directory() && depth == kTreeDepthMax) return move_up(place, status);
    if (status.is_directory()) {
      TRY(folder(place, status, depth));
    } else {
      TRY(remove_file(place));
      if (status.is_regular()) removed_.bytes += status.size;
    }
    ++removed_.entries;
    return {};
  }

  Result<void> folder(const Place& place, const Stat& status, int depth) {
    auto opened = TRY(open_to_empty(place, status));
    if (!opened) {
      return base::fail(ErrorCode::conflict, "cannot remove " + quoted(place.path) + ": a filesystem is mounted there",
                        "umount " + place.path);
    }
    Place child{.parent = std::move(*opened), .name = {}, .path = {}};
    if (depth == 0) top_ = &child;
    int moved = 0;
    do {
      moved = moved_;
      for (const Entry& entry : TRY(list_directory(child.parent, place.path))) {
        child.name = entry.name;
        child.path = place.path + "/" + entry.name;
        const Result<void> done = below(child, depth + 1);
        if (!done && done.error().code != ErrorCode::not_found) return done;  // somebody else removes it, too
      }
    } while (depth == 0 && moved != moved_);
    return remove_directory(place);
  }

  Result<void> move_up(const Place& place, const Stat& status) {
    if ((status.mode & 0700U) != 0700U) TRY(set_mode(place, status.mode | 0700U));
    Place to{.parent = TRY(duplicate(top_->parent.get())), .name = {}, .path = top_->path};
    while (true) {
      to.name = ".lilux-deep-" + std::to_string(++moved_);
      Result<void> done = rename(place, to, Replace::no);
      if (done || done.error().code != ErrorCode::conflict) return done;  // of a removal that was not finished
    }
  }

  TreeSize removed_;
  const Place* top_ = nullptr;
  int moved_ = 0;
};

struct Walk {
  const Visit& visit;
  std::uint64_t entries_max;
  TreeSize size;

  Result<void> at(const Place& place, int depth) {
    const Stat status = TRY(stat(place));
    if (++size.entries > entries_max) {
      return base::fail(ErrorCode::over_budget,
                        quoted(place.path) + " is beyond the limit of " + std::to_string(entries_max) + " entries",
                        "do it in parts");
    }
    if (status.is_regular()) size.bytes += status.size;
    const Descend descend = TRY(visit(place, status));
    if (descend == Descend::no || !status.is_directory()) return {};
    TRY(check_depth(depth, place));
    auto opened = depth == 0 ? std::optional(TRY(open_directory(place))) : TRY(open_inner(place));
    if (!opened) return {};
    const std::vector<Entry> entries = TRY(list_directory(*opened, place.path));
    Place child{.parent = std::move(*opened), .name = {}, .path = {}};
    for (const Entry& entry : entries) {
      child.name = entry.name;
      child.path = place.path + (place.path == "/" ? "" : "/") + entry.name;
      TRY(at(child, depth + 1));
    }
    return {};
  }
};

// Owner, user attributes and access list as far as we may; what may not be kept must not widen anything.
Result<void> copy_properties(int from, int to, const Stat& status, const std::string& path) {
  std::uint32_t mode = status.mode;
  if (::fchown(to, status.uid, status.gid) != 0) mode &= ~static_cast<std::uint32_t>(S_ISUID | S_ISGID);
  std::string names(65536, '\0');
  std::string value(65536, '\0');
  const ssize_t size = ::flistxattr(from, names.data(), names.size());
  for (std::string_view rest(names.data(), size > 0 ? static_cast<std::size_t>(size) : 0); !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(name.size() + 1);
    if (!name.starts_with("user.") && name != "system.posix_acl_access") continue;
    const ssize_t length = ::fgetxattr(from, name.c_str(), value.data(), value.size());
    if (length < 0) continue;
    // A filesystem without attributes keeps none, as with every copying program.
    std::ignore = ::fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(length), 0);
  }
  if (::fchmod(to, mode) != 0) return fail_errno(errno, "set the mode of", path);
  const std::array<timespec, 2> times{timespec_from(status.accessed_ns), timespec_from(status.modified_ns)};
  if (::futimens(to, times.data()) != 0) return fail_errno(errno, "set the times of", path);
  return {};
}

}  // namespace

Result<TreeSize> remove_tree(const Place& place) {
  return Removal().remove(place);
}

Result<TreeSize> walk_tree(const Place& place, std::uint64_t entries_max, const Visit& visit) {
  Walk walk{.visit = visit, .entries_max = entries_max, .size = {}};
  TRY(walk.at(place, 0));
  return walk.size;
}

Result<std::uint64_t> copy_file(const Place& from, const Place& to, Replace replace) {
  const Fd source = TRY(open_regular(from));
  const Stat status = TRY(stat(source, from.path));
  Temporary temporary = TRY(Temporary::create(to.parent, parent_of(to.path)));
  const std::uint64_t size = TRY(copy_bytes(source.get(), temporary.fd(), UINT64_MAX, from.path));
  TRY(copy_properties(source.get(), temporary.fd(), status, to.path));
  TRY(temporary.sync());
  TRY(temporary.move_to(to.name, replace));
  TRY(sync_parent(to));
  return size;
}

}  // namespace lilux::sys

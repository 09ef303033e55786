#include "sys/place.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/io.h"
#include "sys/open_strict.h"
#include "sys/path.h"
#include "sys/retry.h"
#include "sys/temporary.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kAttributeBytesMax = 65536;  // of the list and of one value, as the kernel limits them

// Names only: no ".", no "..", no empty ones, and the path itself a possible one.
Result<void> check_names(std::string_view path, std::string_view names) {
  TRY(check_path(path));
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find('/'));
    const bool ends_in_slash = name.size() + 1 == names.size();
    if (name.empty() || name == "." || name == ".." || ends_in_slash) {
      return base::fail(ErrorCode::invalid_argument, "path " + quoted(path) + " is not canonical");
    }
    names.remove_prefix(std::min(name.size() + 1, names.size()));
  }
  return {};
}

std::unexpected<base::Error> fail_open(int error_number, const std::string& path) {
  if (error_number != ELOOP) return fail_errno(error_number, "open", path);
  return base::fail(ErrorCode::conflict,
                    "cannot open " + quoted(path) + ": a component has become a symlink since it was checked",
                    "somebody changes this path at the same time: look at it with ls -ld and try again");
}

// A handle on whatever is at the place, a symlink included, and the name /proc has for it.
struct Handle {
  Fd fd;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd.get()); }
};

Result<Handle> handle_of(const Place& place) {
  return Handle{.fd = TRY(open(place, O_PATH))};
}

Result<std::string> attribute_value(const Handle& handle, const std::string& name, const Place& place) {
  std::string value(kAttributeBytesMax, '\0');
  const ssize_t size = ::getxattr(handle.path().c_str(), name.c_str(), value.data(), value.size());
  if (size < 0) return fail_errno(errno, "read attribute " + quoted(name) + " of", place.path);
  value.resize(static_cast<std::size_t>(size));
  return value;
}

std::string join(const std::string& directory, std::string_view name) {
  return directory + (directory.ends_with('/') ? "" : "/") + std::string(name);
}

}  // namespace

Result<Place> open_parent(const std::string& canonical_path) {
  if (!canonical_path.starts_with('/')) {
    return base::fail(ErrorCode::invalid_argument, "path " + quoted(canonical_path) + " is not absolute");
  }
  TRY(check_names(canonical_path, std::string_view(canonical_path).substr(1)));
  const bool is_root = canonical_path == "/";
  Fd parent = open_strict(AT_FDCWD, parent_of(canonical_path), O_PATH | O_DIRECTORY);
  if (!parent) return fail_open(errno, parent_of(canonical_path));
  return Place{.parent = std::move(parent), .name = is_root ? "." : name_of(canonical_path), .path = canonical_path};
}

Result<Place> place_in(const Fd& directory, const std::string& directory_path, const std::string& name) {
  TRY(check_names(name, name));
  if (name.find('/') != std::string::npos) {
    return base::fail(ErrorCode::invalid_argument, "name " + quoted(name) + " contains a slash");
  }
  return Place{.parent = TRY(duplicate(directory.get())), .name = name, .path = join(directory_path, name)};
}

Result<Fd> open(const Place& place, int flags, std::uint32_t mode) {
  const int how = flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
  const int fd = retry([&] { return ::openat(place.parent.get(), place.name.c_str(), how, mode); });
  if (fd < 0 && errno == ELOOP) {
    return base::fail(ErrorCode::invalid_argument, "cannot open " + quoted(place.path) + ": it is a symlink",
                      "readlink " + place.path);
  }
  if (fd < 0) return fail_errno(errno, (flags & O_CREAT) != 0 ? "create" : "open", place.path);
  return Fd(fd);
}

Result<Fd> open_regular(const Place& place) {
  // A device may act on being opened, so look first; O_NONBLOCK keeps a fifo swapped in afterwards from holding us.
  const Stat before = TRY(stat(place));
  if (before.type == FileType::regular) {
    Fd fd = TRY(open(place, O_RDONLY | O_NONBLOCK));
    if (TRY(stat(fd, place.path)).type == FileType::regular) return fd;
  }
  if (before.is_directory()) return fail_errno(EISDIR, "open", place.path);
  return base::fail(
      ErrorCode::invalid_argument,
      "cannot open " + quoted(place.path) + ": it is no regular file but a " + std::string(type_name(before.type)),
      "name a regular file");
}

Result<Fd> open_directory(const Place& place) {
  return open(place, O_RDONLY | O_DIRECTORY);
}

Result<Stat> stat(const Place& place) {
  struct ::stat raw{};
  if (::fstatat(place.parent.get(), place.name.c_str(), &raw, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail_errno(errno, "look at", place.path);
  }
  return stat_from(raw);
}

Result<std::optional<Stat>> stat_if_there(const Place& place) {
  auto found = stat(place);
  if (found) return *found;
  if (found.error().code == ErrorCode::not_found) return std::nullopt;
  return std::unexpected(std::move(found).error());
}

Result<std::optional<std::int64_t>> made_ns(const Place& place) {
  struct ::statx raw{};
  if (::statx(place.parent.get(), place.name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BTIME, &raw) != 0)
    return fail_errno(errno, "look at", place.path);
  if ((raw.stx_mask & STATX_BTIME) == 0) return std::nullopt;
  return std::int64_t{raw.stx_btime.tv_sec} * 1'000'000'000 + raw.stx_btime.tv_nsec;
}

Result<void> check_readable(const Place& place) {
  if (::faccessat(place.parent.get(), place.name.c_str(), R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) != 0)
    return fail_errno(errno, "read", place.path);
  return {};
}

Result<std::vector<Entry>> list(const Place& place, std::size_t entries_max) {
  const Fd directory = TRY(open_directory(place));
  return list_directory(directory, place.path, entries_max);
}

Result<std::string> read_link(const Place& place) {
  std::array<char, PATH_MAX> text;
  const ssize_t size = ::readlinkat(place.parent.get(), place.name.c_str(), text.data(), text.size());
  if (size >= 0) return std::string(text.data(), static_cast<std::size_t>(size));
  if (errno == EINVAL)
    return base::fail(ErrorCode::invalid_argument, quoted(place.path) + " is not a symlink", "name the link itself");
  return fail_errno(errno, "read link", place.path);
}

Result<void> make_directory(const Place& place, std::uint32_t mode) {
  if (::mkdirat(place.parent.get(), place.name.c_str(), mode) != 0) return fail_errno(errno, "make folder", place.path);
  const std::uint32_t made = TRY(stat(place)).mode;
  const std::uint32_t wanted = mode | (made & S_ISGID);  // the parent hands its group down
  return made == wanted ? Result<void>() : set_mode(place, wanted);
}

Result<void> make_symlink(const std::string& target, const Place& place) {
  TRY(check_path(target));
  if (::symlinkat(target.c_str(), place.parent.get(), place.name.c_str()) != 0) {
    return fail_errno(errno, "make symlink", place.path);
  }
  return {};
}

Result<void> make_hard_link(const Place& from, const Place& to) {
  if (::linkat(from.parent.get(), from.name.c_str(), to.parent.get(), to.name.c_str(), 0) != 0) {
    return fail_errno(errno, "link " + quoted(from.path) + " to " + quoted(to.path));
  }
  return {};
}

Result<void> remove_file(const Place& place) {
  if (::unlinkat(place.parent.get(), place.name.c_str(), 0) != 0) return fail_errno(errno, "remove", place.path);
  return {};
}

Result<void> remove_directory(const Place& place) {
  if (::unlinkat(place.parent.get(), place.name.c_str(), AT_REMOVEDIR) != 0) {
    return fail_errno(errno, "remove folder", place.path);
  }
  return {};
}

Result<void> rename(const Place& from, const Place& to, Replace replace) {
  if (rename_at(from.parent.get(), from.name, to.parent.get(), to.name, replace) == 0) return {};
  return fail_errno(errno, "rename " + quoted(from.path) + " to " + quoted(to.path));
}

Result<void> set_mode(const Place& place, std::uint32_t mode) {
  if (::fchmodat(place.parent.get(), place.name.c_str(), mode, AT_SYMLINK_NOFOLLOW) == 0) return {};
  if (errno == EOPNOTSUPP && TRY(stat(place)).is_symlink()) {
    return base::fail(ErrorCode::invalid_argument,
                      "cannot change the mode of " + quoted(place.path) + ": it is a symlink",
                      "name what it points to");
  }
  return fail_errno(errno, "change the mode of", place.path);
}

Result<void> set_owner(const Place& place, Owner owner) {
  if (::fchownat(place.parent.get(), place.name.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail_errno(errno, "change the owner of", place.path);
  }
  return {};
}

Result<void> set_times(const Place& place, Times times) {
  const std::array<timespec, 2> both{timespec_from(times.accessed_ns), timespec_from(times.modified_ns)};
  if (::utimensat(place.parent.get(), place.name.c_str(), both.data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return fail_errno(errno, "set the times of", place.path);
  }
  return {};
}

Result<void> sync_parent(const Place& place) {
  const Fd directory(retry([&] { return ::openat(place.parent.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!directory) return fail_errno(errno, "sync", parent_of(place.path));
  return sync_all(directory.get(), parent_of(place.path));
}

Result<std::vector<Attribute>> attributes(const Place& place) {
  const Handle handle = TRY(handle_of(place));
  std::string names(kAttributeBytesMax, '\0');
  const ssize_t size = ::listxattr(handle.path().c_str(), names.data(), names.size());
  if (size < 0 && errno == ENOTSUP) return std::vector<Attribute>{};
  if (size < 0) return fail_errno(errno, "list the attributes of", place.path);
  std::vector<Attribute> found;
  for (std::string_view rest(names.data(), static_cast<std::size_t>(size)); !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(name.size() + 1);
    found.push_back({.name = name, .value = TRY(attribute_value(handle, name, place))});
  }
  std::ranges::sort(found, {}, &Attribute::name);
  return found;
}

Result<void> set_attribute(const Place& place, const Attribute& attribute) {
  TRY(check_path(attribute.name));
  const Handle handle = TRY(handle_of(place));
  if (::setxattr(handle.path().c_str(), attribute.name.c_str(), attribute.value.data(), attribute.value.size(), 0) !=
      0) {
    return fail_errno(errno, "set attribute " + quoted(attribute.name) + " of", place.path);
  }
  return {};
}

Result<void> remove_attribute(const Place& place, const std::string& name) {
  TRY(check_path(name));
  const Handle handle = TRY(handle_of(place));
  if (::removexattr(handle.path().c_str(), name.c_str()) != 0) {
    return fail_errno(errno, "remove attribute " + quoted(name) + " of", place.path);
  }
  return {};
}

}  // namespace lilux::sys

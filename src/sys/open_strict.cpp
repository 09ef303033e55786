#include "sys/open_strict.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/retry.h"

namespace lilux::sys {

namespace {

// O_DIRECTORY on a symlink answers ENOTDIR; say what it really is. Leaves errno alone otherwise.
void name_the_symlink(int directory, const char* name) {
  if (errno != ENOTDIR) return;
  struct ::stat raw{};
  const bool is_symlink = ::fstatat(directory, name, &raw, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(raw.st_mode);
  errno = is_symlink ? ELOOP : ENOTDIR;
}

// The same for kernels and sandboxes without openat2. A mount point shows by its device number, so a bind mount of the
// same filesystem does not: better than nothing where nothing better exists.
Fd walk_strict(int directory, const std::string& path, int flags, Mounts mounts) {
  Fd current;
  int at = directory;
  if (path.starts_with('/')) {
    current = Fd(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    at = current.get();
  }
  struct ::stat start{};
  if (mounts == Mounts::refused && ::fstat(at, &start) != 0) return {};
  std::string_view rest = path;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    const std::string component(rest.substr(0, rest.find('/')));
    rest.remove_prefix(component.size());
    const bool is_last = rest.find_first_not_of('/') == std::string_view::npos;
    const int how = is_last ? flags : O_PATH | O_DIRECTORY;
    const std::string name = component.empty() ? "." : component;
    Fd next(retry([&] { return ::openat(at, name.c_str(), how | O_NOFOLLOW | O_CLOEXEC); }));
    if (!next) {
      name_the_symlink(at, name.c_str());
      return {};
    }
    struct ::stat raw{};
    if (::fstat(next.get(), &raw) != 0) return {};
    const bool is_symlink = S_ISLNK(raw.st_mode) && (flags & O_NOFOLLOW) == 0;
    if (is_symlink || (mounts == Mounts::refused && raw.st_dev != start.st_dev)) {
      errno = is_symlink ? ELOOP : EXDEV;
      return {};
    }
    current = std::move(next);
    at = current.get();
    if (is_last) return current;
  }
}

}  // namespace

Fd open_strict(int directory, const std::string& path, int flags, Mounts mounts) {
  open_how how{};
  how.flags = static_cast<__u64>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  if (!path.starts_with('/')) how.resolve |= RESOLVE_BENEATH;
  if (mounts == Mounts::refused) how.resolve |= RESOLVE_NO_XDEV;
  long fd = -1;
  do {  // EAGAIN: somebody renames around us and the kernel cannot tell whether we stayed below
    fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  // Some sandboxes answer EPERM for system calls they do not know.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) return walk_strict(directory, path, flags, mounts);
  if (fd < 0) name_the_symlink(directory, path.c_str());
  return Fd(static_cast<int>(fd));
}

bool is_free_of_symlinks(const std::string& path) {
  return open_strict(AT_FDCWD, path, O_PATH) ||
         errno == ENOENT;  // a symlink before the missing part would be told first
}

}  // namespace lilux::sys

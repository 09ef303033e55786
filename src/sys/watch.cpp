#include "sys/watch.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::Result;

namespace {

constexpr std::uint32_t kChanges = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                   IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::size_t kReadBytes = 16384;

// Those whose files other machines change without a word to this one.
constexpr std::array<std::uint32_t, 9> kShared{NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,  CIFS_SUPER_MAGIC,
                                               SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC, V9FS_MAGIC,
                                               CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC,  CODA_SUPER_MAGIC};

bool is_shared(const Fd& folder) {
  struct statfs found{};
  if (::fstatfs(folder.get(), &found) != 0) return true;
  return std::ranges::find(kShared, static_cast<std::uint32_t>(found.f_type)) != kShared.end();
}

}  // namespace

Result<Watch> Watch::create() {
  Fd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) return fail_errno(errno, "watch folders");
  return Watch(std::move(fd));
}

void Watch::add(const Fd& folder) {
  const std::string path =
      "/proc/self/fd/" + std::to_string(folder.get());  // the folder itself, whatever its name by now
  is_blind_ = is_blind_ || is_shared(folder) || ::inotify_add_watch(fd_.get(), path.c_str(), kChanges) < 0;
}

bool Watch::is_quiet() {
  bool is_quiet = true;
  std::array<char, kReadBytes> events;
  while (retry([&] { return ::read(fd_.get(), events.data(), events.size()); }) > 0) is_quiet = false;
  return is_quiet && !is_blind_;
}

}  // namespace lilux::sys

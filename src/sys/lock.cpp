#include "sys/lock.h"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <sstream>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::Result;

namespace {

constexpr std::size_t kLocksBytesMax = std::size_t{4} << 20;

}  // namespace

Result<std::optional<Lock>> Lock::try_lock(const std::string& folder) {
  Fd fd = TRY(open(folder, O_RDONLY | O_DIRECTORY));
  // The C library declares flock in <sys/file.h>, which is our own file.h here.
  if (retry([&] { return ::syscall(SYS_flock, fd.get(), LOCK_EX | LOCK_NB); }) == 0) return Lock(std::move(fd));
  if (errno == EWOULDBLOCK) return std::nullopt;
  return fail_errno(errno, "lock", folder);
}

// A line of /proc/locks is "1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF", the file as device and inode.
std::optional<pid_t> Lock::holder(const std::string& folder) {
  const Result<Stat> found = stat(folder);
  const Result<std::string> locks = read_file("/proc/locks", kLocksBytesMax);
  if (!found || !locks) return std::nullopt;
  std::istringstream lines(*locks);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, kind, how, access, file;
    pid_t pid = 0;
    if (!(words >> number >> kind >> how >> access >> pid >> file) || kind != "FLOCK" || pid <= 0) continue;
    unsigned device_major = 0;
    unsigned device_minor = 0;
    std::uint64_t inode = 0;
    if (std::sscanf(file.c_str(), "%x:%x:%" SCNu64, &device_major, &device_minor, &inode) != 3) continue;
    if (inode == found->inode && makedev(device_major, device_minor) == found->device) return pid;
  }
  return std::nullopt;
}

}  // namespace lilux::sys

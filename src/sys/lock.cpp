#include "sys/lock.h"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::Result;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLocksBytesMax = std::size_t{4} << 20;

// False when somebody else holds it.
Result<bool> try_flock(const Fd& fd, const std::string& path) {
  // The C library declares flock in <sys/file.h>, which is our own file.h here.
  if (retry([&] { return ::syscall(SYS_flock, fd.get(), LOCK_EX | LOCK_NB); }) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return fail_errno(errno, "lock", path);
}

std::unexpected<base::Error> fail_wait(const std::string& pipe) {
  const std::optional<pid_t> holder = Lock::holder(pipe);
  const std::string who = holder ? "process " + std::to_string(*holder) : "another process";
  return base::fail(base::ErrorCode::timeout, who + " holds " + quoted(pipe) + " for too long",
                    holder ? "see what it does: ps -fp " + std::to_string(*holder) : "try again");
}

// Opens the pipe, with write access or without; made when it is not there.
Result<Fd> open_pipe(const std::string& pipe, int flags) {
  if (::mkfifo(pipe.c_str(), 0600) != 0 && errno != EEXIST) return fail_errno(errno, "make pipe", pipe);
  Fd fd = TRY(open(pipe, flags | O_NONBLOCK | O_NOFOLLOW));
  if (TRY(stat(fd, pipe)).type == FileType::fifo) return fd;
  return base::fail(base::ErrorCode::conflict, quoted(pipe) + " is no named pipe", "move it away: ls -l " + pipe);
}

}  // namespace

Result<std::optional<Lock>> Lock::try_lock(const std::string& folder) {
  Fd fd = TRY(open(folder, O_RDONLY | O_DIRECTORY));
  if (TRY(try_flock(fd, folder))) return Lock(std::move(fd));
  return std::nullopt;
}

// Nothing can be missed: the reader is open before each try, and whoever holds the lock is a writer of the pipe, so
// that the reader sees it hung up from the moment the last writer is gone until there is one again.
Result<Lock> Lock::wait_for(const std::string& pipe, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  const Fd reader = TRY(open_pipe(pipe, O_RDONLY));
  while (true) {
    Fd fd = TRY(open_pipe(pipe, O_RDWR));
    if (TRY(try_flock(fd, pipe))) return Lock(std::move(fd));
    fd.close();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return fail_wait(pipe);
    pollfd wait{.fd = reader.get(), .events = 0, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(left)) < 0 && errno != EINTR) return fail_errno(errno, "wait for", pipe);
  }
}

// A line of /proc/locks is "1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF", the file as device and inode.
std::optional<pid_t> Lock::holder(const std::string& path) {
  const Result<Stat> found = stat(path);
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

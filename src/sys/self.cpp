#include "sys/self.h"

#include <cerrno>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/fd.h"

extern char** environ;

namespace lilux::sys {

pid_t process_id() {
  return ::getpid();
}

std::uint32_t user_id() {
  return ::geteuid();
}

std::vector<std::string> own_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; entry && *entry; ++entry) entries.emplace_back(*entry);
  return entries;
}

std::uint32_t own_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

base::Result<void> signal_process(pid_t pid, int signal) {
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd)
    return errno == ESRCH
               ? base::Result<void>(base::fail(base::ErrorCode::not_found, "no process " + std::to_string(pid)))
               : fail_errno(errno, "open process " + std::to_string(pid));
  if (::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) != 0)
    return fail_errno(errno, "signal process " + std::to_string(pid));
  return {};
}

}  // namespace lilux::sys

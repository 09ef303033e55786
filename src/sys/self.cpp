#include "sys/self.h"

#include <cerrno>
#include <charconv>
#include <string_view>

#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/fd.h"
#include "sys/file.h"

extern char** environ;

namespace lilux::sys {

namespace {

constexpr std::size_t kStatusBytesMax = 65536;

}  // namespace

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
  constexpr std::string_view kLine = "\nUmask:\t";
  const std::string status = read_file("/proc/self/status", kStatusBytesMax).value_or("");
  const std::size_t line = status.find(kLine);
  std::uint32_t mask = 022;
  if (line != std::string::npos)
    std::from_chars(status.data() + line + kLine.size(), status.data() + status.size(), mask, 8);
  return mask;
}

void give_back_large_blocks() {
  constexpr int kLargeBytes = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
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

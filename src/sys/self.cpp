#include "sys/self.h"

#include <charconv>
#include <string_view>

#include <malloc.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/file.h"

extern char** environ;

namespace lilux::sys {

namespace {

constexpr std::size_t kStatusBytesMax = 65536;

// As sched_setattr(2) has it; newer headers name it too.
struct Scheduling {
  std::uint32_t size = sizeof(Scheduling);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t niceness = 0;
  std::uint32_t priority = 0;
  std::uint64_t slice_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};

}  // namespace

pid_t process_id() {
  return ::getpid();
}

std::uint32_t group_id() {
  return ::getegid();
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

void set_own_umask(std::uint32_t mask) {
  ::umask(static_cast<mode_t>(mask));
}

void answer_soon() {
  constexpr std::uint64_t kSliceNs = 100'000;  // the least there is
  constexpr std::uint64_t kResetOnFork = 1;
  Scheduling now;
  if (::syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) != 0 || now.policy != SCHED_OTHER) return;
  now.flags |= kResetOnFork;
  now.slice_ns = kSliceNs;
  ::syscall(SYS_sched_setattr, 0, &now, 0);
}

void give_back_large_blocks() {
  constexpr int kLargeBytes = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
}

}  // namespace lilux::sys

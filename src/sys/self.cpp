#include "sys/self.h"

#include <charconv>
#include <string_view>

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

extern char** environ;

namespace lilux::sys {

namespace {

constexpr std::size_t kStatusBytesMax = 65536;

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

void give_back_large_blocks() {
  constexpr int kLargeBytes = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
}

}  // namespace lilux::sys

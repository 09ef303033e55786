#include "sys/machine.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "base/number.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kProcFileMax = std::size_t{1} << 20;

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
  text.remove_prefix(word.size());
  return word;
}

// The numbers of a small file, up to the first word that is none ("max").
std::vector<std::int64_t> numbers_of(const std::string& path) {
  std::vector<std::int64_t> numbers;
  const auto text = read_file(path, kProcFileMax);
  if (!text) return numbers;
  for (std::string_view rest = *text; const auto number = base::number_from<std::int64_t>(next_word(rest));) {
    numbers.push_back(*number);
  }
  return numbers;
}

// A folder of /sys/fs/cgroup, in the hierarchy of all controllers or in one of an older kind.
struct CgroupFolder {
  std::string path;
  bool is_unified = false;
};

// Those that bind this process for one controller, nearest first. In a container the path that /proc tells may not be
// there; the root of what is mounted then stands for it.
std::vector<CgroupFolder> cgroup_folders(std::string_view controller) {
  std::vector<CgroupFolder> folders;
  const auto text = read_file("/proc/self/cgroup", kProcFileMax);
  for (std::string_view rest = text ? std::string_view(*text) : std::string_view(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string names = "," + std::string(line.substr(first + 1, second - first - 1)) + ",";
    const bool is_unified = names == ",,";
    if (!is_unified && names.find("," + std::string(controller) + ",") == std::string::npos) continue;
    const std::string root = "/sys/fs/cgroup" + (is_unified ? "" : "/" + std::string(controller));
    for (std::string path(line.substr(second + 1)); path.size() > 1; path = parent_of(path)) {
      folders.push_back({.path = root + path, .is_unified = is_unified});
    }
    folders.push_back({.path = root, .is_unified = is_unified});
  }
  return folders;
}

std::optional<double> cgroup_cores() {
  std::optional<double> least;
  const auto consider = [&](std::int64_t quota, std::int64_t period) {
    if (quota <= 0 || period <= 0) return;
    const double cores = static_cast<double>(quota) / static_cast<double>(period);
    least = std::min(least.value_or(cores), cores);
  };
  for (const CgroupFolder& folder : cgroup_folders("cpu")) {
    if (folder.is_unified) {
      const auto both = numbers_of(folder.path + "/cpu.max");
      if (both.size() == 2) consider(both[0], both[1]);
      continue;
    }
    const auto quota = numbers_of(folder.path + "/cpu.cfs_quota_us");
    if (quota.empty() || quota[0] <= 0) continue;
    const auto period = numbers_of(folder.path + "/cpu.cfs_period_us");
    if (!period.empty()) consider(quota[0], period[0]);
  }
  return least;
}

// Lowers `memory` to what the groups around us leave.
void apply_cgroup_limits(Memory& memory) {
  constexpr std::int64_t kNoLimit = std::int64_t{1} << 60;  // or more: the older kind's word for none
  for (const CgroupFolder& folder : cgroup_folders("memory")) {
    const auto limit = numbers_of(folder.path + (folder.is_unified ? "/memory.max" : "/memory.limit_in_bytes"));
    if (limit.empty() || limit[0] <= 0 || limit[0] >= kNoLimit) continue;
    const auto usage = numbers_of(folder.path + (folder.is_unified ? "/memory.current" : "/memory.usage_in_bytes"));
    if (usage.empty()) continue;
    const auto total = static_cast<std::uint64_t>(limit[0]);
    memory.total_bytes = std::min(memory.total_bytes, total);
    memory.available_bytes =
        std::min(memory.available_bytes, total - std::min(total, static_cast<std::uint64_t>(usage[0])));
  }
}

std::optional<std::uint64_t> kilobytes_of(std::string_view text, std::string_view key) {
  std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(at + key.size());
  const auto number = base::number_from<std::uint64_t>(next_word(rest));
  return number ? std::optional(*number * 1024) : std::nullopt;
}

}  // namespace

unsigned cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  unsigned count = 0;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) count = static_cast<unsigned>(CPU_COUNT(&set));
  if (count == 0) count = static_cast<unsigned>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));  // over 1024 cores
  if (const auto quota = cgroup_cores()) count = std::min(count, static_cast<unsigned>(*quota + 0.999));
  return std::max(count, 1U);
}

Result<Memory> memory() {
  const std::string text = TRY(read_file("/proc/meminfo", kProcFileMax));
  const auto total = kilobytes_of(text, "MemTotal:");
  const auto available = kilobytes_of(text, "MemAvailable:");
  if (!total || !available)
    return base::fail(ErrorCode::unavailable, "/proc/meminfo does not say how much memory there is");
  Memory memory{.total_bytes = *total, .available_bytes = *available};
  apply_cgroup_limits(memory);
  return memory;
}

Result<MachineMemory> machine_memory() {
  const std::string text = TRY(read_file("/proc/meminfo", kProcFileMax));
  const auto available = kilobytes_of(text, "MemAvailable:");
  const auto shared = kilobytes_of(text, "Shmem:");
  if (!available || !shared)
    return base::fail(ErrorCode::unavailable, "/proc/meminfo does not say how much memory is left");
  return MachineMemory{.available_bytes = *available + kilobytes_of(text, "SwapFree:").value_or(0),
                       .shared_bytes = *shared};
}

Result<std::uint64_t> resident_bytes() {
  const auto pages = numbers_of("/proc/self/statm");
  if (pages.size() < 2) return base::fail(ErrorCode::unavailable, "/proc/self/statm does not tell our size");
  return static_cast<std::uint64_t>(pages[1]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t descriptors_max() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

std::string own_program() {
  std::array<char, PATH_MAX> path;
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  return size < 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(size));
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

void drop_typed_ahead(int fd) {
  ::tcflush(fd, TCIFLUSH);
}

unsigned terminal_columns(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace lilux::sys

#include "sys/process_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kProcFileMax = std::size_t{4} << 20;  // command lines may be long

std::string proc_path(pid_t pid, std::string_view file) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(file);
}

Result<std::string> read_proc(pid_t pid, std::string_view file) {
  auto text = read_file(proc_path(pid, file), kProcFileMax);
  if (text) return text;
  // Reading of a process that ends meanwhile gives ESRCH, opening ENOENT.
  if (text.error().code == ErrorCode::not_found) {
    return base::fail(ErrorCode::not_found, "no process " + std::to_string(pid), "lilux call process.list");
  }
  return text;
}

std::int64_t ticks_per_second() {
  return ::sysconf(_SC_CLK_TCK);
}

std::int64_t clock_us(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

// /proc/<pid>/stat: the name stands in parentheses and may itself hold spaces and parentheses, so fields are counted
// from the last one; the numbers are those of proc(5).
Result<ProcessEntry> parse_stat(pid_t pid, std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  std::vector<std::string_view> fields;
  if (open != std::string_view::npos && close != std::string_view::npos && close > open) {
    for (std::string_view rest = text.substr(close + 1); !rest.empty();) {
      rest.remove_prefix(std::min(rest.find_first_not_of(" \n"), rest.size()));
      const std::string_view field = rest.substr(0, rest.find_first_of(" \n"));
      if (!field.empty()) fields.push_back(field);
      rest.remove_prefix(field.size());
    }
  }
  constexpr std::size_t first = 3;  // the state is field 3
  const auto field = [&](std::size_t number) {
    return base::number_from<std::int64_t>(fields[number - first]).value_or(0);
  };
  if (fields.size() < 22)
    return base::fail(ErrorCode::internal, "cannot read the state of process " + std::to_string(pid));
  ProcessEntry entry;
  entry.pid = pid;
  entry.name = text.substr(open + 1, close - open - 1);
  entry.state = fields[0][0];
  entry.parent = static_cast<pid_t>(field(4));
  entry.group = static_cast<pid_t>(field(5));
  entry.session = static_cast<pid_t>(field(6));
  entry.cpu_time = std::chrono::milliseconds((field(14) + field(15)) * 1000 / ticks_per_second());
  entry.threads = field(20);
  entry.start_ticks = static_cast<std::uint64_t>(field(22));
  entry.resident_bytes = static_cast<std::uint64_t>(field(24)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return entry;
}

// What the tree functions need and no more: one small file per process.
Result<ProcessEntry> read_entry(pid_t pid) {
  return parse_stat(pid, TRY(read_proc(pid, "stat")));
}

// The rest of an entry; what cannot be read of somebody else's process stays empty.
void complete(ProcessEntry& entry) {
  const std::int64_t up_us = clock_us(CLOCK_BOOTTIME);
  const std::int64_t after_boot_us = static_cast<std::int64_t>(entry.start_ticks) * (1'000'000 / ticks_per_second());
  entry.started_us = clock_us(CLOCK_REALTIME) - up_us + after_boot_us;
  const auto life_ms = static_cast<double>(up_us - after_boot_us) / 1000;
  if (life_ms > 0) entry.cpu_percent = static_cast<double>(entry.cpu_time.count()) / life_ms * 100;
  if (const auto status = stat("/proc/" + std::to_string(entry.pid))) entry.uid = status->uid;
  const auto command = read_proc(entry.pid, "cmdline");
  if (!command) return;
  for (std::string_view rest = *command; !rest.empty();) {
    const std::string_view argument = rest.substr(0, rest.find('\0'));
    entry.command.emplace_back(argument);
    rest.remove_prefix(std::min(argument.size() + 1, rest.size()));
  }
}

Result<std::vector<ProcessEntry>> read_entries() {
  std::vector<ProcessEntry> entries;
  for (const Entry& entry : TRY(list_directory("/proc"))) {
    const auto pid = base::number_from<pid_t>(entry.name);
    if (!pid) continue;
    auto found = read_entry(*pid);
    if (found) entries.push_back(std::move(*found));
  }
  std::ranges::sort(entries, {}, &ProcessEntry::pid);
  return entries;
}

// Members of the tree by what `entries` says, without zombies; see the header.
std::vector<ProcessEntry> members(const std::vector<ProcessEntry>& entries, const ProcessId& root) {
  const auto is_reused = [&](const ProcessEntry& entry) {
    return entry.pid == root.pid && entry.start_ticks != root.start_ticks;
  };
  // The kernel gives no number away that still names a group or session: a stranger there means all of it has ended.
  if (root.pid <= 1 || std::ranges::any_of(entries, is_reused)) return {};
  std::set<pid_t> inside;
  for (bool is_growing = true; is_growing;) {
    is_growing = false;
    for (const ProcessEntry& entry : entries) {
      const bool belongs = entry.pid == root.pid || entry.group == root.pid || entry.session == root.pid ||
                           inside.contains(entry.parent);
      if (belongs && inside.insert(entry.pid).second) is_growing = true;
    }
  }
  std::vector<ProcessEntry> found;
  std::ranges::copy_if(entries, std::back_inserter(found),
                       [&](const ProcessEntry& entry) { return inside.contains(entry.pid) && !entry.has_ended(); });
  return found;
}

// The tree without the calling process.
Result<std::vector<ProcessEntry>> others(const ProcessId& root) {
  std::vector<ProcessEntry> found = members(TRY(read_entries()), root);
  std::erase_if(found, [](const ProcessEntry& entry) { return entry.pid == ::getpid(); });
  return found;
}

// A hold on that very process; empty when it has ended, whoever has its number now.
Fd hold(const ProcessId& id) {
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, id.pid, 0)));
  if (!fd) return fd;
  const auto now = process_id(id.pid);
  return now && *now == id ? std::move(fd) : Fd();
}

bool signal_one(const ProcessEntry& entry, int signal) {
  return signal_process(entry.id(), signal).has_value();
}

std::unexpected<base::Error> still_running(const ProcessId& root, const ProcessEntry& entry, std::string_view what) {
  return base::fail(ErrorCode::timeout, "process " + std::to_string(entry.pid) + " (" + entry.name +
                                            ") of the tree of " + std::to_string(root.pid) + " cannot be " +
                                            std::string(what));
}

// There, but hidden in /proc: another user's.
bool is_hidden(pid_t pid) {
  return ::kill(pid, 0) != 0 && errno == EPERM;
}

// The process and what is above it; empty when one of them ended meanwhile.
std::vector<ProcessId> climb(pid_t pid) {
  constexpr std::size_t kDepthMax = 10'000;  // parents may change while we climb
  std::vector<ProcessId> found;
  while (found.size() < kDepthMax) {
    const auto entry = read_entry(pid);
    if (!entry && found.size() > 0 && is_hidden(pid)) return found;
    if (!entry) return {};
    found.push_back(entry->id());
    if (entry->parent <= 0) return found;
    pid = entry->parent;
  }
  return {};
}

void wait_for_end(const std::vector<Fd>& held, std::chrono::steady_clock::time_point deadline) {
  for (const Fd& fd : held) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wanted{.fd = fd.get(), .events = POLLIN, .revents = 0};
    ::poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  }
}

}  // namespace

Result<ProcessEntry> process(pid_t pid) {
  ProcessEntry entry = TRY(read_entry(pid));
  complete(entry);
  return entry;
}

Result<std::vector<ProcessEntry>> processes_without_commands() {
  return read_entries();
}

Result<std::vector<ProcessEntry>> processes() {
  std::vector<ProcessEntry> entries = TRY(read_entries());
  std::ranges::for_each(entries, complete);
  return entries;
}

Result<ProcessId> process_id(pid_t pid) {
  return TRY(read_entry(pid)).id();
}

Result<std::vector<ProcessId>> ancestors(pid_t pid) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    // A parent that ends hands its children to another one, so of two equal climbs each link held all the while.
    std::vector<ProcessId> line = climb(pid);
    if (line.empty() || line != climb(pid)) continue;
    line.erase(line.begin());
    return line;
  }
  return base::fail(ErrorCode::not_found, "nobody can tell what started process " + std::to_string(pid));
}

Result<void> signal_process(const ProcessId& id, int signal) {
  const std::string name = "process " + std::to_string(id.pid);
  const Fd fd = hold(id);
  if (!fd) return base::fail(ErrorCode::not_found, name + " has ended", "lilux call process.list");
  if (::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0) == 0) return {};
  return fail_errno(errno, "signal " + name);
}

std::optional<HeldMemory> held_memory(pid_t pid) {
  const std::string text = read_proc(pid, "smaps_rollup").value_or("");
  const auto bytes_of = [&](std::string_view line) -> std::optional<std::uint64_t> {
    const std::size_t at = text.find(line);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t from = text.find_first_not_of(' ', at + line.size());
    const auto kilobytes =
        base::number_from<std::uint64_t>(std::string_view(text).substr(from, text.find(' ', from) - from));
    return kilobytes ? std::optional(*kilobytes << 10) : std::nullopt;
  };
  const auto all = bytes_of("\nPss:");
  if (!all) return std::nullopt;
  return HeldMemory{.bytes = *all, .shared_bytes = std::min(*all, bytes_of("\nPss_Shmem:").value_or(0))};
}

std::map<std::uint64_t, std::uint64_t> open_memory_files(pid_t pid) {
  constexpr std::uint64_t kBlock = 512;
  std::map<std::uint64_t, std::uint64_t> found;
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  const Result<std::vector<Entry>> entries = list_directory(folder);
  for (const Entry& entry : entries ? *entries : std::vector<Entry>()) {
    std::array<char, 16> target{};
    const std::string name = folder + "/" + entry.name;
    const ssize_t size = ::readlink(name.c_str(), target.data(), target.size());
    struct ::stat file{};
    const bool is_one =
        size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)).starts_with("/memfd:");
    if (is_one && ::fstatat(AT_FDCWD, name.c_str(), &file, 0) == 0)
      found[file.st_ino] = static_cast<std::uint64_t>(file.st_blocks) * kBlock;
  }
  return found;
}

std::vector<ProcessId> children(pid_t pid) {
  std::vector<ProcessId> found;
  const auto entries = read_entries();
  if (!entries) return found;
  for (const ProcessEntry& entry : *entries) {
    if (entry.parent == pid) found.push_back(entry.id());
  }
  return found;
}

Result<std::size_t> freeze_tree(const ProcessId& root) {
  constexpr int kPasses = 30;
  std::set<pid_t> stopped;
  for (int pass = 0; pass < kPasses; ++pass) {
    bool is_quiet = true;
    for (const ProcessEntry& entry : TRY(others(root))) {
      const bool hides_its_state = entry.state == 'Z' && stopped.contains(entry.pid);
      if (entry.state == 'T' || entry.state == 't' || hides_its_state) {
        stopped.insert(entry.pid);
        continue;
      }
      is_quiet = false;
      if (signal_one(entry, SIGSTOP)) stopped.insert(entry.pid);
    }
    if (is_quiet) return stopped.size();
    ::poll(nullptr, 0, pass == 0 ? 0 : 1);  // a signal takes effect when its process is next scheduled
  }
  return base::fail(ErrorCode::timeout, "the tree of process " + std::to_string(root.pid) + " cannot be stopped");
}

Result<std::size_t> thaw_tree(const ProcessId& root) {
  std::size_t count = 0;
  for (const ProcessEntry& entry : TRY(others(root))) count += signal_one(entry, SIGCONT) ? 1U : 0U;
  return count;
}

Result<std::size_t> kill_tree(const ProcessId& root, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::set<pid_t> killed;
  while (true) {
    // Stopped first, so that none forks away between being seen and being killed. One that sleeps in the kernel cannot
    // be stopped; it is killed all the same, and the next pass looks for what it may have started.
    std::ignore = freeze_tree(root);
    const std::vector<ProcessEntry> found = TRY(others(root));
    if (found.empty()) return killed.size();
    std::vector<Fd> held;
    for (const ProcessEntry& entry : found) {
      Fd fd = hold(entry.id());
      if (!fd) continue;
      if (::syscall(SYS_pidfd_send_signal, fd.get(), SIGKILL, nullptr, 0) == 0) killed.insert(entry.pid);
      held.push_back(std::move(fd));
    }
    wait_for_end(held, deadline);
    if (std::chrono::steady_clock::now() < deadline) continue;
    const std::vector<ProcessEntry> left = TRY(others(root));
    if (left.empty()) return killed.size();
    return still_running(root, left.front(), "killed");
  }
}

// Newest first, and each by its group as well, which takes what it is just starting: what starts another and ends,
// again and again, is gone before one has looked at all.
Result<std::set<std::uint64_t>> kill_marked(const std::function<bool(std::uint64_t mark)>& is_meant) {
  std::vector<pid_t> pids;
  for (const Entry& entry : TRY(list_directory("/proc"))) {
    if (const auto pid = base::number_from<pid_t>(entry.name)) pids.push_back(*pid);
  }
  std::ranges::sort(pids, std::greater());
  std::set<std::uint64_t> seen;
  for (const pid_t pid : pids) {
    const Result<ProcessEntry> entry = read_entry(pid);  // ahead of the mark, which is its own or of who came after it
    const std::uint64_t mark = mark_of(pid).value_or(0);
    if (mark == 0 || !is_meant(mark) || (entry && entry->has_ended())) continue;
    seen.insert(mark);
    const Result<ProcessEntry> now = read_entry(pid);
    if (!entry || !now || now->id() != entry->id()) continue;
    // Whose mark it has began its session, unless that is ours.
    if (now->group > 1 && now->session != ::getsid(0)) ::kill(-now->group, SIGKILL);
    std::ignore = signal_process(entry->id(), SIGKILL);  // what is gone is gone
  }
  if (!seen.empty()) ::poll(nullptr, 0, 1);  // a signal takes effect when its process is next scheduled
  return seen;
}

}  // namespace lilux::sys

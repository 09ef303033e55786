#include "sys/process.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <tuple>

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr int kSignalCode = 128;  // and the signal: how shells and inits say it
constexpr std::size_t kChildrenBytesMax = std::size_t{4} << 20;

// By the system's own lists, thread by thread: what forks without end is gone again before all of /proc is read. Not
// every system has them.
std::vector<pid_t> listed_children() {
  std::vector<pid_t> found;
  bool is_listed = false;
  const auto threads = list_directory("/proc/self/task");
  for (const Entry& thread : threads.value_or(std::vector<Entry>{})) {
    const auto list = read_file("/proc/self/task/" + thread.name + "/children", kChildrenBytesMax);
    if (!list) continue;
    is_listed = true;
    for (const char *at = list->data(), *end = at + list->size(); at < end; ++at) {
      pid_t pid = 0;
      at = std::from_chars(at, end, pid).ptr;
      if (pid > 0) found.push_back(pid);
    }
  }
  if (is_listed) return found;
  for (const ProcessId& child : children(::getpid())) found.push_back(child.pid);
  return found;
}

std::chrono::microseconds duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// waitid as the kernel has it: the C library's leaves the resource usage out.
Result<std::optional<Exit>> reap(idtype_t kind, id_t id, int extra_flags) {
  siginfo_t ended{};
  rusage usage{};
  const long result = retry([&] { return ::syscall(SYS_waitid, kind, id, &ended, WEXITED | extra_flags, &usage); });
  if (result != 0) return fail_errno(errno, "wait for a child");
  if (ended.si_pid == 0) return std::nullopt;
  Exit exit{.code = {},
            .signal = {},
            .user_time = duration(usage.ru_utime),
            .system_time = duration(usage.ru_stime),
            .resident_bytes_max = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
  if (ended.si_code == CLD_EXITED) {
    exit.code = ended.si_status;
  } else {
    exit.signal = ended.si_status;
  }
  return exit;
}

enum class Candidate : std::uint8_t { runnable, not_runnable, absent };

Candidate look_at(const std::string& path) {
  const auto status = stat(path);
  if (!status) return status.error().code == ErrorCode::denied ? Candidate::not_runnable : Candidate::absent;
  if (!status->is_regular()) return Candidate::absent;
  return ::eaccess(path.c_str(), X_OK) == 0 ? Candidate::runnable : Candidate::not_runnable;
}

}  // namespace

Result<std::optional<Exit>> try_wait(const Child& child) {
  std::optional<Exit> exit = TRY(reap(P_PIDFD, static_cast<id_t>(child.pidfd.get()), WNOHANG));
  if (!exit || !child.report) return exit;
  int status = 0;  // of the program: its init can say a signal in an exit code only
  if (retry([&] { return ::read(child.report.get(), &status, sizeof status); }) != sizeof status) return exit;
  if (WIFSIGNALED(status) && exit->code == kSignalCode + WTERMSIG(status)) {
    exit->code.reset();
    exit->signal = WTERMSIG(status);
  }
  return exit;
}

Result<std::optional<Exit>> wait_for(const Child& child, std::chrono::milliseconds timeout) {
  constexpr int kTracedMs = 1;  // it has ended, but a debugger has it first
  pollfd ended{.fd = child.pidfd.get(), .events = POLLIN, .revents = 0};
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(0, left))) < 0 && errno != EINTR)
      return fail_errno(errno, "wait for a child");
    std::optional<Exit> exit = TRY(try_wait(child));
    if (exit || left <= 0) return exit;
    if ((ended.revents & POLLIN) != 0) std::ignore = ::poll(nullptr, 0, kTracedMs);
  }
}

Result<std::string> resolve_program(const std::string& program, std::string_view search_path, const std::string& cwd) {
  TRY(check_path(program));
  Candidate best = Candidate::absent;
  if (program.find('/') != std::string::npos) {
    const std::string path = program.starts_with('/') ? program : cwd + "/" + program;
    best = look_at(path);
    if (best == Candidate::runnable) return path;
    search_path = {};
  }
  while (!search_path.empty()) {
    std::string folder(search_path.substr(0, search_path.find(':')));
    search_path.remove_prefix(std::min(folder.size() + 1, search_path.size()));
    if (folder.empty()) continue;  // an empty entry means the current folder, which anybody may have filled
    if (!folder.starts_with('/')) folder.insert(0, cwd + "/");
    const std::string path = folder + "/" + program;
    const Candidate found = look_at(path);
    if (found == Candidate::runnable) return path;
    if (found == Candidate::not_runnable) best = found;
  }
  if (best == Candidate::not_runnable) {
    return base::fail(ErrorCode::denied, "cannot run " + quoted(program) + ": not executable", "chmod +x " + program);
  }
  return base::fail(ErrorCode::not_found, "no program " + quoted(program),
                    program.find(' ') == std::string::npos ? "check the name and PATH"
                                                           : "give the program and each of its arguments by itself");
}

Result<void> become_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return fail_errno(errno, "adopt orphaned processes");
  return {};
}

std::optional<pid_t> ended_child() {
  siginfo_t ended{};
  const int result = retry([&] { return ::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT); });
  return result == 0 && ended.si_pid != 0 ? std::optional(ended.si_pid) : std::nullopt;
}

bool has_children() {
  siginfo_t ended{};
  return retry([&] { return ::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT); }) == 0 || errno != ECHILD;
}

void kill_children() {
  for (const pid_t pid : listed_children()) ::kill(pid, SIGKILL);
}

Result<std::optional<Exit>> reap_orphan(pid_t pid) {
  return reap(P_PID, static_cast<id_t>(pid), WNOHANG);
}

}  // namespace lilux::sys

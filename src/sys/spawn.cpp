#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/process.h"
#include "sys/retry.h"

// The C library's own clone, under the name that sanitizers do not wrap: theirs takes every clone for a fork and would
// reset the state that this child still shares with us.
extern "C" int __clone(  // NOLINT(bugprone-reserved-identifier): glibc names it so
    int (*function)(void*), void* stack, int flags, void* argument, ...);

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kStackBytes = std::size_t{64} << 10;
constexpr int kSignals = 64;
constexpr std::size_t kSignalSetBytes = 8;

// The mark: a limit that Linux hands down and has no use for since 2.4.25, at its lowest. Nobody can raise a hard limit
// but root.
constexpr ResourceLimit kMark{.resource = RLIMIT_LOCKS, .soft = 0, .hard = 0};
constexpr std::string_view kMarkLine = "\nMax file locks ";  // of /proc/PID/limits
constexpr std::size_t kLimitsFileMax = 16384;

enum class Step : std::uint8_t { set_up, limits, folder, streams, program };

// What the child needs, prepared by the parent, and what it answers. As with vfork the child uses our memory while we
// stand still, until it runs the program or ends; so it writes its failure here, and must not allocate or lock.
struct Launch {
  const SpawnOptions* options = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  std::array<int, 3> streams{};
  pid_t parent = 0;
  Step step = Step::set_up;
  int error_number = 0;
};

// Ignored signals would stay ignored in the program, and our handlers must not run in the shared memory. By system
// call, because the C library hides two signals and sanitizers keep books on the others.
__attribute__((no_sanitize("address"), no_sanitize("thread"))) void forget_signal_handlers() {
  unsigned long default_action[4] = {};
  for (int signal = 1; signal <= kSignals; ++signal) {
    ::syscall(SYS_rt_sigaction, signal, default_action, nullptr, kSignalSetBytes);
  }
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool take_streams(const Launch& launch) {
  int high[3];
  for (int i = 0; i < 3; ++i) {  // out of the way first: they may be among 0, 1 and 2 in another order
    high[i] = ::fcntl(launch.streams.data()[i], F_DUPFD, 3);
    if (high[i] < 0) return false;
  }
  for (int i = 0; i < 3; ++i) {
    if (::dup2(high[i], i) < 0) return false;
  }
  return ::syscall(SYS_close_range, 3U, ~0U, 0U) == 0 || errno == ENOSYS;  // ours are close-on-exec in any case
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool set_limit(const ResourceLimit& limit) {
  const rlimit raw{.rlim_cur = limit.soft, .rlim_max = limit.hard};
  return ::syscall(SYS_prlimit64, 0, limit.resource, &raw, nullptr) == 0;
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool prepare(Launch& launch) {
  const SpawnOptions& options = *launch.options;
  if (options.group == ProcessGroup::own_session && ::setsid() < 0) return false;
  if (options.group == ProcessGroup::own_group && ::setpgid(0, 0) != 0) return false;
  if (options.dies_with_thread) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
    if (::getppid() != launch.parent) return false;  // gone before the request was in place
  }
  if (options.umask) ::umask(*options.umask);
  launch.step = Step::limits;
  for (const ResourceLimit& limit : options.limits) {
    if (!set_limit(limit)) return false;
  }
  if (options.is_marked && !set_limit(kMark)) return false;
  launch.step = Step::folder;
  if (!options.cwd.empty() && ::chdir(options.cwd.c_str()) != 0) return false;
  launch.step = Step::streams;
  return take_streams(launch);
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) int child_main(void* argument) {
  Launch& launch = *static_cast<Launch*>(argument);
  forget_signal_handlers();
  if (prepare(launch)) {
    launch.step = Step::program;
    const unsigned long no_signals = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr, kSignalSetBytes);
    ::execve(launch.options->program.c_str(), launch.arguments, launch.environment);
  }
  launch.error_number = errno;
  ::syscall(SYS_exit_group, 127);
  return 127;
}

Result<std::vector<char*>> pointers(const std::vector<std::string>& texts, std::string_view what) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    if (text.find('\0') != std::string::npos) {
      return base::fail(ErrorCode::invalid_argument, std::string(what) + " " + quoted(text) + " contains a NUL byte");
    }
    out.push_back(const_cast<char*>(text.c_str()));  // execve does not write there
  }
  out.push_back(nullptr);
  return out;
}

std::unexpected<base::Error> fail_launch(const Launch& launch) {
  const SpawnOptions& options = *launch.options;
  switch (launch.step) {
    case Step::limits: return fail_errno(launch.error_number, "set the resource limits of", options.program);
    case Step::folder: return fail_errno(launch.error_number, "enter folder", options.cwd);
    case Step::streams: return fail_errno(launch.error_number, "set the streams of", options.program);
    case Step::set_up:
    case Step::program: return fail_errno(launch.error_number, "run", options.program);
  }
  std::unreachable();
}

// Starts the child with all signals held back, so that none of our handlers runs in it. Gives pid and pidfd, or -1.
std::pair<pid_t, int> start(Launch& launch) {
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  const auto top = reinterpret_cast<std::uintptr_t>(stack.get() + kStackBytes) & ~std::uintptr_t{15};
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  const pid_t pid = ::__clone(child_main, reinterpret_cast<void*>(top), flags, &launch, &pidfd);
  const int error_number = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error_number;
  return {pid, pidfd};
}

}  // namespace

Result<Child> spawn(const SpawnOptions& options) {
  TRY(check_path(options.program));
  if (!options.cwd.empty()) TRY(check_path(options.cwd));
  std::vector<char*> arguments = TRY(pointers(options.arguments, "argument"));
  std::vector<char*> environment = TRY(pointers(options.environment, "environment variable"));
  const Fd null = TRY(open("/dev/null", O_RDWR));
  const auto stream = [&](int fd) { return fd < 0 ? null.get() : fd; };
  Launch launch{.options = &options,
                .arguments = arguments.data(),
                .environment = environment.data(),
                .streams = {stream(options.stdin_fd), stream(options.stdout_fd), stream(options.stderr_fd)},
                .parent = ::getpid()};
  const auto [pid, pidfd] = start(launch);
  if (pid < 0) return fail_errno(errno, "start a process for", options.program);
  Child child{.pid = pid, .pidfd = Fd(pidfd)};
  if (launch.error_number != 0) {
    std::ignore =
        retry([ended = pid] { return ::waitpid(ended, nullptr, 0); });  // it has ended; only its entry is left
    return fail_launch(launch);
  }
  if (auto id = process_id(pid)) child.start_ticks = id->start_ticks;
  return child;
}

Result<bool> is_marked(pid_t pid) {
  const std::string file = "/proc/" + std::to_string(pid) + "/limits";
  const std::string limits = TRY(read_file(file, kLimitsFileMax));
  const std::size_t line = limits.find(kMarkLine);
  if (line == std::string::npos) return base::fail(ErrorCode::internal, "cannot read " + quoted(file));
  const std::size_t soft = limits.find_first_not_of(' ', line + kMarkLine.size());
  const std::size_t hard = limits.find_first_not_of(' ', limits.find(' ', soft));
  return limits.substr(hard, limits.find(' ', hard) - hard) == std::to_string(kMark.hard);
}

}  // namespace lilux::sys

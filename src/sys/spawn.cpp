#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/number.h"
#include "sys/clone_into.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/handover.h"
#include "sys/io.h"
#include "sys/launch.h"
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
constexpr std::size_t kSignalSetBytes = 8;

// The mark is a limit that Linux hands down and has no use for since 2.4.25. Nobody can raise a hard limit but root.
constexpr std::string_view kMarkLine = "\nMax file locks ";  // of /proc/PID/limits
constexpr std::size_t kLimitsFileMax = 16384;

constexpr int kInitMs = 5000;   // until it has said something
constexpr int kReadyMs = 1000;  // of one that has only to go on
__attribute__((no_sanitize("address"), no_sanitize("thread"))) int child_main(void* argument) {
  Launch& launch = *static_cast<Launch*>(argument);
  forget_signal_handlers();
  if (prepare_child(launch) && filter_child(launch)) {
    launch.step = LaunchStep::program;
    if (runs_init(launch)) {  // it lets its child have them
      ::syscall(SYS_execveat, kInitAt, "", launch.arguments, launch.environment, AT_EMPTY_PATH);
    } else {
      const unsigned long no_signals = 0;
      ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr, kSignalSetBytes);
      ::execve(launch.options->program.c_str(), launch.arguments, launch.environment);
    }
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

// Starts the child with all signals held back, so that none of our handlers runs in it. Gives pid and pidfd, or -1.
std::pair<pid_t, int> start(Launch& launch) {
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  if (const Confinement* confinement = launch.options->confinement) flags |= static_cast<int>(confinement->namespaces);
  const int group = launch.options->group_fd;
  const pid_t pid = group < 0 ? ::__clone(child_main, stack.get() + kStackBytes, flags, &launch, &pidfd)
                              : clone_into(group, static_cast<std::uint64_t>(flags - SIGCHLD),
                                           {stack.get(), kStackBytes}, child_main, &launch, &pidfd);
  const int error_number = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error_number;
  return {pid, pidfd};
}

// What an init says first: whether its program runs. One that says nothing is killed.
Result<void> await_program(const Child& child, const std::string& program) {
  int error_number = ETIMEDOUT;
  pollfd said{.fd = child.report.get(), .events = POLLIN, .revents = 0};
  const int count = static_cast<int>(retry([&] { return ::poll(&said, 1, kInitMs); }));
  if (count > 0 && ::read(child.report.get(), &error_number, sizeof error_number) != sizeof error_number)
    error_number = ESRCH;
  if (error_number == 0) return {};
  end_child(child);
  if (error_number == ESRCH)
    return base::fail(ErrorCode::unavailable,
                      "what was to run " + quoted(program) + " in a sandbox ended before it did");
  return fail_errno(error_number, "run", program);
}

// The two ends of the way by which the child says what it has to, if anything.
Result<std::pair<Fd, Fd>> make_report(const Confinement& confinement) {
  int ends[2];
  if (!confinement.is_attended && confinement.init_fd < 0 && confinement.handed.empty()) return std::pair<Fd, Fd>();
  const int made =
      confinement.is_attended ? ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : ::pipe2(ends, O_CLOEXEC);
  if (made != 0) return fail_errno(errno, "make a pipe");
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

void hand(Launch& launch, const Confinement& confinement, int report) {
  const auto add = [&](int fd) { launch.handed.at(static_cast<std::size_t>(launch.handed_count++)) = fd; };
  if (report >= 0) add(report);
  if (confinement.init_fd >= 0) add(confinement.init_fd);
  for (const int fd : confinement.handed) add(fd);
  launch.closed_by_program = confinement.init_fd >= 0 ? kInitAt : confinement.is_attended ? kReportAt : -1;
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
                .streams = {stream(options.stdin_fd), stream(options.stdout_fd), stream(options.stderr_fd)}};
  Fd parent;
  if (options.dies_with_thread) {
    parent = Fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    if (!parent) return fail_errno(errno, "hold our own process");
    launch.parent = parent.get();
  }
  Fd report;
  Fd reported;
  std::string init_name = "lilux-init";
  std::string init_option = "renames";
  if (options.confinement != nullptr) {
    std::tie(report, reported) = TRY(make_report(*options.confinement));
    hand(launch, *options.confinement, reported.get());
  }
  if (runs_init(launch)) {
    std::vector<char*> words{init_name.data()};
    if (options.confinement->helps_with_renames) words.push_back(init_option.data());
    words.push_back(const_cast<char*>(options.program.c_str()));
    arguments.insert(arguments.begin(), words.begin(), words.end());
    launch.arguments = arguments.data();
  }
  const auto [pid, pidfd] = start(launch);
  if (pid < 0) return fail_errno(errno, "start a process for", options.program);
  Child child{.pid = pid, .pidfd = Fd(pidfd), .report = std::move(report)};
  reported.close();
  if (launch.error_number != 0) {
    std::ignore =
        retry([ended = pid] { return ::waitpid(ended, nullptr, 0); });  // it has ended; only its entry is left
    return std::unexpected(failure_of(launch));
  }
  if (runs_init(launch)) TRY(await_program(child, options.program));
  if (runs_maker(launch)) TRY(await_program(child, options.confinement->inner));
  if (options.confinement != nullptr && options.confinement->is_attended) {
    Result<Handed> listener = take_over(child.report.get(), std::chrono::milliseconds(0));
    if (!listener) {
      end_child(child);
      return std::unexpected(listener.error());
    }
    child.listener = std::move(listener->descriptor);
    child.report.close();
  }
  if (auto id = process_id(pid)) child.start_ticks = id->start_ticks;
  return child;
}

base::Error failure_of(const Launch& launch) {
  const SpawnOptions& options = *launch.options;
  const auto failed = [&] {
    switch (launch.step) {
      case LaunchStep::limits: return fail_errno(launch.error_number, "set the resource limits of", options.program);
      case LaunchStep::confinement:
        return fail_errno(launch.error_number, std::string("confine (") + launch.failed + ")", options.program);
      case LaunchStep::folder: return fail_errno(launch.error_number, "enter folder", options.cwd);
      case LaunchStep::streams: return fail_errno(launch.error_number, "set the streams of", options.program);
      case LaunchStep::set_up:
      case LaunchStep::program: return fail_errno(launch.error_number, "run", options.program);
    }
    std::unreachable();
  };
  return failed().error();
}

Result<void> await_prepared(const Child& child) {
  const auto hear = [&](int milliseconds) -> std::int32_t {
    std::int32_t said = ESRCH;
    pollfd ready{.fd = child.report.get(), .events = POLLIN, .revents = 0};
    if (retry([&] { return ::poll(&ready, 1, milliseconds); }) <= 0) return ETIMEDOUT;
    return ::recv(child.report.get(), &said, sizeof said, 0) == sizeof said ? said : ESRCH;
  };
  std::int32_t said = hear(kReadyMs);
  if (said != kPreparedGoesOn) {
    end_child(child);
    if (hear(0) != kPreparedGoesOn)
      return base::fail(ErrorCode::unavailable, "a process that was kept ready cannot become its program");
  }
  said = hear(kInitMs);
  if (said == 0) return {};
  end_child(child);
  if (said == ESRCH || said == ETIMEDOUT)
    return base::fail(ErrorCode::timeout, "a process that was kept ready does not become its program");
  return fail_errno(said, "have a process that was kept ready become its program");
}

void end_child(const Child& child) {
  std::ignore = ::syscall(SYS_pidfd_send_signal, child.pidfd.get(), SIGKILL, nullptr, 0);  // it may have ended
  std::ignore = retry([&] { return ::syscall(SYS_waitid, P_PIDFD, child.pidfd.get(), nullptr, WEXITED, nullptr); });
}

Result<Fd> memory_program(const char* name, std::string_view image) {
  const Fd writing(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!writing) return fail_errno(errno, "make a file in memory");
  TRY(write_all(writing.get(), image));
  // Every sandbox runs it: nobody, whoever gets hold of it, is to change what the next one runs.
  if (::fcntl(writing.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return fail_errno(errno, "seal a file in memory");
  return open("/proc/self/fd/" + std::to_string(writing.get()), O_RDONLY);  // what is open for writing cannot be run
}

Result<std::uint64_t> mark_of(pid_t pid) {
  const std::string file = "/proc/" + std::to_string(pid) + "/limits";
  const std::string limits = TRY(read_file(file, kLimitsFileMax));
  const std::size_t line = limits.find(kMarkLine);
  if (line == std::string::npos) return base::fail(ErrorCode::internal, "cannot read " + quoted(file));
  const std::size_t soft = limits.find_first_not_of(' ', line + kMarkLine.size());
  const std::size_t hard = limits.find_first_not_of(' ', limits.find(' ', soft));
  const std::string_view text = std::string_view(limits).substr(hard, limits.find(' ', hard) - hard);
  if (text == "unlimited") return 0;
  return base::number_from<std::uint64_t>(text).value_or(1);
}

}  // namespace lilux::sys

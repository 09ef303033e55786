#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/number.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
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

// The mark is a limit that Linux hands down and has no use for since 2.4.25. Nobody can raise a hard limit but root.
constexpr std::string_view kMarkLine = "\nMax file locks ";  // of /proc/PID/limits
constexpr std::size_t kLimitsFileMax = 16384;

enum class Step : std::uint8_t { set_up, limits, confinement, folder, streams, program };

// Where an init finds them; the first is that of an attended child too, until it runs the program.
constexpr int kReport = 3;
constexpr int kInit = 4;
constexpr int kHandedMax = 8;

// What the child needs, prepared by the parent, and what it answers. As with vfork the child uses our memory while we
// stand still, until it runs the program or ends; so it writes its failure here, and must not allocate or lock.
struct Launch {
  const SpawnOptions* options = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  std::array<int, 3> streams{};
  int parent = -1;                       // pidfd of ours
  std::array<int, kHandedMax> handed{};  // for 3 and up
  int handed_count = 0;
  int closed_by_program = -1;
  Step step = Step::set_up;
  const char* failed = nullptr;  // of the confinement
  int error_number = 0;
};

constexpr int kInitMs = 5000;  // until it has said something
constexpr unsigned kWaitKillable =
    1U << 5;  // since Linux 5.19: other signals do not have what is asked for asked again

__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool runs_init(const Launch& launch) {
  return launch.options->confinement != nullptr && launch.options->confinement->init_fd >= 0;
}

// Which makes the sandbox, and may need privileges for it.
__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool runs_maker(const Launch& launch) {
  return launch.options->confinement != nullptr && !launch.options->confinement->handed.empty();
}

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
  int later[kHandedMax];
  const int count = launch.handed_count;
  for (int i = 0; i < count; ++i) {
    later[i] = ::fcntl(launch.handed.data()[i], F_DUPFD, kReport + count);
    if (later[i] < 0) return false;
  }
  for (int i = 0; i < count; ++i) {
    if (::dup2(later[i], kReport + i) < 0) return false;
  }
  if (launch.closed_by_program >= 0 && ::fcntl(launch.closed_by_program, F_SETFD, FD_CLOEXEC) != 0) return false;
  const unsigned first_closed = static_cast<unsigned>(kReport + count);
  return ::syscall(SYS_close_range, first_closed, ~0U, 0U) == 0 || errno == ENOSYS;  // ours are close-on-exec anyway
}

// Nothing that runs a program gives privileges back, not even to root.
__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool drop_privileges() {
  constexpr unsigned long kLocked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED |
                                    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                                    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return false;
  if ((data[0].permitted | data[1].permitted) != 0) {
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
      std::ignore = ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);  // without the right to, there is none to lose
    std::ignore = ::prctl(PR_SET_SECUREBITS, kLocked, 0, 0, 0);     // likewise: what follows counts
    for (auto& word : data) word = {};
    if (::syscall(SYS_capset, &header, data) != 0) return false;
    if (::getuid() == 0 && (::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & SECBIT_NOROOT) == 0) return errno = EPERM, false;
  }
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool set_limit(const ResourceLimit& limit) {
  rlimit raw{};
  if (::syscall(SYS_prlimit64, 0, limit.resource, nullptr, &raw) != 0) return false;
  // Nobody gets more than we have; a mark that we have ourselves stays.
  if (limit.hard < raw.rlim_max) raw.rlim_max = limit.hard;
  raw.rlim_cur = limit.soft < raw.rlim_max ? limit.soft : raw.rlim_max;
  return ::syscall(SYS_prlimit64, 0, limit.resource, &raw, nullptr) == 0;
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool confine(Launch& launch,
                                                                            const Confinement& confinement) {
  launch.step = Step::confinement;
  launch.failed = "drop privileges";
  if (!drop_privileges()) return false;
  launch.failed = "restrict files";
  return confinement.ruleset_fd < 0 || ::syscall(SYS_landlock_restrict_self, confinement.ruleset_fd, 0) == 0;
}

// Nobody may take that back without privileges.
__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool yield_to_others(int niceness) {
  const sched_param none{};
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  return errno == 0 && ::setpriority(PRIO_PROCESS, 0, now + niceness) == 0 &&
         ::sched_setscheduler(0, SCHED_BATCH, &none) == 0;
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool prepare(Launch& launch) {
  const SpawnOptions& options = *launch.options;
  if (options.group == ProcessGroup::own_session && ::setsid() < 0) return false;
  if (options.group == ProcessGroup::own_group && ::setpgid(0, 0) != 0) return false;
  if (options.dies_with_thread) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
    pollfd parent{.fd = launch.parent, .events = POLLIN, .revents = 0};
    if (::poll(&parent, 1, 0) != 0) return false;  // gone before the request was in place
  }
  if (options.umask) ::umask(*options.umask);
  if (options.niceness > 0 && !yield_to_others(options.niceness)) return false;
  launch.step = Step::limits;
  for (const ResourceLimit& limit : options.limits) {
    if (!set_limit(limit)) return false;
  }
  if (options.mark != 0 && !set_limit({.resource = RLIMIT_LOCKS, .soft = options.mark, .hard = options.mark}))
    return false;
  const Confinement* confinement = options.confinement;
  launch.step = Step::confinement;
  if (confinement != nullptr && confinement->enter != nullptr) {
    launch.failed = confinement->enter(confinement->plan);
    if (launch.failed != nullptr) return false;
  }
  launch.step = Step::folder;
  if (!options.cwd.empty() && ::chdir(options.cwd.c_str()) != 0) return false;
  if (confinement != nullptr && !runs_maker(launch) && !confine(launch, *confinement)) return false;
  launch.step = Step::streams;
  return take_streams(launch);
}

// The parent stands still, so it finds this in the socket when it goes on.
__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool hand_over(int descriptor) {
  char byte = 0;
  iovec data{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  __builtin_memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return ::syscall(SYS_sendmsg, kReport, &message, MSG_NOSIGNAL) == 1;
}

// The last step: after it few system calls are left.
__attribute__((no_sanitize("address"), no_sanitize("thread"))) bool set_filter(Launch& launch) {
  const Confinement* confinement = launch.options->confinement;
  if (confinement == nullptr || confinement->filter == nullptr) return true;
  launch.step = Step::confinement;
  launch.failed = "filter system calls";
  const auto install = [&](unsigned flags) {
    return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, confinement->filter));
  };
  if (!confinement->is_attended) return install(0) == 0;
  int listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | kWaitKillable);
  if (listener < 0 && errno == EINVAL) listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
  return listener >= 0 && hand_over(listener);
}

__attribute__((no_sanitize("address"), no_sanitize("thread"))) int child_main(void* argument) {
  Launch& launch = *static_cast<Launch*>(argument);
  forget_signal_handlers();
  if (prepare(launch) && set_filter(launch)) {
    launch.step = Step::program;
    if (runs_init(launch)) {  // it lets its child have them
      ::syscall(SYS_execveat, kInit, "", launch.arguments, launch.environment, AT_EMPTY_PATH);
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

std::unexpected<base::Error> fail_launch(const Launch& launch) {
  const SpawnOptions& options = *launch.options;
  switch (launch.step) {
    case Step::limits: return fail_errno(launch.error_number, "set the resource limits of", options.program);
    case Step::confinement:
      return fail_errno(launch.error_number, std::string("confine (") + launch.failed + ")", options.program);
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
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  if (const Confinement* confinement = launch.options->confinement) flags |= static_cast<int>(confinement->namespaces);
  const pid_t pid = ::__clone(child_main, reinterpret_cast<void*>(top), flags, &launch, &pidfd);
  const int error_number = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error_number;
  return {pid, pidfd};
}

// One that never ran its program.
void drop(const Child& child) {
  std::ignore = ::syscall(SYS_pidfd_send_signal, child.pidfd.get(), SIGKILL, nullptr, 0);  // it may have ended
  std::ignore = retry([&] { return ::syscall(SYS_waitid, P_PIDFD, child.pidfd.get(), nullptr, WEXITED, nullptr); });
}

// What an init says first: whether its program runs. One that says nothing is killed.
Result<void> await_program(const Child& child, const std::string& program) {
  int error_number = ETIMEDOUT;
  pollfd said{.fd = child.report.get(), .events = POLLIN, .revents = 0};
  const int count = static_cast<int>(retry([&] { return ::poll(&said, 1, kInitMs); }));
  if (count > 0 && ::read(child.report.get(), &error_number, sizeof error_number) != sizeof error_number)
    error_number = ESRCH;
  if (error_number == 0) return {};
  drop(child);
  if (error_number == ESRCH)
    return base::fail(ErrorCode::unavailable,
                      "what was to run " + quoted(program) + " in a sandbox ended before it did");
  return fail_errno(error_number, "run", program);
}

// What hand_over() left in the socket.
Result<Fd> take_over(const Fd& socket) {
  char byte = 0;
  iovec data{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto got = retry([&] { return ::recvmsg(socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
  const cmsghdr* const header = got == 1 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return fail_errno(EPROTO, "attend to a process");
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return Fd(descriptor);
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
  launch.closed_by_program = confinement.init_fd >= 0 ? kInit : confinement.is_attended ? kReport : -1;
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
  if (options.confinement != nullptr) {
    std::tie(report, reported) = TRY(make_report(*options.confinement));
    hand(launch, *options.confinement, reported.get());
  }
  if (runs_init(launch)) {
    arguments.insert(arguments.begin(), {init_name.data(), const_cast<char*>(options.program.c_str())});
    launch.arguments = arguments.data();
  }
  const auto [pid, pidfd] = start(launch);
  if (pid < 0) return fail_errno(errno, "start a process for", options.program);
  Child child{.pid = pid, .pidfd = Fd(pidfd), .report = std::move(report)};
  reported.close();
  if (launch.error_number != 0) {
    std::ignore =
        retry([ended = pid] { return ::waitpid(ended, nullptr, 0); });  // it has ended; only its entry is left
    return fail_launch(launch);
  }
  if (runs_init(launch)) TRY(await_program(child, options.program));
  if (runs_maker(launch)) TRY(await_program(child, options.confinement->inner));
  if (options.confinement != nullptr && options.confinement->is_attended) {
    Result<Fd> listener = take_over(child.report);
    if (!listener) {
      drop(child);
      return std::unexpected(listener.error());
    }
    child.listener = std::move(*listener);
    child.report.close();
  }
  if (auto id = process_id(pid)) child.start_ticks = id->start_ticks;
  return child;
}

Result<Fd> memory_program(const char* name, std::string_view image) {
  const Fd writing(::memfd_create(name, MFD_CLOEXEC));
  if (!writing) return fail_errno(errno, "make a file in memory");
  TRY(write_all(writing.get(), image));
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

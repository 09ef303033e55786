#include "sys/launch.h"

#include <cerrno>
#include <tuple>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define IN_CHILD __attribute__((no_sanitize("address"), no_sanitize("thread")))

namespace lilux::sys {

namespace {

constexpr int kSignals = 64;
constexpr std::size_t kSignalSetBytes = 8;
constexpr unsigned kWaitKillable =
    1U << 5;  // since Linux 5.19: other signals do not have what is asked for asked again

IN_CHILD bool take_streams(const Launch& launch) {
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
    later[i] = ::fcntl(launch.handed.data()[i], F_DUPFD, kReportAt + count);
    if (later[i] < 0) return false;
  }
  for (int i = 0; i < count; ++i) {
    if (::dup2(later[i], kReportAt + i) < 0) return false;
  }
  if (launch.closed_by_program >= 0 && ::fcntl(launch.closed_by_program, F_SETFD, FD_CLOEXEC) != 0) return false;
  const unsigned first_closed = static_cast<unsigned>(kReportAt + count);
  return ::syscall(SYS_close_range, first_closed, ~0U, 0U) == 0 || errno == ENOSYS;  // ours are close-on-exec anyway
}

}  // namespace

IN_CHILD void bound_privileges() {
  int is_left = 0;
  for (int capability = 0; (is_left = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0)) >= 0; ++capability) {
    if (is_left > 0) std::ignore = ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);  // without the right to, none is lost
  }
}

namespace {

// Nothing that runs a program gives privileges back, not even to root, as none gives new ones to begin with: what a
// file or a user lends is out of reach then, whatever the bounding set would leave of it.
IN_CHILD bool drop_privileges() {
  constexpr unsigned long kLocked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED |
                                    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                                    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return false;
  if ((data[0].permitted | data[1].permitted) != 0) {
    std::ignore = ::prctl(PR_SET_SECUREBITS, kLocked, 0, 0, 0);  // without the right to, there is none to lose
    for (auto& word : data) word = {};
    if (::syscall(SYS_capset, &header, data) != 0) return false;
    if (::getuid() == 0 && (::prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & SECBIT_NOROOT) == 0) return errno = EPERM, false;
  }
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

IN_CHILD bool set_limit(const ResourceLimit& limit) {
  rlimit raw{};
  if (::syscall(SYS_prlimit64, 0, limit.resource, nullptr, &raw) != 0) return false;
  // Nobody gets more than we have; a mark that we have ourselves stays.
  if (limit.hard < raw.rlim_max) raw.rlim_max = limit.hard;
  raw.rlim_cur = limit.soft < raw.rlim_max ? limit.soft : raw.rlim_max;
  return ::syscall(SYS_prlimit64, 0, limit.resource, &raw, nullptr) == 0;
}

IN_CHILD bool confine(Launch& launch, const Confinement& confinement) {
  launch.step = LaunchStep::confinement;
  launch.failed = "drop privileges";
  if (!drop_privileges()) return false;
  launch.failed = "restrict files";
  return confinement.ruleset_fd < 0 || ::syscall(SYS_landlock_restrict_self, confinement.ruleset_fd, 0) == 0;
}

// The parent stands still, so it finds this in the socket when it goes on.
IN_CHILD bool hand_over(int descriptor) {
  std::int32_t number = 0;
  iovec data{.iov_base = &number, .iov_len = sizeof number};
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
  return ::syscall(SYS_sendmsg, kReportAt, &message, MSG_NOSIGNAL) == sizeof number;
}

}  // namespace

IN_CHILD bool runs_init(const Launch& launch) {
  return launch.options->confinement != nullptr && launch.options->confinement->init_fd >= 0;
}

// Which makes the sandbox, and may need privileges for it.
IN_CHILD bool runs_maker(const Launch& launch) {
  return launch.options->confinement != nullptr && !launch.options->confinement->handed.empty();
}

// Ignored signals would stay ignored in the program, and our handlers must not run in the shared memory. By system
// call, because the C library hides two signals and sanitizers keep books on the others.
IN_CHILD void forget_signal_handlers() {
  unsigned long default_action[4] = {};
  for (int signal = 1; signal <= kSignals; ++signal) {
    ::syscall(SYS_rt_sigaction, signal, default_action, nullptr, kSignalSetBytes);
  }
}

int error_number() {
  return errno;
}

// Where that cannot be said it goes on.
IN_CHILD void say(const char* file, const char* text, std::size_t size) {
  const int fd = ::open(file, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::ignore = ::write(fd, text, size);
  ::close(fd);
}

// When the machine has no memory left the system ends this first, and not us.
IN_CHILD void give_way_in_memory() {
  say("/proc/self/oom_score_adj", "500", 3);
}

// Where the system shares the processor among sessions first, niceness counts only within one, and a session has its
// own. Others in it are ours.
IN_CHILD void give_way_as_session(int niceness) {
  const char text[] = {static_cast<char>('0' + niceness / 10), static_cast<char>('0' + niceness % 10)};
  const std::size_t zeros = niceness < 10 ? 1 : 0;
  say("/proc/self/autogroup", text + zeros, sizeof text - zeros);
}

// Nobody may take that back without privileges.
IN_CHILD bool yield_to_others(int niceness) {
  const sched_param none{};
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  return errno == 0 && ::setpriority(PRIO_PROCESS, 0, now + niceness) == 0 &&
         ::sched_setscheduler(0, SCHED_BATCH, &none) == 0;
}

IN_CHILD bool prepare_child(Launch& launch) {
  const SpawnOptions& options = *launch.options;
  if (options.group == ProcessGroup::own_session && ::setsid() < 0) return false;
  if (options.group == ProcessGroup::own_group && ::setpgid(0, 0) != 0) return false;
  if (options.dies_with_thread) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
    pollfd parent{.fd = launch.parent, .events = POLLIN, .revents = 0};
    if (::poll(&parent, 1, 0) != 0) return false;  // gone before the request was in place
  }
  if (options.umask) ::umask(*options.umask);
  if (options.niceness > 0) give_way_in_memory();
  if (options.niceness > 0 && options.group == ProcessGroup::own_session) give_way_as_session(options.niceness);
  launch.step = LaunchStep::limits;
  for (const ResourceLimit& limit : options.limits) {
    if (!set_limit(limit)) return false;
  }
  if (options.mark != 0 && !set_limit({.resource = RLIMIT_LOCKS, .soft = options.mark, .hard = options.mark}))
    return false;
  const Confinement* confinement = options.confinement;
  launch.step = LaunchStep::confinement;
  if (confinement != nullptr && confinement->enter != nullptr) {
    launch.failed = confinement->enter(confinement->plan);
    if (launch.failed != nullptr) return false;
  }
  launch.step = LaunchStep::folder;
  if (!options.cwd.empty() && ::chdir(options.cwd.c_str()) != 0) return false;
  if (confinement != nullptr && !runs_maker(launch) && !confine(launch, *confinement)) return false;
  launch.step = LaunchStep::streams;
  if (!take_streams(launch)) return false;
  // Not before: until here it is our work, for which we wait.
  launch.step = LaunchStep::limits;
  return options.niceness == 0 || yield_to_others(options.niceness);
}

// The last step: after it few system calls are left.
IN_CHILD bool filter_child(Launch& launch) {
  const Confinement* confinement = launch.options->confinement;
  if (confinement == nullptr || confinement->filter == nullptr) return true;
  launch.step = LaunchStep::confinement;
  launch.failed = "filter system calls";
  const auto install = [&](unsigned flags) {
    return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, confinement->filter));
  };
  if (!confinement->is_attended) return install(0) == 0;
  int listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | kWaitKillable);
  if (listener < 0 && errno == EINVAL) listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
  return listener >= 0 && hand_over(listener);
}

}  // namespace lilux::sys

// Runs a command as if on another machine: what that one lacks, the system calls of this one then lack too.
//
//   in_host HOST COMMAND [ARGUMENT...]
//
//   here            as it is
//   no-namespaces   user namespaces are not permitted
//   bare-namespaces user namespaces can be made, but nothing can be done in them (Ubuntu 24.04)
//   bubblewrap      user namespaces are for bubblewrap alone (Ubuntu 24.04 with the profile that names it)
//   no-overlays     overlays cannot be mounted
//   landlock-2      Landlock as in Linux 5.19 to 6.1, and user namespaces not permitted (Debian 12 hardened)
//   debian-12       Landlock as there, and user namespaces permitted (Debian 12 as it is installed)
//   no-landlock     Linux before 5.13, or started without it
//   neither         as on a phone

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr std::uint32_t kNew = CLONE_NEWUSER;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(125);
}

class Filter {
 public:
  void when_called(long number, std::uint32_t action) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
    code_.push_back(BPF_STMT(BPF_RET | BPF_K, action));
  }
  // The call is refused where its first argument has one of these bits.
  void when_flagged(long number, std::uint32_t bits, std::uint32_t action) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 4));
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)));
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
    code_.push_back(BPF_STMT(BPF_RET | BPF_K, action));
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  }
  int install(unsigned flags) {
    code_.insert(code_.begin(), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    code_.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program{.len = static_cast<unsigned short>(code_.size()), .filter = code_.data()};
    if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("no new privileges");
    const long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (fd < 0) give_up("seccomp");
    return static_cast<int>(fd);
  }

 private:
  std::vector<sock_filter> code_;
};

void deny_namespaces(Filter& filter, std::uint32_t action = SECCOMP_RET_ERRNO | EPERM) {
  filter.when_flagged(SYS_unshare, kNew, action);
  filter.when_flagged(SYS_clone, kNew, action);
  filter.when_called(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
}

void deny_landlock(Filter& filter) {
  for (const long call : {SYS_landlock_create_ruleset, SYS_landlock_add_rule, SYS_landlock_restrict_self})
    filter.when_called(call, SECCOMP_RET_ERRNO | ENOSYS);
}

void deny_mounts(Filter& filter) {
  for (const long call : {SYS_mount, SYS_umount2, SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_mount_setattr,
                          SYS_pivot_root, SYS_sethostname})
    filter.when_called(call, SECCOMP_RET_ERRNO | EPERM);
}

// Of who asked.
void read_memory(const seccomp_notif& asked, std::uint64_t address, void* into, std::size_t size) {
  char file[64];
  std::snprintf(file, sizeof file, "/proc/%u/mem", asked.pid);
  const int memory = open(file, O_RDONLY | O_CLOEXEC);
  if (memory < 0 || pread(memory, into, size, static_cast<off_t>(address)) < 0) give_up(file);
  close(memory);
}

bool is_bubblewrap(const seccomp_notif& asked) {
  char file[64];
  char program[32] = {};
  std::snprintf(file, sizeof file, "/proc/%u/exe", asked.pid);
  return readlink(file, program, sizeof program - 1) > 0 && std::string_view(program) == "/usr/bin/bwrap";
}

// Answers landlock_create_ruleset as version 2 would, the number, and no for what it did not know; mount as where
// no overlays are; and who makes namespaces as where only one program may.
void answer(int listener, const seccomp_notif& asked) {
  constexpr std::uint64_t kKnown = (1U << 14) - 1;
  seccomp_notif_resp said{.id = asked.id, .val = 0, .error = 0, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  std::array<std::uint64_t, 3> handled{};
  if (asked.data.nr == SYS_mount) {
    char type[8] = {};
    if (asked.data.args[2] != 0) read_memory(asked, asked.data.args[2], type, sizeof type);
    if (std::string_view(type, 7) == "overlay") said.error = -ENODEV;
    if (said.error != 0) said.flags = 0;
  } else if (asked.data.nr == SYS_clone || asked.data.nr == SYS_unshare) {
    if (!is_bubblewrap(asked)) said.error = -EPERM;
    if (said.error != 0) said.flags = 0;
  } else if (asked.data.args[2] == 1) {
    said.val = 2;
    said.flags = 0;
  } else {
    const std::size_t size = asked.data.args[1] < sizeof handled ? asked.data.args[1] : sizeof handled;
    read_memory(asked, asked.data.args[0], handled.data(), size);
    if ((handled[0] & ~kKnown) != 0) said.error = -EINVAL;
    if (handled[1] != 0 || handled[2] != 0) said.error = -E2BIG;
    if (said.error != 0) said.flags = 0;
  }
  std::ignore = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &said);  // who asked may be gone
}

// The child has the filter; we answer for it until it ends.
int supervise(char** command, std::string_view host) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) give_up("make a pair of sockets");
  const pid_t child = fork();
  if (child < 0) give_up("fork");
  if (child == 0) {
    Filter filter;
    if (host == "landlock-2" || host == "debian-12")
      filter.when_called(SYS_landlock_create_ruleset, SECCOMP_RET_USER_NOTIF);
    if (host == "landlock-2") deny_namespaces(filter);
    if (host == "no-overlays") filter.when_called(SYS_mount, SECCOMP_RET_USER_NOTIF);
    if (host == "bubblewrap") deny_namespaces(filter, SECCOMP_RET_USER_NOTIF);
    const int listener = filter.install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
    if (write(ends[1], &listener, sizeof listener) != sizeof listener) give_up("write");
    char done = 0;
    if (read(ends[1], &done, 1) != 1) give_up("be supervised");
    execvp(command[0], command);
    give_up(command[0]);
  }
  int number = -1;
  if (read(ends[0], &number, sizeof number) != sizeof number) give_up("read");
  const long pidfd = syscall(SYS_pidfd_open, child, 0);
  const long listener = syscall(SYS_pidfd_getfd, pidfd, number, 0);
  if (listener < 0) give_up("take the listener");
  if (write(ends[0], "x", 1) != 1) give_up("write");
  for (;;) {
    std::array<pollfd, 2> ready{pollfd{static_cast<int>(listener), POLLIN, 0},
                                pollfd{static_cast<int>(pidfd), POLLIN, 0}};
    if (poll(ready.data(), ready.size(), -1) < 0) give_up("poll");
    seccomp_notif asked{};
    if ((ready[0].revents & POLLIN) != 0 && ioctl(static_cast<int>(listener), SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0)
      answer(static_cast<int>(listener), asked);
    if (ready[1].revents == 0) continue;
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: in_host HOST COMMAND [ARGUMENT...]\n"), 2;
  const std::string_view host = argv[1];
  for (const std::string_view answered : {"landlock-2", "debian-12", "no-overlays", "bubblewrap"})
    if (host == answered) return supervise(argv + 2, host);
  Filter filter;
  if (host == "no-namespaces" || host == "neither") deny_namespaces(filter);
  if (host == "no-landlock" || host == "neither") deny_landlock(filter);
  if (host == "bare-namespaces") deny_mounts(filter);
  if (host != "here") filter.install(0);
  execvp(argv[2], argv + 2);
  give_up(argv[2]);
}

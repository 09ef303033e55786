// The process that keeps others ready, and those until they are told what to become. Alone it is a program that becomes
// programs; as a library it lives in an interpreter that was started before and becomes scripts. It holds nothing of
// anybody: it is started in an empty environment, and what it starts hears of a caller only when that one is put into
// its sandbox. Only lilux has the other end of its sockets.
//
// On the control socket it gets one byte with a socket for each process that it is to keep ready, and the folder of the
// control group in which it is to begin, if any, and answers with its number, or minus the error number, and a pidfd.
// They are children of who started the starter. One that is ready reads the length of its order, the streams and the
// ruleset with it, and the order (order.h), and answers as sys::await_prepared() says and, in namespaces, with how its
// program ended as waitpid(2) has it.

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/init/await.h"
#include "sandbox/init/renames.h"
#include "sandbox/starter/order.h"
#include "sys/launch.h"

namespace lilux::sandbox {

namespace {

using sys::Launch;

constexpr std::uint64_t kNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
constexpr std::size_t kDescriptorsMax = 4;  // three streams and a ruleset

struct Received {
  ssize_t size = 0;
  std::vector<int> descriptors;
};

Received receive(int socket, void* into, std::size_t size) {
  alignas(cmsghdr) char space[CMSG_SPACE(kDescriptorsMax * sizeof(int))] = {};
  iovec piece{.iov_base = into, .iov_len = size};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  Received made;
  do made.size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  while (made.size < 0 && sys::error_number() == EINTR);
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_type != SCM_RIGHTS) continue;
    made.descriptors.resize((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(made.descriptors.data(), CMSG_DATA(part), made.descriptors.size() * sizeof(int));
  }
  return made;
}

void tell(int socket, std::int32_t number) {
  static_cast<void>(::send(socket, &number, sizeof number, MSG_NOSIGNAL));  // who asked is gone, and so are we then
}

// With a descriptor, where there is one.
void answer(int control, std::int32_t number, int pidfd) {
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  iovec piece{.iov_base = &number, .iov_len = sizeof number};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (pidfd >= 0) {
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof pidfd);
    std::memcpy(CMSG_DATA(part), &pidfd, sizeof pidfd);
  }
  static_cast<void>(::sendmsg(control, &message, MSG_NOSIGNAL));
}

[[noreturn]] void fail(int socket) {
  tell(socket, sys::error_number());
  ::_exit(127);
}

// Set when this is a program of its own.
bool runs_programs = false;
// Of the interpreter.
Order told;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> made;
  for (std::string& text : texts) made.push_back(text.data());
  made.push_back(nullptr);
  return made;
}

void run_program(Launch& launch) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(launch.options->program.c_str(), launch.arguments, launch.environment);
}

// Of two processes the second goes on, and the first is as sandbox/init/ is for those that were not kept ready.
void part_from_init(Launch& launch, bool helps_with_renames) {
  ::prctl(PR_SET_DUMPABLE, 0);  // the program may be the same user, but it has no business in our memory
  tell(sys::kReportAt, sys::kPreparedGoesOn);
  std::array<int, 2> ends{-1, -1};
  if (helps_with_renames) static_cast<void>(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
  volatile int failure = 0;  // the program's process uses our memory until it runs it
  const pid_t program = runs_programs ? ::vfork() : ::fork();
  if (program == 0) {
    const int listener = ends[0] < 0 ? -1 : tell_of_renames();
    answer(ends[1], 0, listener);
    if (!runs_programs) {
      for (const int end : {ends[0], ends[1], listener}) ::close(end);
      ::prctl(PR_SET_DUMPABLE, 1);
      return;
    }
    run_program(launch);
    failure = sys::error_number();
    ::_exit(127);
  }
  if (program < 0) failure = sys::error_number();
  report(failure);
  if (failure != 0) ::_exit(127);
  std::int32_t none = 0;
  ::close(ends[1]);
  const Received told_of = receive(ends[0], &none, sizeof none);
  await(program, told_of.descriptors.empty() ? -1 : told_of.descriptors[0]);
}

Order hear(int socket, std::vector<int>& descriptors, std::size_t least) {
  std::uint64_t size = 0;
  Received received = receive(socket, &size, sizeof size);
  if (received.size != sizeof size || size > kOrderBytesMax || received.descriptors.size() < least) ::_exit(0);
  descriptors = std::move(received.descriptors);
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = ::recv(socket, bytes.data() + at, size - at, 0);
    if (got < 0 && sys::error_number() == EINTR) continue;
    if (got <= 0) ::_exit(0);
    at += static_cast<std::size_t>(got);
  }
  std::optional<Order> order = order_of(bytes);
  if (!order || (order->has_ruleset && descriptors.size() < 4)) ::_exit(0);
  return *std::move(order);
}

// In the new process: waits for its order and carries it out. Comes back as the interpreter of the script, or not.
void become(int socket) {
  std::vector<int> descriptors;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || begin_root(hear(socket, descriptors, 0).root) != nullptr) fail(socket);
  sys::bound_privileges();
  told = hear(socket, descriptors, 3);
  std::vector<char*> arguments = pointers(told.options.arguments);
  std::vector<char*> environment = pointers(told.options.environment);
  const sock_fprog filter{.len = static_cast<unsigned short>(told.filter.size()), .filter = told.filter.data()};
  told.root.is_begun = true;
  told.root.ruleset_fd = told.has_ruleset ? descriptors[3] : -1;
  const sys::Confinement confinement{
      .enter = &enter_root, .plan = &told.root, .ruleset_fd = told.root.ruleset_fd, .filter = &filter};
  if (!told.options.dies_with_thread) ::prctl(PR_SET_PDEATHSIG, 0);
  told.options.dies_with_thread = false;  // it does already
  told.options.confinement = &confinement;
  Launch launch{.options = &told.options,
                .arguments = arguments.data(),
                .environment = environment.data(),
                .streams = {descriptors[0], descriptors[1], descriptors[2]},
                .handed = {socket},
                .handed_count = 1,
                .closed_by_program = sys::kReportAt};
  if (!sys::prepare_child(launch)) fail(socket);
  if (!sys::filter_child(launch)) fail(sys::kReportAt);
  part_from_init(launch, has_overlay(told.root));
  ::close(sys::kReportAt);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Holds the mounts of the last two that were made, the one that waits and the one before it: who ends as the last to
// use them waits until they are gone, and here that is waited for while nobody is kept waiting.
class LastMounts {
 public:
  void hold(long pid) {
    const std::string name = "/proc/" + std::to_string(pid) + "/ns/mnt";
    if (held_[1] >= 0) ::close(held_[1]);
    held_[1] = held_[0];
    held_[0] = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  }
  void drop() const {  // in a child
    for (const int fd : held_) ::close(fd);
  }

 private:
  std::array<int, 2> held_{-1, -1};
};

// A copy of this process in namespaces of its own, as fork(2) makes one.
long part(int& pidfd, int group) {
  clone_args asked{};
  asked.flags = CLONE_PARENT | CLONE_PIDFD | kNamespaces | (group < 0 ? 0 : CLONE_INTO_CGROUP);
  asked.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  asked.cgroup = group < 0 ? 0 : static_cast<std::uint64_t>(group);
  const long flags = static_cast<long>(asked.flags) | SIGCHLD;
  // Where clone3(2) is not needed it need not be there.
  return group < 0 ? ::syscall(SYS_clone, flags, nullptr, &pidfd, nullptr, 0)
                   : ::syscall(SYS_clone3, &asked, sizeof asked);
}

// Comes back in a process that is a script's, and ends with the control.
void serve(int control) {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  LastMounts mounts;
  for (;;) {
    char byte = 0;
    const Received received = receive(control, &byte, sizeof byte);
    if (received.size != sizeof byte || received.descriptors.empty()) ::_exit(0);
    const int socket = received.descriptors[0];
    int pidfd = -1;
    const int group = received.descriptors.size() > 1 ? received.descriptors[1] : -1;
    const long pid = part(pidfd, group);
    if (pid == 0) {
      ::close(control);
      if (group >= 0) ::close(group);
      mounts.drop();
      return become(socket);
    }
    answer(control, static_cast<std::int32_t>(pid < 0 ? -sys::error_number() : pid), pidfd);
    ::close(socket);
    if (group >= 0) ::close(group);
    if (pidfd >= 0) ::close(pidfd);
    if (pid > 0) mounts.hold(pid);
  }
}

}  // namespace

}  // namespace lilux::sandbox

// For the interpreter, see python.py: what it is to run and with what.
extern "C" {
[[gnu::visibility("default")]] void lilux_serve(int control) {
  ::prctl(PR_SET_NAME, "python3");  // it was run by a descriptor
  lilux::sandbox::serve(control);
}
[[gnu::visibility("default")]] const char* lilux_program() {
  return lilux::sandbox::told.options.program.c_str();
}
[[gnu::visibility("default")]] const char* lilux_argument(int index) {
  const auto& all = lilux::sandbox::told.options.arguments;
  return static_cast<std::size_t>(index) < all.size() ? all[static_cast<std::size_t>(index)].c_str() : nullptr;
}
[[gnu::visibility("default")]] const char* lilux_variable(int index) {
  const auto& all = lilux::sandbox::told.options.environment;
  return static_cast<std::size_t>(index) < all.size() ? all[static_cast<std::size_t>(index)].c_str() : nullptr;
}
}

// Its program is standard input, its control standard output.
int main() {
  const int control = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (control < 0 || null < 0 || ::dup2(null, STDIN_FILENO) < 0 || ::dup2(null, STDOUT_FILENO) < 0) return 1;
  lilux::sandbox::runs_programs = true;
  lilux::sys::forget_signal_handlers();
  lilux::sandbox::serve(control);
}

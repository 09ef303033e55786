#include "tests/support/tracer.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lilux::test {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {
    if (fd_ < 0) fail("cannot open");
  }
  ~Fd() { ::close(fd_); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Stops at the calls the plan counts and nowhere else, so that what is not counted runs at full speed.
std::vector<sock_filter> filter_for(const Plan& plan) {
#ifdef __x86_64__
  constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#else
  constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#endif
  const auto load = [](std::size_t offset) {
    return sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)};
  };
  const auto answer = [](std::uint32_t value) { return sock_filter{BPF_RET | BPF_K, 0, 0, value}; };
  if (plan.kinds.empty()) return {answer(SECCOMP_RET_TRACE)};

  std::vector<long> numbers;
  for (const SyscallRow& row : syscall_rows()) {
    if (std::ranges::find(plan.kinds, row.kind) != plan.kinds.end()) numbers.push_back(row.number);
  }
  if (!plan.after_opening.empty()) numbers.insert(numbers.end(), open_numbers().begin(), open_numbers().end());
  std::vector<sock_filter> filter{load(offsetof(seccomp_data, arch)),
                                  {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kMachine},
                                  answer(SECCOMP_RET_ALLOW),
                                  load(offsetof(seccomp_data, nr))};
  for (const long number : numbers) {
    filter.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(number)});
    filter.push_back(answer(SECCOMP_RET_TRACE));
  }
  filter.push_back(answer(SECCOMP_RET_ALLOW));
  return filter;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// What the child does once the tracer holds it. Only what may follow a fork; ends the process.
struct Start {
  const Program& program;
  std::vector<sock_filter> filter;
  std::vector<char*> arguments = pointers(program.arguments);
  std::vector<char*> environment = pointers(program.environment);
  int out;
  int err;

  [[noreturn]] void go(int ready, const sigset_t& signals) {
    char byte = 0;
    if (::read(ready, &byte, 1) != 1) ::_exit(125);
    ::setsid();
    ::sigprocmask(SIG_SETMASK, &signals, nullptr);
    if (::chdir(program.folder.c_str()) != 0) ::_exit(125);
    ::dup2(::open("/dev/null", O_RDONLY), 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    const sock_fprog code{.len = static_cast<unsigned short>(filter.size()), .filter = filter.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &code) != 0) {
      ::_exit(125);
    }
    if (program.function) ::_exit(program.function());
    ::execvpe(arguments[0], arguments.data(), environment.data());
    ::_exit(127);
  }
};

// One traced run: waits for stops, counts and does what the plan says.
class Run {
 public:
  Run(const Plan& plan, pid_t first) : plan_(plan), first_(first), counting_(plan.after_opening.empty()) {
    threads_.insert(first);
  }

  Outcome until_the_end() {
    const auto begin = Clock::now();
    deadline_ = begin + plan_.timeout;
    while (true) {
      int status = 0;
      const pid_t thread = ::waitpid(-1, &status, __WALL | WNOHANG);
      if (thread < 0 && errno == ECHILD) break;
      if (thread < 0) fail("cannot wait for the traced program");
      if (thread == 0) {
        await_change();
      } else if (WIFSTOPPED(status)) {
        on_stop(thread, status);
      } else {
        threads_.erase(thread);
        if (thread == first_) on_end(status, Clock::now() - begin);
      }
    }
    return std::move(outcome_);
  }

 private:
  void await_change() {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline_ - Clock::now());
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    const timespec wait{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    if (left.count() > 0 && (::sigtimedwait(&child, nullptr, &wait) == SIGCHLD || errno != EAGAIN)) return;
    outcome_.timed_out = outcome_.timed_out || outcome_.elapsed.count() == 0;
    deadline_ += std::chrono::seconds(5);  // what was killed is gone long before; if not, it is killed again
    end_everything();
  }

  // A thread that only now shows up (born while we killed) dies at its first stop.
  void end_everything() {
    ending_ = true;
    for (const pid_t thread : threads_) ::kill(thread, SIGKILL);
  }

  void on_end(int status, Clock::duration elapsed) {
    outcome_.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(elapsed);
    if (WIFEXITED(status)) outcome_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
    end_everything();
  }

  void on_stop(pid_t thread, int status) {
    threads_.insert(thread);
    if (ending_) {
      ::kill(thread, SIGKILL);
      return;
    }
    const int event = status >> 16;
    const int signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_SECCOMP) return on_syscall(thread);
    if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
      ::ptrace(PTRACE_LISTEN, thread, nullptr, nullptr);  // a real SIGSTOP: let it stay stopped
      return;
    }
    go_on(thread, event == 0 ? signal : 0);
  }

  static void go_on(pid_t thread, int signal) { ::ptrace(PTRACE_CONT, thread, nullptr, signal); }

  void on_syscall(pid_t thread) {
    __ptrace_syscall_info info{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0) return go_on(thread, 0);  // killed meanwhile
    PendingSyscall call{.thread = thread, .number = static_cast<long>(info.seccomp.nr), .arguments = {}};
    std::ranges::copy(info.seccomp.args, call.arguments.begin());
    if (!counting_) {
      counting_ = opened_path(call).find(plan_.after_opening) != std::string::npos;
      return go_on(thread, 0);
    }
    const SyscallRow* row = find_syscall(call.number);
    std::string path;
    if (!counts(call, row, path)) return go_on(thread, 0);
    ++outcome_.counted;
    const std::string place = (row != nullptr ? row->name : "syscall " + std::to_string(call.number)) + " " + path;
    if (plan_.action == Plan::Action::observe) outcome_.places.push_back(place);
    if (plan_.action == Plan::Action::observe || !is_due()) return go_on(thread, 0);
    if (!outcome_.fired) outcome_.fired_at = place;
    outcome_.fired = true;
    strike(call, row);
  }

  bool is_due() const {
    return outcome_.counted == plan_.at || (plan_.keeps_failing && plan_.at > 0 && outcome_.counted > plan_.at);
  }

  bool counts(const PendingSyscall& call, const SyscallRow* row, std::string& path) const {
    if (plan_.kinds.empty()) return true;
    if (row == nullptr || std::ranges::find(plan_.kinds, row->kind) == plan_.kinds.end()) return false;
    const auto argument = [&](int index) { return call.arguments[static_cast<std::size_t>(index)]; };
    if (row->flags >= 0 && (argument(row->flags) & (O_CREAT | O_TRUNC)) == 0) return false;
    if (plan_.action == Plan::Action::shorten && (row->byte_count < 0 || argument(row->byte_count) < 2)) return false;
    if (row->kind == SyscallKind::process) return plan_.below.empty();
    path = path_of(call, *row);
    return path.starts_with('/') && path.starts_with(plan_.below);
  }

  void strike(const PendingSyscall& call, const SyscallRow* row) {
    switch (plan_.action) {
      case Plan::Action::observe: break;
      case Plan::Action::kill: return end_everything();
      case Plan::Action::fail: skip_syscall(call.thread, -plan_.error); break;
      case Plan::Action::shorten: {
        const auto index = static_cast<std::size_t>(row->byte_count);
        set_argument(call.thread, row->byte_count, call.arguments[index] / 2);
        break;
      }
    }
    go_on(call.thread, 0);
  }

  const Plan& plan_;
  pid_t first_;
  bool counting_;
  bool ending_ = false;
  Clock::time_point deadline_;
  std::set<pid_t> threads_;
  Outcome outcome_;
};

std::string content(int fd) {
  std::string text(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  if (::pread(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) fail("cannot read the output");
  return text;
}

// SIGCHLD stays pending until sigtimedwait takes it; the old mask comes back at the end.
class BlockedChildSignal {
 public:
  BlockedChildSignal() {
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, &before_);
  }
  ~BlockedChildSignal() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  BlockedChildSignal(const BlockedChildSignal&) = delete;
  BlockedChildSignal& operator=(const BlockedChildSignal&) = delete;
  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
};

}  // namespace

Outcome run_traced(const Program& program, const Plan& plan) {
  const BlockedChildSignal blocked;
  const Fd out(::memfd_create("out", MFD_CLOEXEC));
  const Fd err(::memfd_create("err", MFD_CLOEXEC));
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) fail("cannot make a pipe");
  Start start{.program = program, .filter = filter_for(plan), .out = out.get(), .err = err.get()};
  const pid_t child = ::fork();
  if (child == 0) start.go(ready[0], blocked.before());
  const Fd read_end(ready[0]);
  const Fd write_end(ready[1]);
  if (child < 0) fail("cannot fork");
  constexpr long kOptions = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                            PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SEIZE, child, nullptr, kOptions) != 0 || ::write(write_end.get(), "", 1) != 1) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    fail("cannot trace a child");
  }
  Outcome outcome = Run(plan, child).until_the_end();
  outcome.out = content(out.get());
  outcome.err = content(err.get());
  return outcome;
}

}  // namespace lilux::test

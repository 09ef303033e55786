#include "sandbox/filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>

#include "sandbox/system_calls.h"

namespace lilux::sandbox {

namespace {

enum class Verdict : std::uint8_t {
  unknown,
  refuse,
  unsupported,
  allow,
  clone,
  ioctl,
  open,  // neither to read nor to write is nothing that Landlock knows, and opens anything
  openat,
  open_whole,  // and not to empty it without writing
  openat_whole,
  socket,
  pair,
  fcntl,
  own,  // the argument that names a process is 0: the caller
  own_priority,
  limit,      // not the mark, see sys::mark_of
  own_limit,  // of the caller; the mark may be read
  ask         // the attendant
};

constexpr std::size_t kCalls = 512;

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kOtherNumbering = 0x40000000;  // x32: the same calls by other numbers
#else
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kOtherNumbering = 0xFFFFFFFF;
#endif
constexpr std::uint32_t kNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

constexpr std::uint32_t kSetOwner = 15;     // F_SETOWN_EX
constexpr std::uint32_t kSocketKind = 0xF;  // without SOCK_CLOEXEC and SOCK_NONBLOCK

using Verdicts = std::array<Verdict, kCalls>;

void set(Verdicts& verdicts, std::span<const int> calls, Verdict verdict) {
  for (const int call : calls) verdicts[static_cast<std::size_t>(call)] = verdict;
}

Verdicts verdicts_for(const FilterOptions& options) {
  const auto allow_if = [](bool is_held) { return is_held ? Verdict::allow : Verdict::refuse; };
  const bool sees_emptying = options.has_own_root || options.landlock >= 3;
  Verdicts made{};
  set(made, kAllowed, Verdict::allow);
  set(made, kRefused, Verdict::refuse);
  set(made, kUnseen, allow_if(options.has_own_root));
  set(made, kAttributes, options.has_own_root ? Verdict::allow : Verdict::unsupported);
  set(made, kProperties, options.is_attended ? Verdict::ask : allow_if(options.has_own_root));
  set(made, kSignals, allow_if(options.has_own_root || options.landlock >= 6));
  set(made, kNamedSockets, allow_if(options.has_own_root));
  made[SYS_truncate] = allow_if(sees_emptying);
  made[SYS_openat] = options.has_own_root ? Verdict::allow : sees_emptying ? Verdict::openat : Verdict::openat_whole;
#ifdef __x86_64__
  made[SYS_open] = options.has_own_root ? Verdict::allow : sees_emptying ? Verdict::open : Verdict::open_whole;
#endif
  made[SYS_socket] = options.has_own_root ? Verdict::socket : Verdict::refuse;
  made[SYS_clone] = Verdict::clone;
  made[SYS_ioctl] = Verdict::ioctl;
  made[SYS_setrlimit] = Verdict::limit;
  made[SYS_prlimit64] = Verdict::own_limit;
  made[SYS_fcntl] = options.has_own_root || options.landlock >= 6 ? Verdict::allow : Verdict::fcntl;
  made[SYS_sched_setaffinity] = options.has_own_root ? Verdict::allow : Verdict::own;
  made[SYS_setpriority] = options.has_own_root ? Verdict::allow : Verdict::own_priority;
  made[SYS_socketpair] = options.has_own_root ? Verdict::allow : Verdict::pair;
  return made;
}

class Writer {
 public:
  explicit Writer(const Verdicts& verdicts) : verdicts_(verdicts) {}

  std::vector<sock_filter> write() {
    load(offsetof(seccomp_data, arch));
    jump(BPF_JEQ, kMachine, 1, 0);
    end(SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
    jump(BPF_JGE, kOtherNumbering, 0, 1);
    end(SECCOMP_RET_KILL_PROCESS);
    for (std::size_t from = 0; from < kCalls;) {
      std::size_t to = from;
      while (to < kCalls && verdicts_[to] == verdicts_[from]) ++to;
      runs_.push_back(from);
      from = to;
    }
    search(0, runs_.size());
    end_plainly();
    return std::move(code_);
  }

 private:
  struct Branch {
    std::size_t from = 0;  // the jump
    bool is_taken = false;
    Verdict to{};
  };

  static constexpr bool is_plain(Verdict verdict) { return verdict <= Verdict::allow || verdict == Verdict::ask; }

  // The run that the number lies in, by halves.
  void search(std::size_t first, std::size_t last) {
    if (last - first == 1) return leaf(verdicts_[runs_[first]]);
    const std::size_t middle = first + (last - first) / 2;
    const std::size_t at = code_.size();
    jump(BPF_JGE, static_cast<std::uint32_t>(runs_[middle]), 0, 0);
    branch(at, false, first, middle);
    branch(at, true, middle, last);
  }

  // The same plain verdict stands once, behind all: the system takes time for each instruction.
  void branch(std::size_t from, bool is_taken, std::size_t first, std::size_t last) {
    const Verdict verdict = verdicts_[runs_[first]];
    if (last - first == 1 && is_plain(verdict)) return branches_.push_back({from, is_taken, verdict});
    aim(from, is_taken, code_.size());
    search(first, last);
  }

  void end_plainly() {
    for (const Verdict verdict :
         {Verdict::unknown, Verdict::refuse, Verdict::unsupported, Verdict::allow, Verdict::ask}) {
      const std::size_t at = code_.size();
      const auto is_of_it = [&](const Branch& branch) { return branch.to == verdict; };
      if (std::ranges::any_of(branches_, is_of_it)) leaf(verdict);
      for (const Branch& branch : branches_) {
        if (is_of_it(branch)) aim(branch.from, branch.is_taken, at);
      }
    }
  }

  void aim(std::size_t from, bool is_taken, std::size_t to) {
    const std::size_t distance = to - from - 1;
    assert(distance <= UINT8_MAX);
    (is_taken ? code_[from].jt : code_[from].jf) = static_cast<std::uint8_t>(distance);
  }

  void leaf(Verdict verdict) {
    switch (verdict) {
      case Verdict::unknown: return end(SECCOMP_RET_ERRNO | ENOSYS);
      case Verdict::refuse: return end(SECCOMP_RET_ERRNO | EPERM);
      case Verdict::unsupported: return end(SECCOMP_RET_ERRNO | EOPNOTSUPP);
      case Verdict::allow: return end(SECCOMP_RET_ALLOW);
      case Verdict::ask: return end(SECCOMP_RET_USER_NOTIF);
      case Verdict::clone:  // clone3 hides its flags and so is unknown
        load_argument(0);
        jump(BPF_JSET, kNamespaces, 1, 0);
        return choose();
      case Verdict::ioctl:  // typing into a terminal or a console, and who is sent signals
        load_argument(1);
        jump(BPF_JEQ, TIOCSTI, 4, 0);
        jump(BPF_JEQ, TIOCLINUX, 3, 0);
        jump(BPF_JEQ, FIOSETOWN, 2, 0);
        jump(BPF_JEQ, SIOCSPGRP, 1, 0);
        return choose();
      case Verdict::open: return open_of(1, false);
      case Verdict::openat: return open_of(2, false);
      case Verdict::open_whole: return open_of(1, true);
      case Verdict::openat_whole: return open_of(2, true);
      case Verdict::fcntl:  // the system would send a signal to whoever is made the owner
        load_argument(1);
        jump(BPF_JEQ, F_SETOWN, 2, 0);
        jump(BPF_JEQ, kSetOwner, 1, 0);
        return choose();
      case Verdict::own:
        load_argument(0);
        jump(BPF_JEQ, 0, 0, 1);
        return choose();
      case Verdict::own_priority:
        load_argument(0);
        jump(BPF_JEQ, PRIO_PROCESS, 0, 3);
        load_argument(1);
        jump(BPF_JEQ, 0, 0, 1);
        return choose();
      case Verdict::limit:
        load_argument(0);
        jump(BPF_JEQ, RLIMIT_LOCKS, 1, 0);
        return choose();
      case Verdict::own_limit:
        load_argument(0);
        jump(BPF_JEQ, 0, 0, 7);
        load_argument(1);
        jump(BPF_JEQ, RLIMIT_LOCKS, 0, 4);
        load_argument(2);
        jump(BPF_JEQ, 0, 0, 3);
        load_upper(2);
        jump(BPF_JEQ, 0, 0, 1);
        return choose();
      case Verdict::pair:  // a datagram may be sent to another address than its pair's
        load_argument(1);
        code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSocketKind));
        jump(BPF_JEQ, SOCK_STREAM, 1, 0);
        jump(BPF_JEQ, SOCK_SEQPACKET, 0, 1);
        return choose();
      case Verdict::socket:
        load_argument(0);
        jump(BPF_JEQ, AF_UNIX, 3, 0);
        jump(BPF_JEQ, AF_INET, 2, 0);
        jump(BPF_JEQ, AF_INET6, 1, 0);
        end(SECCOMP_RET_ERRNO | EAFNOSUPPORT);
        return end(SECCOMP_RET_ALLOW);
    }
  }

  // To empty a file by opening it takes the right to write it.
  void open_of(unsigned argument, bool is_whole) {
    load_argument(argument);
    code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_TRUNC | O_ACCMODE));
    if (is_whole) jump(BPF_JEQ, O_TRUNC | O_RDONLY, 3, 0);
    jump(BPF_JEQ, O_TRUNC | O_ACCMODE, 2, 0);
    jump(BPF_JEQ, O_ACCMODE, 1, 0);
    choose();
  }

  void choose() {
    end(SECCOMP_RET_ALLOW);
    end(SECCOMP_RET_ERRNO | EPERM);
  }

  void load(std::size_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  // Its lower half, which is all that the kernel looks at in most.
  void load_argument(unsigned index) {
    static_assert(std::endian::native == std::endian::little);
    load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
  }
  void load_upper(unsigned index) {
    load(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t) + sizeof(std::uint32_t));
  }
  void jump(int condition, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
    code_.push_back(BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | BPF_K | condition), value, if_true, if_false));
  }
  void end(std::uint32_t action) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }

  const Verdicts& verdicts_;
  std::vector<std::size_t> runs_;  // where each begins
  std::vector<Branch> branches_;
  std::vector<sock_filter> code_;
};

}  // namespace

std::vector<sock_filter> compile_filter(const FilterOptions& options) {
  const Verdicts verdicts = verdicts_for(options);
  return Writer(verdicts).write();
}

}  // namespace lilux::sandbox

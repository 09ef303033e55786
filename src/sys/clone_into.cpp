#include "sys/clone_into.h"

#include <cerrno>
#include <csignal>

#include <linux/sched.h>
#include <sys/syscall.h>

namespace lilux::sys {

namespace {

// The child has registers of its own: what is done to them here is not seen by us.
long clone_and_call(clone_args& asked, int (*function)(void*), void* argument) {
#if defined(__x86_64__)
  long pid = SYS_clone3;
  asm volatile(
      "syscall\n"
      "test %%rax, %%rax\n"
      "jnz 1f\n"
      "xor %%ebp, %%ebp\n"
      "mov %[argument], %%rdi\n"
      "call *%[function]\n"
      "hlt\n"
      "1:\n"
      : "+a"(pid)
      : "D"(&asked), "S"(sizeof asked), [function] "r"(function), [argument] "r"(argument)
      : "rcx", "r11", "memory");
  return pid;
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_clone3;
  register long pid asm("x0") = reinterpret_cast<long>(&asked);
  register long size asm("x1") = sizeof asked;
  asm volatile(
      "svc #0\n"
      "cbnz x0, 1f\n"
      "mov x29, #0\n"
      "mov x0, %[argument]\n"
      "blr %[function]\n"
      "brk #0\n"
      "1:\n"
      : "+r"(pid)
      : "r"(number), "r"(size), [function] "r"(function), [argument] "r"(argument)
      : "memory");
  return pid;
#else
#error "clone_into: written down for x86-64 and 64-bit Arm only"
#endif
}

}  // namespace

pid_t clone_into(int group, std::uint64_t flags, std::span<std::byte> stack, int (*function)(void*), void* argument,
                 int* pidfd) {
  clone_args asked{};
  asked.flags = flags | CLONE_INTO_CGROUP | CLONE_PIDFD;
  asked.pidfd = reinterpret_cast<std::uintptr_t>(pidfd);
  asked.exit_signal = SIGCHLD;
  asked.stack = reinterpret_cast<std::uintptr_t>(stack.data());
  asked.stack_size = stack.size() / 16 * 16;  // its end is what has to be aligned
  asked.cgroup = static_cast<std::uint64_t>(group);
  const long pid = clone_and_call(asked, function, argument);
  if (pid < 0) errno = static_cast<int>(-pid);
  return pid < 0 ? -1 : static_cast<pid_t>(pid);
}

}  // namespace lilux::sys

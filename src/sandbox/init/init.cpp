// The first process of a sandbox's process namespace: runs the program as its child, hands on the signals it gets,
// reaps what loses its parent, and ends when the program ends; the system then kills whatever is left. A program of its
// own without a C library, some four KiB, so that starting it costs next to nothing; it is kept inside of lilux (see
// sandbox/init_image.h).
//
//   lilux-init [renames] PROGRAM ARGV0 [ARGUMENT...]
//
// With "renames" it helps with them, see renames.h. The program's path is absolute.
//
// To descriptor 3 it writes two numbers of 32 bits: first 0, or the errno with which the program could not be run; then
// how the program ended, as waitpid(2) says it.

#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>

#include "sandbox/init/await.h"
#include "sandbox/init/calls.h"
#include "sandbox/init/renames.h"

namespace {

using lilux::sandbox::address;
using lilux::sandbox::call;
using lilux::sandbox::report;

constexpr long kSetMask = 2;
constexpr long kSignalSetBytes = 8;
// The program's process shares our memory while we stand still, so that no page is copied, and our descriptors, so that
// we have what it makes for us; it loses both when it runs the program.
constexpr long kShared = CLONE_VM | CLONE_VFORK | CLONE_FILES | 17;

#if defined(__x86_64__)
#define ENTRY              \
  "xor %ebp, %ebp\n"       \
  "mov %rsp, %rdi\n"       \
  "and $-16, %rsp\n"       \
  "call lilux_init_main\n" \
  "hlt\n"
#define SPLIT            \
  long pid = __NR_clone; \
  asm volatile("syscall" : "+a"(pid) : "D"(kShared), "S"(0L) : "rcx", "r11", "memory")
#else
#define ENTRY            \
  "mov x29, #0\n"        \
  "mov x0, sp\n"         \
  "bl lilux_init_main\n" \
  "brk #0\n"
#define SPLIT                                  \
  register long number asm("x8") = __NR_clone; \
  register long pid asm("x0") = kShared;       \
  register long stack asm("x1") = 0;           \
  asm volatile("svc 0" : "+r"(pid) : "r"(number), "r"(stack) : "memory")
#endif

// Of the program's process, written in our memory.
int failure;
int listener;

// It must not return in the child, since that uses our stack.
[[gnu::noinline]] long run_child(bool has_renames, char** arguments, char** environment) {
  const unsigned long none = 0;
  SPLIT;
  if (pid == 0) {
    listener = has_renames ? lilux::sandbox::tell_of_renames() : -1;
    call(__NR_rt_sigprocmask, kSetMask, address(&none), 0, kSignalSetBytes);
    failure = static_cast<int>(-call(__NR_execve, address(arguments[0]), address(arguments + 1), address(environment)));
    call(__NR_exit_group, 127);
  }
  return pid;
}

}  // namespace

extern "C" [[noreturn, gnu::used]] void lilux_init_main(long* stack) {
  const long count = stack[0];
  char** const arguments = reinterpret_cast<char**>(stack + 1);
  char** const environment = arguments + count + 1;
  call(__NR_fcntl, lilux::sandbox::kInitReportAt, F_SETFD, FD_CLOEXEC);
  call(__NR_prctl, PR_SET_DUMPABLE, 0);  // the program may be the same user, but it has no business in our memory
  const unsigned long all = ~0UL;
  call(__NR_rt_sigprocmask, kSetMask, address(&all), 0, kSignalSetBytes);
  const bool has_renames = arguments[1][0] != '/';
  const long program = run_child(has_renames, arguments + (has_renames ? 2 : 1), environment);
  if (program < 0) failure = static_cast<int>(-program);
  report(failure);
  if (failure != 0) call(__NR_exit_group, 127);
  lilux::sandbox::await(program, listener);
}

asm(".globl _start\n"
    "_start:\n" ENTRY);

#include "sandbox/starter/parting.h"

#include <array>
#include <csignal>
#include <cstdint>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

#include "sandbox/init/await.h"
#include "sandbox/init/calls.h"
#include "sys/launch.h"

namespace lilux::sandbox {

namespace {

constexpr long kFlags = CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
constexpr std::size_t kDigitsMax = 20;

// Of the first process until it runs its program, as the other stack and all else is the child's.
alignas(16) std::array<std::byte, 16384> stack;
std::array<char, kDigitsMax + 1> digits;
std::array<int, 2> listeners_of_it;

const char* text_of(long number) {
  char* at = &digits.back();
  do *--at = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  return at;
}

// Whether there is one now.
bool take_listener() {
  if (listeners_of_it[0] < 0) return false;
  call(__NR_close, listeners_of_it[1]);  // so that its end is seen
  std::int32_t none = 0;
  iovec piece{.iov_base = &none, .iov_len = sizeof none};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  if (call(__NR_recvmsg, listeners_of_it[0], address(&message), MSG_CMSG_CLOEXEC) <= 0) return false;
  const cmsghdr* part = CMSG_FIRSTHDR(&message);
  if (part == nullptr || part->cmsg_type != SCM_RIGHTS) return false;
  int listener = -1;
  __builtin_memcpy(&listener, CMSG_DATA(part), sizeof listener);
  return call(__NR_dup3, listener, kInitListenerAt, 0) == kInitListenerAt;
}

// By bare system calls: errno is the child's too.
[[noreturn]] void become_first(long child) {
  long failed = child;
  if (child > 0) {
    const bool has_listener = take_listener();
    const char* words[] = {"lilux-init", "await", text_of(child), has_listener ? "renames" : nullptr, nullptr};
    const char* nothing[] = {nullptr};
    failed = call(__NR_execveat, sys::kInitAt, address(""), address(words), address(nothing), AT_EMPTY_PATH);
  }
  report(static_cast<int>(-failed));
  for (;;) call(__NR_exit_group, 127);
}

// The child has the stack, and what we find on it again it may have changed: so there is no coming back for us.
void clone_here(int* number) {
  std::byte* const top = stack.data() + stack.size();
#if defined(__x86_64__)
  long pid = __NR_clone;
  register long at asm("r10") = address(number);
  register long storage asm("r8") = 0;
  asm volatile(
      "syscall\n"
      "test %%rax, %%rax\n"
      "jz 1f\n"
      "mov %[top], %%rsp\n"
      "xor %%ebp, %%ebp\n"
      "mov %%rax, %%rdi\n"
      "call *%[become]\n"
      "hlt\n"
      "1:\n"
      : "+a"(pid)
      : "D"(kFlags), "S"(0L), "d"(0L), "r"(at), "r"(storage), [top] "r"(top), [become] "r"(&become_first)
      : "rcx", "r11", "memory", "cc");
#else
  register long system_call asm("x8") = __NR_clone;
  register long flags asm("x0") = kFlags;
  register long same_stack asm("x1") = 0;
  register long parent asm("x2") = 0;
  register long storage asm("x3") = 0;
  register long at asm("x4") = address(number);
  asm volatile(
      "svc #0\n"
      "cbz x0, 1f\n"
      "mov sp, %[top]\n"
      "mov x29, #0\n"
      "blr %[become]\n"
      "brk #0\n"
      "1:\n"
      : "+r"(flags)
      : "r"(system_call), "r"(same_stack), "r"(parent), "r"(storage),
        "r"(at), [top] "r"(top), [become] "r"(&become_first)
      : "memory", "cc");
#endif
}

}  // namespace

bool look_at(Thread& thread) {
  return ::prctl(PR_GET_TID_ADDRESS, &thread.number, 0, 0, 0) == 0 && thread.number != nullptr &&
         ::syscall(SYS_get_robust_list, 0, &thread.robust_list, &thread.robust_size) == 0;
}

void leave_to_child(const Thread& thread, const int (&listeners)[2]) {
  listeners_of_it = {listeners[0], listeners[1]};
  clone_here(thread.number);
  // What the system forgets of a thread that is no copy. Where it fails it is as on a system without it.
  ::syscall(SYS_set_robust_list, thread.robust_list, thread.robust_size);
#ifdef RSEQ_SIG
  constexpr unsigned kRseqBytes = 32;
  if (__rseq_size > 0)
    ::syscall(SYS_rseq, static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset, kRseqBytes, 0, RSEQ_SIG);
#endif
}

}  // namespace lilux::sandbox

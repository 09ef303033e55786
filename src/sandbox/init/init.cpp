// The first process of a sandbox's process namespace: runs the program as its child, hands on the signals it gets,
// reaps what loses its parent, and ends when the program ends; the system then kills whatever is left. A program of its
// own without a C library, some two KiB, so that starting it costs next to nothing; it is kept inside of lilux (see
// sandbox/init_image.h).
//
//   lilux-init PROGRAM ARGV0 [ARGUMENT...]
//
// To descriptor 3 it writes two numbers of 32 bits: first 0, or the errno with which the program could not be run; then
// how the program ended, as waitpid(2) says it.

namespace {

#if defined(__x86_64__)
enum Call : long {
  kWrite = 1,
  kSigmask = 14,
  kExecve = 59,
  kWait4 = 61,
  kKill = 62,
  kFcntl = 72,
  kSigwait = 128,
  kPrctl = 157,
  kExitGroup = 231,
};

long call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  long result = number;
  register long fourth asm("r10") = d;
  asm volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
  return result;
}

// A child that shares our memory while we stand still: no page is copied. It must not return, since it uses our stack.
[[gnu::noinline]] long run_child(const char* program, char** arguments, char** environment);

#define ENTRY              \
  "xor %ebp, %ebp\n"       \
  "mov %rsp, %rdi\n"       \
  "and $-16, %rsp\n"       \
  "call lilux_init_main\n" \
  "hlt\n"
#define SWITCH               \
  long pid = 58; /* vfork */ \
  asm volatile("syscall" : "+a"(pid) : : "rcx", "r11", "memory")
#elif defined(__aarch64__)
enum Call : long {
  kFcntl = 25,
  kWrite = 64,
  kExitGroup = 94,
  kKill = 129,
  kSigmask = 135,
  kSigwait = 137,
  kPrctl = 167,
  kExecve = 221,
  kWait4 = 260,
};

long call(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}

[[gnu::noinline]] long run_child(const char* program, char** arguments, char** environment);

#define ENTRY            \
  "mov x29, #0\n"        \
  "mov x0, sp\n"         \
  "bl lilux_init_main\n" \
  "brk #0\n"
#define SWITCH                                                                        \
  register long number asm("x8") = 220; /* clone: CLONE_VM | CLONE_VFORK | SIGCHLD */ \
  register long pid asm("x0") = 0x4111;                                               \
  register long stack asm("x1") = 0;                                                  \
  asm volatile("svc 0" : "+r"(pid) : "r"(number), "r"(stack) : "memory")
#else
#error "lilux-init: its system calls are written down for x86-64 and 64-bit Arm only"
#endif

constexpr long kReport = 3;
constexpr long kCloseOnExec[] = {2, 1};  // F_SETFD, FD_CLOEXEC
constexpr long kSetMask = 2;
constexpr long kDumpable = 4;  // PR_SET_DUMPABLE
constexpr long kSignalSetBytes = 8;
constexpr int kChildEnded = 17;
constexpr int kNoHang = 1;
constexpr int kInterrupted = -4;

int failure;  // of the child, written in our memory

long run_child(const char* program, char** arguments, char** environment) {
  const unsigned long none = 0;
  SWITCH;
  if (pid == 0) {
    call(kSigmask, kSetMask, reinterpret_cast<long>(&none), 0, kSignalSetBytes);
    failure = static_cast<int>(-call(kExecve, reinterpret_cast<long>(program), reinterpret_cast<long>(arguments),
                                     reinterpret_cast<long>(environment)));
    call(kExitGroup, 127);
  }
  return pid;
}

void report(int number) {
  call(kWrite, kReport, reinterpret_cast<long>(&number), sizeof number);
}

[[noreturn]] void end(int status) {
  for (;;) call(kExitGroup, (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f));
}

}  // namespace

extern "C" [[noreturn, gnu::used]] void lilux_init_main(long* stack) {
  const long count = stack[0];
  char** const arguments = reinterpret_cast<char**>(stack + 1);
  char** const environment = arguments + count + 1;
  call(kFcntl, kReport, kCloseOnExec[0], kCloseOnExec[1]);
  call(kPrctl, kDumpable, 0);  // the program may be the same user, but it has no business in our memory or descriptors
  const unsigned long all = ~0UL;
  call(kSigmask, kSetMask, reinterpret_cast<long>(&all), 0, kSignalSetBytes);
  const long program = run_child(arguments[1], arguments + 2, environment);
  if (program < 0) failure = static_cast<int>(-program);
  report(failure);
  if (failure != 0) end(127 << 8);
  for (;;) {
    int status = 0;
    const long pid = call(kWait4, -1, reinterpret_cast<long>(&status), kNoHang);
    if (pid == program) {
      report(status);
      end(status);
    }
    if (pid > 0 || pid == kInterrupted) continue;
    const long signal = call(kSigwait, reinterpret_cast<long>(&all), 0, 0, kSignalSetBytes);
    if (signal > 0 && signal != kChildEnded) call(kKill, program, signal);
  }
}

asm(".globl _start\n"
    "_start:\n" ENTRY);

#include "sandbox/init/await.h"

#include <cerrno>

#include <linux/poll.h>
#include <linux/signalfd.h>

#include "sandbox/init/calls.h"
#include "sandbox/init/renames.h"

namespace lilux::sandbox {

namespace {

constexpr unsigned long kAllSignals = ~0UL;
constexpr long kSignalSetBytes = 8;
constexpr long kChildEnded = 17;
constexpr int kNoHang = 1;
constexpr long kCloseOnExec = 02000000;

[[noreturn]] void end(int status) {
  for (;;) call(__NR_exit_group, (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f));
}

long next_signal() {
  return call(__NR_rt_sigtimedwait, address(&kAllSignals), 0, 0, kSignalSetBytes);
}

// The same, and renames meanwhile.
long next_signal(int signals, int& listener) {
  if (listener < 0) return next_signal();
  pollfd ready[] = {{.fd = signals, .events = POLLIN, .revents = 0}, {.fd = listener, .events = POLLIN, .revents = 0}};
  if (call(__NR_ppoll, address(ready), 2) <= 0) return 0;
  if ((ready[1].revents & POLLIN) != 0) {
    answer_rename(listener);
  } else if (ready[1].revents != 0) {  // nobody is left who could ask
    call(__NR_close, listener);
    listener = -1;
  }
  signalfd_siginfo found;
  if (ready[0].revents == 0 || call(__NR_read, signals, address(&found), sizeof found) != sizeof found) return 0;
  return found.ssi_signo;
}

}  // namespace

void report(int number) {
  call(__NR_write, kInitReportAt, address(&number), sizeof number);
}

void await(long program, int listener) {
  const long signals =
      listener < 0 ? -1 : call(__NR_signalfd4, -1, address(&kAllSignals), kSignalSetBytes, kCloseOnExec);
  if (signals < 0 && listener >= 0) {
    call(__NR_close, listener);  // who asks is told that there is nobody
    listener = -1;
  }
  for (;;) {
    int status = 0;
    const long pid = call(__NR_wait4, -1, address(&status), kNoHang);
    if (pid == program) {
      report(status);
      end(status);
    }
    if (pid > 0 || pid == -EINTR) continue;
    const long signal = next_signal(static_cast<int>(signals), listener);
    if (signal > 0 && signal != kChildEnded) call(__NR_kill, program, signal);
  }
}

}  // namespace lilux::sandbox

#include "sys/self.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/process.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using test::must;

TEST_CASE("the umask is told as it is") {
  const mode_t before = ::umask(037);
  CHECK(own_umask() == 037);
  ::umask(0);
  CHECK(own_umask() == 0);
  ::umask(before);
}

// Of the calling thread, in nanoseconds; 0 where the system does not tell.
std::uint64_t slice() {
  std::array<std::uint64_t, 6> told{};
  return ::syscall(SYS_sched_getattr, 0, told.data(), sizeof told, 0) == 0 ? told[3] : 0;
}

TEST_CASE("a thread that is to answer soon asks for short times, and what it starts does not") {
  std::uint64_t before = 0;
  std::uint64_t own = 0;
  std::uint64_t inner = 0;
  std::thread([&] {
    before = slice();
    answer_soon();
    own = slice();
    std::thread([&] { inner = slice(); }).join();
  }).join();
  CHECK((own == 100'000 || own == before));  // a system that knows no such thing, or real-time priority
  CHECK(inner == before);
}

TEST_CASE("a program in memory is as it was made, whoever opens it") {
  const Fd program = must(memory_program("program", "abc"));
  const Fd again = must(open("/proc/self/fd/" + std::to_string(program.get()), O_RDWR));
  CHECK(::write(again.get(), "x", 1) == -1);
  CHECK(errno == EPERM);
  CHECK(::ftruncate(again.get(), 0) == -1);
}

TEST_CASE("a signal reaches the very process that is meant, and no other one with its number") {
  const Child child = must(spawn({.program = "/bin/sleep", .arguments = {"sleep", "300"}}));
  const ProcessId id = child.id();
  const auto sent = signal_process({.pid = id.pid, .start_ticks = id.start_ticks + 1}, SIGKILL);
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().code == base::ErrorCode::not_found);
  must(signal_process(id, SIGTERM));
  std::optional<Exit> exit;
  while (!exit) exit = must(try_wait(child));
  CHECK(exit->signal == SIGTERM);
  CHECK(signal_process(id, SIGKILL).error().code == base::ErrorCode::not_found);
}

TEST_CASE("a process whose first thread has ended is not taken for dead") {
  const Child child = must(spawn({.program = "/usr/bin/python3",
                                  .arguments = {"python3", "-c",
                                                "import ctypes, threading, time\n"
                                                "threading.Thread(target=time.sleep, args=(300,)).start()\n"
                                                "print(end='x', flush=True)\n"
                                                "ctypes.CDLL(None).pthread_exit(None)"},
                                  .environment = {}}));
  while (must(process(child.pid)).state != 'Z') REQUIRE_FALSE(must(try_wait(child)));
  CHECK(must(freeze_tree(child.id())) == 1);
  CHECK(must(kill_tree(child.id(), std::chrono::seconds(5))) == 1);
  CHECK(must(wait_for(child, std::chrono::seconds(5)))->signal == SIGKILL);
}

TEST_CASE("a mark is handed down and can be seen") {
  CHECK(must(mark_of(process_id())) == 0);
  for (const std::uint64_t mark : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 62}) {
    const Child child = must(spawn({.program = "/bin/sh",
                                    .arguments = {"sh", "-c", "sleep 300 & wait"},
                                    .environment = {"PATH=/usr/bin:/bin"},
                                    .mark = mark}));
    std::vector<ProcessId> below;
    while (below.empty()) below = children(child.pid);
    CHECK(must(mark_of(child.pid)) == mark);
    CHECK(must(mark_of(below[0].pid)) == mark);
    must(kill_tree(child.id(), std::chrono::seconds(5)));
    must(try_wait(child));
  }
}

}  // namespace lilux::sys

// That programs run as they should. What keeps them in is tried by tests/sandbox/escape_test.py.

#include "sandbox/sandbox.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sandbox/filter.h"
#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::sandbox {
namespace {

using test::must;
using namespace std::chrono_literals;

struct Ran {
  std::string said;
  sys::Exit exit;
};

// In a folder that it may write to, and to which it says what it has to say.
Ran run(const std::string& folder, Tier tier, const Host& host, const std::string& script, Spec spec = {}) {
  const std::string file = folder + "/said";
  const sys::Fd out = must(sys::open(file, O_RDWR | O_CREAT | O_TRUNC, 0600));
  spec.trees = {{.path = folder, .access = Access::write}};
  const sys::Child child = must(launch(spec, tier, host,
                                       {.program = "/bin/bash",
                                        .arguments = {"bash", "-c", script},
                                        .environment = {"PATH=/usr/bin:/bin", "TMPDIR=" + folder},
                                        .cwd = folder,
                                        .stdout_fd = out.get(),
                                        .stderr_fd = out.get()}));
  const std::optional<sys::Exit> exit = must(sys::wait_for(child, 30s));
  REQUIRE(exit);
  return {.said = must(sys::read_file(file, 1 << 20)), .exit = *exit};
}

struct Fixture {
  test::Scratch scratch;
  const std::string& folder = scratch.path();
  Host host = probe();
  std::vector<Tier> tiers;

  Fixture() {
    if (host.landlock > 0) tiers.push_back(Tier::restricted);
    if (host.has_namespaces) tiers.push_back(Tier::separated);
    INFO(shortfall(host));
    REQUIRE_FALSE(tiers.empty());
  }
};

TEST_CASE_FIXTURE(Fixture, "a control group limits all that a program starts, or it is told why there is none") {
  REQUIRE(host.groups.empty() == !host.group_problem.empty());
  const Spec spec{.trees = {{.path = folder, .access = Access::write}}, .memory_bytes = std::uint64_t{64} << 20};
  for (const Tier tier : tiers) {
    CAPTURE(tier);
    sys::Child child = must(launch(spec, tier, host,
                                   {.program = "/bin/sh",
                                    .arguments = {"sh", "-c",
                                                  "dd if=/dev/zero of=/dev/null bs=16M count=1 && sleep 60 & "
                                                  "exec dd if=/dev/zero of=/dev/null bs=256M count=1"},
                                    .environment = {"PATH=/usr/bin:/bin"},
                                    .cwd = folder}));
    CHECK(child.group.has_value() == !host.groups.empty());
    const std::optional<sys::Exit> exit = must(sys::wait_for(child, 30s));
    REQUIRE(exit);
    if (!child.group) continue;
    CHECK(child.group->count("memory.events", "oom_kill") > 0);
    CHECK(exit->code != 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "an ordinary program runs, and what it writes in its folder is there") {
  for (const Tier tier : tiers) {
    const Ran ran = run(folder, tier, host,
                        "set -e; echo a | tr a b > made; mkdir -p x/y; ln -s ../made x/link; mv made there; cat there;"
                        "cat <(echo c); (sleep 0 & wait); python3 -c 'import json, threading; print(json.dumps([1]))'");
    CHECK(ran.said == "b\nc\n[1]\n");
    CHECK(ran.exit.code == 0);
    CHECK(must(sys::read_file(folder + "/there", 10)) == "b\n");
    std::filesystem::remove_all(folder + "/x");
  }
}

TEST_CASE_FIXTURE(Fixture, "modes, its own owner and times are set by path, descriptor and link where it may write") {
  REQUIRE_MESSAGE(host.has_attendant, host.attendant_problem);
  for (const Tier tier : tiers) {
    const Ran ran = run(folder, tier, host, R"(python3 - <<'end'
import os, stat
def mode(path): return oct(stat.S_IMODE(os.lstat(path).st_mode))
os.mkdir('f'); open('f/a', 'w').close(); os.symlink('f/a', 'link'); os.chdir('f')
os.chmod('a', 0o700); os.chmod(os.path.abspath('a'), 0o710); os.chmod('../f//a', 0o711); os.chmod('../link', 0o771)
fd = os.open('a', os.O_RDONLY); os.fchmod(fd, 0o640); print(mode('a'))
os.chmod(f'/proc/self/fd/{fd}', 0o641); print(mode('a'))
os.chmod('a', 0o644, dir_fd=os.open('..//f', os.O_RDONLY)); print(mode('a'))
os.chown('a', os.getuid(), os.getgid()); os.chown('a', -1, -1); os.lchown('../link', os.getuid(), -1)
os.utime('a', ns=(10**18, 10**18 + 7)); print(os.stat('a').st_mtime_ns)
os.utime(fd, (5, 6)); print(os.stat('a').st_atime)
os.utime('../link', ns=(1, 2), follow_symlinks=False); print(os.lstat('../link').st_mtime_ns, os.stat('a').st_mtime)
os.utime('a'); print(os.stat('a').st_mtime > 10**9)
os.unlink('a'); os.fchmod(fd, 0o400); print(oct(os.fstat(fd).st_mode)[-3:])
end)");
    CHECK(ran.said == "0o640\n0o641\n0o644\n1000000000000000007\n5.0\n2 6.0\nTrue\n400\n");
    std::filesystem::remove_all(folder + "/f");
    std::filesystem::remove(folder + "/link");
  }
}

TEST_CASE_FIXTURE(Fixture, "with Landlock alone what lends rights cannot be set, nor what is wrong") {
  const Ran ran = run(folder, Tier::restricted, host, R"(python3 - <<'end'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
open('a', 'w').close(); os.symlink('/', 'out'); fd = os.open('a', os.O_RDONLY)
def tried(result): print(0 if result == 0 else os.strerror(ctypes.get_errno()))
for mode in 0o4755, 0o2755, 0o6755: tried(libc.chmod(b'a', mode))
tried(libc.chmod(b'a', 0o1755)); tried(libc.chown(b'a', 12345, -1)); tried(libc.chmod(b'none', 0o700))
tried(libc.chmod(b'', 0o700)); tried(libc.chmod(None, 0o700)); tried(libc.chmod(ctypes.c_void_p(8), 0o700))
tried(libc.chmod(b'a' * 5000, 0o700)); tried(libc.fchmod(-1, 0o700)); tried(libc.fchmod(77, 0o700))
tried(libc.chmod(b'out/etc', 0o755)); tried(libc.chmod(b'../..', 0o755)); tried(libc.utimes(b'a', (ctypes.c_long * 4)(1, -1, 1, 1)))
tried(libc.fchmod(1, 0o600)); tried(libc.chmod(b'/proc/self/exe', 0o755))
end)");
  CHECK(ran.said ==
        "Operation not permitted\nOperation not permitted\nOperation not permitted\n0\nOperation not permitted\n"
        "No such file or directory\nNo such file or directory\nBad address\nBad address\nFile name too long\n"
        "Bad file descriptor\nBad file descriptor\nOperation not permitted\nOperation not permitted\n"
        "Invalid argument\n0\nOperation not permitted\n");
  CHECK(ran.exit.code == 0);
}

TEST_CASE_FIXTURE(Fixture, "who has nobody to answer cannot set modes, and does not wait for it") {
  const auto start = [&](sys::SpawnOptions options) {
    return must(launch({.trees = {{.path = folder, .access = Access::write}}}, Tier::restricted, host, options));
  };
  sys::Child child = start({.program = "/bin/sh",
                            .arguments = {"sh", "-c", "sleep 0.3; ! chmod 700 ."},
                            .environment = {"PATH=/usr/bin:/bin"},
                            .cwd = folder});
  child.attendant.reset();
  CHECK(must(sys::wait_for(child, 10s))->code == 0);
}

TEST_CASE_FIXTURE(Fixture, "how it ended is told as if it stood alone") {
  for (const Tier tier : tiers) {
    CHECK(run(folder, tier, host, "exit 7").exit.code == 7);
    CHECK(run(folder, tier, host, "kill -TERM $$; sleep 5").exit.signal == SIGTERM);
    CHECK(run(folder, tier, host, "kill -KILL $$").exit.signal == SIGKILL);
    CHECK(run(folder, tier, host, "trap 'exit 9' USR1; kill -USR1 $$; sleep 5").exit.code == 9);
  }
}

TEST_CASE_FIXTURE(Fixture, "processor time and descriptors have an end in every tier") {
  for (const Tier tier : tiers) {
    CAPTURE(tier);
    const sys::Exit ended = run(folder, tier, host, "while :; do :; done", {.trees = {}, .cpu_seconds = 1}).exit;
    CHECK((ended.signal == SIGXCPU || ended.signal == SIGKILL));
    const Ran opened = run(folder, tier, host, "ulimit -n; for i in {10..299}; do eval \"exec $i<.\" || exit 3; done",
                           {.trees = {}, .descriptors = 256});
    CHECK(opened.said.starts_with("256\n"));
    CHECK(opened.exit.code == 3);
  }
}

TEST_CASE_FIXTURE(Fixture, "it gives way to others in every tier") {
  const Ran outside = run(folder, tiers[0], host, "nice");
  const int lowest = 19;
  const int lower = std::min(::getpriority(PRIO_PROCESS, 0) + 5, lowest);
  CHECK(outside.said.starts_with(std::to_string(lower) + "\n"));
  CHECK(run(folder, tiers.back(), host, "nice").said == outside.said.substr(0, outside.said.find('\n') + 1));
}

TEST_CASE_FIXTURE(Fixture, "so does its session, where sessions share the processor") {
  for (const Tier tier : tiers) {
    std::string said;
    for (int i = 0; i < 20 && !said.ends_with(" nice 5\n"); ++i) {  // all users together may say it ten times a second
      std::this_thread::sleep_for(i * 20ms);
      const sys::Child child = must(launch({}, tier, host,
                                           {.program = "/usr/bin/sleep",
                                            .arguments = {"sleep", "60"},
                                            .environment = {},
                                            .cwd = "/",
                                            .group = sys::ProcessGroup::own_session}));
      said = sys::read_file("/proc/" + std::to_string(child.pid) + "/autogroup", 100).value_or("");
      sys::end_child(child);
      if (said.empty()) return;  // a system without
    }
    CHECK(said.ends_with(" nice 5\n"));
  }
}

// A program that lends all that it can, as far as we may make one.
void make_lending_program(const std::string& path) {
  std::filesystem::copy_file("/usr/bin/python3", path);
  const std::array<std::uint32_t, 5> lent{VFS_CAP_REVISION_2, ~0U, 0, ~0U, 0};
  ::setxattr(path.c_str(), XATTR_NAME_CAPS, lent.data(), sizeof lent, 0);
  ::chmod(path.c_str(), 04755);
}

TEST_CASE_FIXTURE(Fixture, "it has no privileges and can get none in any tier") {
  make_lending_program(folder + "/lends");
  for (const Tier tier : tiers) {
    const Ran ran = run(folder, tier, host, R"(PYTHONHOME=/usr ./lends -c '
import ctypes
libc, has = ctypes.CDLL(None), (ctypes.c_uint * 6)()
libc.capget((ctypes.c_uint * 2)(0x20080522, 0), has)
print(*has, libc.prctl(39, 0, 0, 0, 0))')");
    CHECK(ran.said == "0 0 0 0 0 0 1\n");
  }
}

TEST_CASE_FIXTURE(Fixture, "a signal from outside reaches the program") {
  for (const Tier tier : tiers) {
    const Spec spec{.trees = {{.path = folder, .access = Access::write}}};
    const sys::Child child = must(launch(
        spec, tier, host, {.program = "/bin/sleep", .arguments = {"sleep", "300"}, .environment = {}, .cwd = "/"}));
    must(sys::signal_process(child.id(), SIGTERM));
    const std::optional<sys::Exit> exit = must(sys::wait_for(child, 10s));
    REQUIRE(exit);
    CHECK(exit->signal == SIGTERM);
  }
}

TEST_CASE_FIXTURE(Fixture, "what cannot be run says so, and nothing is left of it") {
  for (const Tier tier : tiers) {
    const auto start = [&](const std::string& program, const std::string& cwd) {
      return launch({}, tier, host, {.program = program, .arguments = {"x"}, .environment = {}, .cwd = cwd});
    };
    CHECK(start("/usr/bin/no-such-program", "/").error().code == base::ErrorCode::not_found);
    CHECK_FALSE(start("/usr/bin/true", folder + "/nowhere").has_value());
    CHECK_FALSE(start("/etc/hostname", "/").has_value());
    const auto missing = launch({.trees = {{.path = folder + "/nowhere"}}}, tier, host,
                                {.program = "/usr/bin/true", .arguments = {"true"}, .environment = {}, .cwd = "/"});
    CHECK(missing.error().code == base::ErrorCode::not_found);
    CHECK_FALSE(sys::has_children());
  }
}

TEST_CASE_FIXTURE(Fixture, "with its own process table all that a program started ends with it") {
  if (!host.has_namespaces) return;
  const Ran ran = run(folder, Tier::separated, host, "(setsid sleep 1; echo late > late) > /dev/null 2>&1 & exit 0");
  CHECK(ran.exit.code == 0);
  std::this_thread::sleep_for(1500ms);
  CHECK_FALSE(sys::exists(folder + "/late"));
}

TEST_CASE("less than what was asked for is refused") {
  const sys::SpawnOptions nothing{.program = "/usr/bin/true", .arguments = {"true"}, .environment = {}, .cwd = "/"};
  const Host none{.landlock_problem = "not here", .namespace_problem = "not here either"};
  for (const Tier tier : {Tier::none, Tier::restricted, Tier::separated}) {
    const auto refused = launch({}, tier, none, nothing);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == base::ErrorCode::unavailable);
    CHECK(refused.error().message.find("not here either") != std::string::npos);
  }
}

TEST_CASE("the filter is short enough to be cheap, and for its jumps") {
  for (int landlock = 0; landlock < 8; ++landlock) {
    for (const bool has_own_root : {false, true}) {
      const FilterOptions options{.landlock = landlock, .has_own_root = has_own_root, .is_attended = !has_own_root};
      CHECK(compile_filter(options).size() < UINT8_MAX);
    }
  }
}

}  // namespace
}  // namespace lilux::sandbox

// That programs run as they should. What keeps them in is tried by tests/sandbox/escape_test.py.

#include "sandbox/sandbox.h"

#include <csignal>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>

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
Ran run(const std::string& folder, Tier tier, const Host& host, const std::string& script) {
  const std::string file = folder + "/said";
  const sys::Fd out = must(sys::open(file, O_RDWR | O_CREAT | O_TRUNC, 0600));
  const Spec spec{.trees = {{.path = folder, .access = Access::write}}};
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

TEST_CASE_FIXTURE(Fixture, "how it ended is told as if it stood alone") {
  for (const Tier tier : tiers) {
    CHECK(run(folder, tier, host, "exit 7").exit.code == 7);
    CHECK(run(folder, tier, host, "kill -TERM $$; sleep 5").exit.signal == SIGTERM);
    CHECK(run(folder, tier, host, "kill -KILL $$").exit.signal == SIGKILL);
    CHECK(run(folder, tier, host, "trap 'exit 9' USR1; kill -USR1 $$; sleep 5").exit.code == 9);
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

TEST_CASE("the filter is short enough to be cheap") {
  CHECK(compile_filter({.landlock = 1}).size() < 400);
}

}  // namespace
}  // namespace lilux::sandbox

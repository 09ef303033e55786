#include "tests/support/tracer.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <stdlib.h>

using namespace lilux::test;
using Action = Plan::Action;
namespace fs = std::filesystem;

namespace {

const std::vector<SyscallKind> kLasting = {SyscallKind::write,  SyscallKind::sync,   SyscallKind::create,
                                           SyscallKind::rename, SyscallKind::remove, SyscallKind::resize};

// A shell script in a folder of its own that is removed at the end.
struct Script {
  fs::path folder;
  std::string text;
  explicit Script(std::string script) : text(std::move(script)) {
    char name[] = "/tmp/lilux-trace-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~Script() { fs::remove_all(folder); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  Outcome run(const Plan& plan) const {
    return run_traced({.arguments = {"sh", "-c", text}, .environment = {"PATH=/usr/bin:/bin"}, .folder = folder}, plan);
  }
  void clear() const {
    for (const auto& entry : fs::directory_iterator(folder)) fs::remove_all(entry.path());
  }
  // The names in the folder with the sizes of the files: "f:2 g:0".
  std::string listing() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
      names.insert(entry.path().filename().string() + ":" + std::to_string(entry.file_size()));
    }
    std::string text_of_all;
    for (const auto& name : names) text_of_all += (text_of_all.empty() ? "" : " ") + name;
    return text_of_all;
  }
};

}  // namespace

TEST_CASE("an observed program runs to its end with its output and exit code") {
  const Script script("echo out; echo err >&2; exit 3");
  const Outcome outcome = script.run({});
  CHECK(outcome.out == "out\n");
  CHECK(outcome.err == "err\n");
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.counted > 10);
  CHECK_FALSE(outcome.fired);
}

TEST_CASE("killing at every system call shows every state between start and end and no other") {
  const Script script("echo a > f; mv f g");
  std::set<std::string> states;
  std::uint64_t at = 1;
  for (;; ++at) {
    script.clear();
    const Outcome outcome = script.run({.action = Action::kill, .at = at});
    states.insert(script.listing());
    if (!outcome.fired) {
      CHECK(outcome.exit_code == 0);
      break;
    }
    CHECK(outcome.counted == at);
  }
  CHECK(at > 20);
  CHECK(states == std::set<std::string>{"", "f:0", "f:2", "g:2"});
}

TEST_CASE("killing before the lasting calls alone shows the same states") {
  const Script script("echo a > f; mv f g");
  std::set<std::string> states;
  std::set<std::string> places;
  for (std::uint64_t at = 1; at < 100; ++at) {
    script.clear();
    const Outcome outcome =
        script.run({.action = Action::kill, .at = at, .kinds = kLasting, .below = script.folder.string()});
    states.insert(script.listing());
    if (!outcome.fired) break;
    CHECK(outcome.signal == SIGKILL);
    places.insert(outcome.fired_at.substr(0, outcome.fired_at.find(' ')));
  }
  CHECK(states == std::set<std::string>{"", "f:0", "f:2", "g:2"});
  CHECK(places.size() == 3);
}

TEST_CASE("a child of the program dies with it") {
  const Script script("sleep 100 & sleep 100");
  const Outcome outcome = script.run({.timeout = std::chrono::milliseconds(300)});
  CHECK(outcome.timed_out);
  CHECK(outcome.signal == SIGKILL);
  CHECK(outcome.elapsed < std::chrono::seconds(5));
}

TEST_CASE("what a finished program left running is killed") {
  const Script script("sleep 100 & echo done");
  const Outcome outcome = script.run({});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "done\n");
  CHECK_FALSE(outcome.timed_out);
}

TEST_CASE("a full disk is a full disk for the program") {
  const Script script("dd if=/dev/zero of=f bs=1000 count=4 status=none");
  const Plan plan{.action = Action::fail,
                  .at = 3,
                  .kinds = {SyscallKind::write},
                  .below = script.folder.string(),
                  .error = ENOSPC,
                  .keeps_failing = true};
  const Outcome outcome = script.run(plan);
  CHECK(outcome.fired);
  CHECK(outcome.fired_at == "write " + (script.folder / "f").string());
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.err.find("No space left on device") != std::string::npos);
  CHECK(script.listing() == "f:2000");
}

TEST_CASE("a failure that does not last lets the next call succeed") {
  const Script script("for name in a b c; do echo x > $name; done 2>/dev/null; echo x > d");
  script.run(
      {.action = Action::fail, .at = 2, .kinds = {SyscallKind::create}, .below = script.folder.string(), .error = EIO});
  CHECK(script.listing() == "a:2 c:2 d:2");
}

TEST_CASE("a short write writes half and the program finishes the rest") {
  const Script script("printf 0123456789 > f; cp f g");
  const Outcome outcome =
      script.run({.action = Action::shorten, .at = 1, .kinds = {SyscallKind::write}, .below = script.folder.string()});
  CHECK(outcome.fired);
  CHECK(outcome.counted >= 2);
  CHECK(script.listing() == "f:10 g:10");
}

TEST_CASE("an observed program tells which lasting calls it made") {
  const Script script("echo a > f; mv f g");
  const std::string f = (script.folder / "f").string();
  const Outcome outcome = script.run({.kinds = kLasting, .below = script.folder.string()});
  REQUIRE(outcome.places.size() == 3);
  CHECK(outcome.places[0] == "openat " + f);
  CHECK(outcome.places[1] == "write " + f);
  CHECK(outcome.places[2].starts_with("rename"));
}

TEST_CASE("files elsewhere do not count") {
  const Script script("echo x > /dev/null; echo x");
  const Outcome outcome = script.run({.kinds = kLasting, .below = script.folder.string()});
  CHECK(outcome.counted == 0);
}

TEST_CASE("counting can begin when a file is opened") {
  const Script script("echo x > before; echo x > marker; echo x > after");
  const Outcome outcome = script.run({.action = Action::fail,
                                      .at = 1,
                                      .kinds = {SyscallKind::create},
                                      .below = script.folder.string(),
                                      .after_opening = "marker"});
  CHECK(outcome.counted == 1);
  CHECK(script.listing() == "before:2 marker:2");
}

TEST_CASE("a function can be traced instead of a program") {
  const Script script("");
  const auto target = script.folder / "f";
  const Program program{.function = [&] {
    std::ofstream(target) << "text";
    return 7;
  }};
  CHECK(run_traced(program, {}).exit_code == 7);
  CHECK(script.listing() == "f:4");
}

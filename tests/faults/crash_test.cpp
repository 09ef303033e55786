#include "tests/faults/crash.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <stdlib.h>

using namespace lilux::test;
namespace fs = std::filesystem;

namespace {

// Stands for lilux with four rows: one that replaces a file as it should, and three that err in ways the harness is
// there to find.
constexpr const char* kProgram = R"(#!/bin/bash
answer='{"ok": true, "call": "c0000000000aa"}'
refuse() { echo '{"ok": false, "call": "c0000000000aa", "error": {"message": "cannot write"}}'; exit 1; }
case "$1 $2" in
  "call a.sound")
    echo new 2>/dev/null >"$HOME/fresh" || refuse
    mv "$HOME/fresh" file 2>/dev/null || refuse
    echo "$answer" ;;
  "call a.halved") : 2>/dev/null >file || refuse; echo new 2>/dev/null >>file || refuse; echo "$answer" ;;
  "call a.lost") echo "$answer"; echo new 2>/dev/null >"$HOME/fresh" && mv "$HOME/fresh" file 2>/dev/null ;;
  "call a.open") echo new 2>/dev/null >"$HOME/fresh" || refuse; mv "$HOME/fresh" file || refuse; echo "$answer" ;;
  "call a.idle") echo "$answer" ;;
  "call ledger.query")
    if [ -e "$HOME/fresh" ] && [ -e "$HOME/tells" ]; then echo '{"ok": true, "output": {"calls": [{"result": "open"}]}}'
    else echo '{"ok": true, "output": {"calls": []}}'; fi ;;
esac
)";

struct Harness {
  fs::path folder;
  Harness() {
    char name[] = "/tmp/lilux-crash-XXXXXX";
    folder = ::mkdtemp(name);
    std::ofstream(folder / "lilux") << kProgram;
    fs::permissions(folder / "lilux", fs::perms::owner_all);
  }
  ~Harness() { fs::remove_all(folder); }
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  Tally run(const char* row, const char* setup = "echo old > file") const {
    Playground playground(folder / "lilux");
    return run_scenario(playground, {.row = row, .setup = setup, .arguments = {}, .probe = ""}, Points::sampled);
  }
};

bool finds(const Tally& tally, const char* text) {
  return std::ranges::any_of(tally.faults,
                             [&](const std::string& fault) { return fault.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("a row that replaces whole has no faults, and is disturbed in every way") {
  const Tally tally = Harness().run("a.sound");
  // A shell does not repeat an interrupted write; lilux has to.
  const auto others = std::ranges::count_if(
      tally.faults, [](const std::string& fault) { return fault.find("ed write at") == std::string::npos; });
  CHECK_MESSAGE(others == 0, (tally.faults.empty() ? "" : tally.faults.front()));
  REQUIRE(tally.points.size() == modes().size());
  for (const auto points : tally.points) CHECK(points > 0);
}

TEST_CASE("half an effect is found") {
  CHECK(finds(Harness().run("a.halved"), "half an effect: not as before, file: content was 'old\\n', is ''"));
}

TEST_CASE("an acknowledged effect that is not there is found") {
  CHECK(finds(Harness().run("a.lost"), "an acknowledged effect is not there"));
}

TEST_CASE("a call that is left open is found") {
  CHECK(finds(Harness().run("a.open", "echo old > file; touch $HOME/tells"), "a call is left open"));
}

TEST_CASE("a scenario that shows no effect is refused") {
  CHECK(finds(Harness().run("a.idle"), "changes nothing"));
}

TEST_CASE("a scenario that cannot be set up or fails undisturbed is refused") {
  CHECK(finds(Harness().run("a.sound", "false"), "cannot be set up"));
  CHECK(finds(Harness().run("a.unknown"), "fails undisturbed"));
}

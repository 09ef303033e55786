#include "tests/faults/playground.h"

#include <stdexcept>
#include <system_error>
#include <utility>

#include <stdlib.h>
#include <unistd.h>

namespace lilux::test {
namespace {

namespace fs = std::filesystem;

// Untraced in all but name: it stops at no call that matters and is only waited for.
Plan undisturbed() {
  return {.kinds = {SyscallKind::process}, .below = "/", .timeout = std::chrono::seconds(60)};
}

// Times that the call itself set can only be known to differ: they are cleared where before and after disagree.
Tree without_changed_times(Tree tree, const Tree& before, const Tree& after) {
  tree = without_directory_times(std::move(tree));
  for (auto& [path, entry] : tree) {
    const auto was = before.find(path);
    const auto is = after.find(path);
    if (was == before.end() || is == after.end() || was->second.modified_ns != is->second.modified_ns) {
      entry.modified_ns = 0;
    }
  }
  return tree;
}

std::vector<std::string> compared(const Tree& project, const State& expected, const Tree& project_now,
                                  const State& now) {
  std::vector<std::string> found = differences(project, project_now);
  for (const std::string& line : differences(without_times(expected.scratch), without_times(now.scratch))) {
    if (!line.starts_with("tsan.")) found.push_back("TMPDIR " + line);  // which that sanitizer keeps there
  }
  if (expected.probe != now.probe) found.push_back("the probe printed\n" + now.probe + "not\n" + expected.probe);
  return found;
}

}  // namespace

Playground::Playground(fs::path lilux) : lilux_(std::move(lilux)) {
  // In memory where that can be had: the disk is failed at the system calls, so a real one only makes it slow.
  std::string name = (::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + std::string("/lf-XXXXXX");
  if (::mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot make a folder");
  base_ = name;
  root_ = base_ / "root";
  const auto set = [&](const char* variable, const fs::path& value) {
    environment_.push_back(std::string(variable) + "=" + value.string());
  };
  set("HOME", root_ / "home");
  set("TMPDIR", root_ / "tmp");
  set("XDG_RUNTIME_DIR", root_ / "runtime");
  set("XDG_CONFIG_HOME", root_ / "home/.config");
  set("XDG_DATA_HOME", root_ / "home/.local/share");
  set("XDG_STATE_HOME", root_ / "home/.local/state");
  set("PATH", lilux_.parent_path().string() + ":/usr/local/bin:/usr/bin:/bin");
  set("LANG", "C.UTF-8");
  set("TZ", "UTC");
  set("NO_COLOR", "1");
  for (const char* name_of : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = ::getenv(name_of)) set(name_of, value);
  }
}

Playground::~Playground() {
  std::error_code ignored;  // a leftover folder in /tmp is no failure of the test
  fs::remove_all(base_, ignored);
}

void Playground::clear() {
  fs::remove_all(root_);
  for (const char* name : {"home", "project", "runtime", "tmp"}) fs::create_directories(root_ / name);
  fs::permissions(root_ / "runtime", fs::perms::owner_all);
}

// Ledger segments are preallocated: without holes every copy would write megabytes of nothing.
void Playground::save() {
  shell("cd .. && rm -rf ../saved && cp -a --sparse=always . ../saved");
}

void Playground::restore() {
  const Outcome done = run_traced({.arguments = {"sh", "-c", "rm -rf root && cp -a --sparse=always saved root"},
                                   .environment = environment_,
                                   .folder = base_},
                                  undisturbed());
  if (done.exit_code != 0) throw std::runtime_error("cannot restore the saved folders: " + done.err);
}

Outcome Playground::shell(const std::string& script) {
  Outcome done = run_traced(
      {.arguments = {"bash", "-o", "pipefail", "-c", script}, .environment = environment_, .folder = root_ / "project"},
      undisturbed());
  if (done.timed_out) throw std::runtime_error("does not end: " + script);
  return done;
}

Outcome Playground::lilux(const std::vector<std::string>& arguments, const Plan& plan) {
  std::vector<std::string> all = {lilux_.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run_traced({.arguments = std::move(all), .environment = environment_, .folder = root_ / "project"}, plan);
}

State Playground::state(const std::string& probe) {
  State now{.project = snapshot(root_ / "project"), .scratch = snapshot(root_ / "tmp"), .probe = {}};
  if (!probe.empty()) {
    const Outcome done = shell(probe);
    now.probe = done.out + done.err;
  }
  return now;
}

std::vector<std::string> differences_from_before(const State& before, const State& now) {
  return compared(without_directory_times(before.project), before, without_directory_times(now.project), now);
}

std::vector<std::string> differences_from_after(const State& before, const State& after, const State& now) {
  return compared(without_changed_times(after.project, before.project, after.project), after,
                  without_changed_times(now.project, before.project, after.project), now);
}

}  // namespace lilux::test

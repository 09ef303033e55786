// Kills a change of a volume before its n-th system call, and makes that call fail, for every n: afterwards the volume
// opens, its files are as before or as after and never in between, its branch says the same, git fsck --strict finds
// nothing, no commit is lost, and the next change goes through.
//
//   volume_faults [--long] [--only SCENARIO]      --long: every system call instead of a sample of the lasting ones

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

#include "git/pack.h"
#include "git/remote.h"
#include "git/turn.h"
#include "item/volume.h"
#include "tests/support/tracer.h"

namespace fs = std::filesystem;

namespace lilux::test {
namespace {

using item::Volume;
using State = std::map<std::string, std::string>;  // path of a file, content

const item::Reason kReason{.author = {.name = "Ada", .email = "ada@example.org"}, .text = "because"};

constexpr std::uint64_t kSampled = 8;  // points of each kind

struct Scenario {
  std::string name;
  std::function<void(const Volume&)> setup;
  std::function<bool(const Volume&)> change;
};

template <class T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void write(const Volume& volume, const std::string& path, const std::string& bytes) {
  must(volume.write({.path = path, .bytes = bytes}, kReason));
}

void by_hand(const Volume& volume, const std::string& path, const std::string& bytes) {
  const std::string file = volume.place().folder + "/" + path;
  fs::create_directories(fs::path(file).parent_path());
  std::FILE* out = std::fopen(file.c_str(), "w");
  std::fwrite(bytes.data(), 1, bytes.size(), out);
  std::fclose(out);
}

// A repository of others beside the volume's.
std::string hub_of(const Volume& volume) {
  return volume.place().repository + ".hub";
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kScenarios{
      {"first write", [](const Volume&) {},
       [](const Volume& volume) { return volume.write({.path = "plans/a.md", .bytes = "new"}, kReason).has_value(); }},
      {"write over a change by hand",
       [](const Volume& volume) {
         write(volume, "plans/a.md", "one");
         by_hand(volume, "plans/a.md", "by hand");
       },
       [](const Volume& volume) { return volume.write({.path = "plans/a.md", .bytes = "new"}, kReason).has_value(); }},
      {"rename", [](const Volume& volume) { write(volume, "plans/a.md", "one"); },
       [](const Volume& volume) { return volume.rename("plans/a.md", "plans/deep/b.md", kReason).has_value(); }},
      {"several files",
       [](const Volume& volume) {
         write(volume, "plans/a.md", "one");
         write(volume, "plans/b.md", "two");
       },
       [](const Volume& volume) {
         return volume
             .change({{.path = "plans/a.md"}, {.path = "plans/b.md", .bytes = "2"}, {.path = "c", .bytes = "3"}},
                     kReason)
             .has_value();
       }},
      {"merge",
       [](const Volume& volume) {
         write(volume, "plans/a.md", "one\n");
         const git::Repository repository = must(volume.repository());
         must(git::create_branch(repository, "other", "main"));
         must(git::commit(repository, "other", {{.path = "plans/x.md", .bytes = "theirs"}}, {}));
         write(volume, "plans/a.md", "two\n");
       },
       [](const Volume& volume) { return volume.merge("other", {}, kReason).has_value(); }},
      {"packing and a branch",
       [](const Volume& volume) {
         for (const char* bytes : {"one", "two", "three"}) write(volume, "plans/a.md", bytes);
       },
       [](const Volume& volume) {
         const auto repository = volume.repository();
         if (!repository || !git::create_branch(*repository, "other", "main")) return false;
         if (const auto turn = git::Turn::take(*repository); !turn || !git::pack(*turn, *repository)) return false;
         return volume.write({.path = "plans/a.md", .bytes = "new"}, kReason).has_value();
       }},
      {"remote",
       [](const Volume& volume) {
         write(volume, "plans/a.md", "one");
         must(git::Repository::open_or_create(hub_of(volume)));
         const git::Repository repository = must(volume.repository());
         must(git::set_remote(repository, "hub", hub_of(volume)));
         must(git::push(repository, "hub", "main", {}));
         write(volume, "plans/a.md", "two");
       },
       [](const Volume& volume) {
         const auto repository = volume.repository();
         if (!repository || !git::set_remote(*repository, "origin", hub_of(volume))) return false;
         if (!git::fetch(*repository, "origin", {}) || !git::push(*repository, "origin", "main", {})) return false;
         return volume.write({.path = "plans/a.md", .bytes = "new"}, kReason).has_value();
       }},
  };
  return kScenarios;
}

class Trial {
 public:
  Trial(const Scenario& scenario, bool is_long) : scenario_(scenario), is_long_(is_long) {
    // Killed processes need no disk, and without one this takes seconds.
    const std::string parent = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : fs::temp_directory_path().string();
    std::string name = parent + "/lilux-volume-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    root_ = fs::canonical(name);
  }
  ~Trial() { fs::remove_all(root_); }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  int run() {
    scenario_.setup(volume());
    fs::create_directories(root_ / "world/ai");
    for (const char* name : {"world/git.git/lilux.turn", "world/git.git.hub/lilux.turn"})
      fs::remove(root_ / name);  // a pipe cannot be copied
    fs::copy(root_ / "world", root_ / "saved", fs::copy_options::recursive);
    before_ = files();
    commits_ = commits();
    if (!scenario_.change(volume())) fault("fails undisturbed");
    after_ = files();
    using enum SyscallKind;
    const std::vector<SyscallKind> lasting{write, sync, create, rename, SyscallKind::remove, resize, attribute};
    disturb("kill", {.action = Plan::Action::kill, .kinds = is_long_ ? std::vector<SyscallKind>{} : lasting});
    disturb("disk error", {.action = Plan::Action::fail, .kinds = lasting, .below = root_.string(), .error = EIO});
    disturb("full disk", {.action = Plan::Action::fail,
                          .kinds = {write, create, resize},
                          .below = root_.string(),
                          .error = ENOSPC,
                          .keeps_failing = true});
    return faults_;
  }

 private:
  Volume volume() const {
    return must(Volume::open({.scope = item::Scope::user,
                              .owner = "ada",
                              .folder = (root_ / "world/ai").string(),
                              .repository = (root_ / "world/git.git").string()}));
  }

  void fault(const std::string& what) {
    std::printf("  %s: %s%s\n", scenario_.name.c_str(), where_.c_str(), what.c_str());
    ++faults_;
  }

  State files() const {
    State state;
    if (!fs::exists(root_ / "world/ai")) return state;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / "world/ai")) {
      if (!entry.is_regular_file()) continue;
      const std::string path = fs::relative(entry.path(), root_ / "world/ai").string();
      state[path] = must(sys::read_file(entry.path().string(), 1 << 20));
    }
    return state;
  }

  std::size_t commits() const { return must(volume().history({.limit = 1000})).size(); }

  void restore() {
    fs::remove_all(root_ / "world");
    fs::copy(root_ / "saved", root_ / "world", fs::copy_options::recursive);
  }

  void disturb(const std::string& name, Plan plan) {
    restore();
    Plan look = plan;
    look.action = Plan::Action::observe;
    const std::uint64_t count = attempt(look).counted;
    const std::uint64_t step = is_long_ ? 1 : std::max<std::uint64_t>(1, count / kSampled);
    std::uint64_t points = 0;
    for (plan.at = 1; plan.at <= count; plan.at += step, ++points) at_point(name, plan);
    std::printf("%-28s %-10s %4llu of %4llu points\n", scenario_.name.c_str(), name.c_str(),
                static_cast<unsigned long long>(points), static_cast<unsigned long long>(count));
    std::fflush(stdout);
  }

  Outcome attempt(const Plan& plan) const {
    return run_traced({.function =
                           [&] {
                             const bool done = scenario_.change(volume());
                             return ::write(1, done ? "y" : "n", 1) == 1 ? 0 : 1;
                           }},
                      plan);
  }

  void at_point(const std::string& name, const Plan& plan) {
    restore();
    const Outcome outcome = attempt(plan);
    where_ = name + " at " + std::to_string(plan.at) + " (" + outcome.fired_at + "): ";
    if (outcome.timed_out) fault("hangs");
    if (plan.action != Plan::Action::kill && outcome.signal != 0) fault("dies: " + outcome.err);
    try {
      check(outcome.out == "y");
    } catch (const std::exception& error) {
      fault(std::string("then ") + error.what());
    }
  }

  void check(bool is_acknowledged) {
    const Volume again = volume();
    const State now = files();
    if (is_acknowledged && now != after_) fault("an acknowledged change is not there");
    if (now != before_ && now != after_) fault("half a change: " + told(now));
    if (commits() < commits_) fault("a commit is lost");
    write(again, "plans/next.md", "next");
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files()) paths.push_back(path);
    must(again.take_in(paths));
    const git::Repository repository = must(again.repository());
    State branch;
    for (const git::File& file : must(repository.list("main")))
      branch[file.path] = must(repository.read_content(file.id, 1 << 20));
    if (branch != files()) fault("branch and folder differ: " + told(branch));
    for (const std::string& path : {repository.path(), hub_of(again)}) {
      const std::string fsck = "git --git-dir='" + path + "' fsck --strict --no-dangling --no-progress >&2";
      if (fs::exists(path) && std::system(fsck.c_str()) != 0) fault("git fsck finds something in " + path);
    }
  }

  static std::string told(const State& state) {
    std::string text;
    for (const auto& [path, bytes] : state) text += path + "=" + bytes + " ";
    return text;
  }

  const Scenario& scenario_;
  bool is_long_;
  fs::path root_;
  State before_;
  State after_;
  std::size_t commits_ = 0;
  std::string where_;
  int faults_ = 0;
};

}  // namespace
}  // namespace lilux::test

int main(int argc, char** argv) {
  bool is_long = false;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--long") == 0) {
      is_long = true;
    } else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
      only = argv[++i];
    } else {
      std::fputs("usage: volume_faults [--long] [--only SCENARIO]\n", stderr);
      return 2;
    }
  }
  try {
    int faults = 0;
    for (const auto& scenario : lilux::test::scenarios())
      if (only.empty() || scenario.name == only) faults += lilux::test::Trial(scenario, is_long).run();
    std::puts(faults == 0 ? "nothing lost, halved or forgotten" : "FAILED");
    return faults == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "volume_faults: %s\n", error.what());
    return 1;
  }
}

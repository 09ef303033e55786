#include "brain/reactions.h"

#include <atomic>

#include <doctest/doctest.h>

#include "kernel/trust.h"
#include "tests/support/kernel_fixture.h"

namespace lilux::brain {
namespace {

using kernel::holds_soon;
using kernel::Kernel;
using kernel::must;

std::atomic<std::int64_t> test_time{0};

struct Daemon {
  explicit Daemon(const std::string& rules = "") {
    if (!rules.empty()) write(rules);
    kernel = folder.open(Kernel::Role::daemon);
    test_time = 1;
    reactions = std::make_unique<Reactions>(*kernel, [] { return test_time.load(); });
  }
  void write(const std::string& rules) const {
    std::filesystem::create_directories(folder.folders.config);
    must(sys::write_file_atomic((folder.folders.config / "rules.toml").string(), rules, 0600));
  }
  void call(const std::string& tool, const std::string& path) const {
    CHECK(kernel->call(folder.request(tool, path, "x")).ok());
  }
  bool has_fact(const std::string& fact) const {
    return kernel->state().with([&](kernel::State& state) { return state.facts.contains(fact); });
  }
  std::string loaded_fact() const {
    return kernel->state().with(
        [&](kernel::State& state) { return state.facts[file_fact(user_rules(folder.folders))]; });
  }
  bool is_loaded(std::string_view part) const {
    return holds_soon([&] { return loaded_fact().find(part) != std::string::npos; });
  }
  void pass(std::int64_t us) const {
    test_time += us;
    reactions->wake();
  }
  // Until all that was recorded has been looked at: a mark goes through the same queue.
  void settle() {
    const std::string mark = "settled " + std::to_string(++marks);
    must(kernel->note("test.mark", base::JsonObject{{"mark", mark}}));
    if (!holds_soon([&] { return has_fact(mark); })) FAIL_CHECK("not " << mark << ":\n" << newest_events());
    CHECK(holds_soon([&] { return kernel->calls_in_flight() == 0; }));
  }
  std::string newest_events() const {
    std::vector<std::string> lines;
    must(kernel->events_since(0, [&](const kernel::Event& event) {
      lines.push_back(std::to_string(event.sequence) + " " + event.name + " " + event.body + "\n");
      return true;
    }));
    std::string text;
    for (std::size_t i = lines.size() > 12 ? lines.size() - 12 : 0; i < lines.size(); ++i) text += lines[i];
    return text;
  }
  kernel::KernelFolder folder;
  std::unique_ptr<Kernel> kernel;
  std::unique_ptr<Reactions> reactions;
  int marks = 0;
};

constexpr std::string_view kMark =
    "[[rule]]\nname = \"mark\"\nwhen = \"test.mark\"\nthen = \"test.state\"\nwith = { path = \"{{data.mark}}\" }\n";

// When a file is written, the fact of its path is set.
std::string on_put(const std::string& more, const std::string& fact = "{{arguments.path}}") {
  return std::string(kMark) + "[[rule]]\nname = \"put\"\nwhen = \"call.ok\"\nwhere = { tool = \"test.put\" }\n" + more +
         "then = \"test.state\"\nwith = { path = \"" + fact + "\", text = \"{{event}}\" }\n";
}

TEST_CASE("a rule calls what it names with what the event says, as an agent with a task and a cause") {
  Daemon daemon(on_put(""));
  const auto put = daemon.kernel->call(daemon.folder.request("test.put", daemon.folder.path("a{{b}}"), "x"));
  REQUIRE(put.ok());
  CHECK(holds_soon([&] { return daemon.has_fact(daemon.folder.path("a{{b}}")); }));
  daemon.settle();
  bool is_seen = false;
  must(daemon.kernel->events_since(0, [&](const kernel::Event& event) {
    const base::Json body = base::parse_json(event.body).value();
    if (event.tool != "test.state" || body.string_or("cause") != put.call) return true;
    is_seen = true;
    CHECK(body.string_or("principal") == "agent");
    CHECK(body.string_or("reason").starts_with("rule put: call.ok "));
    CHECK(daemon.kernel->state().with([&](kernel::State& state) {
      return state.tasks.at(event.task).title == "rule put" && descends(state, event.task, kernel::kHooksTask);
    }));
    return true;
  }));
  CHECK(is_seen);
}

TEST_CASE("an edit holds at once, and a broken file leaves the last good rules in force and says so") {
  Daemon daemon;
  daemon.write(on_put("", "first"));
  daemon.reactions->wake();
  CHECK(daemon.is_loaded("\"rules\":2"));
  daemon.call("test.put", daemon.folder.path("a"));
  daemon.settle();
  CHECK(daemon.has_fact("first"));
  daemon.write(on_put("", "second") + "[[rule\n");
  daemon.reactions->wake();
  CHECK(daemon.is_loaded("rules.toml:"));
  must(daemon.kernel->note("test", {}, {{.table = "fact", .id = "first", .value = base::Json(nullptr)}}));
  daemon.call("test.put", daemon.folder.path("a"));
  daemon.settle();
  CHECK(daemon.has_fact("first"));
  CHECK_FALSE(daemon.has_fact("second"));
  daemon.write(on_put("", "second"));
  daemon.call("test.put", daemon.folder.path("a"));
  daemon.settle();
  CHECK(daemon.has_fact("second"));
  CHECK(daemon.loaded_fact().find("\"problem\":\"\"") != std::string::npos);
}

TEST_CASE("windows, debounce and cooldown go by the clock") {
  Daemon daemon(on_put("count = 2\nwithin = \"10s\"\ndebounce = \"5s\"\n", "fired"));
  daemon.call("test.put", daemon.folder.path("a"));
  daemon.settle();
  daemon.pass(20'000'000);
  daemon.call("test.put", daemon.folder.path("a"));
  daemon.settle();
  daemon.pass(6'000'000);
  daemon.settle();
  CHECK_FALSE(daemon.has_fact("fired"));  // one in ten seconds is not enough
  daemon.call("test.put", daemon.folder.path("a"));
  daemon.settle();
  daemon.pass(4'000'000);
  daemon.settle();
  CHECK_FALSE(daemon.has_fact("fired"));
  daemon.pass(1'000'000);
  CHECK(holds_soon([&] { return daemon.has_fact("fired"); }));
}

TEST_CASE("what rules and hooks do sets off no rules") {
  Daemon daemon(std::string(kMark) +
                "[[rule]]\nname = \"loop\"\nwhen = \"call.*\"\nthen = \"test.count\"\nwith = { path = \""
                "counted\" }\n");
  kernel::KernelFolder::set_policy(*daemon.kernel, "autonomy = \"full\"\n");
  daemon.call("test.read", daemon.folder.path("a"));
  daemon.settle();
  int counted = 0;
  must(daemon.kernel->events_since(0, [&](const kernel::Event& event) {
    counted += event.tool == "test.count" && event.name != "call.begin" ? 1 : 0;
    return true;
  }));
  CHECK(counted == 1);
}

TEST_CASE("a rule that fires without end is stopped, says so, and goes on when it is changed") {
  const std::string rule =
      "[[rule]]\nname = \"fast\"\nwhen = \"call.ok\"\nwhere = { tool = \"test.read\" }\n"
      "then = \"test.state\"\nwith = { path = \"fast\" }\n";
  Daemon daemon(std::string(kMark) + rule);
  const std::string stop = stop_fact(user_rules(daemon.folder.folders), "fast");
  for (std::size_t i = 0; i <= kFiringsMax; ++i) daemon.call("test.read", daemon.folder.path("a"));
  daemon.settle();
  CHECK(daemon.has_fact(stop));
  must(daemon.kernel->note("test", {}, {{.table = "fact", .id = "fast", .value = base::Json(nullptr)}}));
  daemon.call("test.read", daemon.folder.path("a"));
  daemon.settle();
  CHECK_FALSE(daemon.has_fact("fast"));
  daemon.write(std::string(kMark) + rule + "cooldown = \"1s\"\n");
  daemon.call("test.read", daemon.folder.path("a"));
  daemon.settle();
  CHECK(daemon.has_fact("fast"));
}

TEST_CASE("a project's rules are read when it is trusted, see what happens there, and reach no other files") {
  Daemon daemon{std::string(kMark)};
  const std::filesystem::path work = daemon.folder.work;
  std::filesystem::create_directories(work / ".ai");
  kernel::set_content(work / ".ai/rules.toml",
                      "[[rule]]\nname = \"in\"\nwhen = \"call.ok\"\nwhere = { tool = \"test.read\" }\n"
                      "then = \"test.put\"\nwith = { path = \"" +
                          (work / "made").string() +
                          "\" }\n"
                          "[[rule]]\nname = \"out\"\nwhen = \"call.ok\"\nwhere = { tool = \"test.read\" }\n"
                          "then = \"test.put\"\nwith = { path = \"" +
                          (daemon.folder.root / "made").string() + "\" }\n");
  kernel::KernelFolder::set_policy(*daemon.kernel, "autonomy = \"full\"\n");
  daemon.call("test.read", daemon.folder.path("a"));
  daemon.settle();
  CHECK_FALSE(std::filesystem::exists(work / "made"));
  must(sys::write_file_atomic(kernel::trust_file(daemon.folder.folders), kernel::trust_text({work.string()}), 0600));
  kernel::CallRequest elsewhere = daemon.folder.request("test.read", daemon.folder.path("a"));
  elsewhere.caller.project = daemon.folder.root.string();
  CHECK(daemon.kernel->call(elsewhere).ok());
  daemon.settle();
  CHECK_FALSE(std::filesystem::exists(work / "made"));
  daemon.call("test.read", daemon.folder.path("a"));
  daemon.settle();
  CHECK(std::filesystem::exists(work / "made"));
  CHECK_FALSE(std::filesystem::exists(daemon.folder.root / "made"));
}

TEST_CASE("rules of a project that lie behind a symlink do not come into force, and that is said") {
  Daemon daemon{std::string(kMark)};
  const std::filesystem::path work = daemon.folder.work;
  std::filesystem::create_directories(work / "c5");
  kernel::set_content(work / "c5/rules.toml",
                      "[[rule]]\nname = \"in\"\nwhen = \"call.ok\"\nwhere = { tool = \"test.read\" }\n"
                      "then = \"test.put\"\nwith = { path = \"" +
                          (work / "made").string() + "\" }\n");
  kernel::KernelFolder::set_policy(*daemon.kernel, "autonomy = \"full\"\n");
  must(sys::write_file_atomic(kernel::trust_file(daemon.folder.folders), kernel::trust_text({work.string()}), 0600));
  const auto is_refused = [&] {
    daemon.call("test.read", daemon.folder.path("a"));
    daemon.settle();
    CHECK_FALSE(std::filesystem::exists(work / "made"));
    return daemon.kernel->state().with([&](kernel::State& state) {
      return state.facts[file_fact(project_rules(work.string()))].find("symlink") != std::string::npos;
    });
  };
  SUBCASE("the folder is one") {
    std::filesystem::create_symlink("c5", work / ".ai");
    CHECK(is_refused());
  }
  SUBCASE("the file is one") {
    std::filesystem::create_directories(work / ".ai");
    std::filesystem::create_symlink("../c5/rules.toml", work / ".ai/rules.toml");
    CHECK(is_refused());
  }
  std::filesystem::remove_all(work / ".ai");
  std::filesystem::rename(work / "c5", work / ".ai");  // the same file, where it belongs
  daemon.call("test.read", daemon.folder.path("a"));
  daemon.settle();
  CHECK(std::filesystem::exists(work / "made"));
}

TEST_CASE("what happened while no daemon ran sets off nothing later") {
  Daemon daemon(on_put("", "late"));
  daemon.reactions.reset();
  daemon.call("test.put", daemon.folder.path("a"));
  daemon.reactions = std::make_unique<Reactions>(*daemon.kernel, [] { return test_time.load(); });
  daemon.settle();
  CHECK_FALSE(daemon.has_fact("late"));
}

}  // namespace
}  // namespace lilux::brain

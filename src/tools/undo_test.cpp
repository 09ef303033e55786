// What undo refuses, and undo of several calls, across restarts, of others, and of what is large.

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/time.h"
#include "kernel/inverse.h"
#include "tests/support/scratch.h"
#include "tests/support/undo_world.h"

namespace lilux::tools {
namespace {

namespace fs = std::filesystem;

using base::ErrorCode;
using base::Json;
using base::JsonObject;
using test::Tree;
using test::UndoWorld;

const UndoWorld::Settings kSmall{{"undo.size", "1KiB"}};

base::Error error_of(const kernel::Outcome& outcome) {
  if (outcome.ok()) FAIL("went well: " << base::to_text(*outcome.output));
  return outcome.output.error();
}

base::Error undo_error(UndoWorld& world, const std::string& call) {
  return error_of(world.call("undo.apply", {{"call", call}}));
}

std::vector<std::string> texts(const Json& answer, std::string_view field) {
  std::vector<std::string> found;
  for (const Json& one : answer.find(field)->as_array())
    found.push_back(one.is_string() ? one.as_string() : one.string_or("call"));
  return found;
}

TEST_CASE("what is left to undo is listed, however many undos lie on it") {
  UndoWorld world;
  const std::string first = world.does("fs.write", {{"path", "first.txt"}, {"content", "1"}});
  const std::string second = world.does("fs.write", {{"path", "second.txt"}, {"content", "2"}});
  for (int i = 0; i < 60; ++i) world.undo(world.does("fs.write", {{"path", "more.txt"}, {"content", "x"}}));
  CHECK(texts(world.answer("undo.list", {{"work", true}}), "calls") == std::vector{second, first});
  CHECK(texts(world.answer("undo.list", {{"work", true}, {"limit", 1}}), "calls") == std::vector{second});
  CHECK(texts(world.answer("undo.list", {}), "calls").size() == 50);
}

TEST_CASE("undo refuses and changes nothing when somebody else changed the same thing since") {
  UndoWorld world;
  const std::string call = world.does("fs.write", {{"path", "plain.txt"}, {"content", "new\n"}});
  const fs::path path = world.path("plain.txt");
  std::string told;
  std::string refusal;
  ErrorCode code = ErrorCode::conflict;
  SUBCASE("its content") {
    kernel::set_content(path, "his\n");
    told = "content changed";
  }
  SUBCASE("its content, keeping its size") {
    kernel::set_content(path, "New\n");
    told = "content changed";
  }
  SUBCASE("its mode") {
    REQUIRE(::chmod(path.c_str(), 0777) == 0);
    told = "mode changed";
  }
  SUBCASE("it is deleted") {
    fs::remove(path);
    told = "is gone";
  }
  SUBCASE("a symlink is in its place") {
    fs::rename(path, world.path("elsewhere"));
    fs::create_symlink("elsewhere", path);
    told = "was a file, is a symlink";
  }
  SUBCASE("a folder is in its place") {
    fs::remove(path);
    fs::create_directories(path / "his");
    told = "was a file, is a folder";
  }
  SUBCASE("a fifo is in its place") {
    fs::remove(path);
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    told = "was a file, is a special file";
    refusal = "'" + path.string() + "' is a fifo";
    code = ErrorCode::invalid_argument;
  }
  SUBCASE("it has attributes") {
    if (::setxattr(path.c_str(), "user.his", "x", 1, 0) != 0) return;
    told = "attributes changed";
  }
  const Tree before = world.tree();
  const Json preview = world.answer("undo.preview", {{"call", call}});
  CHECK(preview.string_or("conflict").find(path.string() + ": " + told) != std::string::npos);
  const base::Error error = undo_error(world, call);
  CHECK(error.code == code);
  CHECK(error.message.find(refusal.empty() ? path.string() + ": " + told : refusal) != std::string::npos);
  test::check_same(before, world.tree(), "refused");
}

TEST_CASE("undo of a tree refuses when something in it changed since, and what is beside it does not matter") {
  UndoWorld world;
  const std::string call = world.does("fs.copy", {{"source", "tree"}, {"destination", "copy"}});
  kernel::set_content(world.path("his"), "beside");
  SUBCASE("a new file") {
    kernel::set_content(world.path("copy/sub/his"), "his");
    CHECK(undo_error(world, call).message.find("copy/sub/his: is new") != std::string::npos);
    CHECK(kernel::content(world.path("copy/sub/his")) == "his");
  }
  SUBCASE("nothing") {
    world.undo(call);
    CHECK_FALSE(fs::exists(world.path("copy")));
    CHECK(kernel::content(world.path("his")) == "beside");
  }
}

TEST_CASE("a mode is taken back whatever has happened to the content since") {
  UndoWorld world;
  const std::string file = world.does("fs.chmod", {{"path", "plain.txt"}, {"mode", "0600"}});
  const std::string folder = world.does("fs.chmod", {{"path", "tree"}, {"mode", "0700"}});
  kernel::set_content(world.path("plain.txt"), "later");
  kernel::set_content(world.path("tree/later"), "later");
  Tree wanted = world.tree();
  wanted["plain.txt"].mode = 0644;
  wanted["tree"].mode = 0755;
  world.undo(folder);
  world.undo(file);
  test::check_same(wanted, world.tree(), "undone");
}

TEST_CASE("a change of mode or owner keeps no content, however large") {
  UndoWorld world(UndoWorld::Settings{{"undo.size", "1KiB"}, {"undo.entries", "2"}});
  const Tree before = world.tree();
  const std::string call = world.does("fs.chmod", {{"path", "tree"}, {"mode", "0700"}});
  CHECK(before != world.tree());
  world.undo(call);
  test::check_same(before, world.tree(), "undone");
}

TEST_CASE("a preview shows what would change and changes nothing") {
  UndoWorld world;
  const std::string call = world.does("fs.write", {{"path", "plain.txt"}, {"content", "new\n"}});
  const Tree before = world.tree();
  const Json preview = world.answer("undo.preview", {{"call", call}});
  CHECK(preview.string_or("undo") == "exact");
  CHECK(preview.string_or("conflict").empty());
  CHECK(texts(preview, "paths") == std::vector{world.path("plain.txt")});
  CHECK(preview.string_or("changes").find("-new\n+one\n+two\n") != std::string::npos);
  test::check_same(before, world.tree(), "previewed");
}

TEST_CASE("a call is undone once, and what took no effect not at all") {
  UndoWorld world;
  const std::string call = world.does("fs.write", {{"path", "new"}, {"content", "new"}});
  const std::string undo = world.undo(call);
  CHECK(undo_error(world, call).message.find("undone already by " + undo) != std::string::npos);
  CHECK(error_of(world.call("undo.preview", {{"call", call}})).code == ErrorCode::conflict);
  const kernel::Outcome failed = world.call("fs.write", {{"path", "tree"}, {"content", "x"}});
  CHECK_FALSE(failed.ok());
  CHECK(undo_error(world, failed.call).code == ErrorCode::conflict);
  CHECK(undo_error(world, world.does("fs.mkdir", {{"path", "tree"}, {"recursive", true}})).code == ErrorCode::conflict);
  CHECK(undo_error(world, world.does("fs.read", {{"path", "plain.txt"}})).code == ErrorCode::conflict);
  CHECK(undo_error(world, "c000000000000").code == ErrorCode::not_found);
  CHECK(error_of(world.call("undo.redo", {{"call", failed.call}})).code == ErrorCode::conflict);
}

TEST_CASE("undo of undo is redo, however often") {
  UndoWorld world;
  const Tree before = world.tree();
  const std::string call = world.does("fs.write", {{"path", "plain.txt"}, {"content", "new"}});
  const Tree after = world.tree();
  const std::string first = world.undo(call);
  const std::string second = world.undo(first);
  test::check_same(after, world.tree(), "undo of undo");
  CHECK_FALSE(error_of(world.call("undo.redo", {{"call", call}})).message.empty());  // it is in effect
  const std::string third = world.undo(second);
  test::check_same(before, world.tree(), "undo of undo of undo");
  CHECK(undo_error(world, call).message.find("undone already") != std::string::npos);
  world.undo(third);
  test::check_same(after, world.tree(), "undo of undo of undo of undo");
  world.undo(call);
  test::check_same(before, world.tree(), "undo of the call");
  world.redo(call);
  test::check_same(after, world.tree(), "redo of the call");
}

TEST_CASE("redo refuses when the world changed since the undo") {
  UndoWorld world;
  const std::string call = world.does("fs.write", {{"path", "plain.txt"}, {"content", "new"}});
  world.undo(call);
  kernel::set_content(world.path("plain.txt"), "his");
  CHECK(error_of(world.call("undo.redo", {})).code == ErrorCode::conflict);
  CHECK(kernel::content(world.path("plain.txt")) == "his");
}

TEST_CASE("undo works after a restart") {
  UndoWorld world;
  const Tree before = world.tree();
  const std::string call = world.does("fs.delete", {{"path", "tree"}, {"recursive", true}});
  const Tree after = world.tree();
  world.restart();
  world.undo(call);
  test::check_same(before, world.tree(), "undone");
  world.restart();
  fs::remove(world.folders.state / "lilux.db");
  world.redo(call);
  test::check_same(after, world.tree(), "redone");
}

// Several calls on the same things, one after the other.
std::vector<std::string> work_on(UndoWorld& world) {
  return {world.does("fs.mkdir", {{"path", "made"}}),
          world.does("fs.write", {{"path", "made/file"}, {"content", "1"}}),
          world.does("fs.write", {{"path", "made/file"}, {"content", "2"}}),
          world.does("fs.move", {{"source", "made/file"}, {"destination", "plain.txt"}, {"overwrite", true}}),
          world.does("fs.delete", {{"path", "made"}}),
          world.does("fs.write", {{"path", "linked"}, {"content", "3"}}),
          world.does("memory.write", {{"key", "k"}, {"value", 1}}),
          world.does("memory.write", {{"key", "k"}, {"value", 2}})};
}

TEST_CASE("everything since a time is undone, newest first, and redone") {
  UndoWorld world;
  const std::string earlier = world.does("fs.write", {{"path", "other.txt"}, {"content", "stays"}});
  const std::string since = base::format_time(base::now_us());
  const Tree before = world.tree();
  std::vector<std::string> calls = work_on(world);
  const Tree after = world.tree();
  const kernel::Outcome undone = world.call("undo.apply", {{"since", since}});
  REQUIRE(undone.ok());
  std::ranges::reverse(calls);
  CHECK(texts(*undone.output, "undone") == calls);
  CHECK(texts(*undone.output, "skipped").empty());
  test::check_same(before, world.tree(), "undone");
  CHECK_FALSE(world.call("memory.read", {{"key", "k"}}).ok());
  CHECK(texts(world.answer("undo.apply", {{"since", since}}), "undone").empty());  // nothing is left
  test::check_same(before, world.tree(), "undone twice");
  SUBCASE("by its name") {
    world.redo(undone.call);
  }
  SUBCASE("as the newest") {
    world.does("undo.redo", {});
  }
  test::check_same(after, world.tree(), "redone");
  CHECK(world.call("memory.read", {{"key", "k"}}).ok());
}

TEST_CASE("what people decided is not taken back with work, but by its id") {
  UndoWorld world;
  const std::string since = base::format_time(base::now_us());
  const std::string rule = world.does("policy.add", {{"id", "no"}, {"effect", "deny"}, {"tool", "fs.chown"}});
  const std::string work = world.does("fs.write", {{"path", "new"}, {"content", "new"}});
  const std::string budget = world.does("budget.set", {{"task", "terminal"}, {"tokens", 1000}});
  for (const JsonObject& several : {JsonObject{{"since", since}}, JsonObject{{"task", "terminal"}}}) {
    const Json undone = world.answer("undo.apply", several);
    CHECK(texts(undone, "skipped") ==
          std::vector{budget + ": budget.set: undo it by its id", rule + ": policy.add: undo it by its id"});
  }
  CHECK_FALSE(fs::exists(world.path("new")));
  const auto has_rule = [&] {
    return kernel::content(world.kernel().policy_file()).find("fs.chown") != std::string::npos;
  };
  CHECK(has_rule());
  world.undo(rule);
  CHECK_FALSE(has_rule());
}

TEST_CASE("undo refuses where nothing tells what the call left") {
  UndoWorld world;
  const std::vector<std::string> paths{world.path("plain.txt")};
  kernel::Body intent;
  intent.call = "c-blind";
  intent.tool = "fs.write";
  intent.task = std::string(kernel::kTerminalTask);
  intent.undo = "exact";
  intent.before = kernel::must(
      kernel::capture(world.kernel().store(), paths, kernel::Content::stored, world.kernel().config().image_limits()));
  kernel::Body outcome;
  outcome.call = intent.call;
  outcome.result = "ok";
  kernel::must(world.kernel().write(kernel::Kind::intent, intent));
  kernel::must(world.kernel().write(kernel::Kind::outcome, outcome));
  kernel::set_content(world.path("plain.txt"), "newer work");
  const base::Error error = error_of(world.call("undo.apply", {{"call", "c-blind"}}));
  CHECK(error.code == ErrorCode::conflict);
  CHECK(error.message.find("nobody can tell") != std::string::npos);
  CHECK(kernel::content(world.path("plain.txt")) == "newer work");
}

TEST_CASE("what undo itself did by other calls is not undone with the rest") {
  UndoWorld world(kSmall);
  const Tree before = world.tree();
  const std::string since = base::format_time(base::now_us());
  world.does("memory.write", {{"key", "k"}, {"value", 1}});
  world.undo(world.does("memory.write", {{"key", "k"}, {"value", 2}}));
  world.undo(world.does("fs.delete", {{"path", "tree"}, {"recursive", true}}));
  const Json undone = world.answer("undo.apply", {{"since", since}});
  CHECK(texts(undone, "undone").size() == 1);
  CHECK(texts(undone, "skipped").empty());
  CHECK_FALSE(world.call("memory.read", {{"key", "k"}}).ok());
  test::check_same(before, world.tree(), "undone");
}

TEST_CASE("of several calls, those that stand in conflict are told and left alone, and so is what lies under them") {
  UndoWorld world;
  const std::string since = base::format_time(base::now_us());
  const std::string below = world.does("fs.write", {{"path", "plain.txt"}, {"content", "1"}});
  const std::string free = world.does("fs.write", {{"path", "new"}, {"content", "new"}});
  const std::string above = world.does("fs.write", {{"path", "plain.txt"}, {"content", "2"}});
  kernel::set_content(world.path("plain.txt"), "his");
  const Json undone = world.answer("undo.apply", {{"since", since}});
  CHECK(texts(undone, "undone") == std::vector{free});
  const std::vector<std::string> skipped = texts(undone, "skipped");
  REQUIRE(skipped.size() == 2);
  CHECK(skipped[0].starts_with(above + ": the world changed since"));
  CHECK(skipped[1].starts_with(below + ": the world changed since"));
  CHECK_FALSE(skipped[0].contains('\n'));
  CHECK(kernel::content(world.path("plain.txt")) == "his");
  CHECK_FALSE(fs::exists(world.path("new")));
}

kernel::CallRequest by_agent(const UndoWorld& world, const std::string& task, std::string_view tool,
                             JsonObject arguments) {
  kernel::CallRequest made = world.by(world.request(tool, std::move(arguments)), task);
  made.is_answered_yes = false;
  return made;
}

TEST_CASE("a redo of several calls brings back all or none, however often it is tried") {
  UndoWorld world;
  const std::string since = base::format_time(base::now_us());
  for (const char* name : {"one", "two", "three"}) world.does("fs.write", {{"path", name}, {"content", name}});
  world.does("fs.write", {{"path", "one"}, {"content", "again"}});
  world.does("undo.apply", {{"since", since}});
  kernel::set_content(world.path("three"), "his");
  for (int i = 0; i < 3; ++i) {
    CHECK(code_of(world.call("undo.redo", {})) == base::ErrorCode::conflict);
    CHECK_FALSE(fs::exists(world.path("one")));
    CHECK_FALSE(fs::exists(world.path("two")));
  }
  fs::remove(world.path("three"));
  world.does("undo.redo", {});
  CHECK(kernel::content(world.path("one")) == "again");
  CHECK(kernel::content(world.path("three")) == "three");
}

TEST_CASE("what a person approved of an agent's undo or redo holds for its parts, and for nothing more") {
  UndoWorld world;
  kernel::must(world.kernel().note(
      "test", {},
      {kernel::put(
          world.agent("t1", {{.capability = "* fs " + world.work.string() + "/**"}, {.capability = "* kernel **"}}))}));
  const auto by = [&](std::string_view tool, JsonObject arguments) {
    return world.kernel().call(by_agent(world, "t1", tool, std::move(arguments)));
  };
  for (const char* name : {"full/one", "full/two", "three"})
    REQUIRE(by("fs.write", {{"path", name}, {"content", "new"}}).ok());
  REQUIRE(by("fs.move", {{"source", "full/x"}, {"destination", "full/y"}}).ok());
  world.does("policy.add",
             {{"id", "sure"}, {"effect", "ask"}, {"capability", "write fs " + world.path("full") + "/**"}});
  const auto waiting = [&] { return world.answer("approval.list", {}).find("approvals")->as_array(); };
  const auto approve = [&](const kernel::Outcome& asked, std::string_view listed) {
    CHECK(error_of(asked).code == ErrorCode::approval_required);
    REQUIRE(waiting().size() == 1);
    CHECK(base::to_text(waiting()).contains(listed));
    return kernel::must(world.kernel().answer(asked.call, kernel::Kernel::Answer::approve, "", {}));
  };
  const kernel::Outcome asked = by("undo.apply", {{"since", "1h"}});
  CHECK(error_of(by("fs.write", {{"path", "full/later"}, {"content", "x"}})).code == ErrorCode::approval_required);
  REQUIRE(by("fs.write", {{"path", "later"}, {"content", "x"}}).ok());
  for (const Json& one : waiting()) {
    if (one.string_or("call") != asked.call)
      world.does("approval.answer", {{"call", one.string_or("call")}, {"answer", "deny"}});
  }
  const kernel::Outcome undone = approve(asked, "fs.write: write fs " + world.path("full/two"));
  REQUIRE(undone.ok());
  CHECK(texts(*undone.output, "undone").size() == 4);
  CHECK(waiting().empty());
  CHECK_FALSE(fs::exists(world.path("full/one")));
  CHECK(fs::exists(world.path("full/x")));
  CHECK(fs::exists(world.path("later")));
  REQUIRE(approve(by("undo.redo", {}), "fs.write: write fs " + world.path("full/two")).ok());
  CHECK(waiting().empty());
  CHECK(fs::exists(world.path("full/one")));
  CHECK(fs::exists(world.path("full/y")));
}

TEST_CASE("an agent undoes what it and its children did, and nothing of others") {
  UndoWorld world;
  const std::string inside = "* fs " + world.work.string() + "/**";
  const auto agent = [&](std::string id, std::string parent) {
    kernel::Task task = world.agent(std::move(id), {{.capability = inside}, {.capability = "* kernel **"}});
    task.parent = std::move(parent);
    kernel::must(world.kernel().note("test", {}, {kernel::put(task)}));
  };
  agent("t1", std::string(kernel::kTerminalTask));
  agent("t2", "t1");
  agent("t3", std::string(kernel::kTerminalTask));
  const auto write = [&](const std::string& task, const std::string& name) {
    const kernel::Outcome made =
        world.kernel().call(by_agent(world, task, "fs.write", {{"path", name}, {"content", task}}));
    if (!made.ok()) FAIL(made.output.error().message);
    return made.call;
  };
  const std::string own = write("t1", "own");
  const std::string childs = write("t2", "childs");
  const std::string others = write("t3", "others");
  const std::string persons = world.does("fs.write", {{"path", "persons"}, {"content", "x"}});
  const auto undo = [&](const std::string& task, JsonObject what) {
    return world.kernel().call(by_agent(world, task, "undo.apply", std::move(what)));
  };
  for (const std::string& call : {others, persons}) {
    CHECK(error_of(undo("t1", {{"call", call}})).code == ErrorCode::denied);
    CHECK(error_of(world.kernel().call(by_agent(world, "t1", "undo.preview", {{"call", call}}))).code ==
          ErrorCode::denied);
  }
  CHECK(error_of(undo("t2", {{"call", own}})).code == ErrorCode::denied);
  const kernel::Outcome all = undo("t1", {{"since", "1h"}});
  REQUIRE(all.ok());
  CHECK(texts(*all.output, "undone") == std::vector{childs, own});
  CHECK(texts(*all.output, "skipped").size() == 2);
  CHECK(fs::exists(world.path("others")));
  CHECK(fs::exists(world.path("persons")));
  const Json by_person = world.answer("undo.apply", {{"task", "t3"}});  // a person may
  CHECK(texts(by_person, "undone") == std::vector{others});
  CHECK(fs::exists(world.path("persons")));
}

TEST_CASE("an agent that may no longer write somewhere cannot undo there") {
  UndoWorld world;
  kernel::Task task = world.agent(
      "t1", {{.capability = "* fs " + world.work.string() + "/**", .calls = 1}, {.capability = "* kernel **"}});
  kernel::must(world.kernel().note("test", {}, {kernel::put(task)}));
  const kernel::Outcome made =
      world.kernel().call(by_agent(world, "t1", "fs.write", {{"path", "new"}, {"content", "x"}}));
  REQUIRE(made.ok());
  CHECK(error_of(world.kernel().call(by_agent(world, "t1", "undo.apply", {{"call", made.call}}))).code ==
        ErrorCode::denied);
  CHECK(fs::exists(world.path("new")));
}

TEST_CASE("what undo cannot keep is refused before anything is changed, by every row") {
  UndoWorld world;
  REQUIRE(::mkfifo(world.path("fifo").c_str(), 0600) == 0);
  REQUIRE(::mkfifo(world.path("tree/sub/fifo").c_str(), 0600) == 0);
  if (::geteuid() == 0) REQUIRE(::mknod(world.path("device").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0);
  const Tree before = world.tree();
  const auto modified = fs::last_write_time(world.work);
  const auto refuses = [&](std::string_view tool, JsonObject arguments) {
    CAPTURE(tool);
    const base::Error error = error_of(world.call(tool, std::move(arguments)));
    fs::last_write_time(world.work, modified);  // a copy finds out on its way, under a name of its own
    CHECK(error.code == ErrorCode::invalid_argument);
    const bool is_clear = error.message.find("fifo") != std::string::npos;
    CHECK_MESSAGE(is_clear, error.message);
    test::check_same(before, world.tree(), tool);
  };
  refuses("fs.chmod", {{"path", "fifo"}, {"mode", "0644"}});
  refuses("fs.chown", {{"path", "fifo"}, {"uid", 77}});
  refuses("fs.copy", {{"source", "fifo"}, {"destination", "copy"}});
  refuses("fs.copy", {{"source", "tree"}, {"destination", "copy"}});
  refuses("fs.copy", {{"source", "plain.txt"}, {"destination", "fifo"}, {"overwrite", true}});
  refuses("fs.delete", {{"path", "fifo"}});
  refuses("fs.delete", {{"path", "tree"}, {"recursive", true}});
  refuses("fs.edit", {{"path", "fifo"}, {"old_text", "a"}, {"new_text", "b"}});
  refuses("fs.move", {{"source", "fifo"}, {"destination", "moved"}});
  refuses("fs.move", {{"source", "tree"}, {"destination", "moved"}});
  refuses("fs.move", {{"source", "plain.txt"}, {"destination", "fifo"}, {"overwrite", true}});
  refuses("fs.write", {{"path", "fifo"}, {"content", "x"}});
  refuses("ledger.export", {{"path", "fifo"}});
  if (::geteuid() != 0) return;
  CHECK(error_of(world.call("fs.delete", {{"path", "device"}})).message.find("device") != std::string::npos);
  test::check_same(before, world.tree(), "device");
}

// A world whose limit is small, with a large file, and what of it is deleted.
const std::vector<JsonObject> kLargeDeletes{
    {{"path", "tree"}, {"recursive", true}}, {{"path", "large"}}, {{"path", "large"}, {"recursive", true}}};

class LargeWorld : public UndoWorld {
 public:
  LargeWorld() : UndoWorld(kSmall) {
    REQUIRE(::mkfifo(path("tree/fifo").c_str(), 0600) == 0);  // nothing is copied, so this is no obstacle
    kernel::set_content(path("large"), std::string(2000, 'l'));
  }
};

TEST_CASE("what is too large for a copy is deleted by moving it aside, and undo brings it back exactly") {
  for (const JsonObject& arguments : kLargeDeletes) {
    LargeWorld world;
    const std::string path = world.path(arguments.find("path")->as_string());
    const Tree before = world.tree();
    const std::string call = world.does("fs.delete", arguments);
    CHECK_FALSE(fs::exists(path));
    CHECK(fs::exists(world.path(".lilux-deleted-" + call)));
    world.restart();
    world.undo(call);
    test::check_same(before, world.tree(), "undone");
    world.redo(call);
    CHECK_FALSE(fs::exists(path));
    world.undo(call);
    test::check_same(before, world.tree(), "undone again");
  }
}

TEST_CASE("what was moved aside stays there when something else has its place") {
  for (const JsonObject& arguments : kLargeDeletes) {
    LargeWorld world;
    const std::string path = world.path(arguments.find("path")->as_string());
    const std::string call = world.does("fs.delete", arguments);
    fs::create_directory(path);
    const Tree now = world.tree();
    CHECK(undo_error(world, call).message.find(path + ": is new") != std::string::npos);
    test::check_same(now, world.tree(), "refused");
  }
}

// The kernel dies between the intent of a large delete and its outcome.
kernel::Body interrupted_delete(const UndoWorld& world, const std::string& aside) {
  kernel::Body intent;
  intent.call = "c-open";
  intent.tool = "fs.delete";
  intent.task = std::string(kernel::kTerminalTask);
  intent.principal = "terminal";
  intent.arguments = JsonObject{{"path", world.path("tree")}, {"recursive", true}};
  intent.caller = JsonObject{{"cwd", world.work.string()}, {"project", world.work.string()}};
  intent.inverse = JsonObject{{"tool", "fs.move"},
                              {"arguments", JsonObject{{"source", aside}, {"destination", world.path("tree")}}},
                              {"only_if", aside},
                              {"folders", kernel::times_around(std::vector{aside})}};
  return intent;
}

TEST_CASE("a large delete that a crash interrupted is taken back, whether or not it had happened") {
  for (const bool has_happened : {false, true}) {
    CAPTURE(has_happened);
    LargeWorld world;
    const Tree before = world.tree();
    const std::string aside = world.path(".lilux-deleted-c-open");
    const kernel::Body intent = interrupted_delete(world, aside);
    const ledger::Position written = kernel::must(world.kernel().write(kernel::Kind::intent, intent));
    kernel::must(world.kernel().ledger().wait_durable(written.sequence));
    if (has_happened) fs::rename(world.path("tree"), aside);
    world.restart();
    test::check_same(before, world.tree(), "settled");
    const std::vector<kernel::Written> records = kernel::records_of(world.kernel(), "c-open");
    REQUIRE(records.size() == 2);
    CHECK(records[1].body.string_or("result") == "rolled_back");
  }
}

TEST_CASE("too many entries are too large as well") {
  UndoWorld world(UndoWorld::Settings{{"undo.entries", "3"}});
  const Tree before = world.tree();
  const std::string call = world.does("fs.delete", {{"path", "tree"}, {"recursive", true}});
  CHECK(fs::exists(world.path(".lilux-deleted-" + call)));
  world.undo(call);
  test::check_same(before, world.tree(), "undone");
}

TEST_CASE("what is too large for a copy is moved and copied all the same, and undo is exact") {
  UndoWorld world(kSmall);
  const Tree before = world.tree();
  SUBCASE("moved") {
    const std::string call = world.does("fs.move", {{"source", "tree"}, {"destination", "empty"}});
    CHECK(fs::exists(world.path("empty/tree/a")));
    const Tree after = world.tree();
    world.undo(call);
    test::check_same(before, world.tree(), "undone");
    world.redo(call);
    test::check_same(test::without_directory_times(after), test::without_directory_times(world.tree()), "redone");
  }
  SUBCASE("copied") {
    const std::string call = world.does("fs.copy", {{"source", "tree"}, {"destination", "empty/copy"}});
    CHECK(fs::exists(world.path("empty/copy/a")));
    kernel::set_content(world.path("empty/copy/a"), "his");
    CHECK(undo_error(world, call).message.find("empty/copy/a: content changed") != std::string::npos);
    kernel::set_content(world.path("empty/copy/a"), "a\n");
    world.undo(call);
    CHECK_FALSE(fs::exists(world.path("empty/copy")));
    Tree now = world.tree();
    std::erase_if(now, [](const auto& entry) { return entry.first.find(".lilux-deleted-") != std::string::npos; });
    test::check_same(before, now, "undone");
  }
}

TEST_CASE("limits of undo are told before, and nothing is changed") {
  UndoWorld world(kSmall);
  kernel::set_content(world.path("large"), std::string(2000, 'l'));
  const Tree before = world.tree();
  const auto refuses = [&](std::string_view tool, JsonObject arguments) {
    CAPTURE(tool);
    const base::Error error = error_of(world.call(tool, std::move(arguments)));
    CHECK(error.code == ErrorCode::unavailable);
    CHECK_MESSAGE(error.hint.find("undo.size") != std::string::npos, error.hint);
    test::check_same(before, world.tree(), tool);
  };
  refuses("fs.write", {{"path", "large"}, {"content", "x"}});
  refuses("fs.edit", {{"path", "large"}, {"old_text", "l"}, {"new_text", "x"}, {"replace_all", true}});
  refuses("fs.move", {{"source", "large"}, {"destination", "plain.txt"}, {"overwrite", true}});
  refuses("fs.move", {{"source", "plain.txt"}, {"destination", "large"}, {"overwrite", true}});
  refuses("fs.copy", {{"source", "large"}, {"destination", "plain.txt"}, {"overwrite", true}});
  refuses("fs.copy", {{"source", "plain.txt"}, {"destination", "large"}, {"overwrite", true}});
  refuses("ledger.export", {{"path", "large"}});

  kernel::CallRequest ask = world.request("fs.delete", {{"path", "large"}});  // a person who is asked reads it there
  ask.is_answered_yes = false;
  kernel::KernelFolder::set_policy(world.kernel(), "autonomy = \"manual\"\n");
  const kernel::Outcome asked = world.kernel().call(ask);
  CHECK(error_of(asked).code == ErrorCode::approval_required);
  CHECK(world.answer("approval.show", {{"call", asked.call}})
            .find("approval")
            ->string_or("question")
            .find("moved aside") != std::string::npos);
}

TEST_CASE("undo goes ahead when what it takes away is too large for redo, and redo is refused") {
  UndoWorld world;
  const Tree before = world.tree();
  const std::string content(3000, 'x');
  const std::string call = world.does("fs.write", {{"path", "new"}, {"content", content}});
  world.restart_with(kSmall);
  const std::string undo = world.undo(call);
  test::check_same(before, world.tree(), "undone");
  CHECK(error_of(world.call("undo.redo", {{"call", call}})).code == ErrorCode::conflict);
}

TEST_CASE("the same content is kept once") {
  UndoWorld world;
  const std::string text(5000, 't');
  kernel::set_content(world.path("one"), text);
  kernel::set_content(world.path("two"), text);
  const auto objects_of = [&](const std::string& size) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(world.folders.state / "objects")) {
      if (entry.is_regular_file() && std::to_string(entry.file_size()) == size) ++count;
    }
    return count;
  };
  world.does("fs.write", {{"path", "one"}, {"content", "x"}});
  CHECK(objects_of("5000") == 1);
  world.does("fs.write", {{"path", "two"}, {"content", "x"}});
  world.does("fs.delete", {{"path", "one"}});
  world.does("fs.write", {{"path", "one"}, {"content", text}});
  world.does("fs.delete", {{"path", "one"}});
  CHECK(objects_of("5000") == 1);
}

TEST_CASE("a person who is not root gets back what is read-only or closed, too") {
  if (::geteuid() != 0) return;  // then every test here is of such a person
  const test::Scratch scratch;
  REQUIRE(::chown(scratch.path().c_str(), 65534, 65534) == 0);
  const int result = test::in_child([&] {
    ::setenv("TMPDIR", scratch.path().c_str(), 1);
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 1;
    UndoWorld world;
    const auto mode = [&](const char* name, mode_t wanted) { ::chmod(world.path(name).c_str(), wanted); };
    mode("tree/sub", 0555);
    const Tree before = world.tree();
    int failed = 0;
    const auto proves = [&](std::string_view tool, JsonObject arguments) {
      const kernel::Outcome made = world.call(tool, std::move(arguments));
      const kernel::Outcome undone = made.ok() ? world.call("undo.apply", {{"call", made.call}}) : made;
      if (!undone.ok()) std::fprintf(stderr, "%s\n", undone.output.error().message.c_str());
      mode("tree", 0755);  // as it was, so that it can be read if undo failed
      if (!undone.ok() || !test::differences(before, world.tree()).empty()) ++failed;
    };
    proves("fs.chmod", {{"path", "plain.txt"}, {"mode", "0000"}});
    proves("fs.chmod", {{"path", "tree"}, {"mode", "0000"}});
    proves("fs.delete", {{"path", "tree"}, {"recursive", true}});
    proves("fs.move", {{"source", "tree"}, {"destination", "empty"}});
    proves("fs.delete", {{"path", "read-only"}});
    proves("fs.write", {{"path", "linked"}, {"content", "new"}});
    proves("fs.copy", {{"source", "tree"}, {"destination", "copy"}});
    mode("tree/sub", 0755);  // or it could not be removed
    return failed;
  });
  CHECK(result == 0);
}

}  // namespace
}  // namespace lilux::tools

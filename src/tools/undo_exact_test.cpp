// Every row whose undo is declared exact, by the real kernel: the world after undo is the world before the call, and
// after redo it is the world after the call. A row without a case here fails the last test.

#include <functional>
#include <set>

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "git/repository.h"
#include "tests/support/undo_world.h"

namespace lilux::tools {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using test::Tree;
using test::UndoWorld;

struct Case {
  std::string tool;
  std::string title;
  JsonObject arguments;
  std::function<void(UndoWorld&, JsonObject&)> prepare = {};  // may complete the arguments
  std::function<Tree(UndoWorld&)> observe = [](UndoWorld& world) { return world.tree(); };
};

Tree as_tree(const Json& json) {
  return {{"answer", {.kind = "file", .content = base::to_text(json)}}};
}

void prove(const Case& proof) {
  CAPTURE(proof.tool);
  CAPTURE(proof.title);
  UndoWorld world;
  JsonObject arguments = proof.arguments;
  if (proof.prepare) proof.prepare(world, arguments);
  const Tree before = proof.observe(world);
  const std::string call = world.does(proof.tool, arguments);
  const Tree after = proof.observe(world);
  CHECK(before != after);
  world.undo(call);
  check_same(before, proof.observe(world), proof.tool + ", " + proof.title + ": undone");
  world.redo(call);
  check_same(after, proof.observe(world), proof.tool + ", " + proof.title + ": redone");
  world.undo(call);
  check_same(before, proof.observe(world), proof.tool + ", " + proof.title + ": undone again");
}

std::vector<Case> cases_of_files() {
  std::vector<Case> all{
      {"fs.chmod", "a file", {{"path", "plain.txt"}, {"mode", "0755"}}},
      {"fs.chmod", "set-id bits go", {{"path", "tool"}, {"mode", "0600"}}},
      {"fs.chmod", "set-id bits come", {{"path", "plain.txt"}, {"mode", "06711"}}},
      {"fs.chmod", "a folder that holds something", {{"path", "tree"}, {"mode", "0000"}}},
      {"fs.chmod", "a file of many names", {{"path", "linked"}, {"mode", "0400"}}},
      {"fs.copy", "a file", {{"source", "tool"}, {"destination", "copy"}}},
      {"fs.copy", "over a file", {{"source", "tool"}, {"destination", "plain.txt"}, {"overwrite", true}}},
      {"fs.copy", "over one name of many", {{"source", "tool"}, {"destination", "linked"}, {"overwrite", true}}},
      {"fs.copy", "a tree", {{"source", "tree"}, {"destination", "copy"}}},
      {"fs.copy", "into a folder", {{"source", "tree"}, {"destination", "full"}}},
      {"fs.copy", "a symlink", {{"source", "link"}, {"destination", "copy"}}},
      {"fs.delete", "a file", {{"path", "plain.txt"}}},
      {"fs.delete", "a program with set-id bit and owner", {{"path", "tool"}}},
      {"fs.delete", "a symlink", {{"path", "folder-link"}}},
      {"fs.delete", "an empty folder", {{"path", "empty"}}},
      {"fs.delete", "a tree", {{"path", "tree"}, {"recursive", true}}},
      {"fs.delete", "one name of many", {{"path", "linked-too"}}},
      {"fs.edit", "a replacement", {{"path", "plain.txt"}, {"old_text", "two"}, {"new_text", "2"}}},
      {"fs.edit", "a patch", {{"path", "plain.txt"}, {"patch", "@@ -1,3 +1,2 @@\n one\n-two\n three\n"}}},
      {"fs.edit", "a file of many names", {{"path", "linked"}, {"old_text", "many"}, {"new_text", "several"}}},
      {"fs.mkdir", "a folder", {{"path", "made"}}},
      {"fs.mkdir", "with its parents", {{"path", "empty/a/b/c"}, {"recursive", true}}},
      {"item.copy", "from the system", {{"kind", "directive"}, {"name", "context"}, {"destination", "project"}}},
      {"item.create", "a plan", {{"kind", "plan"}, {"name", "p"}, {"content", "text"}}},
      {"item.create",
       "a script, in a category",
       {{"kind", "script"}, {"name", "s"}, {"content", "print(1)\n"}, {"category", "a/b"}}},
      {"item.delete",
       "a plan",
       {{"kind", "plan"}, {"name", "p"}},
       [](UndoWorld& world, JsonObject&) {
         world.does("item.create", {{"kind", "plan"}, {"name", "p"}, {"content", "text"}});
       }},
      {"item.delete",
       "a skill with its folder",
       {{"kind", "skill"}, {"name", "web"}},
       [](UndoWorld& world, JsonObject&) {
         const std::string text = "---\nname: web\ndescription: Reads\n---\nRead.\n";
         world.does("item.create", {{"kind", "skill"}, {"name", "web"}, {"content", text}});
         world.does("fs.mkdir", {{"path", ".ai/skills/web/references"}});
         world.does("fs.write", {{"path", ".ai/skills/web/references/more.md"}, {"content", "more"}});
       }},
      {"item.restore", "a file", {{"source", "project"}, {"path", "plans/p.md"}, {"content", "old"}, {"expected", ""}}},
      {"item.update",
       "a large plan",
       {{"kind", "plan"}, {"name", "p"}, {"content", "new"}},
       [](UndoWorld& world, JsonObject&) {
         world.does("item.create", {{"kind", "plan"}, {"name", "p"}, {"content", std::string(100'000, 'x')}});
       }},
      {"knowledge.index",
       "a volume's list",
       {},
       [](UndoWorld& world, JsonObject&) {
         world.does("item.create", {{"kind", "knowledge"},
                                    {"name", "a"},
                                    {"content", "---\nzettel_id: a\ntitle: A\nentry_type: learning\n---\nx\n"}});
         std::filesystem::remove(world.path(".ai/knowledge/index.json"));
       }},
      {"knowledge.link",
       "two pieces",
       {{"from", "a"}, {"to", "b"}},
       [](UndoWorld& world, JsonObject&) {
         for (const std::string name : {"a", "b"})
           world.does("item.create",
                      {{"kind", "knowledge"},
                       {"name", name},
                       {"content", "---\nzettel_id: " + name + "\ntitle: A\nentry_type: learning\n---\nx\n"}});
       }},
      {"project.init", "a project", {{"instructions", "Be kind."}}},
      {"fs.move", "a file", {{"source", "tool"}, {"destination", "tree/moved"}}},
      {"fs.move", "into a folder", {{"source", "plain.txt"}, {"destination", "empty"}}},
      {"fs.move", "a tree", {{"source", "tree"}, {"destination", "full/moved"}}},
      {"fs.move", "over a file", {{"source", "tool"}, {"destination", "other.txt"}, {"overwrite", true}}},
      {"fs.move", "one name of many", {{"source", "linked"}, {"destination", "full/moved"}}},
      {"fs.move", "a symlink", {{"source", "link"}, {"destination", "full/moved"}}},
      {"fs.symlink", "a link", {{"target", "no/where"}, {"link", "tree/new-link"}}},
      {"fs.write", "a new file", {{"path", "new"}, {"content", "new"}}},
      {"fs.write", "over a file", {{"path", "plain.txt"}, {"content", "new"}}},
      {"fs.write", "to the end", {{"path", "plain.txt"}, {"content", "four\n"}, {"append", true}}},
      {"fs.write", "with folders", {{"path", "empty/a/b"}, {"content", "new"}, {"create_dirs", true}}},
      {"fs.write", "any bytes", {{"path", "zero"}, {"content", "AP8="}, {"encoding", "base64"}}},
      {"fs.write", "through a symlink", {{"path", "link"}, {"content", "new"}}},
      {"fs.write", "over a program with set-id bit", {{"path", "tool"}, {"content", "new"}}},
      {"fs.write", "over a file of many names", {{"path", "linked"}, {"content", "new"}}},
      {"ledger.export", "a new file", {{"path", "export"}}},
      {"ledger.export", "over a file", {{"path", "plain.txt"}}},
      {"ledger.export", "over one name of many", {{"path", "linked"}}},
  };
  if (::geteuid() == 0) {
    all.push_back({"fs.chown", "a file", {{"path", "plain.txt"}, {"uid", 77}, {"gid", 78}}});
    all.push_back({"fs.chown", "a program, whose set-id bit goes", {{"path", "tool"}, {"uid", 77}}});
    all.push_back({"fs.chown", "a folder that holds something", {{"path", "tree"}, {"gid", 78}}});
    all.push_back({"fs.chown", "the symlink itself", {{"path", "link"}, {"uid", 77}}});
    all.push_back({"fs.chown", "a file of many names", {{"path", "linked"}, {"uid", 77}}});
  }
  return all;
}

// Names that no JSON text holds are reached through the folder they lie in.
std::vector<Case> cases_of_odd_names() {
  return {
      {"fs.delete", "a folder with odd names", {{"path", "tree/sub"}, {"recursive", true}}},
      {"fs.move", "a folder with odd names", {{"source", "tree/sub/deep"}, {"destination", "empty"}}},
      {"fs.copy", "a folder with odd names", {{"source", "tree/sub"}, {"destination", "empty"}}},
  };
}

void make_rule(UndoWorld& world, JsonObject&) {
  kernel::KernelFolder::set_policy(world.kernel(),
                                   "# by hand\n[[rule]]\nid = \"r\"\neffect = \"deny\"\ntool = \"fs.move\"\n");
}

Tree policy_files(UndoWorld& world) {
  Tree all = test::snapshot(world.folders.config);
  std::erase_if(all, [](const auto& entry) {
    return !entry.first.ends_with("policy.toml") && entry.first.find("trust") == std::string::npos;
  });
  return all;
}

std::vector<Case> cases_of_policy() {
  const JsonObject rule{{"id", "no"}, {"effect", "deny"}, {"tool", "fs.delete"}};
  return {
      {"policy.add", "the first rule", rule, {}, policy_files},
      {"policy.add", "beside rules of a person", rule, make_rule, policy_files},
      {"policy.remove", "a rule", {{"id", "r"}}, make_rule, policy_files},
      {"policy.autonomy", "a level", {{"level", "manual"}}, make_rule, policy_files},
      {"policy.trust", "a folder", {{"path", "."}}, {}, policy_files},
  };
}

// Notes without the times that a redo has no way to bring back.
Tree notes(UndoWorld& world) {
  Json answer = world.answer("memory.read", {});
  for (Json& note : answer.as_object().find("notes")->as_array()) {
    note.as_object().erase("created");
    note.as_object().erase("updated");
  }
  return as_tree(answer);
}

void remember(UndoWorld& world, JsonObject&) {
  world.does("memory.write", {{"key", "k"}, {"value", JsonArray{"old", 1}}, {"tags", JsonArray{"t"}}});
  world.does("memory.write", {{"key", "l"}, {"value", "kept"}});
}

void repeat(UndoWorld& world, JsonObject&) {
  for (int i = 0; i < 2; ++i) world.does("memory.write", {{"value", "the same twice"}});
}

std::vector<Case> cases_of_memory() {
  return {
      {"memory.write", "a new note", {{"key", "new"}, {"value", 1}}, remember, notes},
      {"memory.write", "over a note", {{"key", "k"}, {"value", "new"}}, remember, notes},
      {"memory.write", "to the end", {{"key", "l"}, {"value", "more"}, {"append", true}}, remember, notes},
      {"memory.write", "a long note", {{"key", "k"}, {"value", std::string(50'000, 'x')}}, remember, notes},
      {"memory.clear", "one", {{"key", "k"}}, remember, notes},
      {"memory.clear", "all", {{"all", true}}, remember, notes},
      {"memory.optimize", "duplicates", {}, repeat, notes},
  };
}

// As they lie there, with the times and modes of their files.
Tree answers(UndoWorld& world) {
  Tree all = test::snapshot(world.folders.state);
  std::erase_if(all, [](const auto& entry) {
    return !entry.first.starts_with("learned/") && !entry.first.starts_with("domains/");
  });
  return all;
}

void teach(UndoWorld& world, JsonObject&) {
  for (const std::string_view text : {"peek at a", "zap it", "peek at b"})
    world.does("brain.learn", {{"text", text}, {"answer", "accepted"}, {"tool", "fs.list"}});
}

void know(UndoWorld& world, JsonObject&) {
  kernel::set_content(
      (world.work / "rows").string(),
      "{\"text\": \"what runs\", \"label\": \"task.list\"}\n{\"text\": \"list it\", \"label\": \"fs.list\"}\n");
  world.does("brain.add_domain", {{"name", "old"}, {"examples", "rows"}});
  kernel::set_content((world.work / "rows").string(),
                      "{\"text\": \"a\", \"label\": \"task.list\"}\n{\"text\": \"b\", \"label\": \"fs.list\"}\n");
}

std::vector<Case> cases_of_answers() {
  return {
      {"brain.add_domain", "a new one", {{"name", "new"}, {"examples", "rows"}}, know, answers},
      {"brain.add_domain", "anew", {{"name", "old"}, {"examples", "rows"}}, know, answers},
      {"brain.remove_domain", "", {{"name", "old"}}, know, answers},
      {"brain.forget", "a sentence", {{"text", "Zap it."}}, teach, answers},
      {"brain.forget", "the newest", {{"last", 2}}, teach, answers},
      {"brain.forget", "all", {{"all", true}}, teach, answers},
  };
}

void make_task(UndoWorld& world, JsonObject& arguments) {
  kernel::Task task = world.agent("t1", {});
  task.budget.calls = 5;
  task.budget.usd = 0.1;
  kernel::must(world.kernel().note("test", {}, {kernel::put(task)}));
  arguments.set("task", "t1");
}
void make_paused_task(UndoWorld& world, JsonObject& arguments) {
  make_task(world, arguments);
  world.does("task.suspend", {{"task", "t1"}});
}

Tree task(UndoWorld& world) {
  return world.kernel().state().with([](kernel::State& state) { return as_tree(base::encode(state.tasks.at("t1"))); });
}

std::vector<Case> cases_of_tasks() {
  return {
      {"budget.set", "a limit", {{"calls", 9}}, make_task, task},
      {"budget.set",
       "a limit lifted, another set",
       {{"unlimited", JsonArray{"calls", "usd"}}, {"tokens", 5}},
       make_task,
       task},
      {"task.set_priority", "a priority", {{"priority", 9}}, make_task, task},
      {"task.suspend", "a running task", {}, make_task, task},
      {"task.resume", "a paused task", {}, make_paused_task, task},
  };
}

void write_first(UndoWorld& world, JsonObject& arguments) {
  arguments.set("call", world.does("fs.write", {{"path", "linked"}, {"content", "new"}}));
}
void delete_first(UndoWorld& world, JsonObject& arguments) {
  arguments.set("call", world.does("fs.delete", {{"path", "tree"}, {"recursive", true}}));
}
void write_and_undo_first(UndoWorld& world, JsonObject& arguments) {
  write_first(world, arguments);
  world.undo(arguments.find("call")->as_string());
}
void remember_first(UndoWorld& world, JsonObject& arguments) {
  remember(world, arguments);
  arguments.set("call", world.does("memory.write", {{"key", "k"}, {"value", "new"}}));
}

std::vector<Case> cases_of_undo() {
  return {
      {"undo.apply", "of a write", {}, write_first},
      {"undo.apply", "of a delete", {}, delete_first},
      {"undo.apply", "of a note", {}, remember_first, notes},
      {"undo.redo", "of a write", {}, write_and_undo_first},
  };
}

void run_first(UndoWorld& world, JsonObject& arguments) {
  const std::string command =
      "echo more >> linked; rm -r tree; mkdir -p new/deep; echo x > new/deep/file; ln -s nowhere new/link; chmod 640 "
      "new/deep/file";
  arguments.set("run", world.does("shell.run", {{"command", command}, {"preview", true}}));
}
void replace_first(UndoWorld& world, JsonObject& arguments) {
  const std::string command = "set -e; rm -r full plain.txt; mkdir -p plain.txt/full; echo x > full; chmod 600 full";
  arguments.set("run", world.does("shell.run", {{"command", command}, {"preview", true}}));
}

std::vector<Case> cases_of_commands() {
  return {
      {"shell.commit", "changed, removed and made", {}, run_first},
      {"shell.commit", "a folder for a file, and a file for a folder", {}, replace_first},
  };
}

Tree remotes(UndoWorld& world) {
  return as_tree(world.answer("volume.remotes", {{"source", "project"}}));
}

std::vector<Case> cases_of_remotes() {
  const auto set_first = [](UndoWorld& world, JsonObject&) {
    world.does("volume.set_remote", {{"source", "project"}, {"name", "origin"}, {"url", "/a"}});
  };
  return {
      {"volume.set_remote", "a new one", {{"source", "project"}, {"name", "origin"}, {"url", "/b"}}, {}, remotes},
      {"volume.set_remote",
       "another URL",
       {{"source", "project"}, {"name", "origin"}, {"url", "/b"}},
       set_first,
       remotes},
      {"volume.set_remote", "one that goes", {{"source", "project"}, {"name", "origin"}}, set_first, remotes},
  };
}

// Where the proposals for the user's volume are.
Tree proposals(UndoWorld& world) {
  Json tips = JsonObject{};
  const Json volumes = world.answer("volume.list", {});
  for (const Json& volume : volumes.find("volumes")->as_array()) {
    const auto repository = git::Repository::open(volume.string_or("repository"));
    if (!repository || volume.string_or("source") != "user") continue;
    for (const git::Branch& branch : repository->branches().value()) tips.as_object().set(branch.name, branch.tip);
  }
  return as_tree(tips);
}

std::vector<Case> cases_of_proposals() {
  const JsonObject promoted{
      {"kind", "directive"}, {"name", "context"}, {"destination", "user"}, {"branch", "proposal"}};
  const auto propose = [=](UndoWorld& world, JsonObject&) { world.does("volume.promote", promoted); };
  const auto fill = [](UndoWorld& world, JsonObject&) {
    world.does("item.create", {{"kind", "plan"}, {"name", "p"}, {"content", "text"}, {"location", "user"}});
  };
  const auto propose_another = [=](UndoWorld& world, JsonObject& arguments) {
    fill(world, arguments);
    JsonObject other = promoted;
    other.set("name", "init");
    world.does("volume.promote", other);
  };
  return {
      {"volume.promote", "the first proposal for an empty volume", promoted, {}, proposals},
      {"volume.promote", "a proposal", promoted, fill, proposals},
      {"volume.promote", "one more on the same branch", promoted, propose_another, proposals},
      {"volume.set_branch", "dropped", {{"source", "user"}, {"branch", "proposal"}}, propose, proposals},
      {"volume.set_branch",
       "put elsewhere",
       {{"source", "user"}, {"branch", "proposal"}, {"commit", "main"}},
       propose_another,
       proposals},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto* cases : {cases_of_files, cases_of_odd_names, cases_of_policy, cases_of_memory, cases_of_answers,
                      cases_of_tasks, cases_of_undo, cases_of_commands, cases_of_remotes, cases_of_proposals}) {
    for (Case& proof : cases()) all.push_back(std::move(proof));
  }
  return all;
}

void prove_all(std::string_view prefix) {
  for (const Case& proof : all_cases()) {
    if (proof.tool.starts_with(prefix)) prove(proof);
  }
}

TEST_CASE("undo of what changes files is exact, and so is redo") {
  prove_all("fs.");
  prove_all("ledger.");
}

TEST_CASE("undo of changes of items and volumes is exact, and so is redo") {
  prove_all("item.");
  prove_all("knowledge.");
  prove_all("project.");
  prove_all("volume.");
}

TEST_CASE("undo of changes of the policy is exact, and so is redo") {
  prove_all("policy.");
}

TEST_CASE("undo of what is forgotten is exact, and so is redo") {
  prove_all("brain.");
}

TEST_CASE("undo of changes of notes is exact, and so is redo") {
  prove_all("memory.");
}

TEST_CASE("undo of changes of tasks and budgets is exact, and so is redo") {
  prove_all("budget.");
  prove_all("task.");
}

TEST_CASE("undo of what a command changed is exact, and so is redo") {
  prove_all("shell.");
}

TEST_CASE("undo of undo is exact, and so is redo") {
  prove_all("undo.");
}

TEST_CASE("every row that says its undo is exact is proven to be") {
  std::set<std::string_view> proven;
  const std::vector<Case> cases = all_cases();
  for (const Case& proof : cases) proven.insert(proof.tool);
  if (::geteuid() != 0) proven.insert("fs.chown");  // only root can give a file away
  for (const kernel::Tool& tool : table()) {
    if (tool.traits.undo == kernel::Undo::exact && !proven.contains(tool.name))
      FAIL_CHECK("no case proves that undo of " << tool.name << " is exact");
  }
}

}  // namespace
}  // namespace lilux::tools

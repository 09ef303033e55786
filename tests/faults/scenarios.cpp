#include "tests/faults/scenario.h"

namespace lilux::test {

namespace {

// A call that waits for a person; prints its id.
constexpr auto kAsked =
    "lilux call fs.write --path ../outside --content new --json | grep -o '\"call\": \"c[0-9a-z]*\"' || true";
// A task that stays alive; prints its id.
constexpr auto kTask =
    "lilux call task.spawn --tool event.wait --arguments '{\"since\": 0, \"event\": \"never\"}' --json | grep -o "
    "'t[0-9a-z]\\{12\\}' | head -1";
constexpr auto kPausedTask =
    "T=$(lilux call task.spawn --tool event.wait --arguments '{\"since\": 0, \"event\": \"never\"}' --json | grep -o "
    "'t[0-9a-z]\\{12\\}' | head -1); echo \"$T\"; lilux call task.suspend --task \"$T\" > /dev/null";
constexpr auto kTaskProbe =
    "lilux call task.list --all --json | grep -o '\"title\": \"event.wait\", \"state\": \"[a-z]*\"\\|\"priority\": "
    "[0-9]*' | sed 's/ready/running/'";
constexpr auto kPolicy = "cat \"$XDG_CONFIG_HOME\"/lilux/policy.toml ~/.config/lilux/policy.toml 2> /dev/null";
constexpr auto kTrusted = "cat \"$XDG_CONFIG_HOME\"/lilux/trusted ~/.config/lilux/trusted 2> /dev/null | wc -l";
constexpr auto kTaught =
    "lilux call brain.learn --text 'peek at a' --answer accepted --tool fs.stat --arguments '{\"path\": \"a\"}' > "
    "/dev/null";
constexpr auto kExamples =
    "printf '{\"text\": \"%s\", \"label\": \"%s\"}\\n' 'what runs' task.list 'tasks now' task.list 'list it' fs.list "
    "'files here' fs.list > rows; lilux call brain.add_domain --name old --examples rows > /dev/null";
constexpr auto kDomains = "lilux call brain.list_domains --json | grep -o '\"name\": \"[^\"]*\"'";
constexpr auto kLearned = "lilux brain status --json | grep -o '\"accepted\": [0-9]*'";
constexpr auto kNotes = "lilux call memory.read --json | grep -o '\"key\": \"[^\"]*\", \"value\": [^,]*'";
constexpr auto kHooks = "lilux call event.list_hooks --json | grep -o '\"event\": \"[^\"]*\"'";
// For effects outside that leave no trace of their own: how often the tool was called.
constexpr auto kCalls =
    "lilux call kernel.tools --name 'process.*' --json | grep -o '\"name\": \"[^\"]*\"\\|\"calls\": [0-9]*'";
// A signal to a process that does not mind it.
constexpr auto kMaySignal = "lilux policy remove builtin:process-kernel";
// A directive that waits for a mind; prints its task.
constexpr auto kThink =
    "lilux policy trust . > /dev/null; mkdir -p .ai/directives; echo '<directive name=\"think\" version=\"1.0.0\">"
    "<metadata><description>Think</description><permissions><read resource=\"filesystem\" path=\"**\"/></permissions>"
    "</metadata><inputs/><process><step name=\"say\"><action>Say.</action></step></process></directive>' > "
    ".ai/directives/think.md; lilux call item.run --kind directive --name think --json | grep -o 't[0-9a-z]\\{12\\}' | "
    "head -1";
constexpr auto kWaits = "lilux call task.list --all --json | grep -o \"waits for a mind\"";
constexpr auto kPlan = "lilux call item.create --kind plan --name p --content old > /dev/null";
constexpr auto kChanged =
    "lilux call item.create --kind plan --name p --content old > /dev/null; lilux call item.update --kind plan --name "
    "p "
    "--content new > /dev/null";
constexpr auto kKnowledge =
    "for n in a b; do lilux call knowledge.create --name $n --title $n --content $n > /dev/null; done; rm "
    ".ai/knowledge/index.json";
constexpr auto kForTeam =
    "lilux policy trust . > /dev/null; mkdir -p ~/.local/share/lilux/volumes/teams/web; lilux call item.create --kind "
    "plan --name p --content old > /dev/null";
constexpr auto kProposed =
    "lilux policy trust . > /dev/null; mkdir -p ~/.local/share/lilux/volumes/teams/web; lilux call item.create --kind "
    "plan --name p --content old > /dev/null; lilux call volume.promote --kind plan --name p --destination team:web "
    "--branch proposal > /dev/null";
constexpr auto kTeamItems = "lilux call item.list --source team:web --json | grep -o '\"name\": \"[^\"]*\"'";
constexpr auto kTeamBranches =
    "lilux call volume.list --json | grep -o '\"proposal\"'; for r in ~/.local/share/lilux/volumes/*.git; do git -C $r "
    "fsck --strict 2>&1 | grep -v dangling; done";
constexpr auto kItems = "lilux call item.list --source project --json | grep -o '\"name\": \"[^\"]*\"'";
// Another repository, with what we have not.
constexpr auto kHub =
    "git init -q --bare -b other ~/hub; git -C ~/hub -c user.name=a -c user.email=a@b commit-tree -m x $(git -C ~/hub "
    "mktree < /dev/null) > tip; git -C ~/hub update-ref refs/heads/other $(cat tip); rm tip; lilux call "
    "volume.set_remote --source project --name origin --url ~/hub > /dev/null; lilux call item.create --kind plan "
    "--name p --content old > /dev/null";
constexpr auto kBranches =
    "for r in ~/.local/share/lilux/volumes/project-*.git; do git -C $r branch -r; git -C $r fsck --strict 2>&1 | grep "
    "-v dangling; done";
constexpr auto kHubHolds =
    "git -C ~/hub show main:plans/p.md 2> /dev/null; git -C ~/hub fsck --strict 2>&1 | grep -v dangling";
constexpr auto kRemotes = "lilux call volume.remotes --source project --json | grep -o '\"url\": \"[^\"]*\"'";
// So many that what was there is made durable together: beyond eight all at once, beyond 256 in several batches.
constexpr auto kManyFiles =
    "mkdir -p a/b gone/in; for n in {1..4}; do echo old $n > a/$n; echo old $n > a/b/$n; echo old $n > gone/in/$n; "
    "done; ln -s 1 a/link; echo was > file; lilux call shell.run --preview --command 'for n in {1..4}; do echo new $n "
    "> a/$n; echo new $n > a/b/$n; echo made > a/b/made$n; done; rm -r gone; echo folder > gone; ln -sf 2 a/link; "
    "rm file; mkdir -p file/in; echo x > file/in/x; chmod 600 a/b/1; touch -d 2001-01-01 a/2'";
constexpr auto kHundredsOfFiles =
    "mkdir -p a gone; for n in {1..280}; do echo old $n > a/$n; done; for n in {1..20}; do echo old $n > gone/$n; "
    "done; lilux call shell.run --preview --command 'for n in {1..280}; do echo new $n > a/$n; done; rm -r gone; for n "
    "in {1..20}; do echo made $n > made$n; done'";
constexpr auto kUsage = "lilux call budget.get --json | grep -o '\"tokens\": [0-9]*'";

}  // namespace

std::span<const Scenario> scenarios() {
  static const std::vector<Scenario> kScenarios = {
      {"approval.answer", kAsked, {"--call", "{call}", "--answer", "approve"}, "cat ../outside"},
      {"brain.add_domain", kExamples, {"--name", "new", "--examples", "rows"}, kDomains},
      {"brain.forget", kTaught, {"--last", "1"}, kLearned},
      {"brain.learn",
       kTaught,
       {"--text", "peek at b", "--answer", "accepted", "--tool", "fs.stat", "--arguments", "{\"path\": \"b\"}"},
       kLearned},
      {"brain.remove_domain", kExamples, {"--name", "old"}, kDomains},
      {"budget.charge", "", {"--tokens", "7"}, kUsage},
      {"budget.set",
       "",
       {"--task", "http", "--calls", "1000"},
       "lilux call budget.get --task http --json | grep -o '\"budget\": {[^}]*}'"},
      {"event.add_hook", "", {"--event", "never", "--run_tool", "fs.list"}, kHooks},
      {"event.remove_hook",
       "lilux call event.add_hook --event never --run_tool fs.list --json | grep -o 'h[0-9a-z]\\{12\\}' ",
       {"--id", "{hook}"},
       kHooks},
      {"fs.chmod", "echo text > file", {"--path", "file", "--mode", "0600"}, ""},
      {"fs.chown", "echo text > file", {"--path", "file", "--uid", "1", "--yes"}, ""},
      {"fs.copy",
       "mkdir -p from/inner; echo a > from/a; echo b > from/inner/b",
       {"--source", "from", "--destination", "to"},
       ""},
      {"fs.delete",
       "mkdir -p old/inner; echo a > old/a; echo b > old/inner/b; ln -s a old/link",
       {"--path", "old", "--recursive", "--yes"},
       ""},
      {"fs.edit", "echo old > file", {"--path", "file", "--old_text", "old", "--new_text", "new"}, ""},
      {"fs.mkdir", "", {"--path", "a/b/c", "--recursive"}, ""},
      {"fs.move", "mkdir from to; echo a > from/a", {"--source", "from/a", "--destination", "to/b"}, ""},
      {"fs.symlink", "echo text > file", {"--target", "file", "--link", "link"}, ""},
      {"fs.write", "echo old > file", {"--path", "file", "--content", "new"}, ""},
      {"kernel.resume", "lilux stop", {}, "lilux call kernel.status --json | grep -o '\"state\": \"[a-z]*\"'"},
      {"ledger.export", "", {"--path", "out", "--until", "2000-01-01"}, ""},
      {"item.answer", kThink, {"--task", "{task}", "--step", "say", "--output", "{}"}, kWaits},
      {"item.copy", "", {"--kind", "directive", "--name", "context", "--destination", "project"}, kItems},
      {"item.create", "", {"--kind", "plan", "--name", "p", "--content", "new"}, kItems},
      {"item.delete", kPlan, {"--kind", "plan", "--name", "p"}, kItems},
      {"item.restore",
       "",
       {"--source", "project", "--path", "plans/p.md", "--content", "new", "--expected", ""},
       kItems},
      {"item.update", kPlan, {"--kind", "plan", "--name", "p", "--content", "new"}, kItems},
      {"knowledge.index", kKnowledge, {}, kItems},
      {"knowledge.link", kKnowledge, {"--from", "a", "--to", "b"}, kItems},
      {"memory.clear", "lilux call memory.write --key a --value 1", {"--key", "a"}, kNotes},
      {"memory.optimize",
       "lilux call memory.write --notes '[{\"key\": \"note/1\", \"value\": \"x\"}, {\"key\": \"note/2\", \"value\": "
       "\"x\"}]'",
       {},
       kNotes},
      {"memory.write", "lilux call memory.write --key a --value 1", {"--key", "a", "--value", "2"}, kNotes},
      {"policy.add", "", {"--id", "one", "--effect", "deny", "--tool", "fs.chown"}, kPolicy},
      {"policy.autonomy", "", {"--level", "manual"}, kPolicy},
      {"policy.remove", "lilux policy add one --effect deny --tool fs.chown", {"--id", "one"}, kPolicy},
      {"policy.trust", "", {"--path", "."}, kTrusted},
      {"process.cgroup", "", {}, kCalls},
      {"process.kill", kMaySignal, {"--pid", "1", "--signal", "CONT", "--yes"}, kCalls},
      {"process.signal", kMaySignal, {"--pid", "1", "--signal", "CONT", "--yes"}, kCalls},
      {"process.spawn", "", {"--command", "true", "--unconfined", "--yes"}, kCalls},
      {"project.init", "echo mine > AGENTS.md", {"--instructions", "new"}, ""},
      {"script.run",
       "echo old > file",
       {"--language", "shell", "--code", "for i in 1 2 3; do echo new > file && break; done"},
       ""},
      {"shell.commit",
       "echo old > file; mkdir -m 755 gone kept; echo x > gone/x; lilux call shell.run --preview --command "
       "'echo new > file; rm -r gone; mkdir made; echo y > made/y; chmod 700 made kept'",
       {"--run", "{call}"},
       ""},
      {"shell.commit", kManyFiles, {"--run", "{call}"}, ""},
      {"shell.commit", kHundredsOfFiles, {"--run", "{call}"}, "", true},
      {"shell.drop",
       "lilux call shell.run --preview --command 'echo new > file'",
       {"--run", "{call}"},
       "find ~/.local/state/lilux/runs -name about"},
      // The command itself may be hit as well, and tries again.
      {"shell.run", "echo old > file", {"--command", "for i in 1 2 3; do echo new > file && break; done"}, ""},
      {"task.kill", kTask, {"--task", "{task}"}, kTaskProbe},
      {"task.resume", kPausedTask, {"--task", "{task}"}, kTaskProbe},
      {"task.set_priority", kTask, {"--task", "{task}", "--priority", "9"}, kTaskProbe},
      {"task.spawn", "", {"--tool", "event.wait", "--arguments", "{\"since\": 0, \"event\": \"never\"}"}, kTaskProbe},
      {"task.suspend", kTask, {"--task", "{task}"}, kTaskProbe},
      {"undo.apply",
       "echo old > file; lilux call fs.write --path file --content new --json | grep -o '\"call\": \"c[0-9a-z]*\"'",
       {"--call", "{call}"},
       ""},
      {"undo.redo",
       "echo old > file; lilux call fs.write --path file --content new > /dev/null; lilux undo --since 1h > /dev/null",
       {},
       ""},
      {"volume.fetch", kHub, {"--source", "project", "--yes"}, kBranches},
      {"volume.merge", kProposed, {"--source", "team:web", "--branch", "proposal"}, kTeamItems},
      {"volume.promote", kForTeam, {"--kind", "plan", "--name", "p", "--destination", "team:web"}, kTeamItems},
      {"volume.push", kHub, {"--source", "project", "--yes"}, kHubHolds},
      {"volume.restore", kPlan, {"--source", "project", "--files", "[{\"path\": \"plans/p.md\"}]"}, kItems},
      {"volume.revert", kChanged, {"--source", "project", "--commit", "main"}, kItems},
      {"volume.set_branch", kProposed, {"--source", "team:web", "--branch", "proposal"}, kTeamBranches},
      {"volume.set_remote", "", {"--source", "project", "--name", "origin", "--url", "/hub"}, kRemotes},
  };
  return kScenarios;
}

}  // namespace lilux::test

#!/usr/bin/env python3
"""`lilux mcp hook claude`: what it answers to what Claude Code says, and that nothing gets through when it cannot judge."""

import json
import os
import signal
import subprocess

from support import LILUX, PATIENCE, SystemTest, eventually, main


class Hook(SystemTest):
    def run_hook(self, text, words=("claude",), **options):
        return self.home.run("mcp", "hook", *words, text_in=text, **options)

    def said(self, tool, given, **more):
        return json.dumps({"session_id": "s-1", "transcript_path": "/x/s-1.jsonl", "cwd": str(self.home.project),
                           "permission_mode": "default", "hook_event_name": "PreToolUse", "tool_name": tool,
                           "tool_input": given, "tool_use_id": "toolu_1", **more})

    def judge(self, tool, given, options={}, **more):
        """Decision and reason."""
        done = self.run_hook(self.said(tool, given, **more), **options)
        self.assertEqual((0, ""), (done.returncode, done.stderr), done)
        answer = json.loads(done.stdout)
        self.assertEqual(["hookSpecificOutput"], list(answer))
        answer = answer["hookSpecificOutput"]
        self.assertEqual("PreToolUse", answer["hookEventName"])
        return answer["permissionDecision"], answer["permissionDecisionReason"]

    def decision(self, tool, given, **more):
        return self.judge(tool, given, **more)[0]

    def blocked(self, text, *words, **options):
        done = self.run_hook(text, **options)
        self.assertEqual((2, ""), (done.returncode, done.stdout), done)
        for word in ("Lilux blocks this", "hint:", *words):
            self.assertIn(word, done.stderr)

    def test_each_tool_is_judged_as_what_it_does(self):
        project, home = self.home.project, self.home.home
        shell = {"command": "ls -l", "description": "List", "timeout": 1000, "run_in_background": False}
        edit = {"file_path": f"{project}/a", "old_string": "x", "new_string": "y", "replace_all": False}
        for wanted, tool, given in (
                ("ask", "Bash", shell), ("ask", "Monitor", {"command": "tail -f x"}),
                ("allow", "Write", {"file_path": f"{project}/a", "content": "x"}), ("allow", "Edit", edit),
                ("allow", "MultiEdit", {"file_path": f"{project}/a", "edits": [{"old_string": "x", "new_string": "y"}]}),
                ("allow", "NotebookEdit", {"notebook_path": f"{project}/a.ipynb", "new_source": "x"}),
                ("allow", "Read", {"file_path": f"{project}/a", "offset": 1, "limit": 2}),
                ("allow", "Read", {"file_path": "/etc/hosts"}), ("deny", "Read", {"file_path": "/etc/shadow"}),
                ("ask", "Read", {"file_path": f"{home}/a"}), ("deny", "Write", {"file_path": f"{home}/.ssh/x", "content": ""}),
                ("ask", "Edit", {**edit, "file_path": f"{project}/.git/hooks/pre-commit"}),
                ("ask", "Write", {"file_path": f"{project}/.claude/settings.json", "content": "{}"}),
                ("deny", "Write", {"file_path": f"{self.home.config}/policy.toml", "content": ""}),
                ("allow", "Glob", {"pattern": "**/*.c"}), ("allow", "Grep", {"pattern": "x", "glob": "*.c"}),
                ("ask", "Glob", {"pattern": "/etc/*"}), ("ask", "Glob", {"pattern": "../*"}),
                ("ask", "Grep", {"pattern": "root", "path": "/etc"}), ("allow", "LS", {"path": str(project)}),
                ("ask", "WebFetch", {"url": "https://example.com", "prompt": "x"}), ("ask", "NewTool", {})):
            with self.subTest(tool=tool, given=given):
                self.assertEqual(wanted, self.decision(tool, given))
        self.assertEqual([], list(self.home.project.iterdir()))  # nothing is done
        self.assertEqual([], self.home.output("approval.list")["approvals"])

    def test_rules_of_a_person_decide_and_the_record_tells(self):
        self.home.run("policy", "add", "git", "allow", "--capability", "execute shell git status")
        self.home.run("policy", "add", "push", "deny", "--capability", "execute shell git push **", "--reason", "not today")
        self.assertEqual("allow", self.decision("Bash", {"command": "git status"}))
        decision, reason = self.judge("Bash", {"command": "git status && git push x", "description": "Send it"})
        self.assertEqual("deny", decision)
        self.assertIn("Lilux says deny: not today (push; lilux why c", reason)
        self.assertIn("lilux policy remove push", reason)
        row = self.home.output("ledger.query", tool="policy.judge", limit=1)["calls"][0]
        self.assertEqual(("mcp", "mcp", "ok"), (row["task"], row["principal"], row["result"]))
        told = self.home.run("why", row["call"]).stdout
        for word in ("Bash", "s-1", "git push x", "Send it"):
            self.assertIn(word, told)
        self.assertIn("policy.judge", self.home.run("logs").stdout)  # it is no mere look

    def test_no_level_allows_what_no_rule_does(self):
        self.home.run("policy", "autonomy", "full")
        self.assertEqual("ask", self.decision("Bash", {"command": "true"}))
        self.home.run("policy", "autonomy", "manual")
        self.assertEqual("ask", self.decision("Write", {"file_path": f"{self.home.project}/a", "content": ""}))

    def test_the_folder_is_the_one_the_client_names(self):
        other = self.home.home / "other"
        other.mkdir()
        given = {"file_path": str(other / "a"), "content": ""}
        self.assertEqual("ask", self.decision("Write", given))
        self.assertEqual("allow", self.decision("Write", given, cwd=str(other)))
        self.assertEqual("allow", self.decision("Write", {"file_path": "a", "content": ""}, cwd=str(other)))

    def test_going_elsewhere_does_not_make_it_the_project(self):
        other = self.home.home / "other"
        other.mkdir()
        started = {"environment": {"CLAUDE_PROJECT_DIR": str(self.home.project)}}
        for wanted, tool, given in (("ask", "Write", {"file_path": "a", "content": ""}), ("ask", "Glob", {"pattern": "*"}),
                                    ("allow", "Read", {"file_path": str(self.home.project / "a")})):
            with self.subTest(tool):
                self.assertEqual(wanted, self.decision(tool, given, cwd=str(other), options=started))
        self.assertEqual("allow", self.decision("Write", {"file_path": "a", "content": ""}, options=started))

    def test_what_is_not_understood_is_blocked(self):
        good = json.loads(self.said("Bash", {"command": "ls"}))
        for broken in ("", "{", "[]", "null", "7", '"x"', "\x00", self.said("Bash", {"command": "ls"}) + "x"):
            self.blocked(broken, "not understood")
        for member in ("hook_event_name", "tool_name", "tool_input", "cwd"):
            self.blocked(json.dumps({name: value for name, value in good.items() if name != member}), member)
            for value in (7, None, [], ""):
                self.blocked(json.dumps({**good, member: value}), member)
        for tool, given in (("Bash", {}), ("Bash", {"command": ["ls"]}), ("Read", {"path": "x"}), ("Write", {"file_path": ""}),
                            ("Grep", {"pattern": "x", "path": 7})):
            self.blocked(self.said(tool, given), "is no text")
        self.blocked(self.said("Read", {"file_path": "a\0b"}))
        self.blocked(self.said("Read", {"file_path": "x" * 5000}))
        self.blocked(self.said("Bash", {"command": "ls"}, hook_event_name="PostToolUse"), "PreToolUse")
        for words in ((), ("codex",), ("claude", "more")):
            self.assertEqual(2, self.run_hook(self.said("Bash", {"command": "ls"}), words=words).returncode)

    def test_a_stop_a_broken_policy_and_no_kernel_block(self):
        said = self.said("Read", {"file_path": f"{self.home.project}/a"})
        self.home.run("stop")
        self.blocked(said, "the emergency stop is on", "lilux resume")
        self.home.run("resume")
        self.assertEqual(0, self.run_hook(said).returncode)
        policy = self.home.config / "policy.toml"
        policy.parent.mkdir(parents=True, exist_ok=True)
        policy.write_text("nonsense")
        eventually(lambda: self.run_hook(said).returncode == 2, "the policy is read again")
        self.blocked(said, "the policy file cannot be used")
        policy.unlink()
        self.home.run("down")
        eventually(lambda: not list(self.home.processes()), "the daemon has ended")
        ledger = self.home.state / "ledger"
        ledger.rename(ledger.with_name("was"))
        ledger.write_text("")  # no kernel can be opened
        self.blocked(said)

    def test_a_kernel_that_does_not_answer_blocks_in_time(self):
        daemon = self.home.up()
        os.kill(daemon.process.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, daemon.process.pid, signal.SIGCONT)
        self.blocked(self.said("Read", {"file_path": "a"}), timeout=55)

    def test_a_hook_inside_a_task_is_that_tasks(self):
        self.home.up()
        said = self.home.project / "said"
        said.write_text(self.said("Read", {"file_path": f"{self.home.project}/a"}))
        run = self.home.output("process.spawn", "--yes", unconfined=True, command="sh", args=["-c", f"{LILUX} mcp hook claude < {said}"])
        done = self.home.output("process.wait", pid=run["pid"])
        self.assertEqual((0, True), (done["exit_code"], '"allow"' in done["stdout"]), done)
        row = self.home.output("ledger.query", tool="policy.judge", limit=1)["calls"][0]
        self.assertEqual(("terminal", "agent"), (row["task"], row["principal"]))

    def test_large_content_is_judged_by_its_place_and_not_kept(self):
        self.assertEqual("allow", self.decision("Write", {"file_path": f"{self.home.project}/a", "content": "s3cret" * 2_000_000}))
        row = self.home.output("ledger.query", tool="policy.judge", limit=1)["calls"][0]
        self.assertNotIn("s3cret", self.home.run("why", row["call"], "--json").stdout)


class InstallHook(SystemTest):
    def install(self, *words, code=0):
        done = self.home.run("mcp", "install", "claude", "--hook", "--yes", *words)
        self.assertEqual(code, done.returncode, done)
        return done

    def command(self, file):
        group = json.loads(file.read_text())["hooks"]["PreToolUse"][-1]
        self.assertIn("Bash|", group["matcher"])
        self.assertEqual(("command", "block"), (group["hooks"][0]["type"], group["hooks"][0]["onFailure"]))
        return group["hooks"][0]["command"]

    def test_the_hook_goes_into_the_settings_and_out_again(self):
        file = self.home.home / ".claude/settings.json"
        file.parent.mkdir()
        before = ('{\n  "model": "x",\n  "hooks": {\n    "PreToolUse": [\n      {\n        "matcher": "Bash",\n'
                  '        "hooks": [{"type": "command", "command": "mine"}]\n      }\n    ]\n  }\n}\n')
        file.write_text(before)
        said = self.install().stdout
        self.assertEqual(2, said.count("lilux undo"))
        self.assertEqual(f"{LILUX} mcp hook claude || exit 2", self.command(file))
        self.assertEqual(2, self.install().stdout.count("has it already"))
        file.write_text(file.read_text().replace(str(LILUX), "/old/lilux").replace('"timeout": 60', '"timeout": 5'))
        self.install()
        self.assertEqual(f"{LILUX} mcp hook claude || exit 2", self.command(file))
        self.assertEqual(1, file.read_text().count("mcp hook claude"))
        self.install("--remove")
        self.assertEqual(before, file.read_text())
        self.assertNotIn("lilux", (self.home.home / ".claude.json").read_text())

    def test_a_projects_settings_and_what_cannot_be_edited(self):
        self.install("--project")
        file = self.home.project / ".claude/settings.json"
        self.assertIn("mcp hook claude", self.command(file))
        settings = json.loads(file.read_text())
        settings["hooks"]["PreToolUse"][0]["hooks"].append({"type": "command", "command": "mine"})
        file.write_text(json.dumps(settings))
        self.assertIn("together with others", self.install("--project", "--remove", code=5).stderr)
        file.write_text('{"hooks": {"PreToolUse": {}}}')
        self.assertIn("'PreToolUse' is no list", self.install("--project", code=2).stderr)

    def test_the_command_blocks_when_the_program_is_gone(self):
        self.install()
        command = self.command(self.home.home / ".claude/settings.json")
        gone = command.replace(str(LILUX), "/nowhere/lilux")
        said = json.dumps({"hook_event_name": "PreToolUse"})
        for line in (gone, command):
            done = subprocess.run(["sh", "-c", line], input=said, text=True, capture_output=True, timeout=PATIENCE,
                                  env=self.home.environment, cwd=self.home.project)
            self.assertEqual(2, done.returncode, done)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The command line: exit codes, JSON everywhere, names that are nearly right, completion, the service, and ./run."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import termios
import time

from support import LILUX, PATIENCE, ROOT, SystemTest, eventually, main


class CommandLine(SystemTest):
    def said(self, *words, code, **how):
        done = self.home.run(*words, **how)
        self.assertEqual(code, done.returncode, (words, done.stdout, done.stderr))
        return done

    def test_a_folder_that_is_gone_is_not_taken_for_another(self):
        said = []
        for _ in range(2):  # without a daemon and with the one that the process needs
            done = subprocess.run(["bash", "-c", 'mkdir x && cd x && rmdir ../x && lilux call fs.list --path .; '
                                   'lilux call process.spawn --unconfined --command true'], cwd=self.home.project, text=True,
                                  capture_output=True, env=self.home.environment)
            self.assertEqual((5, ""), (done.returncode, done.stdout), done.stderr)
            said.append(done.stderr)
        self.assertEqual(2, said[0].count("'.' is below a folder that is gone"))
        self.assertEqual(said[0], said[1])

    def test_exit_codes_tell_what_happened(self):
        project = self.home.project
        (project / "binary").write_bytes(b"\xff")
        self.home.output("budget.set", task="http", calls=0)
        codes = [
            (0, ["status"]), (0, ["call", "fs.list"]), (2, ["call", "fs.read"]), (2, ["call", "fs.read", "--path", "binary"]),
            (2, ["nonsense"]), (2, ["status", "--nonsense"]), (2, ["call"]), (2, ["up", "--port", "x"]), (4, ["events"]),
            (5, ["call", "fs.read", "--path", "gone"]), (5, ["call", "no.such"]), (6, ["call", "fs.read", "--path", "/etc/shadow"]),
            (6, ["call", "fs.write", "--path", "~/x", "--content", "x"]), (5, ["approve", "c000000000000"]),
        ]
        for code, words in codes:
            done = self.said(*words, code=code)
            if code:
                self.assertEqual("", done.stdout, words)
                self.assertRegex(done.stderr, r"^lilux: [^\n]+\n  hint: [^\n]+\n", words)
        self.said("call", "fs.list", code=8, environment={"LILUX_TASK": "t"})  # its budget is used up
        documented = self.said("help", "exit-codes", code=0).stdout
        self.assertEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "130"], re.findall(r"^\d+", documented, re.M))

    def test_json_everywhere_is_one_object_on_standard_output(self):
        for words in (["status"], ["doctor"], ["ps"], ["top"], ["logs"], ["approve"], ["policy", "list"], ["policy", "test",
                      "fs.read /etc/shadow"], ["undo", "--since", "1h"], ["call", "fs.list"], ["service", "install"], ["version"],
                      ["ledger", "verify"], ["resume"], ["stop"], ["resume"], ["up"], ["down"]):
            envelope = json.loads(self.said(*words, "--json", code=0).stdout)
            self.assertEqual(["ok", "call", "output"], list(envelope), words)
        for code, words in ((2, ["nonsense"]), (2, ["call", "fs.read", "--pth", "x"]), (6, ["call", "fs.read", "--path", "/etc/shadow"]),
                            (4, ["events"]), (2, ["completion", "tcsh"]), (2, ["service"]), (2, ["up", "--port", "x"]),
                            (2, ["help", "nonsense"]), (5, ["why", "c000000000000"])):
            done = self.said(*words, "--json", code=code)
            envelope = json.loads(done.stdout)
            self.assertEqual("", done.stderr, words)
            self.assertEqual(["ok", "call", "error"], list(envelope), words)
            self.assertEqual(["code", "message", "hint", "rule"], list(envelope["error"]), words)
            self.assertTrue(envelope["error"]["hint"], words)

    def test_common_flags_may_come_first(self):
        for words in (["--json", "status"], ["call", "--json", "fs.list"], ["--json", "--reason", "why not", "call", "fs.list"],
                      ["policy", "--json", "list"], ["--json", "help"], ["help", "--json", "fs.read"], ["--json", "version"],
                      ["completion", "bash", "--json"], ["status", "--help", "--json"]):
            self.assertTrue(json.loads(self.said(*words, code=0).stdout)["ok"], words)
        self.assertIn("Usage", json.loads(self.said("--json", "call", "fs.read", "--help", code=0).stdout)["output"]["text"])
        self.assertEqual("why not", self.home.output("ledger.query", tool="fs.list")["calls"] and self.home.output(
            "ledger.why", call=self.home.output("ledger.query", tool="fs.list", limit=1)["calls"][0]["call"])["chain"][0]["reason"])

    def test_what_cannot_be_printed_is_no_success(self):
        for words in (["help"], ["status"], ["logs", "--json"], ["completion", "bash"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([LILUX, *words], env=self.home.environment, cwd=self.home.project, stdout=full,
                                      stderr=subprocess.PIPE, text=True)
            self.assertEqual(4, done.returncode, words)
            self.assertRegex(done.stderr, r"^lilux: cannot write standard output: \w[^\n]+\n  hint: ", words)

    def test_wrong_words_are_named_with_a_way_out(self):
        for words, message, hint in (
                (["fs"], "'fs' needs a second word", "chmod"), (["fs", "raed"], "'fs' has no 'raed'", "'lilux fs read'"),
                (["policy"], "'policy' needs a second word", "autonomy"), (["policy", "lst"], "has no 'lst'", "'lilux policy list'"),
                (["policy", "test"], "which call?", "lilux policy test"), (["top", "x"], "unexpected word 'x'", "lilux help top"),
                (["completion"], "which shell?", "bash"), (["completion", "bash", "x"], "unexpected word 'x'", "help completion"),
                (["up", "--port"], "--port needs a value", "7800"), (["events", "--since"], "--since needs a value", "help events"),
                (["logs", "-x", "5"], "unknown flag '-x'", "--name value")):
            done = self.said(*words, code=2)
            self.assertIn(message, done.stderr.splitlines()[0], words)
            self.assertIn(hint, done.stderr.splitlines()[1], words)
        self.assertIn("no tool named 'fs.raed'", self.home.run("policy", "test", "fs.raed x").stderr)
        self.said("call", "--help", code=0)
        self.said("undo", "c000000000000", "--help", code=0)
        self.said("undo", "list", code=0)  # the tool undo.list, although `undo` is a verb
        self.home.up()
        done = self.said("events", "--since", "x", code=2)
        self.assertEqual("lilux: 'since' must be a sequence number", done.stderr.splitlines()[0])

    def at_terminal(self, columns, *words):
        """What is printed at a terminal of that width."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        done = subprocess.run([LILUX, *words], env=self.home.environment, cwd=self.home.project, stdout=theirs, stderr=subprocess.PIPE)
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:  # its end
            pass
        os.close(ours)
        self.assertEqual(0, done.returncode, done.stderr)
        return said.decode().replace("\r\n", "\n")

    def test_what_is_shown_can_be_read(self):
        self.assertIn("usage:\n  calls: ", self.said("budget", "get", code=0).stdout)
        written = json.loads(self.said("call", "fs.write", "--path", "a", "--content", "x", "--reason", "trying", "--json", code=0).stdout)
        why = self.said("why", written["call"], code=0).stdout
        for line in ("  because  trying", f"  needs    write fs {self.home.project}/a", "  decided  builtin:project-write",
                     f"  undo     exact: lilux undo {written['call']}"):
            self.assertIn("\n" + line + "\n", why)
        self.said("undo", written["call"], code=0)
        self.assertIn("\n  undone   by call c", self.said("why", written["call"], code=0).stdout)
        self.home.output("fs.write", "--reason", "x\n  decided  by a person", path="b", content="x")
        self.assertNotRegex(self.said("why", self.said("logs", code=0).stdout.splitlines()[1].split()[0], code=0).stdout,
                            r"(?m)^ +decided +by a person")
        self.said("call", "fs.write", "--path", "/opt/x", "--content", "x", code=6)
        self.assertIn("\n  +x\n", self.said("approve", code=0).stdout)
        (self.home.project / ("ä" * 100)).write_text("")
        listed = self.said("call", "fs.list", code=0).stdout
        self.assertIn("\n  " + "ä" * 57 + "...  file", listed)

    def test_tables_fit_a_terminal_and_stay_tables(self):
        self.said("fs", "write", "a" * 100, "x", code=0)
        self.said("undo", json.loads(self.said("logs", "--json", code=0).stdout)["output"]["calls"][0]["call"], code=0)
        self.said("fs", "read", "gone", code=5)  # with an undo and an error the rows have all columns there are
        for columns in (80, 120, 140, 200):
            for words in (["logs"], ["policy", "list"]):
                lines = self.at_terminal(columns, *words).splitlines()
                self.assertLessEqual(max(map(len, lines)), columns)
        self.assertRegex(self.at_terminal(80, "logs"), r"(?m)^CALL +TIME +TOOL +NEED +RESULT\n(c\w+ +\S+Z +\w+\.\w+ +.*\n)+$")
        self.assertRegex(self.said("logs", code=0).stdout, r"^(?=.* ERROR )(?=.* UNDONE_BY )CALL( +[A-Z_]+){11}\n")

    def test_text_of_many_lines_is_no_field(self):
        self.home.output("fs.write", path="a", content="one\n\nsize: 99\n")
        said = self.said("fs", "read", "a", code=0).stdout
        self.assertIn("\ncontent:\n  one\n\n  size: 99\n", "\n" + said)
        self.assertEqual(1, len(re.findall(r"(?m)^size: ", said)))
        (self.home.project / "size: 99").write_text("")
        self.assertNotRegex(self.said("fs", "list", code=0).stdout, r"(?m)^size: ")

    def test_logs_show_what_was_done_and_to_what(self):
        self.said("fs", "write", "a.txt", "x", code=0)  # what a tool cannot do without needs no flag
        self.assertIn("content: x\n", self.said("fs.read", "a.txt", code=0).stdout)
        self.said("status", code=0)
        shown = self.said("logs", code=0).stdout
        self.assertRegex(shown, r"(?m)^CALL +TIME +TOOL +NEED +RESULT +UNDO +TASK")
        self.assertRegex(shown, r"(?m)^c\w+ +\S+ +fs\.write +write fs /\S+/a\.txt +ok +exact ")
        self.assertNotIn("kernel.status", shown)
        self.assertNotIn("ledger.query", shown)
        whole = self.said("logs", "--all", "--limit", "3", code=0).stdout
        self.assertIn("ledger.query", whole)
        self.assertEqual(4, len(whole.splitlines()))

    def test_logs_go_on_with_what_ends(self):
        self.home.up()
        for name in ("a", "b"):
            self.said("fs", "write", name, "x", code=0)
        for words, looks in ((["-f"], 0), (["--all", "--follow"], 1)):
            logs = self.home.start("logs", "--limit", "1", *words)
            said = [logs.stdout.readline()] if not looks else []
            self.said("status", code=0)
            self.said("fs", "write", "c", "x", code=0)
            self.said("fs", "read", "gone", code=5)
            while len(said) < 3 or "not_found" not in said[-1]:
                said.append(logs.stdout.readline())
            logs.terminate()
            logs.communicate()
            self.assertRegex(said[0], r"/project/b  ok" if not looks else r"^c")
            self.assertRegex(said[-2], rf"^c\w+  \S+Z  fs\.write  write fs {self.home.project}/c  ok  terminal\n$")
            self.assertRegex(said[-1], rf"^c\w+  \S+Z  fs\.read  read fs {self.home.project}/gone  error  not_found  terminal\n$")
            self.assertEqual(looks, any("kernel.status" in line for line in said))
        self.assertIn("--until does not go with --follow", self.said("logs", "-f", "--until", "1h", code=2).stderr)

    def test_nothing_is_coloured_where_nobody_looks(self):
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "xterm-256color", "FORCE_COLOR": ""}):
            for words in (["status"], ["doctor"], ["help"], ["nonsense"], ["policy", "list"]):
                done = self.home.run(*words, environment=environment)
                self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.said("status", "--no-color", code=0)

    def test_what_is_nearly_right_is_guessed(self):
        for words, guess in ((["lgos"], "'lilux logs'"), (["stauts"], "'lilux status'"), (["call", "fs.raed"], "'fs.read'"),
                             (["call", "fs.read", "--pth", "x"], "'--path'"), (["help", "fs.wriet"], "'lilux help fs.write'")):
            done = self.home.run(*words)
            self.assertIn("did you mean " + guess, done.stderr, words)
        self.assertIn("`lilux help` lists the verbs", self.home.run("xyzzy").stderr)
        self.assertIn("--path", self.home.run("call", "fs.list", "--zzzzzz", "1").stderr)

    def test_text_of_others_cannot_drive_the_terminal(self):
        for name in ("\x1b[2J", "\x1b]0;title\x07", "\r\n", "\x9b31m"):
            done = self.home.run("call", "fs.read", "--path", name)
            self.assertNotRegex(done.stdout + done.stderr.replace("\n", ""), r"[\x00-\x1f\x7f-\x9f]")
        (self.home.project / "a\x1b[31m").write_text("x")
        self.assertNotIn("\x1b", self.said("call", "fs.list", code=0).stdout)
        self.assertNotIn("\x1b", self.home.run("call", "\x1b[31m").stderr)
        self.assertNotIn("\x1b", self.home.run("\x1b[31m").stderr)

    def test_every_tool_and_verb_has_help(self):
        tools = [tool["name"] for tool in self.home.output("kernel.tools")["tools"]]
        listed = self.said("help", "tools", code=0).stdout
        for tool in tools:
            self.assertIn(f"\n{tool} ", "\n" + listed)
            text = self.said("help", tool, code=0).stdout
            self.assertTrue(text.startswith(f"{tool}: "), text)
            self.assertRegex(text, r"\nRisk \w+, undo \w+")
        self.assertEqual(text, self.said("call", tools[-1], "--help", code=0).stdout)
        verbs = re.findall(r"^  ([a-z]+(?: [a-z]+)?) {2,}[A-Z]", self.said("help", code=0).stdout, re.M)
        self.assertGreater(len(verbs), 20)
        for verb in verbs:
            text = self.said("help", *verb.split(), code=0).stdout
            self.assertRegex(text, rf"(^|\n)(lilux {verb}|{verb.replace(' ', '.')}): ")
        self.assertEqual(self.said(code=0).stdout, self.said("--help", code=0).stdout)
        self.assertRegex(self.said("--version", code=0).stdout, r"^lilux \d+\.\d+\.\d+\n$")

    def test_arguments_come_from_flags_json_or_standard_input(self):
        for words, text in ((["--path", "a", "--content", "x"], ""), (["--path=a", "--content=x"], ""),
                            (["--args", '{"path": "a", "content": "x"}'], ""), (["--args", "-"], '{"path": "a", "content": "x"}')):
            self.said("call", "fs.write", *words, code=0, text_in=text)
            self.assertEqual("x", (self.home.project / "a").read_text())
        spawned = json.loads(self.said("call", "process.spawn", "--yes", "--json", "--args", '{"command": "echo", "args": ["{}"]}',
                                       code=0).stdout)
        self.assertEqual("{}\n", self.home.output("process.wait", pid=spawned["output"]["pid"])["stdout"])
        for words in (["--args", "{"], ["--args", "[]"], ["--args", '{"path": 1}'], ["--args", "{}", "--path", "a"], ["--path"],
                      ["--path", "a", "--path", "b"], ["a"], ["--append=maybe"]):
            self.said("call", "fs.write", *words, code=2)

    def complete(self, *words):
        """What bash offers for the last of these words."""
        script = self.said("completion", "bash", code=0).stdout
        quoted = " ".join(f"'{word}'" for word in (LILUX, *words))
        done = subprocess.run(
            ["bash", "--norc", "-c", f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _lilux; "
             'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True, cwd=self.home.project, env=self.home.environment)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout.split()

    def test_what_may_come_next_is_offered(self):
        self.assertLessEqual({"approve", "call", "fs", "status", "why"}, set(self.complete("")))
        for words, offered in ((["st"], ["status", "stop"]), (["call", "fs.rea"], ["fs.read"]), (["call", "fs.read", "--p"], ["--path"]),
                               (["fs", "r"], ["read"]), (["fs", "read", "--pa"], ["--path"]), (["fs", "read", "--encoding", ""], ["utf-8", "base64"]),
                               (["fs", "read", "--encoding", "=", "b"], ["base64"]), (["policy", "au"], ["autonomy"]),
                               (["policy", "add", "mine", ""], ["allow", "ask", "deny"]), (["logs", "--fo"], ["--follow"]),
                               (["completion", "z"], ["zsh"]), (["help", "xy"], []), (["--json", "stat"], ["status"]),
                               (["mcp", "install", "c"], ["claude", "codex", "cursor"]), (["mcp", "install", "claude", "g"], []),
                               (["search", "x", "--kinds", "k"], ["knowledge"]), (["search", "x", "--kinds", "too"], ["tool"]),
                               (["events", "--cou"], ["--count"]), (["undo", "li"], ["list"]), (["undo", "--si"], ["--since"]),
                               (["call", "process.spawn", "--args", "--co"], []), (["nonsense", ""], []), (["fs", "read", "--path", ""], [])):
            self.assertEqual(offered, self.complete(*words), words)

    def test_names_of_what_there_is_are_offered(self):
        written = json.loads(self.said("call", "fs.write", "--path", "a", "--content", "x", "--json", code=0).stdout)["call"]
        self.said("item", "create", "template", "mine-and-only", "--content", "text", code=0)
        for words, offered in ((["item", "load", "template", "mi"], ["mine-and-only"]), (["item", "load", "directive", "mi"], []),
                               (["call", "item.load", "--kind", "template", "--name", "mine"], ["mine-and-only"]),
                               (["item", "list", "--source", "sy"], ["system"]), (["why", written[:-1]], [written]),
                               (["undo", written[:-1]], [written]), (["call", "task.kill", "--task", "term"], ["terminal"])):
            self.assertEqual(offered, self.complete(*words), words)

    def test_a_project_is_laid_out_without_a_question(self):
        self.said("init", code=0)
        self.assertTrue((self.home.project / ".ai" / "directives").is_dir())
        self.said("context", code=0)
        self.assertTrue((self.home.project / ".ai" / "project_context.md").is_file())

    def test_what_steps_of_a_directive_ask_is_told_and_answered(self):
        directive = self.home.project / ".ai" / "directives" / "careful.md"
        directive.parent.mkdir(parents=True)
        step = '<step name="{0}"><action tool="fs.write">{{"path": "{1}", "content": "x", "create_dirs": true}}</action></step>'
        directive.write_text('# Careful\n\n```xml\n<directive name="careful" version="1.0.0"><metadata><description>Asks twice</description>'
                             '<permissions><write resource="filesystem" path="**"/></permissions></metadata><process>'
                             + step.format("one", ".vscode/settings.json") + step.format("two", ".zed/settings.json")
                             + step.format("three", "done") + "</process></directive>\n```\n")
        self.said("policy", "trust", str(self.home.project), code=0)
        run = ("item", "run", "directive", "careful")
        waiting = json.loads(self.said(*run, "--json", code=7).stdout)["output"]
        self.assertEqual("waiting", waiting["status"])
        self.assertIn("lilux approve " + waiting["asks"], waiting["instructions"])
        self.said("approve", waiting["asks"], code=0)
        again = eventually(lambda: self.asked_next(run, waiting), "the second step asks")
        self.assertFalse((self.home.project / "done").exists())
        self.said("deny", again["asks"], code=0)
        ended = self.said(*run, "--resume", waiting["task"], "--json", code=6)
        self.assertIn("step 'two'", ended.stdout + ended.stderr)
        self.said(*run, "--resume", "terminal", code=2)
        done = json.loads(self.said(*run, "--yes", "--json", code=0).stdout)["output"]
        self.assertEqual("done", done["status"])
        self.assertTrue((self.home.project / "done").exists())

    def directive(self, name, permissions, *steps):
        """Writes one whose steps are these calls."""
        file = self.home.project / ".ai" / "directives" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        made = "".join(f'<step name="{step}"><action tool="{tool}">{json.dumps(arguments)}</action></step>'
                       for step, tool, arguments in steps)
        file.write_text(f'# {name}\n\n```xml\n<directive name="{name}" version="1.0.0"><metadata><description>{name}</description>'
                        f"<permissions>{permissions}</permissions></metadata><process>{made}</process></directive>\n```\n")

    def test_yes_answers_no_critical_step(self):
        self.directive("bad", '<write resource="filesystem" path="/etc/**"/>',
                       ("one", "fs.write", {"path": "/etc/lilux-is-not-to-write-this", "content": "x"}))
        self.said("policy", "trust", str(self.home.project), code=0)
        waiting = json.loads(self.said("item", "run", "directive", "bad", "--yes", "--json", code=7).stdout)["output"]
        self.assertEqual("waiting", waiting["status"])
        self.said("deny", waiting["asks"], code=0)

    def test_a_directive_waits_for_the_one_that_it_drives(self):
        files = '<write resource="filesystem" path="**"/>'
        self.directive("inner", files, ("in", "fs.write", {"path": ".zed/settings.json", "content": "x", "create_dirs": True}))
        self.directive("outer", files + '<read resource="filesystem" path="**"/><execute resource="spawn"/>',
                       ("drive", "item.run", {"kind": "directive", "name": "inner", "mode": "drive"}),
                       ("then", "fs.write", {"path": "after", "content": "x"}))
        self.said("policy", "trust", str(self.home.project), code=0)
        waiting = json.loads(self.said("item", "run", "directive", "outer", "--json", code=7).stdout)["output"]
        self.assertFalse((self.home.project / "after").exists())
        self.said("approve", waiting["asks"], code=0)
        eventually((self.home.project / "after").exists, "the outer one went on")
        self.assertTrue((self.home.project / ".zed" / "settings.json").exists())

    def asked_next(self, run, waiting):
        """How the run stands, once it asks something else."""
        now = json.loads(self.said(*run, "--resume", waiting["task"], "--json", code=7).stdout)["output"]
        return now if now.get("asks") not in (None, waiting["asks"]) else None

    def typed(self, shell, script, line, expected):
        """What an interactive shell shows once the tab key was pressed after the line."""
        folder = self.home.root / shell[0]
        folder.mkdir()
        (folder / "script").write_text(script)
        (self.home.project / "some file").write_text("")
        environment = dict(self.home.environment, PATH=f"{LILUX.parent}:{os.environ['PATH']}", TERM="dumb", PS1="$ ")
        child, ours = pty.fork()
        if child == 0:
            os.chdir(self.home.project)
            os.execvpe(shell[0], shell, environment)
        seen = b""
        try:
            os.write(ours, f"source {folder}/script\n".encode())
            os.write(ours, line.encode() + b"\t")
            deadline = time.monotonic() + PATIENCE
            while expected.encode() not in seen and time.monotonic() < deadline:
                if select.select([ours], [], [], 1)[0]:
                    seen += os.read(ours, 65536)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(ours)
        self.assertIn(expected, seen.decode(errors="replace"))

    def test_shells_complete(self):
        bash = self.said("completion", "bash", code=0).stdout
        self.typed(["bash", "--norc", "--noprofile", "-i"], bash, "lilux fs read --path so", "some\\ file")
        zsh = "autoload -U compinit && compinit -u\n" + self.said("completion", "zsh", code=0).stdout
        self.typed(["zsh", "-f", "-i"], zsh, "lilux policy aut", "policy autonomy")
        fish = self.said("completion", "fish", code=0).stdout
        self.typed(["fish", "--no-config", "-i"], fish, "lilux policy aut", "autonomy")

    def test_the_service_is_written_where_systemd_looks(self):
        done = self.said("service", "install", code=0)
        unit = self.home.home / ".config/systemd/user/lilux.service"
        self.assertIn(str(unit), done.stdout)
        self.assertIn("systemctl --user", done.stdout)
        text = unit.read_text()
        self.assertIn(f'ExecStart="{LILUX}" up --foreground\n', text)
        self.assertEqual(0o644, stat.S_IMODE(unit.stat().st_mode))
        odd = self.home.root / "odd %h folder"
        odd.mkdir()
        os.link(LILUX, odd / "lilux") if os.stat(odd).st_dev == os.stat(LILUX).st_dev else shutil.copy(LILUX, odd / "lilux")
        subprocess.run([odd / "lilux", "service", "install"], env=self.home.environment, check=True, capture_output=True)
        self.assertIn("odd %%h folder/lilux\" up", unit.read_text())

    def test_ps_top_and_doctor_show_what_there_is(self):
        self.home.up()
        spawned = self.home.output("process.spawn", "--yes", unconfined=True, command="sleep", args=["300"])
        task = self.home.output("task.spawn", tool="event.wait", arguments={"since": 0, "event": "no.such"}, title="watching")
        self.assertIn("watching", self.said("ps", code=0).stdout)
        top = self.said("top", code=0).stdout
        for word in ("serving", "watching", str(spawned["pid"]), "sleep"):
            self.assertIn(word, top)
        self.assertEqual(["kernel", "tasks", "calls", "processes"], list(json.loads(self.said("top", "--json", code=0).stdout)["output"]))
        self.said("kill", "--yes", spawned["pid"], code=0)
        self.said("kill", task["task"], code=0)
        self.assertNotIn("watching", self.said("ps", code=0).stdout)
        nap = self.home.output("task.spawn", tool="event.wait", arguments={"since": 0, "event": "no.such"}, title="nap")["task"]
        self.said("task", "suspend", "nap", code=0)
        self.assertIn("suspended", self.said("ps", code=0).stdout)
        self.said("resume", "--yes", nap[-6:], code=0)
        self.assertNotIn("suspended", self.said("ps", code=0).stdout)
        self.said("kill", "nap", code=0)
        self.said("kill", "nap", code=5)
        self.assertRegex(self.said("doctor", code=0).stdout, r"(?m)^ok    ledger: \d+ records, sound$[^$]*^healthy$")
        os.chmod(self.home.state, 0o755)
        found = {finding["check"]: finding for finding in self.home.output("kernel.doctor")["findings"]}["state folder"]
        self.assertEqual((False, f"chmod 700 {self.home.state}"), (found["ok"], found["fix"]))
        self.assertIn(f"FAULT state folder: {self.home.state} can be entered by others\n      fix: chmod 700 {self.home.state}\n",
                      self.said("doctor", code=7).stdout)

    def test_run_is_the_program(self):
        script = 'printf "a\\033[1m\\n"; echo b >&2; exit 3'
        done = self.said("run", "--reason", "trying", "sh", "-c", script, code=3)
        self.assertEqual(("a\x1b[1m\n", "b\n"), (done.stdout, done.stderr))
        spawned = self.home.output("ledger.query", tool="process.spawn", limit=1)["calls"][0]["call"]
        self.assertEqual("trying", self.home.output("ledger.why", call=spawned)["chain"][0]["reason"])
        for words in (["--yes", "run", "echo"], ["run", "-y", "echo"], ["run", "--", "echo"]):
            done = self.said(*words, "--json", "--", "--help", "--yes", "[1]", code=0)  # all of it is the program's
            self.assertEqual("--json -- --help --yes [1]\n", done.stdout)
        self.assertEqual("x" * 200_000, self.said("run", "printf", "%0200000d", "0", code=0).stdout.replace("0", "x"))
        said = json.loads(self.said("--json", "run", "sh", "-c", script, code=3).stdout)
        self.assertEqual((True, 3, "b\n"), (said["ok"], said["output"]["exit_code"], said["output"]["stderr"]))
        self.said("run", "sh", "-c", "kill -TERM $$", code=128 + signal.SIGTERM)
        self.said("run", "--timeout", "200ms", "sleep", "300", code=128 + signal.SIGKILL)
        running = self.home.start("run", "sh", "-c", "echo first; exec sleep 300")
        self.assertEqual("first\n", running.stdout.readline())  # before it has ended
        running.kill()
        running.communicate()
        self.assertIn("hint: lilux approve c", self.said("run", "--unconfined", "true", code=6).stderr)
        self.assertIn("shell.commit needs the approval", self.said("run", "sh", "-c", "mkdir -p .git/hooks; touch .git/hooks/x made", code=6).stderr)
        self.assertFalse((self.home.project / "made").exists())  # all of it or nothing
        self.said("run", "sh", "-c", "touch made; exit 3", code=3)
        self.assertTrue((self.home.project / "made").exists())
        self.assertEqual(0, self.home.run("undo", self.home.output("undo.list")["calls"][0]["call"]).returncode)
        self.assertFalse((self.home.project / "made").exists())
        for words, message in ((["run"], "which command?"), (["run", "--yes"], "which command?"), (["run", "--nonsense", "ls"], "unknown flag '--nonsense'"),
                               (["run", "--args", "{}", "ls"], "unknown flag '--args'"), (["run", b"\xff"], "is not UTF-8")):
            done = subprocess.run([LILUX, *words], env=self.home.environment, cwd=self.home.project, capture_output=True)
            self.assertEqual(2, done.returncode)
            self.assertIn(message, done.stderr.decode())
        self.assertIn("lilux run: ", self.said("run", "--help", code=0).stdout)
        self.assertEqual([], self.complete("run", "ls", "--js"))
        self.assertEqual(["--json"], self.complete("run", "--js"))

    def test_top_goes_on_at_a_terminal(self):
        ours, theirs = pty.openpty()
        top = subprocess.Popen([LILUX, "top"], env=self.home.environment, cwd=self.home.project, stdin=theirs, stdout=theirs,
                               stderr=subprocess.PIPE)
        os.close(theirs)
        said = b""
        while said.count(b"state: serving") < 2:
            said += os.read(ours, 65536)
        self.assertEqual(2, said.count(b"\x1b[H\x1b[2J"))
        self.assertTrue(self.home.call("fs.list", path=".")["ok"])
        os.write(ours, b"\n")
        self.assertEqual(0, top.wait(PATIENCE))
        top.communicate()
        os.close(ours)

    def test_events_say_which_task_they_are_about(self):
        self.home.up()
        task = self.home.output("task.spawn", tool="fs.list", arguments={"path": "."})["task"]
        self.home.output("task.wait", task=task)
        for words in ([], ["--task", task]):
            said = self.said("events", "--since", "1", "--event", "task.*", "--count", "2", *words, code=0).stdout
            self.assertRegex(said, rf"^\d+  \S+  task.start  {task}\n\d+  \S+  task.done  {task}\n$")

    def test_a_policy_that_is_broken_allows_nothing_and_says_where(self):
        self.home.up()
        self.home.config.mkdir(parents=True, exist_ok=True)
        (self.home.config / "policy.toml").write_text("autonomy = 'full'\nnonsense = [")
        done = eventually(lambda: (lambda done: done if done.returncode else None)(self.home.run("call", "fs.list")), "it is read")
        self.assertEqual(4, done.returncode)
        self.assertRegex(done.stderr, r"policy\.toml:2\b")
        (self.home.config / "policy.toml").unlink()
        eventually(lambda: self.home.run("call", "fs.list").returncode == 0, "it is gone")

    def test_an_interrupted_run_ends_its_command_and_nothing_of_it_is_real(self):
        running = self.home.start("run", "bash", "-c", "echo 1 > made; echo begun; sleep 60")
        self.assertEqual("begun\n", running.stdout.readline())
        running.send_signal(signal.SIGINT)
        out, errors = running.communicate(timeout=PATIENCE)
        self.assertEqual((130, ""), (running.returncode, out))
        self.assertIn("nothing of what it changed is real", errors)
        self.assertFalse((self.home.project / "made").exists())
        self.assertEqual([], list((self.home.state / "runs").iterdir()))
        processes = self.home.output("process.list", own=True)["processes"]
        self.assertEqual([], [one for one in processes if "sleep 60" in json.dumps(one)])

    def test_up_without_a_terminal_prints_its_address_and_ends_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.home.up()
            self.assertRegex(daemon.said, r"^lilux [\d.]+ serves /\S+kernel\.sock and http://127\.0\.0\.1:\d+ \(token in /\S+\)\n$")
            daemon.process.send_signal(number)
            out, errors = daemon.process.communicate(timeout=PATIENCE)
            self.assertEqual((0, "", ""), (daemon.process.returncode, out, errors))
            self.assertFalse(self.home.socket.exists())
        told = self.home.start("up", "--foreground", "--port", "0", "--json")
        at = json.loads(told.stdout.readline())["output"]
        self.assertEqual((str(self.home.socket), self.home.output("kernel.status")["http"]), (at["socket"], at["http"]))
        self.assertIn(at["http"], self.said("up", "--port", "1", code=5).stderr)
        told.terminate()
        self.assertEqual(0, told.wait(PATIENCE))
        told.communicate()

    def test_a_port_that_was_chosen_is_no_other(self):
        taken = socket.create_server(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        self.addCleanup(taken.close)
        self.assertIn(f"127.0.0.1:{port}", self.said("up", code=4, environment={"LILUX_HTTP_PORT": str(port)}).stderr)
        self.home.config.mkdir(parents=True, exist_ok=True)
        (self.home.config / "config.toml").write_text(f"[http]\nport = {port}\n")
        self.assertIn(f"127.0.0.1:{port}", self.said("up", code=4).stderr)

    def test_doctor_looks_at_the_configuration(self):
        file = self.home.config / "config.toml"
        self.home.up()
        self.assertIn(f"ok    configuration: no {file}, so the defaults are in force\n", self.said("doctor", code=0).stdout)
        file.write_text("# nothing\n")
        self.assertIn(f"ok    configuration: {file} is in force\n", self.said("doctor", code=0).stdout)
        file.write_text("[limits]\nworkers = 3\n")
        self.assertRegex(self.said("doctor", code=7).stdout,
                         r"(?m)^FAULT configuration: wait for a restart: limits\.workers \(\d+, then 3\)\n      fix: lilux down && lilux up$")
        file.write_text("[limits]\nworkers = 'x'\n")
        self.assertRegex(self.said("doctor", code=7).stdout, r"(?m)^FAULT configuration: \S+config\.toml:2: 'limits\.workers' takes ")
        file.write_text("= 3")
        self.assertRegex(self.said("doctor", code=7).stdout, r"(?m)^FAULT configuration: \S+config\.toml:1:1: .*\n      fix: ")
        file.unlink()
        self.said("doctor", code=0)

    def test_a_shell_without_a_runtime_folder_finds_the_daemon(self):
        daemon = self.home.up()
        note = self.home.state / "socket"
        self.assertEqual((f"{self.home.socket}\n", 0o600), (note.read_text(), stat.S_IMODE(note.stat().st_mode)))
        elsewhere = {"XDG_RUNTIME_DIR": str(self.home.root / "tmp")}
        began = time.monotonic()
        status = json.loads(self.said("status", "--json", code=0, environment=elsewhere).stdout)["output"]
        self.assertEqual(("daemon", daemon.process.pid), (status["role"], status["pid"]))
        self.assertIn(f"lilux is up: {self.home.socket} and http://127.0.0.1:{daemon.port}\n", self.said("up", code=0, environment=elsewhere).stdout)
        self.assertIn("a daemon runs already", self.said("up", "--foreground", code=4, environment=elsewhere).stderr)
        self.assertLess(time.monotonic() - began, 5)
        if os.geteuid() == 0:  # the socket of somebody else is not asked
            os.chown(self.home.socket, 65534, 65534)
            self.assertIn("no daemon runs", self.said("events", code=4, environment=elsewhere).stderr)
            os.chown(self.home.socket, 0, 0)
        self.said("down", code=0, environment=elsewhere)
        daemon.process.communicate(timeout=PATIENCE)
        self.assertFalse(note.exists())

    def test_run_starts_it_in_the_foreground(self):
        newest = max(file.stat().st_mtime for file in (ROOT / "src").glob("**/*.*"))
        if LILUX != ROOT / "build/release/lilux" or newest > LILUX.stat().st_mtime:
            self.skipTest("build/release is not up to date: ./run would build first")
        started = subprocess.Popen([ROOT / "run", "--port", "0"], cwd="/", text=True, stdin=subprocess.DEVNULL,
                                   env={**self.home.environment, "PATH": os.environ["PATH"]}, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        said = started.stdout.readline()
        self.assertIn("http://127.0.0.1:", said)
        self.assertEqual("daemon", self.home.output("kernel.status")["role"])
        started.terminate()
        out, errors = started.communicate(timeout=PATIENCE)
        self.assertEqual((0, ""), (started.returncode, out), errors)
        eventually(lambda: not list(self.home.processes()), "nothing is left")


if __name__ == "__main__":
    main()

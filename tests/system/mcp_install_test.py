#!/usr/bin/env python3
"""`lilux mcp install`: what each client is given, what of its file stays, and what is refused."""

import json
import os
import pty
import stat
import tomllib

from support import LILUX, SystemTest, main

SERVE = ["mcp", "serve"]
FILES = {"claude": ".claude.json", "codex": ".codex/config.toml", "cursor": ".cursor/mcp.json",
         "goose": ".config/goose/config.yaml", "vscode": ".config/Code/User/mcp.json"}
PROJECT_FILES = {"claude": ".mcp.json", "codex": ".codex/config.toml", "cursor": ".cursor/mcp.json",
                 "vscode": ".vscode/mcp.json"}
SETTINGS = {
    "claude": '{\n  "numStartups": 3,\n  "mcpServers": {\n    "other": {"type": "http", "url": "x"}\n  }\n}\n',
    "codex": '# mine\nmodel = "x" # why\n\n[mcp_servers.other]\ncommand = "y"\n',
    "cursor": '{"mcpServers":{"other":{"command":"y"}}}',
    "goose": "GOOSE_MODEL: x # why\nextensions:\n  other:\n    enabled: true\n    type: builtin\nkey: 1\n",
    "vscode": '// mine\r\n{\r\n\t"servers": {\r\n\t\t"other": {"command": "y"}, // last\r\n\t},\r\n}\r\n',
}


class Install(SystemTest):
    def install(self, client, *words, code=0, **options):
        done = self.home.run("mcp", "install", client, *words, **options)
        self.assertEqual(code, done.returncode, done)
        return done

    def json(self, file):
        return json.loads((self.home.home / file).read_text())

    def test_every_client_gets_an_entry_that_undo_takes_back(self):
        for client, name in FILES.items():
            with self.subTest(client):
                file = self.home.home / name
                shown = self.install(client, code=6)
                self.assertIn(f"+++ {file}\n@@ -0,0 +1,", shown.stdout)
                self.assertIn("--yes", shown.stderr)
                self.assertEqual(shown.stdout, self.install(client, "--print").stdout)
                self.assertFalse(file.exists())
                wrote = self.install(client, "--yes").stdout
                self.assertTrue(wrote.startswith(shown.stdout + f"wrote {file}\n"), wrote)
                self.assertEqual(0o600, stat.S_IMODE(file.stat().st_mode))
                again = self.install(client, "--yes").stdout
                self.assertEqual(f"{file} has it already: nothing to do\n", again)
                undo = wrote.splitlines()[-1].partition("lilux ")[2].split()
                self.assertEqual(0, self.home.run(*undo, "--yes").returncode)
                self.assertFalse(file.exists())
        rows = [row["tool"] for row in self.home.output("ledger.query", looks=False)["calls"]]
        self.assertEqual(len(FILES), rows.count("fs.write"))
        self.assertEqual([], self.home.output("approval.list")["approvals"])

    def test_what_stood_in_the_file_stays_and_removing_gives_it_back(self):
        for client, before in SETTINGS.items():
            with self.subTest(client):
                file = self.home.home / FILES[client]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(before.encode())
                file.chmod(0o640)
                self.install(client, "--yes", "--name", "mine", "--expose", "fs.*,task.list", "--", "--later")
                after = file.read_bytes().decode()
                self.assertNotEqual(before, after)
                self.assertEqual(0o640, stat.S_IMODE(file.stat().st_mode))
                old, new = before.splitlines(), after.splitlines()
                if len(old) > 1:
                    left = [line.rstrip(",") for line in new]
                    self.assertTrue(all(line.rstrip(",") in left for line in old), after)
                self.install(client, "--remove", "--yes", "--name", "mine")
                self.assertEqual(before, file.read_bytes().decode())
                gone = self.install(client, "--remove", "--yes", "--name", "mine").stdout
                self.assertIn("has no such entry: nothing to do", gone)

    def test_the_entries_are_what_the_clients_read(self):
        for client in FILES:
            self.install(client, "--yes", "--expose", "fs.*", "--", "--more")
        args = [*SERVE, "--expose", "fs.*", "--more"]
        plain = {"command": str(LILUX), "args": args}
        self.assertEqual({"mcpServers": {"lilux": {"type": "stdio", **plain}}}, self.json(FILES["claude"]))
        self.assertEqual({"servers": {"lilux": {"type": "stdio", **plain}}}, self.json(FILES["vscode"]))
        self.assertEqual({"mcpServers": {"lilux": plain}}, self.json(FILES["cursor"]))
        self.assertEqual({"mcp_servers": {"lilux": plain}}, tomllib.loads((self.home.home / FILES["codex"]).read_text()))
        goose = (self.home.home / FILES["goose"]).read_text()
        self.assertTrue(goose.startswith(f"extensions:\n  lilux:\n    type: stdio\n    cmd: {LILUX}\n    args: ["), goose)

    def test_a_project_has_files_of_its_own(self):
        inner = self.home.project / "a/b"
        inner.mkdir(parents=True)
        (self.home.project / ".git").mkdir()
        for client, name in PROJECT_FILES.items():
            with self.subTest(client):
                self.install(client, "--project", code=6)
                self.assertFalse((self.home.project / name).exists())
                self.install(client, "--project", "--yes", cwd=inner)
                self.assertIn("lilux", (self.home.project / name).read_text())
                self.assertFalse((self.home.home / FILES[client]).exists())
        self.assertIn("has no file of a project's own", self.install("goose", "--project", code=2).stderr)
        self.assertIn("is no project", self.install("claude", "--project", code=2, cwd=self.home.home).stderr)

    def test_variables_of_the_clients_lead_to_their_files(self):
        other = self.home.home / "else"
        self.install("claude", "--yes", environment={"CLAUDE_CONFIG_DIR": str(other)})
        self.assertIn("lilux", (other / ".claude.json").read_text())
        self.install("codex", "--yes", environment={"CODEX_HOME": str(other)})
        self.assertIn("lilux", (other / "config.toml").read_text())

    def test_an_entry_is_brought_up_to_date_and_keeps_what_a_person_added(self):
        file = self.home.home / FILES["claude"]
        file.write_text('{"mcpServers": {"lilux": {"command": "/old/lilux", "args": ["mcp", "serve"], "env": {"A": "b"}}}}')
        self.install("claude", "--yes")
        entry = self.json(FILES["claude"])["mcpServers"]["lilux"]
        self.assertEqual((str(LILUX), {"A": "b"}, "stdio"), (entry["command"], entry["env"], entry["type"]))

    def test_what_is_not_ours_or_not_understood_is_left_alone(self):
        file = self.home.home / FILES["claude"]
        file.write_text('{"mcpServers": {"lilux": {"command": "npx", "args": ["lilux"]}}}')
        for words in ((), ("--remove",)):
            self.assertIn("starts something else", self.install("claude", "--yes", *words, code=5).stderr)
        broken = {"claude": '{\n  "a": 1\n  "b": 2\n}', "codex": "a = 1\na = 2\n", "goose": "a: 1\n\tb: 2\n"}
        for client, text in broken.items():
            with self.subTest(client):
                file = self.home.home / FILES[client]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                said = self.install(client, "--yes", code=2).stderr
                self.assertRegex(said, f"{file}': line [23]")
                self.assertIn("put this in by hand", said)
                self.assertIn("serve", said)
                self.assertEqual(text, file.read_text())
        for content, words in ((b'{"a": "\xff"}', "is not UTF-8"), (b" " * (17 << 20), "16777216")):
            file = self.home.home / FILES["cursor"]
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
            self.assertIn(words, self.install("cursor", "--yes", code=2 if len(content) < 100 else 8).stderr)
        file.unlink()
        os.mkfifo(file)
        self.assertIn("is a fifo, not a file", self.install("cursor", "--yes", code=2).stderr)

    def test_links_lead_to_the_file_and_what_cannot_be_written_says_so(self):
        file = self.home.home / FILES["cursor"]
        file.parent.mkdir()
        target = self.home.home / "dotfiles.json"
        target.write_text("")
        file.symlink_to(target)
        self.install("cursor", "--yes")
        self.assertTrue(file.is_symlink())
        self.assertIn("lilux", target.read_text())
        target.unlink()
        self.install("cursor", "--yes")  # the link leads nowhere
        self.assertIn("lilux", target.read_text())
        if os.getuid() != 0:
            file = self.home.home / FILES["codex"]
            file.parent.mkdir()
            file.parent.chmod(0o500)
            self.assertIn("permission denied", self.install("codex", "--yes", code=5).stderr.lower())

    def test_a_large_file_on_one_line_is_edited(self):
        file = self.home.home / FILES["claude"]
        before = json.dumps({"history": ["x" * 100] * 50_000, "mcpServers": {}}, separators=(",", ":"))
        file.write_text(before)
        shown = self.install("claude", "--yes").stdout
        self.assertIn('"mcpServers":{\n  "lilux"', shown)
        self.assertLess(len(shown), 2000)
        self.assertEqual(str(LILUX), self.json(FILES["claude"])["mcpServers"]["lilux"]["command"])
        self.install("claude", "--yes", "--remove")
        self.assertEqual(before, file.read_text())

    def test_a_denying_rule_and_bad_words_are_told(self):
        for words, said in ((["claud"], "did you mean"), ([], "for which client?"), (["claude", "--nmae"], "unexpected word"),
                            (["claude", "--name", "a b"], "is no name"), (["claude", "--name"], "needs a value"),
                            (["codex", "--hook"], "knows no hook of codex")):
            done = self.home.run("mcp", "install", *words)
            self.assertEqual(2, done.returncode, done)
            self.assertIn(said, done.stderr)
        self.home.run("policy", "add", "no", "deny", "--capability", "write fs ~/.claude.json")
        done = self.install("claude", "--yes", code=6)
        self.assertIn("rule: no", done.stderr)
        self.assertFalse((self.home.home / FILES["claude"]).exists())

    def test_an_agent_waits_for_a_person(self):
        self.home.up()
        file = self.home.home / FILES["claude"]
        for words in (["--yes"], ["--project", "--yes"]):
            run = self.home.output("process.spawn", "--yes", unconfined=True, command=str(LILUX), args=["mcp", "install", "claude", *words])
            done = self.home.output("process.wait", pid=run["pid"])
            self.assertEqual(6, done["exit_code"], done)
            self.assertIn("lilux approve", done["stderr"])
        self.assertFalse(file.exists() or (self.home.project / ".mcp.json").exists())
        for waiting in self.home.output("approval.list")["approvals"]:
            self.assertIn('"mcpServers"', waiting["question"])
            self.assertEqual(0, self.home.run("approve", waiting["call"]).returncode)
        self.assertEqual(str(LILUX), self.json(FILES["claude"])["mcpServers"]["lilux"]["command"])
        self.assertTrue((self.home.project / ".mcp.json").exists())

    def test_json_tells_the_change(self):
        told = json.loads(self.install("claude", "--print", "--json").stdout)["output"]
        self.assertEqual((False, str(self.home.home / FILES["claude"])), (told["written"], told["changes"][0]["file"]))
        told = json.loads(self.install("claude", "--yes", "--json").stdout)["output"]
        self.assertTrue(told["written"])
        self.assertTrue(told["changes"][0]["call"].startswith("c"))
        refused = json.loads(self.install("codex", "--json", code=6).stdout)
        self.assertEqual("approval_required", refused["error"]["code"])

    def at_terminal(self, typed, *words):
        """Exit code and what is said when somebody types that."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.home.project)
            os.execve(LILUX, [str(LILUX), *words], self.home.environment)
        said = b""
        while b"anything else: no" not in said:
            said += os.read(terminal, 4096)
        os.write(terminal, typed.encode())
        try:
            while True:
                said += os.read(terminal, 4096)
        except OSError:
            pass
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        return code, said.decode()

    def test_a_person_is_asked_at_a_terminal(self):
        file = self.home.home / FILES["claude"]
        for typed in ("n\n", "\n", "yeah\n"):
            code, said = self.at_terminal(typed, "mcp", "install", "claude")
            self.assertEqual((0, False), (code, file.exists()))
            self.assertIn("nothing is written", said)
        code, said = self.at_terminal("y\n", "mcp", "install", "claude")
        self.assertEqual(0, code, said)
        self.assertIn("lilux undo", said)
        self.assertTrue(file.exists())


if __name__ == "__main__":
    main()

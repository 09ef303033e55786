#!/usr/bin/env python3
"""The shell at a terminal: editing, history, sentences, questions, what is long, and Ctrl-C; and lines without one."""

import os
import pty
import re
import select
import signal
import stat
import time

from support import LILUX, PATIENCE, SystemTest, eventually, main

PROMPT = "lilux> "


class Terminal:
    def __init__(self, home, term="xterm", **environment):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(home.project)
            os.execve(LILUX, ["lilux"], {**home.environment, "TERM": term, **environment})

    def wait(self, text, since=0):
        """Reads until the text stands behind that place; what was read since then, without control sequences."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.seen[since:]).replace("\r\n", "\n")
            if text in found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"{text!r} is not in {found!r}")
            if select.select([self.fd], [], [], 0.5)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")

    def settle(self):
        """Reads what still comes: a key that is pressed while a call runs is the terminal's, not the editor's."""
        while select.select([self.fd], [], [], 0.3)[0]:
            self.seen += os.read(self.fd, 65536).decode(errors="replace")

    def type(self, keys, until):
        self.settle()
        since = len(self.seen)
        os.write(self.fd, keys.encode())
        return self.wait(until, since)

    def line(self, text, until="\n" + PROMPT):
        return self.type(text + "\r", until)

    def end(self):
        self.settle()
        os.write(self.fd, b"\x04")
        code = eventually(lambda: self.reaped(), "the shell ends")
        os.close(self.fd)
        return code - 1

    def reaped(self):
        try:
            while select.select([self.fd], [], [], 0)[0] and os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return 1 + os.waitstatus_to_exitcode(status) if pid else None


class ShellTest(SystemTest):
    def setUp(self):
        super().setUp()
        (self.home.project / "README.md").write_text("hello reader\n")

    def terminal(self, term="xterm", **environment):
        terminal = Terminal(self.home, term, **environment)
        self.addCleanup(self.forget, terminal)
        terminal.wait(PROMPT)
        return terminal

    @staticmethod
    def forget(terminal):
        try:
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def test_a_newcomer_finds_their_way(self):
        shell = self.terminal()
        help = shell.line("help")
        self.assertLess(len(help.splitlines()), 24)
        self.assertIn("hello reader", shell.line("show me the file README.md"))
        self.assertIn("hello reader", shell.line("fs.read path=README.md"))
        self.assertIn("hello reader", shell.line("fs.search *.md | fs.read"))
        (self.home.project / "OTHER.md").write_text("hello other\n")
        several = shell.line("fs.search *.md | fs.read")
        for name, text in (("README.md", "hello reader"), ("OTHER.md", "hello other")):
            self.assertRegex(several, rf"(?s)-> fs.read path=\S+/{name}\s+content:\s+{text}")
        self.assertIn("from bash", shell.line("!echo from bash"))
        self.assertIn("no such file", shell.line("fs.read gone"))
        self.assertIn("a quote ' is not closed", shell.line("fs.read 'gone"))
        self.assertIn("no tool fits", shell.line("colourless green ideas sleep furiously"))
        self.assertEqual(0, shell.end())

    def test_what_changes_something_is_shown_first(self):
        shell = self.terminal()
        shown = shell.line("write hello to the file notes.txt", until="Let it happen?")
        self.assertIn("-> fs.write content=hello path=notes.txt\n", shown)
        self.assertFalse((self.home.project / "notes.txt").exists())
        shell.type("n\r", until="What was meant?")
        shell.line("")
        self.assertFalse((self.home.project / "notes.txt").exists())
        shell.line("write hello to the file notes.txt", until="Let it happen?")
        shell.line("")
        self.assertEqual("hello", (self.home.project / "notes.txt").read_text())
        shell.line("undo")
        self.assertFalse((self.home.project / "notes.txt").exists())

    def test_what_came_before_is_shown_before_it_is_changed(self):
        for name in ("a.txt", "b.txt"):
            (self.home.project / name).write_text(name)
        shell = self.terminal()
        shell.line("fs.search *.txt")
        self.assertIn("b.txt", shell.line("show me the second one"))
        shown = shell.line("delete it", until="Let it happen?")
        self.assertIn("b.txt, of call", shown)
        shell.type("n\r", until="What was meant?")
        shell.line("")
        self.assertTrue((self.home.project / "b.txt").exists())
        shown = shell.line("find *.txt and delete the first", until="Let it happen?")
        self.assertRegex(shown, r"-> fs.delete path=\S+/a.txt")
        shell.type("n\r", PROMPT)
        self.assertTrue((self.home.project / "a.txt").exists())
        shell.line("find *.txt and delete the first", until="Let it happen?")
        shell.line("")
        self.assertFalse((self.home.project / "a.txt").exists())
        self.assertEqual([], self.home.output("brain.status")["answers"], "it teaches nothing")

    def test_what_was_meant_is_answered_by_a_value_a_name_or_a_sentence(self):
        shell = self.terminal()

        def asked_with(answer, until="\n" + PROMPT):
            shell.line("write hello to the file w.txt", until="Let it happen?")
            return shell.type(answer, until)

        self.assertIn("takes no 'name'", asked_with("name=b.txt\r"))
        self.assertIn("no answer has a number", asked_with("1\r"))
        asked_with("\x03", PROMPT)
        self.assertIn("-> fs.write content=hello path=c.txt", asked_with("c.txt\r", "Let it happen?"))
        shell.type("n\r", PROMPT)
        asked_with("n\r", "What was meant?")
        shell.line("")
        self.assertFalse(list(self.home.project.glob("?.txt")), "nothing of all that was agreed to")
        asked_with("n\r", "What was meant?")
        shown = shell.line("path=b.txt content='two words'", "Let it happen?")
        self.assertIn("-> fs.write content='two words' path=b.txt", shown)
        self.assertIn("learned", shell.line("y"))
        self.assertEqual("two words", (self.home.project / "b.txt").read_text())
        self.assertFalse((self.home.project / "w.txt").exists())
        shell.line("delete the file b.txt", until="Let it happen?")
        self.assertIn("hello reader", shell.line("show me README.md"))
        shell.line("delete the file b.txt", until="Let it happen?")
        shell.line("path=gone.txt", until="Let it happen?")
        shell.type("n\r", PROMPT)
        self.assertTrue((self.home.project / "b.txt").exists())

    def test_words_that_are_like_others(self):
        shell = self.terminal()
        self.assertIn("exit status 3", shell.line("!exit 3"))
        self.assertNotIn("exit status", shell.line("!true"))
        self.assertIn("-> item.run kind=script name=x", shell.line("run script x", until="Let it happen?"))
        shell.type("n\r", until="What was meant?")
        shell.line("")
        self.assertIn("script-like", shell.line("run echo script-like"))

    def test_answers_teach(self):
        shell = self.terminal()
        shell.line("delete the file README.md", until="Let it happen?")
        shell.type("n\r", until="What was meant?")
        self.assertIn("hello reader", shell.line("fs.read README.md"))
        self.assertIn("learned", shell.line("delete the file README.md"))
        self.assertTrue((self.home.project / "README.md").exists())
        shell.line("write hello to the file notes.txt", until="Let it happen?")
        shell.line("y")
        self.assertIn("by learned", shell.line("write hello to the file notes.txt", until="Let it happen?"))
        shell.type("n\r", until="What was meant?")
        self.assertIn("no tool fits", shell.line("colourless green ideas sleep furiously"))
        told = shell.line("brain status")
        self.assertRegex(told, r"(?m)^\s+2\s+1\s+2|^.*\b1\s+1\s+2\b")

    def test_a_call_behind_a_sentence_that_nobody_knew_is_offered_to_be_learned(self):
        shell = self.terminal()
        self.assertIn("not said", shell.line("zap the README.md"))
        asked = shell.line("fs.read README.md", until="learn it? y/N")
        self.assertIn("'zap the README.md' was fs.read path=README.md?", asked)
        shell.line("")
        self.assertEqual([], self.home.output("brain.status")["answers"], "Enter is no")
        self.assertNotIn("learn", shell.line("fs.read README.md"), "it is asked right behind it alone")
        shell.line("zap the README.md")
        shell.line("fs.read README.md", until="learn it? y/N")
        self.assertIn("README.md", shell.line("fs.list"), "what is typed for something else is done")
        shell.line("zap the README.md")
        shell.line("fs.read README.md", until="learn it? y/N")
        shell.line("y")
        (self.home.project / "b.txt").write_text("of b\n")
        self.assertIn("by learned", shell.line("zap the README.md"))
        shell.line("remind me to sing")
        self.assertNotIn("learn", shell.line("fs.read README.md"), "what is advised is known")
        shell.line("zip the README.md")
        self.assertNotIn("learn", shell.line("fs.read gone"), "what fails was not meant")

    def test_tab_completes_fields_and_their_values(self):
        shell = self.terminal()
        self.assertIn("hello reader", shell.line("fs.read pat\tREA\t"))
        self.assertIn("hello reader", shell.line("fs.read --pat\tREA\t"))
        shell.line("fs.write con\thello pat\tq.txt")
        self.assertEqual("hello", (self.home.project / "q.txt").read_text())
        self.assertIn("Change a directive so", shell.line("item.load kind=dir\tname=anneal_d\t"))

    def test_what_is_typed_for_something_else_is_no_answer(self):
        shell = self.terminal()
        shell.line("delete the file README.md", until="Let it happen?")
        self.assertIn("hello reader", shell.line("show me the file README.md"))
        self.assertEqual([], self.home.output("brain.status")["answers"])
        shell.line("delete the file README.md", until="Let it happen?")
        shell.type("n\r", until="What was meant?")
        self.assertIn("hello reader", shell.line("show me the file README.md"))
        shell.line("fs.write ../outside.txt x", until="Run it?")
        shell.type("n\r", until="Why not?")
        self.assertIn("no reason", shell.line("fs.read README.md"))

    def test_an_undo_is_asked_about_once_with_what_it_touches(self):
        shell = self.terminal()
        shell.line("fs.write new.txt x")
        shown = shell.line("undo that", until="Let it happen?")
        self.assertRegex(shown, r"takes back fs.write of /\S+/new.txt")
        shell.line("")
        self.assertFalse((self.home.project / "new.txt").exists())
        self.assertIn("nothing matched", shell.line("fs.search *.nomatch | fs.read"))

    def test_many_changes_behind_a_bar_are_shown_first(self):
        files = [self.home.project / name for name in ("a.txt", "b.txt")]
        for file in files:
            file.write_text("x")
        shell = self.terminal()
        shown = shell.line("fs.search *.txt | fs.delete", until="Let them happen?")
        self.assertRegex(shown, r"-> fs.delete path=\S+/a.txt")
        self.assertIn("These are 2 calls of fs.delete", shown)
        shell.type("n\r", PROMPT)
        self.assertTrue(all(file.exists() for file in files))
        refused = self.home.run("shell", text_in="fs.search *.txt | fs.delete\n")
        self.assertEqual(6, refused.returncode)
        self.assertTrue(all(file.exists() for file in files))
        shell.line("fs.search *.txt | fs.delete --yes")
        self.assertFalse(any(file.exists() for file in files))

    def test_what_policy_asks_is_asked_in_place(self):
        shell = self.terminal()
        shell.line("fs.write ../outside.txt x", until="Run it?")
        shell.line("y")
        self.assertEqual("x", (self.home.home / "outside.txt").read_text())

    def test_keys_complete_search_and_interrupt(self):
        shell = self.terminal()
        self.assertIn("hello reader", shell.line("fs.rea\tREA\t"))
        shell.line("fs.list")
        shell.type("\x12fs.rea\r", "hello reader")
        shell.line("fs.list", until="README.md")
        shell.type("half a line\x03", PROMPT)
        before = time.monotonic()
        shell.type("!echo started; sleep 60\r", "\nstarted")
        shell.type("\x03", PROMPT)
        self.assertLess(time.monotonic() - before, 20)
        eventually(lambda: not self.home.output("process.list", own=True)["processes"], "the program has ended")
        self.assertIn("hello reader", shell.line("fs.read README.md"))

    def test_what_is_long_is_cut(self):
        for number in range(200):
            (self.home.project / f"file{number:03}").write_text("")
        shell = self.terminal()
        first = shell.line("fs.list")
        self.assertRegex(first, r"\d+ more lines: `more`")
        self.assertNotIn("file150", first)
        rest = shell.line("more") + shell.line("more")
        self.assertIn("file150", rest)
        shell.line("more")
        self.assertIn("nothing was cut", shell.line("more"))

    def test_the_history_is_private_and_holds_no_secrets(self):
        shell = self.terminal()
        shell.line("fs.read README.md")
        shell.line("fs.read token-abc")
        shell.line(" fs.stat README.md")
        self.assertEqual(0, shell.end())
        file = self.home.state / "shell_history"
        self.assertEqual("fs.read README.md\n", file.read_text())
        self.assertEqual(0o600, stat.S_IMODE(file.stat().st_mode))
        again = self.terminal()
        self.assertIn("hello reader", again.line("\x1b[A"))

    def test_a_dumb_terminal_will_do(self):
        shell = self.terminal(term="dumb")
        said = shell.line("fs.read README.md")
        self.assertIn("hello reader", said)
        self.assertNotIn("\x1b", shell.seen)
        self.assertEqual(0, shell.end())

    def test_lines_without_a_terminal_are_a_script(self):
        done = self.home.run(text_in="# lines\nfs.read README.md\nshow me the file README.md\n")
        self.assertEqual((0, 2), (done.returncode, done.stdout.count("hello reader")), done.stderr)
        done = self.home.run(text_in="fs.read gone\nfs.read README.md\nexit\nfs.read 'never\n")
        self.assertEqual(5, done.returncode)
        self.assertIn("hello reader", done.stdout)
        self.assertNotIn("quote", done.stderr)
        done = self.home.run("shell", text_in="write x to the file new.txt\n")
        self.assertEqual(6, done.returncode, done.stderr)
        self.assertFalse((self.home.project / "new.txt").exists())


if __name__ == "__main__":
    main()

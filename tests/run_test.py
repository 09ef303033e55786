#!/usr/bin/env python3
"""Tests of tests/run with a small program in place of lilux."""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
RUN = pathlib.Path(__file__).resolve().parent / "run"
LOADER = importlib.machinery.SourceFileLoader("run", str(RUN))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", LOADER))
LOADER.exec_module(run)

PROGRAM = r"""#!/bin/bash
case "$*" in
  "call kernel.tools --json") echo '{"ok": true, "call": "c00000000000a", "output": {"tools": [{"name": "a.b"}]}}' ;;
  "call a.b") echo "done in 12 ms at 2026-01-02T03:04:05Z by c0123456789ab in $PWD" ;;
  "call a.b --no") echo "denied" >&2; exit 6 ;;
  "call a.b --bad") printf "bad"; exit 2 ;;
  "show c0123456789ab") printf '\n$ looks like a command\n' ;;
  linger) (sleep 300 >/dev/null 2>&1 & echo $! >&3) 3>"$HOME/pid" ;;
esac
"""
FILE = r"""# What it is for.

== success: says so
$ lilux call a.b
done in <duration> at <time> by <call> in <project>
# The id is kept.
$ lilux show $call
\
\$ looks like a command

== refusal: may not
$ lilux call a.b --no
denied
[exit 6]

== bad-input: must not
$ lilux call a.b \
>   --bad
bad
[no newline]
[exit 2]
"""


class Golden(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = pathlib.Path(self.folder.name)
        self.lilux = root / "bin/lilux"
        self.lilux.parent.mkdir()
        self.lilux.write_text(PROGRAM)
        self.lilux.chmod(0o755)
        self.cases = root / "cases"
        self.file = self.cases / "a/b.test"
        self.file.parent.mkdir(parents=True)
        self.file.write_text(FILE)

    def run_it(self, *arguments):
        done = subprocess.run([sys.executable, "-B", RUN, "--lilux", self.lilux, "--cases", self.cases, *arguments],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_cases_that_hold_pass(self):
        self.assertEqual((0, "3 cases, 0 failed, 0 missing\n"), self.run_it())

    def test_any_other_output_fails_and_is_shown(self):
        self.file.write_text(FILE.replace("\ndenied", "\nallowed"))
        code, text = self.run_it()
        self.assertEqual(1, code)
        self.assertIn("-allowed", text)
        self.assertIn("+denied", text)
        self.assertIn("3 cases, 1 failed, 0 missing", text)

    def test_another_exit_code_fails(self):
        self.file.write_text(FILE.replace("[exit 6]", "[exit 5]"))
        self.assertEqual(1, self.run_it()[0])

    def test_accept_writes_back_exactly_what_passes(self):
        self.file.write_text(FILE.replace("denied\n[exit 6]", "x").replace("\\\n\\$ looks", "$ looks")
                             .replace("bad\n[no newline]\n[exit 2]\n", ""))
        self.file.write_text("\n".join(line for line in self.file.read_text().split("\n") if "$ looks" not in line))
        self.assertEqual(0, self.run_it("--accept")[0])
        self.assertEqual(FILE, self.file.read_text())

    def test_accepting_what_holds_changes_nothing(self):
        self.run_it("--accept")
        self.assertEqual(FILE, self.file.read_text())

    def test_a_row_without_one_of_its_three_cases_fails(self):
        for kind in ("success", "refusal", "bad-input"):
            self.file.write_text(FILE.replace(f"== {kind}:", "== other:"))
            code, text = self.run_it()
            self.assertEqual(1, code)
            self.assertIn(f"a.b has no {kind} case in tests/cases/a/b.test", text)

    def test_a_case_that_never_calls_its_row_does_not_count(self):
        self.file.write_text(FILE.replace("$ lilux call a.b --no\ndenied\n[exit 6]", "$ false\n[exit 1]"))
        self.assertIn("a.b has no refusal case", self.run_it()[1])

    def test_a_file_of_no_row_is_found(self):
        (self.cases / "a/gone.test").write_text("== other: x\n$ true\n")
        self.assertIn("a/gone.test names no row", self.run_it()[1])

    def test_a_filter_runs_only_those_and_leaves_the_table_alone(self):
        (self.cases / "z").mkdir()
        (self.cases / "z/y.test").write_text("== other: x\n$ true\n")
        for name in ("z", "z/y", "z.y", "tests/cases/z/y.test"):
            self.assertEqual((0, "1 cases, 0 failed, 0 missing\n"), self.run_it(name))
        self.assertEqual(1, self.run_it("nothing")[0])

    def test_what_a_case_leaves_running_is_ended(self):
        self.file.write_text("== other: x\n$ lilux linger; cp $HOME/pid " + self.folder.name + "/pid\n")
        self.run_it("a")
        pid = (pathlib.Path(self.folder.name) / "pid").read_text().strip()
        state = pathlib.Path("/proc", pid, "stat")
        self.assertTrue(not state.exists() or ") Z " in state.read_text())

    def test_commands_of_a_case_share_a_shell_and_cases_share_nothing(self):
        self.file.write_text("== other: x\n$ mkdir d; cd d; x=1\n$ pwd; echo $x\n<project>/d\n1\n"
                             "== other: y\n$ ls; echo $x\n\\\n")
        self.assertEqual((0, "2 cases, 0 failed, 0 missing\n"), self.run_it("a"))

    def test_a_replacement_of_the_file_is_applied(self):
        self.file.write_text("~ size \\d+ => size <size>\n== other: x\n$ echo size 42\nsize <size>\n")
        self.assertEqual(0, self.run_it("a")[0])

    def test_a_malformed_file_is_an_error(self):
        for text in ("== nonsense: x\n", "== success\n", "words\n", "== other: x\noutput\n", "~ x\n"):
            self.file.write_text(text)
            self.assertEqual(1, self.run_it("a")[0], text)

    def test_words_are_no_ids(self):
        self.assertEqual([], run.ids_in("the configuration of communication", "c"))
        self.assertEqual(["cabcdefghjkmn"], run.ids_in('{"call": "cabcdefghjkmn"}', "c"))


if __name__ == "__main__":
    unittest.main()

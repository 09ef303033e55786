#!/usr/bin/env python3
"""The sandbox as an ordinary user has it, when root runs the tests: root may do much that the rest of the tests would not miss.

A user that has no name on this machine gets copies of the programs and a home, since the build may lie where nobody else
can look, and makes the same tests: those of the module, the ways out of this machine, and some with the real program.

    user_test.py LILUX SANDBOX_TEST IN_HOST SANDBOXED
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

USER = 64123
TESTS = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = [pathlib.Path(word).resolve() for word in sys.argv[1:]]
PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")


@unittest.skipIf(os.getuid() != 0, "all tests are an ordinary user's here")
class User(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="lilux-user-", dir="/var/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        cls.root.chmod(0o755)
        cls.programs = {}
        for program in PROGRAMS:
            cls.programs[program.name] = cls.root / program.name
            shutil.copy(program, cls.programs[program.name])
        for folder in ("sandbox", "system"):
            shutil.copytree(TESTS / folder, cls.root / "tests" / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for folder in ("home", "home/project", "tmp"):
            (cls.root / folder).mkdir()
            os.chown(cls.root / folder, USER, USER)

    def run_as_user(self, *words):
        environment = {"HOME": str(self.root / "home"), "TMPDIR": str(self.root / "tmp"), "PATH": "/usr/local/bin:/usr/bin:/bin",
                       "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "LILUX": str(self.programs["lilux"]),
                       "IN_HOST": str(self.programs["in_host"])}
        environment.update((name, value) for name, value in os.environ.items() if name.endswith("SAN_OPTIONS") or name == "LILUX_LIMITS_MEMORY")
        done = subprocess.run(list(map(str, words)), cwd=self.root / "home/project", env=environment, user=USER, group=USER,
                              extra_groups=[], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout

    def test_the_module(self):
        self.run_as_user(self.programs["sandbox_test"])

    def test_nobody_gets_out(self):
        said = self.run_as_user(PYTHON, "-B", self.root / "tests/sandbox/escape_test.py", self.programs["in_host"],
                                self.programs["sandboxed"], "--here")
        self.assertIn(" 0 got out", said)

    def test_the_doctor_finds_it_as_good_as_for_root(self):
        def tier(said):
            return said.partition("tier ")[2][:2]
        as_root = subprocess.run([self.programs["lilux"], "doctor", "sandbox"], cwd="/", capture_output=True, text=True,
                                 env={"HOME": str(self.root), "PATH": "/usr/bin:/bin"}).stdout
        said = self.run_as_user(self.programs["lilux"], "doctor", "sandbox")
        self.assertTrue(said.endswith("healthy\n"), said)
        self.assertEqual((tier(as_root), 30), (tier(said), said.count(": stopped")), said)

    def test_on_machines_of_several_kinds(self):
        self.run_as_user(PYTHON, self.root / "tests/sandbox/machines_test.py", *(f"Machines.test_{name}" for name in (
            "what_it_leaves_behind_ends_with_it", "processes_are_counted", "programs_that_set_modes_and_times_do_so")))

    def test_real_programs(self):
        self.run_as_user(PYTHON, self.root / "tests/system/programs_test.py", *(f"Files.test_{name}" for name in (
            "files_get_their_content_modes_and_links", "what_is_there_is_changed_moved_and_removed",
            "folders_that_are_there_are_renamed_by_a_system_call")))
        self.run_as_user(PYTHON, self.root / "tests/system/warm_test.py", *(f"Warm.test_{name}" for name in (
            "the_second_is_warm_and_has_the_tier_of_a_cold_one", "what_it_writes_becomes_real_and_is_undone")))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

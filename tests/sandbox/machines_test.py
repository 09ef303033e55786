#!/usr/bin/env python3
"""shell.run with the real program on machines of several kinds: where there are overlays, where it works on a copy of the
project, and where it is refused. What a command does is real exactly when it is committed, and can be taken back.

IN_HOST names the program that makes this machine look like another.
"""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from support import LILUX, ROOT, Daemon, SystemTest, eventually, main  # noqa: E402

IN_HOST = pathlib.Path(os.environ.get("IN_HOST", ROOT / "build/release/tests/sandbox/in_host")).resolve()
RESTRICTED = ("no-namespaces", "landlock-2")
ATTENDED = ("no-namespaces", "bare-namespaces")
BUBBLEWRAP = ("bubblewrap",) if os.path.exists("/usr/bin/bwrap") else ()
COPYING = (*RESTRICTED, "no-overlays", *BUBBLEWRAP)
WORKING = ("here", "debian-12", *COPYING)
TIERS = {**dict.fromkeys(RESTRICTED, "T1"), **dict.fromkeys(BUBBLEWRAP, "T3")}


def on(*hosts):
    """A test is made on each of these machines, in a home of its own; it is given the daemon."""
    def repeat(test):
        def made(self):
            for host in hosts:
                with self.subTest(host):
                    self.home.close()
                    self.setUp()
                    self.fill()
                    test(self, host, self.boot(host))
        return made
    return repeat


class Machines(SystemTest):
    folder = "/var/tmp"  # /tmp is one of the places that must not be reached

    def boot(self, host):
        """A daemon on such a machine, and a project that is trusted."""
        command = [IN_HOST, host, LILUX, "up", "--foreground", "--port", "0"]
        daemon = Daemon(self.home, subprocess.Popen(command, cwd=self.home.project, env=self.home.environment, text=True,
                                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                    stderr=subprocess.PIPE))
        self.home.daemons.append(daemon)
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        return daemon

    def shut_down(self, daemon):
        self.assertEqual(0, self.home.run("down").returncode)
        daemon.process.communicate()

    def fill(self):
        project = self.home.project
        (project / "file").write_text("a\n")
        (project / "folder/deep").mkdir(parents=True)
        (project / "folder/deep/er").write_text("b\n")
        (project / "script").write_text("#!/bin/sh\necho made > made\necho $0\n")
        (project / "script").chmod(0o755)
        (project / "link").symlink_to("file")
        os.mkfifo(project / "fifo")

    def state(self):
        """All of the project: types, modes, contents and times."""
        def of(path):
            found = path.lstat()
            content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
            return found.st_mode, content, None if path.is_dir() else found.st_mtime_ns
        return {str(path.relative_to(self.home.project)): of(path) for path in self.home.project.rglob("*")}

    def contents(self):
        return {path: of[:2] for path, of in self.state().items()}

    def runs(self):
        return sorted(os.listdir(self.home.state / "runs"))

    def working(self):
        """Ids of the processes that are in a folder of a run."""
        def folder(entry):
            try:
                return os.readlink(f"/proc/{entry}/cwd")
            except OSError:
                return ""
        return [entry for entry in os.listdir("/proc") if entry.isdigit() and str(self.home.state) in folder(entry)]

    def shell(self, command, **arguments):
        return self.home.output("shell.run", command=command, **arguments)

    @on(*WORKING)
    def test_a_command_changes_what_is_committed_and_undo_takes_it_back(self, host, daemon):
        before = self.state()
        said = self.shell("set -e; echo c >> file; rm -r folder; mkdir -m 750 new; echo d > new/one; ln -s ../file new/link; "
                          "rm link; mkdir link; mv script moved; cat file; test ! -e folder", preview=True)
        self.assertEqual((0, "a\nc\n"), (said["exit_code"], said["stdout"]), said)
        self.assertEqual(TIERS.get(host, "T2"), said["tier"])
        self.assertEqual(["modify file", "remove folder", "remove link", "create link", "create moved", "create new",
                          "create new/link", "create new/one", "remove script"],
                         [f"{change['change']} {change['path']}" for change in said["changes"]])
        self.assertIn("+c\n", said["diff"])
        self.assertEqual(before, self.state())
        run, = self.runs()
        self.home.output("shell.commit", run=run)
        project = self.home.project
        self.assertEqual("a\nc\n", (project / "file").read_text())
        self.assertEqual((0o750, "d\n"), ((project / "new").stat().st_mode & 0o777, (project / "new/one").read_text()))
        self.assertEqual("../file", os.readlink(project / "new/link"))
        self.assertTrue((project / "link").is_dir())
        self.assertEqual((0o755, before["script"][1]), ((project / "moved").stat().st_mode & 0o777,
                                                        (project / "moved").read_bytes()))
        self.assertEqual({"file", "new", "link", "moved", "fifo"}, set(os.listdir(project)))
        self.assertEqual([], self.runs())
        self.home.run("undo", self.home.output("ledger.query", limit=1, tool="shell.commit")["calls"][0]["call"])
        self.assertEqual({path: of[:2] for path, of in before.items()}, self.contents())

    @on(*WORKING)
    def test_without_a_preview_it_is_real_at_once_and_nothing_stays(self, host, daemon):
        said = self.shell("./script && echo e > folder/deep/er")
        self.assertTrue(said["committed"], said)
        self.assertEqual("made\n", (self.home.project / "made").read_text())
        self.assertEqual("e\n", (self.home.project / "folder/deep/er").read_text())
        self.assertEqual([], self.shell("cat file > /dev/null; touch x; rm x")["changes"])
        self.assertEqual([], self.runs())

    @on(*WORKING)
    def test_words_without_a_shell_run_in_a_folder_of_the_project(self, host, daemon):
        arguments = json.dumps({"argv": ["../script"], "cwd": "folder"})
        said = json.loads(self.home.run("call", "shell.run", "--json", "--args", arguments).stdout)["output"]
        self.assertEqual((0, ["folder/made"]), (said["exit_code"], [change["path"] for change in said["changes"]]))

    @on(*RESTRICTED)
    def test_nothing_else_can_be_written_and_scratch_is_forgotten(self, host, daemon):
        places = [self.home.home / "x", self.home.project / "x", self.home.state / "runs/x", "/tmp/lilux-x",
                  "/var/tmp/lilux-x", "/dev/shm/lilux-x", "$TMPDIR/../copied", "$TMPDIR/../settled", "$TMPDIR/../x"]
        tries = "; ".join(f'echo x 2>/dev/null > "{place}" && echo "{place}"' for place in places)
        said = self.shell(f"{tries}; cat {self.home.project}/file; ls /tmp $TMPDIR/.. && echo listed; cat $TMPDIR/../copied; "
                          f"echo y > {self.home.project}/file; test $HOME = $TMPDIR/home && echo z > $TMPDIR/home/z && cat $HOME/z; "
                          "mktemp > /dev/null && cat <<< here", preview=True)
        self.assertEqual(("a\nz\nhere\n", []), (said["stdout"], said["changes"]), said["stderr"])
        self.assertEqual([], self.runs())
        for place in places:
            self.assertFalse(os.path.exists(place), place)

    @on(*RESTRICTED)
    def test_what_it_leaves_behind_ends_with_it(self, host, daemon):
        said = self.shell("(trap '' HUP TERM; sleep 1; echo late > file; sleep 60) > /dev/null 2>&1 & "
                          "bash -mc '(sleep 1; echo late > file; sleep 60) &' > /dev/null 2>&1; "
                          "python3 -c 'import ctypes, os, time; ctypes.CDLL(None).prctl(4, 0); os.fork() and os._exit(0); time.sleep(60)'"
                          " > /dev/null 2>&1; echo now > file")  # the last looks as if it were root's
        self.assertTrue(said["committed"], said)
        self.assertEqual(([], "now\n"), (self.working(), (self.home.project / "file").read_text()))

    @on(*RESTRICTED)
    def test_what_starts_another_and_ends_again_and_again_ends_too(self, host, daemon):
        said = self.shell("""python3 -c '
import os, signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except OSError: pass
if os.fork() == 0:
    os.setsid()
    while os.fork() == 0: pass
    os._exit(0)
' > /dev/null 2>&1; echo now > file""")
        self.assertTrue(said["committed"], said)
        eventually(lambda: not any(self.working() for _ in range(100)), "nothing of it is left")

    @on(*ATTENDED)
    def test_programs_that_set_modes_and_times_do_so(self, host, daemon):
        project = self.home.project
        (project / "a.c").write_text("int main(void) { return 7; }\n")
        (project / "Makefile").write_text("all: made\nmade: a.c\n\tcc -o made a.c\n")
        said = self.shell("""set -e
            make -s; ./made || echo $?; make -q && echo nothing to do
            tar -cf packed.tar script; mkdir out; touch -d 2001-01-01 script; tar -xpf packed.tar -C out; out/script > /dev/null
            cp -a script copied; install -m 750 -d deep; chmod -R go-rwx folder; python3 -c 'import shutil; shutil.copytree("out", "again")'
            git init -q -b main /tmp/r && cd "$TMPDIR" && git init -q r && cd r && cp ../../upper/script . && git add . &&
            git -c user.name=A -c user.email=a@b.c commit -q -m first && git ls-tree HEAD | cut -c1-6; git status --short
            """.replace("git init -q -b main /tmp/r && ", ""))
        self.assertEqual(("T1", "7\nnothing to do\n100755\n", True), (said["tier"], said["stdout"], said["committed"]), said)
        modes = {name: (project / name).stat().st_mode & 0o777 for name in
                 ("made", "out/script", "again/script", "copied", "deep", "folder", "folder/deep/er")}
        self.assertEqual({"made": 0o755, "out/script": 0o755, "again/script": 0o755, "copied": 0o755, "deep": 0o750,
                          "folder": 0o700, "folder/deep/er": 0o600}, modes)
        self.assertEqual((978307200, 978307200), ((project / "script").stat().st_mtime, (project / "copied").stat().st_mtime))
        said = self.shell("chmod 600 $OLD/file; chmod 4755 script; chmod 777 /proc/$$/fd/1; touch -d 2001-01-01 ..; echo done",
                          env={"OLD": str(project)})
        self.assertEqual(("done\n", []), (said["stdout"], said["changes"]))
        self.assertEqual(4, said["stderr"].count("Operation not permitted"), said["stderr"])

    @on(*WORKING)
    def test_what_may_not_be_read_is_not_there_and_stays_as_it_is(self, host, daemon):
        project, data = self.home.project, self.home.home / "data"
        (project / "keys/deep").mkdir(parents=True)
        data.mkdir()
        for secret in (project / ".env", project / "keys/deep/one", data / "no"):
            secret.write_text("secret\n")
        (data / "yes").write_text("shown\n")
        for rule, (effect, capability) in enumerate((("deny", f"read fs {project}/**/.env"),
                                                     ("deny", f"read fs {project}/keys/**"),
                                                     ("allow", f"read fs {data}/**"), ("deny", f"read fs {data}/no"),
                                                     ("deny", "read fs /usr/share/common-licenses/**"))):
            self.home.output("policy.add", id=f"rule-{rule}", effect=effect, capability=capability)
        before = self.contents()
        said = self.shell(f"cat .env keys/deep/one {project}/.env {project}/keys/deep/one {data}/no /usr/share/common-licenses/GPL; "
                          f"cat {data}/yes file; head -c 1 /usr/share/perl5/*.pm > /dev/null; echo x > made")
        self.assertEqual(("shown\na\n", ["made"], True),
                         (said["stdout"], [change["path"] for change in said["changes"]], said["committed"]), said)
        self.assertEqual(6, len(said["stderr"].splitlines()), said["stderr"])
        (project / "made").unlink()
        said = self.shell("chmod -R u+rwX .env keys; echo y > .env; rm -rf keys; : > keys/new; echo z > made")
        self.assertNotIn("secret", json.dumps(said))
        self.assertIn(said["committed"], (False,) if host in RESTRICTED else (True,), said)
        if host in RESTRICTED:
            self.assertIn("which it may not read", said["next"])
        else:
            (project / "made").unlink()
        self.assertEqual(before, self.contents())

    @on("here", "no-namespaces")  # where in_host becomes the daemon
    def test_with_a_kernel_that_is_killed_all_ends_and_half_of_it_is_not_made_real(self, host, daemon):
        runs = self.home.state / "runs"
        self.home.start("call", "shell.run", "--command",
                        "setsid bash -c 'while :; do date >> half; sleep 0.1; done' & sleep 77")
        eventually(lambda: list(runs.glob("*/**/half")), "it writes")
        self.assertRegex(self.home.run("logs").stdout, "shell.run.*open")  # while it runs
        daemon.kill()
        eventually(lambda: not self.working(), "all has ended")
        self.boot(host)
        run, = (entry.name for entry in runs.iterdir())
        why = self.home.run("why", run).stdout
        self.assertRegex(why, rf"tier +{TIERS.get(host, 'T2')}\b")
        self.assertIn("the kernel was stopped during this call", why)
        self.assertIn("went away before anybody looked", self.home.run("call", "shell.commit", "--run", run).stderr)
        self.assertEqual((False, []), ((self.home.project / "half").exists(), list(runs.iterdir())))

    @on(*COPYING)
    def test_a_run_is_committed_after_a_restart(self, host, daemon):
        self.shell("echo c >> file; rm -r folder", preview=True)
        self.shut_down(daemon)
        self.boot(host)
        (self.home.project / "script").write_text("not touched by the command")
        run, = self.runs()
        self.home.output("shell.commit", run=run)
        self.assertEqual("a\nc\n", (self.home.project / "file").read_text())
        self.assertFalse((self.home.project / "folder").exists())
        self.assertEqual("not touched by the command", (self.home.project / "script").read_text())

    @on(*COPYING)
    def test_what_somebody_else_changed_is_not_overwritten(self, host, daemon):
        gate = self.home.project / "gate"
        gate.write_text("")
        running = self.home.start("call", "shell.run", "--json", "--args", json.dumps(
            {"command": "echo b > file; echo b > gate; sleep 3", "timeout": 20}))
        eventually(lambda: any((self.home.state / "runs").glob("*/upper/gate"))
                   and next((self.home.state / "runs").glob("*/upper/gate")).read_text(), "the command runs")
        (self.home.project / "file").write_text("mine\n")
        output = json.loads(running.communicate()[0])["output"]
        self.assertFalse(output["committed"])
        self.assertIn("file' has changed while the command ran", output["next"])
        self.assertEqual(("mine\n", ""), ((self.home.project / "file").read_text(), gate.read_text()))
        self.assertEqual([], self.runs())

    @on(*COPYING)
    def test_a_project_that_is_too_large_is_refused_by_the_name_of_the_limit(self, host, daemon):
        (self.home.project / "data").mkdir()
        with (self.home.project / "data/large").open("w") as large:
            large.truncate(2 << 30)
        self.refused(self.home.call("shell.run", command="true"), "over_budget", "is too large to be copied",
                     "it has 2048 MiB, most of it in 'data', and the limit is 1024 MiB", "no overlays")
        self.assertEqual([], self.runs())

    @on("no-namespaces", *BUBBLEWRAP)
    def test_processes_are_counted(self, host, daemon):
        said = self.shell("for i in {1..1100}; do sleep 60 & done; wait", timeout=60)
        self.assertIn("more than 1000 processes", said.get("reason", ""), said)
        self.assertEqual([], self.working())

    @on("no-namespaces")
    def test_what_it_may_write_is_limited(self, host, daemon):
        for place in ("large", "$TMPDIR/large"):
            self.refused(self.home.call("shell.run", command=f"truncate -s 5G {place}; sleep 60"), "over_budget",
                         "wrote more than 4096 MiB")
        self.assertEqual([], self.runs())

    @on(*COPYING)
    def test_special_files_are_left_out(self, host, daemon):
        done = self.home.output("shell.run", command="echo said; mkfifo new")
        self.assertEqual(("said\n", False), (done["stdout"], done["committed"]))
        self.assertIn("'new' is a fifo, so it is not made real", done["notes"][0])
        self.assertEqual([], self.runs())

    @on(*RESTRICTED)
    def test_without_a_project_there_is_a_scratch_folder(self, host, daemon):
        status, done = daemon.call("shell.run", {"command": "echo x > y; cat y; test $PWD/home = $HOME"})
        self.assertEqual((200, 0, "x\n"), (status, done["output"]["exit_code"], done["output"]["stdout"]), done)
        self.assertEqual([], self.runs())

    @on("neither")
    def test_where_nothing_can_be_kept_in_it_is_refused(self, host, daemon):
        before = self.state()
        self.refused(self.home.call("shell.run", command="echo b > file"), "unavailable",
                     "cannot keep a program in", "no namespaces", "no Landlock", "lilux doctor sandbox")
        self.assertEqual((before, []), (self.state(), self.runs()))


if __name__ == "__main__":
    main()

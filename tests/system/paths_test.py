#!/usr/bin/env python3
"""Paths: a task that holds its project alone reads and changes nothing outside of it, however the path is dressed up."""

import json
import os
import shutil
import socket
import threading
import time
import unittest

from support import SystemTest, UnixConnection, eventually, main

INSIDE, SECRET, NAME = "inside", "SECRET-CONTENT", "SECRET-NAME"

# Paths that lead out of the project, or look as if; {out} is the folder outside.
HOSTILE = [
    "../outside", "../outside/file", "{out}", "{out}/file", "/{out}/file", "//{out}//file", "{out}/../outside/file",
    "sub/../../outside/file", "./sub/./.././../outside/file", "~/outside/file", "to_folder", "to_folder/", "to_folder/file",
    "to_folder/deep/file", "to_folder/.", "to_folder/..", "to_folder/../outside/file", "to_folder/new", "to_file", "to_file/",
    "chain", "chain/file", "absolute/file", "sub/up/outside/file", "sub/up/outside/new/newer", "loop", "loop/file", "dangling",
    "dangling/new", "/proc/self/root{out}/file", "/proc/self/cwd/../outside/file", "/proc/self/fd/0", "/dev/fd/0",
    "/dev/stdin", "/dev/null", "..", "../..", "/", "", ".", "sub/..", "file/../../outside/file", "file/.", "file/",
    "a\0b", "to_folder/file\0", "\0", "../outside\0/file", "x" * 256, "x/" * 3000, "../" * 2000 + "etc/passwd",
    "y" * 100_000, "\n", "\x1b[31m", "..\n/outside/file", "﹒﹒/outside/file", "..%2foutside/file", "..\\outside\\file",
    "$HOME/outside/file", "`echo ..`/outside/file", "*", "{{a,..}}/outside/file",
]

# Every row of fs that takes a path, and how it is called with one.
TOOLS = {
    "fs.read": lambda path: {"path": path},
    "fs.list": lambda path: {"path": path},
    "fs.stat": lambda path: {"path": path},
    "fs.search": lambda path: {"directory": path, "pattern": "*"},
    "fs.grep": lambda path: {"path": path, "pattern": "."},
    "fs.disk_usage": lambda path: {"path": path},
    "fs.write": lambda path: {"path": path, "content": "x"},
    "fs.write append": lambda path: {"path": path, "content": "x", "append": True, "create_dirs": True},
    "fs.edit": lambda path: {"path": path, "old_text": SECRET, "new_text": "x"},
    "fs.delete": lambda path: {"path": path},
    "fs.delete recursive": lambda path: {"path": path, "recursive": True},
    "fs.move": lambda path: {"source": path, "destination": "moved"},
    "fs.move to": lambda path: {"source": "file", "destination": path, "overwrite": True},
    "fs.copy": lambda path: {"source": path, "destination": "copied"},
    "fs.copy to": lambda path: {"source": "sub", "destination": path, "overwrite": True},
    "fs.chmod": lambda path: {"path": path, "mode": "0777"},
    "fs.chown": lambda path: {"path": path, "gid": os.getgid()},
    "fs.mkdir": lambda path: {"path": path, "recursive": True},
    "fs.symlink": lambda path: {"target": "file", "link": path},
    "fs.symlink to": lambda path: {"target": path, "link": "linked"},
}


def fingerprint(folder):
    """Everything a change of a tree would change."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            path = os.path.join(place, name)
            stat = os.lstat(path)
            content = open(path, "rb").read() if os.path.isfile(path) and not os.path.islink(path) else b""
            found[path] = (stat.st_mode, stat.st_uid, stat.st_gid, stat.st_mtime_ns, stat.st_ino, stat.st_nlink, content)
    return found


class Strangers(SystemTest):
    """Another user's folders and sockets, which only root can make."""

    NOBODY = 65534

    def serve_as_nobody(self, folder):
        """A server on the socket that another user has in this runtime folder; what it hears."""
        (folder / "lilux").mkdir(mode=0o755)
        path, heard = folder / "lilux/kernel.sock", []
        # Who listens is who called listen(), so that has to be another process.
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o777)
        os.chown(folder / "lilux", self.NOBODY, self.NOBODY)
        child = os.fork()
        if child == 0:
            os.setuid(self.NOBODY)
            listener.listen(20)
            os._exit(0)
        os.waitpid(child, 0)

        def serve():
            body = json.dumps({"ok": True, "role": "daemon", "call": "c", "output": {"bytes_written": 1}}).encode()
            while True:
                try:
                    connection, _ = listener.accept()
                    with connection:
                        heard.append(connection.recv(65536))
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(listener.shutdown, socket.SHUT_RDWR)
        return heard

    @unittest.skipIf(os.geteuid() != 0, "only root can make what is another user's")
    def test_another_users_socket_hears_nothing(self):
        theirs, ours = self.home.root / "theirs", self.home.root / "ours"
        theirs.mkdir()
        ours.mkdir(mode=0o700)
        heard = [self.serve_as_nobody(theirs)]
        os.chown(theirs, self.NOBODY, self.NOBODY)
        self.assertTrue(self.home.call("fs.write", path="a", content="SECRET", environment={"XDG_RUNTIME_DIR": str(theirs)})["ok"])
        self.assertEqual("SECRET", (self.home.project / "a").read_text())
        heard.append(self.serve_as_nobody(ours))
        done = self.home.run("call", "fs.write", "--path", "b", "--content", "SECRET", environment={"XDG_RUNTIME_DIR": str(ours)})
        self.assertNotEqual(0, done.returncode)
        self.assertIn("belongs to user 65534", done.stderr)
        self.assertFalse((self.home.project / "b").exists())
        self.assertNotIn(b"SECRET", b"".join(sum(heard, [])))


    @unittest.skipIf(os.geteuid() != 0, "only root can make what is another user's")
    def test_a_project_is_no_wider_than_what_is_ours_alone(self):
        def ask(folder, path):
            return self.home.call("fs.write", path=path, content="x", cwd=folder)

        work = self.home.root / "work/sub/deep"
        work.mkdir(parents=True)
        (work.parent / ".git").mkdir()
        (work.parents[1] / ".git").mkdir()
        os.chown(work.parents[1] / ".git", self.NOBODY, self.NOBODY)
        self.assertTrue(ask(work, "../mine")["ok"])
        self.refused(ask(work, "../../wider"), "approval_required")
        work.parent.chmod(0o777)
        self.refused(ask(work, "../mine"), "approval_required")
        self.assertTrue(ask(work, "mine")["ok"])
        self.refused(ask(work.parent, "mine"), "approval_required")
        work.parent.chmod(0o755)
        os.chown(work.parent, self.NOBODY, self.NOBODY)
        self.refused(ask(work, "../mine"), "approval_required")


class Links(SystemTest):
    def test_a_home_of_symlinks_is_guarded_like_any_other(self):
        home, dot = self.home.home, self.home.home / "dot"
        for folder in ("config", "ssh", "state", "git"):
            (dot / folder).mkdir(parents=True)
        (home / ".local").mkdir()
        for link, target in ((".config", "dot/config"), (".ssh", "dot/ssh"), (".local/state", "../dot/state")):
            (home / link).symlink_to(target)
        (dot / ".git").mkdir()
        tries = ["~/.config/lilux/policy.toml", "config/lilux/policy.toml", "~/.config/lilux", "~/.ssh/authorized_keys", "ssh/id",
                 "~/.local/state/lilux/token", "state/lilux/token"]

        def refuse(path):
            envelope = self.home.call("fs.write", path=path, content="x", cwd=dot, environment={"LILUX_TASK": "terminal"})
            self.assertTrue(self.refused(envelope, "denied")["rule"].startswith("builtin:"), envelope)

        for path in tries:
            refuse(path)
        self.home.output("policy.add", id="mine", effect="deny", capability="* fs ~/later/**")
        self.assertEqual("full", self.home.output("policy.autonomy", level="full")["level"])
        self.home.output("policy.autonomy", level="supervised")
        self.home.up()
        for path in tries:
            refuse(path)
        # A link that comes while the rules are in use.
        self.assertTrue(self.home.call("fs.write", path="git/a", content="x", cwd=dot)["ok"])
        (home / "later").symlink_to("dot/git")
        eventually(lambda: not self.home.call("fs.write", path="git/a", content="x", cwd=dot)["ok"], "the link is seen")


    def test_a_policy_that_leads_nowhere_is_not_an_empty_one(self):
        self.home.output("policy.add", id="no", effect="deny", capability="write fs {project}/**")
        policy = self.home.config / "policy.toml"
        policy.rename(self.home.home / "rules.toml")
        policy.symlink_to("../../rules.toml")
        self.refused(self.home.call("fs.write", path="a", content="x"), "denied")
        self.home.up()
        self.refused(self.home.call("fs.write", path="a", content="x"), "denied")
        (self.home.home / "rules.toml").unlink()
        for _ in range(2):
            time.sleep(0.06)  # the file is looked at again after 50 ms
            self.refused(self.home.call("fs.write", path="a", content="x"), "unavailable", "the policy file cannot be used",
                         "leads nowhere")
        policy.unlink()
        eventually(lambda: self.home.call("fs.write", path="a", content="x")["ok"], "no file is no rules")


class Paths(SystemTest):
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # a thousand calls and nothing about disks

    def setUp(self):
        super().setUp()
        self.home.up()
        self.outside = self.home.home / "outside"
        (self.outside / "deep").mkdir(parents=True)
        for path in ("file", "deep/file", NAME):
            (self.outside / path).write_text(SECRET)
        self.before = fingerprint(self.outside)
        self.fill()
        # Policy lets everything through, so that what the task holds is all that confines it.
        for verb in ("read", "write"):
            self.home.output("policy.add", id=f"all-{verb}", effect="allow", capability=f"{verb} fs /**")
        self.task = self.home.output("task.spawn", tool="event.wait", arguments={"since": 0, "event": "no.such"}, capabilities=[
            f"read fs {self.home.project}/**", f"write fs {self.home.project}/**", "read kernel event"])["task"]
        self.connection = UnixConnection(self.home.socket)
        self.addCleanup(self.connection.close)

    def fill(self):
        project = self.home.project
        project.mkdir(exist_ok=True)  # it is the task's own, to remove too
        for entry in os.scandir(project):
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)
        (project / "sub").mkdir()
        (project / "sub/own").write_text(INSIDE)
        (project / "file").write_text(INSIDE)
        for link, target in (("to_folder", "../outside"), ("to_file", "../outside/file"), ("chain", "to_folder"),
                             ("absolute", self.outside), ("sub/up", "../.."), ("sub/out", "../../outside"), ("loop", "loop"),
                             ("dangling", "../outside/nothing")):
            (project / link).symlink_to(target)

    def call(self, tool, arguments):
        """The answer to a call of the confined task, as text."""
        caller = json.dumps({"cwd": str(self.home.project), "umask": 0o22}).replace('"', "%22").replace(" ", "%20")
        self.connection.request("POST", "/api/call/" + tool, json.dumps(arguments), {
            "Lilux-Task": self.task, "Lilux-Caller": caller})
        return self.connection.getresponse().read().decode()

    def check(self, answer, what):
        self.assertNotIn(SECRET, answer, what)
        self.assertNotIn(NAME, answer, what)
        self.assertEqual(self.before, fingerprint(self.outside), what)
        for place, folders, files in os.walk(self.home.project):
            self.assertFalse({NAME, "deep"} & {*folders, *files}, what)
            for path in (os.path.join(place, name) for name in files):
                self.assertTrue(os.path.islink(path) or SECRET not in open(path).read(), (what, path))

    def test_the_task_does_work_inside(self):
        for tool, arguments in (("fs.read", {"path": "file"}), ("fs.write", {"path": "sub/../new", "content": "x"}),
                                ("fs.list", {"path": "sub/.."}), ("fs.stat", {"path": "to_file"}),
                                ("fs.delete", {"path": "to_folder"}), ("fs.move", {"source": "to_file", "destination": "sub"}),
                                ("fs.copy", {"source": "sub", "destination": "copy"})):
            self.assertTrue(json.loads(self.call(tool, arguments))["ok"], tool)
        self.assertTrue((self.home.project / "copy/out").is_symlink())
        self.check("", "work inside")

    def test_no_path_leads_any_tool_out(self):
        for tool, arguments_of in TOOLS.items():
            self.fill()
            for path in HOSTILE:
                path = path.format(out=self.outside)
                answer = self.call(tool.split()[0], arguments_of(path))
                envelope = json.loads(answer)
                if not envelope["ok"]:
                    error = envelope["error"]
                    self.assertIn(error["code"], ("denied", "invalid_argument", "not_found", "conflict", "unavailable"),
                                  (tool, path[:80], error))
                    self.assertTrue(error["hint"], (tool, path[:80], error))
                self.assertNotIn(SECRET, answer, (tool, path[:80]))
                self.assertNotIn(NAME, answer, (tool, path[:80]))
                if envelope["ok"]:
                    self.check(answer, (tool, path[:80]))
                    self.fill()
            self.check("", tool)

    def test_what_was_done_inside_is_undone_inside(self):
        for tool, arguments in (("fs.delete", {"path": "sub", "recursive": True}), ("fs.delete", {"path": "to_folder"}),
                                ("fs.move", {"source": "sub", "destination": "elsewhere"}),
                                ("fs.copy", {"source": "sub", "destination": "copied"})):
            self.fill()
            envelope = json.loads(self.call(tool, arguments))
            self.assertTrue(envelope["ok"], (tool, envelope))
            self.assertEqual(0, self.home.run("undo", envelope["call"]).returncode, tool)
            self.check("", tool)
            self.assertTrue((self.home.project / "sub/out").is_symlink())
        # A folder that became a link meanwhile does not lead the undo out.
        self.fill()
        envelope = json.loads(self.call("fs.write", {"path": "sub/own", "content": "x"}))
        shutil.rmtree(self.home.project / "sub")
        (self.home.project / "sub").symlink_to("../outside")
        self.assertNotEqual(0, self.home.run("undo", envelope["call"]).returncode)
        self.check("", "undo through a link")

    def test_a_folder_swapped_for_a_link_while_calls_run_leads_nowhere(self):
        project, stop = self.home.project, threading.Event()
        parked, link, name = project / "parked", project / "link", project / "swap"

        def swap():
            while not stop.is_set():
                try:
                    os.rename(name, parked)
                    os.rename(link, name)
                    os.rename(name, link)
                    os.rename(parked, name)
                except OSError:
                    pass  # a call got in between: the folder is made anew by the test

        def renew():
            for path in (name, parked, link):
                if path.is_symlink() or path.is_file():
                    path.unlink()
                elif path.exists():
                    shutil.rmtree(path)
            name.mkdir()
            (name / "file").write_text(INSIDE)
            (name / "deep").mkdir()
            (name / "deep/file").write_text(INSIDE)
            link.symlink_to("../outside")

        before = {path: seen for path, seen in fingerprint(self.outside).items()}
        for tool, arguments_of in TOOLS.items():
            renew()
            stop.clear()
            swapper = threading.Thread(target=swap)
            swapper.start()
            try:
                for _ in range(6):
                    for path in ("swap/file", "swap/deep/file", "swap"):
                        answer = self.call(tool.split()[0], arguments_of(path))
                        self.assertNotIn(SECRET, answer, (tool, path))
                        self.assertNotIn(NAME, answer, (tool, path))
            finally:
                stop.set()
                swapper.join()
            self.assertEqual(before, fingerprint(self.outside), tool)
            for leftover in ("moved", "copied", "linked"):
                path = project / leftover
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
            self.fill()


if __name__ == "__main__":
    main()

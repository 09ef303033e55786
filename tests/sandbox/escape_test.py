#!/usr/bin/env python3
"""Tries every way out in attempts.py, on machines of several kinds and in every tier they have: first without the
sandbox, where it has to get out or it says nothing, then within. Out is also what left the world changed. What stopped
each is written to a table beside IN_HOST, or in the folder for temporary files where that cannot be written to.

usage: escape_test.py IN_HOST SANDBOXED [--verbose] [--here] [NAME...]
"""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
HOSTS = ("here", "no-namespaces", "bare-namespaces", "landlock-2", "debian-12", "no-landlock", "bubblewrap", "neither")
REFUSING = ("T1", "T2", "T3")  # tried where there is no tier
STOPPED, REFUSED = 10, 120  # see attempts.py and sandboxed.cpp
libc = ctypes.CDLL(None, use_errno=True)


class World:
    """What must not be reached: files, a process, sockets and shared memory of a user who is not in the sandbox."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="lilux-escape-", dir="/var/tmp"))
        self.root.chmod(0o755)
        for name in ("part/folder/inner", "cover/folder"):  # made once: what covers them would go with them
            (self.root / name).mkdir(parents=True)
        (self.root / "part/seen").write_text("readable")
        (self.root / "cover/file").touch(0)
        (self.root / "cover/folder").chmod(0)
        self.victim = None
        self.sockets = [socket.create_server(("127.0.0.1", 0), backlog=512)]
        self.tcp6 = socket.create_server(("::1", 0), family=socket.AF_INET6, backlog=512)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind(f"\0lilux-escape-{os.getpid()}")
        self.abstract.listen(512)
        threading.Thread(target=self.answer, daemon=True).start()
        self.shared = libc.shmget(0, 4096, 0o600)
        libc.shmat.restype = ctypes.c_void_p
        ctypes.memmove(libc.shmat(self.shared, None, 0), b"canary", 6)
        self.queue = libc.msgget(0, 0o600)
        self.semaphore = libc.semget(0, 1, 0o600)

    def answer(self):
        while True:
            _, sender = self.udp.recvfrom(16)
            self.udp.sendto(b"pong", sender)

    def make_anew(self):
        for name in ("part/file", "part/folder/secret", "part/folder/inner/secret"):
            (self.root / name).write_text("canary")
        (self.root / "part/file").chmod(0o644)
        (self.root / "part/folder").chmod(0o755)
        for name in ("outside", "inside", "read_only"):  # emptied, since sandboxes hold the folders themselves
            (self.root / name).mkdir(exist_ok=True)
            for path in (self.root / name).iterdir():
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        outside = self.root / "outside"
        (outside / "secret").write_text("canary")
        (outside / "folder").mkdir()
        shutil.copy("/usr/bin/true", outside / "true")
        (outside / "program").write_text("#!/bin/sh\nexit 0\n")
        (outside / "program").chmod(0o755)
        (self.root / "read_only/file").write_text("readable")
        for name, kind in (("socket", socket.SOCK_STREAM), ("datagrams", socket.SOCK_DGRAM)):
            made = socket.socket(socket.AF_UNIX, kind)
            made.bind(str(outside / name))
            if kind == socket.SOCK_STREAM:
                made.listen(8)
            self.sockets.append(made)
        for old in self.sockets[1:-2]:
            old.close()
        self.sockets = self.sockets[:1] + self.sockets[-2:]
        if self.victim:
            self.victim.kill()
            self.victim.wait()
        self.victim = subprocess.Popen(["/usr/bin/sleep", "1000"], cwd=outside, env={"SECRET": "canary"})

    def state(self):
        """All that an attempt could change, to compare."""
        def of(path):
            found = path.lstat()
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            times = found.st_mtime_ns if not path.is_dir() else 0
            names = sorted(os.listxattr(path, follow_symlinks=False))
            return (str(path), found.st_mode, found.st_uid, times, data, names)
        trees = [self.root / "outside", self.root / "read_only", self.root / "part"]
        files = [of(path) for tree in trees for path in [tree, *sorted(tree.rglob("*"))]]
        alive = self.victim.poll() is None
        return files, alive, os.getpriority(os.PRIO_PROCESS, self.victim.pid) if alive else None

    def described(self):
        return json.dumps({"outside": str(self.root / "outside"), "inside": str(self.root / "inside"),
                           "read_only": str(self.root / "read_only"), "part": str(self.root / "part"), "victim": self.victim.pid,
                           "tcp": self.sockets[0].getsockname()[1], "tcp6": self.tcp6.getsockname()[1],
                           "udp": self.udp.getsockname()[1], "abstract": f"lilux-escape-{os.getpid()}",
                           "shared": self.shared, "queue": self.queue, "semaphore": self.semaphore})

    def end(self):
        self.victim.kill()
        self.victim.wait()
        libc.shmctl(self.shared, 0, None)
        libc.msgctl(self.queue, 0, None)
        libc.semctl(self.semaphore, 0, 0)
        (self.root / "cover/folder").chmod(0o700)  # who is not root cannot look into it
        shutil.rmtree(self.root)


class Runner:
    """Makes attempts on a machine of that kind, in that tier or free."""

    def __init__(self, suite, host, tier=None):
        root, self.suite = suite.world.root, suite
        options = [] if tier == "warm" else ["-BIS"]  # which would ask for an interpreter of its own
        command = [PYTHON, *options, str(HERE / "attempts.py")]
        if tier:
            command = [suite.sandboxed, tier, "--write", str(root / "inside"), "--read", str(root / "read_only"),
                       "--read", str(HERE), "--read", str(root / "part"), "--hide", str(root / "part/file"),
                       "--hide", str(root / "part/folder"), "--cover", str(root / "cover"), "--", *command]
        self.left_open = tempfile.TemporaryFile()
        self.left_open.write(b"canary")
        self.left_open.flush()
        fd = self.left_open.fileno()
        self.process = subprocess.Popen([suite.in_host, host, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace", pass_fds=[fd], cwd=root)

    def __enter__(self):
        return self

    def make(self, name):
        """One attempt: whether it got out, a number and what it met."""
        world = self.suite.world
        world.make_anew()
        before = world.state()
        with contextlib.suppress(BrokenPipeError):  # it was refused, and says so
            self.process.stdin.write(f"{name}\t{world.described()}\n")
            self.process.stdin.flush()
        said = self.process.stdout.readline().rstrip("\n")
        code, _, met = said.partition("\t")
        if not code.lstrip("-").isdigit():
            code, met = self.process.wait(30), said
        return int(code) == 0 or world.state() != before, int(code), met

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.left_open.close()


class Suite:
    def __init__(self, in_host, sandboxed, mechanisms):
        self.mechanisms, self.table = mechanisms, []
        self.in_host, self.sandboxed = os.path.abspath(in_host), os.path.abspath(sandboxed)
        self.world = World()
        self.world.make_anew()
        self.problems = []

    def tiers(self, host):
        said = subprocess.run([self.in_host, host, self.sandboxed, "--probe"], stdout=subprocess.PIPE, text=True, check=True)
        found = dict(line.split(" ", 1) for line in said.stdout.splitlines())
        own = ["T2", "ready", "warm"] if host in ("here", "no-landlock") else ["T2"]  # see sandboxed.cpp
        return (["T1"] if found["landlock"] != "0" else []) + (own if found["namespaces"] == "1" else []) + (
            ["T3"] if found["bubblewrap"] == "yes" and host in ("here", "bubblewrap") else [])

    def controls(self, host, names):
        """Those by which one gets out on such a machine where nothing holds one."""
        with Runner(self, host) as runner:
            return [name for name in names if runner.make(name)[0]]

    def attempts(self, host, tier, names, is_verbose):
        with Runner(self, host, tier) as runner:
            for name in names:
                is_out, code, met = runner.make(name)
                self.judge((host, tier, name), is_out, code in (STOPPED, -signal.SIGSYS), code, met)
                if is_verbose:
                    print(f"{host:16} {tier} {name:36} {code:4} {met[:120]}")

    def refusals(self, host, tier, names):
        """Where nothing can be kept in, nothing runs, and the reason is told each time."""
        for name in names:
            with Runner(self, host, tier) as runner:
                is_out, code, met = runner.make(name)
            is_told = code == REFUSED and "cannot keep a program in" in met and "no Landlock" in met
            self.judge((host, tier, name), is_out, is_told, code, met)

    def judge(self, attempt, is_out, is_stopped, code, met):
        host, tier, name = attempt
        how = "SIGSYS: killed by the filter of system calls" if code == -signal.SIGSYS else met
        self.table.append((host, tier, name, self.mechanisms[name], how))
        if is_out:
            self.problems.append(f"{name} gets out in {tier} on {host}: {met}")
        elif not is_stopped:
            self.problems.append(f"{name} could not be tried in {tier} on {host}: {code} {met}")
        elif not how.partition(":")[2].strip():
            self.problems.append(f"nothing says what stopped {name} in {tier} on {host}: {how!r}")

    def write_table(self):
        beside = pathlib.Path(self.in_host).parent
        file = (beside if os.access(beside, os.W_OK) else pathlib.Path(tempfile.mkdtemp())) / "escapes.tsv"
        rows = [("host", "tier", "attempt", "mechanism", "how it was stopped"), *self.table]
        file.write_text("".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows))
        return file


def main():
    arguments = [word for word in sys.argv[1:] if word not in ("--verbose", "--here")]
    is_verbose = "--verbose" in sys.argv
    hosts = ["here"] if "--here" in sys.argv else HOSTS
    listed = subprocess.run([PYTHON, str(HERE / "attempts.py"), "--list"], stdout=subprocess.PIPE, text=True, check=True)
    attempts = dict(line.split("\t") for line in listed.stdout.splitlines())
    suite = Suite(*arguments[:2], attempts)
    names = arguments[2:] or list(attempts)
    tried = set()
    try:
        for host in hosts:
            ways = suite.controls(host, names)
            tiers = suite.tiers(host)
            if host == "debian-12" and "T2" in suite.tiers("here") and "T2" not in tiers:
                suite.problems.append(f"{host} has no T2")
            if host == "neither" and tiers:
                suite.problems.append(f"{host} has {', '.join(tiers)}")
            for tier in tiers:
                suite.attempts(host, tier, ways, is_verbose)
            for tier in REFUSING if not tiers else ():
                suite.refusals(host, tier, ways)
            tried.update(ways)
            print(f"{host:16} {len(ways)} ways out, tried in {', '.join(tiers or REFUSING)}"
                  f"{'' if tiers else ', which are refused'}", flush=True)
    finally:
        suite.world.end()
    mechanisms = {attempts[name] for name in tried}
    print(f"{len(suite.table)} attempts on {len(hosts)} machines by {len(mechanisms)} mechanisms: "
          f"{len(suite.problems)} got out, could not be tried or do not say what stopped them")
    print(f"what stopped each: {suite.write_table()}")
    for problem in suite.problems:
        print(problem)
    never = [name for name in names if name not in tried]
    if never:
        print("nobody gets out anywhere by:", ", ".join(never))
    sys.exit(1 if suite.problems else 0)


if __name__ == "__main__":
    main()

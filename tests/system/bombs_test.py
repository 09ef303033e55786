#!/usr/bin/env python3
"""Commands that take all they can get: they are contained while the daemon serves everybody else, and nothing is left.

Sizes are small: what is to be seen is that a limit holds, not how large it is.
"""

import contextlib
import http.client
import json
import os
import pathlib
import select
import statistics
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse

from support import PATIENCE, SystemTest, answer_of, eventually, main

BOUND = 2  # seconds for any call of others, on a machine that is busy with other things too
END = 5  # seconds, after its time, until no process is left; usually a third of one
MARK = "LILUX_BOMB"
figures, idle_calls = [], []


def size_of(folder):
    """What the files of a folder take on the disk."""
    found = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                found += os.lstat(os.path.join(path, name)).st_blocks * 512
    return found


def told(took):
    parts = statistics.quantiles(took, n=100, method="inclusive")
    return f"p50 {parts[49] * 1e3:5.1f}  p99 {parts[98] * 1e3:5.1f}  max {max(took) * 1e3:5.1f} ms of {len(took)} calls"


def processes():
    return (pathlib.Path("/proc", entry) for entry in os.listdir("/proc") if entry.isdigit())


class Bystander:
    """Makes small calls until it is told to end, and notes how long each took: in a process of its own, which waits for
    nobody but the daemon where it may."""

    def __init__(self, daemon, caller):
        self.words = [sys.executable, "-B", __file__, "--bystand", str(daemon.port), daemon.token, caller]
        self.took, self.failed = [], []

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.took, self.failed = json.loads(self.process.communicate("end")[0])


def bystand(port, token, caller):
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    headers, took, failed = {"Authorization": f"Bearer {token}", "Lilux-Caller": caller}, [], []
    print("begins", flush=True)
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        began = time.monotonic()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE)
            status, envelope, _ = answer_of(connection, "POST", "/api/call/fs.read", json.dumps({"path": "small"}), headers)
            if status != 200 or envelope["output"]["content"] != "served\n":
                failed.append(envelope)
        except Exception as problem:  # a connection that broke, an answer that was none
            failed.append(repr(problem))
        took.append(time.monotonic() - began)
    print(json.dumps([took, failed]))


class Trace(threading.Thread):
    """Finds the process namespace of a command by the mark in its environment, and holds it, so that its number stays."""

    def __init__(self, mark):
        super().__init__()
        self.mark, self.ended, self.held, self.most, self.seen = mark.encode(), threading.Event(), None, 0, 0

    def run(self):
        while not self.ended.wait(0.05):
            if self.held is None:
                self.look()
            elif count := sum(1 for _ in self.members()):
                self.most, self.seen = max(self.most, count), time.monotonic()

    def look(self):
        for process in processes():
            with contextlib.suppress(OSError):
                if self.mark in (process / "environ").read_bytes():
                    self.held = os.open(process / "ns/pid", os.O_RDONLY | os.O_CLOEXEC)
                    return

    def members(self):
        """Of the namespace, and whoever else has the mark: those that have ended and are not yet reaped too."""
        number = os.fstat(self.held).st_ino if self.held is not None else None
        for process in processes():
            with contextlib.suppress(OSError):
                if os.stat(process / "ns/pid").st_ino == number:
                    yield int(process.name)
                elif any(self.mark in (process / name).read_bytes() for name in ("environ", "cmdline")):
                    yield int(process.name)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()

    def close(self):
        if self.held is not None:
            os.close(self.held)


class Bombs(SystemTest):
    folder = "/var/tmp"  # on a disk

    def setUp(self):
        super().setUp()
        (self.home.project / "small").write_text("served\n")
        self.daemon = self.home.up(environment={"LILUX_LIMITS_MEMORY": "256MiB"})
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        self.caller = urllib.parse.quote(json.dumps({"cwd": str(self.home.project)}))

    def call(self, tool, arguments):
        return self.daemon.call(tool, arguments, Lilux_Caller=self.caller)

    def start_call(self, arguments, answers):
        thread = threading.Thread(target=lambda: answers.append(self.call("shell.run", arguments)))
        thread.start()
        return thread

    def bomb(self, command, seconds):
        """The envelope, when all that has to hold of every bomb has held."""
        mark = f"{self.id().rpartition('.')[2]}-{os.urandom(8).hex()}"
        arguments = {"command": command, "timeout": seconds, "env": {MARK: mark}}
        with Bystander(self.daemon, self.caller) as idle:
            time.sleep(0.25)
        self.assertEqual([], idle.failed)
        before = size_of(self.home.state)
        with Bystander(self.daemon, self.caller) as bystander, Trace(mark) as trace:
            began = time.monotonic()
            _, envelope = self.call("shell.run", arguments)
            took = time.monotonic() - began
            left = list(trace.members())
        self.was_seen = trace.held is not None
        self.addCleanup(trace.close)
        idle_calls.extend(idle.took)
        figures.append(f"{told(bystander.took)}, {trace.seen - began:.1f} s, answered after {took:.1f} s, "
                       f"up to {trace.most} processes: {self.id().rpartition('.')[2]}")
        self.assertEqual([], left)
        self.assertLess(trace.seen - began, seconds + END, "it ends in time; what it wrote may take longer to look at")
        self.assertLessEqual(trace.most, 1000)
        self.assertEqual([], bystander.failed)
        self.assertLess(max(bystander.took), BOUND)
        self.all_is_as_before(before)
        return envelope

    def all_is_as_before(self, before):
        self.assertEqual([], os.listdir(self.home.state / "runs"))
        self.assertLess(size_of(self.home.state) - before, 160 << 20)  # the ends of its outputs are kept for a while
        status, envelope = self.call("shell.run", {"command": "echo fine"})
        self.assertEqual("fine\n", envelope["output"]["stdout"])
        self.assertEqual(["small"], os.listdir(self.home.project))
        self.assertEqual("serving", self.home.output("kernel.status")["state"])

    def ran_out_of_time(self, envelope):
        self.assertTrue(envelope["ok"], envelope)
        self.assertTrue(self.was_seen)
        self.assertEqual((True, 9), (envelope["output"]["timed_out"], envelope["output"].get("signal")), envelope)

    def held_too_much(self, envelope):
        self.assertEqual((9, "its processes held more than 256 MiB of memory"),
                         (envelope["output"].get("signal"), envelope["output"].get("reason")), envelope)

    def not_made_real(self, envelope, why):
        self.assertFalse(envelope["output"]["committed"], envelope)
        self.assertIn(why, envelope["output"]["next"])

    def test_a_fork_bomb(self):
        self.ran_out_of_time(self.bomb(":(){ :|:& };:; while :; do sleep 1; done", 2))

    def test_a_thousand_processes_that_end_with_the_first(self):
        envelope = self.bomb("""exec python3 -c '
import os, time
made = 0
try:
    while made < 1500:
        if os.fork() == 0: time.sleep(1000)
        made += 1
except OSError as problem: print(made < 1000, problem.strerror)
time.sleep(0.5)
'""", 20)
        self.assertEqual("True Resource temporarily unavailable\n", envelope["output"]["stdout"], envelope)

    def test_a_process_that_takes_memory(self):
        envelope = self.bomb("""exec python3 -c '
import time
kept = []
try:
    while len(kept) < 1000: kept.append(bytearray(1 << 20))
except MemoryError: pass
print(len(kept))
time.sleep(0.5)
'""", 20)
        if "reason" in envelope["output"]:  # who sees it first
            self.held_too_much(envelope)
        else:
            self.assertIn(int(envelope["output"]["stdout"]), range(100, 256), envelope)

    def test_many_processes_that_take_memory(self):
        self.held_too_much(self.bomb("""
for i in {1..10}; do python3 -c 'kept = bytearray(64 << 20); import time; time.sleep(1000)' & done; wait""", 20))

    def test_memory_in_files_without_names_that_nobody_has_mapped(self):
        self.held_too_much(self.bomb("""exec python3 -c '
import os, time
for i in range(24):
    file = os.memfd_create("x")
    for _ in range(16): os.write(file, bytes(1 << 20))
time.sleep(1000)
'""", 20))

    def test_a_file_that_fills_the_disk_by_a_process_that_nobody_waits_for(self):
        before = size_of(self.home.state)
        _, envelope = self.call("process.spawn", {"command": "/bin/bash", "args": ["-c", "fallocate -l 5G big || truncate -s 5G big; "
                                                           "while :; do sleep 1; done"]})
        pid = envelope["output"]["pid"]
        _, ended = self.call("process.wait", {"pid": pid})
        self.assertEqual((9, "the command wrote more than 4096 MiB"),
                         (ended["output"].get("signal"), ended["output"].get("reason")), ended)
        eventually(lambda: not os.listdir(self.home.state / "runs"), "what it wrote is gone")
        self.all_is_as_before(before)

    def test_a_file_that_fills_the_disk(self):
        envelope = self.bomb("sleep 0.5; fallocate -l 5G big || truncate -s 5G big; while :; do sleep 1; done", 20)
        self.refused(envelope, "over_budget", "more than 4096 MiB")

    def test_files_that_fill_the_folder_for_temporary_ones(self):
        envelope = self.bomb("""cd /tmp
for i in {1..6}; do fallocate -l 200M $i || echo full; done; sleep 0.5; exit 3""", 20)
        self.assertEqual((3, "full\n"), (envelope["output"]["exit_code"], envelope["output"]["stdout"]), envelope)
        self.assertIn("No space left on device", envelope["output"]["stderr"])

    def test_a_process_that_opens_all_it_can(self):
        self.ran_out_of_time(self.bomb("""
for i in 1 2 3 4; do python3 -c '
import os, time
try:
    while True: os.pipe()
except OSError: time.sleep(1000)
' & done; wait""", 2))

    def test_processes_that_spin_and_mind_no_signal(self):
        self.ran_out_of_time(self.bomb("""
trap '' TERM HUP INT QUIT
for i in 1 2 3 4; do setsid bash -c "trap '' TERM HUP INT QUIT; while :; do :; done" & done
setsid -f env -i bash -c "trap '' TERM HUP INT QUIT; while :; do :; done"
while :; do :; done""", 2))

    def test_endless_output(self):
        envelope = self.bomb("yes >&2 & yes", 1)
        self.ran_out_of_time(envelope)
        output = envelope["output"]
        for name in ("stdout", "stderr"):
            self.assertGreater(output[name + "_bytes"], len(output[name]))
            self.assertEqual({"y", ""}, set(output[name].split("\n")))

    def test_more_files_than_are_made_real(self):
        envelope = self.bomb("""exec python3 -c '
import os, time
open("0", "w")
for number in range(1, 20_100): os.link("0", str(number))  # quick to make and to remove on any disk
time.sleep(0.5)
'""", 20)
        self.not_made_real(envelope, "20000 files")

    def test_a_million_tiny_files_for_a_while(self):
        self.ran_out_of_time(self.bomb("""cd /tmp; exec python3 -c '
for number in range(1_000_000): open(str(number), "w")
'""", 1))

    def test_folders_within_folders(self):
        envelope = self.bomb("""exec python3 -c '
import os, time
for i in range(300): os.mkdir("d"); os.chdir("d")
time.sleep(0.5)
'""", 10)
        self.not_made_real(envelope, "more than 200 deep")

    def test_folders_deeper_than_it_looks(self):
        self.addCleanup(subprocess.run, ["rm", "-rf", self.home.state / "runs"])
        self.bomb("""exec python3 -c '
import os, time
for i in range(1100): os.mkdir("d"); os.chdir("d")
time.sleep(0.5)
'""", 10)

    def test_children_that_nobody_waits_for(self):
        self.ran_out_of_time(self.bomb("""exec python3 -c '
import os, time
while True:
    try:
        if os.fork() == 0: os._exit(0)
    except OSError: time.sleep(0.01)
'""", 2))

    def test_a_process_that_hides_when_the_first_has_ended(self):
        envelope = self.bomb("""
setsid -f env -i python3 -c '
import os, time
os.closerange(0, 1000)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("/tmp/hidden", "w")
        time.sleep(1000)
'
until [ -e /tmp/hidden ]; do sleep 0.1; done
sleep 0.5; echo ended""", 20)
        self.assertEqual("ended\n", envelope["output"]["stdout"], envelope)

    def test_a_stop_ends_it_within_a_second(self):
        best = PATIENCE
        for _ in range(5):  # the machine may be busy with others
            mark, answers = f"stop-{os.urandom(8).hex()}", []
            with Trace(mark) as trace:
                thread = self.start_call({"command": ":(){ :|:& };:; while :; do :; done", "timeout": 60,
                                          "env": {MARK: mark}}, answers)
                eventually(lambda: trace.most > 50, "it has spread")
                began = time.monotonic()
                self.assertEqual(200, self.call("kernel.emergency_stop", {"why": "a test"})[0])
                eventually(lambda: not list(trace.members()), "all have ended")
                best = min(best, time.monotonic() - began)
            trace.close()
            thread.join(PATIENCE)
            self.refused(answers[0][1], "cancelled")
            self.assertEqual(0, self.home.run("resume").returncode)
            if best < 1:
                break
        figures.append(f"a stop took {best:.2f} s")
        self.assertLess(best, 1)
        eventually(lambda: not os.listdir(self.home.state / "runs"), "nothing of it is left")

    @classmethod
    def tearDownClass(cls):
        print(f"{told(idle_calls)}: idle", *figures, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    bystand(*sys.argv[2:]) if sys.argv[1:2] == ["--bystand"] else main()

#!/usr/bin/env python3
"""The life of a daemon: one at a time, killed at any moment, racing with one-shot kernels; what was acknowledged stays."""

import http.client
import json
import random
import threading
import time
import urllib.request

from support import PATIENCE, SystemTest, eventually, main

ROUNDS = 4


class Writer(threading.Thread):
    """Makes calls over one connection until it breaks, and keeps what was acknowledged."""

    def __init__(self, daemon, name, caller):
        super().__init__()
        self.daemon_up, self.name_of_it, self.caller = daemon, name, caller
        self.notes, self.files, self.calls = [], [], []

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon_up.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.daemon_up.token}", "Lilux-Caller": self.caller}
        try:
            for number in range(100_000):
                key = f"{self.name_of_it}-{number}"
                is_file = number % 2 == 1
                tool, arguments = ("fs.write", {"path": key, "content": key}) if is_file else (
                    "memory.write", {"key": key, "value": key})
                connection.request("POST", f"/api/call/{tool}", json.dumps(arguments), headers)
                envelope = json.loads(connection.getresponse().read())
                assert envelope["ok"], envelope
                self.calls.append(envelope["call"])
                (self.files if is_file else self.notes).append(key)
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed in the middle: this call was not acknowledged


class Life(SystemTest):
    def recorded(self):
        """Every call on record, with how it ended."""
        found, before = {}, {}
        while True:
            page = self.home.output("ledger.query", limit=1000, **before)["calls"]
            found.update((call["call"], call["result"]) for call in page)
            if len(page) < 1000:
                return found
            before = {"before": page[-1]["call"]}

    def sound(self):
        done = self.home.run("ledger", "verify", "--json")
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertTrue(json.loads(done.stdout)["output"]["sound"], done.stdout)

    def test_up_in_the_background_and_down_again(self):
        done = self.home.run("up")
        self.assertRegex(done.stdout, rf"^lilux is up: {self.home.socket} and http://127.0.0.1:\d+\n$")
        address = json.loads(self.home.run("up", "--json").stdout)["output"]["http"]
        with urllib.request.urlopen(address + "/health", timeout=PATIENCE) as answer:
            self.assertEqual("daemon", json.load(answer)["role"])
        status = self.home.output("kernel.status")
        self.assertEqual(("daemon", "serving"), (status["role"], status["state"]))
        again = self.home.run("up")
        self.assertEqual((0, status["pid"]), (again.returncode, self.home.output("kernel.status")["pid"]))
        self.assertEqual(0, self.home.run("down").returncode)
        eventually(lambda: not list(self.home.processes()), "the daemon has ended")
        self.assertEqual("one_shot", self.home.output("kernel.status")["role"])

    def test_a_second_daemon_is_refused_and_says_why(self):
        first = self.home.up()
        second = self.home.start("up", "--foreground")
        out, errors = second.communicate(timeout=PATIENCE)
        self.assertEqual((4, ""), (second.returncode, out))
        self.assertIn("another process holds the kernel", errors)
        self.assertIn("lilux status", errors)
        self.assertEqual(first.process.pid, self.home.output("kernel.status")["pid"])

    def test_a_daemon_without_its_socket_is_named_with_the_way_to_end_it(self):
        daemon = self.home.up()
        self.home.socket.unlink()
        asked = [self.home.start(*words) for words in (["status"], ["up"], ["up", "--foreground"])]
        for process in asked:
            _, errors = process.communicate(timeout=PATIENCE)
            self.assertEqual(4, process.returncode)
            self.assertIn(f"process {daemon.process.pid} holds the kernel and does not answer on {self.home.socket}", errors)
            self.assertIn(f"kill {daemon.process.pid};", errors)
        self.assertEqual(0, daemon.stop())
        self.assertEqual(0, self.home.run("status").returncode)

    def test_a_daemon_that_cannot_start_in_the_background_says_why(self):
        self.home.config.mkdir(parents=True)
        (self.home.config / "config.toml").write_text("prfile = 'minimal'\n")
        done = self.home.run("up")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("prfile", done.stderr)
        self.assertIn("did you mean", done.stderr)

    def test_killed_at_any_moment_nothing_acknowledged_is_lost(self):
        caller = json.dumps({"cwd": str(self.home.project)}).replace('"', "%22").replace(" ", "%20")
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        notes, files, calls = set(), set(), set()
        for turn in range(ROUNDS):
            daemon = self.home.up()
            writers = [Writer(daemon, f"{turn}-{number}", caller) for number in range(3)]
            for writer in writers:
                writer.start()
            eventually(lambda: all(writer.files for writer in writers), "every writer has written")
            time.sleep(random.uniform(0, 0.15))  # any moment will do
            daemon.kill()
            for writer in writers:
                writer.join(PATIENCE)
                notes.update(writer.notes)
                files.update(writer.files)
                calls.update(writer.calls)
        daemon = self.home.up()
        self.sound()
        recorded = self.recorded()
        self.assertEqual([], [call for call in calls if recorded.get(call) != "ok"])
        self.assertEqual([], [name for name in files if (self.home.project / name).read_text() != name])
        self.assertEqual([], [key for key in notes if not daemon.call("memory.read", {"key": key})[1]["ok"]])
        # What was not acknowledged is whole or not there, and nothing of the way there is left.
        self.assertEqual([], [path for path in self.home.project.iterdir() if path.read_text() != path.name])
        undone = self.home.run("undo", "--since", "1h", "--yes", "--json")
        self.assertEqual(0, undone.returncode, undone.stdout)
        self.assertEqual([], list(self.home.project.iterdir()))

    def test_calls_on_one_path_at_once_lose_nothing_and_fail_without_harm(self):
        self.home.up()
        (self.home.project / "log").write_text("")
        failed = threading.Event()

        def appends(name):
            for number in range(20):
                self.home.output("fs.write", path="log", content=f"{name}{number}\n", append=True)

        def fails():
            while not failed.is_set():
                self.assertFalse(self.home.call("fs.edit", path="log", old_text="not there", new_text="x")["ok"])
                self.assertFalse(self.home.call("fs.delete", path=".")["ok"])

        threads = [threading.Thread(target=appends, args=(name,)) for name in "abcd"]
        failing = threading.Thread(target=fails)
        for thread in (*threads, failing):
            thread.start()
        for thread in threads:
            thread.join()
        failed.set()
        failing.join()
        lines = (self.home.project / "log").read_text().split()
        self.assertEqual({f"{name}{number}" for name in "abcd" for number in range(20)}, set(lines))
        self.assertEqual(80, len(lines))

        calls = [self.home.call("fs.write", path=f"file{number}", content="x")["call"] for number in range(4)]
        for call in calls:  # four undo it at once: one does
            undos = [self.home.start("undo", call) for _ in range(4)]
            self.assertEqual([0, 5, 5, 5], sorted(undo.wait(PATIENCE) for undo in undos))
        self.assertEqual(["log"], [path.name for path in self.home.project.iterdir()])

    def test_one_shot_kernels_and_a_starting_daemon_race_and_all_is_kept(self):
        calls, wrong = set(), []

        def client(name):
            for number in range(12):
                envelope = self.home.call("fs.write", path=f"{name}-{number}", content=name)
                calls.add(envelope["call"])
                if not envelope["ok"]:
                    wrong.append(envelope)

        clients = [threading.Thread(target=client, args=(name,)) for name in "abc"]
        for one in clients:
            one.start()
        eventually(lambda: len(calls) >= 6, "some calls are made")
        started = self.home.run("up")
        self.assertEqual(0, started.returncode, started.stderr)
        for one in clients:
            one.join()
        self.assertEqual([], wrong)
        self.assertEqual(36, len(calls))
        self.sound()
        recorded = self.recorded()
        self.assertEqual([], [call for call in calls if recorded.get(call) != "ok"])
        self.assertEqual(36, len(list(self.home.project.iterdir())))

    def test_of_daemons_that_start_at_once_one_serves(self):
        starting = [self.home.start("up") for _ in range(4)]
        for one in starting:
            out, errors = one.communicate(timeout=PATIENCE)
            self.assertEqual((0, ""), (one.returncode, errors))
        self.assertEqual("daemon", self.home.output("kernel.status")["role"])
        eventually(lambda: len(list(self.home.processes())) == 1, "one daemon is left")

    def test_a_terminated_daemon_ends_what_it_started_and_keeps_its_record(self):
        daemon = self.home.up()
        spawned = self.home.output("process.spawn", "--yes", unconfined=True, command="sleep", args=["300"])
        self.assertEqual(0, daemon.stop())
        eventually(lambda: not list(self.home.processes()), "the child has ended too")
        self.assertFalse(self.home.socket.exists())
        self.sound()
        self.assertIn("process.spawn", json.dumps(self.home.output("ledger.query")), spawned)

    def test_a_socket_that_a_killed_daemon_left_is_in_nobodys_way(self):
        self.home.up().kill()
        self.assertTrue(self.home.socket.exists())
        self.assertEqual("one_shot", self.home.output("kernel.status")["role"])
        self.assertEqual("daemon", (self.home.up(), self.home.output("kernel.status"))[1]["role"])


class Derived(SystemTest):
    """lilux.db is made from the ledger: without it every answer is the same."""

    def answers(self):
        steady = [("task.list", {"all": True}), ("undo.list", {}), ("approval.list", {"all": True}), ("budget.get", {}),
                  ("memory.read", {}), ("event.list_hooks", {}), ("policy.list", {})]
        told = {tool: self.home.output(tool, **arguments) for tool, arguments in steady}
        for row in told["task.list"]["tasks"]:
            row.pop("usage", None)  # asking is use
        for row in told["budget.get"]["line"]:
            row.pop("usage")
        calls = [call for call in self.home.output("ledger.query", limit=1000)["calls"] if call["call"] in self.made]
        return {**told, "calls": calls, "why": [self.home.output("ledger.why", call=call) for call in self.made]}

    def make(self, with_daemon):
        """A little of everything; the calls, of which two wait for a person."""
        rule = self.home.call("policy.add", id="mine", effect="deny", capability="write fs ~/x/**")
        made = [rule, self.home.call("fs.write", path="a", content="1"), self.home.call("fs.write", path="a", content="2"),
                self.home.call("fs.delete", path="a"), self.home.call("memory.write", key="k", value={"v": [1]}),
                self.home.call("budget.set", task="http", calls=5, usd=0.5),
                self.home.call("fs.write", path="~/elsewhere", content="x"),
                self.home.call("fs.write", path="~/other", content="x")]
        if with_daemon:  # what outlives its call starts one
            made += [self.home.call("event.add_hook", "--yes", event="no.such", run_tool="fs.list"),
                     self.home.call("task.spawn", tool="fs.list", arguments={"path": "."}, title="looking")]
            self.home.output("task.wait", task=made[-1]["output"]["task"])
        return made

    def check(self, with_daemon):
        running = self.home.up() if with_daemon else None
        made = self.make(with_daemon)
        first, second = [envelope["call"] for envelope in made if not envelope["ok"]]
        self.assertEqual(0, self.home.run("deny", first, "no").returncode)
        self.assertEqual(0, self.home.run("undo", made[3]["call"]).returncode)
        self.made = [envelope["call"] for envelope in made]
        before = self.answers()
        if running:
            self.assertEqual(0, running.stop())
        for name in ("lilux.db", "lilux.db-wal", "lilux.db-shm"):
            (self.home.state / name).unlink(missing_ok=True)
        if running:
            self.home.up()
        self.maxDiff = None
        self.assertEqual(before, self.answers())
        # And what could be done with it still can: the question is answered, the write undone.
        self.assertEqual("2", (self.home.project / "a").read_text())
        self.assertEqual(0, self.home.run("approve", second).returncode)
        self.assertEqual("x", (self.home.home / "other").read_text())
        self.assertEqual(0, self.home.run("undo", made[2]["call"]).returncode)
        self.assertEqual("1", (self.home.project / "a").read_text())
        self.assertEqual({"v": [1]}, self.home.output("memory.read", key="k")["notes"][0]["value"])

    def test_deleting_it_between_one_shot_kernels_loses_nothing(self):
        self.check(with_daemon=False)

    def test_deleting_it_before_a_daemon_starts_loses_nothing(self):
        self.check(with_daemon=True)

    def test_one_that_is_garbage_is_made_anew(self):
        call = self.home.call("fs.write", path="a", content="1")["call"]
        self.home.output("ledger.query")
        for text in (b"", b"garbage" * 1000):
            (self.home.state / "lilux.db").write_bytes(text)
            self.assertIn(call, json.dumps(self.home.output("ledger.query")))


if __name__ == "__main__":
    main()

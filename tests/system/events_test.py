#!/usr/bin/env python3
"""Events: the stream over HTTP and on the command line, resuming it, and hooks."""

import http.client
import json
import pathlib
import re
import signal
import threading

from support import PATIENCE, SystemTest, UnixConnection, eventually, main


class Stream:
    """A client of /api/events; next() gives the next event as it stands on the wire and in its data."""

    def __init__(self, daemon, query="", last=None, socket=None, headers={}):
        self.connection = (UnixConnection(socket) if socket
                           else http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=PATIENCE))
        headers = {"Authorization": f"Bearer {daemon.token}", **headers,
                   **({"Last-Event-ID": str(last)} if last is not None else {})}
        self.connection.request("GET", "/api/events" + query, headers=headers)
        self.response = self.connection.getresponse()

    def next(self):
        found = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                raise AssertionError("the stream ended")
            if line == "\n" and found:
                data = json.loads(found["data"])
                number = str(data["sequence"]) if "sequence" in data else None
                assert number == found.get("id") and data["event"] == found["event"], found
                return data
            name, _, value = line.rstrip("\n").partition(": ")
            if name and not line.startswith(":"):
                found[name] = value

    def take(self, count):
        return [self.next() for _ in range(count)]

    def close(self):
        self.response.close()
        self.connection.close()


class Events(SystemTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.home.up()

    def stream(self, query="", last=None):
        stream = Stream(self.daemon, query, last)
        self.addCleanup(stream.close)
        self.assertEqual((200, "text/event-stream"), (stream.response.status, stream.response.headers["Content-Type"]))
        return stream

    def note(self, *keys):
        for key in keys:
            self.assertEqual(200, self.daemon.call("memory.write", {"key": str(key), "value": 1})[0])

    def test_what_happens_is_told_as_it_happens(self):
        stream = self.stream("?tool=memory.*&event=call.ok")
        self.note("a", "b")
        first, second = stream.take(2)
        self.assertEqual(("call.ok", "memory.write", "http"), (first["event"], first["tool"], first["task"]))
        self.assertLess(first["sequence"], second["sequence"])

    def test_a_stream_resumes_after_its_last_event_and_misses_nothing(self):
        self.note(*range(30))
        whole = self.stream("?since=0&tool=memory.write&event=call.ok").take(30)
        self.assertEqual(sorted(event["sequence"] for event in whole), [event["sequence"] for event in whole])
        for at in (0, 1, 13, 28):
            self.assertEqual(whole[at + 1:], self.stream("?tool=memory.write&event=call.ok", whole[at]["sequence"]).take(29 - at))
        stream = self.stream("?tool=memory.write&event=call.ok&since=0", whole[-1]["sequence"])  # the header wins
        self.note("new")
        self.assertEqual(whole[-1]["sequence"], self.stream("?since=0&tool=memory.write&event=call.ok").take(30)[-1]["sequence"])
        self.assertGreater(stream.next()["sequence"], whole[-1]["sequence"])

    def test_what_commands_print_passes_by(self):
        stream = self.stream("?event=call.*")
        mine = self.daemon.call("shell.run", {"command": "echo h\xe4llo; sleep 0.5; echo oops >&2"})[1]
        printed, event = [], stream.next()
        while event["event"] != "call.ok":
            if event["event"] == "call.output":
                printed.append((event["call"], event["stream"], event["text"]))
            event = stream.next()
        self.assertEqual([(mine["call"], "stdout", "h\xe4llo\n"), (mine["call"], "stderr", "oops\n")], printed)
        self.home.output("shell.run", command="echo secret")
        event = stream.next()
        while event["event"] != "call.output":
            event = stream.next()
        self.assertEqual(("terminal", None), (event["task"], event.get("text")))  # what others print is theirs
        self.assertNotIn("call.output", json.dumps(self.daemon.call("event.list", {})[1]))

    def test_who_runs_a_command_hears_it_too(self):
        following = self.home.start("events", "--event", "call.output", "--count", "1", "--json")
        eventually(lambda: self.home.run("run", "echo", "there").returncode == 0 and following.poll() is not None, "it is told")
        self.assertEqual("there\n", json.loads(following.communicate(timeout=PATIENCE)[0])["text"])

    def test_events_outlive_the_daemon(self):
        self.note(*range(10))
        before = self.stream("?since=0&tool=memory.write&event=call.ok").take(10)
        self.daemon.kill()
        self.daemon = self.home.up()
        self.note("after")
        after = self.stream("?since=0&tool=memory.write&event=call.ok").take(11)
        self.assertEqual(before, after[:10])
        self.assertEqual(after[4:], self.stream("?tool=memory.write&event=call.ok", before[3]["sequence"]).take(7))

    def test_filters_by_event_tool_and_task(self):
        self.note("a")
        self.daemon.call("fs.read", {"path": "/etc/shadow"})
        self.assertEqual("fs.read", self.stream("?since=0&event=call.error").next()["tool"])
        self.assertEqual("fs.read", self.stream("?since=0&tool=fs.%2A").next()["tool"])
        self.assertEqual("kernel.start", self.stream("?since=0").next()["event"])
        self.assertEqual("http", self.stream("?since=0&task=http").next()["task"])

    def test_whoever_is_no_person_is_not_told_what_others_said(self):
        self.home.output("memory.write", key="mine", value="secret")
        self.note("theirs")
        told = self.stream("?since=0&tool=memory.write").take(4)
        self.assertEqual(["terminal"] * 2 + ["http"] * 2, [event["task"] for event in told])
        self.assertEqual([False, False, True, True], ["arguments" in event or "output" in event for event in told])
        self.assertNotIn("secret", json.dumps(told))

    def test_an_agent_is_told_of_its_own_tasks_alone(self):
        self.home.output("memory.write", key="mine", value="secret")
        self.note("a")
        told = Stream(self.daemon, "?since=0", socket=self.home.socket, headers={"Lilux-Inside": "1"})
        self.addCleanup(told.close)
        seen = []
        while not seen or seen[-1].get("tool") != "memory.write" or seen[-1]["event"] != "call.ok":
            seen.append(told.next())
        self.assertEqual({"http"}, {event["task"] for event in seen if "task" in event})
        self.assertTrue(all("task" in event or event["event"].startswith("kernel.") for event in seen))
        for event in ("call.*", "approval.*"):
            asked = Stream(self.daemon, f"?since=0&event={event}", socket=self.home.socket,
                           headers={"Lilux-Inside": "1", "Lilux-Task": "terminal"})
            self.addCleanup(asked.close)
            self.assertEqual(403, asked.response.status)

    def test_a_place_that_the_record_does_not_have_is_said(self):
        self.note("a")
        newest = self.stream("?since=0&tool=memory.write&event=call.ok").next()["sequence"]
        stream = self.stream("?tool=memory.write&event=call.ok", 10_000_000)
        missed = stream.next()
        self.assertEqual(("events.missed", 10_000_000), (missed["event"], missed["since"]))
        self.assertGreaterEqual(missed["sequence"], newest)
        self.note("b")
        self.assertGreater(stream.next()["sequence"], missed["sequence"])

    def test_a_bad_place_or_glob_is_refused(self):
        for query, last in (("?since=x", None), ("?since=-1", None), ("?since=1e3", None), ("", "abc"), ("?event=%5Bx", None)):
            stream = Stream(self.daemon, query, last)
            self.assertEqual(400, stream.response.status, query)
            self.refused(json.loads(stream.response.read()), "invalid_argument")
            stream.close()

    def test_a_reader_that_stalls_holds_nobody_up_and_misses_nothing(self):
        stalled = self.stream("?since=0&tool=kernel.status")
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=PATIENCE)
        for _ in range(2500):  # more than all buffers between here and there take
            connection.request("POST", "/api/call/kernel.status", "{}", {"Authorization": f"Bearer {self.daemon.token}",
                                                                         "Lilux-Reason": "x" * 2000})
            self.assertIn(b'"ok": true', connection.getresponse().read())
        connection.close()
        found = stalled.take(2500)
        self.assertEqual(len({event["call"] for event in found}), 2500)
        self.assertEqual(sorted(event["sequence"] for event in found), [event["sequence"] for event in found])

    def test_many_readers_get_the_same(self):
        streams = [self.stream("?since=0&tool=memory.write&event=call.ok") for _ in range(20)]
        self.note(*range(20))
        told = [stream.take(20) for stream in streams]
        self.assertTrue(all(one == told[0] for one in told))

    def test_the_command_line_follows_them(self):
        follower = self.home.start("events", "--since", "0", "--tool", "memory.write", "--event", "call.ok", "--count",
                                   "3", "--json")
        self.note("a", "b", "c", "d")
        out, errors = follower.communicate(timeout=PATIENCE)
        self.assertEqual((0, ""), (follower.returncode, errors))
        told = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(["call.ok"] * 3, [event["event"] for event in told])
        done = self.home.run("events", "--since", told[0]["sequence"], "--tool", "memory.write", "--event", "call.ok",
                             "--count", "2", "--json")
        self.assertEqual(told[1:], [json.loads(line) for line in done.stdout.splitlines()])

    def test_ctrl_c_ends_following_with_130(self):
        follower = self.home.start("events", "--since", "0")
        self.assertIn("kernel.start", follower.stdout.readline())
        follower.send_signal(signal.SIGINT)
        follower.communicate(timeout=PATIENCE)
        self.assertIn(follower.returncode, (130, -signal.SIGINT))

    def test_odd_filters_stay_one_filter(self):
        follower = self.home.start("events", "--since", "0", "--task", "a&tool=b c#%", "--json")
        self.note("a")
        follower.send_signal(signal.SIGINT)
        self.assertEqual(("", ""), follower.communicate(timeout=PATIENCE))
        done = self.home.run("events", "--event", "[x")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("'[x'", done.stderr)

    def test_logs_show_the_newest_calls(self):
        self.note("a")
        entries = json.loads(self.home.run("logs", "--tool", "memory.*", "--json").stdout)["output"]
        self.assertIn("memory.write", json.dumps(entries))
        self.assertIn("memory.write", self.home.run("logs").stdout)

    def test_logs_go_on_with_f(self):
        self.note("before")
        logs = self.home.start("logs", "-f", "--tool", "memory.*", "--json")
        self.assertEqual("ok", json.loads(logs.stdout.readline())["result"])
        self.note("after")
        self.assertEqual("memory.write", json.loads(logs.stdout.readline())["tool"])
        logs.send_signal(signal.SIGINT)
        logs.communicate(timeout=PATIENCE)

    def test_without_a_daemon_there_is_nothing_to_follow(self):
        self.daemon.stop()
        done = self.home.run("events")
        self.assertEqual(4, done.returncode)
        self.assertIn("lilux up", done.stderr)

    def test_waiting_for_an_event_ends_with_it(self):
        since = self.home.output("event.list")["next"]
        answer = []
        waiting = threading.Thread(target=lambda: answer.append(
            self.daemon.call("event.wait", {"since": since, "tool": "memory.write"}, Lilux_Timeout="1m")))
        waiting.start()
        self.note("a")
        waiting.join(PATIENCE)
        self.assertEqual("memory.write", answer[0][1]["output"]["events"][0]["tool"])


class Hooks(SystemTest):
    def add(self, *flags):
        done = self.home.run("call", "event.add_hook", "--json", *flags)
        envelope = json.loads(done.stdout)
        if not envelope["ok"] and envelope["error"]["code"] == "approval_required":
            done = self.home.run("approve", envelope["call"], "--json")
            envelope = json.loads(done.stdout)
        self.assertTrue(envelope["ok"], envelope)
        return envelope["output"]["id"]

    def setUp(self):
        super().setUp()
        self.daemon = self.home.up()
        self.told = self.home.project / "told"

    def lines(self):
        return self.told.read_text().splitlines() if self.told.exists() else []

    def test_a_hook_runs_a_command_with_the_event_on_its_input(self):
        self.add("--event", "call.error", "--tool", "fs.*", "--command", "/bin/sh", "--command", "-c", "--command",
                 "cat >> told")
        self.home.call("fs.read", path="/etc/shadow")
        event = json.loads(eventually(self.lines, "the hook has run")[0])
        self.assertEqual(("call.error", "fs.read", "denied"), (event["event"], event["tool"], event["error"]["code"]))
        self.home.call("fs.list", path=".")  # ends well: no event of this hook
        self.home.call("fs.read", path="/etc/gshadow")
        eventually(lambda: len(self.lines()) == 2, "the hook has run twice, not three times")

    def test_a_hook_makes_a_call_and_does_not_set_itself_off(self):
        self.add("--event", "call.ok", "--tool", "fs.*", "--run-tool", "fs.mkdir", "--run-arguments", '{"path": "made"}')
        self.home.output("fs.write", path="a", content="x")
        eventually((self.home.project / "made").exists, "the hook's call has run")
        self.home.output("memory.write", key="a", value=1)
        calls = self.home.output("ledger.query", tool="fs.mkdir")["calls"]
        self.assertEqual(1, len(calls))
        why = self.home.output("ledger.why", call=calls[0]["call"])
        self.assertIn("hook h", json.dumps(why))

    def test_hooks_survive_a_crash_and_end_when_removed(self):
        hook = self.add("--event", "call.ok", "--tool", "memory.write", "--command", "/bin/sh", "--command", "-c",
                        "--command", "echo x >> told")
        self.daemon.kill()
        self.daemon = self.home.up()
        self.assertEqual([hook], [row["id"] for row in self.home.output("event.list_hooks")["hooks"]])
        self.home.output("memory.write", key="a", value=1)
        eventually(self.lines, "the hook has run")
        self.home.output("event.remove_hook", id=hook)
        self.home.output("memory.write", key="b", value=1)
        self.assertEqual(1, len(self.home.output("ledger.query", tool="process.spawn")["calls"]))

    def test_a_hook_that_fails_stops_nothing_and_is_on_record(self):
        self.add("--event", "call.ok", "--tool", "memory.write", "--run-tool", "fs.read", "--run-arguments",
                 '{"path": "/usr/no-such"}')
        self.home.output("memory.write", key="a", value=1)
        failed = lambda: [call for call in self.home.output("ledger.query", tool="fs.read")["calls"] if call["result"] == "error"]
        eventually(failed, "the failure is on record")
        self.home.output("memory.write", key="b", value=1)

    def test_clients_and_agents_add_none(self):
        status, envelope = self.daemon.call("event.add_hook", {"event": "*", "command": ["true"]})
        self.assertEqual(403, status)
        self.refused(envelope, "denied", "people")
        done = self.home.run("call", "event.add_hook", "--event", "*", "--command", "true", environment={"LILUX_TASK": "t"})
        self.assertEqual(6, done.returncode)


class RulesTest(SystemTest):
    def test_no_event_that_is_recorded_is_unknown_to_rules(self):
        source = pathlib.Path(__file__).resolve().parents[2] / "src"
        told = r'(?:note\(\s*(?:kernel_, )?|\.event = |tell\(\w+, (?:\{\}|\w+), |progress, )"([a-z_]+\.[a-z_]+)"'
        written = re.compile(told)
        names = {name for file in source.rglob("*.cpp") if not file.name.endswith("_test.cpp")
                 for name in written.findall(file.read_text())}
        self.assertGreater(len(names), 20)
        self.home.config.mkdir(parents=True, exist_ok=True)
        (self.home.config / "rules.toml").write_text("".join(
            f'[[rule]]\nname = "{name}"\nwhen = "{name}"\nthen = "fs.list"\n' for name in sorted(names)))
        self.assertEqual(self.home.call("rule.test")["output"]["failures"], [])


if __name__ == "__main__":
    main()

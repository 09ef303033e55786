#!/usr/bin/env python3
"""`lilux mcp serve`: what clients of both eras get, what they are refused, and what is left when one vanishes."""

import json
import subprocess
import threading

from support import LILUX, PATIENCE, SystemTest, eventually, main

META = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}


class Client:
    def __init__(self, home, *words):
        self.process = home.start("mcp", "serve", *words, stdin=subprocess.PIPE)
        self.answers = {}
        self.told = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        self.next = 0

    def read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            with self.news:
                if "method" in message:
                    self.told.append(message)
                else:
                    self.answers[message.get("id")] = message
                self.news.notify_all()

    def line(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def send(self, method, **params):
        self.next += 1
        self.line(json.dumps({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}))
        return self.next

    def tell(self, method, **params):
        self.line(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def answer(self, number):
        with self.news:
            if not self.news.wait_for(lambda: number in self.answers, PATIENCE):
                raise AssertionError(f"no answer to {number}: {self.answers}")
            return self.answers.pop(number)

    def ask(self, method, **params):
        return self.answer(self.send(method, **params))

    def result(self, method, **params):
        answer = self.ask(method, **params)
        if "result" not in answer:
            raise AssertionError(f"{method}: {answer}")
        return answer["result"]

    def shake_hands(self):
        made = self.result("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "t", "version": "1"})
        self.tell("notifications/initialized")
        return made

    def call(self, name, /, **arguments):
        return self.result("tools/call", name=name, arguments=arguments)

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


class Mcp(SystemTest):
    def client(self, *words, expose="all"):
        client = Client(self.home, "--expose", expose, *words)
        self.addCleanup(lambda: client.process.poll() is None and client.end())
        return client

    def test_a_client_of_either_era_lists_and_calls(self):
        (self.home.project / "a").write_text("hello")
        client = self.client()
        self.assertEqual("lilux", client.shake_hands()["serverInfo"]["name"])
        for more in ({}, META):
            tools = {tool["name"]: tool for tool in client.result("tools/list", **more)["tools"]}
            read = tools["fs_read"]
            self.assertEqual(["path"], read["inputSchema"]["required"])
            self.assertEqual(("object", True), (read["outputSchema"]["type"], read["annotations"]["readOnlyHint"]))
            self.assertFalse(tools["fs_write"]["annotations"]["readOnlyHint"])
            self.assertNotIn("approval_answer", tools)  # what only people may do
            self.assertTrue(all(name.replace("_", "").isalnum() and name == name.lower() for name in tools))
            done = client.result("tools/call", name="fs_read", arguments={"path": "a"}, **more)
            self.assertEqual((False, "hello"), (done["isError"], done["structuredContent"]["content"]))
            self.assertEqual("hello", json.loads(done["content"][0]["text"])["content"])
        self.assertEqual("complete", client.result("server/discover", **META)["resultType"])
        self.assertEqual(0, client.end())
        newest = self.home.output("ledger.query", tool="fs.read", limit=1)["calls"][0]
        self.assertEqual(("mcp", "ok"), (newest["principal"], newest["result"]))
        sessions = [row["task"] for row in self.home.output("task.tree", all=True)["tasks"] if row["task"].get("parent") == "mcp"]
        self.assertEqual([(newest["task"], "t", "ready")], [(row["id"], row["title"], row["state"]) for row in sessions])

    def test_what_is_refused_or_waits_says_so_and_goes_on_when_approved(self):
        client = self.client()
        client.shake_hands()
        denied = client.call("fs_read", path="/etc/shadow")
        self.assertTrue(denied["isError"])
        self.assertEqual("denied", json.loads(denied["content"][0]["text"])["code"])
        asked = json.loads(client.call("fs_write", path="~/x", content="x")["content"][0]["text"])
        self.assertEqual("approval_required", asked["code"])
        waiting = [row["call"] for row in self.home.output("approval.list")["approvals"]]
        self.assertIn(f"ask your user to run `lilux approve {waiting[0]}`", asked["hint"])
        self.assertEqual(waiting[0], asked["call"])
        self.assertEqual(0, self.home.run("approve", waiting[0]).returncode)
        self.assertFalse(client.call("fs_write", path="~/x", content="x")["isError"])
        self.assertEqual("x", (self.home.home / "x").read_text())
        bad = client.call("fs_read", path=7)
        self.assertIn("path", json.loads(bad["content"][0]["text"])["message"])
        for name in ("policy_add", "approval_answer", "fs.read", "nonsense"):
            self.assertEqual(-32602, client.ask("tools/call", name=name, arguments={})["error"]["code"])
        self.assertEqual(0, client.end())

    def test_broken_lines_get_one_error_each_and_nothing_runs(self):
        client = self.client()
        client.shake_hands()
        for line in ("{", "[]", "nonsense", '{"jsonrpc":"2.0"}', '"x"', "{}" * 2):
            client.line(line)
            error = client.answer(None)["error"]
            self.assertIn(error["code"], (-32700, -32600))
        client.line("")
        client.line('{"jsonrpc":"2.0","id":"cut","method":"tools/call","params":{"name":"fs_write","arguments":{"path":"made","content":"x"')
        self.assertEqual(-32700, client.answer(None)["error"]["code"])
        self.assertFalse((self.home.project / "made").exists())
        client.line("x" * (17 << 20))
        self.assertEqual(-32700, client.answer(None)["error"]["code"])
        self.assertEqual({}, client.result("ping"))
        self.assertEqual(0, client.end())

    def test_calls_go_side_by_side_and_can_be_cancelled(self):
        client = self.client()
        client.shake_hands()
        waits = client.send("tools/call", name="event_wait", arguments={"since": 0, "event": "no.such"})
        numbers = [client.send("tools/call", name="fs_list", arguments={"path": "."}) for _ in range(20)]
        for number in numbers:
            self.assertFalse(client.answer(number)["result"]["isError"])
        in_flight = lambda: self.home.output("kernel.status")["calls_in_flight"]
        self.assertEqual(2, in_flight())
        client.tell("notifications/cancelled", requestId=waits)
        eventually(lambda: in_flight() == 1, "the cancelled call has ended")
        self.assertEqual({}, client.result("ping"))
        self.assertNotIn(waits, client.answers)
        self.assertEqual(0, client.end())

    def test_a_client_that_vanishes_leaves_nothing_running(self):
        client = self.client()
        client.shake_hands()
        client.send("tools/call", name="event_wait", arguments={"since": 0, "event": "no.such"})
        in_flight = lambda: self.home.output("kernel.status")["calls_in_flight"]
        eventually(lambda: in_flight() == 2, "the call waits")
        client.process.kill()
        client.end()
        eventually(lambda: in_flight() == 1, "the call of who has gone has ended")

    def test_what_the_four_calls_did_can_be_taken_back_by_their_call(self):
        self.home.output("policy.trust", path=".")
        client = self.client(expose="four")
        client.shake_hands()

        def execute(kind, action, item, **parameters):
            done = client.call("execute", item_type=kind, action=action, item_id=item, parameters=parameters)
            self.assertFalse(done["isError"], done)
            return done["structuredContent"]

        file = self.home.project / ".ai/scripts/two.py"
        tried = execute("script", "create", "two", content="print(2)\n", dry_run=True)
        self.assertEqual(("validation_passed", ""), (tried["status"], tried["commit"]))
        self.assertFalse(file.exists())
        made = execute("script", "create", "two", content="print(2)\n")
        ran = execute("script", "run", "two")
        self.assertIn("duration_sec", ran["metadata"])
        execute("script", "delete", "two", dry_run=True)
        self.assertTrue(file.exists())
        calls = [made["metadata"]["call"], ran["metadata"]["call"]]
        self.assertEqual(["item.create", "item.run"], [self.home.output("ledger.why", call=call)["chain"][0]["tool"] for call in calls])
        execute("tool", "run", "undo.apply", call=made["metadata"]["call"])
        self.assertFalse(file.exists())
        client.end()

    def test_the_reason_of_the_four_calls_is_recorded_and_is_the_message_of_the_commit(self):
        self.home.output("policy.trust", path=".")
        client = self.client(expose="four")
        client.shake_hands()
        for action, parameters in (("create", {"content": "one\n"}), ("update", {"content": "two\n"}), ("delete", {})):
            done = client.call("execute", item_type="plan", action=action, item_id="p", parameters=parameters, reason=f"we {action} it")
            self.assertFalse(done["isError"], done)
            shown = self.home.output("ledger.why", call=done["structuredContent"]["metadata"]["call"])["chain"][0]
            self.assertEqual(f"we {action} it", shown["reason"])
        messages = [row["message"].split("\n")[0] for row in self.home.output("volume.history", source="project")["commits"]]
        self.assertEqual(["we delete it", "we update it", "we create it"], messages)
        loaded = client.call("load", item_type="directive", item_id="context", reason="to look")
        self.assertFalse(loaded["isError"], loaded)
        client.end()

    def test_a_project_path_is_a_folder_of_its_own_project_or_of_one_that_a_person_trusts(self):
        trusted, other = self.home.home / "trusted", self.home.home / "other"
        for folder in (self.home.project / "sub", trusted, other):
            folder.mkdir()
            (folder / "a").write_text(folder.name)
        (self.home.project / ".ai").mkdir()
        self.home.output("policy.trust", path=str(trusted))
        client = self.client(expose="four")
        client.shake_hands()

        def read(folder):
            done = client.call("execute", item_type="tool", action="run", item_id="fs.read", parameters={"path": "a"}, project_path=str(folder))
            said = json.loads(done["content"][0]["text"])
            return said["code"] if done["isError"] else said["data"]["content"]

        self.assertEqual(["sub", "trusted"], [read(self.home.project / "sub"), read(trusted)])
        refused = {other: "denied", "/": "denied", "/etc": "denied", self.home.project / "none": "not_found",
                   trusted / "a": "not_found", "sub": "invalid_argument"}
        self.assertEqual(refused, {folder: read(folder) for folder in refused})
        client.end()

    def test_a_merge_that_met_conflicts_is_an_error_that_carries_them(self):
        self.home.output("policy.trust", path=".")
        for content, branch in (("base\n", {}), ("theirs\n", {"branch": "proposal"})):
            self.home.output("item.create", kind="plan", name="p", content=content, location="user", replace=True)
            self.home.output("volume.promote", kind="plan", name="p", source="user", destination="project", **branch)
        self.home.output("item.update", kind="plan", name="p", content="ours\n", location="project")
        conflicts = [{"path": "plans/p.md", "base": "base\n", "ours": "ours\n", "theirs": "theirs\n"}]
        merge = {"source": "project", "branch": "proposal"}
        each = self.client()
        each.shake_hands()
        met = each.call("volume_merge", **merge)
        self.assertEqual((True, conflicts), (met["isError"], met["structuredContent"]["conflicts"]))
        self.assertIn("volume_merge", met["structuredContent"]["instructions"])
        each.end()
        client = self.client(expose="four")
        client.shake_hands()
        entry = {"item_type": "tool", "action": "run", "item_id": "volume.merge"}
        met = client.call("execute", **entry, parameters=merge)
        told = met["structuredContent"]
        self.assertEqual((True, "error", conflicts), (met["isError"], told["status"], told["data"]["conflicts"]))
        self.assertIn("plans/p.md", told["error"])
        done = client.call("execute", **entry, parameters={**merge, "resolutions": [{"path": "plans/p.md", "content": "both\n"}]})
        self.assertFalse(done["isError"], done)
        self.assertEqual("both\n", (self.home.project / ".ai/plans/p.md").read_text())
        client.end()

    def test_only_what_is_exposed_is_there(self):
        client = self.client(expose="fs.read,task.*")
        client.shake_hands()
        names = [tool["name"] for tool in client.result("tools/list")["tools"]]
        self.assertIn("fs_read", names)
        self.assertTrue(all(name == "fs_read" or name.startswith("task_") for name in names))
        self.assertEqual(-32602, client.ask("tools/call", name="fs_write", arguments={})["error"]["code"])
        self.assertEqual(0, client.end())
        for words in (["--expose", "no.such"], ["--expose"], ["nonsense"], ["--expose", "[a"]):
            done = self.home.run("mcp", "serve", *words)
            self.assertEqual((2, ""), (done.returncode, done.stdout), words)

    def test_an_agent_serves_as_itself(self):
        self.home.up()
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        lines = [json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                             "params": {"name": "fs_list", "arguments": {"path": "."}, **META}})]
        pid = self.home.output("process.spawn", unconfined=True, command=str(LILUX), args=["mcp", "serve", "--expose", "all"], stdin="\n".join(lines) + "\n")["pid"]
        ended = self.home.output("process.wait", pid=pid)
        self.assertEqual(0, ended["exit_code"], ended)
        newest = self.home.output("ledger.query", tool="fs.list", limit=1)["calls"][0]
        parents = {row["task"]["id"]: row["task"].get("parent") for row in self.home.output("task.tree", all=True)["tasks"]}
        self.assertEqual(("terminal", "agent"), (parents[newest["task"]], newest["principal"]))


if __name__ == "__main__":
    main()

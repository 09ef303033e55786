#!/usr/bin/env python3
"""The Model Context Protocol over the daemon's port: three eras, who may speak, sessions and their tasks, approvals."""

import json
import re
import socket
import threading

from mcp_peer import FORMS, NS, Modern, Old, Peer, Session, approval
from support import LILUX, PATIENCE, SystemTest, eventually, is_alive, main

LOG = {"path": "log", "content": "once\n", "append": True}  # it is asked about, and it shows how often it ran


class McpHttp(SystemTest):
    def setUp(self):
        super().setUp()
        self.project = self.home.project
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        self.daemon = self.home.up()
        self.place = {"expose": "all", "folder": str(self.project)}

    def modern(self, name="modern", capabilities={}, **query):
        return Modern(self.daemon, name, capabilities, **{**self.place, **query})

    def session(self, name="session", capabilities={}, **query):
        return Session(self.daemon, name, capabilities, **{**self.place, **query})

    def in_flight(self):
        return self.home.output("kernel.status")["calls_in_flight"]

    def tasks(self, title):
        """State by task of the sessions of that name."""
        return {row["task"]["id"]: row["task"]["state"] for row in self.home.output("task.tree", all=True)["tasks"]
                if row["task"]["title"] in (title, title + " (by token)") and row["task"]["parent"] == "mcp"}

    def log(self):
        file = self.project / "log"
        return file.read_text() if file.exists() else ""

    def eventually_logged(self, lines):
        eventually(lambda: self.log().count("once") >= lines, "the program has written")
        self.assertEqual("once\n" * lines, self.log())


class Stateless(McpHttp):
    def test_it_discovers_lists_and_calls(self):
        (self.project / "a").write_text("hello")
        client = self.modern()
        found = client.result("server/discover")
        self.assertIn("2026-07-28", found["supportedVersions"])
        self.assertEqual(("complete", "lilux"), (found["resultType"], found["_meta"][NS + "serverInfo"]["name"]))
        for method, member in (("tools/list", "tools"), ("prompts/list", "prompts"), ("resources/list", "resources"),
                               ("resources/templates/list", "resourceTemplates")):
            listed = client.result(method)
            self.assertTrue(listed[member], method)
            self.assertEqual((int, "private"), (type(listed["ttlMs"]), listed["cacheScope"]), method)
        self.assertEqual("hello", client.output("fs_read", path="a")["content"])
        self.assertEqual("denied", client.refusal("fs_read", path="/etc/shadow")["code"])
        self.assertEqual((400, -32602), client.error("tools/call", name="no_such", arguments={}))
        self.assertEqual((400, -32602), client.error("resources/read", uri="lilux://no/such"))

    def test_what_a_request_must_say_is_asked_for(self):
        client = self.modern()
        for missing in ("protocolVersion", "clientCapabilities"):
            message = client.message("tools/list", {"_meta": {k: v for k, v in client.meta.items() if k != NS + missing}})
            answer = client.open("POST", body=message, **client.headers("tools/list", {}))
            said = answer.whole()
            self.assertEqual((400, -32602, message["id"]), (answer.status, said[0]["error"]["code"], said[0]["id"]))
        answer = client.open("POST", body=client.message("tools/list", {}), **client.headers("tools/list", {}))
        self.assertEqual((400, -32602), (answer.status, answer.whole()[0]["error"]["code"]))
        status, said, _ = client.ask("tools/list", meta={NS + "protocolVersion": "2031-01-01"},
                                     headers={"MCP_Protocol_Version": "2031-01-01"})
        self.assertEqual((400, -32022, "2031-01-01"), (status, said["error"]["code"], said["error"]["data"]["requested"]))
        self.assertIn("2026-07-28", said["error"]["data"]["supported"])

    def test_headers_that_say_something_else_are_refused(self):
        client = self.modern()
        read = {"name": "fs_list", "arguments": {"path": "."}}
        for wrong in ({"Mcp_Method": "tools/list"}, {"Mcp_Method": "TOOLS/CALL"}, {"Mcp_Method": None}, {"Mcp_Name": "fs_read"},
                      {"Mcp_Name": None}, {"Mcp_Name": "=?base64?!!?="}, {"MCP_Protocol_Version": "2025-11-25"},
                      {"MCP_Protocol_Version": None}):
            self.assertEqual((400, -32020), client.error("tools/call", headers=wrong, **read), wrong)
        for right in ({"Mcp_Name": "  fs_list  "}, {"Mcp_Name": "=?base64?ZnNfbGlzdA==?="}):
            self.assertEqual(200, client.ask("tools/call", headers=right, **read)[0], right)

    def test_methods_statuses_and_notifications(self):
        client = self.modern()
        for method in ("no/such", "initialize", "ping", "logging/setLevel", "resources/subscribe"):
            self.assertEqual((404, -32601), client.error(method), method)
        for verb in ("GET", "DELETE", "PUT"):
            answer = client.open(verb)
            self.assertEqual((405, -32600), (answer.status, answer.whole()[0]["error"]["code"]), verb)
        answer = client.open("POST", body={"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
                             MCP_Protocol_Version="2026-07-28", Mcp_Method="notifications/cancelled")
        self.assertEqual((202, []), (answer.status, answer.whole()))
        for body in ("{", "", "[]", '"x"', "\0", '{"jsonrpc": "2.0", "id": null, "method": "ping"}'):
            answer = client.open("POST", body=body, MCP_Protocol_Version="2026-07-28")
            said = answer.whole()
            self.assertEqual(400, answer.status, body)
            self.assertIn(said[0]["error"]["code"], (-32700, -32600))
            self.assertNotIn("id", said[0])

    def test_prompts_resources_and_completion(self):
        (self.project / "a b").write_text("hello")
        client = self.modern()
        client.output("fs_read", path="a b")
        call = self.home.output("ledger.query", tool="fs.read", limit=1)["calls"][0]
        names = [prompt["name"] for prompt in client.result("prompts/list")["prompts"]]
        self.assertIn("explain_call", names)
        made = client.result("prompts/get", name="explain_call", arguments={"call": call["call"]})
        self.assertEqual("user", made["messages"][0]["role"])
        self.assertIn("fs.read", json.dumps(made["messages"]))
        self.assertEqual((400, -32602), client.error("prompts/get", name="no_such"))
        self.assertEqual((400, -32602), client.error("prompts/get", name="explain_call", arguments={"call": "c-none"}))

        read = lambda uri: client.result("resources/read", uri=uri)["contents"][0]
        self.assertEqual("hello", read(f"file://{self.project}/a%20b")["text"])
        self.assertEqual("serving", json.loads(read("lilux://status")["text"])["state"])
        self.assertIn(call["call"], read("lilux://calls/" + call["call"])["text"])
        self.assertEqual((400, -32602), client.error("resources/read", uri=f"file://{self.project}/none"))
        self.assertEqual((400, -32602), client.error("resources/read", uri="file:///etc/shadow"))

        values = lambda ref, name, begun: client.result("completion/complete", ref=ref, argument={"name": name, "value": begun})["completion"]["values"]
        self.assertIn(call["call"], values({"type": "ref/prompt", "name": "explain_call"}, "call", call["call"][:6]))
        tasks = {"type": "ref/resource", "uri": "lilux://tasks/{task}"}
        self.assertEqual([call["task"]], values(tasks, "task", call["task"]))
        self.assertEqual([], values(tasks, "task", "nothing"))
        self.assertEqual((400, -32602), client.error("completion/complete", ref={"type": "ref/prompt", "name": "no"}, argument={"name": "a", "value": ""}))

    def test_a_listener_hears_of_what_it_named(self):
        client = self.modern()
        watched = ["lilux://tasks", f"file://{self.project}/never"]
        listening = client.send("subscriptions/listen", notifications={"resourceSubscriptions": watched})
        heard = listening.messages()
        accepted = next(heard)
        self.assertEqual("notifications/subscriptions/acknowledged", accepted["method"])
        self.assertEqual(set(watched), set(accepted["params"]["notifications"]["resourceSubscriptions"]))
        self.modern("other").output("fs_write", path="heard", content="x")
        message = next(heard)
        self.assertEqual(("notifications/resources/updated", client.last, "lilux://tasks"),
                         (message["method"], message["params"]["_meta"][NS + "subscriptionId"], message["params"]["uri"]))
        listening.close()

    def test_who_goes_away_cancels_the_call(self):
        client = self.modern()
        message = client.message("tools/call", {"name": "event_wait", "arguments": {"since": 0, "event": "no.such"}, "_meta": client.meta})
        body = json.dumps(message).encode()
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in client.headers("tools/call", message["params"]).items())
        connection = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=PATIENCE)
        connection.sendall(f"POST {client.address()} HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\nAuthorization: Bearer "
                           f"{self.daemon.token}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        eventually(lambda: self.in_flight() == 2, "the waiting call is in flight")
        connection.close()
        eventually(lambda: self.in_flight() == 1, "the call of who has gone has ended")


class Sessions(McpHttp):
    def test_a_session_calls_hears_and_ends(self):
        client = self.session()
        self.assertEqual(("2025-11-25", "lilux"), (client.made["protocolVersion"], client.made["serverInfo"]["name"]))
        self.assertGreater(len(client.id), 40)
        self.assertEqual({}, client.result("ping"))
        stream = client.stream()
        self.assertEqual({}, client.result("resources/subscribe", uri="lilux://tasks"))
        client.output("fs_write", path="a", content="x")
        told = stream.next()
        self.assertEqual(("notifications/resources/updated", {"uri": "lilux://tasks"}), (told["method"], told["params"]))
        newer = client.stream()  # takes the place of the first one
        stream.whole()
        client.output("fs_write", path="a", content="y")
        self.assertEqual("lilux://tasks", newer.next()["params"]["uri"])
        self.assertEqual({}, client.result("resources/unsubscribe", uri="lilux://tasks"))
        self.assertEqual((200, -32601), client.error("no/such"))
        self.assertEqual((200, -32602), client.error("tools/call", name="no_such"))
        self.assertEqual((200, -32002), client.error("resources/read", uri="lilux://no/such"))
        self.assertEqual(204, client.end())
        newer.whole()
        self.assertEqual(404, client.ask("ping")[0])
        self.assertEqual(404, client.open("GET", Mcp_Session_Id=client.id).status)
        self.assertEqual(404, client.end())

    def test_every_older_revision_is_spoken(self):
        for revision in ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"):
            client = Session(self.daemon, revision=revision, **self.place)
            self.assertEqual(revision, client.revision)
            self.assertTrue(client.result("tools/list")["tools"])
        self.assertEqual("2025-11-25", Session(self.daemon, revision="1999-01-01", **self.place).revision)

    def test_a_session_is_only_its_clients_own(self):
        client = self.session()
        elsewhere = self.home.home / "elsewhere"
        elsewhere.mkdir()
        for more in ({"folder": str(elsewhere)}, {"expose": "four"}, {"calls": 5}, {"grant": f"read fs {self.project}/**"}):
            other = Peer(self.daemon, **{**self.place, **more})
            for verb, body in (("POST", client.message("ping", {})), ("GET", None), ("DELETE", None)):
                self.assertEqual(404, other.open(verb, body=body, Mcp_Session_Id=client.id).status, (verb, more))
        for unknown in ("x" * 43, client.id[:-1], client.id + "x", "../" + client.id):
            self.assertEqual(404, client.open("POST", body=client.message("ping", {}), Mcp_Session_Id=unknown).status)
        answer = client.open("POST", body=client.message("ping", {}))
        self.assertEqual((400, True), (answer.status, "Mcp-Session-Id" in answer.whole()[0]["error"]["message"]))
        self.assertEqual({}, client.result("ping"))

    def test_a_session_is_not_taken_over_from_the_other_door(self):
        client = self.session()
        socket_door = type(self.daemon).__new__(type(self.daemon))
        socket_door.__dict__.update(self.daemon.__dict__, socket=str(self.home.socket))
        known = Session(socket_door, **self.place)
        unknown = Peer(self.daemon, **self.place).open("DELETE", Mcp_Session_Id="x" * 43)
        expected = (unknown.status, unknown.whole())
        for door, mine in ((self.daemon, known), (socket_door, client)):
            for verb, body in (("POST", client.message("ping", {})), ("GET", None), ("DELETE", None)):
                answer = Peer(door, **self.place).open(verb, body=body, Mcp_Session_Id=mine.id)
                said = answer.whole()
                for message in said:
                    message.pop("id", None)
                self.assertEqual(expected, (answer.status, said), verb)
        for kept in (client, known):
            self.assertEqual({}, kept.result("ping"))

    def test_a_name_is_no_way_into_the_session_of_a_known_client(self):
        socket_door = type(self.daemon).__new__(type(self.daemon))
        socket_door.__dict__.update(self.daemon.__dict__, socket=str(self.home.socket))
        known = Session(socket_door, "editor", **self.place)
        known.output("fs_list", path=".")
        task, = self.tasks("editor")
        known.end()
        eventually(lambda: self.tasks("editor")[task] == "ready", "the session is idle")
        for other in (self.session("editor"), self.modern("editor")):
            other.output("fs_list", path=".")
            self.assertNotEqual(task, self.home.output("ledger.query", tool="fs.list", limit=1)["calls"][0]["task"])
        again = Session(socket_door, "editor", **self.place)
        again.output("fs_list", path=".")
        self.assertEqual(task, self.home.output("ledger.query", tool="fs.list", limit=1)["calls"][0]["task"])

    def test_nobody_else_ends_or_limits_a_sessions_task(self):
        one, other = self.session("one"), self.session("other")
        one.output("fs_list", path=".")
        other.output("fs_list", path=".")
        self.home.output("policy.autonomy", level="full")
        task, = self.tasks("one")
        own, = self.tasks("other")
        for tool in ("task_kill", "task_suspend", "task_resume"):
            self.assertEqual("builtin:kernel-tasks-of-others", other.refusal(tool, task=task)["rule"], tool)
            self.assertEqual("not_found", other.refusal(tool, task="one")["code"], tool)  # a title is no way in
        self.assertEqual("builtin:kernel-tasks-of-others",
                         other.refusal("task_set_priority", task=task, priority=0)["rule"])
        self.assertEqual((200, -32602), other.error("tools/call", name="budget_set", arguments={"task": task, "calls": 0}))
        self.assertEqual({}, one.result("ping"))
        self.assertEqual(9, one.output("task_set_priority", task=task, priority=9)["priority"])
        self.assertEqual("killed", other.output("task_kill", task=own) and self.tasks("other")[own])
        self.home.output("task.kill", task="one (by token)")
        self.assertEqual("killed", self.tasks("one")[task])

    def test_whoever_watches_a_file_hears_of_it(self):
        uri = f"file://{self.project}/heard"
        listening = self.modern().send("subscriptions/listen", notifications={"resourceSubscriptions": [uri]})
        listening.next()
        client = self.session()
        stream = client.stream()
        old = Old(self.daemon, **self.place)
        for peer in (client, old):
            peer.result("resources/subscribe", uri=uri)
        client.output("fs_write", path="other", content="x")
        client.output("fs_write", path="heard", content="x")
        for heard in (listening, stream):
            self.assertEqual(uri, heard.next()["params"]["uri"])
        eventually(lambda: old.told, "it hears of the file")
        self.assertEqual([uri], [message["params"]["uri"] for message in old.told])

    def test_a_call_is_cancelled_by_a_notification(self):
        client = self.session()
        wait = {"name": "event_wait", "arguments": {"since": 0, "event": "no.such"}}
        client.output("fs_list", path=".")
        answered = []
        thread = threading.Thread(target=lambda: answered.append(client.ask("tools/call", **wait)))
        thread.start()
        eventually(lambda: self.in_flight() == 2, "the waiting call is in flight")
        number = client.last
        self.assertEqual(202, client.tell("notifications/cancelled", requestId=number))
        thread.join(PATIENCE)
        self.assertEqual([(204, None, [])], answered)
        eventually(lambda: self.in_flight() == 1, "the cancelled call has ended")
        self.assertEqual(204, client.end())

    def test_the_end_of_a_session_ends_its_calls_and_processes(self):
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        client = self.session()
        pid = client.output("process_spawn", unconfined=True, command="sleep", args=["1000"])["pid"]
        self.assertTrue(is_alive(pid))
        self.assertEqual(204, client.end())
        eventually(lambda: not is_alive(pid), "its process has ended")

    def test_2024_11_05_has_one_stream_that_is_the_session(self):
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        client = Old(self.daemon, **self.place)
        self.assertEqual("endpoint", client.endpoint[0])
        self.assertRegex(client.endpoint[1], r"^/messages\?session=[\w-]{43}&expose=all&folder=")
        self.assertEqual("2024-11-05", client.made["protocolVersion"])
        self.assertIn("fs_read", [tool["name"] for tool in client.result("tools/list")["tools"]])
        self.assertEqual({}, client.result("resources/subscribe", uri="lilux://tasks"))
        client.output("fs_list", path=".")
        eventually(lambda: client.told, "it hears of the task")
        self.assertEqual("notifications/resources/updated", client.told[0]["method"])
        answer = client.post("{")
        self.assertEqual((400, -32700), (answer.status, answer.whole()[0]["error"]["code"]))
        elsewhere = client.endpoint[1].replace("project", "elsewhere")
        self.assertEqual(404, client.open("POST", elsewhere, client.message("ping", {})).status)
        pid = client.output("process_spawn", unconfined=True, command="sleep", args=["1000"])["pid"]
        self.assertEqual(202, client.post(client.message("tools/call", {"name": "event_wait", "arguments": {"since": 0, "event": "no.such"}})).status)
        eventually(lambda: self.in_flight() == 2, "the call waits")
        client.end()
        eventually(lambda: self.in_flight() == 1, "its call has ended")
        eventually(lambda: not is_alive(pid), "its process has ended")
        eventually(lambda: client.post(client.message("ping", {})).status == 404, "the session has ended")
        eventually(lambda: list(self.tasks("old").values()) == ["ready"], "its task is idle")

    def test_each_client_has_a_task_of_its_name(self):
        first, second = self.session("editor"), self.session("editor")
        for client in (first, second):
            client.output("fs_list", path=".")
        self.assertEqual(["running", "running"], list(self.tasks("editor").values()))
        self.assertIn("editor", self.home.run("ps").stdout)
        used = [row["task"] for row in self.home.output("ledger.query", tool="fs.list", limit=2)["calls"]]
        self.assertEqual(set(self.tasks("editor")), set(used))
        first.end()
        eventually(lambda: "ready" in self.tasks("editor").values(), "the first one is idle")
        gone = [task for task, state in self.tasks("editor").items() if state == "ready"]
        again = self.session("editor")
        again.output("fs_list", path=".")
        self.assertEqual(gone[0], self.home.output("ledger.query", tool="fs.list", limit=1)["calls"][0]["task"])
        self.assertEqual(2, len(self.tasks("editor")))
        hostile = self.session("x\x1b[31m\n" + "y" * 300)
        hostile.output("fs_list", path=".")
        self.assertNotIn("\x1b", self.home.run("ps").stdout)
        for client in (self.modern("stateless"), self.modern("stateless")):
            client.output("fs_list", path=".")
        self.assertEqual(1, len(self.tasks("stateless")))


    def test_a_crowd_of_names_ends_nothing_that_another_client_runs(self):
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        client = self.modern("worker")
        pid = client.output("process_spawn", unconfined=True, command="sleep", args=["1000"])["pid"]
        for number in range(250):  # these only look around
            self.modern(f"visitor {number}").result("tools/list")
        self.assertEqual({}, self.tasks("visitor 0"))
        statuses = set()
        for number in range(210):
            answer = self.modern(f"caller {number}").send("tools/call", name="fs_list", arguments={"path": "."})
            answer.whole()
            statuses.add(answer.status)
        self.assertEqual({200, 503}, statuses)
        self.assertTrue(is_alive(pid))
        client.output("fs_list", path=".")


class WhoMaySpeak(McpHttp):
    def test_without_the_token_only_the_way_to_one_is_told(self):
        peer = Peer(self.daemon)
        for path in ("/mcp", "/sse", "/messages"):
            for verb in ("GET", "POST", "DELETE"):
                for authorization in (None, "Bearer x", f"Basic {self.daemon.token}", f"Bearer {self.daemon.token}x"):
                    answer = peer.open(verb, path, token=False, Authorization=authorization)
                    self.assertEqual(401, answer.status, (verb, path))
                    told = answer.headers["WWW-Authenticate"]
                    where = f"http://127.0.0.1:{self.daemon.port}/.well-known/oauth-protected-resource{path}"
                    self.assertEqual(f'Bearer resource_metadata="{where}"', told)
                    answer.close()
        for path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"):
            document = peer.open("GET", path, token=False).next()
            self.assertEqual(f"http://127.0.0.1:{self.daemon.port}/mcp", document["resource"])
            self.assertEqual(["header"], document["bearer_methods_supported"])
        self.assertEqual(401, peer.open("POST", "/mcp?token=" + self.daemon.token, token=False).status)

    def test_other_hosts_and_web_pages_are_refused(self):
        own = f"127.0.0.1:{self.daemon.port}"
        client = self.modern()
        for wrong in ({"Host": "evil.example"}, {"Host": f"evil.example:{self.daemon.port}"}, {"Origin": "https://evil.example"},
                      {"Origin": "null"}, {"Origin": f"http://{own}.evil.example"}, {"Origin": f"https://{own}"}):
            status, _, _ = client.ask("tools/list", headers=wrong)
            self.assertEqual(403, status, wrong)
        for right in ({"Host": own}, {"Origin": f"http://{own}"}, {"Host": f"localhost:{self.daemon.port}"}):
            self.assertEqual(200, client.ask("tools/list", headers=right)[0], right)

    def test_only_what_is_exposed_is_there(self):
        names = lambda client: [tool["name"] for tool in client.result("tools/list")["tools"]]
        few = self.modern(expose="fs.read,task.*")
        self.assertTrue(all(name == "fs_read" or name.startswith("task_") for name in names(few)))
        self.assertIn("fs_read", names(few))
        self.assertEqual((400, -32602), few.error("tools/call", name="fs_write", arguments={"path": "a", "content": "x"}))
        self.assertFalse((self.project / "a").exists())
        four = self.modern(expose="four")
        self.assertEqual(["search", "load", "execute", "help"], names(four))
        (self.project / "a").write_text("hello")
        run = lambda item: four.call("execute", item_type="tool", action="run", item_id=item, parameters={"path": "a"}, project_path=str(self.project))
        self.assertEqual("hello", json.loads(run("fs.read")["content"][0]["text"])["data"]["content"])
        self.assertTrue(run("policy.trust")["isError"])
        for client in (few, four, self.modern()):
            self.assertNotIn("approval_answer", names(client))
        answer = Peer(self.daemon, expose="no.such").open("POST", body="{}")
        self.assertEqual((400, True), (answer.status, "no.such" in json.dumps(answer.whole())))

    def test_the_four_calls_reach_items(self):
        four = self.modern(expose="four")
        def done(name, **arguments):
            result = four.call(name, project_path=str(self.project), **arguments)
            self.assertFalse(result["isError"], result)
            return json.loads(result["content"][0]["text"])
        text = "---\nzettel_id: bees\ntitle: Bees dance\nentry_type: learning\n---\nThey tell the way by dancing.\n"
        made = done("execute", item_type="knowledge", action="create", item_id="bees", parameters={"content": text})
        self.assertEqual(("created", "project"), (made["status"], made["source"]))
        found = done("search", item_type="knowledge", query="how do they tell the way")
        self.assertEqual("bees", found["results"][0]["name"])
        self.assertIn("dancing", done("load", item_type="knowledge", item_id="bees")["content"])
        steps = done("execute", item_type="directive", action="run", item_id="context", parameters={})
        self.assertEqual(("ready", ["look", "write"]), (steps["status"], [step["name"] for step in steps["process"]]))
        script = done("execute", item_type="script", action="create", item_id="one", parameters={"content": "print(1)\n"})
        self.assertEqual("created", script["status"])
        ran = done("execute", item_type="script", action="run", item_id="one")
        self.assertEqual(("success", {"output": "1\n"}), (ran["status"], ran["data"]))
        gone = done("execute", item_type="knowledge", action="delete", item_id="bees")
        self.assertEqual("deleted", gone["status"])
        refused = four.call("load", item_type="knowledge", item_id="bees", project_path=str(self.project))
        self.assertTrue(refused["isError"])
        self.assertEqual(0, done("search", item_type="knowledge", query="dancing")["total"])

    def test_the_four_calls_answer_as_kiwi_does(self):
        four = self.modern(expose="four")
        def call(name, **arguments):
            result = four.call(name, project_path=str(self.project), **arguments)
            return result["isError"], json.loads(result["content"][0]["text"])
        def execute(item_type, action, item_id, **parameters):
            return call("execute", item_type=item_type, action=action, item_id=item_id, parameters=parameters)
        directive = ('<directive name="ship" version="1.0.0"><metadata><description>Ships</description>'
                     '<model tier="fast" parallel="true">why</model><permissions><read resource="filesystem" path="src/**"/></permissions></metadata>'
                     '<inputs><input name="to" type="string" required="true">Where</input><input name="by" type="string">Who</input></inputs>'
                     '<process><step name="a"><action>Look.</action></step></process></directive>')
        self.assertFalse(execute("directive", "create", "ship", content=directive, category="ops")[0])
        is_error, made = execute("script", "create", "cut", content="import json\nprint(json.dumps({'n': list(range(600))}))\n", category="a/b")
        self.assertEqual((False, "created", "project", "a/b"), (is_error, made["status"], made["location"], made["category"]))
        self.assertRegex(made["signature"]["hash"], "^[0-9a-f]{12}$")
        self.assertIn("timestamp", made["signature"])
        shown = call("load", item_type="directive", item_id="ship")[1]
        self.assertEqual([{"resource": "filesystem", "path": "src/**"}], [one["attrs"] for one in shown["permissions"]])
        self.assertEqual(("fast", True), (shown["model"]["tier"], shown["model"]["parallel"]))
        is_error, refused = execute("directive", "run", "ship", by="me")
        self.assertEqual((True, ["to"], {"by": "me"}), (is_error, refused["missing_inputs"], refused["provided_inputs"]))
        self.assertEqual(["to", "by"], [one["name"] for one in refused["all_inputs"]])
        self.assertEqual("Required directive inputs are missing", refused["error"])
        self.assertTrue(refused["solution"])
        ran = execute("script", "run", "cut")[1]
        self.assertEqual((500, True, ""), (len(ran["data"]["n"]), ran["metadata"]["response_truncated"], ran["metadata"]["venv"]))
        self.assertGreater(ran["metadata"]["duration_sec"], 0)
        execute("script", "create", "bad", content="raise ValueError('no such thing')\n")
        is_error, failed = execute("script", "run", "bad")
        self.assertEqual((True, "error", "ValueError", "ValueError: no such thing", 1),
                         (is_error, failed["status"], failed["error_type"], failed["error"], failed["exit_code"]))
        execute("script", "create", "slow", content="import time\ntime.sleep(60)\n")
        failed = execute("script", "run", "slow", _timeout=1)[1]
        self.assertEqual(("timeout", 137), (failed["error_type"], failed["exit_code"]))
        checked = execute("script", "run", "cut", dry_run=True)[1]
        self.assertEqual(("validation_passed", "", [], []),
                         (checked["status"], checked["venv"], checked["dependencies"], checked["lib_dependencies"]))
        self.assertTrue(checked["message"] and checked["path"].endswith("/cut.py"))

    def test_what_can_be_called_is_tools_components_and_scripts(self):
        four = self.modern(expose="four")
        def call(name, **arguments):
            result = four.call(name, item_type="tool", project_path=str(self.project), **arguments)
            return result["isError"], json.loads(result["content"][0]["text"])
        component = ("# Component: zebra\n\n**Type**: TOOL\n**Claude Tool**: WebFetch, Read\n**Description**: Fetches a page of zebras\n\n"
                     "## Logic\nFetch.\n")
        made = call("execute", action="create", item_id="zebra", parameters={"content": component})
        self.assertFalse(made[0], made)
        is_error, shown = call("load", item_id="zebra")
        self.assertEqual((False, {"WebFetch": None, "Read": "fs.read"}), (is_error, shown["parsed"]["lilux_tools"]))
        self.assertIn("WebFetch", shown["warning"])
        found = call("search", query="zebras")[1]
        self.assertIn("zebra", [hit["name"] for hit in found["results"]])
        self.assertIn("Read is fs.read", call("execute", action="run", item_id="zebra")[1]["instructions"])
        self.assertFalse(call("execute", action="create", item_id="zebra", parameters={"content": "print(1)\n"})[0])
        is_error, several = call("load", item_id="zebra")
        self.assertEqual((True, True), (is_error, "component:zebra, script:zebra" in several["error"]))
        self.assertEqual({"output": "1\n"}, call("execute", action="run", item_id="script:zebra")[1]["data"])
        self.assertTrue(call("load", item_id="nothing-like-it")[0])
        self.assertEqual("fs.edit", call("load", item_id="edit")[1]["name"])
        everything = call("search", query="", limit=100)[1]
        self.assertLessEqual({"fs.read", "zebra"}, {hit["name"] for hit in everything["results"]})

    def test_grants_and_budgets_narrow_a_session(self):
        (self.project / "in").mkdir()
        for name in ("in/a", "b"):
            (self.project / name).write_text("x")
        for make in (self.modern, self.session):
            client = make("narrow", grant=f"read fs {self.project}/in/**")
            self.assertEqual("x", client.output("fs_read", path="in/a")["content"])
            self.assertEqual("denied", client.refusal("fs_read", path="b")["code"])
            self.assertEqual("denied", client.refusal("fs_write", path="in/a", content="y")["code"])
            once = make("once", calls=1)
            once.output("fs_read", path="b")
            self.assertEqual("over_budget", once.refusal("fs_read", path="b")["code"])
        for wrong in ({"grant": "everything"}, {"calls": "many"}, {"calls": "-1"}, {"usd": "{"}):
            status, said, _ = self.modern(**wrong).ask("tools/list")
            self.assertEqual(400, status, (wrong, said))

    def test_limits_hold_for_who_was_here_without_them(self):
        free = self.session("visitor")
        free.output("fs_list", path=".")
        free.end()
        self.assertEqual(["ready"], list(self.tasks("visitor").values()))
        for _ in range(2):
            client = self.session("visitor", calls=2)
            client.call("fs_list", path=".")
            last = [client.call("fs_list", path=".")["isError"] for _ in range(2)][-1]
            self.assertTrue(last)
            client.end()

    def test_a_folder_is_worked_in_when_a_person_trusts_it(self):
        other = self.home.home / "other"
        other.mkdir()
        (other / ".git").mkdir()
        for make in (self.modern, self.session):
            client = make("walker", folder=str(other))
            self.assertEqual("approval_required", client.refusal("fs_write", path="a", content="x")["code"])
            self.assertFalse((other / "a").exists())
        self.assertEqual(0, self.home.run("policy", "trust", str(other)).returncode)
        for name, make in (("a", self.modern), ("b", self.session)):
            make("walker", folder=str(other)).output("fs_write", path=name, content="x")
            self.assertEqual("x", (other / name).read_text())


class Approvals(McpHttp):
    def setUp(self):
        super().setUp()
        self.daemon.socket = str(self.home.socket)  # where the kernel knows who asks
        self.home.output("policy.add", id="logs", effect="ask", capability="write fs /**/{log,other}")

    def test_who_comes_with_a_token_is_never_asked(self):
        self.daemon.socket = None
        for client in (self.modern(capabilities=FORMS), self.session(capabilities=FORMS)):
            self.assertEqual("approval_required", client.refusal("fs_write", **LOG)["code"])
        self.assertEqual("", self.log())

    def test_an_answer_is_good_for_no_other_question(self):
        self.home.output("policy.add", id="writes", effect="ask", capability="write fs **")
        file = self.project / "a"
        file.write_text("old\n")
        client = self.modern(capabilities=FORMS)
        call = {"name": "fs_write", "arguments": {"path": "a", "content": "new\n"}}
        before = self.asked(client, **call)
        file.write_text("other\n")
        anew = client.answered(before, approval(), **call)
        self.assertEqual("input_required", anew["resultType"])
        client.result("tools/call", requestState=anew["requestState"], **call)  # without an answer
        self.assertEqual("other\n", file.read_text())

    def test_an_answer_that_broke_off_is_read_on(self):
        client = self.session(capabilities=FORMS)
        broken = client.send("tools/call", name="fs_write", arguments=LOG)
        question, seen = broken.next(), broken.last_id
        broken.close()
        client.say(question["id"], approval())
        self.eventually_logged(1)
        for _ in range(2):  # and again: it is kept
            answer = client.read_on(seen)
            done, = answer.whole()
            self.assertEqual((client.last, False), (done["id"], done["result"]["isError"]))
        self.assertEqual([], client.read_on(answer.last_id).whole())

    def test_what_was_told_meanwhile_is_read_on_and_what_is_gone_is_said(self):
        client = self.session()
        client.result("resources/subscribe", uri="lilux://tasks")
        stream = client.stream()
        self.assertEqual(("message", ""), stream.event())  # an id to go on from
        self.assertEqual("1-1", stream.last_id)
        stream.close()
        client.output("fs_write", path="a", content="x")
        told = client.read_on("1-1").next()
        self.assertEqual("lilux://tasks", told["params"]["uri"])
        for event in ("1-99", "9-1", "1-", "-1", "x", "1-1x", "99999999999999999999-1", "1-99999999999999999999"):
            answer = client.read_on(event)
            self.assertEqual((400, True), (answer.status, event in answer.whole()[0]["error"]["message"]), event)
        self.assertEqual({}, client.result("ping"))

    def asked(self, client, **params):
        """The question for a call that waits, which has not run."""
        before = client.result("tools/call", **params)
        self.assertEqual("input_required", before["resultType"], before)
        self.assertEqual(["approval"], list(before["inputRequests"]))
        question = before["inputRequests"]["approval"]
        self.assertEqual("elicitation/create", question["method"])
        self.assertEqual(["approve", "deny"], question["params"]["requestedSchema"]["properties"]["answer"]["enum"])
        return before

    def test_the_form_of_the_client_approves_once(self):
        client = self.modern(capabilities=FORMS)
        call = {"name": "fs_write", "arguments": LOG}
        before = self.asked(client, **call)
        said = before["inputRequests"]["approval"]["params"]["message"]
        for part in ("Risk low", "log", "write fs", "lilux approve c"):
            self.assertIn(part, said)
        self.assertEqual("", self.log())
        done = client.answered(before, approval(), **call)
        self.assertEqual(("complete", False), (done["resultType"], done["isError"]), done)
        self.eventually_logged(1)
        again = client.answered(before, approval(), **call)  # it has run: this is a new question at most
        self.assertIn(again["resultType"], ("input_required", "complete"))
        self.eventually_logged(1)
        newest = self.home.output("ledger.query", tool="fs.write", limit=1)["calls"][0]
        self.assertEqual("mcp", newest["principal"])

    def test_who_denies_or_leaves_the_form_runs_nothing(self):
        client = self.modern(capabilities=FORMS)
        call = {"name": "fs_write", "arguments": LOG}
        left = client.answered(self.asked(client, **call), {"action": "cancel"}, **call)
        self.assertEqual("approval_required", json.loads(left["content"][0]["text"])["code"])
        left = client.answered(self.asked(client, **call), {"action": "decline"}, **call)
        self.assertEqual("approval_required", json.loads(left["content"][0]["text"])["code"])
        for odd in (approval("yes"), {"action": "accept"}, {"action": "accept", "content": "approve"}, {}, None, "approve", 7, ["approve"]):
            kept = client.answered(self.asked(client, **call), odd, **call)
            self.assertTrue(kept.get("isError") or kept["resultType"] == "input_required", (odd, kept))
        denied = client.answered(self.asked(client, **call), approval("deny"), **call)
        self.assertEqual("denied", json.loads(denied["content"][0]["text"])["code"])
        self.assertEqual("", self.log())
        self.assertEqual([], self.home.output("approval.list")["approvals"])

    def test_only_the_state_that_was_given_out_counts(self):
        client = self.modern(capabilities=FORMS)
        call = {"name": "fs_write", "arguments": LOG}
        before = self.asked(client, **call)
        state = before["requestState"]
        said = {"inputResponses": {"approval": approval()}}
        body, _, seal = state.partition(".")
        other = {"name": "fs_write", "arguments": {**LOG, "path": "other"}}
        for forged in (state[:-1], "x" + state[1:], body, "." + seal, body[:-4] + "." + seal, "", "x", state + "." + seal):
            self.assertEqual((400, -32602), client.error("tools/call", requestState=forged, **said, **call), forged)
        self.assertEqual((400, -32602), client.error("tools/call", requestState=7, **said, **call))
        self.assertEqual((400, -32602), client.error("tools/call", requestState=state, **said, **other))
        for stranger in (self.modern("another", FORMS), self.modern(capabilities=FORMS, calls=50),
                         self.modern(capabilities=FORMS, expose="fs.*")):
            self.assertEqual((400, -32602), stranger.error("tools/call", requestState=state, **said, **call))
        anew = client.result("tools/call", **said, **call)  # an answer to nothing
        self.assertEqual("input_required", anew["resultType"])
        self.assertEqual("", self.log())
        self.assertFalse(client.answered(before, approval(), **call)["isError"])
        self.eventually_logged(1)

    def test_what_changed_since_it_was_asked_is_asked_anew(self):
        self.home.output("policy.add", id="writes", effect="ask", capability="write fs **")
        file = self.project / "a"
        file.write_text("old\n")
        client = self.modern(capabilities=FORMS)
        call = {"name": "fs_write", "arguments": {"path": "a", "content": "new\n"}}
        before = self.asked(client, **call)
        self.assertIn("-old", before["inputRequests"]["approval"]["params"]["message"])
        file.write_text("other\n")
        anew = client.answered(before, approval(), **call)
        self.assertEqual("input_required", anew["resultType"], anew)
        self.assertIn("-other", anew["inputRequests"]["approval"]["params"]["message"])
        self.assertEqual("other\n", file.read_text())
        self.assertFalse(client.answered(anew, approval(), **call)["isError"])
        self.assertEqual("new\n", file.read_text())

    def test_what_a_command_changed_is_forgotten_when_the_form_denies_it(self):
        client = self.modern(capabilities=FORMS)
        ran = client.result("tools/call", name="shell_run", arguments={"command": "mkdir .vscode; echo {} > .vscode/tasks.json"})
        said = json.dumps(ran)
        runs = self.home.state / "runs"
        self.assertEqual(1, len(list(runs.iterdir())), said)
        call = {"name": "shell_commit", "arguments": {"run": next(runs.iterdir()).name}}
        denied = client.answered(self.asked(client, **call), approval("deny"), **call)
        self.assertEqual("denied", json.loads(denied["content"][0]["text"])["code"])
        self.assertEqual(([], False), (list(runs.iterdir()), (self.project / ".vscode").exists()))

    def test_what_is_of_high_risk_is_not_asked_in_a_form(self):
        arguments = {"path": "~/x", "content": "x"}
        for client in (self.modern(capabilities=FORMS), self.session(capabilities=FORMS)):
            refused = client.refusal("fs_write", **arguments)
            self.assertEqual("approval_required", refused["code"])
        self.assertEqual(0, self.home.run("approve", re.search(r"lilux approve (c\w+)", refused["hint"])[1]).returncode)
        self.assertTrue((self.home.home / "x").exists())

    def test_no_form_lets_a_program_out_of_the_sandbox(self):
        for client in (self.modern(capabilities=FORMS), self.session(capabilities=FORMS)):
            refused = client.refusal("process_spawn", command="touch", args=["out"], unconfined=True)
            self.assertEqual("approval_required", refused["code"])
        self.assertFalse((self.project / "out").exists())

    def test_a_client_without_forms_is_told_how(self):
        for client in (self.modern(), self.session()):
            self.assertIn("lilux approve c", client.refusal("fs_write", **LOG)["hint"])
        self.assertEqual("", self.log())

    def test_a_session_is_asked_on_the_stream_of_its_call(self):
        client = self.session(capabilities=FORMS)
        for answer, ran in (({"action": "cancel"}, 0), ({"action": "decline"}, 0), (approval("deny"), 0), (approval(), 1)):
            calling = client.send("tools/call", name="fs_write", arguments=LOG)
            messages = calling.messages()
            question = next(messages)
            self.assertEqual("elicitation/create", question["method"])
            self.assertIn("write fs", question["params"]["message"])
            self.assertEqual(202, client.say(question["id"] + 1000, approval()))  # answers nothing
            self.assertEqual("", self.log())
            self.assertEqual(202, client.say(question["id"], answer))
            done = next(messages)
            self.assertEqual((client.last, not ran), (done["id"], done["result"]["isError"]), done)
            self.assertEqual([], list(messages))
            calling.close()
            client.say(question["id"], approval())  # too late
        self.eventually_logged(1)

    def test_nobody_else_answers_for_a_session(self):
        client, other = self.session("one", FORMS), self.session("two", FORMS)
        calling = client.send("tools/call", name="fs_write", arguments=LOG)
        messages = calling.messages()
        question = next(messages)
        other.say(question["id"], approval())
        self.assertEqual("", self.log())
        client.say(question["id"], approval("deny"))
        self.assertTrue(next(messages)["result"]["isError"])
        self.assertEqual("", self.log())

    def test_an_agent_is_never_asked(self):
        meta = {NS + "protocolVersion": "2026-07-28", NS + "clientCapabilities": FORMS}
        lines = [{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                  "params": {"name": "fs_write", "arguments": LOG, "_meta": meta}}]
        pid = self.home.output("process.spawn", "--yes", unconfined=True, command=str(LILUX), args=["mcp", "serve", "--expose", "all"],
                               stdin="\n".join(map(json.dumps, lines)) + "\n")["pid"]
        ended = self.home.output("process.wait", pid=pid)
        said = json.loads(ended["stdout"])["result"]
        self.assertEqual(("complete", True), (said["resultType"], said["isError"]))
        self.assertEqual("approval_required", json.loads(said["content"][0]["text"])["code"])
        self.assertEqual("", self.log())


class Others(McpHttp):
    def test_what_one_client_was_given_another_does_not_see(self):
        (self.project / "a").write_text("between us")
        one, other = self.session("one"), self.session("other")
        one.output("fs_read", path="a")
        call = self.home.output("ledger.query", tool="fs.read", limit=1)["calls"][0]["call"]
        self.assertIn("between us", json.dumps(one.output("ledger_why", call=call)))
        for seen in (other.output("ledger_why", call=call), other.output("event_list", since=0, limit=1000)):
            self.assertNotIn("between us", json.dumps(seen))
        self.assertIn("between us", json.dumps(self.home.output("ledger.why", call=call)))

    def test_names_that_narrow_nothing_are_refused(self):
        status, said, _ = self.modern(grants="read fs **").ask("tools/list")
        self.assertEqual(400, status, said)


class LargeOutputs(McpHttp):
    def test_what_is_large_is_linked_to_and_read_by_its_session_alone(self):
        content = "0123456789abcde\n" * 20_000
        (self.project / "large").write_text(content)
        for make in (self.modern, self.session):
            client = make("reader")
            done = client.call("fs_read", path="large", limit=400_000)
            link = [block for block in done["content"] if block["type"] == "resource_link"]
            self.assertEqual(1, len(link), [block["type"] for block in done["content"]])
            self.assertTrue(done["content"][0]["text"].endswith("... (the beginning)"))
            whole = client.result("resources/read", uri=link[0]["uri"])["contents"][0]["text"]
            self.assertEqual(content, json.loads(whole)["output"]["content"])
            other = make("stranger")
            status, code = other.error("resources/read", uri=link[0]["uri"])
            self.assertEqual(-32602, code)
            self.assertTrue(other.call("ledger_output", call=link[0]["uri"].rpartition("/")[2])["isError"])


del McpHttp

if __name__ == "__main__":
    main()

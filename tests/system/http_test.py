#!/usr/bin/env python3
"""HTTP on loopback and on the socket: who may speak, what is answered, and clients that behave badly."""

import json
import os
import socket
import stat
import threading

from support import PATIENCE, SystemTest, UnixConnection, answer_of, eventually, main


class Http(SystemTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.home.up()

    def raw(self, sent):
        """Everything that is answered to these bytes until the connection ends."""
        with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=30) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            answered = b""
            while piece := client.recv(65536):
                answered += piece
            return answered

    def test_token_and_socket_are_for_this_user_only(self):
        mode = lambda path: stat.S_IMODE(os.stat(path).st_mode)
        self.assertEqual(0o600, mode(self.home.state / "token"))
        self.assertEqual(0o700, mode(self.home.socket.parent))
        self.assertEqual(0o700, mode(self.home.state))

    def test_without_the_token_nothing_but_health_is_answered(self):
        status, health, _ = self.daemon.request("GET", "/health", token=False)
        self.assertEqual((200, True), (status, health["ok"]))
        for method, path in (("GET", "/api/tools"), ("GET", "/api/events"), ("POST", "/api/call/kernel.status"), ("GET", "/")):
            for authorization in ("", "Bearer", "Bearer ", "Bearer " + "x" * 43, f"Basic {self.daemon.token}",
                                  f"Bearer {self.daemon.token[:-1]}", f"Bearer {self.daemon.token}x"):
                status, envelope, headers = self.daemon.request(method, path, token=False, Authorization=authorization)
                self.assertEqual(401, status, (path, authorization))
                self.refused(envelope, "unauthenticated", "Authorization: Bearer")
                self.assertEqual("Bearer", headers["WWW-Authenticate"])
        self.assertNotIn("kernel.status", json.dumps(self.home.output("ledger.query")))

    def test_the_token_is_not_taken_from_the_address(self):
        self.assertEqual(401, self.daemon.request("GET", f"/api/tools?token={self.daemon.token}", token=False)[0])

    def test_other_hosts_and_origins_are_refused_even_with_the_token(self):
        own = f"127.0.0.1:{self.daemon.port}"
        for headers in ({"Host": "evil.example"}, {"Host": f"evil.example:{self.daemon.port}"}, {"Host": ""},
                        {"Host": own, "Origin": "https://evil.example"}, {"Host": own, "Origin": "null"},
                        {"Host": own, "Origin": f"http://{own}.evil.example"},
                        {"Host": own, "Origin": f"http://evil.example:{self.daemon.port}"}):
            for path in ("/health", "/api/tools"):
                status, envelope, _ = self.daemon.request("GET", path, **headers)
                self.assertEqual(403, status, headers)
                self.refused(envelope, "denied")
        for headers in ({"Host": own}, {"Host": f"localhost:{self.daemon.port}"}, {"Host": own, "Origin": f"http://{own}"}):
            self.assertEqual(200, self.daemon.request("GET", "/api/tools", **headers)[0], headers)

    def test_the_body_is_exactly_the_envelope(self):
        status, envelope = self.daemon.call("kernel.status", {})
        self.assertEqual(200, status)
        self.assertEqual(["ok", "call", "output"], list(envelope))
        self.assertIs(envelope["ok"], True)
        self.assertRegex(envelope["call"], "^c[0-9a-z]{12}$")
        self.assertEqual("serving", envelope["output"]["state"])

        status, envelope = self.daemon.call("fs.read", {"path": "/etc/shadow"})
        self.assertEqual(403, status)
        self.assertEqual(["ok", "call", "error"], list(envelope))
        self.assertIs(envelope["ok"], False)
        self.assertEqual(["code", "message", "hint", "rule"], list(envelope["error"]))
        self.assertEqual(("denied", "builtin:etc-secrets"), (envelope["error"]["code"], envelope["error"]["rule"]))

        status, envelope = self.daemon.call("fs.stat", {"path": "/usr/no-such-thing"})
        self.assertEqual((404, "not_found"), (status, envelope["error"]["code"]))
        self.assertTrue(envelope["error"]["hint"])

    def test_the_command_line_prints_the_same_envelope(self):
        over_http = self.daemon.call("fs.read", {"path": "/etc/shadow"})[1]
        self.assertEqual(over_http["error"], self.home.call("fs.read", path="/etc/shadow")["error"])

    def test_every_tool_is_listed_with_its_schemas(self):
        status, envelope, headers = self.daemon.request("GET", "/api/tools")
        self.assertEqual((200, "application/json"), (status, headers["Content-Type"]))
        tools = {tool["name"]: tool for tool in envelope["output"]["tools"]}
        self.assertGreater(len(tools), 50)
        self.assertEqual(sorted(tools), list(tools))
        self.assertIn("path", tools["fs.read"]["input_schema"]["properties"])
        self.assertIn("content", tools["fs.read"]["output_schema"]["properties"])

    def test_unknown_tools_paths_and_methods_are_named(self):
        status, envelope = self.daemon.call("fs.raed", {})
        self.assertEqual(404, status)
        self.refused(envelope, "not_found", "'fs.raed'", "did you mean 'fs.read'?")
        status, envelope, _ = self.daemon.request("GET", "/api/nothing")
        self.assertEqual(404, status)
        self.refused(envelope, "not_found", "/api/nothing", "/api/call/<tool>")
        for method, path in (("GET", "/api/call/kernel.status"), ("DELETE", "/api/tools"), ("POST", "/health")):
            self.assertEqual(405, self.daemon.request(method, path)[0], path)

    def test_bad_arguments_are_refused_and_change_nothing(self):
        for body in ('{"path": ', "[]", '"x"', "{'path': 1}", "\0", '{"path": "a"} {}', "nul", "\xff"):
            status, envelope, _ = self.daemon.request("POST", "/api/call/fs.write", body.encode("latin-1"))
            self.assertEqual(400, status, body)
            self.refused(envelope, "invalid_argument")
        status, envelope = self.daemon.call("fs.read", {"pth": "a"})
        self.refused(envelope, "invalid_argument", "'pth'", "did you mean 'path'?")

    def test_an_oversized_body_is_refused_before_it_is_sent(self):
        head = (f"POST /api/call/fs.write HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\n"
                f"Authorization: Bearer {self.daemon.token}\r\n")
        answer = self.raw(f"{head}Content-Length: 99999999999\r\n\r\n".encode())
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer[:100])
        self.assertIn(b'"ok": false', answer)
        answer = self.raw(f"{head}X: {'x' * 200000}\r\n\r\n".encode())
        self.assertTrue(answer.startswith(b"HTTP/1.1 431 "), answer[:100])
        self.assertEqual(200, self.daemon.request("GET", "/health")[0])

    def test_what_is_no_http_is_answered_with_400_and_closed(self):
        host = f"Host: 127.0.0.1:{self.daemon.port}\r\n"
        for text in ("nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", f"GET /\0 HTTP/1.1\r\n{host}\r\n",
                     f"POST / HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
                     f"POST / HTTP/1.1\r\n{host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
            answer = self.raw(text.encode())
            self.assertRegex(answer[:12], rb"HTTP/1\.1 (400|505)", text)
        self.assertEqual(200, self.daemon.request("GET", "/health")[0])

    def test_who_has_no_token_is_refused_before_the_body(self):
        for target in (b"POST /api/call/fs.write", b"GET /health"):
            with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=PATIENCE) as connection:
                connection.sendall(target + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n\r\n")
                self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 401 "), target)

    def test_clients_that_stall_keep_nobody_else_waiting(self):
        stalled = [socket.create_connection(("127.0.0.1", self.daemon.port)) for _ in range(50)]
        try:
            for number, client in enumerate(stalled):
                client.sendall(b"POST /api/call/fs.list HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n{"[: 5 + 2 * number])
            for _ in range(20):
                self.assertEqual(200, self.daemon.call("kernel.status", {})[0])
            self.assertEqual("serving", self.home.output("kernel.status")["state"])
        finally:
            for client in stalled:
                client.close()

    def test_a_client_that_goes_away_cancels_its_call(self):
        flying = lambda: self.home.output("kernel.status")["calls_in_flight"]
        body = b'{"since": 0, "event": "no.such.event"}'
        client = socket.create_connection(("127.0.0.1", self.daemon.port))
        client.sendall(f"POST /api/call/event.wait HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\nAuthorization: Bearer "
                       f"{self.daemon.token}\r\nLilux-Timeout: 10m\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        eventually(lambda: flying() == 2, "the waiting call is in flight")
        client.close()
        eventually(lambda: flying() == 1, "only the asking call is in flight")

    def test_clients_at_once_each_get_their_own_answer(self):
        wrong = []

        def client(number):
            for turn in range(25):
                key = f"{number}-{turn}"
                status, envelope = self.daemon.call("memory.write", {"key": key, "value": key})
                if status != 200 or not envelope["ok"]:
                    wrong.append(envelope)
                found = self.daemon.call("memory.read", {"key": key})[1]
                if key not in json.dumps(found.get("output", {})):
                    wrong.append(found)

        threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([], wrong)

    def test_the_token_does_not_make_a_person(self):
        project = str(self.home.project)
        for tool, arguments in (("policy.add", {"id": "a", "effect": "allow"}), ("policy.trust", {"path": project}),
                                ("policy.autonomy", {"level": "full"}), ("kernel.stop", {}), ("kernel.resume", {})):
            for headers in ({}, {"Lilux_Yes": "1"}):
                status, envelope = self.daemon.call(tool, arguments, **headers)
                self.assertEqual(403, status, tool)
                self.refused(envelope, "denied", "people")

    def test_what_another_session_runs_says_is_not_for_everybody(self):
        pid = self.home.output("process.spawn", command="echo", args=["for me alone"])["pid"]
        envelope = self.daemon.call("process.wait", {"pid": pid})[1]
        self.refused(envelope, "not_found", f"no task started a process {pid}")
        self.assertEqual("for me alone\n", self.home.output("process.wait", pid=pid)["stdout"])

    def test_a_client_speaks_for_nobody_else(self):
        for task in ("terminal", "hooks", "t000000000000"):
            self.refused(self.daemon.call("fs.list", {"path": "."}, Lilux_Task=task)[1], "denied", f"'{task}' is not this client's own")
        self.assertTrue(self.daemon.call("kernel.status", {}, Lilux_Task="http", Lilux_Cause="c000000000000")[1]["ok"])
        newest = self.home.output("ledger.query", tool="kernel.status", limit=1)["calls"][0]
        self.assertNotIn("cause", newest)

    def test_a_folder_that_a_client_names_is_its_project_only_when_trusted(self):
        caller = json.dumps({"cwd": str(self.home.project), "umask": 0o22}).replace('"', "%22").replace(" ", "%20")
        write = lambda: self.daemon.call("fs.write", {"path": "a", "content": "x"}, Lilux_Caller=caller, Lilux_Yes="1")
        self.assertEqual(428, write()[0])
        self.assertFalse((self.home.project / "a").exists())
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        self.assertEqual(200, write()[0])
        self.assertEqual("x", (self.home.project / "a").read_text())

    def test_an_idempotency_key_makes_a_repetition_harmless(self):
        first = self.daemon.call("memory.write", {"key": "a", "value": "1"}, Idempotency_Key="k1")
        again = self.daemon.call("memory.write", {"key": "a", "value": "1"}, Idempotency_Key="k1")
        self.assertEqual(first, again)
        self.assertEqual(409, self.daemon.call("memory.write", {"key": "a", "value": "2"}, Idempotency_Key="k1")[0])

    def test_the_socket_knows_its_peer_without_a_token(self):
        status, envelope, _ = answer_of(UnixConnection(self.home.socket), "POST", "/api/call/kernel.status", "{}")
        self.assertEqual((200, True), (status, envelope["ok"]))

    def test_the_token_stays_when_the_daemon_is_started_again(self):
        before = self.daemon.token
        self.assertEqual(0, self.daemon.stop())
        self.assertEqual(before, self.home.up().token)


if __name__ == "__main__":
    main()

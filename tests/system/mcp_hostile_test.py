#!/usr/bin/env python3
"""Clients of the Model Context Protocol that mean no good: broken messages on every way in, floods, and crowds."""

import base64
import collections
import json
import math
import os
import pathlib
import random
import resource
import socket
import subprocess
import threading
import time

from mcp_peer import NS, Modern, Old, Peer, Session
from support import PATIENCE, SystemTest, eventually, is_alive, main

IS_SANITIZED = "LILUX_LIMITS_MEMORY" in os.environ  # then its memory and its pace say nothing
SEED = 20260728
MESSAGES = 10_000  # on each way in
CONNECTIONS, BATCH = 4, 50
TOOLS = "fs.write,fs.list"
MODERN = {NS + "protocolVersion": "2026-07-28", NS + "clientCapabilities": {}, NS + "clientInfo": {"name": "hostile", "version": "1"}}
EITHER = [  # what both eras know: method and parameters
    ("tools/list", {}), ("prompts/list", {}), ("resources/list", {}), ("resources/templates/list", {"cursor": "1"}),
    ("tools/call", {"name": "fs_write"}), ("prompts/get", {"name": "explain_call", "arguments": {"call": "c000000000000"}}),
    ("resources/read", {"uri": "lilux://status"}),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "explain_call"}, "argument": {"name": "call", "value": "c"}}),
    ("notifications/cancelled", {"requestId": "none", "reason": "a test"})]
OLDER = [("initialize", {"protocolVersion": "2025-11-25", "capabilities": {"roots": {}}, "clientInfo": {"name": "hostile", "version": "1"}}),
         ("ping", {}), ("logging/setLevel", {"level": "debug"}), ("resources/subscribe", {"uri": "lilux://tasks/none"}),
         ("resources/unsubscribe", {"uri": "lilux://tasks/none"}), ("notifications/initialized", {}), (None, {})]
NEWER = [("server/discover", {}), ("subscriptions/listen", {"notifications": {"resourceSubscriptions": ["lilux://tasks/none"]}}),
         ("tasks/get", {"taskId": "none"}), ("tasks/cancel", {"taskId": "none"}),
         ("tasks/update", {"taskId": "none", "inputResponses": {"a": {}}})]
ODD = [None, True, False, 0, -1, 0.5, 1e300, 10**30, 2**63, -(2**63), 2**64, "", "x", "\0", "\r\n", "\u2028", [], {}, [[]], {"": None}]


def depth_of(value):
    """How deep it nests; without recursion."""
    deepest, open_ones = 0, [(value, 1)]
    while open_ones:
        item, depth = open_ones.pop()
        if isinstance(item, (dict, list)):
            deepest = max(deepest, depth)
            open_ones += [(inner, depth + 1) for inner in (item.values() if isinstance(item, dict) else item)]
    return deepest


def is_whole(value):
    """A whole number of 64 bits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and value == int(value) and -(2**63) <= value < 2**63


def refuse(text):
    raise ValueError(text)


def real(text):
    """A real number as we take it: in the range of a double."""
    return float(text) if math.isfinite(float(text)) else refuse(text)


def judge(text):
    """What a message is by the letter: (kind, id, message). A broken one has an id where that can be read."""
    try:
        said = json.loads(text.decode(), parse_constant=refuse, parse_float=real)
    except (ValueError, RecursionError):
        return "broken", None, None
    if b"\\ud" in text.lower():  # half of a pair, maybe
        return "unsure", None, said
    if depth_of(said) > 64:
        return "broken", None, None
    if not isinstance(said, dict):
        return "broken", None, None
    number = said.get("id")
    has_id = isinstance(number, str) or is_whole(number)
    broken = "broken", number if has_id else None, None
    if said.get("jsonrpc") != "2.0" or "id" in said and not has_id:
        return broken
    if "method" not in said:
        result, error = said.get("result"), said.get("error")
        is_answer = has_id and ("result" in said) != ("error" in said) and (
            isinstance(result, dict) or isinstance(error, dict) and type(error.get("code")) is int)
        return ("quiet", None, said) if is_answer else broken
    if not isinstance(said["method"], str) or not said["method"] or "result" in said or "error" in said:
        return broken
    if not isinstance(said.get("params", {}), dict):
        return broken
    if said["method"] == "subscriptions/listen":
        return "unsure", number, said
    return ("request" if has_id else "quiet"), number, said


def places_in(value):
    """Every container of a value with a key or an index in it."""
    found, open_ones = [], [value]
    while open_ones:
        item = open_ones.pop()
        keys = item.keys() if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        found += [(item, key) for key in keys]
        open_ones += [item[key] for key in keys]
    return found


def mutated(message, chance):
    """Bytes that come of a valid message by one to three accidents."""
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        holder, key = chance.choice(places_in(message) or [(message, "id")])
        kind = chance.randrange(3)
        if kind == 0:
            holder[key] = chance.choice(ODD)
        elif kind == 1:
            del holder[key]
        elif isinstance(holder, dict):
            holder[chance.choice(("id", "method", "params", "_meta", "name", "error", "result", "\u00e9"))] = holder.pop(key)
    text = json.dumps(message, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    kind = chance.randrange(14)
    at = chance.randrange(len(text))
    to = min(len(text), at + chance.randrange(1, 30))
    if kind == 0:
        return text[:at]
    if kind in (1, 2):
        flipped = bytearray(text)
        for _ in range(kind):
            flipped[chance.randrange(len(text))] ^= 1 << chance.randrange(8)
        return bytes(flipped)
    if kind == 3:
        return text[:at] + text[to:]
    if kind == 4:
        return text[:at] + text[at:to] * chance.randrange(2, 5) + text[to:]
    if kind == 5:
        return text[:at] + chance.choice((b"\0", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\r\n", b"\r", b"\x1b[2J", b"\\ud800", b"//", b"\xef\xbb\xbf", b",", b"}")) + text[at:]
    if kind == 6:
        return chance.choice((b"[" + text + b"]", b"[" + text + b"," + text + b"]", text + text, text + b" " + text, b"[]", b""))
    if kind == 7:
        deep = chance.choice((30, 80, 1000, 20_000))
        open_, shut = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
        return b'{"deep":' + open_ * deep + b"0" + shut * deep + b"," + text.lstrip(b"{")
    if kind == 8:
        return chance.choice((b'{"id":1e999,', b'{"id":-0.0,', b'{"id":12345678901234567890,', b'{"method":"ping",', b'{"jsonrpc":"1.0",', b'{"params":{},')) + text.lstrip(b"{")
    if kind == 9:
        return text[:-1] + chance.choice((b',"id":1e999}', b',"method":7}', b',"jsonrpc":2.0}', b',"params":[]}', b',"x":NaN}', b',"result":{}}', b"}}", b",}"))
    if kind == 10 and chance.random() < 0.05:
        return text.replace(b'"', b'"' + b"A" * 300_000, 1) if chance.random() < 0.5 else text[:-1] + b',"x":"' + b"A" * 300_000 + b'"}'
    return text


def messages(kinds, chance):
    """As many mutated messages as are wanted of these; each that writes writes a file of its own."""
    for number in range(1, MESSAGES + 1):
        method, params, meta = chance.choice(kinds)
        params = json.loads(json.dumps(params))
        if params.get("name") == "fs_write":
            params["arguments"] = {"path": f"made-{number}", "content": "x"}
        if meta:
            params["_meta"] = dict(meta)
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        if method is None:
            message = {"jsonrpc": "2.0", "id": 10**6 + number, "result": {}}
        elif method.startswith("notifications/"):
            del message["id"]
        yield mutated(message, chance)


def in_era(kinds, meta):
    return [(method, params, meta) for method, params in kinds]


def field(text):
    """A header's value for any text."""
    if text and text.isascii() and text.isprintable() and text == text.strip() and not text.startswith("=?"):
        return text
    return "=?base64?" + base64.b64encode(text.encode("utf-8", "replace")).decode() + "?="


class Pipe:
    """Many POSTs on one connection; what is answered to each: status and text."""

    def __init__(self, daemon, address):
        self.daemon, self.address = daemon, address
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def bytes_of(self, body, headers):
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return (f"POST {self.address} HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\nAuthorization: Bearer {self.daemon.token}\r\n"
                f"Content-Type: application/json\r\n{lines}Content-Length: {len(body)}\r\n\r\n").encode() + body

    def read(self):
        line = self.file.readline()
        status, length, is_stream = int(line.split()[1]), 0, False
        while (line := self.file.readline().rstrip().lower()):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
            is_stream = is_stream or line.startswith(b"content-type: text/event-stream")
        return (status, None) if is_stream else (status, self.file.read(length))

    def post_all(self, posts):
        """Answers in their order; a stream ends the connection, and the rest goes on another one."""
        answers = []
        while len(answers) < len(posts):
            self.socket.sendall(b"".join(self.bytes_of(body, headers) for body, headers in posts[len(answers):]))
            while len(answers) < len(posts):
                answers.append(self.read())
                if answers[-1][1] is None:
                    self.close()
                    self.connect()
                    break
        return answers


class McpHostile(SystemTest):
    def setUp(self):
        super().setUp()
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        self.daemon = self.home.up()
        self.place = {"expose": TOOLS, "folder": str(self.home.project)}

    def rss(self):
        """Bytes that the daemon has in memory."""
        status = pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024

    def takes_at_most(self, limit, before, what):
        grown = self.rss() - before
        print(f"{what}: the daemon grew by {grown >> 10} KiB", flush=True)
        if not IS_SANITIZED:
            self.assertLess(grown, limit, what)

    def lives(self):
        client = Modern(self.daemon, "afterwards", **self.place)
        self.assertFalse(client.call("fs_list", path=".")["isError"])
        self.assertEqual("serving", self.home.output("kernel.status")["state"])


class Broken(McpHostile):
    def setUp(self):
        super().setUp()
        self.chance = random.Random(SEED)
        print(f"seed {SEED}", flush=True)
        self.may_write, self.sent = set(), {}
        self.wanted, self.possible, self.cancelled, self.got = (collections.Counter() for _ in range(4))

    def expect(self, text):
        """Notes what may come of a message; its kind, id and content."""
        kind, number, said = judge(text)
        self.sent[number] = text
        if kind in ("request", "unsure") and isinstance(said, dict):
            params = said.get("params")
            arguments = params.get("arguments") if isinstance(params, dict) else None
            path = arguments.get("path") if isinstance(arguments, dict) else None
            if isinstance(path, str) and "\0" not in path:
                self.may_write.add(str(self.home.project / path))
        return kind, number, said

    def well_formed(self, message):
        """The id of an answer."""
        self.assertEqual("2.0", message["jsonrpc"])
        self.assertNotEqual("result" in message, "error" in message, message)
        self.assertLessEqual(set(message), {"jsonrpc", "id", "result", "error"})
        if "error" in message:
            self.assertIs(int, type(message["error"]["code"]))
            self.assertTrue(message["error"]["message"])
        self.assertIsNotNone(message.get("id", 0))
        return message.get("id")

    def nothing_else_happened(self):
        made = {str(path) for path in self.home.project.rglob("*")}
        self.assertEqual(set(), made - self.may_write)
        self.assertGreater(len(made), 50)  # what was valid did run
        self.lives()

    def is_missing(self):
        """Whether an answer is still to come."""
        return bool(self.wanted - self.cancelled - self.got)

    def counted(self):
        """Every message that wants an answer has one, and nothing else has."""
        for number in set(self.wanted) | set(self.possible) | set(self.got):
            wanted, got = self.wanted[number], self.got[number]
            is_right = wanted - self.cancelled[number] <= got <= wanted + self.possible[number]
            self.assertTrue(is_right, (number, wanted, got, self.sent.get(number, b"")[:1000]))

    def want(self, kind, number, said):
        if kind == "quiet" and said.get("method") == "notifications/cancelled":
            cancelled = said.get("params", {}).get("requestId")
            if isinstance(cancelled, (str, int, float)):
                self.cancelled[cancelled] += 1
        if kind in ("request", "broken"):
            self.wanted[number] += 1
        elif kind == "unsure":
            self.possible[number] += 1
            self.possible[None] += 1

    def take(self, kind, number, status, text, sent):
        """The answer to one POST fits the message."""
        if text == b"" or text is None:
            self.assertIn(kind, ("quiet", "unsure"), sent[:1000])
            self.assertIn(status, (202,) if kind == "quiet" else (200, 202), sent[:1000])
            return
        self.assertNotEqual("quiet", kind, sent[:1000])
        answered = self.well_formed(json.loads(text))
        if kind == "broken":
            self.assertEqual((400, number), (status, answered), (sent[:1000], text))
        elif kind == "request":
            self.assertIn(status, (200, 400, 404), (sent[:1000], text))
            self.assertEqual(number, answered, (sent[:1000], text))

    def post_all(self, kinds, address, headers):
        """Posts on some connections at once."""
        judged = [(*self.expect(text), text) for text in messages(kinds, self.chance)]
        posts = [(text, headers(said)) for _, _, said, text in judged]
        answers = [None] * len(posts)

        def post(first):
            pipe = Pipe(self.daemon, address)
            mine = range(first, len(posts), CONNECTIONS)
            for at in range(0, len(mine), BATCH):
                some = mine[at:at + BATCH]
                for number, answer in zip(some, pipe.post_all([posts[number] for number in some])):
                    answers[number] = answer
            pipe.close()

        threads = [threading.Thread(target=post, args=(first,)) for first in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for (kind, number, _, sent), (status, said) in zip(judged, answers):
            self.take(kind, number, status, said, sent)

    def test_messages_without_a_session(self):
        def headers(said):
            method = said.get("method") if isinstance(said, dict) else None
            params = said.get("params") if isinstance(said, dict) else None
            made = {"MCP-Protocol-Version": "2026-07-28"}
            if isinstance(method, str):
                made["Mcp-Method"] = field(method)
            for name in ("name", "uri", "taskId"):
                if isinstance(params, dict) and isinstance(params.get(name), str):
                    made["Mcp-Name"] = field(params[name])
            return made

        self.post_all(in_era(EITHER + NEWER, MODERN), Peer(self.daemon, **self.place).address(), headers)
        self.nothing_else_happened()

    def test_messages_in_a_session(self):
        client = Session(self.daemon, **self.place)
        headers = {"Mcp-Session-Id": client.id, "MCP-Protocol-Version": "2025-11-25"}
        self.post_all(in_era(EITHER + OLDER, None), client.address(), lambda said: headers)
        self.assertEqual({}, client.result("ping"))
        self.nothing_else_happened()

    def test_messages_of_2024_11_05(self):
        client = Old(self.daemon, **self.place)
        pipe = Pipe(self.daemon, client.endpoint[1])
        batch = []
        for text in [*messages(in_era(EITHER + OLDER, None), self.chance), None]:
            if text is not None:
                batch.append((*self.expect(text), text))
            if len(batch) < BATCH and text is not None:
                continue
            for (kind, number, message, sent), (status, said) in zip(batch, pipe.post_all([(post[3], {}) for post in batch])):
                if said:
                    self.assertIn(kind, ("broken", "unsure"), sent)
                    answered = self.well_formed(json.loads(said))
                    self.assertEqual(400, status)
                    if kind == "broken":
                        self.assertEqual(number, answered)
                else:
                    self.assertEqual(202, status)
                    self.assertNotEqual("broken", kind, sent)
                    self.want(kind, number, message)
            client.result("ping")  # and the answers so far have been read
            batch = []
        pipe.close()
        def count():
            with client.news:
                self.got = collections.Counter(self.well_formed(said) for said in client.all if said.get("id") not in client.asked)
            return not self.is_missing()

        eventually(count, "every request is answered")
        self.counted()
        client.end()
        self.nothing_else_happened()

    def test_lines(self):
        server = self.home.start("mcp", "serve", "--expose", TOOLS, stdin=subprocess.PIPE)
        lines = []
        shake = {"jsonrpc": "2.0", "id": "first", "method": "initialize", "params": OLDER[0][1]}
        for text in [json.dumps(shake).encode(), *messages(in_era(EITHER + OLDER, None) + in_era(EITHER + NEWER, MODERN), self.chance)]:
            lines += [line for line in text.split(b"\n")]
        for line in lines:
            if line.strip(b" \t\r"):
                self.want(*self.expect(line))

        def write():
            for at in range(0, len(lines), 200):
                server.stdin.buffer.write(b"\n".join(lines[at:at + 200]) + b"\n")
                server.stdin.buffer.flush()

        writer = threading.Thread(target=write)
        writer.start()
        total = sum((self.wanted - self.cancelled).values())
        answers = 0
        last = json.dumps({"jsonrpc": "2.0", "id": "last", "method": "ping"}).encode() + b"\n"
        is_asked = False
        for line in server.stdout:
            message = json.loads(line)
            if "method" in message:
                self.assertNotIn("id", message)
                continue
            answers += 1
            self.got[self.well_formed(message)] += 1
            if answers >= total and not is_asked and not self.is_missing():
                writer.join(PATIENCE)
                is_asked = True
                self.wanted["last"] += 1
                server.stdin.buffer.write(last)
                server.stdin.close()
        self.assertEqual(0, server.wait(PATIENCE))
        server.stdout.close()
        server.stderr.close()
        self.counted()
        self.nothing_else_happened()


class Floods(McpHostile):
    def test_what_is_too_long_is_refused(self):
        long = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"' + b"x" * (17 << 20) + b'"}}'
        session, old = Session(self.daemon, **self.place), Old(self.daemon, **self.place)
        for address, headers in ((session.address(), {"MCP-Protocol-Version": "2026-07-28"}), (session.address(), {"Mcp-Session-Id": session.id}),
                                 (session.address(), {}), (old.endpoint[1], {})):
            pipe = Pipe(self.daemon, address)
            status, said = pipe.post_all([(long, headers)])[0]
            self.assertEqual((400, -32700), (status, json.loads(said)["error"]["code"]))
            pipe.close()
        server = self.home.start("mcp", "serve", stdin=subprocess.PIPE)
        server.stdin.write(long.decode() + "\n" + json.dumps({"jsonrpc": "2.0", "id": 2, "method": "ping"}) + "\n")
        server.stdin.close()
        said = [json.loads(line) for line in server.stdout]
        self.assertEqual((-32700, {}), (said[0]["error"]["code"], said[1]["result"]))
        server.wait(PATIENCE)
        server.stdout.close()
        server.stderr.close()
        self.assertEqual({}, session.result("ping"))
        self.assertEqual({}, old.result("ping"))
        self.lives()

    def test_who_asks_and_never_reads_fills_no_memory(self):
        session = Session(self.daemon, **{**self.place, "expose": "all"})
        self.lives()
        before = self.rss()
        pipe = Pipe(self.daemon, session.address())
        post = pipe.bytes_of(json.dumps(session.message("tools/list", {})).encode(), {"Mcp-Session-Id": session.id})
        pipe.socket.settimeout(0.5)
        sent = self.send_until_full(pipe.socket, post * 100)
        self.lives()
        self.takes_at_most(30 << 20, before, f"{sent} bytes of requests")
        pipe.close()

    def test_lines_that_are_never_read_fill_no_memory(self):
        self.lives()
        before = self.rss()
        server = self.home.start("mcp", "serve", "--expose", "all", stdin=subprocess.PIPE)
        server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": OLDER[0][1]}) + "\n")
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}) + "\n"
        writer = threading.Thread(target=self.write_until_closed, args=(server.stdin, line * 2000), daemon=True)
        writer.start()
        slowest = 0.0
        for _ in range(5):
            time.sleep(0.3)  # for what it may do in between
            began = time.monotonic()
            self.lives()
            slowest = max(slowest, time.monotonic() - began)
        print(f"slowest call beside lines that are never read: {slowest:.2f} s")
        if "LILUX_LIMITS_MEMORY" not in os.environ:  # a sanitized build takes longer for everything
            self.assertLess(slowest, 2)
        self.takes_at_most(100 << 20, before, "lines")  # the limit of what waits for one such client, and what it is made of
        server.kill()
        writer.join(PATIENCE)
        server.communicate()
        self.lives()

    @staticmethod
    def send_until_full(connection, piece, limit=64 << 20):
        sent = 0
        try:
            while sent < limit:
                sent += connection.send(piece)
        except OSError:
            pass
        return sent

    @staticmethod
    def write_until_closed(pipe, piece):
        try:
            for _ in range(50):
                pipe.write(piece)
                pipe.flush()
        except (OSError, ValueError):
            pass


class Crowds(McpHostile):
    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.assertGreaterEqual(hard, 4096)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))

    def streaming(self, head, body=b""):
        """A connection that a stream is answered on; it is begun, and read no more."""
        connection = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=PATIENCE)
        connection.sendall(f"{head} HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\nAuthorization: Bearer {self.daemon.token}\r\n".encode() + body)
        got = b""
        while b"\r\n\r\n" not in got:
            got += connection.recv(4096)
        self.assertTrue(got.startswith(b"HTTP/1.1 200 "), got)
        return connection

    def test_two_thousand_idle_streams_are_cheap(self):
        self.lives()
        before, open_ones = self.rss(), []
        address = Peer(self.daemon, **self.place).address()
        try:
            for _ in range(800):
                client = Session(self.daemon, **self.place)
                open_ones.append(self.streaming(f"GET {address}", f"Mcp-Session-Id: {client.id}\r\n\r\n".encode()))
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen",
                               "params": {"notifications": {"toolsListChanged": True}, "_meta": MODERN}}).encode()
            head = f"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            for _ in range(1200):
                open_ones.append(self.streaming(f"POST {address}", head + body))
            self.lives()
            self.takes_at_most(60 << 20, before, "2000 streams")
        finally:
            for connection in open_ones:
                connection.close()
        self.lives()

    def test_clients_that_come_take_the_place_of_those_that_left(self):
        heard = Session(self.daemon, "heard", **self.place)
        stream = heard.stream()
        first = Session(self.daemon, "first", **self.place)
        for number in range(1100):  # none of them says goodbye
            client = Session(self.daemon, "next", **self.place)
        self.assertEqual({}, client.result("ping"))
        self.assertEqual({}, heard.result("ping"))  # it is used: somebody listens there
        self.assertEqual(404, first.ask("ping")[0])
        stream.close()
        for number in range(250):
            client = Modern(self.daemon, f"name {number}", **self.place)
            self.assertEqual(200, client.ask("prompts/list")[0])
        self.assertFalse(client.call("fs_list", path=".")["isError"])
        self.lives()

    def test_who_leaves_keeps_nobody_waiting(self):
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        leaving = [Old(self.daemon, **{**self.place, "expose": "process.*"}) for _ in range(60)]
        pids = [client.output("process_spawn", unconfined=True, command="sleep", args=["1000"])["pid"] for client in leaving]
        client = Modern(self.daemon, **self.place)
        self.lives()
        for one in leaving:
            one.stream.connection.sock.shutdown(socket.SHUT_RDWR)
        slowest = 0
        while any(map(is_alive, pids)):
            began = time.monotonic()
            self.assertEqual(200, client.ask("prompts/list")[0])
            slowest = max(slowest, time.monotonic() - began)
        print(f"slowest while {len(pids)} clients and their processes end: {slowest * 1000:.1f} ms", flush=True)
        if not IS_SANITIZED:
            self.assertLess(slowest, 0.5)
        for one in leaving:
            one.end()

    def p99(self, client):
        took = []
        for _ in range(200):
            began = time.monotonic()
            self.assertFalse(client.call("fs_list", path=".")["isError"])
            took.append(time.monotonic() - began)
        return sorted(took)[197]

    def test_a_slow_crowd_keeps_nobody_waiting(self):
        client = Modern(self.daemon, **self.place)
        alone = min(self.p99(client), self.p99(client))
        over = threading.Event()
        text = (f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\nAuthorization: Bearer {self.daemon.token}\r\n"
                f"Content-Length: 100000\r\n\r\n" + "{" * 1000).encode()
        connect = lambda: socket.create_connection(("127.0.0.1", self.daemon.port), timeout=PATIENCE)

        def crowd():
            slow = [[connect(), number % 2 * 200] for number in range(500)]  # at their head, or at their body
            for one in slow:
                one[0].sendall(text[:one[1]])
            ready.set()
            while not over.wait(1):
                for one in slow:
                    try:
                        one[0].sendall(text[one[1]:one[1] + 1])
                        one[1] += 1
                    except OSError:  # it has been cut off, and comes again
                        one[0].close()
                        one[:] = connect(), 0
            for one in slow:
                one[0].close()

        ready = threading.Event()
        thread = threading.Thread(target=crowd)
        thread.start()
        try:
            self.assertTrue(ready.wait(PATIENCE))
            crowded = min(self.p99(client), self.p99(client))
        finally:
            over.set()
            thread.join(PATIENCE)
        print(f"p99 alone {alone * 1000:.1f} ms, in the crowd {crowded * 1000:.1f} ms", flush=True)
        if not IS_SANITIZED:
            self.assertLess(crowded, 2 * alone + 0.1)
        self.lives()


del McpHostile

if __name__ == "__main__":
    main()

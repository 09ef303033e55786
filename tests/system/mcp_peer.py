"""Clients of the Model Context Protocol over a daemon's port: of the stateless era, of a session, and of 2024-11-05."""

import http.client
import json
import socket
import threading
import urllib.parse

from support import PATIENCE

NS = "io.modelcontextprotocol/"
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
FORMS = {"elicitation": {}}  # of a client that shows forms to its person


def approval(answer="approve", action="accept"):
    """What such a client says for its person when a call waits."""
    return {"action": action, "content": {"answer": answer}}


class Answer:
    """An answer to one request, read message by message: the JSON of its body, or the events of its stream."""

    def __init__(self, connection, method, path, body, headers):
        self.connection = connection
        connection.request(method, path, body, headers)
        self.response = connection.getresponse()
        self.status, self.headers = self.response.status, self.response.headers
        self.is_stream = self.headers.get("Content-Type") == "text/event-stream"

    def event(self):
        """The next event of a stream, as its name and data; None at the end."""
        name, data = "message", []
        while line := self.response.readline():
            line = line.decode().rstrip("\r\n")
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("id:"):
                self.last_id = line[3:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].strip())
            elif not line and data:
                return name, "\n".join(data)
        return None

    def messages(self):
        if not self.is_stream:
            text = self.response.read()
            if text:
                yield json.loads(text)
            return
        while event := self.event():
            if event[1]:  # what only gives an id says nothing
                yield json.loads(event[1])

    def next(self):
        return next(self.messages())

    def whole(self):
        """Every message; the connection is given back."""
        try:
            return list(self.messages())
        finally:
            self.close()

    def close(self):
        self.response.close()
        self.connection.close()


class SocketConnection(http.client.HTTPConnection):
    """HTTP on the Unix socket, where the kernel knows who asks."""

    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


class Peer:
    """Whatever sends to the port; `query` goes with every address."""

    def __init__(self, daemon, **query):
        self.daemon, self.query = daemon, query
        self.last = 0

    def address(self, path="/mcp", **more):
        query = urllib.parse.urlencode({**self.query, **more})
        return path + ("?" + query if query else "")

    def open(self, method, path=None, body=None, token=True, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if token:
            headers.setdefault("Authorization", f"Bearer {self.daemon.token}")
        path_of_socket = getattr(self.daemon, "socket", None)
        connection = (SocketConnection(path_of_socket) if path_of_socket
                      else http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=PATIENCE))
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        return Answer(connection, method, path or self.address(), body, headers)

    def message(self, method, params):
        self.last += 1
        return {"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}

    def ask(self, method, **params):
        """The answer, and what was told before it: (status, message, told)."""
        answer = self.send(method, **params)
        told = answer.whole()
        return answer.status, told.pop() if told else None, told

    def result(self, method, **params):
        status, message, _ = self.ask(method, **params)
        if status != 200 or "result" not in message:
            raise AssertionError(f"{method}: {status} {message}")
        return message["result"]

    def error(self, method, **params):
        """Status and code."""
        status, message, _ = self.ask(method, **params)
        return status, message["error"]["code"]

    def call(self, name, /, **arguments):
        return self.result("tools/call", name=name, arguments=arguments)

    def output(self, name, /, **arguments):
        """The output of a call that must succeed."""
        done = self.call(name, **arguments)
        if done["isError"]:
            raise AssertionError(f"{name}: {done}")
        return done["structuredContent"]

    def refusal(self, name, /, **arguments):
        """What the model is told of a call that must not succeed."""
        done = self.call(name, **arguments)
        if not done["isError"]:
            raise AssertionError(f"{name}: {done}")
        return json.loads(done["content"][0]["text"])


class Modern(Peer):
    def __init__(self, daemon, name="modern", capabilities={}, **query):
        super().__init__(daemon, **query)
        self.meta = {NS + "protocolVersion": "2026-07-28", NS + "clientCapabilities": capabilities,
                     NS + "clientInfo": {"name": name, "version": "1"}}

    def headers(self, method, params):
        made = {"MCP_Protocol_Version": "2026-07-28", "Mcp_Method": method, "Content_Type": "application/json"}
        if method in NAMED:
            made["Mcp_Name"] = str(params.get(NAMED[method]))
        return made

    def send(self, method, *, meta={}, headers={}, **params):
        message = self.message(method, {**params, "_meta": {**self.meta, **meta}})
        return self.open("POST", body=message, **{**self.headers(method, params), **headers})

    def answered(self, before, said, **params):
        """The same request again, with what the person said."""
        return self.result("tools/call", requestState=before["requestState"], inputResponses={"approval": said}, **params)


class Session(Peer):
    def __init__(self, daemon, name="session", capabilities={}, revision="2025-11-25", **query):
        super().__init__(daemon, **query)
        self.id, self.revision = None, None
        answer = self.send("initialize", protocolVersion=revision, capabilities=capabilities,
                           clientInfo={"name": name, "version": "1"})
        self.made = answer.whole()[-1]["result"]
        self.id, self.revision = answer.headers["Mcp-Session-Id"], self.made["protocolVersion"]
        self.tell("notifications/initialized")

    def post(self, message):
        return self.open("POST", body=message, Mcp_Session_Id=self.id, MCP_Protocol_Version=self.revision,
                         Content_Type="application/json", Accept="application/json, text/event-stream")

    def send(self, method, **params):
        return self.post(self.message(method, params))

    def tell(self, method, **params):
        answer = self.post({"jsonrpc": "2.0", "method": method, "params": params})
        answer.close()
        return answer.status

    def say(self, number, result):
        """The answer to a question of the server."""
        answer = self.post({"jsonrpc": "2.0", "id": number, "result": result})
        answer.close()
        return answer.status

    def stream(self):
        answer = self.read_on(None)
        answer.response.readline()  # it is there
        return answer

    def read_on(self, event):
        """The stream after that event."""
        return self.open("GET", Mcp_Session_Id=self.id, MCP_Protocol_Version=self.revision, Accept="text/event-stream",
                         Last_Event_ID=event)

    def end(self):
        answer = self.open("DELETE", Mcp_Session_Id=self.id)
        answer.close()
        return answer.status


class Old(Peer):
    """2024-11-05: what is answered comes on one stream, which is the session."""

    def __init__(self, daemon, name="old", capabilities={}, **query):
        super().__init__(daemon, **query)
        self.answers, self.told, self.news = {}, [], threading.Condition()
        self.all, self.asked = [], set()  # answers, and the ids that were asked for here
        self.stream = self.open("GET", self.address("/sse"), Accept="text/event-stream")
        self.endpoint = self.stream.event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.made = self.result("initialize", protocolVersion="2024-11-05", capabilities=capabilities,
                                clientInfo={"name": name, "version": "1"})

    def read(self):
        try:
            for message in self.stream.messages():
                with self.news:
                    if "method" in message:
                        self.told.append(message)
                    else:
                        self.answers[message.get("id")] = message
                        self.all.append(message)
                    self.news.notify_all()
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass  # the connection was closed here

    def post(self, message):
        return self.open("POST", self.endpoint[1], message, Content_Type="application/json")

    def ask(self, method, **params):
        message = self.message(method, params)
        message["id"] = f"own-{message['id']}"  # whatever else is sent in this session
        self.asked.add(message["id"])
        answer = self.post(message)
        answer.close()
        with self.news:
            if not self.news.wait_for(lambda: message["id"] in self.answers, PATIENCE):
                raise AssertionError(f"no answer to {message}")
            return 200 if answer.status == 202 else answer.status, self.answers.pop(message["id"]), []

    def end(self):
        try:
            self.stream.connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is over already
        self.reader.join(PATIENCE)
        self.stream.close()

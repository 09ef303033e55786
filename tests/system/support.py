"""What the system tests share: a home of its own for every test, the real program in it, and waiting for conditions.

LILUX names the program; without it, build/release/lilux is taken.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
LILUX = pathlib.Path(os.environ.get("LILUX", ROOT / "build/release/lilux")).resolve()
PATIENCE = 30  # seconds; only a test that fails waits so long


def eventually(condition, what, seconds=PATIENCE):
    """The first true value of `condition`, which is asked again and again."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} seconds: {what}")
        time.sleep(0.01)


def is_alive(pid):
    try:
        return pathlib.Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=PATIENCE):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Home:
    """A home and a project folder that are empty, and an environment that leads nowhere else."""

    def __init__(self, folder="/tmp"):
        self.root = pathlib.Path(os.path.realpath(tempfile.mkdtemp(prefix="lx-", dir=folder)))
        self.home, self.project = self.root / "home", self.root / "home/project"
        for folder in (self.home, self.project, self.root / "runtime", self.root / "tmp"):
            folder.mkdir()
        self.state = self.home / ".local/state/lilux"
        self.config = self.home / ".config/lilux"
        self.socket = self.root / "runtime/lilux/kernel.sock"
        self.environment = {
            "HOME": str(self.home), "TMPDIR": str(self.root / "tmp"), "XDG_RUNTIME_DIR": str(self.root / "runtime"),
            "XDG_CONFIG_HOME": str(self.home / ".config"), "XDG_DATA_HOME": str(self.home / ".local/share"),
            "XDG_STATE_HOME": str(self.home / ".local/state"), "XDG_CACHE_HOME": str(self.home / ".cache"),
            "PATH": f"{LILUX.parent}:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb",
            # Of a sanitized build: its options, and a limit that leaves room for its shadow memory.
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS") or name == "LILUX_LIMITS_MEMORY"},
        }
        self.daemons = []

    def start(self, *words, cwd=None, environment=None, **options):
        """A process of the program that runs on while the test does something else."""
        return subprocess.Popen([LILUX, *map(str, words)], cwd=cwd or self.project, text=True,
                                env={**self.environment, **(environment or {})},
                                **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                   **options})

    def run(self, *words, cwd=None, environment=None, text_in="", timeout=PATIENCE):
        return subprocess.run([LILUX, *map(str, words)], cwd=cwd or self.project, input=text_in, text=True,
                              capture_output=True, timeout=timeout, env={**self.environment, **(environment or {})})

    def call(self, tool, /, *flags, cwd=None, environment=None, **arguments):
        """The envelope of a call."""
        done = self.run("call", tool, "--args", json.dumps(arguments), "--json", *flags, cwd=cwd, environment=environment)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{tool} exits {done.returncode} and says {done.stdout!r} {done.stderr!r}")

    def output(self, tool, /, *flags, **arguments):
        """The output of a call that must succeed."""
        envelope = self.call(tool, *flags, **arguments)
        if not envelope["ok"]:
            raise AssertionError(f"{tool} fails: {envelope}")
        return envelope["output"]

    def up(self, *words, environment=None):
        daemon = Daemon(self, self.start("up", "--foreground", "--port", "0", *words, environment=environment))
        self.daemons.append(daemon)
        return daemon

    def processes(self):
        """Ids of the living processes that have our home in their environment."""
        mark = f"HOME={self.home}\0".encode()
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and mark in pathlib.Path("/proc", entry, "environ").read_bytes() and is_alive(entry):
                    yield int(entry)
            except OSError:
                pass

    def end_processes(self):
        for _ in range(500):
            left = list(self.processes())
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if not left:
                break
            time.sleep(0.01)

    def close(self):
        self.end_processes()
        for daemon in self.daemons:
            daemon.process.communicate()
        subprocess.run(["chmod", "-R", "u+rwX", self.root], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.root, ignore_errors=True)


class Daemon:
    """A kernel in the foreground that has said where it serves."""

    def __init__(self, home, process):
        self.home, self.process = home, process
        self.said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.said)
        if not found:
            out, errors = process.communicate()
            raise AssertionError(f"the daemon did not start: {self.said + out + errors}")
        self.port = int(found[1])
        self.token = (home.state / "token").read_text().strip()

    def request(self, method, path, body=None, token=True, **headers):
        """Status, parsed body (text when it is no JSON) and headers of an answer over loopback."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        if token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return answer_of(connection, method, path, body, headers)

    def call(self, tool, body, **headers):
        status, envelope, _ = self.request("POST", f"/api/call/{tool}", json.dumps(body), **headers)
        return status, envelope

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        """Asked to end; its exit code."""
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


def answer_of(connection, method, path, body=None, headers={}):
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        text = response.read().decode()
        try:
            return response.status, json.loads(text), response.headers
        except ValueError:
            return response.status, text, response.headers
    finally:
        connection.close()


class SystemTest(unittest.TestCase):
    folder = "/tmp"

    def setUp(self):
        self.home = Home(self.folder)
        self.addCleanup(self.home.close)

    def refused(self, envelope, code, *words):
        """The error of an envelope, which has this code and these words in its message or hint."""
        self.assertFalse(envelope["ok"], envelope)
        error = envelope["error"]
        self.assertEqual(code, error["code"], error)
        for word in words:
            self.assertIn(word, error["message"] + " " + error["hint"])
        return error


def main():
    """Runs the tests of the calling file; the slow ones are named."""
    class Timed(unittest.TextTestResult):
        def startTest(self, test):
            self.began = time.monotonic()
            super().startTest(test)

        def stopTest(self, test):
            took = time.monotonic() - self.began
            if took > 2:
                print(f"{took:.1f} s {test.id()}", file=sys.stderr)
            super().stopTest(test)

    unittest.main(module="__main__", testRunner=unittest.TextTestRunner(resultclass=Timed))

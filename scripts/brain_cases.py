#!/usr/bin/env python3
"""Makes the cases that `lilux brain call-train` learns from out of a folder of data of others: see docs/brain-calls.md.

usage: brain_cases.py DATA OUT     DATA has free/, OUT is a folder that gets one .jsonl for each set
"""

import hashlib
import json
import pathlib
import sys


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def spread(text):
    """A number that looks like chance and is the same every time."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def with_tools(row, pool, others):
    """The tools that a row calls and some others of the pool; nothing when one of them is not there."""
    names = list(dict.fromkeys(answer["name"] for answer in row["answers"]))
    if not all(name in pool for name in names):
        return None
    order = sorted(pool, key=lambda name: spread(row["id"] + name))
    chosen = names + [name for name in order if name not in names][:others]
    chosen.sort(key=lambda name: spread(name + row["id"]))
    return {**row, "tools": [pool[name] for name in chosen]}


def toolalpaca(row):
    """Its arguments are text that is not always JSON, and some answers are questions back."""
    answers = []
    for answer in row["answers"]:
        if answer["name"] == "getDetails":
            continue
        if isinstance(answer["arguments"], str):
            try:
                answer = {**answer, "arguments": json.loads(answer["arguments"])}
            except ValueError:
                return None
        answers.append(answer)
    return {**row, "answers": answers} if answers else None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    free, out = pathlib.Path(sys.argv[1]) / "free", pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    sets = {name: rows(free / f"{name}.jsonl") for name in (
        "bfcl_simple_python", "bfcl_multiple", "bfcl_parallel", "bfcl_parallel_multiple", "bfcl_irrelevance", "hammerbench")}
    pool = {tool["name"]: tool for tool in json.loads((free / "sealtools_tools.json").read_text())}
    sets["sealtools"] = [with_tools(row, pool, 4) for row in rows(free / "sealtools_dev.jsonl")]
    pool = {tool["name"]: tool for tool in json.loads((free / "droidcall_api.json").read_text())}
    sets["droidcall"] = [with_tools(row, pool, 4) for row in rows(free / "droidcall_seeds.jsonl")]
    sets["toolalpaca"] = [toolalpaca(row) for row in rows(free / "toolalpaca_eval_simulated.jsonl")]
    for name, cases in sets.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases if case))


if __name__ == "__main__":
    main()

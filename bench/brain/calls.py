#!/usr/bin/env python3
"""Calls from sentences and schemas, and tools found by their descriptions, on the sets of DATA: the rows of the brain's table that have
no rival to run beside. The BFCL sets are cut in two by the names of their tools, and each half is judged by weights that were learned from the
other half and from the sets of others; --shipped takes the weights that are shipped, which have seen those sets. What MetaTool and the tools
of browsers and of finance hold was never learned from.

usage: calls.py LILUX DATA [--shipped]
"""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))
import brain_cases

BFCL = ("bfcl_simple_python", "bfcl_multiple", "bfcl_irrelevance")
SEVERAL = ("bfcl_parallel", "bfcl_parallel_multiple")
# What larger models publish, the floor and the aim, of BFCL's live parts, for right calls or, of irrelevance, rightly none.
GOALS = {
    "bfcl_simple_python": "79.8 GPT-4o, 55.3 xLAM-1B; –; above 55.3",
    "bfcl_multiple": "79.8 GPT-4o, 55.3 xLAM-1B; –; above 55.3",
    "own filesystem": "88.6 GPT-4o on MCP's; –; 85",
    "bfcl_irrelevance": "83.8 GPT-4o, 61.3 xLAM-1B; AUROC .84; 85",
}
LEARNED_BESIDE = ("hammerbench", "sealtools", "droidcall", "toolalpaca")


def run(*words):
    done = subprocess.run([str(word) for word in words] + ["--json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return json.loads(done.stdout)["output"]


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def half(row):
    return brain_cases.spread(" ".join(sorted(tool["name"] for tool in row["tools"]))) % 2


def judged(lilux, work, cases, weights):
    """Right names, right calls and rightly no call of a set over both halves, and the times of the slower one."""
    sums, count, slowest = {}, 0, {}
    for part, flags in enumerate(weights):
        rows = [row for row in cases if len(weights) == 1 or half(row) == part]
        told = run(lilux, "brain", "call-eval", "--cases", write(work / "asked", rows), *flags)
        count += len(rows)
        for name in ("p50_us", "p99_us"):
            slowest[name] = max(slowest.get(name, 0), told[name])
        for name in ("name_accuracy", "call_accuracy", "abstention_accuracy"):
            if told.get(name) is not None:
                sums[name] = sums.get(name, 0) + told[name] * len(rows)
    return {**{name: value / count for name, value in sums.items()}, **slowest}, count


def learned(lilux, data, work):
    """The weights of each half, learned from the other."""
    subprocess.run([sys.executable, "-B", str(pathlib.Path(brain_cases.__file__)), str(data), str(work / "cases")], check=True,
                   capture_output=True)
    flags = []
    for part in (0, 1):
        words = []
        for name in BFCL + SEVERAL:
            rows = [row for row in rows_of(work / "cases" / f"{name}.jsonl") if half(row) != part]
            words += ["--cases", write(work / f"{name}.{part}", rows)]
        for name in LEARNED_BESIDE:
            words += ["--cases", work / "cases" / f"{name}.jsonl"]
        run(lilux, "brain", "call-train", *words, "--out", work / f"weights.{part}")
        flags.append(["--weights", work / f"weights.{part}"])
    return flags


def ranked(lilux, work, tools, requests):
    return run(lilux, "brain", "retrieve-eval", "--tools", write(work / "tools", tools), "--queries", write(work / "asked", requests))


def found(lilux, data, work):
    """MetaTool's tools, and, for the pool of 527 tools of MCP servers, which is not here, that of Seal-Tools with its requests of one call."""
    rows = rows_of(data / "free" / "metatool.jsonl")
    tools = {row["label"]: row["tool_description"] for row in rows}
    yield "MetaTool", ".389 recall@1; .60", len(tools), rows[::3], ranked(
        lilux, work, [{"name": name, "description": text} for name, text in sorted(tools.items())],
        [{"text": row["text"], "label": row["label"]} for row in rows[::3]])
    pool = json.loads((data / "free" / "sealtools_tools.json").read_text())
    single = [row for row in rows_of(data / "free" / "sealtools_dev.jsonl") if len(row["answers"]) == 1]
    browser = rows_of(data / "measure-only" / "mcptb_browser.jsonl")
    yield "MCP browser", ".691 name; –", len(browser[0]["tools"]), browser, ranked(lilux, work, browser[0]["tools"], browser)
    yield "Seal-Tools, for the 527 of MCP servers", ".355 recall@5 of those; .60 of those", len(pool), single, ranked(lilux, work, pool, single)


def percent(value):
    return "" if value is None else f"{100 * value:.1f}"


def main():
    words = [word for word in sys.argv[1:] if word != "--shipped"]
    lilux, data = pathlib.Path(words[0]).resolve(), pathlib.Path(words[1])
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        weights = [[]] if "--shipped" in sys.argv else learned(lilux, data, work)
        print("| set | cases | right names, % | right calls, % | rightly no call, % | p50/p99 µs | published; floor; aim |")
        print("|---|---|---|---|---|---|---|")
        sets = [(name, data / "free" / f"{name}.jsonl", weights) for name in BFCL + SEVERAL]
        sets.append(("MCP browser", data / "measure-only" / "mcptb_browser.jsonl", [[]]))
        sets.append(("MCP finance", data / "measure-only" / "mcptb_finance.jsonl", [[]]))
        sets.append(("own filesystem", HERE.parents[1] / "tests/brain/calls/filesystem.measure.jsonl", [[]]))
        for name, path, flags in sets:
            told, count = judged(lilux, work, rows_of(path), flags)
            print(f"| {name} | {count} | {percent(told.get('name_accuracy'))} | {percent(told.get('call_accuracy'))} | "
                  f"{percent(told.get('abstention_accuracy'))} | {told['p50_us']:.0f}/{told['p99_us']:.0f} | {GOALS.get(name, '')} |", flush=True)
        print("\n| tools found among | tools | requests | recall@1 | recall@5 | p50/p99 µs | floor; aim |")
        print("|---|---|---|---|---|---|---|")
        for name, goal, tools, asked, told in found(lilux, data, work):
            print(f"| {name} | {tools} | {len(asked)} | {told['recall_1']:.3f} | {told['recall_5']:.3f} | "
                  f"{told['p50_us']:.0f}/{told['p99_us']:.0f} | {goal} |", flush=True)


if __name__ == "__main__":
    main()

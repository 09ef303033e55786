#!/usr/bin/env python3
"""Makes the pairs of texts that `lilux brain retrieve-train` learns from: see docs/brain-calls.md.

usage: brain_pairs.py DATA OUT [WITHOUT...]     DATA has free/, OUT is a folder that gets one .jsonl for each set; sets WITHOUT are left out

Besides DATA it reads WordNet (Debian's wordnet-base) and what Debian's packages say of themselves in English
(apt-get -o Acquire::Languages=en update).
"""

import json
import os
import pathlib
import re
import subprocess
import sys

WORDNET = pathlib.Path("/usr/share/wordnet")
POOLS = {"sealtools": ("sealtools_tools", "sealtools_dev"), "hammerbench": ("hammerbench_tools", "hammerbench"),
         "apibank": ("apibank_tools", "apibank_calls_lv12"), "droidcall": ("droidcall_api", "droidcall_seeds")}
WITH_TOOLS = ("bfcl_simple_python", "bfcl_multiple", "bfcl_parallel", "bfcl_parallel_multiple", "toolalpaca_eval_simulated")
LABELLED = ("clinc150", "banking77", "hwu64", "snips", "hint3_sofmattress")
NO_LABEL = ("oos", "NO_NODES_DETECTED")


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def run(*command):
    return subprocess.run(command, capture_output=True, check=True).stdout.decode(errors="replace")


def described(tool):
    return tool["description"].split("\nParameters:")[0]


def told(tool):
    return f"{tool['name']} {tool['name']} {described(tool)}"


def request(row):
    """The first thing that is asked."""
    if "query" in row:
        return row["query"]
    said = (message.get("content", message.get("text")) for message in row["messages"] if message["role"].lower() == "user")
    text = next(said, "")
    return text if isinstance(text, str) else ""


def of_tools(name, tools, requests):
    """A tool's name and its description, that and its parameters, a request and the tool that serves it."""
    for tool in tools.values():
        yield name + "_own", tool["name"], described(tool)
        given = tool.get("parameters") or tool.get("arguments") or {}
        given = given.get("properties", given)
        words = " ".join(f"{key} {value.get('description', '')}" for key, value in given.items() if isinstance(value, dict))
        yield name + "_own", described(tool), words
    for row in requests:
        for called in dict.fromkeys(answer["name"] for answer in row["answers"]):
            if called in tools:
                yield name, request(row), told(tools[called])


def of_labels(name, examples):
    """A text and the name of its label, and another text with it."""
    by_label = {}
    for row in examples:
        if row["label"] not in NO_LABEL:
            by_label.setdefault(row["label"], []).append(row["text"])
    for label, texts in by_label.items():
        texts = texts[:200]
        for i, text in enumerate(texts):
            yield name, text, label
            yield name + "_alike", text, texts[(i * 7 + 3) % len(texts)]


def of_wordnet():
    """Words and their definition, an example and the definition, a definition and that of what stands near it."""
    meanings = {}
    for part, letter in (("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")):
        for line in (WORDNET / f"data.{part}").read_text(encoding="latin1").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition(" | ")
            fields = head.split()
            count = int(fields[3], 16)
            words = " ".join(re.sub(r"\(.*\)", "", word).replace("_", " ") for word in fields[4:4 + 2 * count:2])
            links = fields[5 + 2 * count:]
            near = [links[i + 2].replace("s", "a") + links[i + 1] for i in range(0, 4 * int(fields[4 + 2 * count]), 4)
                    if links[i] in ("@", ";c", "+", "\\", "=")]
            examples = re.findall(r'"([^"]*)"', gloss)
            meanings[letter + fields[0]] = (words, re.sub(r'"[^"]*"', "", gloss), examples, near)
    for words, gloss, examples, near in meanings.values():
        yield "words", words, gloss
        for example in examples[:1]:
            yield "examples", example, gloss
        for other in near[:2]:
            yield "near", f"{words} {gloss}", " ".join(meanings[other][:2])


def of_packages():
    """A Debian package's name with its short description, and the beginning of its long one."""
    files = run("apt-get", "-o", "Acquire::Languages=en", "indextargets", "--format", "$(FILENAME)", "Created-By: Translations").split()
    text = run("/usr/lib/apt/apt-helper", "cat-file", *filter(os.path.exists, sorted(files))) if files else ""
    seen = set()
    for package in text.split("\n\n"):
        name = re.search(r"^Package: (.*)$", package, re.M)
        says = re.search(r"^Description(?:-en)?: (.*)\n((?: .*\n?)+)", package, re.M)
        if not name or not says or says[1] in seen or re.search(r"-(dev|dbg|dbgsym|doc|data|common|l10n)$", name[1]):
            continue
        seen.add(says[1])
        yield "packages", f"{name[1]} {says[1]}", " ".join(says[2].replace("\n .", "\n").split()[:60])
    if len(seen) < 10000:
        sys.exit("Debian's long descriptions are missing: apt-get -o Acquire::Languages=en update")


def sets(free):
    for name, (pool, requests) in POOLS.items():
        tools = {tool["name"]: tool for tool in json.loads((free / f"{pool}.json").read_text())}
        yield name, of_tools(name, tools, rows(free / f"{requests}.jsonl"))
    for name in WITH_TOOLS:
        cases = rows(free / f"{name}.jsonl")
        tools = {tool["name"]: tool for case in cases for tool in case["tools"]}
        yield name, of_tools(name, tools, cases)
    for name in LABELLED:
        yield name, of_labels(name, rows(free / f"{name}.jsonl"))
    yield "wordnet", of_wordnet()
    yield "packages", of_packages()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    free, out = pathlib.Path(sys.argv[1]) / "free", pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for name, pairs in sets(free):
        if name not in sys.argv[3:]:
            (out / f"{name}.jsonl").write_text("".join(
                json.dumps({"set": group, "left": left, "right": right}) + "\n" for group, left, right in pairs if left.strip() and right.strip()))


if __name__ == "__main__":
    main()

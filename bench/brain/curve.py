#!/usr/bin/env python3
"""How well one person's own commands are understood after 50, 200 and 1,000 of them, beside fastText where it is there.

Two sets of 61 commands in tests/brain, no sentence of the asked ones among those learned from. own: four of five sentences are worded as that
person usually words them, the others otherwise; `wording` says which. varied: no two sentences are worded alike.

usage: curve.py LILUX
"""

import json
import pathlib
import shutil
import sys
import tempfile

import compare

HERE = pathlib.Path(__file__).resolve().parents[2] / "tests" / "brain"
SIZES = (50, 200, 1000)


def rows_of(name):
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text().splitlines()]


def share(asked, pairs, wording=None):
    judged = [row["label"] == label for row, (label, _) in zip(asked, pairs) if wording in (None, row.get("wording"))]
    return f"{100 * sum(judged) / len(judged):.1f}" if judged else ""


def main():
    lilux = pathlib.Path(sys.argv[1])
    print("| set | by | learned from | asked | right, % | usual wording, % | other wording, % | decided at 99 %, % | seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in ("own", "varied"):
        train, asked = rows_of(f"{name}.train"), rows_of(f"{name}.test")
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                work = pathlib.Path(folder)
                runs = [("lilux", compare.by_lilux(lilux, work, train[:size], asked))]
                if shutil.which("fasttext"):
                    runs.append(("fastText", compare.by_fasttext(work, train[:size], asked)))
            for who, (pairs, wall, _, _, _, _) in runs:
                print(f"| {name} | {who} | {min(size, len(train))} | {len(asked)} | {share(asked, pairs)} | {share(asked, pairs, 'usual')} | "
                      f"{share(asked, pairs, 'other')} | {compare.figures(asked, pairs)[2]} | {wall:.1f} |", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs `lilux search eval` on judged collections: its nDCG@10 is at least 5 % above that of plain BM25, the run that it
writes says the same when it is measured here, and hostile files are refused by line with nothing written.

The collection here is ours; with LILUX_TEST_DATA set those of $LILUX_TEST_DATA/measure-only/ir_* are ranked too.

usage: quality_test.py LILUX
"""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ABOVE = 1.05
# nDCG@10 of BM25 alone (k1 1.2, b 0.75, words without case), and as published beside the collections of others.
FLOORS = {"ours": .736, "ir_cran": .389, "ir_cisi": .385, "ir_adi": .463}


def evaluate(lilux, corpus, queries, qrels, run):
    return subprocess.run([lilux, "search", "eval", "--corpus", corpus, "--queries", queries, "--qrels", qrels,
                           "--run", run, "--json"], capture_output=True, text=True, timeout=300)


def judgements(path):
    judged = {}
    for line in path.read_text().splitlines()[1:]:
        query, document, value = line.split("\t")
        judged.setdefault(query, {})[document] = int(value)
    return {query: values for query, values in judged.items() if max(values.values()) > 0}


def ndcg_of_run(run, judged):
    """nDCG@10 of a run file, apart from how the program measures it."""
    ranking = {}
    for line in run.read_text().splitlines():
        query, q0, document, rank, score, tag = line.split(" ")
        assert q0 == "Q0" and tag == "lilux", line
        before = ranking.setdefault(query, [])
        assert int(rank) == len(before) + 1, line
        assert not before or before[-1][0] >= float(score), f"scores rise: {line}"
        assert document not in [other for _, other in before], line
        before.append((float(score), document))
    total = 0
    for query, values in judged.items():
        gains = [max(0, values.get(document, 0)) for _, document in ranking.get(query, [])[:10]]
        ideal = sorted((value for value in values.values() if value > 0), reverse=True)[:10]
        discounted = [sum(gain / math.log2(i + 2) for i, gain in enumerate(list_)) for list_ in (gains, ideal)]
        total += discounted[0] / discounted[1]
    return total / len(judged)


def check_quality(lilux, name, folder, work):
    run = work / f"{name}.trec"
    files = [folder / file for file in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]
    done = evaluate(lilux, *files, run)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["output"]
    measured = ndcg_of_run(run, judgements(files[2]))
    assert abs(told["ndcg_10"] - measured) < 1e-6, (told, measured)
    floor = FLOORS[name] * ABOVE
    print(f"{name}: nDCG@10 {measured:.4f}, at least {floor:.4f}")
    assert measured >= floor, f"{name}: nDCG@10 is {measured:.4f}, below {floor:.4f}"
    first = run.read_bytes()
    assert evaluate(lilux, *files, run).returncode == 0
    assert run.read_bytes() == first, f"{name}: another run gave another ranking"


GOOD = {"corpus": '{"_id": "d1", "title": "", "text": "a cat"}\n{"_id": 2, "text": "a dog", "metadata": {}}\n',
        "queries": '{"_id": "q1", "text": "cat"}\n', "qrels": "q1\td1\t1\n"}
# (file, its content, what the error says)
HOSTILE = [
    ("corpus", '{"_id": "d1", "text": "x"}\nnot json\n', "line 2"),
    ("corpus", '{"_id": "d1", "text": "x"}\n\n{"_id": "d1", "text": "y"}\n', "line 3: the id 'd1' stands on line 1"),
    ("corpus", '{"_id": "d 1", "text": "x"}\n', "spaces"),
    ("corpus", '{"text": "x"}\n', "_id"),
    ("corpus", '{"_id": "d1", "text": 7}\n', "text"),
    ("corpus", '{"_id": "d1"}\n', "text"),
    ("corpus", '[1]\n', "line 1"),
    ("corpus", '{"_id": "d1", "text": "\\ud800"}\n', "line 1"),
    ("corpus", '{"_id": "d1", "text": "' + "[" * 300 + '\n', "line 1"),
    ("corpus", "", "empty"),
    ("queries", '{"_id": "q1", "text": "cat"}\n{"_id": "q1", "text": "dog"}\n', "line 2"),
    ("qrels", "q1\td1\tmuch\nq1\td1\tmore\n", "line 1"),
    ("qrels", "query-id\tcorpus-id\tscore\nq1 d1 1\n", "line 2"),
    ("qrels", "q1\td1\t1\nq1\td1\t1\n", "twice"),
    ("qrels", "q1\td1\t99999999999\n", "line 1"),
]


def check_hostile(lilux, work):
    files = {name: work / name for name in GOOD}
    run = work / "run.trec"

    def attempt(changes):
        for name, path in files.items():
            path.write_text(changes.get(name, GOOD[name]))
        return evaluate(lilux, files["corpus"], files["queries"], files["qrels"], run)

    done = attempt({})
    assert done.returncode == 0, done.stderr
    assert run.read_text().startswith("q1 Q0 d1 1 "), run.read_text()
    kept = run.read_bytes()
    for name, content, message in HOSTILE:
        done = attempt({name: content})
        assert done.returncode == 2, (content, done)
        error = done.stdout + done.stderr
        assert message in error and str(files[name]) in error, (content, error)
        assert run.read_bytes() == kept, content
    done = evaluate(lilux, work / "none", files["queries"], files["qrels"], run)
    assert done.returncode != 0 and "none" in done.stdout + done.stderr, done
    left = sorted(path.name for path in work.iterdir() if path.name not in {"run.trec", *GOOD})
    assert not [name for name in left if not name.endswith(".trec")], left


def main():
    lilux = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        work = pathlib.Path(folder)
        check_hostile(lilux, work)
        check_quality(lilux, "ours", HERE, work)
        data = os.environ.get("LILUX_TEST_DATA")
        for name in FLOORS if data else []:
            if name != "ours":
                check_quality(lilux, name, pathlib.Path(data) / "measure-only" / name, work)


if __name__ == "__main__":
    main()

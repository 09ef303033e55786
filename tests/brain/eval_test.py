#!/usr/bin/env python3
"""Runs `lilux brain train` and `lilux brain eval` on a set of ours: the predictions say what is printed of them, the same
files give the same bytes, slots are learned and found, and hostile files are refused by line with nothing written. With LILUX_TEST_DATA set, sets of
others ($LILUX_TEST_DATA/free) are learned as well as floors say that lie under what is reached (docs/brain.md).

usage: eval_test.py LILUX [--large]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TRAIN = HERE / "commands.train.jsonl"
TEST = HERE / "commands.test.jsonl"
BYTES_MAX = 16_000_000
# file: (accuracy in scope, oos AUROC or none), learned from its train part and asked its valid part.
FLOORS = {"hwu64": (.905, None)}
LARGE_FLOORS = {"clinc150": (.935, .965)}


def run(lilux, *words):
    return subprocess.run([lilux, "brain", *words, "--json"], capture_output=True, text=True, timeout=600)


def train(lilux, examples, out):
    return run(lilux, "train", "--examples", examples, "--out", out)


def evaluate(lilux, model, examples, predictions):
    return run(lilux, "eval", "--model", model, "--examples", examples, "--predictions", predictions)


def answer(done):
    """The figures, which stand in the output and at the top."""
    assert done.returncode == 0, done
    whole = json.loads(done.stdout)
    assert {name: whole[name] for name in whole["output"]} == whole["output"], whole
    return whole["output"]


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def auroc(inside, outside):
    won = sum((a > b) + (a == b) / 2 for a in inside for b in outside)
    return won / (len(inside) * len(outside))


def check_figures(lilux, work):
    model, predictions = work / "model", work / "predictions.jsonl"
    told = answer(train(lilux, TRAIN, model))
    labels = {row["label"] for row in rows_of(TRAIN)}
    assert told["labels"] == len(labels) and told["bytes"] == model.stat().st_size and told["seconds"] > 0, told
    told = answer(evaluate(lilux, model, TEST, predictions))
    rows, guesses = rows_of(TEST), rows_of(predictions)
    assert len(rows) == len(guesses) == told["examples"]
    for guess in guesses:
        assert list(guess) == ["label", "confidence", "micros"], guess
        assert guess["label"] in labels - {"oos"} and 0 <= guess["confidence"] <= 1 and guess["micros"] > 0, guess
    inside = [(row, guess) for row, guess in zip(rows, guesses) if row["label"] != "oos"]
    right = sum(row["label"] == guess["label"] for row, guess in inside) / len(inside)
    assert abs(told["accuracy"] - right) < 1e-9, (told, right)
    outside = [guess["confidence"] for row, guess in zip(rows, guesses) if row["label"] == "oos"]
    assert abs(told["oos_auroc"] - auroc([guess["confidence"] for _, guess in inside], outside)) < 1e-9, told
    again = work / "again"
    answer(train(lilux, TRAIN, again))
    assert again.read_bytes() == model.read_bytes(), "another training gave another model"
    first = [(guess["label"], guess["confidence"]) for guess in guesses]
    answer(evaluate(lilux, again, TEST, predictions))
    assert [(guess["label"], guess["confidence"]) for guess in rows_of(predictions)] == first


# (label, the text with its values in brackets, their names)
SLOTTED = [
    ("call", "call [{}] at [{}] .", ("who", "when"),
     [("anna", "nine"), ("bert", "noon"), ("old emma", "9:30"), ("my boss", "8 pm")]),
    ("light", "turn the light in the [{}] on", ("room",), [("kitchen",), ("hall",), ("guest room",), ("attic",)]),
]


def slotted(form):
    """Rows that tell their slots in one of the forms that are taken."""
    for label, frame, names, values in SLOTTED:
        for value in values:
            bracketed = frame.format(*value)
            text = bracketed.replace("[", "").replace("]", "")
            row = {"text": text, "label": label}
            if form == "object":
                row["slots"] = dict(zip(names, value))
            elif form == "list":
                row["slots"] = [{"name": name, "value": one} for name, one in zip(names, value)]
            else:
                row["bio"] = tags_of(bracketed, names)
            yield row


def tags_of(bracketed, names):
    tags, left, inside = [], list(names), False
    for word in bracketed.split():
        begins = word.startswith("[")
        tags.append(f"B-{left.pop(0)}" if begins else f"I-{name}" if inside else "O")
        name = tags[-1][2:]
        inside = (begins or inside) and not word.endswith("]")
    return tags


def check_slots(lilux, work):
    """Every form teaches the same; what is printed of slots is what the predictions say; odd forms are no slots."""
    models = set()
    for form in ("object", "list", "bio"):
        (work / "slotted").write_text("".join(json.dumps(row) + "\n" for row in slotted(form)))
        told = answer(train(lilux, work / "slotted", work / "model.slots"))
        assert told["slots"] == 3, told
        models.add((work / "model.slots").read_bytes())
    assert len(models) == 1
    told = answer(evaluate(lilux, work / "model.slots", work / "slotted", work / "found"))
    rows, found = list(slotted("object")), rows_of(work / "found")
    right = made = wanted = 0
    for row, guess in zip(rows, found):
        assert list(guess) == ["label", "confidence", "micros", "slots"], guess
        for slot in guess["slots"]:
            assert row["text"].encode()[slot["begin"]:slot["end"]].decode() == slot["value"], (row, slot)
        right += sum(row["slots"].get(slot["name"]) == slot["value"] for slot in guess["slots"])
        made, wanted = made + len(guess["slots"]), wanted + len(row["slots"])
    assert abs(told["slot_f1"] - 2 * right / (made + wanted)) < 1e-9, told
    assert told["slot_f1"] > .9, told
    odd = [dict(row, slots=odd) for row, odd in zip(rows, (7, "x", ["a"], {"who": 3}, None, [{}], {}, []))]
    (work / "slotted").write_text("".join(json.dumps(row) + "\n" for row in odd))
    assert answer(train(lilux, work / "slotted", work / "model.slots"))["slots"] == 0
    for name in ("slotted", "model.slots", "found"):
        (work / name).unlink()


def check_domains(lilux, work):
    """Every model in a folder is a domain: they answer together, and one comes and goes without the others."""
    kept = rows_of(TRAIN)
    (work / "domains").mkdir()
    evaluated = work / "asked"
    domains = {"files": ("disk.", "file."), "talk": ("mail.", "note."), "machine": ("network.", "process.", "sound.", "screen.")}
    asked = []
    for name, starts in domains.items():
        rows = [row for row in kept if row["label"].startswith(starts)]
        (work / "part").write_text("".join(json.dumps(row) + "\n" for row in rows))
        answer(train(lilux, work / "part", work / "domains" / name))
        asked += [dict(row, domain=name) for row in rows_of(TEST) if row["label"].startswith(starts)]
    evaluated.write_text("".join(json.dumps(row) + "\n" for row in asked))
    told = answer(evaluate(lilux, work / "domains", evaluated, work / "found"))
    found = rows_of(work / "found")
    assert list(found[0]) == ["label", "confidence", "micros", "domain"], found[0]
    right = sum(row["label"] == guess["label"] for row, guess in zip(asked, found)) / len(asked)
    assert abs(told["accuracy"] - right) < 1e-9 and right >= .55, told
    assert sum(row["domain"] == guess["domain"] for row, guess in zip(asked, found)) >= .75 * len(asked)
    (work / "domains" / "talk").unlink()
    answer(evaluate(lilux, work / "domains", evaluated, work / "found"))
    assert {guess["domain"] for guess in rows_of(work / "found")} == {"files", "machine"}
    (work / "domains" / "broken").write_text("no model")
    refused(evaluate(lilux, work / "domains", evaluated, work / "found"), "broken", "does not begin like one")
    for path in (work / "domains").iterdir():
        path.unlink()
    refused(evaluate(lilux, work / "domains", evaluated, work / "found"), "no models in")
    (work / "domains").rmdir()
    for name in ("part", "asked", "found"):
        (work / name).unlink()


def check_own(lilux, work):
    """A person's own commands: more examples are better, a thousand are good, and no sentence is in both parts."""
    reached = []
    for name, floor in (("own", .86), ("varied", .55)):
        rows, asked = rows_of(HERE / f"{name}.train.jsonl"), HERE / f"{name}.test.jsonl"
        plain = [{"".join(c for c in row["text"].lower() if c.isalnum()) for row in part} for part in (rows, rows_of(asked))]
        assert not plain[0] & plain[1], plain[0] & plain[1]
        assert len(rows) >= 1000 and len(rows_of(asked)) >= 300
        for size in (200, 1000):
            (work / "part").write_text("".join(json.dumps(row) + "\n" for row in rows[:size]))
            answer(train(lilux, work / "part", work / "learned"))
            reached.append(answer(run(lilux, "eval", "--model", work / "learned", "--examples", asked))["accuracy"])
        assert reached[-1] >= floor and reached[-2] < reached[-1], reached
    for name in ("part", "learned"):
        (work / name).unlink()


GOOD = '{"text": "louder", "label": "up"}\n{"text": "quieter", "label": "down"}\n'
# (the examples' bytes, what the error says)
HOSTILE = [
    (b"", "no examples"),
    (b"garbage\n", "line 1"),
    (GOOD.encode() + b'{"text": "x"}\n', "line 3"),
    (GOOD.encode() + b'{"text": 7, "label": "x"}\n', "line 3"),
    (GOOD.encode() + b'{"text": "\xff", "label": "x"}\n', "line 3"),
    (GOOD.encode() + b'{"text": "a\x00b", "label": "x"}\n', "line 3"),
    (GOOD.encode() + b'{"text": "' + b"[" * 300 + b"\n", "line 3"),
    (b'{"text": "a", "label": "oos"}\n{"text": "b", "label": "oos"}\n', "every example has the label 'oos'"),
]


def refused(done, *words):
    assert done.returncode != 0, done
    error = done.stdout + done.stderr
    for word in words:
        assert str(word) in error, (word, error)


def check_hostile(lilux, work):
    examples, model, predictions = work / "examples.jsonl", work / "model", work / "predictions.jsonl"
    kept = model.read_bytes(), predictions.read_bytes()
    for content, message in HOSTILE:
        examples.write_bytes(content)
        refused(train(lilux, examples, model), message, examples)
        if b'"oos"}\n{' not in content:
            refused(evaluate(lilux, model, examples, predictions), message, examples)
        assert (model.read_bytes(), predictions.read_bytes()) == kept, content
    examples.write_text(GOOD)
    for content in (b"", b"LILUXBRN", kept[0][:-1], kept[0][:500] + b"x" + kept[0][501:]):
        (work / "broken").write_bytes(content)
        refused(evaluate(lilux, work / "broken", examples, predictions), "broken", "model")
    refused(train(lilux, work / "none", model), "none")
    refused(train(lilux, examples, work / "none" / "model"), "none")
    refused(run(lilux, "train", "--examples", examples), "--out is missing")
    refused(run(lilux, "eval", "--model"), "--model needs a value")
    refused(run(lilux, "eval", "--modell", model), "unknown word '--modell'")
    os.mkfifo(work / "pipe")
    refused(train(lilux, work / "pipe", model), "pipe", "fifo")
    refused(evaluate(lilux, work / "pipe", examples, predictions), "pipe", "fifo")
    (work / "pipe").unlink()
    assert (model.read_bytes(), predictions.read_bytes()) == kept
    unseen = '{"text": "hello", "label": "never seen"}\n{"text": "", "label": "up", "more": [1]}\n'
    examples.write_text(unseen + '{"text": "' + "louder " * 200000 + '", "label": "up"}\n')
    assert answer(evaluate(lilux, model, examples, predictions))["examples"] == 3


def check_set(lilux, data, name, floors, work):
    rows = rows_of(data / "free" / f"{name}.jsonl")
    for part in ("train", "valid"):
        lines = [json.dumps(row) + "\n" for row in rows if row["split"] == part]
        (work / part).write_text("".join(lines))
    told = answer(train(lilux, work / "train", work / "model"))
    assert told["bytes"] <= BYTES_MAX, told
    told = answer(evaluate(lilux, work / "model", work / "valid", work / "predictions.jsonl"))
    print(f"{name}: {told}")
    assert told["accuracy"] >= floors[0], told
    assert floors[1] is None or told["oos_auroc"] >= floors[1], told


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        check_figures(sys.argv[1], work)
        check_hostile(sys.argv[1], work)
        check_slots(sys.argv[1], work)
        check_domains(sys.argv[1], work)
        check_own(sys.argv[1], work)
        left = sorted(path.name for path in work.iterdir())
        assert left == ["again", "broken", "examples.jsonl", "model", "predictions.jsonl"], left
        data = os.environ.get("LILUX_TEST_DATA")
        wanted = FLOORS | (LARGE_FLOORS if "--large" in sys.argv else {})
        for name, floors in wanted.items() if data else []:
            check_set(sys.argv[1], pathlib.Path(data), name, floors, work)


if __name__ == "__main__":
    main()

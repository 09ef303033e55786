#!/usr/bin/env python3
"""A folder of models, each learned from the texts of one domain alone, beside one model of all: CLINC150 by its ten domains, HWU64 by what stands
before the line in its labels (those alone there are one domain together).

usage: domains.py LILUX DATA
"""

import collections
import json
import pathlib
import sys
import tempfile

import compare

CLINC = json.loads((pathlib.Path(__file__).resolve().parent / "clinc_domains.json").read_text())


def clinc_domain(rows):
    of = {label: domain for domain, labels in CLINC.items() for label in labels}
    return lambda label: of.get(label)


def hwu_domain(rows):
    starts = collections.Counter(label.split("_")[0] for label in {row["label"] for row in rows})
    return lambda label: label.split("_")[0] if starts[label.split("_")[0]] > 1 else "other"


def learned(lilux, work, rows, domain_of):
    """One model for each domain; the processor's seconds of each."""
    parts = collections.defaultdict(list)
    for row in rows:
        if domain_of(row["label"]):
            parts[domain_of(row["label"])].append(row)
    (work / "domains").mkdir()
    seconds = []
    for name, part in parts.items():
        compare.write_rows(work / "train", part)
        seconds.append(compare.timed([lilux, "brain", "train", "--examples", work / "train", "--out", work / "domains" / name])[1])
    return seconds


def main():
    lilux, data = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    print("| set | domains | learned from, asked | accuracy in scope, % | oos AUROC | decided at 99 %, % | processor seconds, all | for one more | p50/p99 µs |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, rows, domains in (("CLINC150", compare.clinc(data), clinc_domain), ("HWU64", compare.hwu(data), hwu_domain)):
        train = [row for row in rows if row["split"] == "train" and row["label"] != compare.OOS]
        asked = [row for row in rows if row["split"] == "valid"]
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            seconds = learned(lilux, work, train, domains(train))
            pairs, micros, _ = compare.asked_of(lilux, work, work / "domains", asked)
        accuracy, auroc, decided = compare.figures(asked, pairs)
        print(f"| {name} | {len(seconds)} | {len(train)}, {len(asked)} | {accuracy} | {auroc} | {decided} | {sum(seconds):.1f} | "
              f"{min(seconds):.1f} to {max(seconds):.1f} | {micros} |", flush=True)


if __name__ == "__main__":
    main()

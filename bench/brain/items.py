#!/usr/bin/env python3
"""How often a sentence comes to the script that is meant, where scripts are known by nothing but their names, descriptions and inputs:
the 61 of tests/brain/own.items.tsv and one person's sentences for them, of which none was learned. Counted are the sentences of
which the right script is offered, those of which another one or another call is, and those that are made at once and wrongly; then the
same of foreign sentences, of which none should be offered.

Before these, of sentences that name the inputs of their script (tests/brain/own.inputs.jsonl and own.inputs.more.jsonl), those of which the inputs are right, too;
--inputs counts nothing else. Then, of the phrasings that `brain export` makes of each script, those that come to it, and those with the very inputs.

usage: items.py LILUX [--misses] [--inputs]
"""

import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parents[2]
BRAIN = HERE / "tests/brain"


def declaration(given):
    """Of "copies:int" or "state=on|off"."""
    name, _, choices = given.partition("=")
    name, _, kind = name.partition(":")
    more = f", type={kind}" if kind else f", choices={choices.split('|')}" if choices else ""
    return f'p.add_argument("--{name}"{more})\n'


def write_scripts(folder):
    folder.mkdir(parents=True)
    names = {}
    for line in (BRAIN / "own.items.tsv").read_text().splitlines():
        label, name, description, *inputs = line.split("\t")
        names[label] = name
        declared = "".join(declaration(one) for one in (inputs[0].split(",") if inputs else []))
        (folder / f"{name}.py").write_text(f'"""{description}."""\nimport argparse\np = argparse.ArgumentParser()\n{declared}p.parse_args()\n')
    return names


class Home:
    """A daemon in a home of its own, asked for routes."""

    def __init__(self, lilux, root):
        self.lilux, self.root = lilux, pathlib.Path(root)
        self.home = self.root / "home"
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb",
                            "XDG_RUNTIME_DIR": str(self.root / "run")}
        (self.root / "run").mkdir(parents=True)
        self.names = write_scripts(self.home / ".ai/scripts")
        (self.home / "work").mkdir()

    def __enter__(self):
        self.daemon = subprocess.Popen([self.lilux, "up", "--foreground"], env=self.environment, cwd=self.home / "work", stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        socket = self.root / "run/lilux/kernel.sock"
        while not socket.exists() and self.daemon.poll() is None:
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.daemon.terminate()
        self.daemon.wait()

    def route(self, text):
        done = subprocess.run([self.lilux, "route", text, "--json"], env=self.environment, cwd=self.home / "work", capture_output=True, text=True)
        told = json.loads(done.stdout)
        return told.get("output", told)


def outcome(route, name):
    """right, other, at once (and wrong), none; and what it came to."""
    calls = route["calls"]
    if route["band"] == "defer" or not calls:
        return "none", ""
    made = [call["arguments"].get("name", "") if call["tool"] == "item.run" else call["tool"] for call in calls]
    if name and made == [name]:
        return "right", name
    return ("at once" if route["band"] == "execute" else "other"), f"{made} by {route['layer']}"


def is_same(given, wanted):
    """Texts without regard to case and to an article in front, numbers by what they are."""
    if isinstance(given, str) and isinstance(wanted, str):
        plain = lambda text: text.lower().removeprefix("the ").removeprefix("a ").removeprefix("an ").strip(" .'\"")
        return plain(given) == plain(wanted)
    return given == wanted


def measure_inputs(home, title, rows, shows):
    """Of sentences that name their script's inputs: right name and inputs, right name and other inputs, asked, another, none."""
    counts = collections.Counter()
    for row in rows:
        name, wanted = home.names[row["label"]], row["inputs"]
        route = home.route(row["text"])
        what, made = outcome(route, name)
        given = route["calls"][0]["arguments"].get("inputs", {}) if what == "right" else {}
        if what == "right" and not (given.keys() == wanted.keys() and all(is_same(given[key], wanted[key]) for key in wanted)):
            what = "wrong inputs"
        elif what == "none" and route.get("missing"):
            what = "asked"
        counts[what] += 1
        if shows and what != "right":
            print(f"    {what:12} {row['text']!r} ({name} {wanted}) -> {given or made or route.get('missing')} [{route['layer']}: {route['why']}]")
    shares = ", ".join(f"{what} {counts[what]}" for what in ("right", "wrong inputs", "asked", "other", "at once", "none"))
    print(f"{title}: {len(rows)}; {shares}", flush=True)


# What only speaks of an act, and acts of the scripts.
FRAMES = ("do not {} please", "never {}", "what happens when I {}?", "why did you {}?", "should I {}?", "how do I {}?", "is it safe to {}?",
          "the manual says to {} every evening", "he wanted to {} yesterday and did not", "tell me a story of one who wanted to {}",
          "stop before you {}", '"{}" is a song', "it would be wrong to {}", "remind me why we should not {}", "explain the words '{}'")
ACTS = ("restart the wiki", "push the tags", "install docker", "kill firefox", "remove the file draft.txt", "erase the file draft.txt",
        "deploy the blog", "undo the last commit", "send a message to nina", "unlock the door", "end the process", "resize the photo",
        "rename the file", "update the system", "tidy the downloads", "create an invoice for hansen", "lock the screen", "merge the pdfs")


def measure(home, title, rows, shows):
    counts, layers = collections.Counter(), collections.Counter()
    for text, name in rows:
        route = home.route(text)
        what, made = outcome(route, name)
        counts[what] += 1
        if what == "right":
            layers[route["layer"]] += 1
        elif shows:
            print(f"    {what:8} {text!r} ({name}) -> {made} [{route['layer']}: {route['why']}]")
    shares = ", ".join(f"{what} {100 * counts[what] / len(rows):.1f} %" for what in ("right", "other", "at once", "none"))
    print(f"{title}: {len(rows)}; {shares}; right by {dict(layers)}", flush=True)


def measure_phrasings(home):
    """Of what `brain export` makes to be said of each script: those that come to it, and those that come to it with the very inputs."""
    export = subprocess.run([home.lilux, "brain", "export", "openai"], env=home.environment, cwd=home.home / "work", capture_output=True, text=True)
    said, named, filled, telling = (collections.Counter() for _ in range(4))
    for line in export.stdout.splitlines():
        asked, answer = json.loads(line)["messages"][-2:]
        call = answer["tool_calls"][0]["function"]
        wanted = json.loads(call["arguments"])
        if call["name"] != "item_run" or wanted.get("name") not in home.names.values():
            continue
        text = asked["content"]
        form = "run the script NAME" if text.startswith("run the script") else "run NAME" if text.startswith("run ") else "description"
        said[form] += 1
        telling[form] += "inputs" in wanted
        route = home.route(text)
        if outcome(route, wanted["name"])[0] == "right":
            named[form] += 1
            filled[form] += route["calls"][0]["arguments"].get("inputs", {}) == wanted.get("inputs", {})
    for form, count in said.items():
        print(f"phrasings, {form}: {count}, {telling[form]} of them with inputs; right name {named[form]}, right name and inputs {filled[form]}", flush=True)


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def main():
    words = [word for word in sys.argv[1:] if word not in ("--misses", "--inputs")]
    shows = "--misses" in sys.argv
    foreign = (HERE / "src/brain/foreign.txt").read_text().splitlines()
    with tempfile.TemporaryDirectory() as root, Home(pathlib.Path(words[0]).resolve(), root) as home:
        for name in ("own.inputs", "own.inputs.more"):
            measure_inputs(home, name, rows_of(BRAIN / f"{name}.jsonl"), shows)
        if "--inputs" in sys.argv:
            return
        measure_phrasings(home)
        for name in ("own", "varied"):
            for part in words[1:] or ["test"]:
                measure(home, f"{name} {part}", [(row["text"], home.names[row["label"]]) for row in rows_of(BRAIN / f"{name}.{part}.jsonl")], shows)
        measure(home, "near misses", [(frame.format(act), None) for frame in FRAMES for act in ACTS], shows)
        measure(home, "foreign", [(text, None) for text in foreign if text and not text.startswith("#")], shows)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Checks what a compiler does not: the levels of folders, who may read errno, and a few habits. See STYLE.md.

usage: tidy.py [ROOT]     prints file:line: what is wrong, exits 1 when anything is
"""

import pathlib
import re
import subprocess
import sys

# A folder of src/ includes itself and folders of a lower level, never an equal one.
LEVELS = {
    "base": 0,
    "sys": 1, "text": 1,
    "net": 2, "db": 2, "sandbox": 2, "git": 2,
    "mcp": 3, "llm": 3, "policy": 3, "objects": 3, "secret": 3, "search": 3, "item": 3, "ledger": 3,
    "kernel": 4,
    "brain": 5, "memory": 5, "egress": 5,
    "agent": 6,
    "tools": 8,
    "surface": 9,
    "main": 10,
}
NAMELESS = {"utils", "util", "common", "helpers", "core", "detail", "impl", "manager", "misc", "shared"}
# Where an exception may be caught: round a tool's own code, and round a library that throws.
CATCHERS = {"src/kernel/call_path.cpp", "src/base/toml.cpp", "src/sys/attendant.cpp"}

# (pattern, what is wrong, files it applies to): searched line by line in code without comments and strings.
HABITS = [
    (r"\berrno\b", "errno is read in src/sys only", lambda f: f.startswith("src/") and not f.startswith("src/sys/")),
    (r"\bcatch\s*\(", "errors are values: catch only round a tool's code or a library that throws",
     lambda f: f.startswith("src/") and f not in CATCHERS),
    (r"\bcatch\s*\([^)]*\)\s*\{\s*\}", "an empty catch hides a failure", lambda f: True),
    (r"^\s*using\s+namespace\b", "no `using namespace` in a header", lambda f: f.endswith(".h")),
    (r"\.detach\s*\(\s*\)", "threads are joined, never detached", lambda f: True),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(|(?<![\w.>:])sleep\s*\(", "wait for the event, do not sleep",
     lambda f: f.startswith("src/") and not f.endswith("_test.cpp")),
    (r"\bco_(await|yield|return)\b", "no coroutines: g++ 12 miscompiles them", lambda f: True),
    (r"\bstd::(format|print|println|generator)\b", "libstdc++ 12 does not have it", lambda f: True),
]
# Searched in every tracked text file as it stands; the brackets keep a pattern from finding itself.
WORDS = [
    (r"/wor[k]/(main|shared|\.library)", "a path of one machine"),
    (r"registry\.npm[j]s|file[s]\.pythonhosted|de[b]\.debian\.org|prox[y]\.golang", "a package registry's host"),
    (r"(?i)co-authored-b[y]:|\b(generated|written) (by|with|using) (an? )?(a[i]|assistant|language model)\b",
     "says who wrote it"),
    (r"^(<{7}|>{7}) ", "a merge conflict"),
    (r"\bFIXM[E]\b|\bTOD[O]\b[:(](?!.*\bwhen\b)", "do it, or say under which condition it will be done"),
]


def without_comments(text):
    """The same lines with comments and the insides of literals blanked, so that words in them are not code."""
    def blank(match):
        kept = match.group(0)
        if kept[0] in "\"'":
            return kept[0] + re.sub(r"[^\n]", " ", kept[1:-1]) + kept[-1]
        return re.sub(r"[^\n]", " ", kept)
    token = r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\''
    return re.sub(token, blank, text, flags=re.S)


def folder_of(path):
    parts = path.split("/")
    return "main" if len(parts) == 2 else parts[1]


def check_includes(path, text, header):
    own = folder_of(path)
    if own not in LEVELS:
        yield 1, f"folder src/{own} has no level; give it one in scripts/tidy.py"
        return
    first = re.search(r'^\s*#\s*include\s*(\S+)', text, re.M)
    if header and (not first or first.group(1) != f'"{header}"'):
        yield 1, f'include "{header}" first: so it is seen that it needs nothing before it'
    for number, line in enumerate(text.split("\n"), 1):
        include = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if not include:
            continue
        target = include.group(1)
        other = target.split("/")[0]
        if target.startswith("tests/"):
            if not path.endswith("_test.cpp"):
                yield number, f'"{target}" is for tests only'
        elif "/" not in target or other not in LEVELS:
            yield number, f'"{target}" is not a folder of src/; include from there: "kernel/task.h"'
        elif other != own and LEVELS[other] >= LEVELS[own]:
            yield number, f"{own} (level {LEVELS[own]}) must not include {other} (level {LEVELS[other]})"


def check_code(path, text):
    if path.endswith(".h") and not re.match(r"#pragma once\n", text):
        yield 1, "a header begins with #pragma once"
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "spaces at the end of the line"
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        for pattern, wrong, applies in HABITS:
            if applies(path) and re.search(pattern, line):
                yield number, wrong


def check_words(text):
    for number, line in enumerate(text.split("\n"), 1):
        for pattern, wrong in WORDS:
            if re.search(pattern, line):
                yield number, wrong


def files_of(root):
    """What git would take, or every file where there is no repository."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True)
    if listed.returncode == 0:
        names = {name for name in listed.stdout.decode().split("\0") if name}
    else:
        names = {str(path.relative_to(root)) for path in root.rglob("*")}
    return sorted(name for name in names if (root / name).is_file() and not (root / name).is_symlink())


def check(root):
    """Yields (file, line, what is wrong) for the tree at `root`."""
    root = pathlib.Path(root)
    for path in files_of(root):
        for part in set() if path.startswith("items/") else set(path.split("/")[:-1]) & NAMELESS:
            yield path, 1, f"folder '{part}' says nothing about what is in it"
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" in text or path.startswith("tests/fuzz/seeds/"):
            continue
        faults = list(check_words(text))
        if path.endswith((".cpp", ".h")):
            faults += check_code(path, text)
            if path.startswith("src/"):
                header = path.removeprefix("src/")[:-4] + ".h" if path.endswith(".cpp") else ""
                faults += check_includes(path, text, header if (root / "src" / header).is_file() else "")
        for number, wrong in sorted(faults):
            yield path, number, wrong


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    root = root if len(sys.argv) > 1 else root.parent.parent
    faults = list(check(root))
    for path, number, wrong in faults:
        print(f"{path}:{number}: {wrong}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

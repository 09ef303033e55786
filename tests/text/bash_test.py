#!/usr/bin/env python3
"""Compares our parse of bash scripts with bash: what it refuses, and what it runs when every command is found by a stand-in
that does nothing. The scripts are ours and, with LILUX_TEST_DATA set, those of $LILUX_TEST_DATA/free/nl2bash.jsonl.

bash runs them in namespaces of its own, without a network, in a root that holds bash and nothing else. Where that cannot be
had, the test says so and only compares what is refused.

usage: bash_test.py BASH_COMMANDS
"""

import concurrent.futures
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PROCESSES_MAX, SECONDS_MAX, REFUSED_SHARE_MAX = 400, 250, 0.005
BASH = "/bin/bash"

ENTRANCE = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child"]
# What is told of control flow, where only the substitutions in it are commands.
HEAD = re.compile(r"(for|select|case) |\(\(|\[\[ ")

# Prints 0 for each script that bash takes.
ASK = f'while IFS= read -r -d "" script; do {BASH} -n -c -- "$script" <&- 2>&- >&-; printf "%d\\0" $?; done'

# What bash reads before each script. Every command is told on descriptor 200 before it runs, without line ends, at which
# it would be written in parts; those that are not found end as the run says, and so do those that would run another text.
BEFORE = """
unset BASH_ENV
PATH=/nowhere FUNCNEST=10 new_line=$'\\n' mark=$'\\2'
ulimit -t 1 -f 100 -v 300000
command_not_found_handle() { return STATUS; }
enable -n . eval exec kill source ulimit
set -T
trap '(( ++told < 200 )) || exit
[[ ${FUNCNAME-} == command_not_found_handle ]] || builtin printf "%s\\0" "${BASH_COMMAND//$new_line/$mark}" >&200' DEBUG
enable -n trap
"""

# Runs each script until nothing of it is left or it has had its time, and tells its number behind what it ran. This is the
# first process of its namespace, which may end all others.
RUN = r"""
exec 3</scripts 200>&1 </dev/null >/dev/null 2>&1
number=0
while IFS= read -r -d '' script <&3; do
  coproc { BASH_ENV=/before exec /shell -c -- "$script" 3<&- 4>&1 >/dev/null; }
  read -t 0.3 -u "${COPROC[0]}"
  kill -9 -1
  wait
  printf '\1%d\0' $((number++)) >&200
done
"""

# Makes the root in which they run; its first argument is what bash needs, one a line.
ENTER = f"""
set -e
mount -t tmpfs none /mnt
cd /mnt
mkdir tmp dev
touch dev/null
mount --bind /dev/null dev/null
for library in $1; do mkdir -p ".${{library%/*}}"; cp -L "$library" ".$library"; done
cp {BASH} shell
printf %s "$2" > before
printf %s "$3" > run
cat > scripts
cd tmp
exec chroot .. /shell /run
"""


def own_scripts():
    return (HERE / "bash_scripts.txt").read_text().removesuffix("\n%\n").split("\n%\n")


def other_scripts():
    folder = os.environ.get("LILUX_TEST_DATA")
    if not folder:
        return []
    with open(pathlib.Path(folder) / "free/nl2bash.jsonl") as lines:
        return [json.loads(line)["command"] for line in lines]


def parse(program, scripts):
    text = "".join(json.dumps(script) + "\n" for script in scripts)
    said = subprocess.run([program], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [json.loads(line) for line in said.splitlines()]


def taken_by_bash(scripts):
    text = b"".join(script.encode() + b"\0" for script in scripts)
    said = subprocess.run([BASH, "-c", ASK], input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [status == b"0" for status in said.stdout.split(b"\0")[:-1]]


def is_able_to_run():
    mount = ["mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.run(ENTRANCE + mount, stderr=subprocess.DEVNULL, preexec_fn=limit).returncode == 0
    except (OSError, subprocess.SubprocessError):  # no unshare, or not allowed to become another user
        return False


def limit():
    """A user of its own, so that the number of its processes can be limited."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES_MAX, PROCESSES_MAX))


def run_by_bash(scripts, status):
    """For each script what bash says it runs, when commands that are not found end with that status."""
    needed = subprocess.run(["ldd", BASH], stdout=subprocess.PIPE, text=True, check=True).stdout
    libraries = "\n".join(re.findall(r"/\S+", needed))
    text = b"".join(script.encode() + b"\0" for script in scripts)
    enter = ["sh", "-c", ENTER, "enter", libraries, BEFORE.replace("STATUS", str(status)), RUN]
    said = subprocess.run(ENTRANCE + enter, input=text, stdout=subprocess.PIPE, preexec_fn=limit,
                          timeout=SECONDS_MAX, check=True)
    runs, commands = [], []
    for told in said.stdout.split(b"\0")[:-1]:
        if told.startswith(b"\1"):
            assert int(told[1:]) == len(runs), told
            runs.append(commands)
            commands = []
        elif not told.startswith((b"enable -n trap", b"builtin printf \"%s")):  # our own
            commands.append(told.decode(errors="surrogateescape").replace("\2", "\n"))
    assert len(runs) == len(scripts), (len(runs), len(scripts))
    return runs


def comparable(command):
    """Its words; of those with expansions only what stands before one that bash would write in its own way."""
    return tuple(word["text"] if word["is_fixed"] else
                 re.split(r"\$[({[]|`|[<>]\(|=\(", word["text"].replace("\\\n", ""))[0]
                 for word in command["assignments"] + command["words"])


def missing(program, scripts, parses, runs):
    """How many commands bash ran, and those of them that we did not find."""
    told = sorted({command for run in runs for command in run if not HEAD.match(command)})
    plain = [re.sub(r"^time(?![^ ])", r"\\time", command) for command in told]  # where it is a word, behind a pipe
    parsed = (one.get("commands") or [None] for one in parse(program, plain))
    meant = {command: commands[-1] for command, commands in zip(told, parsed)}
    count, lost = 0, []
    for script, parsed, run in zip(scripts, parses, runs):
        if "error" in parsed:
            continue
        found = {comparable(command) for command in parsed["commands"]}
        for command in run:
            if HEAD.match(command):
                continue
            count += 1
            if meant[command] is None or comparable(meant[command]) not in found:
                lost.append((script, command))
    return count, lost


class Comparison:
    def __init__(self, program):
        self.program, self.own = program, own_scripts()
        self.scripts = self.own + other_scripts()
        self.parses = parse(program, self.scripts)
        half = len(self.scripts) // 2
        self.halves = self.scripts[:half], self.scripts[half:]
        self.is_good = True

    def compare_refusals(self, pool):
        taken = sum(pool.map(taken_by_bash, self.halves), [])
        both = list(zip(self.scripts, self.parses, taken))
        refused = [(script, parsed["error"]) for script, parsed, is_taken in both if is_taken and "error" in parsed]
        wrong = [script for script, parsed, is_taken in both if not is_taken and "error" not in parsed]
        print(f"{len(taken)} scripts: bash takes {sum(taken)}, of which we refuse {len(refused)}; "
              f"it refuses {len(taken) - sum(taken)}, of which we take {len(wrong)}", flush=True)
        for script, error in refused:
            print("  refused:", json.dumps(script), error)
        for script in wrong:
            print("  taken:", json.dumps(script))
        # Our own are there to be refused, too; of what people write hardly any may be.
        others = sum(script not in self.own for script, _ in refused)
        self.is_good = not wrong and others <= len(self.scripts) * REFUSED_SHARE_MAX

    def compare_runs(self, pool):
        statuses = (0, 127)
        halves = [(scripts, status) for status in statuses for scripts in self.halves]
        runs = list(pool.map(lambda half: run_by_bash(*half), halves))
        for i, status in enumerate(statuses):
            count, lost = missing(self.program, self.scripts, self.parses, runs[2 * i] + runs[2 * i + 1])
            print(f"with {status} from every command bash ran {count}, of which we did not find {len(lost)}")
            for script, command in lost:
                print("  lost:", json.dumps(script), "ran", json.dumps(command))
            self.is_good = self.is_good and not lost and count >= len(self.own)


def main():
    comparison = Comparison(sys.argv[1])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        comparison.compare_refusals(pool)
        if is_able_to_run():
            comparison.compare_runs(pool)
        else:
            print("this machine gives no user namespaces: nothing was run")
    sys.exit(0 if comparison.is_good else 1)


if __name__ == "__main__":
    main()

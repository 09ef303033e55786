#!/usr/bin/env python3
"""Programs that people work with, run in the sandbox: they do there what they do elsewhere, or end soon and say why not."""

import json
import os
import re
import shutil
import subprocess
import tarfile
import textwrap
import time
import unittest

from support import PATIENCE, SystemTest, main

SOON = 15  # seconds, on a machine that is busy; none of these takes more than two
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def has(*programs):
    """Whether the sandbox has them: it sees the system's programs alone."""
    def is_there(name):
        found = shutil.which(name, path=PATH)
        return found and os.path.realpath(found).startswith(("/usr/", "/opt/", "/bin/"))
    return all(map(is_there, programs))


def needs(*programs):
    missing = [name for name in programs if not has(name)]
    return unittest.skipIf(missing, f"this machine has no {' or '.join(missing)}")


class Sandboxed(SystemTest):
    folder = "/var/tmp"  # the sandbox has a /tmp of its own

    def setUp(self):
        super().setUp()
        self.project = self.home.project
        self.home.up()
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)

    def write(self, **files):
        for name, text in files.items():
            (self.project / name).write_text(textwrap.dedent(text).lstrip("\n"))

    def shell(self, command, **more):
        """How a command ended and what it changed, whatever it says."""
        return self.home.output("shell.run", command=textwrap.dedent(command).strip("\n"), timeout=PATIENCE - 5, **more)

    def works(self, command, **more):
        """What a command says that ends well and whose changes are real."""
        done = self.shell("set -e -o pipefail\n" + textwrap.dedent(command), **more)
        self.assertEqual(0, done.get("exit_code"), done)
        self.assertEqual(bool(done["changes"]), done["committed"], done)
        return done["stdout"]

    def says(self, expected, command, **more):
        self.assertEqual(textwrap.dedent(expected).lstrip("\n"), self.works(command, **more))

    def outside(self, *words):
        """What a program says about the result that is not in the sandbox."""
        done = subprocess.run(words, cwd=self.project, env={**self.home.environment, "PATH": PATH}, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done)
        return done.stdout

    def text(self, name):
        return (self.project / name).read_text()

    def mode(self, name):
        return (self.project / name).stat().st_mode & 0o7777


class Shells(Sandboxed):
    def test_bash_does_all_that_scripts_use(self):
        self.says("""
            5 4 3 2 1 three is 3
            1c1
            < a
            ---
            > b
            word
            monitor off
            through a coprocess
            42 2
            ended
            """, """
            seq 5 | tac | tr '\\n' ' '
            cat <<END
            three is $((1 + 2))
            END
            diff <(echo a) <(echo b) || true
            read line <<< word; echo $line
            set -o | awk '$1 == "monitor" { print $1, $2 }'
            coproc cat; echo through a coprocess >&"${COPROC[1]}"; read -r line <&"${COPROC[0]}"; echo "$line"
            declare -A table=([a]=4 [b]=2); list=(1 2); echo "${table[a]}${table[b]} ${#list[@]}"
            trap 'echo ended' EXIT
            """)

    def test_work_in_the_background(self):
        self.says("first\nsecond 3 0\n", """
            (while [ ! -e /tmp/go ]; do sleep 0.01; done; echo first; exit 3) & one=$!
            (touch /tmp/go) & two=$!
            wait $one || code=$?; wait $two; echo second $code $?
            """)
        self.assertEqual("started\n", self.works("sleep 1000 & echo started"))  # it does not keep the answer waiting

    def test_how_a_program_ended_is_told(self):
        for command, key, value in (("exit 7", "exit_code", 7), ("no-such-program", "exit_code", 127),
                                    ("echo > f; ./f", "exit_code", 126), ("false | true", "exit_code", 0),
                                    ("sh -c 'kill -9 $$'", "signal", 9), ("kill -SEGV $$", "signal", 11),
                                    ("exec 1>&- 2>&-; exit 4", "exit_code", 4)):
            with self.subTest(command):
                self.assertEqual(value, self.shell(command).get(key), command)

    def test_what_it_reads_and_its_environment(self):
        self.says("given\nhere\n/tmp/home 022\n", "cat; echo $WORD; echo $HOME $(umask | tail -c 4)",
                  stdin="given\n", env={"WORD": "here"})
        self.works("[ -w /tmp ]; [ -w . ]; [ ! -w /usr ]; [ ! -t 0 ]; [ ! -t 1 ]")

    def test_locks_pipes_and_time(self):
        self.says("through a fifo\n124\nlocked\nstill locked\n", """
            mkfifo /tmp/fifo; echo through a fifo > /tmp/fifo & cat /tmp/fifo; wait
            code=0; timeout 0.2 sleep 1000 || code=$?; echo $code
            flock lock sh -c 'echo locked; flock -n lock true || echo still locked'
            rm lock
            """)


class Files(Sandboxed):
    def test_files_get_their_content_modes_and_links(self):
        self.works("""
            mkdir -p tree/inner; echo one > tree/one; install -m 750 tree/one tree/program; printf 'a\\0b' > tree/bytes
            ln -s ../one tree/inner/link; ln -s nowhere tree/dangling; : > tree/empty; chmod 600 tree/empty
            mkdir -m 700 tree/private; printf x > "tree/ with 'blanks' and
            a line"; printf é > tree/é
            """)
        self.assertEqual(b"a\0b", (self.project / "tree/bytes").read_bytes())
        self.assertEqual(("one\n", "one\n"), (self.text("tree/program"), self.text("tree/inner/link")))
        self.assertEqual("../one", os.readlink(self.project / "tree/inner/link"))
        self.assertEqual("nowhere", os.readlink(self.project / "tree/dangling"))
        modes = {name: self.mode(f"tree/{name}") for name in ("program", "empty", "private", "one")}
        self.assertEqual({"program": 0o750, "empty": 0o600, "private": 0o700, "one": 0o644}, modes)
        self.assertEqual({"x", "é"}, {self.text("tree/é"), self.text("tree/ with 'blanks' and\na line")})

    def test_what_is_there_is_changed_moved_and_removed(self):
        self.write(edited="hello\nworld\n", moved="moved\n", removed="removed\n", kept="kept\n")
        (self.project / "folder/inner").mkdir(parents=True)
        (self.project / "folder/inner/file").write_text("inner\n")
        self.works("""
            sed -i s/world/there/ edited; mv moved anew; rm removed; mv folder renamed; rmdir folder 2> /dev/null || true
            chmod 700 kept; echo more >> renamed/inner/file; mkdir folder; echo other > folder/file
            """)
        self.assertEqual(["anew", "edited", "folder", "kept", "renamed"], sorted(os.listdir(self.project)))
        self.assertEqual(("hello\nthere\n", "moved\n", "inner\nmore\n", 0o700),
                         (self.text("edited"), self.text("anew"), self.text("renamed/inner/file"), self.mode("kept")))
        self.assertEqual(["file"], os.listdir(self.project / "folder"))

    def tree(self):
        """A folder that was there before any command, of all sorts."""
        for name in ("d/deep/deeper", "d/empty", "other/full"):
            (self.project / name).mkdir(parents=True)
        self.write(**{"d/file": "1\n", "d/deep/deeper/x": "2\n", "other/full/y": "3\n"})
        (self.project / "d/deep/link").symlink_to("../file")
        os.link(self.project / "d/file", self.project / "d/deep/same")
        os.chmod(self.project / "d/deep", 0o750)
        os.utime(self.project / "d/deep", (10, 20))
        os.utime(self.project / "d/file", (30, 40))

    def found(self, folder):
        """What lies there, with modes, links and content."""
        def one(path):
            stat = path.lstat()
            what = os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else "/"
            has_time = path.is_file() and not path.is_symlink()
            return str(path.relative_to(self.project / folder)), stat.st_mode, what, int(stat.st_mtime) if has_time else 0
        return sorted(map(one, (self.project / folder).rglob("*")))

    @needs("python3")
    def test_folders_that_are_there_are_renamed_by_a_system_call(self):
        self.tree()
        was = self.found("d")
        self.says("40 20 750\n['deeper', 'link', 'same']\n", """
            python3 - <<'end'
            import os
            os.rename("d", "moved")                            # one that was there
            os.mkdir("moved/new"), os.rename("moved/new", "moved/newer"), os.rmdir("moved/newer")
            os.chdir("moved"); os.renames("../moved/deep", "../far/off/deep"); os.chdir("..")
            os.rename("far/off/deep", os.path.abspath("moved/deep"))
            os.mkdir("room"); os.rename("other/full", "room")  # into the place of an empty one
            os.rename("room", "again")
            fd = os.open("moved", os.O_RDONLY)
            os.rename("deep", "DEEP", src_dir_fd=fd, dst_dir_fd=fd); os.rename("moved/DEEP/", "moved/deep/")
            print(int(os.stat("moved/file").st_mtime), int(os.stat("moved/deep").st_mtime), oct(os.stat("moved/deep").st_mode)[-3:])
            print(sorted(os.listdir("moved/deep")))
            end
            """)
        self.assertEqual(was, self.found("moved"))
        self.assertEqual((["again", "far", "moved", "other"], ["off"]), (sorted(os.listdir(self.project)), os.listdir(self.project / "far")))

    @needs("python3")
    def test_what_is_wrong_about_renaming_a_folder_is_said_and_changes_nothing(self):
        self.tree()
        was = self.found(".")
        self.says("ENOTEMPTY EINVAL ENOENT ENOTDIR EBUSY EXDEV EXDEV EXDEV 0\n", """
            python3 - <<'end'
            import ctypes, errno, os
            def tried(source, target):
                try: os.rename(source, target)
                except OSError as error: return errno.errorcode[error.errno]
                return "0"
            for pair in (("d", "other"), ("d", "d/deep/in"), ("no", "where"), ("d", "other/full/y"), ("d/.", "e"), ("d", "/tmp/d"),
                         ("/proc/self/cwd/d", "e")):  # what goes through the table of processes is let alone
                print(tried(*pair), end=" ")
            libc = ctypes.CDLL(None, use_errno=True)
            swap = libc.syscall(316 if os.uname().machine == "x86_64" else 276, -100, b"d", -100, b"other", 2)
            print(errno.errorcode[ctypes.get_errno()] if swap else 0, end=" ")
            print(len(os.listdir("/tmp")) - 1)
            end
            """)
        self.assertEqual(was, self.found("."))

    @needs("python3")
    def test_many_rename_folders_at_once_and_signals_come_through(self):
        for i in range(6):
            (self.project / f"d{i}/a").mkdir(parents=True)
            self.write(**{f"d{i}/a/{name}": str(i) for name in range(20)})
        self.says("moved 6 ended\n", """
            trap 'echo ended' EXIT
            for i in {0..5}; do python3 -c "import os; os.rename('d$i', 'e$i'); os.rename('e$i/a', 'e$i/b')" & done
            wait; echo -n "moved $(ls -d e*/b | wc -l) "
            """)
        self.assertEqual([str(i) * 20 for i in range(6)],
                         ["".join(self.text(f"e{i}/b/{name}") for name in range(20)) for i in range(6)])

    def test_copies_and_archives(self):
        (self.project / "tree/inner").mkdir(parents=True)
        (self.project / "tree/numbers").write_text("".join(f"{number}\n" for number in range(5000)))
        (self.project / "tree/inner/program").write_text("#!/bin/sh\necho run\n")
        (self.project / "tree/inner/program").chmod(0o755)
        (self.project / "tree/link").symlink_to("inner/program")
        packers = [name for name in ("gzip", "xz", "bzip2", "zstd") if has(name)]
        self.says("".join(f"{name}\n" for name in packers) + "run\n", f"""
            cp -a tree copy
            for packer in {' '.join(packers)}; do
                tar --create --use-compress-program $packer --file $packer.tar tree
                mkdir $packer; tar --extract --use-compress-program $packer --file $packer.tar --directory $packer
                diff -r tree $packer/tree && rm -r $packer && echo $packer
            done
            copy/link
            """)
        self.outside("diff", "-r", "tree", "copy")
        self.assertEqual((0o755, "inner/program"), (self.mode("copy/inner/program"), os.readlink(self.project / "copy/link")))
        with tarfile.open(self.project / "gzip.tar", "r:gz") as archive:
            self.assertEqual(b"#!/bin/sh\necho run\n", archive.extractfile("tree/inner/program").read())

    @needs("zip", "unzip")
    def test_zip(self):
        self.write(file="packed\n")
        self.works("zip -q packed.zip file; rm file; unzip -q packed.zip; unzip -qt packed.zip")
        self.assertEqual("packed\n", self.text("file"))

    @needs("rsync")
    def test_rsync(self):
        self.write(file="copied\n")
        self.works("mkdir from; cp file from; rsync -a from/ to/")
        self.assertEqual("copied\n", self.text("to/file"))

    def test_text_is_worked_on(self):
        self.write(words="pear\napple\nfig\n")
        self.says("apple,fig,pear\n3 13\nAPPLE\n1\n2 3\n", """
            sort words | paste -sd,
            awk '{ n += length($0) } END { print NR, n + 1 }' words
            perl -ne 'print uc if /^a/' words
            grep -c fig words
            comm -12 <(seq 3) <(seq 2 4) | paste -sd' '
            """)

    @needs("patch")
    def test_a_patch_is_applied(self):
        self.write(words="pear\napple\nfig\n")
        self.works("sed s/apple/plum/ words | diff -u words - > change || true; patch -s words < change; rm change")
        self.assertEqual((["words"], "pear\nplum\nfig\n"), (os.listdir(self.project), self.text("words")))

    def test_many_files_by_many_processes(self):
        self.says("100 5050\n", """
            mkdir many; seq 100 | xargs -P 4 -I{} sh -c 'echo {} > many/{}'
            find many -type f -print0 | xargs -0 -P 4 -n 10 cat | awk '{ n += $1 } END { print NR, n }'
            """)
        self.assertEqual("37\n", self.text("many/37"))

    def test_a_sort_that_needs_temporary_files(self):
        self.says("1 200000\n", "seq 200000 -1 1 | sort -n -S 256K --parallel=2 > sorted; head -1 sorted | tr '\\n' ' '; tail -1 sorted")
        self.assertEqual(list(range(1, 200001)), list(map(int, self.text("sorted").split())))

    def test_what_is_no_file_is_for_tmp_alone(self):
        self.works("mkfifo passing; rm passing; touch made; mkfifo /tmp/fifo")
        self.assertEqual(["made"], os.listdir(self.project))
        done = self.shell("echo said; echo more > made; mkfifo left")
        self.assertEqual(("said\n", True), (done["stdout"], done["committed"]))
        self.assertIn("'left' is a fifo, so it is not made real", done["notes"][0])
        self.assertEqual((["made"], "more\n"), (os.listdir(self.project), self.text("made")))


@needs("git")
class Git(Sandboxed):
    def setUp(self):
        super().setUp()
        self.env = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self.home.environment.update(self.env)

    def repository(self):
        self.write(file="one\n")
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
            self.outside("git", *words)

    def git(self, *words):
        return self.outside("git", *words)

    def test_work_in_a_repository(self):
        self.repository()
        self.says(" M file\n?? new\nsecond\nfirst\n", """
            echo two >> file; echo new > new; git status --short
            git add .; git -c user.name=A -c user.email=a@b.c commit -q -m second; git log --format=%s
            """)
        self.assertEqual(("second\nfirst\n", ""), (self.git("log", "--format=%s"), self.git("status", "--short")))
        self.assertEqual("new\n", self.text("new"))
        self.works("""
            git switch -q -c side HEAD~1; echo side > side; git add side; git commit -q -m side
            git switch -q main; git merge -q --no-edit side; git tag v1; git branch -q -d side
            echo stashed >> file; git stash -q; git stash pop -q; git checkout -q file; git mv new moved; git commit -q -m moved
            git rm -q side; git commit -q -m removed; git revert --no-edit HEAD > /dev/null; git blame file > /dev/null
            """, env=self.env)
        self.assertEqual("", self.git("status", "--short") + self.git("fsck", "--no-dangling"))
        self.assertEqual("file\nmoved\nside\n", self.git("ls-files"))

    def test_folders_of_a_repository_are_moved(self):
        (self.project / "a/deep").mkdir(parents=True)
        self.write(**{"a/x": "x\n", "a/deep/y": "y\n"})
        self.repository()
        self.works("git mv a b; git commit -q -m moved", env=self.env)
        self.assertEqual(("b/deep/y\nb/x\nfile\n", ""), (self.git("ls-files"), self.git("status", "--short")))
        self.assertEqual(["b", "file"], sorted(set(os.listdir(self.project)) - {".git"}))

    def test_a_repository_is_packed(self):
        self.repository()
        self.works("for i in {1..20}; do echo $i > file; git commit -q -a -m $i; done; git gc -q --prune=now; git fsck", env=self.env)
        self.assertEqual("21\n", self.git("rev-list", "--count", "HEAD"))
        self.assertEqual("20\n", self.git("show", "HEAD:file"))
        self.git("fsck")

    def test_what_git_would_run_waits_for_a_person_and_then_is_all_there(self):
        done = self.shell("""
            git init -q -b main made && cd made && echo one > file && git add . && git commit -q -m first &&
            git clone -q . ../cloned && git worktree add -q ../tree && git submodule status
            """, env=self.env)
        self.assertEqual((0, False), (done["exit_code"], done["committed"]), done)
        call = re.search(r"needs the approval of a person.*lilux approve (\w+)", done["next"])[1]
        self.assertEqual([], os.listdir(self.project))
        self.assertEqual(0, self.home.run("approve", call).returncode)
        for folder in ("made", "cloned", "tree"):
            self.assertEqual("first\n", self.git("-C", folder, "log", "--format=%s"))
            self.assertEqual(("one\n", ""), (self.text(f"{folder}/file"), self.git("-C", folder, "status", "--short")))

    def test_a_clone_of_what_is_there_into_tmp(self):
        self.repository()
        self.says("first\n", "git clone -q . /tmp/clone; git -C /tmp/clone log --format=%s")

    def test_who_commits_has_to_be_said(self):
        self.repository()
        done = self.shell("git commit --allow-empty -m none")
        self.assertEqual(128, done["exit_code"], done)
        self.assertIn("git config", done["stderr"])


class Python(Sandboxed):
    def run_python(self, text):
        self.write(**{"program.py": text})
        return self.works("python3 -B program.py")

    def test_processes_threads_and_what_they_share(self):
        self.assertEqual("fork [0, 1, 4]\nspawn [0, 1, 4]\nforkserver [0, 1, 4]\nqueue 7\nmanager {'a': 1}\nmemory 5\nthreads 64\n",
                         self.run_python("""
            import multiprocessing, threading
            from multiprocessing import shared_memory

            def square(x): return x * x

            if __name__ == "__main__":
                for method in ("fork", "spawn", "forkserver"):
                    with multiprocessing.get_context(method).Pool(2) as pool: print(method, pool.map(square, range(3)))
                queue = multiprocessing.Queue()
                child = multiprocessing.Process(target=queue.put, args=(7,)); child.start()
                print("queue", queue.get()); child.join()
                with multiprocessing.Manager() as manager:
                    table = manager.dict(); table["a"] = 1; print("manager", dict(table))
                memory = shared_memory.SharedMemory(create=True, size=100); memory.buf[0] = 5
                print("memory", memory.buf[0]); memory.close(); memory.unlink()
                met = threading.Barrier(64)  # all are there at once
                threads = [threading.Thread(target=met.wait) for _ in range(64)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                print("threads", len(threads))
            """))

    def test_files_databases_and_children(self):
        self.assertEqual("/tmp /tmp\nchild\n[(1,)]\nasync\nmapped\n", self.run_python("""
            import asyncio, mmap, os, sqlite3, subprocess, tempfile
            with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
                print(os.path.dirname(file.name), os.path.dirname(folder))
            print(subprocess.run(["sh", "-c", "echo child"], capture_output=True, text=True, check=True).stdout, end="")
            with sqlite3.connect("data.db") as database:
                database.execute("pragma journal_mode = wal"); database.execute("create table t (a)")
                database.execute("insert into t values (1)"); database.commit()
                print(database.execute("select * from t").fetchall())
            database.close()
            async def child():
                process = await asyncio.create_subprocess_exec("echo", "async", stdout=subprocess.PIPE)
                return (await process.communicate())[0].decode()
            print(asyncio.run(child()), end="")
            with open("mapped", "w+b") as file:
                file.truncate(4096)
                with mmap.mmap(file.fileno(), 4096) as memory: memory[:6] = b"mapped"
                print(file.read(6).decode())
            """))
        self.assertEqual(["data.db", "mapped", "program.py"], sorted(os.listdir(self.project)))
        read = "import sqlite3; print(sqlite3.connect('data.db').execute('select * from t').fetchone()[0])"
        self.assertEqual("1\n", self.outside("python3", "-c", read))

    def test_servers_and_clients_of_its_own_network(self):
        self.assertEqual("tcp hello\nudp hello\nunix hello\nlocalhost 127.0.0.1\nhttp 200\n", self.run_python("""
            import http.server, socket, threading, urllib.request
            for name, family, kind, address in (("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
                                                ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
                                                ("unix", socket.AF_UNIX, socket.SOCK_STREAM, "/tmp/socket")):
                with socket.socket(family, kind) as server, socket.socket(family, kind) as client:
                    server.bind(address)
                    if kind == socket.SOCK_STREAM: server.listen()
                    client.connect(server.getsockname())
                    end = server.accept()[0] if kind == socket.SOCK_STREAM else server
                    client.send(b"hello"); print(name, end.recv(5).decode())
            print("localhost", socket.gethostbyname("localhost"))
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Quiet", (http.server.SimpleHTTPRequestHandler,),
                                                                            {"log_message": lambda *_: None}))
            threading.Thread(target=server.serve_forever).start()
            print("http", urllib.request.urlopen(f"http://localhost:{server.server_port}/").status)
            server.shutdown()
            """))

    def test_a_virtual_environment(self):
        self.says("True\n", """
            python3 -m venv --without-pip environment
            environment/bin/python -c 'import os, sys; print(sys.prefix == os.path.realpath("environment"))'
            """)
        self.assertIn("True", self.outside("environment/bin/python", "-c", "import sys; print(sys.prefix != sys.base_prefix)"))


@needs("node")
class Node(Sandboxed):
    def test_files_children_workers_and_servers(self):
        self.write(**{"program.js": """
            const fs = require("fs"), http = require("http"), child = require("child_process"), { Worker } = require("worker_threads");
            fs.writeFileSync("written", "by node");
            const say = (what) => console.log(what);
            say(child.execSync("echo child").toString().trim());
            new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true }).on("message", (answer) => {
              say(answer);
              const server = http.createServer((_, response) => response.end("served")).listen(0, "127.0.0.1", () =>
                http.get({ host: "localhost", family: 4, port: server.address().port }, (response) =>
                  response.on("data", (data) => say(data.toString())).on("end", () => server.close())));
            });
            """})
        self.says("child\n42\nserved\n", "node program.js")
        self.assertEqual("by node", self.text("written"))

    def test_a_folder_that_is_there_is_renamed(self):
        (self.project / "folder/deep").mkdir(parents=True)
        self.write(**{"folder/deep/a": "a\n"})
        self.works("node -e 'require(\"fs\").renameSync(\"folder\", \"renamed\")'")
        self.assertEqual("a\n", self.text("renamed/deep/a"))

    def test_watching_files(self):
        self.says("watched\n", """
            node -e 'require("fs").watch("/tmp", () => { console.log("watched"); process.exit() });
                     const again = setInterval(() => require("fs").writeFileSync("/tmp/file", "x"), 20)'
            """)

    @needs("npm")
    def test_the_script_of_a_package(self):
        self.write(**{"package.json": json.dumps({"name": "p", "version": "1.0.0", "scripts": {"test": "node -p 40+2"}})})
        self.says("42\n", "npm test --silent")


class Builds(Sandboxed):
    def setUp(self):
        super().setUp()
        self.write(**{"main.cpp": """
            #include <pthread.h>
            #include <cstdio>
            int number();
            int main() {
              static pthread_barrier_t all;  // 64 threads are there at once
              pthread_barrier_init(&all, nullptr, 64);
              pthread_t threads[64];
              for (auto& made : threads)
                if (pthread_create(&made, nullptr, [](void*) -> void* { pthread_barrier_wait(&all); return nullptr; }, nullptr)) return 1;
              for (auto& made : threads) pthread_join(made, nullptr);
              std::printf("%d\\n", number());
            }
            """, "number.cpp": "int number() { return 42; }\n", "plain.c": "#include <stdio.h>\nint main(void) { return puts(\"c\") < 0; }\n"})

    def test_every_compiler_that_is_there(self):
        def different(*names):
            return list({os.path.realpath(shutil.which(name, path=PATH)): name for name in names if has(name)}.values())
        compilers = different("cc", "gcc", "clang", "clang-19")
        compilers_of_cpp = different("c++", "g++", "clang++", "clang++-19")
        if not compilers + compilers_of_cpp:
            self.skipTest("this machine has no compiler")
        for compiler in compilers:
            with self.subTest(compiler):
                self.says("c\n", f"{compiler} -O1 -o plain plain.c; ./plain")
        for compiler in compilers_of_cpp:
            with self.subTest(compiler):
                self.says("42\n", f"{compiler} -pthread -o program main.cpp number.cpp; ./program")
                self.assertEqual(("42\n", 0o755), (self.outside("./program"), self.mode("program")))

    @needs("make", "c++")
    def test_make(self):
        self.write(Makefile="""
            program: main.o number.o
            \tc++ -pthread -o $@ $^
            %.o: %.cpp
            \tc++ -pthread -c -o $@ $<
            clean:
            \trm -f *.o program
            """)
        self.assertEqual(3, self.works("make -j 2").count("c++ "))
        self.assertEqual("42\n", self.outside("./program"))
        self.works("make -s clean")
        self.assertEqual(["Makefile", "main.cpp", "number.cpp", "plain.c"], sorted(os.listdir(self.project)))

    @needs("cmake", "ninja", "c++")
    def test_cmake_and_ninja(self):
        self.write(**{"CMakeLists.txt": """
            cmake_minimum_required(VERSION 3.20)
            project(p CXX)
            find_package(Threads REQUIRED)
            add_executable(program main.cpp number.cpp)
            target_link_libraries(program Threads::Threads)
            enable_testing()
            add_test(NAME it_runs COMMAND program)
            """})
        self.assertIn("100% tests passed", self.works("cmake -G Ninja -S . -B build; ninja -C build; ctest --test-dir build"))
        self.assertEqual("42\n", self.outside("build/program"))
        self.works("cmake -G Ninja -S . -B /tmp/build; cmake --build /tmp/build; ! cmp -s build/build.ninja /tmp/build/build.ninja")


class Refusals(Sandboxed):
    """What cannot be done ends soon, by itself, with the words that the program has for it."""

    def refuses(self, command, words):
        with self.subTest(command):
            began = time.monotonic()
            done = self.shell(command)
            self.assertLess(time.monotonic() - began, SOON)
            self.assertFalse(done["timed_out"], done)
            self.assertNotIn(done.get("exit_code"), (None, 0, 126, 127), done)
            self.assertRegex(done["stderr"], words)
            self.assertEqual([], done["changes"])

    def every(self, *rows):
        for command, words in rows:
            if has(command.split()[0]) or command.startswith(("echo ", "kill ")):
                self.refuses(command, words)

    def test_the_network(self):
        self.every(("curl -sS http://example.com", "resolve host"),
                   ("curl -sS http://192.0.2.1", "(?i)couldn't connect|network is unreachable"),
                   ("wget -t 1 http://example.com", "unable to resolve|name resolution"),
                   ("wget -t 1 http://192.0.2.1", "Network is unreachable"),
                   ("ping -c 1 192.0.2.1", "(?i)unreachable|permitted|not supported"),
                   ("ssh 192.0.2.1", "Network is unreachable|No user exists"),
                   ("git clone https://example.com/x", "resolve host"),
                   ("git ls-remote ssh://git@192.0.2.1/x", "Network is unreachable|No user exists"),
                   ("getent hosts example.com", "^$"),
                   ("python3 -c 'import urllib.request as r; r.urlopen(\"http://example.com\")'",
                    "Temporary failure in name resolution|Name or service not known"),
                   ("node -e 'require(\"http\").get(\"http://192.0.2.1\")'", "ENETUNREACH"))

    def test_other_users(self):
        self.every(("su -c id", "(?i)su: .*(failure|abort|sorry|permission)"),
                   ("sudo -n id", "(?i)sudo: "),
                   ("chroot / id", "Operation not permitted"),
                   ("chown 12345 .", "Invalid argument|not permitted"))

    def test_the_machine(self):
        self.every(("mount -t tmpfs none /tmp", "(?i)permission denied|only root|must be superuser"),
                   ("umount /tmp", "(?i)permission denied|not mounted|must be superuser|no mount point"),
                   ("unshare -Ur id", "Operation not permitted"),
                   ("unshare -n true", "Operation not permitted"),
                   ("systemctl restart ssh", "not been booted|Failed to connect to bus"),
                   ("reboot", "Failed|not been booted|[Mm]ust be superuser|permitted|root"),
                   ("reboot -f", "Operation not permitted|[Mm]ust be superuser|root"),
                   ("docker ps", "(?i)cannot connect to the docker daemon|failed to connect to the docker"),
                   ("dmesg", "Operation not permitted"),
                   ("date -s 2001-01-01", "Operation not permitted"),
                   ("apt-get install -y hello", "^[EW]: "),
                   ("apt-get update", "^[EW]: "))

    def test_looking_into_programs(self):
        self.every(("strace true", "Operation not permitted"), ("perf stat true", "(?i)permission|not permitted|not supported|not found"))
        if has("gdb"):
            done = self.shell("gdb --batch -ex run --args true")
            self.assertEqual((False, True), (done["timed_out"], "Operation not permitted" in done["stderr"]), done)

    def test_files_elsewhere(self):
        (self.home.home / ".ssh").mkdir()
        (self.home.home / ".ssh/id_rsa").write_text("secret")
        (self.home.home / "file").write_text("outside")
        self.every(("echo x > /etc/passwd", "Read-only file system|Permission denied"),
                   ("echo x > /etc/made", "Read-only file system|Permission denied"),
                   ("echo x > /usr/bin/made", "Read-only file system|Permission denied"),
                   ("rm /usr/bin/env", "Read-only file system|Permission denied"),
                   ("echo x > ../made", "Read-only file system|Permission denied"),
                   (f"echo x > {self.home.home}/file", "Read-only file system|Permission denied"),
                   (f"cat {self.home.home}/file", "No such file or directory"),
                   (f"cat {self.home.home}/.ssh/id_rsa", "No such file or directory"),
                   ("cat ~/.ssh/id_rsa", "No such file or directory"),
                   ("cat /etc/shadow", "Permission denied"),
                   ("cat /root/.bashrc", "No such file or directory|Permission denied"),
                   ("mknod /tmp/device c 1 3", "Operation not permitted"))
        self.assertEqual("outside", (self.home.home / "file").read_text())
        self.assertFalse((self.home.home / "made").exists())

    def test_processes_elsewhere(self):
        other = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.every((f"kill -9 {other.pid + (1000 if other.pid < 100 else 0)}", "No such process"))
        self.assertIsNone(other.poll())
        self.works("kill -9 1; true")  # the first of its own processes, which minds nothing from within
        self.assertEqual("fine\n", self.works("kill -9 -1 2> /dev/null || true; echo fine"))
        self.assertIsNone(other.poll())


class NotYet(Sandboxed):
    """What people may expect and does not work. One that begins to belongs above."""

    def test_standard_output_by_its_name(self):
        self.says("a\n", "echo a > /dev/stdout")

    @needs("git")
    @unittest.expectedFailure
    def test_a_clone_of_what_is_there_beside_it(self):
        self.outside("git", "init", "-q", "inner")
        self.outside("git", "-C", "inner", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "first")
        done = self.shell("git clone -q inner cloned")
        self.assertEqual(0, done["exit_code"], done)

    @needs("make")
    def test_what_was_changed_last_is_newest(self):
        self.write(a_source="1\n", Makefile="made: a_source\n\tcp a_source made\n")
        self.works("make -s; echo 2 > a_source")
        self.works("make -s")
        self.assertEqual("2\n", self.text("made"))

    def test_files_keep_their_times(self):
        self.works("touch -d 2001-01-01 file")
        self.assertEqual("2001", self.outside("date", "-u", "-r", "file", "+%Y").strip())

    @needs("g++")
    @unittest.skipIf("LILUX_LIMITS_MEMORY" in os.environ, "its limit of memory leaves room for shadow memory")
    @unittest.expectedFailure
    def test_an_address_sanitizer(self):
        self.write(**{"a.cpp": "int main() {}\n"})
        self.works("g++ -fsanitize=address -o /tmp/a a.cpp; ASAN_OPTIONS=detect_leaks=0 /tmp/a")

    def test_what_the_machine_has(self):
        self.works("grep -q processor /proc/cpuinfo; grep -q MemTotal /proc/meminfo; grep -q cpu /proc/stat; cat /proc/uptime")

    def test_a_terminal_of_its_own(self):
        self.works("python3 -c 'import pty; pty.openpty()'")

    @needs("node")
    @unittest.expectedFailure
    def test_the_addresses_of_its_network(self):
        self.says("127.0.0.1\n", "node -p 'require(\"os\").networkInterfaces().lo[0].address'")


if __name__ == "__main__":
    main()

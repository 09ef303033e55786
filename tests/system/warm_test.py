#!/usr/bin/env python3
"""Scripts of the system's Python run in an interpreter that was started before: they are what they would be in one of their
own, and one knows nothing of another."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import unittest

from support import PATIENCE, SystemTest, eventually, main

IS_WARM = "open('/proc/self/cmdline').read().split(chr(0))[1] == '-S'"
COLD = {"PYTHONDEBUG": ""}  # a wish for an interpreter of its own, and nothing else that shows here


def starters(daemon):
    """The interpreters that wait for scripts, by their numbers."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path("/proc", entry, "cmdline").read_text()
            parent = int(pathlib.Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if "lilux_serve" in words and parent == daemon.process.pid:
            found.append(int(entry))
    return found


class Warm(SystemTest):
    folder = "/var/tmp"  # the sandbox has a /tmp of its own

    def setUp(self):
        super().setUp()
        self.daemon = self.home.up()
        self.assertEqual(0, self.home.run("policy", "trust", ".").returncode)
        if self.home.output("shell.run", command="true")["tier"] != "T2":
            self.skipTest("this machine has no namespaces")
        self.assertEqual([], starters(self.daemon), "before there is any script")
        self.run_code("0")

    def run_code(self, code, **more):
        return self.home.output("script.run", language="python", code=textwrap.dedent(code).strip("\n"), **more)

    def says(self, code, **more):
        done = self.run_code(code, **more)
        self.assertEqual(0, done.get("exit_code"), done)
        return done["stdout"]

    def test_the_second_is_warm_and_has_the_tier_of_a_cold_one(self):
        done = self.run_code(f"print({IS_WARM})")
        self.assertEqual(("True\n", "T2"), (done["stdout"], done["tier"]))
        self.assertEqual("False\n", self.says(f"print({IS_WARM})", env=COLD))

    def test_what_could_tell_has_an_interpreter_of_its_own(self):
        for word in ("import sys; sys.addaudithook(lambda *_: None)", "import gc; gc.freeze()", "import os; os.chdir('.')"):
            self.assertEqual("False\n", self.says(f"{word}\nprint({IS_WARM})"), word)

    def test_one_knows_nothing_of_another(self):
        look = f"""
            import builtins, json, os, sys
            print({IS_WARM}, os.path.exists('/tmp/left'), hasattr(json, 'left'), hasattr(builtins, 'left'), 'left' in sys.modules,
                  os.environ.get('LEFT'), sys.argv, sorted(os.listdir('/tmp')), os.getpid(), os.umask(0o22),
                  sorted(int(fd) for fd in os.listdir('/proc/self/fd'))[:4])
        """
        before = self.says(look)
        self.assertEqual("True False False False False None ['-c'] ['home'] 2 18 [0, 1, 2, 3]\n", before)
        self.says("""
            import builtins, json, os, sys
            json.left = builtins.left = sys.modules['left'] = json
            os.environ['LEFT'] = '1'
            open('/tmp/left', 'w').write('left')
            os.chdir('/'), os.umask(0)
            os.set_inheritable(os.open('/dev/null', os.O_RDONLY), True)
        """, env={"OTHER": "secret"}, args=["secret"], stdin="secret")
        self.assertEqual(before, self.says(look))
        self.assertNotIn("secret", self.says(f"""
            import os
            assert {IS_WARM}
            print(os.environ, open('/proc/self/environ').read(), open('/proc/1/cmdline').read())
        """))
        numbers = {self.says("import random, uuid; print(random.random(), uuid.uuid4())") for _ in range(3)}
        self.assertEqual(3, len(numbers), "chance is not shared either")

    def test_it_is_as_in_an_interpreter_of_its_own(self):
        (self.home.project / "helper.py").write_text("VALUE = 7\n")
        script = self.home.project / "script.py"
        cases = ["import sys; print(sys.argv, sys.path, sys.flags, sys.orig_argv[1:], sys.stdin, sys.stdout, sys.stderr)",
                 "import os; print(sorted(set(os.environ) - {'LILUX_CALL', 'LILUX_TASK'}), os.getcwd())",
                 "print(__name__, __doc__, __package__, __spec__, globals().get('__file__'), sorted(globals()))",
                 "import resource; print([resource.getrlimit(n) for n in range(16) if n != resource.RLIMIT_LOCKS])",
                 "import signal; print([signal.getsignal(n) for n in range(1, 32)], signal.pthread_sigmask(0, []))",
                 "import site; print(site.getsitepackages(), site.getusersitepackages(), site.ENABLE_USER_SITE)",
                 "import sys; sys.exit(3)", "import sys; sys.exit('a reason')", "raise SystemExit", "1 / 0", "def f(:",
                 "import no_such_module", "raise KeyboardInterrupt", "import os; os.kill(os.getpid(), 9)",
                 "def f(): raise ValueError('inner')\ntry: f()\nexcept ValueError as e: raise KeyError('outer') from e",
                 "import sys; sys.stdout.write('not ended')", "print(input(), input())", "import os; os._exit(5)",
                 "import atexit; atexit.register(print, 'at the end'); print('first')",
                 "import threading, time; threading.Thread(target=lambda: (time.sleep(.1), print('late'))).start()",
                 "f = open('/tmp/x', 'w'); f.write('kept'); import atexit; atexit.register(lambda: print(open('/tmp/x').read()))",
                 "class A:\n  def __del__(self): print('gone')\na = A(); a.b = a",
                 "import multiprocessing as m\nif __name__ == '__main__':\n  with m.Pool(1) as p: print(p.map(abs, [-1]))",
                 "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'import sys; print(sys.path)'], "
                 "capture_output=True, text=True).stdout)", "\u00e9 = '\u20ac'; print(\u00e9)",
                 "import sys; print('\\udcff'); sys.stderr.write('\\udcff')",
                 "import sys\nclass Log:\n  def __init__(self): self.to = sys.stdout\n  def write(self, text): self.to.write(text)\n"
                 "  def flush(self): pass\nsys.stdout = Log(); print('logged')",
                 "import io, sys; kept = sys.stdout; sys.stdout = io.StringIO(); kept.write('kept'); print('unseen')",
                 "import json, os\ndef hold():\n  json.held = os.fdopen(os.dup(1), 'w'); json.held.write('held')\nhold()",
                 "import contextvars, os; contextvars.ContextVar('v').set(os.fdopen(os.dup(1), 'w')).var.get().write('held')",
                 "def wait():\n  try: yield\n  finally: print('left')\nkept = wait(); next(kept)",
                 "class A:\n  __slots__ = ()\n  def __del__(self): print('gone')\na = A()",
                 "import weakref\nclass A: pass\na = A(); r = weakref.ref(a, lambda _: print('gone'))",
                 "import atexit; atexit._clear(); print('x', end=''); f = open('/tmp/y', 'w'); f.write('x')",
                 "import os, sys; f = os.fdopen(os.dup(1), 'w'); f.write('held'); sys.exit(3)",
                 "import os, sys, threading\nr, w = os.pipe()\ndef main():\n  f = os.fdopen(w, 'w')\n"
                 "  threading.Thread(target=lambda: print(open(r).read())).start()\n  f.write('through'); sys.exit()\nmain()",
                 "import gc, os; f = os.fdopen(os.dup(1), 'w'); f.write('held'); gc.freeze()",
                 "import weakref\nclass A: pass\na = A(); r = weakref.ref(a, print), weakref.proxy(a, lambda _: print('gone'))",
                 "class M(type):\n  def __getattr__(self, name): print(name)\n  def __hash__(self): print('hash')\nclass A(metaclass=M): pass\na = A()",
                 "import atexit, sys; atexit.register(print, 'end'); atexit._run_exitfuncs(); print('after'); sys.exit(5)",
                 "import sys; sys.setprofile(lambda *a: None); import atexit; atexit.register(print, 'end')",
                 "import os, threading, time; threading.Thread(target=os.read, args=(os.pipe()[0], 1), daemon=True).start(); time.sleep(.05)",
                 "print(open('/proc/self/comm').read())", "import sys; sys.exit(2 ** 70)", "import sys; sys.exit(2 ** 40 + 5)", "import sys; sys.exit(-1)",
                 "import sys; sys.stderr = None; sys.exit('a reason')", "import sys; sys.stdout.close(); sys.exit(3)",
                 "class K(KeyboardInterrupt): pass\nraise K", "import sys; print(repr(sys.stdin.read()))",
                 "import inspect; print(len(inspect.stack()), inspect.stack()[-1].filename)",
                 "import sys\ndef f(n):\n  try: return f(n + 1)\n  except RecursionError: return n\nprint(f(0))",
                 "import sys; sys.settrace(lambda *a: None)", "import sys; sys.setprofile(lambda *a: None)",
                 "import os, sys; os._exit = sys.exit = None", "import gc; gc.get_objects = gc.collect = None",
                 "import builtins; builtins.isinstance = builtins.hasattr = builtins.id = None",
                 "import sys; sys.modules.clear()", "import os; os.closerange(0, 100)",
                 "import threading, os; print(threading.main_thread().native_id == os.getpid())",
                 "import ctypes; f = ctypes.PYFUNCTYPE(int)(lambda: 7); print(f())",
                 "import sys; sys.excepthook = lambda *a: print('hooked'); 1 / 0",
                 "import warnings; warnings.warn('w')", "import helper; print(helper.VALUE, __file__)"]
        for case in cases:
            script.write_text(case + "\n")
            for way in ({"code": case, "language": "python"}, {"path": str(script)}):
                if "multiprocessing" in case and "code" in way:
                    continue
                ends = [self.home.output("script.run", stdin="one\r\ntwo\n", args=["a", "\u00e9"], env={**env, "X": "y"}, **way)
                        for env in ({}, COLD)]
                warm, cold = ({name: end.get(name) for name in ("exit_code", "signal", "stdout", "stderr", "tier")} for end in ends)
                cold["stdout"] = cold["stdout"].replace("'PYTHONDEBUG', ", "")
                with self.subTest(case=case, way=list(way)[0]):
                    self.assertEqual(cold, warm)

    def test_a_module_of_the_scripts_comes_before_one_that_is_there(self):
        folder = self.home.project / "own"
        folder.mkdir()
        (folder / "csv.py").write_text("print('own')\n")
        (folder / "script.py").write_text("import csv, sys; print(sys.argv, sys.path[0], sys.orig_argv[1:])\n")
        script = str(folder / "script.py")
        done = self.home.output("script.run", path=script, args=["a"])
        self.assertEqual(f"own\n{[script, 'a']} {folder} {[script, 'a']}\n", done["stdout"], done)
        self.assertEqual("own\n", self.says("import csv", cwd=str(folder)))
        self.assertEqual("own\n", self.says("import sys; sys.path.insert(0, 'own'); import csv"))
        archive = self.home.project / "own.zip"
        subprocess.run([sys.executable, "-m", "zipfile", "-c", archive, folder / "csv.py"], check=True)
        self.assertEqual("own\n", self.says("import csv", env={"PYTHONPATH": str(archive)}))

    def test_nothing_is_kept_of_modules_beside_it_in_either(self):
        (self.home.project / "beside.py").write_text("word = 'beside'\n")
        code = "import beside, sys; print(beside.word, sys.dont_write_bytecode, sys.flags.dont_write_bytecode)"
        self.assertEqual(("beside True 1\n", "beside True 1\n"), (self.says(code), self.says(code, env=COLD)))
        self.assertFalse((self.home.project / "__pycache__").exists())
        self.run_code("import beside", env={"PYTHONDONTWRITEBYTECODE": ""})
        self.assertTrue((self.home.project / "__pycache__").exists())

    def test_a_program_of_another_form_is_run_too(self):
        folder = self.home.project / "app"
        folder.mkdir()
        (folder / "__main__.py").write_text("print('of a folder')\n")
        subprocess.run([sys.executable, "-m", "zipapp", folder], check=True)
        for path in (folder, self.home.project / "app.pyz"):
            self.assertEqual("of a folder\n", self.home.output("script.run", path=str(path), language="python")["stdout"], path)

    def test_the_interpreter_is_not_changed_from_within(self):
        before = os.stat("/usr/bin/python3")
        self.assertEqual("True True\n", self.says(f"""
            import errno, os
            try: os.chmod('/proc/self/exe', os.stat('/proc/self/exe').st_mode & 0o7777)
            except OSError as error: print({IS_WARM}, error.errno in (errno.EPERM, errno.EROFS))
        """))
        self.assertEqual(before.st_ctime_ns, os.stat("/usr/bin/python3").st_ctime_ns)

    def test_what_it_writes_becomes_real_and_is_undone(self):
        file = self.home.project / "made"
        done = self.run_code(f"print({IS_WARM}); f = open('made', 'w'); f.write('by a script')")
        self.assertEqual(("True\n", True), (done["stdout"], done["committed"]), done)
        self.assertEqual("by a script", file.read_text())
        commit = self.home.output("ledger.query", tool="shell.commit")["calls"][0]["call"]
        self.assertEqual(0, self.home.run("undo", commit).returncode)
        self.assertFalse(file.exists())
        self.assertEqual("PermissionError", self.says(f"""
            assert {IS_WARM}
            try: open({str(self.home.home / 'x')!r}, 'w')
            except OSError as error: print('PermissionError' if error.errno in (2, 13, 30) else error, end='')
        """))

    def test_it_has_no_privileges_and_cannot_get_any_and_gives_way_to_others(self):
        gives_way = min(os.nice(0) + 5, 19)  # more than the daemon, which is as nice as we are
        self.assertEqual(f"True 0 0 1 2 {gives_way} 3\n", self.says(f"""
            import os
            status = dict(line.split(":", 1) for line in open("/proc/self/status"))
            caps = [int(status[name], 16) for name in ("CapBnd", "CapPrm")]
            print({IS_WARM}, *caps, *(int(status[name]) for name in ("NoNewPrivs", "Seccomp")), os.nice(0), os.sched_getscheduler(0))
        """))

    def test_it_renames_folders_that_were_there(self):
        (self.home.project / "folder/deep").mkdir(parents=True)
        (self.home.project / "folder/deep/a").write_text("a")
        self.assertEqual("True\n", self.says(f"import os; os.rename('folder', 'renamed'); print({IS_WARM})"))
        self.assertEqual("a", (self.home.project / "renamed/deep/a").read_text())
        self.assertFalse((self.home.project / "folder").exists())

    def test_time_and_kills_end_it_with_all_that_it_started(self):
        code = f"""
            import subprocess, time
            assert {IS_WARM}
            subprocess.Popen(['sleep', '4242.5'], start_new_session=True)
            print('started', flush=True)
            time.sleep(600)
        """
        done = self.run_code(code, timeout=1)
        self.assertEqual((True, "started\n", "T2"), (done["timed_out"], done["stdout"], done["tier"]), done)
        eventually(lambda: not self.sleepers(), "what it left behind is gone")

    def sleepers(self):
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                found += [entry] if b"4242.5" in pathlib.Path("/proc", entry, "cmdline").read_bytes() else []
            except OSError:
                pass
        return found

    def test_a_starter_that_dies_or_hangs_is_survived(self):
        for signal_number in (signal.SIGKILL, signal.SIGSTOP):
            waiting = eventually(lambda: starters(self.daemon), "an interpreter waits")
            for pid in waiting:
                os.kill(pid, signal_number)
            self.assertEqual("fine\n", self.says("print('fine')"), signal_number)
        self.assertEqual("fine\n", self.says("print('fine')"))
        eventually(lambda: self.says(f"print({IS_WARM})") == "True\n", "it is warm again")

    def test_many_at_once(self):
        running = [self.home.start("call", "script.run", "--args", json.dumps({"language": "python", "code": f"print({n})"}), "--json")
                   for n in range(12)]
        said = [json.loads(process.communicate(timeout=PATIENCE)[0])["output"]["stdout"] for process in running]
        self.assertEqual([f"{n}\n" for n in range(12)], said)


if __name__ == "__main__":
    main()

# What an interpreter runs that is kept ready for scripts, in an empty environment and without what is installed beside
# it: the library of starter.cpp and python.cpp is its error output, its control its standard output. lilux_serve
# comes back in a process that is a script's own, in its sandbox, with its streams, folder and limits. There the rest is
# made as if the interpreter had been started for it; where a script could tell, one is.
import ctypes, gc, io, os, sys
import argparse, atexit, base64, collections, csv, dataclasses, datetime, enum, functools, glob, hashlib, importlib.machinery
import itertools, json, math, pathlib, random, re, shutil, signal, site, stat, string, subprocess, tempfile, textwrap
import threading, time, traceback, types, typing, urllib.parse, uuid, weakref

if sys.version_info[:2] != (3, 11):
    sys.exit("how this version begins and ends a script was never looked at")
__builtins__ = dict(vars(__builtins__))  # what is called at the end is not what a script made of them
library = ctypes.PyDLL("/proc/self/fd/2")
library.lilux_argument.restype = library.lilux_variable.restype = library.lilux_program.restype = ctypes.c_char_p
library.lilux_run.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, *[ctypes.py_object] * 6]
python = ctypes.pythonapi
python.PyStructSequence_SetItem.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.py_object]
control = os.dup(1)
null = os.open("/dev/null", os.O_RDWR)
os.dup2(null, 0), os.dup2(null, 1), os.dup2(null, 2), os.close(null)
from _thread import _count
from gc import get_freeze_count, get_objects


def texts(of):
    return [os.fsdecode(one) for one in iter(functools.partial(lambda index: of(next(index)), itertools.count()), None)]


def open_streams():
    def text(number, mode, name, errors, is_lined=False):
        buffer = io.open(number, mode, closefd=False)
        buffer.raw.name = name
        made = io.TextIOWrapper(buffer, "utf-8", errors, "\n", is_lined)
        made.mode = mode[0]
        streams.extend(map(weakref.ref, (made, buffer, buffer.raw)))  # they end with sys
        return made
    sys.stdin = sys.__stdin__ = text(0, "rb", "<stdin>", "surrogateescape")
    sys.stdout = sys.__stdout__ = text(1, "wb", "<stdout>", "surrogateescape")
    sys.stderr = sys.__stderr__ = text(2, "wb", "<stderr>", "backslashreplace", True)


def take_environment(entries):
    os.environ.clear()
    os.environ.update(entry.split("=", 1) for entry in entries)
    modules = os.environ.get("PYTHONPATH")
    sys.path[:] = (modules.split(":") if modules else []) + [one for one in sys.path if one]
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in os.environ
    for name, value in (("no_site", 0), ("dont_write_bytecode", int(sys.dont_write_bytecode))):
        python.PyStructSequence_SetItem(sys.flags, type(sys.flags).__match_args__.index(name), value)
    site.main()  # what is installed beside it


def make_main(file=None):
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__builtins__, main.__annotations__ = sys.modules["builtins"], {}
    main.__loader__ = importlib.machinery.BuiltinImporter
    if file is not None:
        main.__file__, main.__cached__ = file, None
        main.__loader__ = importlib.machinery.SourceFileLoader("__main__", file)


def hides_what_is_loaded(place):
    """Whether what lies there is imported instead of what was imported here, or that is not known."""
    try:
        return not loaded.isdisjoint(name.partition(".")[0] for name in os.listdir(place))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # an archive


# What looks for modules elsewhere later, and what sees more of an interpreter's beginning and end than others do.
TELLS_APART = (b"sys.path", b"chdir", b"addsitedir", b"addaudithook", b"freeze(", b"on_exit")


def is_for_an_own_interpreter(words, file):
    """A program that is no text, modules that hide what is loaded, and what could tell."""
    if file < 0:
        text, folder = os.fsencode(words[2]), ""
    else:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return True
        with open(file, "rb", closefd=False) as opened:
            text, folder = opened.read(), os.path.dirname(os.path.realpath(words[1]))
        os.lseek(file, 0, os.SEEK_SET)
    if b"\0" in text or any(word in text for word in TELLS_APART):
        return True
    modules = os.environ.get("PYTHONPATH")
    return any(hides_what_is_loaded(one or ".") for one in [folder] + (modules.split(":") if modules else []))


def run(words):
    is_code, file = words[1] == "-c", -1
    if not is_code:
        try:
            file = os.open(words[1], os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            print(f"{words[0]}: can't open file {words[1]!r}: {error}", file=sys.stderr)
            sys.exit(2)
    if is_for_an_own_interpreter(words, file):
        os.execve(library.lilux_program(), words, os.environ)
    sys.argv = words[1:2] + words[3:] if is_code else words[1:]
    sys.path.insert(0, "" if is_code else os.path.dirname(os.path.realpath(words[1])))
    make_main(None if is_code else words[1])
    atexit.register(library.lilux_leave)
    name, code = os.fsencode(words[1]), os.fsencode(words[2]) if is_code else None
    library.lilux_run(file, name, code, settle, is_bare, sys.gettrace, sys.getprofile, gc.unfreeze, globals())


def settle():
    """What the first thread has of its state and of its process."""
    main_thread = threading.main_thread()
    main_thread._set_tstate_lock()
    main_thread._set_native_id()


def has_finalizer(kind):  # which files and generators have too
    return any("__del__" in names_of(base) for base in bases_of(kind))


def ends_in_silence(kind, one):
    if issubclass(kind, weakref.ref):
        called = one.__callback__
        return called is None or type(called) is type(len) and called.__name__ == "_destroy" \
            or type(called) is type(settle) and called.__module__ in ("weakref", "_weakrefset")
    if kind is weakref.ProxyType or kind is weakref.CallableProxyType:
        return False
    if issubclass(kind, type) and not flags_of(one) & HAS_GC:
        return not has_finalizer(one)  # nobody knows how many there are of those
    return not has_finalizer(kind)


def is_bare():
    """Whether nothing is left whose end could be seen, and all is written."""
    if get_freeze_count() > frozen or _count():  # some of those die; a script that freezes has more to freeze
        return False
    for name in reversed(modules):  # touches as few as can be of what is shared until then
        if preloaded.get(name) == id(modules[name]):
            break
        if type(modules[name].__loader__) is ExtensionFileLoader:
            return False
    own, silent = {id(stream()) for stream in streams}, {*SILENT}
    for one in get_objects():
        kind = type(one)
        if id(kind) in silent or id(one) in own:
            continue
        if not ends_in_silence(kind, one):
            return False
        if not issubclass(kind, (weakref.ref, type)):
            silent.add(id(kind))
    if sys.stdout is not streams[3]() or sys.stderr is not streams[6]():
        return False
    sys.stdout.flush(), sys.stderr.flush()
    return True


HAS_GC, SILENT = 1 << 14, {id(kind) for kind in (dict, list, tuple, set, type(run), type(len))}  # Py_TPFLAGS_HAVE_GC
flags_of, names_of, bases_of = (type.__dict__[name].__get__ for name in ("__flags__", "__dict__", "__mro__"))
ExtensionFileLoader, modules, streams = importlib.machinery.ExtensionFileLoader, sys.modules, []
preloaded = {name: id(module) for name, module in modules.items()}
loaded = {name.partition(".")[0] for name in preloaded} - {"__main__", *sys.builtin_module_names}
for folder in filter(os.path.isdir, site.getsitepackages()):
    importlib.machinery.PathFinder.find_spec("nothing", [folder])  # lists it; a list that is old is made anew
gc.collect()
gc.freeze()
frozen = get_freeze_count()
library.lilux_serve(control)
python.PyOS_AfterFork_Child()
sys.orig_argv = texts(library.lilux_argument)
take_environment(texts(library.lilux_variable))
open_streams()
run(sys.orig_argv)

# What an interpreter runs that is kept ready for scripts, in an empty environment and without what is installed beside
# it: the library of starter.cpp is its standard input, its control its standard output. lilux_serve comes back in a
# process that is a script's own, in its sandbox, with its streams, folder and limits. There the rest is made as if the
# interpreter had been started for it.
import ctypes, gc, io, os, sys
import argparse, atexit, base64, collections, csv, dataclasses, datetime, enum, functools, glob, hashlib, importlib.machinery
import itertools, json, math, pathlib, random, re, shutil, signal, site, string, subprocess, tempfile, textwrap
import threading, time, traceback, types, typing, urllib.parse, uuid

library = ctypes.PyDLL("/proc/self/fd/0")
library.lilux_argument.restype = library.lilux_variable.restype = ctypes.c_char_p
python = ctypes.pythonapi
python.PyStructSequence_SetItem.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.py_object]
control = os.dup(1)
null = os.open("/dev/null", os.O_RDWR)
os.dup2(null, 0), os.dup2(null, 1), os.close(null)


def texts(of):
    return [os.fsdecode(one) for one in iter(functools.partial(lambda index: of(next(index)), itertools.count()), None)]


def open_streams():
    def text(number, mode, name, errors, is_lined=False):
        buffer = io.open(number, mode, closefd=False)
        buffer.raw.name = name
        made = io.TextIOWrapper(buffer, "utf-8", errors, "\n" if mode == "wb" else None, is_lined)
        made.mode = mode[0]
        return made
    sys.stdin = sys.__stdin__ = text(0, "rb", "<stdin>", "surrogateescape")
    sys.stdout = sys.__stdout__ = text(1, "wb", "<stdout>", "surrogateescape")
    sys.stderr = sys.__stderr__ = text(2, "wb", "<stderr>", "backslashreplace", True)


def take_environment(entries):
    os.environ.clear()
    os.environ.update(entry.split("=", 1) for entry in entries)
    modules = os.environ.get("PYTHONPATH")
    sys.path[:] = (modules.split(":") if modules else []) + [one for one in sys.path if one]
    python.PyStructSequence_SetItem(sys.flags, type(sys.flags).__match_args__.index("no_site"), 0)
    site.main()  # what is installed beside it


def make_main():
    main = types.ModuleType("__main__")
    main.__builtins__, main.__annotations__ = sys.modules["builtins"], {}
    main.__loader__ = importlib.machinery.BuiltinImporter
    sys.modules["__main__"] = main
    return main.__dict__


def source_of(words, main):
    """The text and its name; None when it cannot be read."""
    if words[1] == "-c":
        sys.argv = words[1:2] + words[3:]
        sys.path.insert(0, "")
        return words[2], "<string>"
    sys.argv = words[1:]
    try:
        with open(words[1], "rb") as file:
            text = file.read()
    except OSError as error:
        print(f"{words[0]}: can't open file {words[1]!r}: {error}", file=sys.stderr)
        return None
    main["__file__"], main["__cached__"] = words[1], None
    main["__loader__"] = importlib.machinery.SourceFileLoader("__main__", words[1])
    sys.path.insert(0, os.path.dirname(os.path.realpath(words[1])))
    return text, words[1]


def exit_code(asked):
    if asked is None or isinstance(asked, int):
        return (asked or 0) & 0xFF
    print(asked, file=sys.stderr)
    return 1


def run(words, main):
    source = source_of(words, main)
    if source is None:
        return 2
    try:
        exec(compile(*source, "exec", dont_inherit=True), main)
        return 0
    except SystemExit as asked:
        return exit_code(asked.code)
    except BaseException as error:
        told = error.with_traceback(error.__traceback__.tb_next)  # without us
        sys.last_type, sys.last_value, sys.last_traceback = type(told), told, told.__traceback__
        sys.excepthook(type(told), told, told.__traceback__)
        return -1 if isinstance(told, KeyboardInterrupt) else 1


def is_flushed():
    try:
        sys.stdout.flush(), sys.stderr.flush()
    except BaseException as error:
        if not isinstance(error, (AttributeError, ValueError)):  # it was taken away or closed
            return False
    return True


def end(code):
    """As an interpreter ends, but for what it would take apart of itself."""
    threading._shutdown()
    atexit._run_exitfuncs()
    code = code if is_flushed() else 120
    own = [module for name, module in list(sys.modules.items()) if name not in preloaded or name == "__main__"]
    sys.last_type = sys.last_value = sys.last_traceback = None
    for module in reversed([module for module in own if isinstance(module, types.ModuleType)]):
        for name in list(module.__dict__):
            if name != "__builtins__":
                module.__dict__[name] = None
    gc.collect()
    is_flushed()
    if code < 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(code)


preloaded = set(sys.modules)
gc.collect()
gc.freeze()
library.lilux_serve(control)
python.PyOS_AfterFork_Child()
sys.orig_argv = texts(library.lilux_argument)
take_environment(texts(library.lilux_variable))
open_streams()
end(run(sys.orig_argv, make_main()))

"""Ways out of a sandbox, one function each: it returns when it got out, and raises when it was stopped.

usage: attempts.py --list    name and mechanism of each
       attempts.py           makes those that standard input names, a line each with the world as JSON: where things are
                             that it must not reach. It answers with a line each: 0 out, 10 stopped, anything else when it
                             could not be tried, and what it met. Who runs it looks as well whether the world is as it was.
"""

import contextlib
import ctypes
import fcntl
import json
import mmap
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

ATTEMPTS = {}
libc = ctypes.CDLL(None, use_errno=True)


def attempt(mechanism):
    def keep(function):
        ATTEMPTS[function.__name__] = (mechanism, function)
        return function
    return keep


def checked(result, what=""):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), what)
    return result


def call(number, *arguments):
    """A system call by its number on x86-64."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return checked(libc.syscall(ctypes.c_long(number), *converted), str(number))


class World:
    def __init__(self, text):
        for name, value in json.loads(text).items():
            setattr(self, name, value)
        self.outside = pathlib.Path(self.outside)
        self.inside = pathlib.Path(self.inside)
        self.read_only = pathlib.Path(self.read_only)
        self.secret = self.outside / "secret"
        self.part = pathlib.Path(self.part)


def must_be_canary(data):
    if b"canary" not in data:
        raise PermissionError("what it read is not the secret")


# Files outside, by their names.

@attempt("read by path")
def read_secret(w):
    must_be_canary(w.secret.read_bytes())


@attempt("read by path")
def list_outside(w):
    if "secret" not in os.listdir(w.outside):
        raise PermissionError("the folder looks empty")


@attempt("read by path")
def read_the_passwords(w):
    if b"root:" not in pathlib.Path("/etc/shadow").read_bytes():
        raise PermissionError("they look empty")


@attempt("read by path")
def read_a_home(w):
    os.listdir(os.path.expanduser("~root"))


@attempt("write by path")
def create_outside(w):
    (w.outside / "new").write_text("x")


@attempt("write by path")
def overwrite_outside(w):
    w.secret.write_text("x")


@attempt("write by path")
def append_outside(w):
    with w.secret.open("a") as file:
        file.write("x")


@attempt("truncate")
def truncate_outside(w):
    os.truncate(w.secret, 0)


@attempt("access mode")
def open_for_nothing_and_truncate_outside(w):
    os.close(os.open(w.secret, 3 | os.O_TRUNC))


@attempt("access mode")
def open_for_nothing_and_change_flags_outside(w):
    fd = os.open(w.secret, 3)
    flags = bytearray(8)
    fcntl.ioctl(fd, 0x80086601, flags)
    fcntl.ioctl(fd, 0x40086602, bytes(flags))


@attempt("mark")
def change_the_mark(w):
    import resource
    soft, hard = resource.getrlimit(10)
    resource.setrlimit(10, (5, 5))


@attempt("truncate")
def open_and_truncate_outside(w):
    os.close(os.open(w.secret, os.O_RDONLY | os.O_TRUNC))


@attempt("remove")
def remove_outside(w):
    w.secret.unlink()


@attempt("remove")
def remove_folder_outside(w):
    (w.outside / "folder").rmdir()


@attempt("make a folder")
def make_folder_outside(w):
    (w.outside / "new").mkdir()


@attempt("special file")
def make_fifo_outside(w):
    os.mkfifo(w.outside / "new")


@attempt("special file")
def make_device_outside(w):
    os.mknod(w.outside / "new", 0o20666, os.makedev(1, 3))


@attempt("special file")
def make_device_inside(w):
    os.mknod(w.inside / "new", 0o60666, os.makedev(254, 0))


@attempt("special file")
def make_socket_outside(w):
    socket.socket(socket.AF_UNIX).bind(str(w.outside / "new"))


@attempt("rename")
def rename_out(w):
    (w.inside / "new").write_text("x")
    os.rename(w.inside / "new", w.outside / "new")


@attempt("rename")
def rename_in(w):
    os.rename(w.secret, w.inside / "stolen")
    must_be_canary((w.inside / "stolen").read_bytes())


@attempt("rename")
def exchange(w):
    (w.inside / "new").write_text("x")
    call(316, -100, str(w.inside / "new").encode(), -100, str(w.secret).encode(), 2)
    must_be_canary((w.inside / "new").read_bytes())


@attempt("hard link")
def link_in(w):
    os.link(w.secret, w.inside / "stolen")
    must_be_canary((w.inside / "stolen").read_bytes())


@attempt("hard link")
def link_out(w):
    (w.inside / "new").write_text("x")
    os.link(w.inside / "new", w.outside / "new")


@attempt("hard link")
def link_an_open_file_out(w):
    fd = os.open(w.inside, os.O_TMPFILE | os.O_RDWR, 0o600)
    checked(libc.linkat(-100, f"/proc/self/fd/{fd}".encode(), -100, str(w.outside / "new").encode(), 0x400))


@attempt("symlink")
def read_through_symlink(w):
    os.symlink(w.secret, w.inside / "link")
    must_be_canary((w.inside / "link").read_bytes())


@attempt("symlink")
def write_through_symlink(w):
    os.symlink(w.outside / "new", w.inside / "link")
    (w.inside / "link").write_text("x")


@attempt("symlink")
def remove_through_symlinked_folder(w):
    os.symlink(w.outside, w.inside / "link")
    (w.inside / "link/secret").unlink()


@attempt("symlink")
def make_symlink_outside(w):
    os.symlink("/", w.outside / "new")


@attempt("dot dot")
def read_by_dot_dot(w):
    os.chdir(w.inside)
    must_be_canary(open(os.path.relpath(w.secret, w.inside), "rb").read())


@attempt("dot dot")
def write_by_dot_dot(w):
    os.chdir(w.inside)
    open(os.path.relpath(w.outside / "new", w.inside), "w").close()


@attempt("/proc")
def read_by_own_root(w):
    must_be_canary(pathlib.Path(f"/proc/self/root{w.secret}").read_bytes())


@attempt("/proc")
def read_by_anothers_root(w):
    must_be_canary(pathlib.Path(f"/proc/{w.victim}/root{w.secret}").read_bytes())


@attempt("/proc")
def read_by_anothers_folder(w):
    must_be_canary(pathlib.Path(f"/proc/{w.victim}/cwd/secret").read_bytes())


@attempt("/proc")
def read_anothers_environment(w):
    must_be_canary(pathlib.Path(f"/proc/{w.victim}/environ").read_bytes())


@attempt("/proc")
def read_anothers_command(w):
    if b"sleep" not in pathlib.Path(f"/proc/{w.victim}/cmdline").read_bytes():
        raise PermissionError("it is another's")


@attempt("/proc")
def read_anothers_memory(w):
    maps = pathlib.Path(f"/proc/{w.victim}/maps").read_text()
    with open(f"/proc/{w.victim}/mem", "rb") as memory:
        memory.seek(int(maps.split("-")[0], 16))
        memory.read(16)


@attempt("/proc")
def write_memory_of_the_first(w):
    os.close(os.open("/proc/1/mem", os.O_RDWR))


@attempt("/proc")
def take_descriptors_of_the_first(w):
    os.readlink("/proc/1/fd/0")


@attempt("/proc")
def change_anothers_score(w):
    pathlib.Path(f"/proc/{w.victim}/oom_score_adj").write_text("500")


@attempt("/proc")
def change_the_system(w):
    file = pathlib.Path("/proc/sys/vm/swappiness")
    file.write_text(file.read_text())


@attempt("handle")
def open_by_handle(w):
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    mount = ctypes.c_int()
    checked(libc.name_to_handle_at(-100, str(w.secret).encode(), handle, ctypes.byref(mount), 0))
    base = os.open(w.inside, os.O_RDONLY)
    must_be_canary(os.read(checked(libc.open_by_handle_at(base, handle, os.O_RDONLY)), 100))


@attempt("run a program")
def run_outside(w):
    subprocess.run([w.outside / "program"], check=True)


@attempt("run a program")
def run_outside_by_the_loader(w):
    subprocess.run(["/lib64/ld-linux-x86-64.so.2", w.outside / "true"], check=True)


@attempt("descriptor")
def use_what_was_left_open(w):
    for fd in range(3, 1024):
        try:
            if b"canary" in os.pread(fd, 100, 0):
                return
        except OSError:
            continue
    raise PermissionError("nothing was left open")


@attempt("io_uring")
def set_up_io_uring(w):
    call(425, 8, ctypes.create_string_buffer(248))


@attempt("io_uring")
def watch_by_inotify(w):
    fd = checked(libc.inotify_init1(os.O_NONBLOCK))
    checked(libc.inotify_add_watch(fd, str(w.outside).encode(), 0xFFF))


# Properties.

@attempt("properties")
def change_mode(w):
    w.secret.chmod(0o777)


@attempt("properties")
def change_mode_at(w):
    call(268, -100, str(w.secret).encode(), 0o777)


@attempt("properties")
def change_times(w):
    os.utime(w.secret, (1, 1))


@attempt("properties")
def change_owner(w):
    os.chown(w.secret, os.getuid(), os.getgid())


@attempt("properties")
def add_attribute(w):
    os.setxattr(w.secret, "user.x", b"1")


@attempt("properties")
def change_mode_read_only(w):
    (w.read_only / "file").chmod(0o777)


@attempt("properties")
def change_mode_of_open_read_only(w):
    os.fchmod(os.open(w.read_only / "file", os.O_RDONLY), 0o777)


@attempt("properties")
def change_times_of_open_read_only(w):
    os.utime(os.open(w.read_only / "file", os.O_RDONLY), (1, 1))


@attempt("properties")
def add_attribute_to_open_read_only(w):
    os.setxattr(os.open(w.read_only / "file", os.O_RDONLY), "user.x", b"1")


@attempt("properties")
def change_mode_by_dot_dot(w):
    os.chdir(w.inside)
    os.chmod(os.path.relpath(w.secret, w.inside), 0o777)


@attempt("properties")
def change_mode_in_another_folder(w):
    os.chdir(w.outside)
    os.chmod("secret", 0o777)


@attempt("properties")
def change_mode_in_an_open_folder(w):
    os.chmod("secret", 0o777, dir_fd=os.open(w.outside, os.O_PATH))


@attempt("properties")
def change_mode_of_an_open_file(w):
    call(90, f"/proc/self/fd/{os.open(w.secret, os.O_PATH)}".encode(), 0o777)


@attempt("properties")
def change_mode_of_an_open_file_without_a_name(w):
    call(452, os.open(w.secret, os.O_PATH), b"", 0o777, 0x1000)


@attempt("properties")
def change_times_of_an_open_file(w):
    call(280, os.open(w.secret, os.O_PATH), b"", struct.pack("4q", 1, 0, 1, 0), 0x1000)


@attempt("properties")
def change_mode_through_symlink(w):
    os.symlink(w.secret, w.inside / "link")
    os.chmod(w.inside / "link", 0o777)


@attempt("properties")
def change_mode_through_symlinked_folder(w):
    os.symlink(os.path.relpath(w.outside, w.inside), w.inside / "link")
    os.chmod(w.inside / "link/secret", 0o777)


@attempt("properties")
def change_times_through_symlink(w):
    os.symlink(w.secret, w.inside / "link")
    os.utime(w.inside / "link", (1, 1))


@attempt("properties")
def change_mode_by_own_root(w):
    os.chmod(f"/proc/self/root{w.secret}", 0o777)


@attempt("properties")
def change_mode_by_anothers_folder(w):
    os.chmod(f"/proc/{w.victim}/cwd/secret", 0o777)


@attempt("properties")
def change_mode_of_a_hard_link(w):
    os.link(w.secret, w.inside / "link")
    os.chmod(w.inside / "link", 0o777)


def race(swap, act):
    """Both at once, for a moment."""
    end = time.monotonic() + 0.2
    pid = os.fork()
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            act() if pid else swap()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    raise PermissionError("if nothing has changed")


@attempt("race")
def change_mode_while_a_folder_becomes_a_symlink(w):
    (w.inside / "folder").mkdir()
    (w.inside / "folder/secret").write_text("x")
    os.symlink(w.outside, w.inside / "link")
    race(lambda: call(316, -100, str(w.inside / "folder").encode(), -100, str(w.inside / "link").encode(), 2),
         lambda: os.chmod(w.inside / "folder/secret", 0o777))


@attempt("race")
def change_mode_while_folders_move(w):
    (w.inside / "a/b").mkdir(parents=True)
    os.chdir(w.inside / "a/b")

    def move():
        os.rename(w.inside / "a/b", w.inside / "b")
        os.rename(w.inside / "b", w.inside / "a/b")
    race(move, lambda: os.chmod("../../outside/secret", 0o777))


@attempt("race")
def change_mode_while_the_path_changes(w):
    (w.inside / "new").write_text("x")
    paths = [str(path).encode() + b"\0" for path in (w.inside / "new", w.secret)]
    shared = mmap.mmap(-1, 4096)  # by another process: threads take turns
    address = ctypes.addressof(ctypes.c_char.from_buffer(shared))

    def swap():
        for path in paths:
            shared[0:len(path)] = path
    swap()
    race(swap, lambda: call(90, address, 0o777))


@attempt("race")
def change_mode_while_a_descriptor_changes(w):
    (w.inside / "new").write_text("x")
    fds = [os.open(path, os.O_PATH) for path in (w.inside / "new", w.secret)]
    os.dup2(fds[0], 100)

    def swap():
        for fd in fds:
            os.dup2(fd, 100)
    end = time.monotonic() + 0.2
    thread = threading.Thread(target=lambda: [swap() for _ in iter(lambda: time.monotonic() < end, False)])
    thread.start()
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            call(90, b"/proc/self/fd/100", 0o777)
    thread.join()
    raise PermissionError("if nothing has changed")


# What may be read only.

@attempt("read-only tree")
def write_read_only(w):
    (w.read_only / "file").write_text("x")


@attempt("read-only tree")
def create_read_only(w):
    (w.read_only / "new").write_text("x")


@attempt("read-only tree")
def remove_read_only(w):
    (w.read_only / "file").unlink()


@attempt("read-only tree")
def truncate_read_only(w):
    os.truncate(w.read_only / "file", 0)


@attempt("read-only tree")
def open_and_truncate_read_only(w):
    os.close(os.open(w.read_only / "file", os.O_RDONLY | os.O_TRUNC))


@attempt("read-only tree")
def take_read_only(w):
    os.rename(w.read_only / "file", w.inside / "taken")


@attempt("read-only tree")
def reopen_read_only(w):
    fd = os.open(w.read_only / "file", os.O_RDONLY)
    os.write(os.open(f"/proc/self/fd/{fd}", os.O_WRONLY), b"x")


@attempt("read-only tree")
def map_read_only(w):
    with open(w.read_only / "file", "r+b") as file:
        mmap.mmap(file.fileno(), 0)[0:1] = b"x"


@attempt("read-only tree")
def write_the_system(w):
    pathlib.Path("/usr/lib/lilux-escape").write_text("x")
    os.unlink("/usr/lib/lilux-escape")


@attempt("read-only tree")
def write_the_settings(w):
    pathlib.Path("/etc/lilux-escape").write_text("x")
    os.unlink("/etc/lilux-escape")


# What lies in a tree that may be read and is not to be seen there.

def must_see_the_rest(w):
    if (w.part / "seen").read_text() != "readable":
        raise OSError("what lies beside it is hidden too")


@attempt("hidden")
def read_hidden_file(w):
    must_see_the_rest(w)
    must_be_canary((w.part / "file").read_bytes())


@attempt("hidden")
def read_in_hidden_folder(w):
    must_be_canary((w.part / "folder/secret").read_bytes())


@attempt("hidden")
def read_deep_in_hidden_folder(w):
    must_be_canary((w.part / "folder/inner/secret").read_bytes())


@attempt("hidden")
def list_hidden_folder(w):
    if "secret" not in os.listdir(w.part / "folder"):
        raise PermissionError("it looks empty")


@attempt("hidden")
def read_hidden_through_symlink(w):
    os.symlink(w.part, w.inside / "link")
    must_be_canary((w.inside / "link/folder/../file").read_bytes())


@attempt("hidden")
def read_hidden_by_an_open_folder(w):
    os.chdir(w.part)
    must_be_canary(os.read(os.open("secret", os.O_RDONLY, dir_fd=os.open("folder", os.O_PATH)), 100))


@attempt("hidden")
def reopen_hidden(w):
    must_be_canary(pathlib.Path(f"/proc/self/fd/{os.open(w.part / 'file', os.O_PATH)}").read_bytes())


@attempt("hidden")
def open_hidden_to_all(w):
    (w.part / "file").chmod(0o666)
    (w.part / "folder").chmod(0o777)
    must_be_canary((w.part / "file").read_bytes())


@attempt("hidden")
def link_hidden(w):
    os.link(w.part / "file", w.inside / "stolen")
    must_be_canary((w.inside / "stolen").read_bytes())


@attempt("hidden")
def take_the_folder_of_hidden(w):
    os.rename(w.part, w.inside / "stolen")
    os.rename(w.inside / "stolen", w.part)


@attempt("hidden")
def write_hidden(w):
    (w.part / "file").write_text("x")


# Other processes.

@attempt("signal")
def kill_another(w):
    os.kill(w.victim, signal.SIGKILL)


@attempt("signal")
def kill_its_thread(w):
    call(234, w.victim, w.victim, int(signal.SIGKILL))


@attempt("signal")
def kill_by_number_alone(w):
    call(200, w.victim, int(signal.SIGKILL))


@attempt("signal")
def kill_by_descriptor(w):
    signal.pidfd_send_signal(os.pidfd_open(w.victim), signal.SIGKILL)


@attempt("signal")
def queue_a_signal(w):
    checked(libc.sigqueue(w.victim, int(signal.SIGKILL), ctypes.c_void_p(0)))


@attempt("signal")
def stop_another(w):
    os.kill(w.victim, signal.SIGSTOP)
    os.kill(w.victim, signal.SIGCONT)


@attempt("signal")
def have_the_system_signal(w):
    reader, writer = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, w.victim)
    fcntl.fcntl(reader, 10, int(signal.SIGKILL))
    fcntl.fcntl(reader, fcntl.F_SETFL, fcntl.fcntl(reader, fcntl.F_GETFL) | os.O_ASYNC)
    os.write(writer, b"x")
    time.sleep(0.2)
    raise PermissionError("if it lives")


@attempt("signal")
def have_a_socket_signal(w):
    one, two = socket.socketpair()
    fcntl.ioctl(one, 0x8901, struct.pack("i", w.victim))
    fcntl.fcntl(one, 10, int(signal.SIGKILL))
    fcntl.fcntl(one, fcntl.F_SETFL, fcntl.fcntl(one, fcntl.F_GETFL) | os.O_ASYNC)
    two.send(b"x")
    time.sleep(0.2)
    raise PermissionError("if it lives")


@attempt("ptrace")
def trace_another(w):
    checked(libc.ptrace(16, w.victim, None, None))
    os.waitpid(w.victim, 0x40000000)
    checked(libc.ptrace(17, w.victim, None, None))


@attempt("ptrace")
def seize_another(w):
    checked(libc.ptrace(0x4206, w.victim, None, None))


@attempt("process memory")
def read_memory_of_another(w):
    at = int(open(f"/proc/{w.victim}/maps").read().split("-")[0], 16) if os.path.exists(f"/proc/{w.victim}/maps") else 4096
    data = ctypes.create_string_buffer(16)
    vector = lambda address: (ctypes.c_void_p * 2)(address, 16)
    checked(libc.process_vm_readv(w.victim, vector(ctypes.addressof(data)), 1, vector(at), 1, 0))


@attempt("process memory")
def take_a_descriptor(w):
    call(438, os.pidfd_open(w.victim), 0, 0)


@attempt("process properties")
def slow_another(w):
    os.setpriority(os.PRIO_PROCESS, w.victim, 10)


@attempt("process properties")
def bind_another(w):
    os.sched_setaffinity(w.victim, os.sched_getaffinity(0))


@attempt("process properties")
def limit_another(w):
    import resource
    resource.prlimit(w.victim, resource.RLIMIT_CORE, (0, 0))


# Namespaces, mounts, roots.

@attempt("namespaces")
def unshare_user(w):
    checked(libc.unshare(0x10000000))


@attempt("namespaces")
def unshare_mounts(w):
    checked(libc.unshare(0x10000000 | 0x00020000))


@attempt("namespaces")
def clone_user(w):
    pid = call(56, 0x10000000 | int(signal.SIGCHLD), 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@attempt("namespaces")
def clone3_user(w):
    arguments = struct.pack("11Q", 0x10000000, 0, 0, 0, int(signal.SIGCHLD), 0, 0, 0, 0, 0, 0)
    pid = call(435, arguments, len(arguments))
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@attempt("namespaces")
def join_another(w):
    checked(libc.setns(os.open(f"/proc/{w.victim}/ns/net", os.O_RDONLY), 0))


@attempt("namespaces")
def join_by_descriptor(w):
    checked(libc.setns(os.pidfd_open(w.victim), 0x40000000))


def leave_mounts():
    checked(libc.unshare(0x00020000))
    checked(libc.mount(None, b"/", None, 0x44000, None))  # private, so that nobody else sees what follows


@attempt("mounts")
def mount_over(w):
    leave_mounts()
    checked(libc.mount(b"tmpfs", str(w.inside).encode(), b"tmpfs", 0, None))


@attempt("mounts")
def bind_the_root(w):
    leave_mounts()
    checked(libc.mount(b"/", str(w.inside).encode(), None, 4096, None))


@attempt("mounts")
def open_a_tree(w):
    must_be_canary(pathlib.Path(f"/proc/self/fd/{call(428, -100, str(w.outside).encode(), 1)}/secret").read_bytes())


@attempt("mounts")
def open_a_filesystem(w):
    call(430, b"tmpfs", 0)


@attempt("roots")
def change_root(w):
    os.chroot(w.inside)


@attempt("roots")
def unmount(w):
    leave_mounts()
    checked(libc.umount2(b"/proc", 2))


# The kernel's own doors.

@attempt("bpf")
def load_bpf(w):
    call(321, 0, struct.pack("IIII", 2, 4, 8, 1) + bytes(112), 128)


@attempt("perf")
def open_perf(w):
    call(298, struct.pack("IIQ", 1, 128, 0) + bytes(112), 0, -1, -1, 0)


@attempt("userfaultfd")
def open_userfaultfd(w):
    call(323, os.O_CLOEXEC)


@attempt("keys")
def add_a_key(w):
    call(248, b"user", b"lilux", b"x", 1, -3)


@attempt("keys")
def read_keys(w):
    call(250, 0, -3, 1)


@attempt("log")
def read_the_kernels_log(w):
    checked(libc.klogctl(3, ctypes.create_string_buffer(4096), 4096))


@attempt("names")
def name_the_host(w):
    socket.sethostname(socket.gethostname())


@attempt("privileges")
def change_owner_to_another(w):
    (w.inside / "new").write_text("x")
    os.chown(w.inside / "new", 12345, 12345)


@attempt("privileges")
def become_another(w):
    os.setresuid(12345, 12345, 12345)


@attempt("privileges")
def raise_a_limit(w):
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))


@attempt("privileges")
def lower_nice(w):
    os.setpriority(os.PRIO_PROCESS, 0, -5)


@attempt("other numbering")
def make_folder_by_x32(w):
    call(0x40000000 + 83, str(w.outside / "new").encode(), 0o755)


@attempt("other numbering")
def call_as_32_bit(w):
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")  # getpid, as a 32-bit program asks for it
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() <= 0:
        raise PermissionError("no number")


# Networks and sockets.

@attempt("TCP")
def connect_tcp(w):
    socket.create_connection(("127.0.0.1", w.tcp), 2)


@attempt("TCP")
def connect_tcp6(w):
    socket.create_connection(("::1", w.tcp6), 2)


@attempt("UDP")
def send_udp(w):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.settimeout(1)
        out.connect(("127.0.0.1", w.udp))
        out.send(b"ping")
        if out.recv(10) != b"pong":
            raise PermissionError("no answer")


@attempt("other sockets")
def open_raw(w):
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@attempt("other sockets")
def open_packet(w):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@attempt("other sockets")
def open_netlink(w):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)


@attempt("other sockets")
def open_crypto(w):
    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)


@attempt("other sockets")
def open_vsock(w):
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)


@attempt("local sockets")
def connect_by_name(w):
    with socket.socket(socket.AF_UNIX) as out:
        out.connect(str(w.outside / "socket"))


@attempt("local sockets")
def connect_abstract(w):
    with socket.socket(socket.AF_UNIX) as out:
        out.connect("\0" + w.abstract)


@attempt("local sockets")
def send_by_name(w):
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", str(w.outside / "datagrams"))


@attempt("local sockets")
def send_by_name_from_a_pair(w):
    socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", str(w.outside / "datagrams"))


@attempt("local sockets")
def send_message_by_name_from_a_pair(w):
    out = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0]
    out.sendmsg([b"x"], [], 0, str(w.outside / "datagrams"))


@attempt("local sockets")
def send_by_name_from_a_raw_pair(w):
    socket.socketpair(socket.AF_UNIX, socket.SOCK_RAW)[0].sendto(b"x", str(w.outside / "datagrams"))


@attempt("shared memory")
def attach_by_number(w):
    must_be_canary(ctypes.string_at(ctypes.c_void_p(attached(w.shared)), 6))


def attached(number):
    libc.shmat.restype = ctypes.c_long
    address = libc.shmat(number, None, 0)
    return checked(address)


@attempt("shared memory")
def send_to_a_queue(w):
    checked(libc.msgsnd(w.queue, struct.pack("l", 1) + b"x", 1, 0o4000))


@attempt("shared memory")
def take_a_semaphore(w):
    checked(libc.semctl(w.semaphore, 0, 16, 7))


def make(name, world):
    """In a process of its own: 0 out, 10 stopped, and by what."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        said, code = "", 11
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):  # what is said there is for who runs us
            os.dup2(null, fd)
        try:
            ATTEMPTS[name][1](World(world))
            code = 0
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            said, code = f"{type(error).__name__}: {error}", 10
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writer, said.encode(errors="replace")[:1000])
            os._exit(code)
    os.close(writer)
    _, status = os.waitpid(pid, 0)
    said = os.read(reader, 1000).decode(errors="replace").replace("\n", " ")
    os.close(reader)
    return os.waitstatus_to_exitcode(status), said


def main():
    if sys.argv[1:] == ["--list"]:
        for name, (mechanism, _) in ATTEMPTS.items():
            print(name, mechanism, sep="\t")
        return
    for line in sys.stdin:
        name, world = line.rstrip("\n").split("\t")
        print(*make(name, world), sep="\t", flush=True)


if __name__ == "__main__":
    main()

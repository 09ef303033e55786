#include "tests/support/syscalls.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>

#include <elf.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "registers of this machine are not known"
#endif

namespace lilux::test {
namespace {

using enum SyscallKind;

constexpr SyscallRow kRows[] = {
    {.number = SYS_write, .name = "write", .kind = write, .fd = 0, .byte_count = 2},
    {.number = SYS_pwrite64, .name = "pwrite64", .kind = write, .fd = 0, .byte_count = 2},
    {.number = SYS_writev, .name = "writev", .kind = write, .fd = 0},
    {.number = SYS_pwritev, .name = "pwritev", .kind = write, .fd = 0},
    {.number = SYS_pwritev2, .name = "pwritev2", .kind = write, .fd = 0},
    {.number = SYS_sendfile, .name = "sendfile", .kind = write, .fd = 0},
    {.number = SYS_copy_file_range, .name = "copy_file_range", .kind = write, .fd = 2},
    {.number = SYS_fsync, .name = "fsync", .kind = sync, .fd = 0},
    {.number = SYS_fdatasync, .name = "fdatasync", .kind = sync, .fd = 0},
    {.number = SYS_sync_file_range, .name = "sync_file_range", .kind = sync, .fd = 0},
    {.number = SYS_openat, .name = "openat", .kind = create, .fd = 0, .path = 1, .flags = 2},
    {.number = SYS_mkdirat, .name = "mkdirat", .kind = create, .fd = 0, .path = 1},
    {.number = SYS_mknodat, .name = "mknodat", .kind = create, .fd = 0, .path = 1},
    {.number = SYS_linkat, .name = "linkat", .kind = create, .fd = 2, .path = 3},
    {.number = SYS_symlinkat, .name = "symlinkat", .kind = create, .fd = 1, .path = 2},
    {.number = SYS_renameat2, .name = "renameat2", .kind = rename, .fd = 0, .path = 1},
    {.number = SYS_renameat, .name = "renameat", .kind = rename, .fd = 0, .path = 1},
    {.number = SYS_unlinkat, .name = "unlinkat", .kind = remove, .fd = 0, .path = 1},
    {.number = SYS_ftruncate, .name = "ftruncate", .kind = resize, .fd = 0},
    {.number = SYS_truncate, .name = "truncate", .kind = resize, .path = 0},
    {.number = SYS_fallocate, .name = "fallocate", .kind = resize, .fd = 0},
    {.number = SYS_fchmod, .name = "fchmod", .kind = attribute, .fd = 0},
    {.number = SYS_fchmodat, .name = "fchmodat", .kind = attribute, .fd = 0, .path = 1},
    {.number = SYS_fchown, .name = "fchown", .kind = attribute, .fd = 0},
    {.number = SYS_fchownat, .name = "fchownat", .kind = attribute, .fd = 0, .path = 1},
    {.number = SYS_utimensat, .name = "utimensat", .kind = attribute, .fd = 0, .path = 1},
    {.number = SYS_setxattr, .name = "setxattr", .kind = attribute, .path = 0},
    {.number = SYS_lsetxattr, .name = "lsetxattr", .kind = attribute, .path = 0},
    {.number = SYS_fsetxattr, .name = "fsetxattr", .kind = attribute, .fd = 0},
    {.number = SYS_removexattr, .name = "removexattr", .kind = attribute, .path = 0},
    {.number = SYS_lremovexattr, .name = "lremovexattr", .kind = attribute, .path = 0},
    {.number = SYS_fremovexattr, .name = "fremovexattr", .kind = attribute, .fd = 0},
    {.number = SYS_execve, .name = "execve", .kind = process, .path = 0},
    {.number = SYS_execveat, .name = "execveat", .kind = process, .fd = 0, .path = 1},
    {.number = SYS_kill, .name = "kill", .kind = process},
    {.number = SYS_tgkill, .name = "tgkill", .kind = process},
    {.number = SYS_pidfd_send_signal, .name = "pidfd_send_signal", .kind = process},
#ifdef __x86_64__
    {.number = SYS_open, .name = "open", .kind = create, .path = 0, .flags = 1},
    {.number = SYS_creat, .name = "creat", .kind = create, .path = 0},
    {.number = SYS_mkdir, .name = "mkdir", .kind = create, .path = 0},
    {.number = SYS_mknod, .name = "mknod", .kind = create, .path = 0},
    {.number = SYS_link, .name = "link", .kind = create, .path = 1},
    {.number = SYS_symlink, .name = "symlink", .kind = create, .path = 1},
    {.number = SYS_rename, .name = "rename", .kind = rename, .path = 0},
    {.number = SYS_unlink, .name = "unlink", .kind = remove, .path = 0},
    {.number = SYS_rmdir, .name = "rmdir", .kind = remove, .path = 0},
    {.number = SYS_chmod, .name = "chmod", .kind = attribute, .path = 0},
    {.number = SYS_chown, .name = "chown", .kind = attribute, .path = 0},
    {.number = SYS_lchown, .name = "lchown", .kind = attribute, .path = 0},
    {.number = SYS_utimes, .name = "utimes", .kind = attribute, .path = 0},
    {.number = SYS_futimesat, .name = "futimesat", .kind = attribute, .fd = 0, .path = 1},
#endif
};

constexpr long kOpens[] = {
    SYS_openat,
    SYS_openat2,
#ifdef __x86_64__
    SYS_open,
#endif
};

std::string link_target(pid_t thread, const std::string& name) {
  std::error_code ignored;  // gone or not ours: no path
  return std::filesystem::read_symlink("/proc/" + std::to_string(thread) + "/" + name, ignored).string();
}

std::string path_of_fd(pid_t thread, std::uint64_t argument) {
  const int fd = static_cast<int>(argument);
  return link_target(thread, fd == AT_FDCWD ? "cwd" : "fd/" + std::to_string(fd));
}

std::string text_at(pid_t thread, std::uint64_t address) {
  std::string text;
  while (address != 0 && text.size() < 8192) {
    char piece[256];
    // Never across a page: the next one need not be mapped.
    const std::size_t wanted = std::min(sizeof piece, std::size_t{4096} - address % 4096);
    const iovec here{.iov_base = piece, .iov_len = wanted};
    const iovec there{.iov_base = reinterpret_cast<void*>(address), .iov_len = wanted};
    const ssize_t got = ::process_vm_readv(thread, &here, 1, &there, 1, 0);
    if (got <= 0) break;
    char* const end = std::find(piece, piece + got, '\0');
    text.append(piece, end);
    if (end != piece + got) break;
    address += static_cast<std::uint64_t>(got);
  }
  return text;
}

}  // namespace

std::span<const SyscallRow> syscall_rows() {
  return kRows;
}

const SyscallRow* find_syscall(long number) {
  const auto* row = std::ranges::find(kRows, number, &SyscallRow::number);
  return row == std::end(kRows) ? nullptr : row;
}

std::span<const long> open_numbers() {
  return kOpens;
}

std::string opened_path(const PendingSyscall& call) {
  if (std::ranges::find(kOpens, call.number) == std::end(kOpens)) return "";
  const bool has_folder = call.number == SYS_openat || call.number == SYS_openat2;
  return text_at(call.thread, call.arguments[has_folder ? 1 : 0]);
}

std::string path_of(const PendingSyscall& call, const SyscallRow& row) {
  const auto argument = [&](int index) { return call.arguments[static_cast<std::size_t>(index)]; };
  std::filesystem::path path;
  if (row.path >= 0) path = text_at(call.thread, argument(row.path));
  if (path.is_absolute()) return path.lexically_normal().string();
  const std::string folder = row.fd >= 0     ? path_of_fd(call.thread, argument(row.fd))
                             : row.path >= 0 ? link_target(call.thread, "cwd")
                                             : "";
  if (!folder.starts_with('/')) return "";
  return path.empty() ? folder : (folder / path).lexically_normal().string();
}

#ifdef __x86_64__
void skip_syscall(pid_t thread, std::int64_t result) {
  user_regs_struct registers{};
  ::ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
  registers.orig_rax = ~0ULL;
  registers.rax = static_cast<unsigned long long>(result);
  ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
}

void set_argument(pid_t thread, int index, std::uint64_t value) {
  user_regs_struct registers{};
  ::ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
  unsigned long long* const places[] = {&registers.rdi, &registers.rsi, &registers.rdx,
                                        &registers.r10, &registers.r8,  &registers.r9};
  *places[index] = value;
  ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
}
#else
namespace {

// Reads the general registers, lets `change` change them and writes them back.
template <class Change>
void with_registers(pid_t thread, Change change) {
  user_regs_struct registers{};
  iovec place{.iov_base = &registers, .iov_len = sizeof registers};
  ::ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &place);
  change(registers);
  ::ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &place);
}

}  // namespace

void skip_syscall(pid_t thread, std::int64_t result) {
  int none = -1;
  iovec number{.iov_base = &none, .iov_len = sizeof none};
  ::ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &number);
  with_registers(thread, [&](user_regs_struct& r) { r.regs[0] = static_cast<std::uint64_t>(result); });
}

void set_argument(pid_t thread, int index, std::uint64_t value) {
  with_registers(thread, [&](user_regs_struct& r) { r.regs[index] = value; });
}
#endif

}  // namespace lilux::test

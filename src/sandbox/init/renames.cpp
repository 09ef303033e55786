#include "sandbox/init/renames.h"

#include <cerrno>

#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <linux/stat.h>

#include "sandbox/init/calls.h"

namespace lilux::sandbox {

namespace {

constexpr unsigned kWaitKillable = 1U << 5;  // since Linux 5.19: only its end ends the waiting of who asks
constexpr int kPathMax = 4096;
constexpr int kListBytes = 4096;
constexpr int kDepthMax = 200;
constexpr int kPassesMax = 1000;
constexpr unsigned kTypeBits = 0170000;
constexpr unsigned kFolderType = 0040000;
constexpr unsigned kModeBits = 07777;
constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct Notice {
  seccomp_notif asked;
  char room[256];  // of a system that says more
};

// One end of a rename. Paths are kept outside of the stack, which is for folders in folders.
struct End {
  int folder;  // AT_FDCWD: none was opened
  char path[kPathMax];
};
End from_end;
End to_end;

struct Entry {  // as getdents64(2) gives it
  unsigned long inode;
  long next;
  unsigned short size;
  unsigned char type;
  char name[1];
};

class Folder {
 public:
  explicit Folder(long fd) : fd_(static_cast<int>(fd)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (fd_ >= 0) call(__NR_close, fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool look(int folder, const char* path, struct statx& found) {
  constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_MNT_ID;
  const long result = call(__NR_statx, folder, address(path), AT_SYMLINK_NOFOLLOW, kWanted, address(&found));
  return result == 0 && (found.stx_mask & STATX_MNT_ID) != 0;
}

bool is_folder(const struct statx& found) {
  return (found.stx_mode & kTypeBits) == kFolderType;
}

bool is_dots(const char* name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

long move(int from, const char* name, int to, const char* new_name, int depth);

// All that lies in one folder to another, until nothing is found there.
long move_all(int from, int to, int depth) {
  alignas(Entry) char list[kListBytes];
  for (int pass = 0; pass < kPassesMax; ++pass) {
    bool is_empty = true;
    call(__NR_lseek, from, 0, SEEK_SET);
    for (;;) {
      const long size = call(__NR_getdents64, from, address(list), kListBytes);
      if (size < 0) return size;
      if (size == 0) break;
      for (long at = 0; at < size; at += reinterpret_cast<const Entry*>(list + at)->size) {
        const char* const name = reinterpret_cast<const Entry*>(list + at)->name;
        if (is_dots(name)) continue;
        const long result = move(from, name, to, name, depth);
        if (result == -ENOENT) continue;  // it has gone, or was never seen
        if (result < 0) return result;
        is_empty = false;
      }
    }
    if (is_empty) return 0;
  }
  return -EBUSY;
}

void keep_properties(int folder, const struct statx& was) {
  const long times[4] = {was.stx_atime.tv_sec, was.stx_atime.tv_nsec, was.stx_mtime.tv_sec, was.stx_mtime.tv_nsec};
  call(__NR_fchown, folder, -1, static_cast<int>(was.stx_gid));  // where it may
  call(__NR_fchmod, folder, was.stx_mode & kModeBits);
  call(__NR_utimensat, folder, 0, address(times), 0);
}

// When a part cannot be moved, what was is moved back.
long move_parts(int from, const char* name, int to, const char* new_name, int depth) {
  struct statx was;
  if (depth > kDepthMax || !look(from, name, was) || !is_folder(was)) return -EXDEV;
  const Folder old(call(__NR_openat, from, address(name), kOpenFolder));
  if (old.fd() < 0) return -EXDEV;
  if (const long made = call(__NR_mkdirat, to, address(new_name), 0700); made < 0) return made;
  const Folder fresh(call(__NR_openat, to, address(new_name), kOpenFolder));
  long result = fresh.fd() < 0 ? fresh.fd() : move_all(old.fd(), fresh.fd(), depth + 1);
  if (result == 0) {
    keep_properties(fresh.fd(), was);
    result = call(__NR_unlinkat, from, address(name), AT_REMOVEDIR);
  }
  if (result == 0) return 0;
  if (fresh.fd() >= 0) move_all(fresh.fd(), old.fd(), depth + 1);
  keep_properties(old.fd(), was);
  call(__NR_unlinkat, to, address(new_name), AT_REMOVEDIR);
  return result;
}

long move(int from, const char* name, int to, const char* new_name, int depth) {
  const long result = call(__NR_renameat2, from, address(name), to, address(new_name), 0);
  return result == -EXDEV ? move_parts(from, name, to, new_name, depth) : result;
}

// "/proc/12/", and what follows.
void name_own(char* into, unsigned thread, const char* what, int number) {
  const auto put = [&](const char* text) {
    while (*text != 0) *into++ = *text++;
  };
  const auto count = [&](unsigned value) {
    char digits[12];
    int size = 0;
    for (; value != 0 || size == 0; value /= 10) digits[size++] = static_cast<char>('0' + value % 10);
    while (size > 0) *into++ = digits[--size];
  };
  put("/proc/");
  count(thread);
  put(what);
  if (number >= 0) count(static_cast<unsigned>(number));
  *into = 0;
}

// What the asking thread calls so. Its memory and folders may be looked at by who it descends from.
bool take_end(End& end, unsigned thread, int folder, unsigned long path) {
  char name[64];
  name_own(name, thread, "/mem", -1);
  const Folder memory(call(__NR_openat, AT_FDCWD, address(name), O_RDONLY | O_CLOEXEC));
  const long size = call(__NR_pread64, memory.fd(), address(end.path), kPathMax, static_cast<long>(path));
  long length = 0;
  while (length < size && end.path[length] != 0) ++length;
  if (size <= 0 || length == size || length == 0) return false;
  constexpr const char* kOfProcesses = "/proc/";  // what is the asking one's own there is not ours
  int same = 0;
  while (kOfProcesses[same] != 0 && kOfProcesses[same] == end.path[same]) ++same;
  if (kOfProcesses[same] == 0) return false;
  if (end.path[0] == '/') return true;
  name_own(name, thread, folder == AT_FDCWD ? "/cwd" : "/fd/", folder == AT_FDCWD ? -1 : folder);
  end.folder = static_cast<int>(call(__NR_openat, AT_FDCWD, address(name), O_PATH | O_CLOEXEC));
  return end.folder >= 0;
}

void drop_end(End& end) {
  if (end.folder >= 0) call(__NR_close, end.folder);
}

// Of the folder that holds it.
bool look_above(End& end, struct statx& found) {
  int last = 0;
  while (end.path[last] != 0) ++last;
  while (last > 0 && end.path[last - 1] == '/') --last;
  while (last > 0 && end.path[last - 1] != '/') --last;
  const char kept = end.path[last];
  end.path[last] = 0;
  const bool is_found = look(end.folder, last == 0 ? "." : end.path, found);
  end.path[last] = kept;
  return is_found;
}

constexpr long kGoOn = 1;  // as if nobody had been asked

long rename_folder(unsigned flags) {
  struct statx folder;
  struct statx above;
  if (!look(from_end.folder, from_end.path, folder) || !is_folder(folder)) return kGoOn;
  const long result =
      call(__NR_renameat2, from_end.folder, address(from_end.path), to_end.folder, address(to_end.path), flags);
  if (result != -EXDEV) return result;
  if (!look_above(to_end, above) || above.stx_mnt_id != folder.stx_mnt_id) return -EXDEV;  // another disk indeed
  if (flags == 0) {                                                                        // an empty folder makes room
    const long removed = call(__NR_unlinkat, to_end.folder, address(to_end.path), AT_REMOVEDIR);
    if (removed < 0 && removed != -ENOENT) return removed;
  }
  return move_parts(from_end.folder, from_end.path, to_end.folder, to_end.path, 0);
}

long answer_of(int listener, const seccomp_notif& asked) {
  const auto& args = asked.data.args;
  const bool is_plain = asked.data.nr != __NR_renameat2
#ifdef __NR_renameat
                        && asked.data.nr != __NR_renameat
#endif
      ;
  const unsigned flags = asked.data.nr == __NR_renameat2 ? static_cast<unsigned>(args[4]) : 0;
  if ((flags & ~static_cast<unsigned>(RENAME_NOREPLACE)) != 0) return kGoOn;
  const int from = is_plain ? AT_FDCWD : static_cast<int>(args[0]);
  const int to = is_plain ? AT_FDCWD : static_cast<int>(args[2]);
  long result = kGoOn;
  from_end.folder = to_end.folder = AT_FDCWD;
  if (take_end(from_end, asked.pid, from, args[is_plain ? 0 : 1]) &&
      take_end(to_end, asked.pid, to, args[is_plain ? 1 : 3]) &&
      call(__NR_ioctl, listener, static_cast<long>(SECCOMP_IOCTL_NOTIF_ID_VALID), address(&asked.id)) == 0)
    result = rename_folder(flags);
  drop_end(from_end);
  drop_end(to_end);
  return result;
}

}  // namespace

int tell_of_renames() {
#if defined(__x86_64__)
  constexpr unsigned kMachine = AUDIT_ARCH_X86_64;
#else
  constexpr unsigned kMachine = AUDIT_ARCH_AARCH64;
#endif
  const sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, __builtin_offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),  // there is another filter for it
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, __builtin_offsetof(seccomp_data, nr)),
#ifdef __NR_rename
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_rename, 3, 0),
#endif
#ifdef __NR_renameat
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat, 2, 0),
#endif
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat2, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
  };
  const sock_fprog program{.len = sizeof code / sizeof *code, .filter = const_cast<sock_filter*>(code)};
  return static_cast<int>(
      call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | kWaitKillable, address(&program)));
}

void answer_rename(int listener) {
  static Notice notice;
  volatile char* const bytes = reinterpret_cast<volatile char*>(&notice);
  for (unsigned long i = 0; i < sizeof notice; ++i) bytes[i] = 0;
  if (call(__NR_ioctl, listener, static_cast<long>(SECCOMP_IOCTL_NOTIF_RECV), address(&notice)) != 0) return;
  const long result = answer_of(listener, notice.asked);
  seccomp_notif_resp answer{.id = notice.asked.id, .val = 0, .error = 0, .flags = 0};
  if (result == kGoOn) {
    answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  } else {
    answer.error = static_cast<int>(result);
  }
  call(__NR_ioctl, listener, static_cast<long>(SECCOMP_IOCTL_NOTIF_SEND), address(&answer));  // it may have gone
}

}  // namespace lilux::sandbox

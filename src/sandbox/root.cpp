#include "sandbox/root.h"

#include <algorithm>
#include <tuple>

#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/landlock.h"

#define IN_CHILD __attribute__((no_sanitize("address"), no_sanitize("thread")))

namespace lilux::sandbox {

namespace {

// Covered by the new root in the child alone. Any folder would do; a project does not often lie in this one.
constexpr const char* kBase = "/etc";

IN_CHILD bool hold(const char* folder, const char* below, int number) {
  const int outer = ::open(folder, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
  const int fd = outer < 0 ? -1 : ::openat(outer, below, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
  return fd >= 0 && ::dup3(fd, number, O_CLOEXEC) == number;
}

IN_CHILD bool is_same(int fd, const Bind& bind) {
  struct stat found{};
  return ::fstatat(fd, "", &found, AT_EMPTY_PATH) == 0 && found.st_dev == bind.device && found.st_ino == bind.inode;
}

// The layers of an overlay, held before anything is covered.
IN_CHILD bool take_layers(const Bind& bind) {
  const int* held = bind.held.data();
  return hold(bind.source.c_str(), ".", held[0]) && is_same(held[0], bind) &&
         hold(bind.changes.c_str(), "upper", held[1]) && hold(bind.changes.c_str(), "work", held[2]);
}

IN_CHILD bool write_own(const char* file, const char* text, std::size_t size) {
  const int fd = ::open(file, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool is_written = ::write(fd, text, size) == static_cast<ssize_t>(size);
  ::close(fd);
  return is_written;
}

// A copy of the mount, of that very file, with no more rights than it is to have.
IN_CHILD int take(const Bind& bind) {
  const long mount = ::syscall(SYS_open_tree, AT_FDCWD, bind.source.c_str(),
                               OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
  if (mount < 0) return -1;
  const int fd = static_cast<int>(mount);
  if (!is_same(fd, bind)) return -1;
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  attributes.attr_set = MOUNT_ATTR_NOSUID | (bind.is_device ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_NODEV) |
                        (bind.is_writable || bind.is_device ? 0 : MOUNT_ATTR_RDONLY);
  const long result =
      ::syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes);
  return result == 0 ? fd : -1;
}

// A network of nothing but itself.
IN_CHILD bool raise_loopback() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  const bool is_up = ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return is_up;
}

// Its own processes and what the machine is, to read only. Where a part of the outer one is covered there are only the
// processes.
IN_CHILD bool mount_proc() {
  constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
  return ::mount("proc", "proc", "proc", kFlags, nullptr) == 0 ||
         ::mount("proc", "proc", "proc", kFlags, "subset=pid") == 0;
}

// Those that lie in an outer bind are hidden by it again; a place that is missing shows when it is used.
IN_CHILD void make_places(const RootPlan& plan) {
  for (const std::string& folder : plan.folders) std::ignore = ::mkdir(folder.c_str(), 0755);
  for (const auto& [name, target] : plan.links) std::ignore = ::symlink(target.c_str(), name.c_str());
}

// What lies in an outer bind is there already; elsewhere an empty file is put for the bind to cover.
IN_CHILD bool put(const Bind& bind, int mount) {
  if (!bind.layers.empty())
    return ::mount("overlay", bind.target.c_str(), "overlay", MS_NOSUID | MS_NODEV, bind.layers.c_str()) == 0;
  if (!bind.is_folder) {
    const int place = ::open(bind.target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (place >= 0) ::close(place);
  }
  return ::syscall(SYS_move_mount, mount, "", AT_FDCWD, bind.target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

IN_CHILD bool allow(int ruleset, const char* path, std::uint64_t rights) {
  sys::PathBeneath rule{.rights = rights, .parent = ::open(path, O_PATH | O_CLOEXEC)};
  if (rule.parent < 0) return false;
  const bool is_added = ::syscall(SYS_landlock_add_rule, ruleset, sys::kPathBeneath, &rule, 0) == 0;
  ::close(rule.parent);
  return is_added;
}

// Takes hold of all that is to be bound, before anything is covered; null when done, else what failed.
IN_CHILD const char* take_all(const RootPlan& plan) {
  for (std::size_t i = 0; i < plan.binds.size(); ++i) {
    const Bind& bind = plan.binds.data()[i];
    if (!bind.layers.empty()) {
      if (!take_layers(bind)) return bind.source.c_str();
      continue;
    }
    plan.mounts.data()[i] = take(bind);
    if (plan.mounts.data()[i] < 0) return bind.source.c_str();
  }
  return nullptr;
}

IN_CHILD const char* put_all(const RootPlan& plan) {
  for (std::size_t i = 0; i < plan.binds.size(); ++i) {
    if (!put(plan.binds.data()[i], plan.mounts.data()[i])) return plan.binds.data()[i].source.c_str();
    if (plan.mounts.data()[i] >= 0) ::close(plan.mounts.data()[i]);
  }
  return nullptr;
}

// An empty root with a /tmp, a process table and terminals, where the system gives them. Trees that lie in /tmp are
// bound into the new one.
IN_CHILD const char* make_base(const RootPlan& plan) {
  if (::mount("tmpfs", kBase, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0) return "make an empty root";
  if (::chdir(kBase) != 0) return "enter the empty root";
  if (::mkdir("tmp", 0755) != 0 || ::mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, plan.options.c_str()) != 0)
    return "make a place for temporary files";
  make_places(plan);
  if (const char* failed = put_all(plan)) return failed;
  if (!mount_proc()) return "make a process table";
  std::ignore = ::mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0600");
  return nullptr;
}

}  // namespace

bool has_overlay(const RootPlan& plan) {
  return std::ranges::any_of(plan.binds, [](const Bind& bind) { return !bind.changes.empty(); });
}

void add_bind(RootPlan& plan, Bind bind) {
  for (std::size_t at = bind.target.find('/'); at != std::string::npos; at = bind.target.find('/', at + 1)) {
    std::string above = bind.target.substr(0, at);
    if (std::ranges::find(plan.folders, above) == plan.folders.end()) plan.folders.push_back(std::move(above));
  }
  if (bind.is_folder && std::ranges::find(plan.folders, bind.target) == plan.folders.end())
    plan.folders.push_back(bind.target);
  if (!bind.changes.empty()) {
    const auto layer = [&](std::size_t number) { return "/proc/self/fd/" + std::to_string(bind.held[number]); };
    bind.layers = "lowerdir=" + layer(0) + ",upperdir=" + layer(1) + ",workdir=" + layer(2) + ",userxattr";
  }
  plan.binds.push_back(std::move(bind));
  plan.mounts.push_back(-1);
}

IN_CHILD const char* begin_root(const RootPlan& plan) {
  if (!write_own("/proc/self/setgroups", "deny", 4)) return "deny groups";
  if (!write_own("/proc/self/uid_map", plan.user_map.data(), plan.user_map.size())) return "map the user";
  if (!write_own("/proc/self/gid_map", plan.group_map.data(), plan.group_map.size())) return "map the group";
  if (!raise_loopback()) return "make a network";
  // Nothing goes out; what is mounted outside is there for what is taken later.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return "part from outer mounts";
  const char* failed = take_all(plan);
  return failed != nullptr ? failed : make_base(plan);
}

IN_CHILD const char* enter_root(const void* argument) {
  const RootPlan& plan = *static_cast<const RootPlan*>(argument);
  const char* failed = nullptr;
  if (plan.is_begun) {
    failed = take_all(plan);
    make_places(plan);
    if (failed == nullptr) failed = put_all(plan);
  } else {
    failed = begin_root(plan);
  }
  if (failed != nullptr) return failed;
  // Of our own process table where the system knows that; there is a limit of the user's beside it.
  std::ignore = write_own("/proc/sys/kernel/pid_max", plan.processes.data(), plan.processes.size());
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return "change the root";
  if (::umount2(".", MNT_DETACH) != 0) return "leave the old root";
  if (::chdir("/") != 0) return "enter the new root";
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (::syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attributes, sizeof attributes) != 0) return "close the new root";
  if (plan.ruleset_fd < 0) return nullptr;
  for (const Bind& bind : plan.binds) {  // an overlay's files are its own
    if (!bind.layers.empty() && !allow(plan.ruleset_fd, bind.target.c_str(), plan.rights)) return bind.source.c_str();
  }
  constexpr std::uint64_t kTerminal = sys::kReadFile | sys::kWriteFile | sys::kReadFolder | sys::kDeviceControl;
  if (allow(plan.ruleset_fd, "/", sys::kReadFolder) && allow(plan.ruleset_fd, "/tmp", plan.rights) &&
      allow(plan.ruleset_fd, "/dev/pts", kTerminal & plan.rights) &&
      allow(plan.ruleset_fd, "/proc", sys::kReadFile | sys::kReadFolder | sys::kExecute))
    return nullptr;
  return "allow the new root";
}

}  // namespace lilux::sandbox

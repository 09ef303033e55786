#include "sys/file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/retry.h"
#include "sys/temporary.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

FileType type_of_mode(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return FileType::regular;
    case S_IFDIR: return FileType::directory;
    case S_IFLNK: return FileType::symlink;
    case S_IFIFO: return FileType::fifo;
    case S_IFSOCK: return FileType::socket;
    case S_IFBLK: return FileType::block_device;
    case S_IFCHR: return FileType::character_device;
    default: return FileType::unknown;
  }
}

FileType type_of_entry(unsigned char type) {
  return type == DT_UNKNOWN ? FileType::unknown : type_of_mode(static_cast<mode_t>(type) << 12);
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Checks what stands at a private path that was there already, through one descriptor so that it cannot be swapped.
Result<void> adopt_private_directory(const std::string& path) {
  auto fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd) {
    const bool is_other = TRY(lstat(path)).type != FileType::directory;
    if (!is_other) return std::unexpected(std::move(fd).error());
    return base::fail(ErrorCode::conflict, quoted(path) + " is not a folder", "move it away: ls -ld " + path);
  }
  const Stat status = TRY(stat(*fd, path));
  if (status.uid != ::geteuid()) {
    return base::fail(ErrorCode::denied,
                      quoted(path) + " belongs to user " + std::to_string(status.uid) + ", not to us",
                      "ls -ld " + path);
  }
  if ((status.mode & 077) != 0 && ::fchmod(fd->get(), 0700) != 0) return fail_errno(errno, "protect", path);
  return {};
}

}  // namespace

Stat stat_from(const struct ::stat& raw) {
  return Stat{.type = type_of_mode(raw.st_mode),
              .mode = raw.st_mode & 07777U,
              .uid = raw.st_uid,
              .gid = raw.st_gid,
              .size = static_cast<std::uint64_t>(raw.st_size),
              .links = raw.st_nlink,
              .inode = raw.st_ino,
              .device = raw.st_dev,
              .accessed_ns = nanoseconds(raw.st_atim),
              .modified_ns = nanoseconds(raw.st_mtim),
              .changed_ns = nanoseconds(raw.st_ctim)};
}

std::string_view type_name(FileType type) {
  switch (type) {
    case FileType::regular: return "file";
    case FileType::directory: return "directory";
    case FileType::symlink: return "symlink";
    case FileType::fifo: return "fifo";
    case FileType::socket: return "socket";
    case FileType::block_device: return "block_device";
    case FileType::character_device: return "character_device";
    case FileType::unknown: return "unknown";
  }
  std::unreachable();
}

Result<Fd> open(const std::string& path, int flags, std::uint32_t mode) {
  TRY(check_path(path));
  const int fd = retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode); });
  if (fd < 0) return fail_errno(errno, (flags & O_CREAT) != 0 ? "create" : "open", path);
  return Fd(fd);
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Fd fd = TRY(open(path, O_RDONLY | O_NONBLOCK));  // a pipe would be waited for
  const FileType type = TRY(stat(fd, path)).type;
  if (type == FileType::regular || type == FileType::character_device || type == FileType::directory)
    return read_all(fd.get(), bytes_max, path);
  return base::fail(ErrorCode::invalid_argument,
                    "cannot read " + quoted(path) + ": it is no regular file but a " + std::string(type_name(type)),
                    "name a regular file");
}

Result<void> write_file_atomic(const std::string& path, std::string_view bytes, std::uint32_t mode) {
  TRY(check_path(path));
  const Fd directory = TRY(open(parent_of(path), O_RDONLY | O_DIRECTORY));
  Temporary temporary = TRY(Temporary::create(directory, parent_of(path)));
  TRY(write_all(temporary.fd(), bytes, path));
  TRY(temporary.set_mode(mode));
  TRY(temporary.sync());
  TRY(temporary.move_to(name_of(path), Replace::yes));
  return sync_all(directory.get(), parent_of(path));
}

Result<Stat> stat(const std::string& path) {
  TRY(check_path(path));
  struct ::stat raw{};
  if (::stat(path.c_str(), &raw) != 0) return fail_errno(errno, "look at", path);
  return stat_from(raw);
}

Result<Stat> lstat(const std::string& path) {
  TRY(check_path(path));
  struct ::stat raw{};
  if (::lstat(path.c_str(), &raw) != 0) return fail_errno(errno, "look at", path);
  return stat_from(raw);
}

Result<Stat> stat(const Fd& fd, std::string_view name) {
  struct ::stat raw{};
  if (::fstat(fd.get(), &raw) != 0) return fail_errno(errno, "look at", name);
  return stat_from(raw);
}

Result<std::optional<Stat>> stat_if_there(const std::string& path) {
  auto found = stat(path);
  if (found) return *found;
  if (found.error().code == ErrorCode::not_found) return std::nullopt;
  return std::unexpected(std::move(found).error());
}

bool exists(const std::string& path) {
  return stat(path).has_value();
}

Result<std::vector<Entry>> list_directory(const std::string& path, std::size_t entries_max) {
  const Fd fd = TRY(open(path, O_RDONLY | O_DIRECTORY));
  return list_directory(fd, path, entries_max);
}

Result<std::vector<Entry>> list_directory(const Fd& directory, std::string_view name, std::size_t entries_max,
                                          const WantsEntry& wants) {
  // A descriptor of its own: the place in the listing belongs to the open file, not to the descriptor.
  const int own = retry([&] { return ::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (own < 0) return fail_errno(errno, "list", name);
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(own));
  if (!stream) {
    const int error_number = errno;
    ::close(own);
    return fail_errno(error_number, "list", name);
  }
  std::vector<Entry> entries;
  std::size_t seen = 0;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view found = entry->d_name;
    if (found == "." || found == "..") continue;
    if (seen++ == entries_max) {
      return base::fail(ErrorCode::over_budget,
                        quoted(name) + " holds more than " + std::to_string(entries_max) + " entries");
    }
    const FileType type = type_of_entry(entry->d_type);
    if (!wants || wants(found, type)) entries.push_back({.name = std::string(found), .type = type});
  }
  if (errno != 0) return fail_errno(errno, "list", name);
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

Result<void> make_directories(const std::string& path, std::uint32_t mode) {
  TRY(check_path(path));
  if (::mkdir(path.c_str(), mode) == 0) return {};
  if (errno == ENOENT && parent_of(path) != path) {
    TRY(make_directories(parent_of(path), mode));
    if (::mkdir(path.c_str(), mode) == 0) return {};
  }
  const int error_number = errno;
  if (struct ::stat raw{}; ::stat(path.c_str(), &raw) == 0 && S_ISDIR(raw.st_mode)) return {};
  return fail_errno(error_number, "make folder", path);
}

Result<void> make_private_directory(const std::string& path) {
  TRY(check_path(path));
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) {  // the folders above it come first
    TRY(make_directories(parent_of(path), 0700));
    if (::mkdir(path.c_str(), 0700) == 0) return {};
  }
  if (errno != EEXIST) return fail_errno(errno, "make folder", path);
  return adopt_private_directory(path);
}

Result<std::string> make_temporary_directory(const std::string& parent, std::string_view prefix) {
  std::string path = parent + "/" + std::string(prefix) + "XXXXXX";
  TRY(check_path(path));
  if (::mkdtemp(path.data()) == nullptr) return fail_errno(errno, "make a folder in", parent);
  return path;
}

Result<void> remove_file(const std::string& path) {
  TRY(check_path(path));
  if (::unlink(path.c_str()) != 0) return fail_errno(errno, "remove", path);
  return {};
}

Result<void> remove_directory(const std::string& path) {
  TRY(check_path(path));
  if (::rmdir(path.c_str()) != 0) return fail_errno(errno, "remove folder", path);
  return {};
}

Result<void> sync_directory(const std::string& path) {
  const Fd fd = TRY(open(path, O_RDONLY | O_DIRECTORY));
  return sync_all(fd.get(), path);
}

Result<void> set_times(const std::string& path, Times times) {
  TRY(check_path(path));
  const std::array<timespec, 2> both{timespec_from(times.accessed_ns), timespec_from(times.modified_ns)};
  if (::utimensat(AT_FDCWD, path.c_str(), both.data(), 0) != 0) return fail_errno(errno, "set the times of", path);
  return {};
}

Result<void> sync_filesystem(const std::string& path) {
  return sync_filesystem(TRY(open(path, O_RDONLY)), path);
}

Result<void> sync_filesystem(const Fd& fd, const std::string& path) {
  if (::syncfs(fd.get()) != 0) return fail_errno(errno, "write to the disk of", path);
  return {};
}

Result<DiskSpace> disk_space(const std::string& path) {
  TRY(check_path(path));
  struct ::statvfs raw{};
  if (retry([&] { return ::statvfs(path.c_str(), &raw); }) != 0) return fail_errno(errno, "look at the disk of", path);
  return DiskSpace{.total_bytes = raw.f_blocks * raw.f_frsize,
                   .free_bytes = raw.f_bfree * raw.f_frsize,
                   .available_bytes = raw.f_bavail * raw.f_frsize,
                   .is_read_only = (raw.f_flag & ST_RDONLY) != 0};
}

std::string parent_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path.empty() ? "." : "/";
  const std::size_t slash = path.rfind('/', end);
  if (slash == std::string::npos) return ".";
  const std::size_t last = path.find_last_not_of('/', slash);
  return last == std::string::npos ? "/" : path.substr(0, last + 1);
}

std::string name_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path.empty() ? "." : "/";
  const std::size_t slash = path.rfind('/', end);
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(begin, end + 1 - begin);
}

}  // namespace lilux::sys

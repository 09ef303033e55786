#include "sys/temporary.h"

#include <cerrno>
#include <tuple>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/random.h"
#include "sys/error.h"
#include "sys/io.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::Result;

namespace {

constexpr std::string_view kPrefix = ".lilux-tmp-";

// True when `fd` is now ours alone and still has a name. Another process that found the file before it was locked may
// have taken it for abandoned.
bool claim(int fd) {
  if (::syscall(SYS_flock, fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  struct ::stat raw{};
  return ::fstat(fd, &raw) == 0 && raw.st_nlink > 0;
}

}  // namespace

bool is_temporary_name(std::string_view name) {
  return name.starts_with(kPrefix) && name.size() == kPrefix.size() + 16 &&
         name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string_view::npos;
}

int rename_at(int from_directory, const std::string& from, int to_directory, const std::string& to, Replace replace) {
  if (replace == Replace::yes) return ::renameat(from_directory, from.c_str(), to_directory, to.c_str());
  const long result =
      ::syscall(SYS_renameat2, from_directory, from.c_str(), to_directory, to.c_str(), RENAME_NOREPLACE);
  if (result == 0 || (errno != EINVAL && errno != ENOSYS)) return static_cast<int>(result);
  struct ::stat raw{};
  if (::fstatat(to_directory, to.c_str(), &raw, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return -1;
  }
  return ::renameat(from_directory, from.c_str(), to_directory, to.c_str());
}

timespec timespec_from(std::int64_t nanoseconds) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t rest = (nanoseconds % second + second) % second;  // before 1970 too
  return {.tv_sec = (nanoseconds - rest) / second, .tv_nsec = rest};
}

Temporary::Temporary(int directory, std::string directory_path, std::string name, Fd fd)
    : directory_(directory), directory_path_(std::move(directory_path)), name_(std::move(name)), fd_(std::move(fd)) {}

Temporary::Temporary(Temporary&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)),
      directory_path_(std::move(other.directory_path_)),
      name_(std::move(other.name_)),
      fd_(std::move(other.fd_)) {}

Temporary::~Temporary() {
  if (directory_ >= 0) ::unlinkat(directory_, name_.c_str(), 0);
}

Result<Temporary> Temporary::create(const Fd& directory, std::string directory_path) {
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string name = std::string(kPrefix) + base::to_hex(base::random_bytes(8));
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const int fd = retry([&] { return ::openat(directory.get(), name.c_str(), flags, 0600); });
    if (fd < 0 && errno != EEXIST) break;
    if (fd < 0) continue;
    Fd file(fd);
    if (claim(fd)) return Temporary(directory.get(), std::move(directory_path), std::move(name), std::move(file));
  }
  return fail_errno(errno, "create a file in", directory_path);
}

Result<void> remove_abandoned(const std::string& directory) {
  for (const Entry& entry : TRY(list_directory(directory))) {
    if (!is_temporary_name(entry.name)) continue;
    const std::string path = directory + "/" + entry.name;
    const auto file = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    // Its maker holds a lock on it as long as it lives.
    if (!file || ::syscall(SYS_flock, file->get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::ignore = remove_file(path);  // somebody else who sweeps may have been faster
  }
  return {};
}

Result<void> Temporary::set_mode(std::uint32_t mode) {
  if (::fchmod(fd_.get(), mode) != 0) return fail_errno(errno, "set the mode of a file in", directory_path_);
  return {};
}

Result<void> Temporary::sync() {
  return sync_all(fd_.get(), directory_path_ + "/" + name_);
}

Result<void> Temporary::move_to(const std::string& name, Replace replace) {
  if (rename_at(directory_, name_, directory_, name, replace) != 0) {
    return fail_errno(errno, "write", directory_path_ + "/" + name);
  }
  directory_ = -1;
  return {};
}

Result<bool> Temporary::swap_with(const std::string& name) {
  const long result = ::syscall(SYS_renameat2, directory_, name_.c_str(), directory_, name.c_str(), RENAME_EXCHANGE);
  if (result == 0) return true;
  if (errno == EINVAL || errno == ENOSYS) return false;
  return fail_errno(errno, "write", directory_path_ + "/" + name);
}

Result<void> Temporary::take(const std::string& name) {
  if (rename_at(directory_, name, directory_, name_, Replace::yes) == 0) return {};
  return fail_errno(errno, "move", directory_path_ + "/" + name);
}

Result<void> Temporary::remove() {
  if (directory_ < 0) return {};
  if (::unlinkat(directory_, name_.c_str(), 0) != 0) return fail_errno(errno, "remove", directory_path_ + "/" + name_);
  directory_ = -1;
  return {};
}

}  // namespace lilux::sys

#include "sys/io.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/retry.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kChunk = std::size_t{128} << 10;
constexpr std::size_t kChunkUnknown = 4096;  // the first one of what does not say how large it is

std::unexpected<base::Error> too_large(std::string_view name, std::uint64_t bytes_max) {
  return base::fail(ErrorCode::over_budget,
                    quoted(name) + " is larger than the limit of " + std::to_string(bytes_max) + " bytes");
}

// A first guess at what is left to read; files of /proc say 0 and have content all the same.
std::size_t remaining_size(int fd) {
  struct ::stat status{};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  const off_t offset = ::lseek(fd, 0, SEEK_CUR);
  return offset < 0 || offset > status.st_size ? 0 : static_cast<std::size_t>(status.st_size - offset);
}

// True when the whole of `from` was shared with the empty file `to`, both standing at their beginning.
bool clone_whole(int from, int to) {
  struct ::stat target{};
  if (::lseek(from, 0, SEEK_CUR) != 0 || ::lseek(to, 0, SEEK_CUR) != 0) return false;
  if (::fstat(to, &target) != 0 || target.st_size != 0) return false;
  if (::ioctl(to, FICLONE, from) != 0) return false;
  return ::lseek(from, 0, SEEK_END) >= 0 && ::lseek(to, 0, SEEK_END) >= 0;
}

bool cannot_copy_in_kernel(int error_number) {
  return error_number == EXDEV || error_number == EINVAL || error_number == ENOSYS || error_number == EOPNOTSUPP ||
         error_number == EBADF || error_number == EPERM || error_number == ETXTBSY;
}

// Copies in the kernel until the end of `from`; nullopt when this kernel or filesystem will not.
Result<std::optional<std::uint64_t>> copy_in_kernel(int from, int to, std::uint64_t bytes_max, std::string_view name) {
  std::uint64_t copied = 0;
  while (copied <= bytes_max) {
    const ssize_t count = retry([&] { return ::copy_file_range(from, nullptr, to, nullptr, kChunk * 64, 0); });
    if (count < 0 && copied == 0 && cannot_copy_in_kernel(errno)) return std::nullopt;
    if (count < 0) return fail_errno(errno, "copy", name);
    if (count == 0) return copied == 0 ? std::nullopt : std::optional(copied);  // /proc files give 0 here: read them
    copied += static_cast<std::uint64_t>(count);
  }
  return too_large(name, bytes_max);
}

Result<std::uint64_t> copy_through_memory(int from, int to, std::uint64_t bytes_max, std::string_view name) {
  std::array<char, kChunk> buffer;
  std::uint64_t copied = 0;
  while (true) {
    const ssize_t count = retry([&] { return ::read(from, buffer.data(), buffer.size()); });
    if (count < 0) return fail_errno(errno, "read", name);
    if (count == 0) return copied;
    copied += static_cast<std::uint64_t>(count);
    if (copied > bytes_max) return too_large(name, bytes_max);
    TRY(write_all(to, {buffer.data(), static_cast<std::size_t>(count)}, name));
  }
}

}  // namespace

Result<std::string> read_all(int fd, std::size_t bytes_max, std::string_view name) {
  const std::size_t expected = remaining_size(fd);
  if (expected > bytes_max) return too_large(name, bytes_max);
  std::string bytes;
  std::size_t size = 0;
  // One more, so that the end shows without growing.
  std::size_t room = std::min(expected > 0 ? expected : kChunkUnknown, bytes_max) + 1;
  while (true) {
    ssize_t count = 0;
    bytes.resize_and_overwrite(size + room, [&](char* data, std::size_t) {
      count = retry([&] { return ::read(fd, data + size, room); });
      return size + static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    });
    if (count < 0) return fail_errno(errno, "read", name);
    size = bytes.size();
    if (count == 0 || (expected > 0 && size == expected && static_cast<std::size_t>(count) < room)) return bytes;
    if (size > bytes_max) return too_large(name, bytes_max);
    room = std::min(bytes_max - size, std::max(size, std::size_t{4096})) + 1;
  }
}

Result<std::optional<std::size_t>> read_some(int fd, std::span<char> into, std::string_view name) {
  const ssize_t count = retry([&] { return ::read(fd, into.data(), into.size()); });
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN) return std::nullopt;
  return fail_errno(errno, "read", name);
}

Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<char> into, std::string_view name) {
  std::size_t size = 0;
  while (size < into.size()) {
    const ssize_t count =
        retry([&] { return ::pread(fd, into.data() + size, into.size() - size, static_cast<off_t>(offset + size)); });
    if (count < 0) return fail_errno(errno, "read", name);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return size;
}

Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size, std::string_view name) {
  std::string bytes;
  Result<std::size_t> count = std::size_t{0};
  bytes.resize_and_overwrite(size, [&](char* data, std::size_t room) {
    count = read_at(fd, offset, std::span(data, room), name);
    return count.value_or(0);
  });
  TRY(std::move(count));
  return bytes;
}

Result<void> write_all(int fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t count = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (count < 0) return fail_errno(errno, "write", name);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::optional<std::size_t>> write_some(int fd, std::string_view bytes, std::string_view name) {
  const ssize_t count = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN) return std::nullopt;
  return fail_errno(errno, "write", name);
}

Result<void> write_at(int fd, std::uint64_t offset, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t count = retry([&] { return ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (count < 0) return fail_errno(errno, "write", name);
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<void> truncate(int fd, std::uint64_t size, std::string_view name) {
  if (retry([&] { return ::ftruncate(fd, static_cast<off_t>(size)); }) != 0) return fail_errno(errno, "resize", name);
  return {};
}

Result<void> sync_data(int fd, std::string_view name) {
  if (retry([&] { return ::fdatasync(fd); }) != 0) return fail_errno(errno, "sync", name);
  return {};
}

Result<void> sync_all(int fd, std::string_view name) {
  if (retry([&] { return ::fsync(fd); }) != 0) return fail_errno(errno, "sync", name);
  return {};
}

Result<std::uint64_t> seek_to(int fd, std::uint64_t offset, std::string_view name) {
  const off_t now = ::lseek(fd, static_cast<off_t>(offset), SEEK_SET);
  if (now < 0) return fail_errno(errno, "seek in", name);
  return static_cast<std::uint64_t>(now);
}

Result<void> free_before(int fd, std::uint64_t offset, std::string_view name) {
  const auto length = static_cast<off_t>(offset);
  if (retry([&] { return ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, length); }) == 0) return {};
  return fail_errno(errno, "free part of", name);
}

Result<std::uint64_t> file_size(int fd, std::string_view name) {
  struct ::stat status{};
  if (::fstat(fd, &status) != 0) return fail_errno(errno, "look at", name);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::uint64_t> copy_bytes(int from, int to, std::uint64_t bytes_max, std::string_view name) {
  const std::uint64_t expected = remaining_size(from);
  if (expected > bytes_max) return too_large(name, bytes_max);
  if (expected > 0 && clone_whole(from, to)) {
    const std::uint64_t size = TRY(file_size(to, name));  // it may have grown since we looked
    if (size > bytes_max) return too_large(name, bytes_max);
    return size;
  }
  if (const auto copied = TRY(copy_in_kernel(from, to, bytes_max, name))) return *copied;
  return copy_through_memory(from, to, bytes_max, name);
}

void widen_pipe(int fd, std::size_t bytes) {
  const int now = ::fcntl(fd, F_GETPIPE_SZ);
  if (now >= 0 && static_cast<std::size_t>(now) < bytes) ::fcntl(fd, F_SETPIPE_SZ, static_cast<int>(bytes));
}

Result<void> flush_standard_output() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return fail_errno(errno == 0 ? EIO : errno, "write standard output");  // errno of an earlier write is gone
}

}  // namespace lilux::sys

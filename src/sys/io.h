#pragma once

// Reading, writing, sizing and syncing open files. Every function finishes what it starts: short reads and writes and
// interruptions are continued. `name` is what an error calls the file. Any thread; calls block as the file does.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

// Everything from the current offset to the end; `over_budget` when there are more than `bytes_max` bytes.
base::Result<std::string> read_all(int fd, std::size_t bytes_max, std::string_view name = "file");
// One read of what is there now, at most the size of `into`; 0 at the end, nullopt when it would block.
base::Result<std::optional<std::size_t>> read_some(int fd, std::span<char> into, std::string_view name = "file");
// Up to `size` bytes from `offset`, fewer only at the end of the file.
base::Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size, std::string_view name = "file");
base::Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<char> into, std::string_view name = "file");

base::Result<void> write_all(int fd, std::string_view bytes, std::string_view name = "file");
// One write of what fits now; nullopt when it would block.
base::Result<std::optional<std::size_t>> write_some(int fd, std::string_view bytes, std::string_view name = "file");
base::Result<void> write_at(int fd, std::uint64_t offset, std::string_view bytes, std::string_view name = "file");

base::Result<void> truncate(int fd, std::uint64_t size, std::string_view name = "file");
// fdatasync and fsync. After a failure the file's content is unknown: the caller must not retry and go on.
base::Result<void> sync_data(int fd, std::string_view name = "file");
base::Result<void> sync_all(int fd, std::string_view name = "file");

base::Result<std::uint64_t> seek_to(int fd, std::uint64_t offset, std::string_view name = "file");
base::Result<std::uint64_t> file_size(int fd, std::string_view name = "file");
// Gives the space of what lies before `offset` back; it reads as zeros then, and the size stays. Not every filesystem
// can.
base::Result<void> free_before(int fd, std::uint64_t offset, std::string_view name = "file");

// Copies from the current offset of `from` to its end into `to`: a clone where both offsets are 0 and the filesystem
// can, else in the kernel, else through memory. Gives the bytes copied; `over_budget` beyond `bytes_max`.
base::Result<std::uint64_t> copy_bytes(int from, int to, std::uint64_t bytes_max = UINT64_MAX,
                                       std::string_view name = "file");

// Gives a pipe room for so many bytes, so that its writer waits for its reader less often; other files, and pipes that
// may not grow, stay as they are.
void widen_pipe(int fd, std::size_t bytes);

// Sends on what was printed; fails when any of it, now or before, could not be written.
base::Result<void> flush_standard_output();

}  // namespace lilux::sys

#pragma once

// Files and folders by path, for paths this program chose itself (its state, its configuration). Paths that come from
// outside go through path.h and place.h. A path with a NUL byte is refused everywhere. Any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace lilux::sys {

enum class FileType : std::uint8_t {
  regular,
  directory,
  symlink,
  fifo,
  socket,
  block_device,
  character_device,
  unknown
};
std::string_view type_name(FileType type);

struct Stat {
  FileType type = FileType::unknown;
  std::uint32_t mode = 0;  // permission bits, 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  std::uint64_t links = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  std::int64_t accessed_ns = 0;  // since 1970
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  // content or properties; nobody can set it

  bool is_regular() const { return type == FileType::regular; }
  bool is_directory() const { return type == FileType::directory; }
  bool is_symlink() const { return type == FileType::symlink; }
};

struct Entry {
  std::string name;
  FileType type = FileType::unknown;  // unknown where the filesystem does not tell
};
inline constexpr std::size_t kEntriesMax = 1'000'000;

// open(2) with O_CLOEXEC and O_NOCTTY added.
base::Result<Fd> open(const std::string& path, int flags, std::uint32_t mode = 0666);

base::Result<std::string> read_file(const std::string& path, std::size_t bytes_max);  // waits for no pipe: refuses it
// All or nothing, and durable when it returns: a temporary file in the same folder is written, synced, given `mode`
// exactly and renamed over `path`, then the folder is synced. On failure the old file stands and nothing is left over.
base::Result<void> write_file_atomic(const std::string& path, std::string_view bytes, std::uint32_t mode = 0644);
// What a killed process left in a folder of unfinished writes; those under way in other processes stay.
base::Result<void> remove_abandoned(const std::string& directory);
bool is_temporary_name(std::string_view name);

base::Result<Stat> stat(const std::string& path);   // follows a final symlink
base::Result<Stat> lstat(const std::string& path);  // does not
base::Result<Stat> stat(const Fd& fd, std::string_view name = "file");
base::Result<std::optional<Stat>> stat_if_there(const std::string& path);  // follows; nullopt when nothing is there
bool exists(const std::string& path);                                      // follows; false when it cannot be seen

// Sorted by name, without "." and ".."; `over_budget` when there are more than `entries_max`.
base::Result<std::vector<Entry>> list_directory(const std::string& path, std::size_t entries_max = kEntriesMax);
// Lists an open folder from its beginning; of its entries those that are wanted, where that is asked.
using WantsEntry = std::function<bool(std::string_view name, FileType type)>;
base::Result<std::vector<Entry>> list_directory(const Fd& directory, std::string_view name,
                                                std::size_t entries_max = kEntriesMax, const WantsEntry& wants = {});

// Makes the folder and its missing parents; not an error when it is there.
base::Result<void> make_directories(const std::string& path, std::uint32_t mode = 0755);
// A folder only we may enter: made with its parents, mode 0700. `denied` when it exists and belongs to somebody else,
// `conflict` when it is no folder or a symlink; a mode that is too wide is narrowed.
base::Result<void> make_private_directory(const std::string& path);
// A new empty folder below `parent` whose name begins with `prefix`, mode 0700.
base::Result<std::string> make_temporary_directory(const std::string& parent, std::string_view prefix);

base::Result<void> remove_file(const std::string& path);       // `not_found` when it is not there
base::Result<void> remove_directory(const std::string& path);  // an empty one
enum class Replace : std::uint8_t { yes, no };  // what has the name already; `conflict` when it may not be
// Makes renames, creations and removals in the folder durable.
base::Result<void> sync_directory(const std::string& path);

struct Times {
  std::int64_t accessed_ns = 0;  // since 1970
  std::int64_t modified_ns = 0;
};
constexpr Times times_of(const Stat& stat) {
  return {.accessed_ns = stat.accessed_ns, .modified_ns = stat.modified_ns};
}
base::Result<void> set_times(const std::string& path, Times times);
// Everything written to the filesystem that the path lies on is on the disk.
base::Result<void> sync_filesystem(const std::string& path);
// The same; what could not be written since that was opened is an error, too.
base::Result<void> sync_filesystem(const Fd& fd, const std::string& path);

struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       // all of it
  std::uint64_t available_bytes = 0;  // to this user
  bool is_read_only = false;
};
base::Result<DiskSpace> disk_space(const std::string& path);

// The folder part and the last name of a path without trailing slashes: "/a/b" gives "/a" and "b"; "b" gives "." and
// "b".
std::string parent_of(const std::string& path);
std::string name_of(const std::string& path);

}  // namespace lilux::sys

#pragma once

// A new file beside the one it is to become: written, then renamed into place; removed by its destructor unless it was.
// While its maker lives it is locked, so what a killed process left is told from what is in use. Also the helpers that
// file.cpp and place.cpp share. One owner.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/file.h"

struct stat;
struct timespec;

namespace lilux::sys {

class Temporary {
 public:
  // Mode 0600. `directory` must outlive it; an O_PATH descriptor will do.
  static base::Result<Temporary> create(const Fd& directory, std::string directory_path);
  Temporary(Temporary&& other) noexcept;
  Temporary& operator=(Temporary&&) = delete;
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary();

  int fd() const { return fd_.get(); }
  const std::string& name() const { return name_; }
  base::Result<void> set_mode(std::uint32_t mode);
  base::Result<void> sync();
  // `name` may lead into a folder below.
  base::Result<void> move_to(const std::string& name, Replace replace);
  // Changes places with the file `name`, in one step; false where the filesystem cannot. It is then that file which is
  // here, to be looked at, swapped back, or removed by the destructor.
  base::Result<bool> swap_with(const std::string& name);
  // Takes the file `name` in, in place of the one that was made.
  base::Result<void> take(const std::string& name);
  // What the destructor does, where it matters whether it was done.
  base::Result<void> remove();

 private:
  Temporary(int directory, std::string directory_path, std::string name, Fd fd);
  int directory_;  // -1 once there is nothing to remove
  std::string directory_path_;
  std::string name_;
  Fd fd_;
};

Stat stat_from(const struct ::stat& raw);
timespec timespec_from(std::int64_t nanoseconds);

// 0, or -1 with errno set. Where a filesystem cannot refuse to replace by itself, looking first has to do.
int rename_at(int from_directory, const std::string& from, int to_directory, const std::string& to, Replace replace);

}  // namespace lilux::sys

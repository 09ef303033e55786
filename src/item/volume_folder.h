#pragma once

// The work tree of a volume: files below one folder, reached without following a symlink anywhere on the way. Values
// and free functions; any thread. For item/ itself and its tests.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "git/repository.h"
#include "item/kind.h"
#include "sys/place.h"
#include "sys/temporary.h"
#include "sys/watch.h"

namespace lilux::item {

inline constexpr std::size_t kItemBytesMax = std::size_t{4} << 20;

struct Content {
  std::string bytes = {};
  std::string stamp = {};  // of these bytes, the same everywhere
  git::Mode mode = git::Mode::plain;
};

struct Listed {
  std::string path = {};            // relative to the volume
  std::optional<Place> place = {};  // not for a folder that cannot be read
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::string broken = {};  // why it cannot be read; "" when it can
};
struct Listing {
  std::vector<Listed> items = {};      // sorted by path
  std::vector<Listed> passed_by = {};  // links, and folders that are named as items are: `broken` says which
  bool is_cut = false;                 // there is more than a volume may hold
};

// What of a volume is listed; everything where nothing is said.
struct Wanted {
  std::optional<Kind> kind = {};
  std::optional<std::string_view> name = {};
};

// Hidden files are none of a volume: editors and tools keep theirs there.
bool is_hidden(std::string_view path);
base::Result<void> check_shown(const std::string& path, std::string hint);  // that it is not hidden
// Whether that file is what was read, or was not there.
bool is_same(const std::optional<Content>& content, const std::optional<git::File>& file);

class Folder {
 public:
  explicit Folder(std::string canonical) : path_(std::move(canonical)) {}
  const std::string& path() const { return path_; }

  // All items, or those that are wanted: nothing else is opened. Hidden folders, symlinks and what belongs to a skill
  // are left out; what cannot be read is there, broken. A watch gets every folder before it is looked at.
  Listing list(const Wanted& wanted = {}, sys::Watch* watch = nullptr) const;
  // The items below a folder of the volume, which need not be items by their names: what a skill brings along.
  base::Result<std::vector<std::string>> files_below(const std::string& folder, std::size_t files_max) const;

  // nullopt when nothing is there; `over_budget` when it is too large; `invalid_argument` for what is no file.
  base::Result<std::optional<Content>> read(const std::string& path) const;

  // A file that is written and not in its place yet; gone unless it is put there.
  struct Ready {
    sys::Place place;
    sys::Temporary temporary;
  };
  // Makes missing folders. A file that is there keeps its permissions, but for being executable.
  base::Result<Ready> prepare(const std::string& path, std::string_view bytes, git::Mode mode) const;
  // In place of what is `expected` there, which the temporary then holds, or of nothing. `conflict`, and nothing has
  // changed, when something else is there: people may have saved it a moment ago.
  static base::Result<void> put(Ready& ready, const std::optional<git::File>& expected);
  base::Result<void> remove(const std::string& path, const git::File& expected) const;

 private:
  std::string path_;
};

}  // namespace lilux::item

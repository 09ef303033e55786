#pragma once

// What a program wrote to a tree that was kept apart, on an overlay (see Tree::changes) or on a copy (see copy.h), as a
// list of what has to be done to the tree so that it becomes real. The folder of a run holds "upper", with all that is
// new, and beside it, out of the program's reach, what else is known. Any thread; the program must have ended.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/file.h"

namespace lilux::sandbox {

// touch: a file's time alone. left_out: nothing is to be done, as it cannot be: a socket, fifo or device, a file
// that is too large, or the mode of the tree itself.
inline constexpr std::string_view kTreeItself = ".";
enum class ChangeKind : std::uint8_t { create, modify, properties, remove, touch, left_out };
constexpr std::array<std::string_view, 6> enum_names(ChangeKind) {
  return {"create", "modify", "properties", "remove", "touch", "left_out"};
}

struct FileChange {
  ChangeKind kind = ChangeKind::modify;
  std::string path;                             // relative to the tree
  sys::FileType type = sys::FileType::regular;  // of what comes, or of what goes
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // that it is to have; without bits that lend rights
};

inline constexpr std::uint64_t kChangesMax = 20'000;
inline constexpr std::uint64_t kFileBytesMax = std::uint64_t{256} << 20;
inline constexpr std::uint64_t kChangedBytesMax = std::uint64_t{1} << 30;

// Folders before what they hold; what is removed comes before what is made in its place. What is as it was is left out,
// and of a copy what was not touched. `over_budget` beyond these limits, but for that of one file; `conflict` when what
// was changed in a copy is gone from the tree.
base::Result<std::vector<FileChange>> changes_of(const std::string& changes, const std::string& tree);

// The same, once, when the program has ended: changes_of() gives the same from then on, whatever becomes of the tree.
// Of a copy only what was found is kept, as it is now: nothing that the program may have left behind changes it.
base::Result<std::vector<FileChange>> settle_changes(const std::string& changes, const std::string& tree);
// Where what is new lies, by its path in the tree.
std::string content_of(const std::string& changes);

// Makes an empty place for changes of the tree on an overlay.
base::Result<void> prepare_changes(const std::string& changes, const std::string& tree);
// Where the record of a copy lies.
std::string copy_record(const std::string& changes);

}  // namespace lilux::sandbox

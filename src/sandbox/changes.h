#pragma once

// What a program wrote to a tree that was kept apart (see Tree::changes), as a list of what has to be done to the tree
// so that it becomes real. Any thread; the program must have ended.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/file.h"

namespace lilux::sandbox {

enum class ChangeKind : std::uint8_t { create, modify, properties, remove };
constexpr std::array<std::string_view, 4> enum_names(ChangeKind) {
  return {"create", "modify", "properties", "remove"};
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

// Folders before what they hold; what is removed comes before what is made in its place. Files that hold what they held
// before are left out. `over_budget` beyond these limits; `denied` for sockets, fifos and devices, which are not made
// real.
base::Result<std::vector<FileChange>> changes_of(const std::string& changes, const std::string& tree);

// Makes an empty place for changes of the tree.
base::Result<void> prepare_changes(const std::string& changes, const std::string& tree);

}  // namespace lilux::sandbox

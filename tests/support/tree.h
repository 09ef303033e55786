#pragma once

// What a directory tree is, as far as a user can tell: names, kinds, content, mode, owner, modification time, symlink
// targets, extended attributes and which names are one file (hard links). Two snapshots say in words how the tree
// changed. Values; any thread.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lilux::test {

struct TreeEntry {
  std::string kind = {};     // "file", "directory", "symlink", "fifo", ...
  std::string content = {};  // of a file; the target of a symlink
  unsigned mode = 0;         // permission bits with setuid, setgid, sticky
  unsigned user = 0;
  unsigned group = 0;
  std::int64_t modified_ns = 0;
  std::map<std::string, std::string> attributes = {};  // extended
  std::string same_as = {};  // the first path of the tree that is another name of this very file
  friend bool operator==(const TreeEntry&, const TreeEntry&) = default;
};

// By path relative to the root; the root itself is "".
using Tree = std::map<std::string, TreeEntry>;

// Follows no symlink. Throws std::filesystem::filesystem_error when something cannot be read: the test is wrong then.
Tree snapshot(const std::filesystem::path& root);

// The same tree with modification times cleared, for comparing with a tree that came about at another time.
Tree without_times(Tree tree);
// The same tree with the modification times of directories cleared: making and removing an entry changes them.
Tree without_directory_times(Tree tree);

// One line per difference ("a/b: content was 'x', is 'y'"); empty when equal.
std::vector<std::string> differences(const Tree& before, const Tree& after);

}  // namespace lilux::test

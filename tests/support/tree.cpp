#include "tests/support/tree.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>

#include <sys/stat.h>
#include <sys/xattr.h>

namespace lilux::test {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what, const fs::path& path) {
  throw fs::filesystem_error(what, path, std::error_code(errno, std::generic_category()));
}

std::string kind_of(mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "directory";
  if (S_ISLNK(mode)) return "symlink";
  if (S_ISFIFO(mode)) return "fifo";
  if (S_ISSOCK(mode)) return "socket";
  return "device";
}

std::map<std::string, std::string> attributes_of(const fs::path& path) {
  std::map<std::string, std::string> found;
  std::string names(65536, '\0');
  const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
  if (length < 0) {
    if (errno == ENOTSUP) return found;
    fail("cannot list attributes", path);
  }
  for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    std::string value(65536, '\0');
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0) fail("cannot read attribute", path);
    value.resize(static_cast<std::size_t>(size));
    found.emplace(name, std::move(value));
  }
  return found;
}

struct ::stat status_of(const fs::path& path) {
  struct ::stat status{};
  if (::lstat(path.c_str(), &status) != 0) fail("cannot stat", path);
  return status;
}

TreeEntry entry_at(const fs::path& path) {
  const struct ::stat status = status_of(path);
  TreeEntry entry{.kind = kind_of(status.st_mode),
                  .content = {},
                  .mode = status.st_mode & 07777U,
                  .user = status.st_uid,
                  .group = status.st_gid,
                  .modified_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
                  .attributes = attributes_of(path),
                  .same_as = {}};
  if (entry.kind == "symlink") entry.content = fs::read_symlink(path).string();
  if (entry.kind == "file") {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("cannot open", path);
    entry.content.assign(std::istreambuf_iterator<char>(file), {});
  }
  return entry;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string out = "'";
  for (const char byte : text.substr(0, kShown)) out += byte == '\n' ? std::string("\\n") : std::string(1, byte);
  return text.size() <= kShown ? out + "'" : out + "...' (" + std::to_string(text.size()) + " bytes)";
}

std::string octal(unsigned mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) text += static_cast<char>('0' + ((mode >> shift) & 7U));
  return text;
}

void compare(const std::string& path, const TreeEntry& before, const TreeEntry& after, std::vector<std::string>& out) {
  const auto differ = [&](std::string_view what, const std::string& was, const std::string& is) {
    if (was != is) out.push_back((path.empty() ? "." : path) + ": " + std::string(what) + " was " + was + ", is " + is);
  };
  if (before.kind != after.kind) return differ("kind", before.kind, after.kind);
  if (before.content != after.content) differ("content", shown(before.content), shown(after.content));
  differ("mode", octal(before.mode), octal(after.mode));
  differ("user", std::to_string(before.user), std::to_string(after.user));
  differ("group", std::to_string(before.group), std::to_string(after.group));
  differ("modified", std::to_string(before.modified_ns), std::to_string(after.modified_ns));
  if (before.attributes != after.attributes) out.push_back(path + ": extended attributes differ");
  differ("other name", shown(before.same_as), shown(after.same_as));
}

void note_links(const fs::path& root, Tree& tree) {
  std::map<std::pair<dev_t, ino_t>, std::string> first;
  for (auto& [path, entry] : tree) {
    if (entry.kind != "file") continue;
    const struct ::stat status = status_of(path.empty() ? root : root / path);
    const auto [found, is_new] = first.emplace(std::pair(status.st_dev, status.st_ino), path);
    if (!is_new) entry.same_as = found->second;
  }
}

}  // namespace

Tree snapshot(const fs::path& root) {
  Tree tree;
  tree.emplace("", entry_at(root));
  if (tree.begin()->second.kind != "directory") return tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    tree.emplace(entry.path().lexically_relative(root).string(), entry_at(entry.path()));
  }
  note_links(root, tree);
  return tree;
}

Tree without_times(Tree tree) {
  for (auto& [path, entry] : tree) entry.modified_ns = 0;
  return tree;
}

Tree without_directory_times(Tree tree) {
  for (auto& [path, entry] : tree) {
    if (entry.kind == "directory") entry.modified_ns = 0;
  }
  return tree;
}

std::vector<std::string> differences(const Tree& before, const Tree& after) {
  std::vector<std::string> out;
  for (const auto& [path, entry] : before) {
    const auto other = after.find(path);
    if (other == after.end()) {
      out.push_back(path + ": is gone");
    } else {
      compare(path, entry, other->second, out);
    }
  }
  for (const auto& [path, entry] : after) {
    if (!before.contains(path)) out.push_back(path + ": is new (" + entry.kind + ")");
  }
  return out;
}

}  // namespace lilux::test

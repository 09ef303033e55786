#include "tests/support/tree.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>

using namespace lilux::test;
namespace fs = std::filesystem;

namespace {

// A folder with a file, a folder and a symlink, removed at the end.
struct Folder {
  fs::path path;
  Folder() {
    char name[] = "/tmp/lilux-tree-XXXXXX";
    path = ::mkdtemp(name);
    fs::create_directory(path / "inner");
    write("inner/file", "text");
    fs::create_symlink("inner/file", path / "link");
  }
  ~Folder() { fs::remove_all(path); }
  void write(const char* name, const char* text) const { std::ofstream(path / name) << text; }
};

}  // namespace

TEST_CASE("a tree that was left alone has no differences") {
  const Folder folder;
  CHECK(differences(snapshot(folder.path), snapshot(folder.path)).empty());
  CHECK(snapshot(folder.path).size() == 4);
}

TEST_CASE("each kind of change is seen and named") {
  const Folder folder;
  const Tree before = snapshot(folder.path);
  std::string expected;
  SUBCASE("content") {
    folder.write("inner/file", "other");
    expected = "inner/file: content was 'text', is 'other'";
  }
  SUBCASE("mode") {
    fs::permissions(folder.path / "inner", fs::perms::owner_all);
    expected = "inner: mode was 0755, is 0700";
  }
  SUBCASE("link target") {
    fs::remove(folder.path / "link");
    fs::create_symlink("nowhere", folder.path / "link");
    expected = "link: content was 'inner/file', is 'nowhere'";
  }
  SUBCASE("a new file") {
    folder.write("fresh", "");
    expected = "fresh: is new (file)";
  }
  SUBCASE("a removed file") {
    fs::remove(folder.path / "inner/file");
    expected = "inner/file: is gone";
  }
  SUBCASE("another kind") {
    fs::remove(folder.path / "link");
    fs::create_directory(folder.path / "link");
    expected = "link: kind was symlink, is directory";
  }
  SUBCASE("an extended attribute") {
    if (::setxattr((folder.path / "inner/file").c_str(), "user.colour", "red", 3, 0) != 0) return;  // not on this disk
    expected = "inner/file: extended attributes differ";
  }
  const auto found = differences(without_times(before), without_times(snapshot(folder.path)));
  REQUIRE(found.size() == 1);
  CHECK(found[0] == expected);
}

TEST_CASE("times differ unless they are left out") {
  const Folder folder;
  const Tree before = snapshot(folder.path);
  const timespec times[2] = {{.tv_sec = 1, .tv_nsec = 2}, {.tv_sec = 3, .tv_nsec = 4}};
  REQUIRE(::utimensat(AT_FDCWD, (folder.path / "inner").c_str(), times, 0) == 0);
  const Tree after = snapshot(folder.path);
  CHECK(after.at("inner").modified_ns == 3'000'000'004);
  CHECK(differences(before, after).size() == 1);
  CHECK(differences(without_directory_times(before), without_directory_times(after)).empty());
  REQUIRE(::utimensat(AT_FDCWD, (folder.path / "inner/file").c_str(), times, 0) == 0);
  CHECK(differences(without_directory_times(before), without_directory_times(snapshot(folder.path))).size() == 1);
}

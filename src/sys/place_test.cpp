#include "sys/place.h"

#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/io.h"
#include "sys/path.h"
#include "tests/support/no_openat2.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using base::ErrorCode;
using test::code_of;
using test::must;
using test::Scratch;

namespace {

Place at(const std::string& path) {
  return must(open_parent(path));
}

std::string content(const Place& place) {
  const Fd fd = must(open_regular(place));
  return must(read_all(fd.get(), 1 << 20));
}

}  // namespace

TEST_CASE("a place is opened only by a canonical path") {
  Scratch scratch;
  for (const char* path : {"relative", "", "/a/../b", "/a/./b", "/a//b", "/a/", "/.", "/.."}) {
    CAPTURE(path);
    CHECK(code_of(open_parent(path)) == ErrorCode::invalid_argument);
  }
  CHECK(code_of(open_parent(std::string("/tmp/a\0b", 8))) == ErrorCode::invalid_argument);
  CHECK(code_of(open_parent(scratch / "absent/x")) == ErrorCode::not_found);
  must(write_file_atomic(scratch / "file", ""));
  CHECK(code_of(open_parent(scratch / "file/x")) == ErrorCode::invalid_argument);
  const Place root = at("/");
  CHECK(must(stat(root)).is_directory());
  CHECK_FALSE(remove_directory(root).has_value());
}

TEST_CASE("a component that has become a symlink is refused") {
  Scratch scratch;
  must(make_directories(scratch / "real/inner"));
  REQUIRE(::symlink("real", (scratch / "link").c_str()) == 0);
  const auto refused = open_parent(scratch / "link/inner/file");
  CHECK(code_of(refused) == ErrorCode::conflict);
  CHECK(refused.error().message.find("symlink") != std::string::npos);
  CHECK(code_of(open_parent(scratch / "link/file")) == ErrorCode::conflict);  // the parent itself
}

TEST_CASE("no operation follows a symlink at the place itself") {
  Scratch scratch;
  must(write_file_atomic(scratch / "target", "untouched", 0644));
  must(set_times(scratch / "target", {.accessed_ns = 1, .modified_ns = 2}));
  REQUIRE(::symlink("target", (scratch / "link").c_str()) == 0);
  const Place link = at(scratch / "link");
  CHECK(code_of(open(link, O_RDONLY)) == ErrorCode::invalid_argument);
  CHECK(code_of(open(link, O_WRONLY | O_TRUNC)) == ErrorCode::invalid_argument);
  CHECK(code_of(open_regular(link)) == ErrorCode::invalid_argument);
  CHECK_FALSE(open_directory(link).has_value());
  CHECK(must(stat(link)).is_symlink());
  CHECK(must(read_link(link)) == "target");
  CHECK(code_of(set_mode(link, 0777)) == ErrorCode::invalid_argument);
  must(set_times(link, {.accessed_ns = 5'000'000'000, .modified_ns = 6'000'000'000}));
  CHECK(must(stat(link)).modified_ns == 6'000'000'000);
  CHECK(must(stat(scratch / "target")).modified_ns == 2);
  must(write_file_atomic(link.path, "replaced", 0600));  // the link gives way, its target stays
  CHECK(must(stat(link)).is_regular());
  CHECK(must(read_file(scratch / "target", 100)) == "untouched");
  CHECK(must(stat(scratch / "target")).mode == 0644);
}

TEST_CASE("files are made, written, renamed and removed at places") {
  Scratch scratch;
  const Place file = at(scratch / "file");
  CHECK_FALSE(must(stat_if_there(file)).has_value());
  must(write_file_atomic(file.path, "one", 0640));
  CHECK(content(file) == "one");
  CHECK(must(stat(file)).mode == 0640);
  const Place other = at(scratch / "other");
  must(write_file_atomic(other.path, "two", 0600));
  CHECK(code_of(rename(file, other, Replace::no)) == ErrorCode::conflict);
  must(rename(file, other, Replace::yes));
  CHECK(content(other) == "one");
  must(make_hard_link(other, file));
  CHECK(must(stat(file)).links == 2);
  CHECK(code_of(make_hard_link(other, file)) == ErrorCode::conflict);
  must(remove_file(file));
  CHECK(code_of(remove_file(file)) == ErrorCode::not_found);
  must(sync_parent(other));
  CHECK(must(list_directory(scratch.path())).size() == 1);
}

TEST_CASE("folders get their exact mode whatever the umask") {
  Scratch scratch;
  const mode_t before = ::umask(077);
  const auto made = make_directory(at(scratch / "d"), 0775);
  ::umask(before);
  must(made);
  const Place folder = at(scratch / "d");
  CHECK(must(stat(folder)).mode == 0775);
  CHECK(code_of(make_directory(folder, 0755)) == ErrorCode::conflict);
  must(set_mode(folder, 02750));
  must(make_directory(at(scratch / "d/below"), 0700));
  CHECK(must(stat(at(scratch / "d/below"))).mode == 02700);  // the group bit is inherited
  CHECK(must(list(folder)).size() == 1);
  CHECK(code_of(remove_directory(folder)) == ErrorCode::conflict);
  CHECK_FALSE(remove_file(folder).has_value());
}

TEST_CASE("symlinks are made as text") {
  Scratch scratch;
  const Place link = at(scratch / "link");
  must(make_symlink("../anywhere/at all", link));
  CHECK(must(read_link(link)) == "../anywhere/at all");
  CHECK(code_of(make_symlink("x", link)) == ErrorCode::conflict);
  CHECK(code_of(make_symlink("", at(scratch / "other"))) == ErrorCode::invalid_argument);
  CHECK(code_of(read_link(at(scratch.path()))) == ErrorCode::invalid_argument);
}

TEST_CASE("only regular files are opened as such, and fifos block nobody") {
  Scratch scratch;
  REQUIRE(::mkfifo((scratch / "fifo").c_str(), 0600) == 0);
  const auto refused = open_regular(at(scratch / "fifo"));
  CHECK(code_of(refused) == ErrorCode::invalid_argument);
  CHECK(refused.error().message.find("fifo") != std::string::npos);
  CHECK(open_regular(at(scratch.path())).error().message.find("directory") != std::string::npos);
  CHECK(code_of(open_regular(at("/dev/null"))) == ErrorCode::invalid_argument);
  CHECK(code_of(open_regular(at(scratch / "absent"))) == ErrorCode::not_found);
}

TEST_CASE("in an open folder only plain names are places") {
  Scratch scratch;
  must(make_directories(scratch / "root/a/b"));
  must(write_file_atomic(scratch / "root/a/b/f", "inside"));
  const Fd root = must(open(scratch / "root", O_PATH | O_DIRECTORY));
  CHECK(content(must(place_in(must(open(scratch / "root/a/b", O_PATH)), scratch / "root/a/b", "f"))) == "inside");
  CHECK(code_of(place_in(root, scratch / "root", "a/b")) == ErrorCode::invalid_argument);
  CHECK(code_of(place_in(root, scratch / "root", "..")) == ErrorCode::invalid_argument);
}

TEST_CASE("owners and attributes are set and read back") {
  Scratch scratch;
  const Place file = at(scratch / "f");
  must(write_file_atomic(file.path, "", 0600));
  must(set_owner(file, {.uid = ::geteuid(), .gid = ::getegid()}));
  if (::geteuid() != 0) CHECK(code_of(set_owner(file, {.uid = 0, .gid = 0})) == ErrorCode::denied);
  const auto set = set_attribute(file, {.name = "user.lilux", .value = std::string("a\0b", 3)});
  if (!set) {
    MESSAGE("this filesystem keeps no user attributes: " << set.error().message);
    CHECK(must(attributes(file)).empty());
    return;
  }
  must(set_attribute(file, {.name = "user.empty", .value = ""}));
  const auto found = must(attributes(file));
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "user.empty");
  CHECK(found[1].value == std::string("a\0b", 3));
  must(remove_attribute(file, "user.empty"));
  CHECK(code_of(remove_attribute(file, "user.empty")) == ErrorCode::not_found);
  CHECK(must(attributes(file)).size() == 1);
}

TEST_CASE("places work the same without openat2") {
  CHECK(test::without_openat2([] {
          Scratch scratch;
          must(make_directories(scratch / "a/b"));
          must(write_file_atomic(scratch / "a/b/f", "x"));
          REQUIRE(::symlink("a", (scratch / "link").c_str()) == 0);
          if (!open_parent(scratch / "a/b/f")) return 1;
          const auto refused = open_parent(scratch / "link/b/f");
          if (refused || refused.error().code != ErrorCode::conflict) return 2;
          const auto absent = open_parent(scratch / "none/f");
          if (absent || absent.error().code != ErrorCode::not_found) return 3;
          const auto parent = open_parent(scratch / "link/f");
          return !parent && parent.error().code == ErrorCode::conflict ? 0 : 4;
        }) == 0);
}

// Somebody flips a folder and a symlink to a secret one as fast as he can. Whatever is opened is what its path says.
TEST_CASE("a symlink swapped in after the check never leads elsewhere") {
  Scratch scratch;
  must(make_directories(scratch / "work/flip"));
  must(make_directories(scratch / "secret"));
  must(write_file_atomic(scratch / "work/flip/file", "public"));
  must(write_file_atomic(scratch / "secret/file", "secret"));
  REQUIRE(::symlink((scratch / "secret").c_str(), (scratch / "work/other").c_str()) == 0);
  const std::string one = scratch / "work/flip";
  const std::string two = scratch / "work/other";
  std::jthread flipper([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ::syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, two.c_str(), RENAME_EXCHANGE);
    }
  });
  int opened = 0;
  int refused = 0;
  for (int round = 0; round < 200'000 && (opened < 500 || refused < 20); ++round) {
    const auto path = resolve("flip/file", scratch / "work", Final::follow);
    if (!path) continue;
    const auto place = open_parent(*path);
    if (!place) {
      CHECK(place.error().code == ErrorCode::conflict);
      ++refused;
      continue;
    }
    const auto file = open_regular(*place);
    if (!file) continue;
    ++opened;
    REQUIRE(must(read_all(file->get(), 100)) == (path->starts_with(scratch / "secret") ? "secret" : "public"));
  }
  CHECK(opened > 0);
  CHECK(refused > 0);
}

}  // namespace lilux::sys

#include "sys/watch.h"

#include <filesystem>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using test::must;
using test::Scratch;

TEST_CASE("a watch is quiet until something in a folder changes") {
  const Scratch scratch;
  const std::string file = scratch / "file";
  must(write_file_atomic(file, "one"));
  Watch watch = must(Watch::create());
  CHECK(watch.is_quiet());
  watch.add(must(open(scratch.path(), O_RDONLY | O_DIRECTORY)));
  CHECK(watch.is_quiet());
  must(read_file(file, 100));
  CHECK(watch.is_quiet());  // to read changes nothing

  const auto changes = [&](auto&& change) {
    change();
    const bool has_seen = !watch.is_quiet();
    return has_seen && watch.is_quiet();  // told once
  };
  CHECK(changes([&] { must(write_file_atomic(file, "two")); }));
  CHECK(changes([&] { CHECK(::truncate(file.c_str(), 1) == 0); }));
  CHECK(changes([&] { CHECK(::chmod(file.c_str(), 0600) == 0); }));
  CHECK(changes([&] { std::filesystem::create_directory(scratch / "folder"); }));
  CHECK(changes([&] { std::filesystem::rename(file, scratch / "other"); }));
  CHECK(changes([&] { std::filesystem::remove(scratch / "other"); }));
  CHECK_FALSE(changes([&] { must(write_file_atomic(scratch / "folder/below", "")); }));
}

TEST_CASE("a watch sees that its folder is moved away") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "folder");
  Watch watch = must(Watch::create());
  watch.add(must(open(scratch / "folder", O_RDONLY | O_DIRECTORY)));
  std::filesystem::rename(scratch / "folder", scratch / "other");
  CHECK_FALSE(watch.is_quiet());
  CHECK(watch.is_quiet());
  std::filesystem::remove(scratch / "other");
  CHECK_FALSE(watch.is_quiet());
}

TEST_CASE("where nothing can be told a watch is never quiet") {
  Watch watch = must(Watch::create());
  watch.add(must(open("/dev/null", O_RDONLY)));
  CHECK_FALSE(watch.is_quiet());
  CHECK_FALSE(watch.is_quiet());
}

}  // namespace lilux::sys

#include "sys/tree.h"

#include <atomic>
#include <fstream>
#include <latch>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/io.h"
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

// A tree with a symlink that leads out of it, to a folder that must survive everything.
void plant(const Scratch& scratch) {
  must(make_directories(scratch / "outside"));
  must(write_file_atomic(scratch / "outside/precious", "precious"));
  must(make_directories(scratch / "tree/a/b"));
  must(write_file_atomic(scratch / "tree/a/file", "12345"));
  must(write_file_atomic(scratch / "tree/a/b/file", "123"));
  REQUIRE(::symlink((scratch / "outside").c_str(), (scratch / "tree/a/exit").c_str()) == 0);
  REQUIRE(::symlink("../outside/precious", (scratch / "tree/exit").c_str()) == 0);
  REQUIRE(::mkfifo((scratch / "tree/fifo").c_str(), 0600) == 0);
}

}  // namespace

TEST_CASE("a tree is removed and what its symlinks point to stays") {
  Scratch scratch;
  plant(scratch);
  const TreeSize removed = must(remove_tree(at(scratch / "tree")));
  CHECK(removed.entries == 8);
  CHECK(removed.bytes == 8);
  CHECK_FALSE(exists(scratch / "tree"));
  CHECK(must(read_file(scratch / "outside/precious", 100)) == "precious");
  CHECK(code_of(remove_tree(at(scratch / "tree"))) == ErrorCode::not_found);
}

TEST_CASE("removing a symlink or a file removes just that") {
  Scratch scratch;
  plant(scratch);
  CHECK(must(remove_tree(at(scratch / "tree/exit"))).entries == 1);
  CHECK(must(remove_tree(at(scratch / "tree/a/file"))).bytes == 5);
  CHECK(exists(scratch / "outside/precious"));
  CHECK(exists(scratch / "tree/a/b/file"));
}

TEST_CASE("of two who remove a tree at once none comes back before it is gone") {
  Scratch scratch;
  std::atomic<int> left = 0;
  for (int round = 0; round < 10; ++round) {
    for (int folder = 0; folder < 30; ++folder) {
      const std::string inner = scratch / ("tree/" + std::to_string(folder));
      must(make_directories(inner));
      for (int file = 0; file < 30; ++file) std::ofstream(inner + "/" + std::to_string(file)) << "x";
    }
    {
      std::latch all(2);
      const auto remove = [&] {
        const Place place = at(scratch / "tree");
        all.arrive_and_wait();
        std::ignore = remove_tree(place);
        if (exists(scratch / "tree")) ++left;
      };
      const std::jthread other(remove);
      remove();
    }
  }
  CHECK(left == 0);
}

TEST_CASE("a tree is removed without openat2 too") {
  CHECK(test::without_openat2([] {
          Scratch scratch;
          plant(scratch);
          if (!remove_tree(at(scratch / "tree"))) return 1;
          return !exists(scratch / "tree") && exists(scratch / "outside/precious") ? 0 : 2;
        }) == 0);
}

TEST_CASE("a person's own tree is removed though it is read-only or closed") {
  const Scratch scratch;
  REQUIRE(::chmod(scratch.path().c_str(), 0777) == 0);
  const int result = test::in_child([&] {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return 1;
    plant(scratch);
    ::chmod((scratch / "tree/a/b").c_str(), 0000);
    ::chmod((scratch / "tree/a").c_str(), 0555);
    const auto removed = remove_tree(at(scratch / "tree"));
    if (!removed) std::fprintf(stderr, "%s\n", removed.error().message.c_str());
    return removed && !exists(scratch / "tree") ? 0 : 2;
  });
  CHECK(result == 0);
}

TEST_CASE("a tree that is deeper than folders can be open is removed") {
  Scratch scratch;
  Fd folder = must(open(scratch.path(), O_RDONLY | O_DIRECTORY));
  constexpr int kDeep = 2 * kTreeDepthMax + 200;
  for (int i = 0; i < kDeep; ++i) {
    REQUIRE(::mkdirat(folder.get(), "d", i == kTreeDepthMax ? 0500 : 0700) == 0);
    folder = Fd(::openat(folder.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(folder);
    if (i == kTreeDepthMax) REQUIRE(::fchmod(folder.get(), 0700) == 0);
  }
  CHECK(must(remove_tree(at(scratch / "d"))).entries == kDeep);
  CHECK_FALSE(exists(scratch / "d"));
}

TEST_CASE("a tree is not removed through a mount point") {
  Scratch scratch;
  const int result = test::in_child([&] {
    if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0) return 77;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    plant(scratch);
    must(make_directories(scratch / "tree/a/zmount"));
    // A bind mount of the same filesystem: its device number gives nothing away.
    const int bound =
        ::mount((scratch / "outside").c_str(), (scratch / "tree/a/zmount").c_str(), nullptr, MS_BIND, nullptr);
    if (bound != 0) return 77;
    const auto removed = remove_tree(at(scratch / "tree"));
    if (removed || removed.error().code != ErrorCode::conflict) return 1;
    if (removed.error().hint.find("umount") == std::string::npos) return 2;
    if (!exists(scratch / "outside/precious")) return 3;
    std::vector<std::string> seen;
    const auto walked = walk_tree(at(scratch / "tree"), 100, [&](const Place& place, const Stat&) {
      seen.push_back(place.path);
      return base::Result<Descend>(Descend::yes);
    });
    for (const std::string& path : seen) {
      if (path.ends_with("precious")) return 4;
    }
    return walked ? 0 : 5;
  });
  if (result == 77) MESSAGE("nothing can be mounted here");
  if (result != 77) CHECK(result == 0);
}

TEST_CASE("a walk visits folders before what they hold, in order, and never through symlinks") {
  Scratch scratch;
  plant(scratch);
  std::vector<std::string> seen;
  const TreeSize size = must(walk_tree(at(scratch / "tree"), 100, [&](const Place& place, const Stat& status) {
    seen.push_back(place.path.substr(scratch.path().size()) + (status.is_symlink() ? "@" : ""));
    return base::Result<Descend>(Descend::yes);
  }));
  CHECK(seen == std::vector<std::string>{"/tree", "/tree/a", "/tree/a/b", "/tree/a/b/file", "/tree/a/exit@",
                                         "/tree/a/file", "/tree/exit@", "/tree/fifo"});
  CHECK(size.entries == 8);
  CHECK(size.bytes == 8);
}

TEST_CASE("a walk skips, stops and is bounded") {
  Scratch scratch;
  plant(scratch);
  int visits = 0;
  must(walk_tree(at(scratch / "tree"), 100, [&](const Place& place, const Stat&) {
    ++visits;
    return base::Result<Descend>(place.name == "a" ? Descend::no : Descend::yes);
  }));
  CHECK(visits == 4);
  const auto everything = [](const Place&, const Stat&) { return base::Result<Descend>(Descend::yes); };
  CHECK(code_of(walk_tree(at(scratch / "tree"), 7, everything)) == ErrorCode::over_budget);
  CHECK(must(walk_tree(at(scratch / "tree"), 8, everything)).entries == 8);
  const auto stopping = [](const Place&, const Stat&) {
    return base::Result<Descend>(base::fail(ErrorCode::cancelled, "enough"));
  };
  CHECK(code_of(walk_tree(at(scratch / "tree"), 100, stopping)) == ErrorCode::cancelled);
}

TEST_CASE("a copied file has the content, mode and times of its original") {
  Scratch scratch;
  std::string bytes(300'000, 'x');
  bytes[150'000] = '\0';
  must(write_file_atomic(scratch / "from", bytes, 0751));
  must(set_times(scratch / "from", {.accessed_ns = 1'000'000'001, .modified_ns = 2'000'000'002}));
  const Place from = at(scratch / "from");
  const bool has_attributes = set_attribute(from, {.name = "user.note", .value = "kept"}).has_value();
  const Place to = at(scratch / "to");
  CHECK(must(copy_file(from, to, Replace::no)) == bytes.size());
  CHECK(must(read_file(scratch / "to", 1 << 20)) == bytes);
  const Stat status = must(stat(to));
  CHECK(status.mode == 0751);
  CHECK(status.modified_ns == 2'000'000'002);
  if (has_attributes) CHECK(must(attributes(to)).size() == 1);
  CHECK(code_of(copy_file(from, to, Replace::no)) == ErrorCode::conflict);
  must(copy_file(from, to, Replace::yes));
  CHECK(code_of(copy_file(at(scratch.path()), to, Replace::yes)) == ErrorCode::invalid_argument);
  CHECK(code_of(copy_file(at(scratch / "absent"), to, Replace::yes)) == ErrorCode::not_found);
  CHECK(must(list_directory(scratch.path())).size() == 2);
}

// A folder inside the tree is swapped for a symlink out of it, again and again, while the tree is being removed.
TEST_CASE("a removal raced by symlinks never leaves its tree") {
  Scratch scratch;
  must(make_directories(scratch / "outside"));
  must(write_file_atomic(scratch / "outside/precious", "precious"));
  must(make_directories(scratch / "tree"));
  const std::string one = scratch / "tree/flip";
  const std::string two = scratch / "link";
  REQUIRE(::symlink((scratch / "outside").c_str(), two.c_str()) == 0);
  std::jthread flipper([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ::syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, two.c_str(), RENAME_EXCHANGE);
    }
  });
  for (int round = 0; round < 2000; ++round) {
    std::ignore = make_directories(one);  // it may be the link just now, or have been removed
    std::ofstream(one + "/file") << "x";
    std::ignore = remove_tree(at(scratch / "tree"));
    std::ignore = make_directories(scratch / "tree");
    if (::symlink((scratch / "outside").c_str(), two.c_str()) != 0) continue;  // it stands there most of the time
  }
  flipper.request_stop();
  flipper.join();
  CHECK(must(read_file(scratch / "outside/precious", 100)) == "precious");
}

}  // namespace lilux::sys

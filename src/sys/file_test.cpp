#include "sys/file.h"

#include <algorithm>
#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/io.h"
#include "sys/temporary.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using base::ErrorCode;
using test::code_of;
using test::in_child;
using test::must;
using test::Scratch;

namespace {

std::size_t entries_in(const std::string& folder) {
  return must(list_directory(folder)).size();
}

// Whether this process may mount from here on, in a namespace that only it sees; who is not root needs a user of its
// own.
bool mounts_are_own() {
  if (::geteuid() == 0) return ::unshare(CLONE_NEWNS) == 0;
  const auto itself = [](unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
  const std::string user = itself(::geteuid());
  const std::string group = itself(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  const auto put = [](const char* file, const std::string& text) {
    const auto opened = open(file, O_WRONLY);
    return opened && write_all(opened->get(), text).has_value();
  };
  return put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", user) && put("/proc/self/gid_map", group);
}

}  // namespace

TEST_CASE("an atomic write replaces content and mode and leaves nothing else") {
  Scratch scratch;
  must(write_file_atomic(scratch / "f", "one", 0600));
  must(write_file_atomic(scratch / "f", "two", 0640));
  CHECK(must(read_file(scratch / "f", 100)) == "two");
  CHECK(must(stat(scratch / "f")).mode == 0640);
  CHECK(entries_in(scratch.path()) == 1);
}

TEST_CASE("a file that is a pipe is refused and not waited for") {
  Scratch scratch;
  REQUIRE(::mkfifo((scratch / "fifo").c_str(), 0600) == 0);
  const auto refused = read_file(scratch / "fifo", 100);
  CHECK(code_of(refused) == ErrorCode::invalid_argument);
  CHECK(refused.error().message.find("no regular file but a fifo") != std::string::npos);
  CHECK(must(read_file("/dev/null", 100)).empty());
}

TEST_CASE("an atomic write takes the longest name there is") {
  Scratch scratch;
  const std::string name(255, 'n');
  must(write_file_atomic(scratch / name, "x"));
  CHECK(must(read_file(scratch / name, 10)) == "x");
  CHECK(code_of(write_file_atomic(scratch / (name + "n"), "x")) == ErrorCode::invalid_argument);
}

TEST_CASE("an atomic write that fails keeps the old file and removes its own") {
  Scratch scratch;
  must(write_file_atomic(scratch / "f", "old"));
  CHECK(in_child([&] {
          ::signal(SIGXFSZ, SIG_IGN);
          const rlimit limit{.rlim_cur = 1000, .rlim_max = 1000};
          if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 10;
          const auto written = write_file_atomic(scratch / "f", std::string(5000, 'x'));
          return !written && written.error().code == ErrorCode::unavailable ? 0 : 11;
        }) == 0);
  CHECK(must(read_file(scratch / "f", 100)) == "old");
  CHECK(entries_in(scratch.path()) == 1);

  must(make_directories(scratch / "folder/inside"));
  CHECK_FALSE(write_file_atomic(scratch / "folder", "x").has_value());  // renaming over a folder
  CHECK(entries_in(scratch.path()) == 2);
  CHECK(code_of(write_file_atomic(scratch / "absent/f", "x")) == ErrorCode::not_found);
}

TEST_CASE("a full disk is reported as such") {
  Scratch scratch;
  const int result = in_child([&] {
    if (!mounts_are_own()) return 77;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    if (::mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=64k,nr_inodes=8") != 0) return 77;
    if (!write_file_atomic(scratch / "f", "old")) return 10;
    const auto written = write_file_atomic(scratch / "f", std::string(200'000, 'x'));
    if (written || written.error().code != ErrorCode::unavailable) return 11;
    if (written.error().message.find("no space left") == std::string::npos) return 12;
    if (read_file(scratch / "f", 10).value_or("") != "old") return 13;
    return list_directory(scratch.path())->size() == 1 ? 0 : 14;
  });
  if (result == 77) MESSAGE("no tmpfs can be mounted here: the RLIMIT_FSIZE test above stands for this one");
  if (result != 77) CHECK(result == 0);
}

TEST_CASE("what a killed writer left is swept, what a living one holds is not") {
  Scratch scratch;
  CHECK(in_child([&] {
          auto directory = open(scratch.path(), O_RDONLY | O_DIRECTORY);
          auto temporary = Temporary::create(*directory, scratch.path());
          if (temporary) ::raise(SIGKILL);
          return 1;
        }) == 128 + SIGKILL);
  REQUIRE(entries_in(scratch.path()) == 1);
  const Fd directory = must(open(scratch.path(), O_RDONLY | O_DIRECTORY));
  {
    const Temporary living = must(Temporary::create(directory, scratch.path()));
    REQUIRE(entries_in(scratch.path()) == 2);
    must(remove_abandoned(scratch.path()));
    CHECK(entries_in(scratch.path()) == 1);
  }
  CHECK(entries_in(scratch.path()) == 0);
}

TEST_CASE("sweeping while others write loses no write") {
  Scratch scratch;
  std::jthread sweeper([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::ignore = remove_abandoned(scratch.path());
  });
  for (int i = 0; i < 300; ++i) must(write_file_atomic(scratch / "f", std::to_string(i)));
  sweeper.request_stop();
  sweeper.join();
  CHECK(must(read_file(scratch / "f", 10)) == "299");
  CHECK(entries_in(scratch.path()) == 1);
}

TEST_CASE("only our own temporary names count as temporary") {
  CHECK(is_temporary_name(".lilux-tmp-0123456789abcdef"));
  CHECK_FALSE(is_temporary_name(".lilux-tmp-0123456789abcdeX"));
  CHECK_FALSE(is_temporary_name(".lilux-tmp-"));
  CHECK_FALSE(is_temporary_name("notes.txt"));
}

TEST_CASE("stat tells type, size, mode and times") {
  Scratch scratch;
  must(write_file_atomic(scratch / "f", "12345", 0640));
  must(set_times(scratch / "f", {.accessed_ns = -1, .modified_ns = 1'700'000'000'123'456'789}));
  const Stat status = must(stat(scratch / "f"));
  CHECK(status.is_regular());
  CHECK(status.size == 5);
  CHECK(status.mode == 0640);
  CHECK(status.links == 1);
  CHECK(status.uid == ::geteuid());
  CHECK(status.modified_ns == 1'700'000'000'123'456'789);
  CHECK(status.accessed_ns == -1);  // the last nanosecond of 1969
  REQUIRE(::symlink("f", (scratch / "link").c_str()) == 0);
  CHECK(must(stat(scratch / "link")).is_regular());
  CHECK(must(lstat(scratch / "link")).is_symlink());
  CHECK(code_of(stat(scratch / "absent")) == ErrorCode::not_found);
  CHECK_FALSE(must(stat_if_there(scratch / "absent")).has_value());
  CHECK(code_of(stat_if_there(scratch / "f/below")) == ErrorCode::invalid_argument);
  CHECK(exists(scratch / "f"));
  CHECK_FALSE(exists(scratch / "absent"));
}

TEST_CASE("listing is sorted, complete and bounded") {
  Scratch scratch;
  for (const char* name : {"b", "a", ".hidden", "c"}) must(write_file_atomic(scratch / name, ""));
  must(make_directories(scratch / "d"));
  const auto entries = must(list_directory(scratch.path()));
  REQUIRE(entries.size() == 5);
  CHECK(entries[0].name == ".hidden");
  CHECK(entries[4].name == "d");
  CHECK(entries[4].type == FileType::directory);
  CHECK(code_of(list_directory(scratch.path(), 4)) == ErrorCode::over_budget);
  CHECK(must(list_directory(scratch.path(), 5)).size() == 5);
  CHECK(code_of(list_directory(scratch / "a")) == ErrorCode::invalid_argument);
  const Fd open_folder = must(open(scratch.path(), O_PATH | O_DIRECTORY));
  CHECK(must(list_directory(open_folder, "folder")).size() == 5);
  CHECK(must(list_directory(open_folder, "folder")).size() == 5);  // from the beginning again
}

TEST_CASE("make_directories makes parents and takes what is there") {
  Scratch scratch;
  must(make_directories(scratch / "a/b/c"));
  must(make_directories(scratch / "a/b/c"));
  must(make_directories(scratch / "a/b/d/"));
  CHECK(must(stat(scratch / "a/b/d")).is_directory());
  must(write_file_atomic(scratch / "file", ""));
  CHECK(code_of(make_directories(scratch / "file")) == ErrorCode::conflict);
  CHECK(code_of(make_directories(scratch / "file/below")) == ErrorCode::invalid_argument);
}

TEST_CASE("a private folder is ours alone or refused") {
  Scratch scratch;
  must(make_private_directory(scratch / "p/q"));
  CHECK(must(stat(scratch / "p/q")).mode == 0700);
  REQUIRE(::chmod((scratch / "p/q").c_str(), 0755) == 0);
  must(make_private_directory(scratch / "p/q"));
  CHECK(must(stat(scratch / "p/q")).mode == 0700);
  must(write_file_atomic(scratch / "file", ""));
  CHECK(code_of(make_private_directory(scratch / "file")) == ErrorCode::conflict);
  REQUIRE(::symlink("p", (scratch / "link").c_str()) == 0);
  CHECK(code_of(make_private_directory(scratch / "link")) == ErrorCode::conflict);
  if (::geteuid() == 0) {
    REQUIRE(::chown((scratch / "p/q").c_str(), 12345, 12345) == 0);
    CHECK(code_of(make_private_directory(scratch / "p/q")) == ErrorCode::denied);
  } else {
    CHECK(code_of(make_private_directory("/")) == ErrorCode::denied);  // root's
  }
}

TEST_CASE("removals and refusals of NUL bytes") {
  Scratch scratch;
  must(write_file_atomic(scratch / "log", "one\n"));
  must(remove_file(scratch / "log"));
  CHECK(code_of(remove_file(scratch / "log")) == ErrorCode::not_found);
  must(make_directories(scratch / "d"));
  must(remove_directory(scratch / "d"));

  must(write_file_atomic(scratch / "victim", "keep"));
  const std::string forged = scratch / "victim" + std::string(1, '\0') + ".txt";
  CHECK(code_of(remove_file(forged)) == ErrorCode::invalid_argument);
  CHECK(code_of(read_file(forged, 10)) == ErrorCode::invalid_argument);
  CHECK(code_of(write_file_atomic(forged, "x")) == ErrorCode::invalid_argument);
  CHECK(code_of(open("", O_RDONLY)) == ErrorCode::invalid_argument);
  CHECK(must(read_file(scratch / "victim", 10)) == "keep");
}

TEST_CASE("temporary folders are new, private and named as asked") {
  Scratch scratch;
  const std::string one = must(make_temporary_directory(scratch.path(), "work-"));
  const std::string two = must(make_temporary_directory(scratch.path(), "work-"));
  CHECK(one != two);
  CHECK(one.starts_with(scratch / "work-"));
  CHECK(must(stat(one)).mode == 0700);
  CHECK_FALSE(make_temporary_directory(scratch / "absent", "x").has_value());
}

TEST_CASE("disk space is plausible") {
  Scratch scratch;
  const DiskSpace space = must(disk_space(scratch.path()));
  CHECK(space.total_bytes > 0);
  CHECK(space.free_bytes <= space.total_bytes);
  CHECK(space.available_bytes <= space.free_bytes);
  CHECK_FALSE(space.is_read_only);
  CHECK(code_of(disk_space(scratch / "absent")) == ErrorCode::not_found);
}

TEST_CASE("parent and name of paths") {
  CHECK(parent_of("/a/b") == "/a");
  CHECK(parent_of("/a/b///") == "/a");
  CHECK(parent_of("/a") == "/");
  CHECK(parent_of("/") == "/");
  CHECK(parent_of("//a") == "/");
  CHECK(parent_of("a//b") == "a");
  CHECK(parent_of("a") == ".");
  CHECK(parent_of("") == ".");
  CHECK(name_of("/a/b") == "b");
  CHECK(name_of("/a/b//") == "b");
  CHECK(name_of("b") == "b");
  CHECK(name_of("/") == "/");
  CHECK(name_of("") == ".");
}

}  // namespace lilux::sys

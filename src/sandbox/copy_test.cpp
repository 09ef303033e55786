// What a command did to a copy, told from what the copy was. That commands run on one is tried by
// tests/sandbox/machines_test.py.

#include "sandbox/copy.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/field.h"
#include "sandbox/changes.h"
#include "sandbox/workplace.h"
#include "sys/file.h"
#include "sys/io.h"
#include "tests/support/scratch.h"

namespace lilux::sandbox {
namespace {

using test::code_of;
using test::must;
namespace fs = std::filesystem;

void write(const std::string& file, const std::string& text) {
  fs::create_directories(fs::path(file).parent_path());
  std::ofstream(file) << text;
}

// A machine with Landlock and nothing else.
const Host kRestricted{.landlock = 7, .overlay_problem = "no namespaces"};

struct Fixture {
  test::Scratch scratch;
  const std::string tree = scratch / "tree";
  const std::string changes = scratch / "changes";
  const std::string work = changes + "/upper";

  Fixture() {
    write(tree + "/file", "one");
    write(tree + "/other", "two");
    write(tree + "/folder/inner", "three");
    write(tree + "/folder/deep/er", "four");
    fs::create_symlink("nowhere", tree + "/link");
    must(sys::make_private_directory(changes));
  }

  Workplace prepare(const CopyLimits& limits = {}) {
    return must(prepare_workplace(changes, tree, kRestricted, {}, limits));
  }

  // "modify file", a line each; the same before and after they are settled.
  std::string found() {
    const auto described = [](const std::vector<FileChange>& all) {
      std::string text;
      for (const FileChange& one : all) text += std::string(base::enum_name(one.kind)) + " " + one.path + "\n";
      return text;
    };
    const std::string text = described(must(changes_of(changes, tree)));
    CHECK(described(must(settle_changes(changes, tree))) == text);
    CHECK(described(must(changes_of(changes, tree))) == text);
    return text;
  }
};

TEST_CASE_FIXTURE(Fixture, "a copy is like the tree, and says nothing of itself") {
  must(sys::set_times(tree + "/file", {.accessed_ns = 5'000'000'007, .modified_ns = 6'000'000'008}));
  must(sys::set_times(tree + "/folder", {.accessed_ns = 7, .modified_ns = 9'000'000'001}));
  REQUIRE(::chmod((tree + "/file").c_str(), 04751) == 0);
  REQUIRE(::chmod((tree + "/folder/deep").c_str(), 0555) == 0);
  REQUIRE(::mkfifo((tree + "/fifo").c_str(), 0600) == 0);
  const Workplace place = prepare();
  CHECK(must(sys::stat(work + "/file")).modified_ns == 6'000'000'008);
  CHECK(must(sys::stat(work + "/folder")).modified_ns == 9'000'000'001);
  CHECK(must(sys::stat(work + "/file")).mode == 0751);
  CHECK(must(sys::stat(work + "/folder/deep")).mode == 0555);
  CHECK(must(sys::read_file(work + "/folder/deep/er", 10)) == "four");
  CHECK(fs::read_symlink(work + "/link") == "nowhere");
  CHECK_FALSE(sys::exists(work + "/fifo"));
  CHECK(place.place_of(tree + "/folder") == work + "/folder");
  CHECK(place.place_of(tree) == work);
  CHECK(place.place_of("/usr/bin/true") == "/usr/bin/true");
  CHECK(place.place_of("/tmp/x") == changes + "/tmp/x");
  CHECK(found().empty());
}

TEST_CASE_FIXTURE(Fixture, "what was made, changed, removed and renamed is told") {
  prepare();
  write(work + "/new/deep/file", "x");
  write(work + "/file", "changed");
  fs::remove(work + "/link");
  fs::create_symlink("elsewhere", work + "/link");
  fs::remove(work + "/other");
  fs::rename(work + "/folder", work + "/renamed");
  CHECK(found() ==
        "modify file\nremove folder\nmodify link\ncreate new\ncreate new/deep\ncreate new/deep/file\nremove other\n"
        "create renamed\ncreate renamed/deep\ncreate renamed/deep/er\ncreate renamed/inner\n");
  CHECK(must(sys::read_file(content_of(changes) + "/renamed/deep/er", 10)) == "four");  // the content stays
  CHECK_FALSE(sys::exists(work));
}

TEST_CASE_FIXTURE(Fixture, "what becomes another type is removed first, and a folder made anew has lost what it held") {
  prepare();
  fs::remove(work + "/file");
  write(work + "/file/inner", "x");
  fs::remove_all(work + "/folder/deep");
  write(work + "/folder/deep", "x");
  CHECK(found() == "remove file\ncreate file\ncreate file/inner\nremove folder/deep\ncreate folder/deep\n");
}

TEST_CASE_FIXTURE(Fixture, "a folder in the place of another holds what is new, and not what is gone") {
  prepare();
  fs::remove_all(work + "/folder");
  write(work + "/folder/new", "x");
  write(work + "/folder/inner", "three");
  CHECK(found() == "remove folder/deep\ntouch folder/inner\ncreate folder/new\n");
}

TEST_CASE_FIXTURE(Fixture, "modes count, and what is as it was does not") {
  prepare();
  REQUIRE(::chmod((work + "/file").c_str(), 0600) == 0);
  REQUIRE(::chmod((work + "/folder").c_str(), 0700) == 0);
  REQUIRE(::chmod((work + "/other").c_str(), 04644) == 0);
  write(work + "/folder/inner", "three");
  CHECK(found() == "properties file\nproperties folder\ntouch folder/inner\n");
}

TEST_CASE_FIXTURE(Fixture, "another mode of the tree itself is told, and left out") {
  prepare();
  REQUIRE(::chmod(work.c_str(), 0711) == 0);
  CHECK(found() == "left_out .\n");
}

TEST_CASE_FIXTURE(Fixture, "a tree that was closed is looked into all the same") {
  prepare();
  write(work + "/file", "changed");
  REQUIRE(::chmod(work.c_str(), 0) == 0);
  CHECK(found() == "left_out .\nmodify file\n");
}

TEST_CASE_FIXTURE(Fixture, "a change in the very moment after the copy is seen") {
  for (int round = 0; round < 50; ++round) {
    fs::remove_all(changes);
    must(sys::make_private_directory(changes));
    prepare();
    write(work + "/file", "two");  // as long as before
    must(
        sys::set_times(work + "/file", {.accessed_ns = 1, .modified_ns = must(sys::stat(tree + "/file")).modified_ns}));
    REQUIRE(must(changes_of(changes, tree)).size() == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "what was not touched is no change, whatever has become of the tree") {
  prepare();
  write(tree + "/file", "changed by somebody else");
  write(tree + "/folder/new", "made by somebody else");
  REQUIRE(::chmod((tree + "/folder").c_str(), 0700) == 0);
  fs::remove(tree + "/other");
  fs::remove(tree + "/link");
  fs::create_directory(tree + "/link");
  write(work + "/folder/mine", "x");  // changes the folder too
  CHECK(found() == "create folder/mine\n");
}

TEST_CASE_FIXTURE(Fixture, "what was touched and is gone from the tree is a conflict, and what both removed is none") {
  prepare();
  fs::remove(tree + "/other");
  fs::remove(work + "/other");
  CHECK(must(changes_of(changes, tree)).empty());
  write(work + "/file", "changed");
  fs::remove(tree + "/file");
  CHECK(code_of(changes_of(changes, tree)) == base::ErrorCode::conflict);
}

TEST_CASE_FIXTURE(Fixture, "names may hold anything") {
  const std::string names[] = {"line\nbreak", "\xff\xfe", " 1 2 3 4 ", "-", "\\", "\x01", "end "};
  for (const std::string& name : names) write(tree + "/" + name + "/" + name, "x");
  prepare();
  CHECK(must(changes_of(changes, tree)).empty());
  std::string expected;
  for (const std::string& name : std::set<std::string>(std::begin(names), std::end(names))) {
    write(work + "/" + name + "/" + name, "changed");
    expected += "modify " + name + "/" + name + "\n";
  }
  CHECK(found() == expected);
}

TEST_CASE_FIXTURE(Fixture, "what settles is held, whatever happens to files that are still open") {
  prepare();
  std::ofstream open(work + "/file");
  open << "first" << std::flush;
  CHECK(found() == "modify file\n");
  open << "second" << std::flush;
  CHECK(must(sys::read_file(content_of(changes) + "/file", 100)) == "first");
  CHECK_FALSE(sys::exists(changes + "/tmp"));
}

TEST_CASE_FIXTURE(Fixture, "a look that was not finished is made again, and one that was loses nothing") {
  prepare();
  write(work + "/file", "changed");
  write(changes + "/kept/half", "of a look that was not finished");
  CHECK(found() == "modify file\n");
  CHECK_FALSE(sys::exists(changes + "/kept/half"));
  // What a crash may leave behind once it is written down: the copy, or a part of it.
  write(work + "/rest", "x");
  CHECK(found() == "modify file\n");
  CHECK(must(sys::read_file(content_of(changes) + "/file", 10)) == "changed");
}

TEST_CASE_FIXTURE(Fixture, "special files in a copy are left out, and none is taken for a sign of an overlay") {
  prepare();
  fs::remove(work + "/file");
  SUBCASE("a fifo") {
    REQUIRE(::mkfifo((work + "/file").c_str(), 0600) == 0);
  }
  SUBCASE("a device") {
    if (::mknod((work + "/file").c_str(), S_IFCHR, 0) != 0) return;
  }
  const std::vector<FileChange> found = must(changes_of(changes, tree));
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == ChangeKind::remove);
  CHECK(found[1].kind == ChangeKind::left_out);
  CHECK(found[1].path == "file");
}

TEST_CASE_FIXTURE(Fixture,
                  "a tree beyond the limits is refused with what it has and where, before anything is copied") {
  const auto refused = [&](const CopyLimits& limits) {
    const auto made = prepare_workplace(changes, tree, kRestricted, {}, limits);
    CHECK(code_of(made) == base::ErrorCode::over_budget);
    CHECK(fs::is_empty(work));
    return made.error().message;
  };
  CHECK(refused({.entries = 6})
            .ends_with("it has 7 files and folders, most of it in 'folder', and the limit is 6 files and folders"));
  write(tree + "/large", "");
  fs::resize_file(tree + "/large", 3 << 20);
  CHECK(refused({.bytes = 2 << 20}).ends_with("it has 3 MiB, most of it in 'large', and the limit is 2 MiB"));
  prepare({.entries = 8, .bytes = (3 << 20) + 15});
}

TEST_CASE_FIXTURE(Fixture, "a stop ends the copying") {
  std::stop_source stop;
  stop.request_stop();
  CHECK(code_of(prepare_workplace(changes, tree, kRestricted, stop.get_token())) == base::ErrorCode::cancelled);
}

TEST_CASE_FIXTURE(Fixture, "a tree that holds the place of its copy is refused") {
  CHECK(code_of(prepare_workplace(tree + "/folder", tree, kRestricted, {})) == base::ErrorCode::denied);
}

TEST_CASE_FIXTURE(Fixture, "a file that changes while it is copied is copied whole, or refused") {
  const auto filled = [](int round) { return std::string(1 << 20, static_cast<char>('a' + round % 26)); };
  write(tree + "/file", filled(0));
  const sys::Fd file = must(sys::open(tree + "/file", O_WRONLY));
  const std::jthread writer([&](const std::stop_token& stop) {
    for (int round = 0; !stop.stop_requested(); ++round) must(sys::write_at(file.get(), 0, filled(round)));
  });
  for (int round = 0; round < 4; ++round) {
    fs::remove_all(changes);
    must(sys::make_private_directory(changes));
    const auto made = prepare_workplace(changes, tree, kRestricted, {});
    if (!made)
      CHECK(made.error().code == base::ErrorCode::conflict);
    else if (const std::string copied = must(sys::read_file(work + "/file", 1 << 20)); true)
      CHECK(copied == filled(copied[0] - 'a'));
  }
}

TEST_CASE_FIXTURE(Fixture, "a record that is not as it was written is no record") {
  prepare();
  std::ofstream(copy_record(changes), std::ios::app) << "1 2 x";
  CHECK(code_of(changes_of(changes, tree)) == base::ErrorCode::corrupt);
  fs::remove(copy_record(changes));
  CHECK(code_of(changes_of(changes, tree)) == base::ErrorCode::corrupt);
}

TEST_CASE_FIXTURE(Fixture, "on an overlay nothing is copied, nor where nothing can be kept in") {
  const Host whole{.landlock = 7, .has_namespaces = true, .has_overlay = true};
  for (const Host& host : {whole, Host{}}) {
    const Workplace place = must(prepare_workplace(changes, tree, host, {}));
    CHECK(fs::is_empty(work));
    CHECK(place.work == tree);
    CHECK(place.scratch == "/tmp");
    CHECK(place.place_of("/tmp/x") == "/tmp/x");
    REQUIRE(place.spec.trees.size() == 1);
    CHECK(place.spec.trees[0].changes == changes);
  }
}

}  // namespace
}  // namespace lilux::sandbox

#include "kernel/image.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

namespace fs = std::filesystem;

struct World {
  World() : store(must(objects::Store::open(folder.root / "objects"))) {}
  std::string take(const std::vector<std::string>& paths, Content kept = Content::stored, ImageLimits limits = {}) {
    return must(capture(store, paths, kept, limits));
  }

  KernelFolder folder;
  objects::Store store;
};

struct Seen {
  std::string bytes;
  fs::perms mode = {};
  fs::file_time_type changed;
  friend bool operator==(const Seen&, const Seen&) = default;
};
Seen seen(const fs::path& path) {
  return {.bytes = fs::is_regular_file(path) ? content(path) : "",
          .mode = fs::status(path).permissions(),
          .changed = fs::last_write_time(path)};
}

TEST_CASE("a name with a line end makes no line of its own in what a person is shown") {
  World world;
  const auto named = [&](std::string_view name) { return world.folder.path(std::string(name) + "\nremove /forged"); };
  set_content(named("gone"), "1");
  set_content(named("changed"), "1");
  const std::string image = world.take({named("gone"), named("changed"), named("new")});
  fs::remove(named("gone"));
  set_content(named("changed"), "2");
  set_content(named("new"), "1");
  CHECK(must(preview_restore(world.store, image)).find("\nremove /forged") == std::string::npos);
  CHECK(must(difference(world.store, image)).find("\nremove /forged") == std::string::npos);
}

TEST_CASE("a folder that is captured alone comes back with its mode, and what it holds is left as it is") {
  World world;
  const fs::path folder = world.folder.path("d");
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms(0751));
  set_content(folder / "kept", "1");
  const std::string changed = (folder / "changed").string();
  set_content(changed, "1");
  const std::vector paths{changed};
  const std::vector folders{folder.string()};
  const std::string image = must(capture(world.store, paths, Content::stored, {}, folders));
  CHECK(must(difference(world.store, image)).empty());
  CHECK(must(scope_of(world.store, image)).folders == folders);
  set_content(folder / "kept", "2");
  set_content(folder / "new", "1");
  CHECK(must(difference(world.store, image)).empty());
  set_content(changed, "2");
  fs::permissions(folder, fs::perms(0500));
  CHECK(must(difference(world.store, image)).find("/d: mode changed\n") != std::string::npos);
  must(restore(world.store, image));
  CHECK(fs::status(folder).permissions() == fs::perms(0751));
  CHECK(content(changed) == "1");
  CHECK(content(folder / "kept") == "2");
  CHECK(content(folder / "new") == "1");
}

TEST_CASE("a file comes back with content, mode and times") {
  World world;
  const fs::path file = world.folder.path("a");
  set_content(file, std::string("a\0b", 3));
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_exec);
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1000));
  const Seen before = seen(file);
  const std::string image = world.take({file.string()});
  CHECK(must(difference(world.store, image)).empty());

  SUBCASE("when it was changed") {
    set_content(file, "other");
  }
  SUBCASE("when its mode was changed") {
    fs::permissions(file, fs::perms::owner_all);
  }
  SUBCASE("when it was removed") {
    fs::remove(file);
  }
  SUBCASE("when a folder took its place") {
    fs::remove(file);
    fs::create_directories(file / "deep");
    set_content(file / "deep" / "x", "x");
  }
  SUBCASE("when a symlink took its place") {
    set_content(world.folder.path("other"), "other");
    fs::remove(file);
    fs::create_symlink(world.folder.path("other"), file);
  }
  CHECK_FALSE(must(difference(world.store, image)).empty());
  must(restore(world.store, image));
  CHECK(fs::symlink_status(file).type() == fs::file_type::regular);
  CHECK(seen(file) == before);
  CHECK(must(difference(world.store, image)).empty());
}

TEST_CASE("a folder comes back whole, without what came later") {
  World world;
  const fs::path top = world.folder.path("d");
  fs::create_directories(top / "sub" / "empty");
  set_content(top / "sub" / "f", "one");
  fs::create_symlink("sub/f", top / "link");
  fs::permissions(top / "sub", fs::perms::owner_all | fs::perms::group_read);
  const Seen sub = seen(top / "sub");
  const std::string image = world.take({top.string()});

  set_content(top / "sub" / "later", "later");
  set_content(top / "sub" / "f", "two");
  fs::remove(top / "link");
  fs::create_symlink("elsewhere", top / "link");
  fs::remove(top / "sub" / "empty");
  fs::permissions(top / "sub", fs::perms::owner_all);
  must(restore(world.store, image));
  CHECK_FALSE(fs::exists(top / "sub" / "later"));
  CHECK(content(top / "sub" / "f") == "one");
  CHECK(fs::read_symlink(top / "link") == "sub/f");
  CHECK(fs::is_directory(top / "sub" / "empty"));
  CHECK(seen(top / "sub") == sub);

  fs::remove_all(top);
  must(restore(world.store, image));
  CHECK(content(top / "sub" / "f") == "one");
  CHECK(must(difference(world.store, image)).empty());
  must(restore(world.store, image));  // again, as after a crash
  CHECK(seen(top / "sub") == sub);
}

TEST_CASE("what was not there is gone again") {
  World world;
  const fs::path path = world.folder.path("absent");
  const auto folder_changed = fs::last_write_time(world.folder.work);
  const std::string image = world.take({path.string()});
  fs::create_directories(path / "deep");
  set_content(path / "deep" / "x", "x");
  must(restore(world.store, image));
  CHECK_FALSE(fs::exists(path));
  CHECK(fs::last_write_time(world.folder.work) == folder_changed);
}

TEST_CASE("a fingerprint tells a change but keeps no bytes") {
  World world;
  set_content(world.folder.path("a"), "text");
  const std::string image = world.take({world.folder.path("a")}, Content::fingerprint_only);
  CHECK(must(difference(world.store, image)).empty());
  set_content(world.folder.path("a"), "tixt");
  CHECK_FALSE(must(difference(world.store, image)).empty());
  CHECK_FALSE(restore(world.store, image));
  CHECK(content(world.folder.path("a")) == "tixt");
}

TEST_CASE("what cannot be captured is refused before anything is done") {
  World world;
  const std::string path = world.folder.path("a");
  const auto refusal = [&](ImageLimits limits = {}) {
    const auto image = capture(world.store, std::vector{path}, Content::stored, limits);
    REQUIRE_FALSE(image);
    return image.error().code;
  };
  SUBCASE("more than the limit") {
    set_content(path, std::string(1000, 'a'));
    CHECK(refusal({.bytes_max = 999}) == base::ErrorCode::unavailable);
    CHECK(capture(world.store, std::vector{path}, Content::stored, {.bytes_max = 1000}));
  }
  SUBCASE("fifos") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(refusal() == base::ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace lilux::kernel

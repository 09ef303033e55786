#include "item/volume.h"

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git/commit.h"
#include "git/turn.h"
#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::item {

using base::ErrorCode;
using test::code_of;
using test::must;
using test::Scratch;

namespace {

const Reason kReason{.author = {.name = "Ada", .email = "ada@example.org"}, .text = "because"};
constexpr const char* kPath = "directives/core/init.md";

struct World {
  Scratch scratch;
  Volume volume = open();

  Volume open(const std::string& name = "ai", Scope scope = Scope::user) const {
    return must(Volume::open(
        {.scope = scope, .owner = "ada", .folder = scratch / name, .repository = scratch / ("git/" + name + ".git")}));
  }
  void edit(const std::string& path, const std::string& bytes) const {
    must(sys::make_directories(sys::parent_of(scratch / ("ai/" + path))));
    must(sys::write_file_atomic(scratch / ("ai/" + path), bytes));
  }
  std::string file(const std::string& path) const {
    const auto bytes = sys::read_file(scratch / ("ai/" + path), 1 << 20);
    return bytes.value_or("(nothing)");
  }
  std::string branch(const std::string& path) const {
    return must(must(volume.repository()).read("main", path, 1 << 20)).value_or("(nothing)");
  }
  Changed write(const std::string& path, const std::string& bytes) const {
    return must(volume.write({.path = path, .bytes = bytes}, kReason));
  }
  std::vector<std::string> messages(const std::optional<std::string>& path = {}) const {
    std::vector<std::string> found;
    for (const git::Record& record : must(volume.history({.path = path}))) found.push_back(record.message);
    return found;
  }
};

}  // namespace

TEST_CASE("a write is a commit with author and reason, and gives what was there") {
  const World world;
  CHECK(must(world.volume.history({})).empty());
  const Changed first = world.write(kPath, "one");
  CHECK_FALSE(first.before);
  const Changed second = world.write(kPath, "two");
  REQUIRE(second.before);
  CHECK(second.before->bytes == "one");
  CHECK(second.before->stamp == must(git::content_id("one")));
  CHECK(world.file(kPath) == "two");
  CHECK(world.branch(kPath) == "two");
  const auto records = must(world.volume.history({.path = kPath}));
  REQUIRE(records.size() == 2);
  CHECK(records[0].id == second.commit);
  CHECK(records[0].author.name == "Ada");
  CHECK(records[0].message == "because");
  CHECK(world.write(kPath, "two").commit == second.commit);
  CHECK_FALSE(sys::exists(world.scratch / "ai/.git"));
}

TEST_CASE("what people changed is committed as theirs first, and nothing of it is lost") {
  const World world;
  world.edit(kPath, "by hand");
  CHECK(world.write(kPath, "ours").before->bytes == "by hand");
  CHECK(world.messages() == std::vector<std::string>{"because", "Changed outside of Lilux: directives/core/init.md"});
  world.edit(kPath, "by hand again");
  world.edit("plans/untouched.md", "not ours to take in");
  must(world.volume.remove(kPath, {}, kReason));
  CHECK(world.messages().size() == 4);
  CHECK(world.file(kPath) == "(nothing)");
  CHECK(must(must(world.volume.repository()).list("main")).empty());
  world.write(kPath, "new");
  REQUIRE(::unlink((world.scratch / ("ai/" + std::string(kPath))).c_str()) == 0);
  world.write(kPath, "newer");
  CHECK(world.messages().size() == 7);
}

TEST_CASE("a file is put in place of what was expected there alone") {
  const World world;
  const Folder folder(world.scratch / "ai");
  world.edit("patterns/a.md", "one");
  const Content one = *must(folder.read("patterns/a.md"));
  const git::File expected{.path = "patterns/a.md", .id = one.stamp, .mode = one.mode};
  const auto put = [&](const std::optional<git::File>& in_place_of) {
    Folder::Ready ready = must(folder.prepare("patterns/a.md", "ours", git::Mode::plain));
    return Folder::put(ready, in_place_of);
  };
  world.edit("patterns/a.md", "saved meanwhile");
  CHECK(code_of(put(expected)) == ErrorCode::conflict);
  CHECK(code_of(put(std::nullopt)) == ErrorCode::conflict);
  CHECK(code_of(folder.remove("patterns/a.md", expected)) == ErrorCode::conflict);
  CHECK(world.file("patterns/a.md") == "saved meanwhile");
  world.edit("patterns/a.md", "one");
  CHECK(put(expected).has_value());
  CHECK(world.file("patterns/a.md") == "ours");
  world.edit("patterns/a.md", "one");
  CHECK(folder.remove("patterns/a.md", expected).has_value());
  CHECK(put(std::nullopt).has_value());
  CHECK(must(sys::list_directory(world.scratch / "ai/patterns")).size() == 1);  // nothing is left beside it
}

TEST_CASE("what somebody saves while an item is changed is in the history, or still there") {
  const World world;
  world.edit(kPath, "begin");
  constexpr int kWrites = 40;
  std::atomic<int> writes = 0;
  std::mutex writing;
  std::set<std::string> replaced;
  std::jthread person([&] {
    for (int i = 0; writes < kWrites; ++i) {
      const std::string text = "person " + std::to_string(i);
      world.edit(kPath, text);
      for (int look = 0; look < 50 && world.file(kPath) == text; ++look) continue;
      if (world.file(kPath) == text) continue;
      const std::lock_guard no_write(writing);
      if (world.file(kPath) != text) replaced.insert(text);  // and it has not come back
    }
  });
  for (; writes < kWrites; ++writes) {
    const std::lock_guard lock(writing);
    const auto done = world.volume.write({.path = kPath, .bytes = "ours " + std::to_string(writes)}, kReason);
    if (!done) CHECK(code_of(done) == ErrorCode::conflict);
  }
  person.join();
  std::set<std::string> known;
  const git::Repository repository = must(world.volume.repository());
  for (const git::Record& record : must(world.volume.history({.path = kPath, .limit = 10'000})))
    known.insert(must(repository.read(record.id, kPath, 1 << 20)).value_or(""));
  for (const std::string& text : replaced) CHECK_MESSAGE(known.contains(text), text);
}

TEST_CASE("a branch that brings hidden files is refused, and those that are there stay") {
  const World world;
  world.write("patterns/a.md", "a");
  world.edit("scripts/.env", "KEY=secret");
  const git::Repository repository = must(world.volume.repository());
  const std::string tip = must(repository.tip("main")).value();
  const git::Remark remark{.author = kReason.author, .message = "theirs"};
  const std::string theirs = must(git::build_commit(
      repository, {tip}, {{.path = "scripts/.env", .bytes = "x"}, {.path = "patterns/b.md", .bytes = "b"}}, remark));
  must(git::create_branch(repository, "theirs", theirs));
  CHECK(world.volume.merge("theirs", {}, kReason).error().message ==
        "'scripts/.env' is hidden: a volume leaves such files alone");
  CHECK(must(repository.tip("main")) == tip);
  CHECK(world.file("scripts/.env") == "KEY=secret");
  CHECK(world.file("patterns/b.md") == "(nothing)");
}

TEST_CASE("a stamp that no longer fits is a conflict, whoever changed the file") {
  const World world;
  const std::string one = must(git::content_id("one"));
  must(world.volume.write({.path = kPath, .bytes = "one", .expected = ""}, kReason));
  CHECK(code_of(world.volume.write({.path = kPath, .bytes = "x", .expected = ""}, kReason)) == ErrorCode::conflict);
  must(world.volume.write({.path = kPath, .bytes = "two", .expected = one}, kReason));
  CHECK(code_of(world.volume.write({.path = kPath, .bytes = "x", .expected = one}, kReason)) == ErrorCode::conflict);
  world.edit(kPath, "by hand");
  CHECK(code_of(world.volume.remove(kPath, must(git::content_id("two")), kReason)) == ErrorCode::conflict);
  CHECK(world.file(kPath) == "by hand");
  must(world.volume.write({.path = kPath, .bytes = "x", .expected = must(git::content_id("by hand"))}, kReason));
}

TEST_CASE("files keep their permissions, and scripts can be run") {
  const World world;
  must(world.volume.write({.path = "scripts/a.sh", .bytes = "x", .mode = git::Mode::executable}, kReason));
  const std::string path = world.scratch / "ai/scripts/a.sh";
  CHECK((must(sys::stat(path)).mode & 0111U) != 0);
  REQUIRE(::chmod(path.c_str(), 0700) == 0);
  world.write("scripts/a.sh", "y");
  CHECK(must(sys::stat(path)).mode == 0700);
  CHECK(must(must(world.volume.repository()).find("main", "scripts/a.sh"))->mode == git::Mode::executable);
  must(world.volume.write({.path = "scripts/a.sh", .bytes = "y", .mode = git::Mode::plain}, kReason));
  CHECK(must(sys::stat(path)).mode == 0600);
}

TEST_CASE("files are renamed and removed; what is not there is told") {
  const World world;
  world.write(kPath, "one");
  const Changed renamed = must(world.volume.rename(kPath, "directives/init2.md", kReason));
  CHECK(renamed.before->bytes == "one");
  CHECK(world.file(kPath) == "(nothing)");
  CHECK(world.file("directives/init2.md") == "one");
  CHECK(code_of(world.volume.rename(kPath, "directives/x.md", kReason)) == ErrorCode::not_found);
  world.write(kPath, "two");
  CHECK(code_of(world.volume.rename(kPath, "directives/init2.md", kReason)) == ErrorCode::conflict);
  CHECK(code_of(world.volume.remove("plans/none.md", {}, kReason)) == ErrorCode::not_found);
  CHECK(code_of(world.volume.read("plans/none.md")) == ErrorCode::not_found);
}

TEST_CASE("nothing is reached through a symlink or out of the volume") {
  const World world;
  world.edit("directives/real.md", "real");
  must(sys::write_file_atomic(world.scratch / "secret.md", "secret"));
  must(sys::make_directories(world.scratch / "elsewhere"));
  REQUIRE(::symlink((world.scratch / "secret.md").c_str(), (world.scratch / "ai/directives/link.md").c_str()) == 0);
  REQUIRE(::symlink((world.scratch / "elsewhere").c_str(), (world.scratch / "ai/skills").c_str()) == 0);
  REQUIRE(::mkfifo((world.scratch / "ai/directives/pipe.md").c_str(), 0600) == 0);
  for (const char* path : {"directives/link.md", "skills/x.md", "directives/pipe.md"}) {
    INFO(path);
    CHECK_FALSE(world.volume.read(path));
    CHECK_FALSE(world.volume.write({.path = path, .bytes = "x"}, kReason));
  }
  for (const char* path : {"../secret.md", "/etc/passwd", "", "directives/../../secret.md", ".git/config", ".hidden.md",
                           "skills/.venv/x.md"}) {
    INFO(path);
    CHECK(code_of(world.volume.write({.path = path, .bytes = "x"}, kReason)) == ErrorCode::invalid_argument);
  }
  CHECK(must(sys::read_file(world.scratch / "secret.md", 100)) == "secret");
  CHECK(must(sys::list_directory(world.scratch / "elsewhere")).empty());
  const Listing listing = world.volume.list();
  REQUIRE(listing.items.size() == 2);
  CHECK(listing.items[0].path == "directives/pipe.md");
  CHECK(listing.items[0].broken.find("fifo") != std::string::npos);
  CHECK(listing.items[1].broken.empty());
}

TEST_CASE("a listing has items alone; broken ones are there and hurt no others") {
  const World world;
  for (const char* path : {"directives/a.md", "skills/web/SKILL.md", "skills/web/references/b.md", "skills/flat.md",
                           "knowledge/.obsidian/x.md", "outputs/scripts/log.md", "directives/notes.txt", "index.json"})
    world.edit(path, "x");
  world.edit("plans/large.md", std::string(kItemBytesMax + 1, 'x'));
  std::vector<std::string> found;
  for (const Listed& each : world.volume.list().items) found.push_back(each.path + (each.broken.empty() ? "" : "!"));
  CHECK(found ==
        std::vector<std::string>{"directives/a.md", "plans/large.md!", "skills/flat.md", "skills/web/SKILL.md"});
  CHECK(World().volume.list().items.empty());
}

TEST_CASE("a commit is reverted in the folder too, over what people changed elsewhere") {
  const World world;
  world.write(kPath, "one\n");
  const Changed second = world.write(kPath, "two\n");
  world.edit("plans/p.md", "by hand");
  must(world.volume.revert(second.commit, kReason));
  CHECK(world.file(kPath) == "one\n");
  world.edit(kPath, "by hand\n");
  CHECK(code_of(world.volume.revert(second.commit, kReason)) == ErrorCode::conflict);
  CHECK(world.file(kPath) == "by hand\n");
  CHECK(must(world.volume.diff({.from = second.commit})).text.find("-two\n+one\n") != std::string::npos);
}

TEST_CASE("an item is promoted at once, or onto a branch that is merged when it was looked at") {
  const World world;
  const Volume team = world.open("team", Scope::team);
  world.edit("skills/web/SKILL.md", "skill");
  world.edit("skills/web/scripts/run.py", "code");
  must(promote(must(copy_of(world.volume, "skills/web/SKILL.md")), team, {}, {.text = "it works"}));
  CHECK(must(team.read("skills/web/scripts/run.py")).bytes == "code");
  CHECK(must(team.history({}))[0].message == "Promote 'web' from user: it works");
  world.edit("skills/web/SKILL.md", "better");
  must(promote(must(copy_of(world.volume, "skills/web/SKILL.md")), team, "review/web", {.text = "better"}));
  CHECK(must(team.read("skills/web/SKILL.md")).bytes == "skill");
  must(team.merge("review/web", {}, kReason));
  CHECK(must(team.read("skills/web/SKILL.md")).bytes == "better");
  CHECK(code_of(copy_of(world.volume, "index.json")) == ErrorCode::invalid_argument);
  CHECK(code_of(copy_of(world.volume, "plans/none.md")) == ErrorCode::not_found);
}

TEST_CASE("conflicts of a merge change nothing until they are resolved") {
  const World world;
  world.write(kPath, "base\n");
  const git::Repository repository = must(world.volume.repository());
  must(git::create_branch(repository, "other", "main"));
  must(git::commit(repository, "other", {{.path = kPath, .bytes = "theirs\n"}}, {}));
  world.edit(kPath, "by hand\n");
  const git::Merged open = must(world.volume.merge("other", {}, kReason));
  REQUIRE(open.conflicts.size() == 1);
  CHECK(open.conflicts[0].ours == "by hand\n");
  CHECK(world.file(kPath) == "by hand\n");
  const git::Merged done = must(world.volume.merge("other", {{.path = kPath, .bytes = "both\n"}}, kReason));
  CHECK(done.conflicts.empty());
  CHECK(world.file(kPath) == "both\n");
  CHECK(world.branch(kPath) == "both\n");
  CHECK(world.messages().size() == 4);
}

TEST_CASE("a first merge brings a branch into an empty volume") {
  const World world;
  const Volume team = world.open("team", Scope::team);
  world.write(kPath, "one");
  must(promote(must(copy_of(world.volume, kPath)), team, "review/init", {}));
  CHECK(team.list().items.empty());
  must(team.merge("review/init", {}, kReason));
  CHECK(must(team.read(kPath)).bytes == "one");
}

TEST_CASE("the system's volume is filled by commits, and only when something is new") {
  const World world;
  const std::vector<Shipped> first{{"directives/a.md", "a1"}, {"directives/b.md", "b1"}};
  must(fill(world.volume, first, "1.0"));
  const auto before = must(sys::stat(world.scratch / "ai/directives/b.md"));
  must(fill(world.volume, first, "1.0"));
  CHECK(world.messages() == std::vector<std::string>{"Ship what belongs to Lilux 1.0"});
  const std::vector<Shipped> second{{"directives/b.md", "b1"}, {"directives/c.md", "c1"}};
  must(fill(world.volume, second, "1.1"));
  CHECK(world.file("directives/a.md") == "(nothing)");
  CHECK(world.file("directives/c.md") == "c1");
  CHECK(must(sys::stat(world.scratch / "ai/directives/b.md")).inode == before.inode);
  CHECK(world.messages().size() == 2);
}

TEST_CASE("a project's own repository is not touched") {
  const Scratch scratch;
  const std::string project = scratch / "project";
  const std::string git = "git -C '" + project + "' -c user.name=a -c user.email=a@b ";
  REQUIRE(std::system(("git init -q '" + project + "' && cd '" + project +
                       "' && mkdir -p .ai/plans && echo x >.ai/plans/p.md && echo y >y && " + git + "add . && " + git +
                       "commit -qm one && echo z >y && " + git + "add y")
                          .c_str()) == 0);
  const auto bytes = [&](const char* name) { return must(sys::read_file(project + "/.git/" + name, 1 << 20)); };
  const std::string index = bytes("index");
  const std::string head = bytes("HEAD");
  const std::string config = bytes("config");
  const Volume volume = must(Volume::open({.folder = project + "/.ai", .repository = scratch / "data/project.git"}));
  must(volume.write({.path = "plans/p.md", .bytes = "new"}, kReason));
  const Changed second = must(volume.write({.path = kPath, .bytes = "new"}, kReason));
  must(volume.revert(second.commit, kReason));
  must(volume.remove("plans/p.md", {}, kReason));
  CHECK(bytes("index") == index);
  CHECK(bytes("HEAD") == head);
  CHECK(bytes("config") == config);
  CHECK_FALSE(sys::exists(project + "/.ai/.git"));
  CHECK(std::system(("cd '" + project + "' && test \"$(git log --oneline | wc -l)\" = 1").c_str()) == 0);
}

TEST_CASE("a write that fails leaves folder and branch as they were") {
  const World world;
  world.write(kPath, "one");
  must(sys::write_file_atomic(world.scratch / "ai/directives/file", "in the way"));
  CHECK_FALSE(world.volume.write({.path = "directives/file/x.md", .bytes = "x"}, kReason));
  const std::vector<git::Change> two{{.path = kPath, .bytes = "two"}, {.path = "directives/file/x.md", .bytes = "x"}};
  CHECK_FALSE(world.volume.change(two, kReason));
  CHECK(world.file(kPath) == "one");
  CHECK(world.branch(kPath) == "one");
  CHECK_FALSE(sys::exists(world.scratch / "git/ai.git/lilux.pending"));
  world.write(kPath, "three");
}

}  // namespace lilux::item

#include "tools/memory_store.h"

#include <barrier>
#include <csignal>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "sys/file.h"

namespace lilux::tools {
namespace {

using base::ErrorCode;
using base::Json;
using base::JsonArray;
using base::JsonObject;

struct Fixture {
  Fixture() : folder(sys::make_temporary_directory(std::filesystem::temp_directory_path(), "memory-").value()) {}
  ~Fixture() { std::filesystem::remove_all(folder); }

  MemoryStore open() const {
    auto store = MemoryStore::open(file());
    if (!store) FAIL(store.error().message);
    return std::move(*store);
  }
  std::filesystem::path file() const { return folder / "memory.db"; }

  std::filesystem::path folder;
};

void apply(MemoryStore& store, const NoteEdit& edit) {
  const auto done = store.apply(edit);
  if (!done) FAIL(done.error().message);
}
void put(MemoryStore& store, const std::string& key, Json value, std::vector<std::string> tags = {},
         const std::string& space = "s") {
  apply(store, {.space = space, .put = {{.key = key, .value = std::move(value), .tags = std::move(tags)}}});
}
std::string keys(const MemoryStore& store, NoteFilter filter) {
  if (filter.space.empty()) filter.space = "s";
  const auto notes = store.read(filter);
  if (!notes) FAIL(notes.error().message);
  std::string text;
  for (const Note& note : *notes) text += (text.empty() ? "" : " ") + note.key;
  return text;
}
Note note(const MemoryStore& store, const std::string& key, const std::string& space = "s") {
  const auto found = store.find(space, key);
  REQUIRE(found);
  REQUIRE(*found);
  return **found;
}
Json value(const MemoryStore& store, const std::string& key) {
  return note(store, key).value;
}

TEST_CASE("a note comes back as it was written, after reopening too") {
  const Fixture f;
  const Json all = JsonObject{{"text", "two\nlines \"quoted\" \u00e9"}, {"list", JsonArray{1, 2.5, nullptr, true}}};
  {
    MemoryStore store = f.open();
    put(store, "k", all, {"a", "b c"});
  }
  const MemoryStore store = f.open();
  const Note found = note(store, "k");
  CHECK(found.space == "s");
  CHECK(found.value == all);
  CHECK(found.tags == std::vector<std::string>{"a", "b c"});
  CHECK(found.created_us == found.updated_us);
  CHECK(found.created_us % 1000 == 0);
  CHECK(base::now_us() - found.created_us < 60'000'000);
  CHECK(found.expires_us == 0);
  CHECK_FALSE(*store.find("s", "other"));
  CHECK_FALSE(*store.find("other", "k"));
}

TEST_CASE("writing again replaces the value and keeps when the note was made") {
  const Fixture f;
  MemoryStore store = f.open();
  apply(store,
        {.space = "s", .put = {{.key = "k", .value = 1, .tags = {"x"}, .created_us = 1000, .updated_us = 2000}}});
  put(store, "k", 2);
  CHECK(value(store, "k") == 2);
  CHECK(note(store, "k").tags.empty());
  CHECK(note(store, "k").created_us == 1000);
  CHECK(note(store, "k").updated_us > 2000);
  CHECK(store.count({.space = "s"}).value() == 1);
}

TEST_CASE("spaces do not see each other") {
  const Fixture f;
  MemoryStore store = f.open();
  put(store, "k", 1, {}, "s");
  put(store, "k", 2, {}, "t");
  CHECK(value(store, "k") == 1);
  CHECK(note(store, "k", "t").value == 2);
  apply(store, {.space = "t", .removed = {"k"}});
  CHECK(keys(store, {.space = "s"}) == "k");
  CHECK(keys(store, {.space = "t"}).empty());
}

TEST_CASE("notes are found by prefix, tag, words and age, a page at a time") {
  const Fixture f;
  MemoryStore store = f.open();
  put(store, "a/1", "buy milk and bread", {"shopping", "urgent"});
  put(store, "a/2", JsonObject{{"title", "Bread"}, {"price", 42}}, {"shopping"});
  put(store, "a%", "line one\nnothing here", {"urg"});
  put(store, "b/1", "MILK", {});
  CHECK(keys(store, {}) == "a% a/1 a/2 b/1");
  CHECK(keys(store, {.prefix = "a/"}) == "a/1 a/2");
  CHECK(keys(store, {.prefix = "a%"}) == "a%");
  CHECK(keys(store, {.prefix = ""}) == "a% a/1 a/2 b/1");
  CHECK(keys(store, {.tag = "shopping"}) == "a/1 a/2");
  CHECK(keys(store, {.tag = "urg"}) == "a%");
  CHECK(keys(store, {.tag = "shop"}).empty());
  CHECK(keys(store, {.query = "milk"}) == "a/1 b/1");
  CHECK(keys(store, {.query = "bread milk"}) == "a/1");
  CHECK(keys(store, {.query = "42"}) == "a/2");
  CHECK(keys(store, {.query = "title"}) == "a/2");
  CHECK(keys(store, {.query = "nothing"}) == "a%");
  CHECK(keys(store, {.query = "urgent"}) == "a/1");
  CHECK(keys(store, {.query = "mil"}).empty());
  CHECK(keys(store, {.query = "  "}) == "a% a/1 a/2 b/1");
  CHECK(keys(store, {.prefix = "a", .query = "bread", .tag = "urgent"}) == "a/1");
  CHECK(keys(store, {.before_us = 1}).empty());
  CHECK(keys(store, {.before_us = base::now_us() + 1'000'000}) == "a% a/1 a/2 b/1");
  CHECK(keys(store, {.limit = 2}) == "a% a/1");
  CHECK(keys(store, {.limit = 2, .offset = 3}) == "b/1");
  CHECK(keys(store, {.limit = 0}).empty());
  CHECK(store.count({.space = "s", .query = "bread"}).value() == 2);
}

TEST_CASE("nothing in a search or a name is taken for syntax") {
  const Fixture f;
  MemoryStore store = f.open();
  put(store, "it's \"x\"", R"(a "quoted" word OR NOT near( * ^col : - +)", {"t'"});
  for (const char* query : {"\"", "\"\"", "quoted\"", "OR", "NOT", "AND", "near(", "*", "^", "key:quoted", "-", "(",
                            ")", "{key}", "a*", "'", "; drop table notes"}) {
    CAPTURE(query);
    CHECK(store.read({.space = "s", .query = query}));
  }
  CHECK(keys(store, {.query = "OR"}) == "it's \"x\"");
  CHECK(keys(store, {.query = "key:quoted"}).empty());
  CHECK(keys(store, {.query = std::string("quo\0ted", 7)}).empty());
  CHECK(keys(store, {.tag = "t'"}) == "it's \"x\"");
  CHECK(keys(store, {.key = "it's \"x\""}) == "it's \"x\"");
  CHECK(keys(store, {.key = "x' or 1=1 --"}).empty());
}

TEST_CASE("a search no longer finds what was replaced or removed") {
  const Fixture f;
  MemoryStore store = f.open();
  put(store, "k", "first");
  put(store, "k", "second");
  put(store, "gone", "second");
  CHECK(store.apply({.space = "s", .removed = {"gone", "never was"}}).value() == 1);
  CHECK(keys(store, {.query = "first"}).empty());
  CHECK(keys(store, {.query = "second"}) == "k");
  REQUIRE(store.compact());
  CHECK(keys(store, {.query = "second"}) == "k");
}

TEST_CASE("appending adds a line, an element, or makes a list, and starts a note that is not there") {
  const Fixture f;
  MemoryStore store = f.open();
  const auto append = [&](const Json& added) {
    apply(store, {.space = "s", .mode = NoteEdit::Mode::append, .put = {{.key = "k", .value = added}}});
    return base::to_text(value(store, "k"));
  };
  CHECK(append("one") == R"("one")");
  CHECK(append("two") == R"("one\ntwo")");
  CHECK(append(3) == R"(["one\ntwo",3])");
  CHECK(append(JsonArray{4}) == R"(["one\ntwo",3,[4]])");
  CHECK(keys(store, {.query = "two"}) == "k");
}

TEST_CASE("a call makes its change once, however often it is run") {
  const Fixture f;
  const NoteEdit edit{
      .call = "c1", .space = "s", .mode = NoteEdit::Mode::append, .put = {{.key = "k", .value = "once"}}};
  {
    MemoryStore store = f.open();
    apply(store, edit);
    apply(store, edit);
  }
  MemoryStore store = f.open();
  apply(store, edit);
  CHECK(value(store, "k") == "once");
  CHECK(store.apply(edit).value() == 1);
  CHECK(store.done("c1").value() == 1);
  CHECK_FALSE(store.done("c2").value());
  CHECK_FALSE(store.done("").value());
  NoteEdit other = edit;
  other.call = "c2";
  apply(store, other);
  CHECK(value(store, "k") == "once\nonce");
  put(store, "k", "new");
  apply(store, edit);  // late, after somebody else's change
  CHECK(value(store, "k") == "new");
}

TEST_CASE("the newest thousand calls are remembered") {
  const Fixture f;
  MemoryStore store = f.open();
  for (int i = 0; i < 1001; ++i) apply(store, {.call = "c" + std::to_string(i), .space = "s"});
  apply(store, {.call = "c1", .space = "s", .put = {{.key = "newer", .value = 1}}});
  apply(store, {.call = "c0", .space = "s", .put = {{.key = "older", .value = 1}}});
  CHECK(keys(store, {}) == "older");
}

TEST_CASE("an edit that expects something else changes nothing at all") {
  const Fixture f;
  MemoryStore store = f.open();
  put(store, "k", 1, {"t"});
  const std::string stamp = stamp_of(note(store, "k"));
  CHECK(stamp.size() == 16);
  const auto attempt = [&](const std::string& key, const std::string& expected) {
    return store.apply({.call = "c",
                        .space = "s",
                        .put = {{.key = "n", .value = 2}},
                        .removed = {"k"},
                        .expected = {{.key = key, .stamp = expected}}});
  };
  SUBCASE("another value") {
    put(store, "k", 2, {"t"});
    const auto refused = attempt("k", stamp);
    CHECK(refused.error().code == ErrorCode::conflict);
    CHECK(refused.error().message == "note 'k' was changed in between: it says '2' now");
    CHECK(keys(store, {}) == "k");
  }
  SUBCASE("other tags") {
    put(store, "k", 1, {"t", "u"});
    CHECK(attempt("k", stamp).error().code == ErrorCode::conflict);
  }
  SUBCASE("gone") {
    apply(store, {.space = "s", .removed = {"k"}});
    CHECK(attempt("k", stamp).error().message.ends_with("it is gone"));
  }
  SUBCASE("there, where nothing was") {
    CHECK(attempt("k", "").error().code == ErrorCode::conflict);
  }
  SUBCASE("a refused call may come again and then counts") {
    CHECK_FALSE(attempt("k", "other"));
    CHECK(attempt("k", stamp));
    CHECK(keys(store, {}) == "n");
  }
  SUBCASE("what it expects is there, or is absent as expected") {
    CHECK(attempt("nothing", ""));
    CHECK(keys(store, {}) == "n");
  }
}

TEST_CASE("an expired note is as good as gone, and compacting drops it") {
  const Fixture f;
  MemoryStore store = f.open();
  apply(store, {.space = "s",
                .put = {{.key = "old", .value = "v", .created_us = 1000, .expires_us = 2000},
                        {.key = "new", .value = "v", .expires_us = base::now_us() + 3'600'000'000}}});
  CHECK(keys(store, {}) == "new");
  CHECK(keys(store, {.key = "old"}).empty());
  CHECK(keys(store, {.query = "v"}) == "new");
  CHECK(store.count({.space = "s"}).value() == 1);
  SUBCASE("it is dropped") {
    CHECK(store.compact()->expired == 1);
    CHECK(store.compact()->expired == 0);
    CHECK(keys(store, {}) == "new");
  }
  SUBCASE("it can be written anew and is then a new note") {
    put(store, "old", "again");
    CHECK(note(store, "old").created_us > 2000);
    CHECK(note(store, "old").expires_us == 0);
    CHECK(store.compact()->expired == 0);
  }
  SUBCASE("appending does not bring it back") {
    apply(store, {.space = "s", .mode = NoteEdit::Mode::append, .put = {{.key = "old", .value = "w"}}});
    CHECK(value(store, "old") == "w");
  }
}

TEST_CASE("only notes without a name are duplicates of older ones that say the same") {
  const Fixture f;
  MemoryStore store = f.open();
  put(store, "note/1", "same");
  put(store, "note/2", "same");
  put(store, "note/3", "same", {"tag"});
  put(store, "named", "same");
  put(store, "note/4", "other");
  put(store, "note/5", "same");
  put(store, "note/1", "same", {}, "t");
  const auto found = store.duplicates("s");
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].key == "note/2");
  CHECK((*found)[1].key == "note/5");
  CHECK(store.duplicates("t")->empty());
}

TEST_CASE("compacting gives space back to the disk") {
  const Fixture f;
  MemoryStore store = f.open();
  NoteEdit edit{.space = "s"};
  for (int i = 0; i < 200; ++i) {
    edit.put.push_back(
        {.key = "k" + std::to_string(i), .value = std::string(5000, 'x'), .expires_us = i < 190 ? 1000 : 0});
  }
  apply(store, edit);
  const auto saved = store.compact();
  REQUIRE(saved);
  CHECK(saved->expired == 190);
  CHECK(saved->bytes_before > 1'000'000);
  CHECK(saved->bytes_after < saved->bytes_before / 4);
  CHECK(store.count({.space = "s"}).value() == 10);
}

TEST_CASE("what was written is restored exactly by writing back what was read") {
  const Fixture f;
  MemoryStore store = f.open();
  put(store, "k", JsonObject{{"b", 1}, {"a", 2}}, {"x"});
  const Note before = note(store, "k");
  put(store, "k", "other");
  apply(store, {.space = "s", .put = {before}});
  CHECK(note(store, "k") == before);
}

TEST_CASE("two connections change the same note in turn") {
  const Fixture f;
  MemoryStore one = f.open();
  MemoryStore two = f.open();
  const auto add = [](MemoryStore& store, const std::string& who) {
    for (int i = 0; i < 25; ++i) {
      const auto done = store.apply({.call = who + std::to_string(i),
                                     .space = "s",
                                     .mode = NoteEdit::Mode::append,
                                     .put = {{.key = "k", .value = JsonArray{who}}}});
      if (!done) return;
    }
  };
  {
    const std::jthread other([&] { add(two, "two"); });
    add(one, "one");
  }
  // The first append makes the note a list of one, each of the others adds a list to it.
  CHECK(value(one, "k").as_array().size() == 50);
}

TEST_CASE("callers that find no store and all make it at once are all served") {
  constexpr int kCallers = 4;
  for (int round = 0; round < 20; ++round) {
    const Fixture f;
    std::vector<std::string> failures(kCallers);
    std::barrier start(kCallers);
    {
      std::vector<std::jthread> callers;
      for (std::string& failure : failures) {
        callers.emplace_back([&] {
          start.arrive_and_wait();
          auto store = MemoryStore::open(f.file());
          const auto done = store ? store->apply({.space = "s", .put = {{.key = "k", .value = "x"}}})
                                  : std::unexpected(store.error());
          if (!done) failure = done.error().message;
        });
      }
    }
    for (const std::string& failure : failures) CHECK(failure == "");
  }
}

TEST_CASE("after a kill a call was made wholly or not at all, and running it again completes it") {
  const Fixture f;
  const NoteEdit edit{.call = "c1",
                      .space = "s",
                      .mode = NoteEdit::Mode::append,
                      .put = {{.key = "a", .value = "x"}, {.key = "b", .value = std::string(200'000, 'y')}}};
  for (int round = 0; round < 12; ++round) {
    std::filesystem::remove_all(f.folder);
    std::filesystem::create_directories(f.folder);
    const pid_t child = fork();
    if (child == 0) {
      auto store = MemoryStore::open(f.file());
      _exit(store && store->apply(edit) ? 0 : 1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(300 + 700 * round));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    MemoryStore store = f.open();
    const std::string there = keys(store, {});
    CHECK((there.empty() || there == "a b"));
    apply(store, edit);
    CHECK(value(store, "a") == "x");
    CHECK(keys(store, {}) == "a b");
  }
}

TEST_CASE("a file that is no database is an error and stays as it is") {
  const Fixture f;
  REQUIRE(sys::write_file_atomic(f.file(), std::string(5000, 'z')));
  const auto opened = MemoryStore::open(f.file());
  CHECK(opened.error().code == ErrorCode::corrupt);
  CHECK(sys::read_file(f.file(), 10'000).value() == std::string(5000, 'z'));
}

}  // namespace
}  // namespace lilux::tools

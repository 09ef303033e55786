#include "search/index.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include <doctest/doctest.h>
#include <unistd.h>

#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::search {

using base::ErrorCode;
using test::code_of;
using test::must;

namespace {

std::vector<std::string> ids(const Answer& answer) {
  std::vector<std::string> all;
  for (const Hit& hit : answer.hits) all.push_back(hit.id);
  return all;
}

std::vector<std::string> found(Index& index, const std::string& text, Filters filters = {}) {
  return ids(must(index.search({.text = text, .filters = std::move(filters)})));
}

// Two matters, each with words of its own that stand together in several documents.
std::vector<Document> matters() {
  std::vector<Document> documents;
  for (int i = 0; i < 12; ++i) {
    const std::string number = std::to_string(i);
    const bool is_sea = i % 2 == 0;
    documents.push_back({.id = "d" + number,
                         .kind = is_sea ? "knowledge" : "call",
                         .source = i < 6 ? "user" : "project",
                         .title = is_sea ? "harbour" : "kitchen",
                         .text = is_sea ? "the ship left its harbour under sail with rope and anchor, sailor " + number
                                        : "the cook bakes bread with flour and butter in an oven, recipe " + number,
                         .tags = i % 3 == 0 ? std::vector<std::string>{"third"} : std::vector<std::string>{},
                         .time_us = i});
  }
  documents.push_back({.id = "boat", .kind = "knowledge", .text = "a vessel with sail and anchor"});
  return documents;
}

}  // namespace

TEST_CASE("documents are found by their words, replaced and removed") {
  const test::Scratch scratch;
  const auto index = must(Index::open(scratch / "i.db"));
  const Applied first = must(index->apply({.put = {{.id = "a", .title = "Writing records", .text = "the ledger writes"},
                                                   {.id = "b", .text = "getUserName reads a name"},
                                                   {.id = "a", .text = "the LEDGER verified records"}}}));
  CHECK(first.added == 2);
  CHECK(found(*index, "verify record") == std::vector<std::string>{"a"});
  CHECK(found(*index, "writes").empty());  // of two with one id the last counts
  CHECK(found(*index, "user") == std::vector<std::string>{"b"});
  CHECK(must(index->apply({.put = {{.id = "a", .text = "something else"}}, .remove = {"b", "none"}})).removed == 1);
  CHECK(found(*index, "ledger").empty());
  CHECK(found(*index, "user").empty());
  CHECK(found(*index, "else something") == std::vector<std::string>{"a"});
  CHECK(must(index->statistics()).documents == 1);
  must(index->apply({.put = {{.id = "c", .text = "takes the free place"}}}));
  CHECK(found(*index, "free") == std::vector<std::string>{"c"});
}

TEST_CASE("filters let through what has all that they name") {
  const test::Scratch scratch;
  const auto index = must(Index::open(scratch / "i.db"));
  must(index->apply({.put = matters()}));
  std::vector<std::string> calls = found(*index, "ship bread", {.kinds = {"call"}, .sources = {"user"}});
  std::ranges::sort(calls);
  CHECK(calls == std::vector<std::string>{"d1", "d3", "d5"});
  CHECK(found(*index, "ship bread", {.kinds = {"call", "knowledge"}, .tags = {"third"}}).size() == 4);
  CHECK(found(*index, "ship bread", {.since_us = 3, .until_us = 5}) == std::vector<std::string>{"d4", "d3"});
  CHECK(found(*index, "ship", {.kinds = {"nothing"}}).empty());
}

TEST_CASE("vectors find what shares no word with the query") {
  const test::Scratch scratch;
  const auto index = must(Index::open(scratch / "i.db"));
  must(index->apply({.put = matters()}));
  CHECK(must(index->statistics()).is_learning_due);
  CHECK(must(index->learn()).documents == 13);
  CHECK_FALSE(must(index->learn()).is_new);
  const Answer answer = must(index->search({.text = "sailor's rope", .limit = 7, .explain = true}));
  const std::vector<std::string> hits = ids(answer);
  CHECK(std::ranges::find(hits, "boat") != hits.end());
  for (const Hit& hit : answer.hits) {
    double sum = 0;
    for (const Part& part : hit.parts) sum += part.value;
    CHECK(sum == doctest::Approx(hit.score).epsilon(1e-4));
  }
  must(index->apply({.put = {{.id = "new", .text = "an anchor on a vessel"}}}));  // has a vector at once
  const std::vector<std::string> more = ids(must(index->search({.text = "harbour", .limit = 8})));
  CHECK(std::ranges::find(more, "new") != more.end());
}

TEST_CASE("with a view the answer is as though the index held nothing else") {
  const test::Scratch scratch;
  const View view{.sources = {"user", ""}, .hidden = {"d0", "d1", "none"}};
  const auto part = must(Index::open(scratch / "part.db"));
  const auto whole = must(Index::open(scratch / "whole.db"));
  std::vector<Document> documents = matters();
  documents[0].text += " zebra zebra captain";
  documents[1].text += " zebra captain";
  documents[3].text += " captain";
  must(whole->apply({.put = documents}));
  must(whole->learn());
  std::erase_if(documents,
                [](const Document& one) { return one.source == "project" || one.id == "d0" || one.id == "d1"; });
  must(part->apply({.put = documents}));
  for (const char* text : {"captain", "captain zebra bread", "sailor's rope", "zebra", "ship 9 oven"}) {
    CAPTURE(text);
    const Answer seen = must(whole->search({.text = text, .view = view, .explain = true}));
    const Answer alone = must(part->search({.text = text, .view = view, .explain = true}));
    CHECK(ids(seen) == ids(alone));
    for (std::size_t i = 0; i < seen.hits.size(); ++i) {
      CHECK(seen.hits[i].score == alone.hits[i].score);
      REQUIRE(seen.hits[i].parts.size() == alone.hits[i].parts.size());
      for (std::size_t k = 0; k < seen.hits[i].parts.size(); ++k) {
        CHECK(seen.hits[i].parts[k].what == alone.hits[i].parts[k].what);
        CHECK(seen.hits[i].parts[k].value == alone.hits[i].parts[k].value);
      }
    }
  }
  CHECK(ids(must(whole->search({.text = "zebra"}))).size() > 2);  // by what was learned of others
  CHECK(ids(must(whole->search({.text = "zebra", .view = view}))).empty());
}

TEST_CASE("the same documents give the same scores, bit for bit") {
  std::map<std::string, double> scores[2];
  for (auto& of : scores) {
    const test::Scratch scratch;
    const auto index = must(Index::open(scratch / "i.db"));
    must(index->apply({.put = matters()}));
    must(index->learn());
    for (const Hit& hit : must(index->search({.text = "ship with bread", .limit = 100})).hits) of[hit.id] = hit.score;
  }
  CHECK(scores[0].size() == 13);
  CHECK(scores[0] == scores[1]);
}

TEST_CASE("a query of stop words finds them, one without words is refused") {
  const test::Scratch scratch;
  const auto index = must(Index::open(scratch / "i.db"));
  must(index->apply({.put = {{.id = "a", .text = "to be or not to be"}, {.id = "b", .text = "something"}}}));
  CHECK(found(*index, "to be") == std::vector<std::string>{"a"});
  CHECK(found(*index, "unknownword").empty());
  CHECK(code_of(index->search({.text = " .. "})) == ErrorCode::invalid_argument);
}

TEST_CASE("bad documents are named and nothing of their batch is kept") {
  const test::Scratch scratch;
  const auto index = must(Index::open(scratch / "i.db"));
  for (const Document& bad :
       {Document{.id = ""}, Document{.id = "x", .kind = "a\nb"}, Document{.id = "x", .tags = {std::string(300, 't')}},
        Document{.id = "\xff"}, Document{.id = "x", .text = std::string(kTextBytesMax + 1, 'a')}}) {
    CHECK(code_of(index->apply({.put = {{.id = "good", .text = "good"}, bad}})) == ErrorCode::invalid_argument);
    CHECK(must(index->statistics()).documents == 0);
  }
  must(index->apply({.put = {{.id = "x", .title = "\xff\xfe", .text = std::string("nul\0 and \xc3", 10)}}}));
  CHECK(found(*index, "nul") == std::vector<std::string>{"x"});
}

TEST_CASE("a file that is deleted or damaged is made anew, and said") {
  const test::Scratch scratch;
  const std::string path = scratch / "i.db";
  {
    const auto index = must(Index::open(path));
    must(index->apply({.put = matters()}));
    const std::string made = must(index->statistics()).made;
    must(sys::remove_file(path));
    CHECK(must(index->statistics()).documents == 0);
    CHECK(must(index->statistics()).made != made);
  }
  std::ofstream(path, std::ios::trunc) << std::string(20'000, 'x');
  const auto other = must(Index::open(path));
  CHECK_FALSE(must(other->statistics()).dropped.empty());
  must(other->apply({.put = matters()}));
  CHECK_FALSE(found(*other, "bread").empty());
}

TEST_CASE("damage in the middle of a file never gives a wrong state for long") {
  const test::Scratch scratch;
  const std::string path = scratch / "i.db";
  {
    const auto index = must(Index::open(path));
    must(index->apply({.put = matters()}));
    must(index->learn());
  }
  const std::string whole = must(sys::read_file(path, std::size_t{1} << 24));
  for (std::size_t at = 0; at < whole.size(); at += 997) {
    std::string damaged = whole;
    for (std::size_t i = at; i < std::min(at + 64, damaged.size()); ++i)
      damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
    for (const char* end : {"-wal", "-shm"}) std::ignore = sys::remove_file(path + end);
    std::ofstream(path, std::ios::trunc | std::ios::binary) << damaged;
    const auto index = Index::open(path);
    if (!index) continue;  // a version from the future, say
    std::ignore = (*index)->search({.text = "ship bread"});
    std::ignore = (*index)->apply({.put = {{.id = "d1", .text = "again"}}});
    std::ignore = (*index)->learn();
  }
  for (const char* end : {"", "-wal", "-shm"}) std::ignore = sys::remove_file(path + end);
  CHECK(must(must(Index::open(path))->statistics()).documents == 0);
}

TEST_CASE("a process killed at any moment leaves whole transactions") {
  const test::Scratch scratch;
  const std::string path = scratch / "i.db";
  must(Index::open(path));
  for (int round = 0; round < 12; ++round) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const auto index = Index::open(path);
      for (int i = 0; index; ++i) {  // both or neither
        const std::string word = "state" + std::to_string(i % 7);
        std::ignore = (*index)->apply({.put = {{.id = "one", .text = "common " + word}, {.id = "two", .text = word}}});
        std::ignore = (*index)->learn();
      }
      ::_exit(1);
    }
    ::usleep(static_cast<useconds_t>(3000 * (round + 1)));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    const auto index = must(Index::open(path));
    CHECK(must(index->statistics()).dropped.empty());
    int whole = 0;
    for (int i = 0; i < 7; ++i) {
      const auto hits = found(*index, "state" + std::to_string(i));
      CHECK((hits.empty() || hits.size() == 2));
      whole += hits.empty() ? 0 : 1;
    }
    CHECK(whole == (must(index->statistics()).documents == 0 ? 0 : 1));
  }
}

TEST_CASE("threads and processes change and search one index") {
  const test::Scratch scratch;
  const std::string path = scratch / "i.db";
  const auto index = must(Index::open(path));
  const auto fill = [&path](const std::string& who) {
    const auto own = Index::open(path);
    if (!own) return 1;
    for (int i = 0; i < 15; ++i) {
      if (!(*own)->apply({.put = {{.id = who + std::to_string(i), .text = "shared " + who}}})) return 2;
    }
    return 0;
  };
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(fill("p"));
  {
    std::vector<std::jthread> threads;
    for (const char* who : {"a", "b"}) threads.emplace_back([&, who] { CHECK(fill(who) == 0); });
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 30; ++k) CHECK(index->search({.text = "shared", .limit = 100}).has_value());
      });
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(must(index->search({.text = "shared", .limit = 100})).hits.size() == 45);
}

}  // namespace lilux::search

#include "brain/reference.h"

#include <doctest/doctest.h>

namespace lilux::brain {
namespace {

std::string said(std::string_view text) {
  std::string all;
  for (const Mention& mention : find_mentions(text)) {
    if (!all.empty()) all += ", ";
    all += mention.said;
    if (mention.nth != 0) all += "#" + std::to_string(mention.nth);
    if (mention.wanted == Wanted::path) all += ":path";
    if (mention.wanted == Wanted::text) all += ":text";
    if (mention.wanted == Wanted::item) all += ":item " + mention.item_kind;
  }
  return all;
}

TEST_CASE("what came before is spoken of by it, by its kind and by its place in a list") {
  CHECK(said("open it") == "it");
  CHECK(said("Delete that file.") == "that file:path");
  CHECK(said("copy it into that folder") == "it, that folder:path");
  CHECK(said("run that script") == "that script:item script");
  CHECK(said("show the second one") == "the second one#2");
  CHECK(said("open the first") == "the first#1");
  CHECK(said("read the last file, please") == "the last file#-1:path");
  CHECK(said("write the result to out.txt") == "the result:text");
  CHECK(said("show its size") == "its size");
  CHECK(find_mentions("show its size")[0].is_owner);
}

TEST_CASE("several are spoken of by both, them and those") {
  for (const char* text : {"delete both", "delete them", "open those files", "delete all of them, please", "show these",
                           "remove each", "read a.txt and remove each", "open each one", "delete every one",
                           "clear each of those", "clear every one of them"}) {
    REQUIRE_MESSAGE(find_mentions(text).size() == 1, text);
    CHECK_MESSAGE(find_mentions(text).front().is_plural, text);
  }
  CHECK(said("open those files") == "those files:path");
  CHECK(said("delete \"them\"").empty());
  CHECK(said("show both sides").empty());
  CHECK(said("delete each log file").empty());
  CHECK(said("two tickets at 10 euros each").empty());
  CHECK(said("show every process").empty());
  CHECK(said("clear every one of them") == "every one of them");
  CHECK(said("what do they want").empty());
}

TEST_CASE("what names its own thing, joins or tells a time speaks of nothing before") {
  CHECK(said("remember that he called").empty());
  CHECK(said("open the file a.txt").empty());
  CHECK(said("what was done in the last hour").empty());
  CHECK(said("is it going to rain").empty());
  CHECK(said("first things first").empty());
  CHECK(said("the").empty());
  CHECK(said("").empty());
}

TEST_CASE("this folder is nothing that came before; that file is no folder") {
  CHECK(find_mentions("how big is this folder").empty());
  REQUIRE(find_mentions("write hello to the file").size() == 1);
  CHECK(find_mentions("write hello to the file").front().sort == Sort::file);
  CHECK(find_mentions("list that folder").front().sort == Sort::folder);
}

}  // namespace
}  // namespace lilux::brain

#include "brain/polite.h"

#include <doctest/doctest.h>

namespace lilux::brain {
namespace {

TEST_CASE("what asks politely says nothing of what is wanted") {
  CHECK(plainly("could you please show me a.txt, thanks") == "show me a.txt");
  CHECK(plainly("Please list files for me now") == "list files");
  CHECK(plainly("I'd like to read notes.md") == "read notes.md");
  CHECK(plainly("what's in src") == "what is in src");
  CHECK(plainly("could you perhaps delete a.txt") == "delete a.txt");
  CHECK(plainly("please") == "please");
  CHECK(plainly("") == "");
}

TEST_CASE("what forbids or asks whether one may stays") {
  CHECK(plainly("please never delete a.txt") == "never delete a.txt");
  CHECK(plainly("can I undo that") == "can I undo that");
  CHECK(plainly("should I delete a.txt?") == "should I delete a.txt?");
}

TEST_CASE("small words and words that mean the same are no difference") {
  CHECK(loosely("display all of the files in the directory src") == loosely("show files in folder src"));
  CHECK(loosely("see what's in a.txt") == loosely("show what is in a.txt"));
  CHECK(loosely("which scripts do I have") == loosely("what scripts are there"));
  CHECK(loosely("give me a list of the skills that are installed") == loosely("show skills"));
  CHECK(loosely("do not show a.txt") == "do not show a.txt");
}

TEST_CASE("a phrase that says too little without its small words is not loosened") {
  CHECK(loosened("show me the files of {{path}}") == "show files {{path}}");
  CHECK(loosened("every day {{act}}") == std::nullopt);
  CHECK(loosened("is there a {{pattern}}") == std::nullopt);
}

TEST_CASE("another word for one that is said stands for it only where words are compared") {
  const Spoken said = loosely_spoken("please find my big files");
  REQUIRE(said.words.size() == 3);
  CHECK(said.words[1].folded == "large");
  CHECK(said.text.substr(said.words[1].begin, said.words[1].end - said.words[1].begin) == "big");
}

}  // namespace
}  // namespace lilux::brain

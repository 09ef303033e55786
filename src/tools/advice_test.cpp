#include "tools/advice.h"

#include <doctest/doctest.h>

#include "brain/alternatives.h"
#include "brain/phrase.h"
#include "tools/advice_table.h"

namespace lilux::tools {
namespace {

std::string told(std::string_view text) {
  return advice_for(text).value_or("");
}

TEST_CASE("every text of the table is sentences") {
  for (const Advice& advice : advices()) {
    for (const std::string_view written : advice.says) {
      const auto all = brain::alternatives(written, 1000);
      REQUIRE_MESSAGE(all, written);
      for (const std::string& says : *all) CHECK_MESSAGE(brain::Phrase::compile(says), says);
    }
  }
}

TEST_CASE("what no sentence does is told by the words that do it") {
  CHECK(told("please turn off the daemon").contains("`lilux down`"));
  CHECK(told("What time is it?").contains("`!date`"));
  CHECK(told("show me the first 2 lines of a.txt").contains("`!head -n 2 a.txt`"));
  CHECK(told("forget the milk").contains("memory.read query='the milk'"));
  CHECK(told("show the files").empty());
  CHECK(told("").empty());
}

TEST_CASE("small words and other words for the same make no difference") {
  CHECK(told("what's the last line of the file server.log").contains("`!tail"));
  CHECK(told("set my budget to 10 dollars").contains("budget.set"));
  CHECK(told("limit the budget of this task to 5 dollars").contains("budget.set"));
  CHECK(told("can you get my file back").contains("undo.list"));
  CHECK(told("compare a.txt with b.txt").contains("`!diff a.txt b.txt`"));
  for (const char* text : {"compare love with hate", "set my budget to something", "how does the movie end",
                           "the beginning of the war", "extract the juice", "show me the day"})
    CHECK_MESSAGE(told(text).empty(), text);
}

TEST_CASE("what is said stands in a command as one word, or as the words that it is") {
  CHECK(told("git status --short").contains("`!git status --short`"));
  CHECK(told("git log; rm x").contains("'log; rm x'"));
  CHECK(told("forget x; rm -rf ~").contains("'x; rm -rf ~'"));
}

TEST_CASE("what is wanted later is not done now") {
  for (const char* text :
       {"in 10 minutes run make", "every day run make test", "delete a.txt every night", "tomorrow show me a.txt"})
    CHECK_MESSAGE(told(text).contains("later"), text);
  CHECK(told("in few minutes run make").empty());
}

TEST_CASE("who asks why or forbids wants nothing done") {
  CHECK(is_only_talk("why was the read of /etc/shadow denied"));
  CHECK(is_only_talk("please don't read a.txt"));
  CHECK(is_only_talk("what happens if I delete a.txt?"));
  CHECK_FALSE(is_only_talk("read why.txt"));
  CHECK_FALSE(is_only_talk("show me what happens"));
}

TEST_CASE("files are not looked for by their size or their time, and it is told what does that") {
  for (const char* text : {"find files bigger than 1 MB in d", "which files are over 20k",
                           "show files larger than 5 gb", "find all files smaller than 100 bytes"})
    CHECK_MESSAGE(told(text).contains("!du"), text);
  for (const char* text :
       {"find files changed since yesterday", "files modified in the last 2 days", "delete files older than 30 days",
        "list the files created last week", "which files were edited today in src"})
    CHECK_MESSAGE(told(text).contains("-mtime"), text);
  for (const char* text : {"find files called more", "show the file from.txt", "what changed since yesterday",
                           "find files bigger than mine", "list the files from the project"})
    CHECK_MESSAGE(told(text).empty(), text);
}

TEST_CASE("who says hello, asks what there is or wants what nobody does here is answered kindly") {
  CHECK(told("Hello!").starts_with("hello."));
  CHECK(told("hey lilux").starts_with("hello."));
  CHECK(told("thank you").starts_with("you are welcome"));
  for (const char* text : {"help", "what can I do here?", "how do I start"})
    CHECK_MESSAGE(told(text).contains("`help`"), text);
  for (const char* text : {"quit", "exit the shell", "bye"}) CHECK_MESSAGE(told(text).contains("`exit`"), text);
  for (const char* text : {"search the web for cats", "what's the weather", "install vim", "reboot",
                           "send an email to ana", "tell me a joke", "calculate 2 + 2"})
    CHECK_MESSAGE(told(text).contains("no tool "), text);
  for (const char* text : {"limit this task to 5 dollars", "cap the spending at $10", "give this task 1000 tokens"})
    CHECK_MESSAGE(told(text).contains("budget.set"), text);
  CHECK(told("how do I delete a file?").contains("`? undo that`"));
  CHECK(told("show me lines 2 to 5 of a.txt").contains("`!sed -n 2,5p a.txt`"));
  CHECK(told("edit a.txt").contains("`? append TEXT to a.txt`"));
  for (const char* text : {"what is love", "go to bed", "edit my life", "show lines from the poem", "the task is done",
                           "I have 5 dollars", "change everything"})
    CHECK_MESSAGE(told(text).empty(), text);
}

TEST_CASE("nobody is reminded") {
  for (const char* text : {"remind me to call my mom", "Remind me in 10 minutes to drink!",
                           "please set an alarm for six", "set a timer for 5 minutes", "wake me at seven"})
    CHECK_MESSAGE(told(text).contains("nobody is reminded"), text);
}

}  // namespace
}  // namespace lilux::tools

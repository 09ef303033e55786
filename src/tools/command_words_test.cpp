#include "tools/command_words.h"

#include <doctest/doctest.h>

namespace lilux::tools {
namespace {

TEST_CASE("a line for bash is a sentence, where it takes what the command takes") {
  CHECK(spelt_out("cp a.txt b.txt") == "copy a.txt to b.txt");
  CHECK(spelt_out("cp -r d 'my copy'") == "copy d to 'my copy'");
  CHECK(spelt_out("mv a.txt b.txt") == "rename a.txt to b.txt");
  CHECK(spelt_out("rm -rf d") == "delete d");
  CHECK(spelt_out("rm a.txt b.txt") == "delete a.txt and b.txt");
  CHECK(spelt_out("mkdir -p foo") == "make the folder foo");
  CHECK(spelt_out("ls -la d") == "list the folder d");
  for (const char* text : {"", "cp a.txt", "cp a b c", "cp --backup a b", "mkdir", "rm", "remove a.txt", "ls -R d"})
    CHECK_MESSAGE(spelt_out(text) == text, text);
}

}  // namespace
}  // namespace lilux::tools

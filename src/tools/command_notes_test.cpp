#include "tools/command_notes.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace lilux::tools {

namespace {

bool holds(std::string_view said, std::string_view word) {
  const std::vector<std::string> words = refused_words(said);
  return std::ranges::find(words, word) != words.end();
}

TEST_CASE("a path is found in what programs say when they do not get at it") {
  for (const char* said :
       {"cat: /home/u/f: No such file or directory\n", "ls: cannot access '/home/u/f': No such file or directory",
        "touch: cannot touch \u2018/home/u/f\u2019: No such file or directory\nmore\n",
        "bash: line 1: /home/u/f: Permission denied",
        "FileNotFoundError: [Errno 2] No such file or directory: '/home/u/f'",
        "Error: ENOENT: no such file or directory, open '/home/u/f'\n    at main\n",
        "error: open(\"/home/u/f\"): Operation not permitted", "first\n\nrm: '/home/u/f': Device or resource busy"}) {
    CAPTURE(said);
    CHECK(holds(said, "/home/u/f"));
  }
  CHECK(holds("cat: sub/key: Permission denied", "sub/key"));
  CHECK(holds("ls: /home/u/zdj\u0119cia/\u00c0\u20ac: Permission denied", "/home/u/zdj\u0119cia/\u00c0\u20ac"));
  CHECK_FALSE(holds("cat: a: No such file or directory", "file"));
}

TEST_CASE("lines that tell of no refusal have no such words") {
  CHECK(refused_words("").empty());
  CHECK(refused_words("\n\n").empty());
  CHECK(refused_words("reading /home/u/f\nwarning: /home/u/g is old\n").empty());
  CHECK_FALSE(holds("cat: a: No such file or directory\nreading /home/u/f\n", "/home/u/f"));
}

}  // namespace

}  // namespace lilux::tools

#include "search/words.h"

#include <doctest/doctest.h>

#include "search/snippet.h"

namespace lilux::search {

namespace {

std::vector<std::string> terms(std::string_view text) {
  std::vector<std::string> found;
  for (const Word& word : Words().split(text)) found.push_back(word.term);
  return found;
}

using Terms = std::vector<std::string>;

}  // namespace

TEST_CASE("English words are stems, others are folded") {
  CHECK(terms("Flows, flowing; FLOWED") == Terms{"flow", "flow", "flow"});
  CHECK(terms("Über Straße naïve ÉCOLE") == Terms{"uber", "strass", "naiv", "ecol"});
  CHECK(terms("ПРИВЕТ Привет") == Terms{"привет", "привет"});
  CHECK(terms("ﬁle ２０") == Terms{"file", "20"});
}

TEST_CASE("names are there in parts and as a whole") {
  CHECK(terms("getHTTPServer") == Terms{"gethttpserv", "get", "http", "server"});
  CHECK(terms("fs.read_file utf8") == Terms{"fs", "read", "file", "utf8"});
}

TEST_CASE("writings without spaces are pairs of characters") {
  CHECK(terms("日本語 中") == Terms{"日本", "本語", "中"});
}

TEST_CASE("stop words are marked") {
  CHECK(terms("the flow") == Terms{"\x02the", "flow"});
  CHECK_FALSE(is_content("\x02the"));
}

TEST_CASE("places are those in the text, and bytes that are no text end a word") {
  const std::string text = "a\xff\xfe bad\xc3 cat";
  for (const Word& word : Words().split(text)) {
    CHECK(word.begin < word.end);
    CHECK(word.end <= text.size());
  }
  CHECK(terms(text) == Terms{"\x02"
                             "a",
                             "bad", "cat"});
  CHECK(terms(std::string(500, 'x')).front().size() == kTermBytesMax);
  CHECK(terms("").empty());
}

TEST_CASE("a snippet shows where the words stand together") {
  Words words;
  std::string text;
  for (int i = 0; i < 100; ++i) text += "filler flow filler. ";
  text += "Here the boundary\nlayer flow is told of. ";
  for (int i = 0; i < 100; ++i) text += "more filler. ";
  const std::string shown = snippet(text, {{"boundari", 3}, {"layer", 2}, {"flow", 1}}, words);
  CHECK(shown.find("boundary layer flow") != std::string::npos);
  CHECK(shown.starts_with("… "));
  CHECK(shown.ends_with(" …"));
  CHECK(shown.size() < 260);
  CHECK(snippet("short text", {}, words) == "short text");
}

}  // namespace lilux::search

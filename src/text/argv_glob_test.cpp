#include "text/argv_glob.h"

#include <random>

#include <doctest/doctest.h>

#include "text/shell.h"

namespace lilux::text {
namespace {

bool fits(std::string_view pattern, const std::vector<std::string>& words, Reading reading) {
  const auto glob = ArgvGlob::compile(pattern);
  INFO(pattern);
  REQUIRE(glob);
  return glob->matches(words, reading);
}
bool gives(std::string_view pattern, const std::vector<std::string>& words) {
  return fits(pattern, words, Reading::strict);
}
bool takes(std::string_view pattern, const std::vector<std::string>& words) {
  return fits(pattern, words, Reading::lenient);
}

std::string refusal(std::string_view pattern) {
  const auto glob = ArgvGlob::compile(pattern);
  return glob ? "" : glob.error().message;
}

TEST_CASE("a pattern has as many words as the command, and ** opens its end") {
  CHECK(gives("npm test", {"npm", "test"}));
  CHECK_FALSE(gives("npm test", {"npm", "test", "--watch"}));
  CHECK(gives("npm test*", {"npm", "test:unit"}));
  CHECK_FALSE(gives("npm test*", {"npm", "test", "x"}));
  CHECK(gives("git push **", {"git", "push"}));
  CHECK(gives("git push **", {"git", "push", "origin", "main"}));
  CHECK_FALSE(gives("git push **", {"git", "pull"}));
  CHECK_FALSE(gives("git * main", {"git", "push", "origin", "main"}));
  CHECK(gives("git {push,pull} *", {"git", "pull", "origin"}));
  CHECK_FALSE(gives("npm test", {"npm", "test "}));
  CHECK_FALSE(gives("npm run *", {"npm run", "x"}));
}

TEST_CASE("one word names a program, whatever its arguments") {
  CHECK(gives("npm", {"npm"}));
  CHECK(gives("npm", {"npm", "publish"}));
  CHECK(takes("rm", {"/bin/rm", "-rf", "/"}));
  CHECK_FALSE(gives("npm", {"npmx"}));
}

TEST_CASE("what is quoted is meant as it stands") {
  CHECK(gives("git commit -m 'a * b'", {"git", "commit", "-m", "a * b"}));
  CHECK_FALSE(gives("git commit -m 'a * b'", {"git", "commit", "-m", "a x b"}));
  CHECK(gives("echo 'it'\\''s'", {"echo", "it's"}));
  CHECK(gives("echo ''", {"echo", ""}));
  CHECK_FALSE(gives("echo ''", {"echo", "x"}));
  CHECK(gives("echo [a b]", {"echo", " "}));
}

TEST_CASE("a command line as it is shown is a pattern of itself") {
  std::mt19937 random(5);
  constexpr std::string_view kBytes = "ab'\"*?[]{},\\ ;|&$\n-/=~";
  for (int round = 0; round < 5000; ++round) {
    std::vector<std::string> words{"tool"};
    for (std::size_t count = 1 + random() % 3; count > 0; --count) {
      std::string& word = words.emplace_back();
      for (std::size_t size = random() % 5; size > 0; --size) word += kBytes[random() % kBytes.size()];
    }
    const std::string line = join(words);
    INFO(line);
    REQUIRE(gives(line, words));
    std::vector<std::string> others = words;
    others.back() += "x";
    REQUIRE_FALSE(gives(line, others));
  }
}

TEST_CASE("a program named without a slash gives rights only where the system installs programs") {
  for (const std::string_view program : {"npm", "/usr/bin/npm", "/usr/local/bin/npm", "/opt/node/bin/npm"}) {
    CHECK(gives("npm test", {std::string(program), "test"}));
  }
  for (const std::string_view program :
       {"/home/u/p/npm", "./npm", "bin/npm", "/tmp/npm", "/usr/../home/u/npm", "/usrx/npm"}) {
    INFO(program);
    CHECK_FALSE(gives("npm test", {std::string(program), "test"}));
    CHECK(takes("npm test", {std::string(program), "test"}));
  }
  CHECK(gives("/home/u/bin/npm test", {"/home/u/bin/npm", "test"}));
  CHECK_FALSE(gives("/home/u/bin/npm test", {"npm", "test"}));
}

TEST_CASE("no wildcard that gives rights matches through what a shell reads as more than words") {
  for (const std::string_view rest :
       {"; rm -rf /", " && rm x", " | sh", "$(id)", "`id`", "\nrm x", " > /etc/passwd", " < x", " & rm", "$HOME"}) {
    const std::string script = "npm test" + std::string(rest);
    INFO(script);
    for (const std::string_view pattern :
         {"sh", "sh **", "sh -c *", "sh -c npm*", "sh -c 'npm test'*", "*", "* **", "s? -c **"}) {
      CHECK_FALSE(gives(pattern, {"/bin/sh", "-c", script}));
    }
    CHECK_FALSE(gives("env **", {"/usr/bin/env", "bash", "-c", script}));
    CHECK_FALSE(gives("timeout 5 **", {"timeout", "5", "/bin/bash", "-c", script}));
    CHECK(gives("sh -c " + quote(script), {"/bin/sh", "-c", script}));
    CHECK(takes("sh -c *", {"/bin/sh", "-c", script}));
    CHECK(takes("sh", {"/bin/sh", "-c", script}));
  }
  CHECK(gives("sh -c *", {"/bin/sh", "-c", "npm test"}));
  CHECK(gives("grep **", {"/usr/bin/grep", "-E", "a|b", "x"}));
}

TEST_CASE("patterns over command lines that never match are refused with the reason") {
  for (const std::string_view pattern : {" npm", "npm ", "npm  test", " ", "'a' ", "'a'  b"}) {
    INFO(pattern);
    CHECK(refusal(pattern).ends_with("has a space too many, so it never matches"));
  }
  CHECK(refusal("") == "pattern '' is empty, so it never matches");
  CHECK(refusal("git ** main") == "pattern 'git ** main' has '**' before its end");
  CHECK(refusal("echo 'a") == "pattern 'echo 'a' has a quote that does not close");
  CHECK_FALSE(refusal("echo {a b,c}").empty());
  CHECK_FALSE(refusal("echo [z-a]").empty());
}

bool argv_covers(std::string_view wide, std::string_view narrow) {
  return covers(*ArgvGlob::compile(wide), *ArgvGlob::compile(narrow));
}

TEST_CASE("a command pattern covers those whose every match it matches") {
  CHECK(argv_covers("npm", "npm test"));
  CHECK(argv_covers("npm **", "npm"));
  CHECK(argv_covers("npm *", "npm test"));
  CHECK(argv_covers("npm", "/usr/bin/npm test"));
  CHECK(argv_covers("sh -c 'a;b'", "sh -c 'a;b'"));
  CHECK_FALSE(argv_covers("npm", "/home/u/npm test"));
  CHECK_FALSE(argv_covers("/usr/bin/npm", "npm test"));
  CHECK_FALSE(argv_covers("npm test", "npm"));
  CHECK_FALSE(argv_covers("npm test", "npm test **"));
  CHECK_FALSE(argv_covers("npm *", "npm a b"));
  CHECK_FALSE(argv_covers("sh -c *", "sh -c 'a;b'"));
  CHECK_FALSE(argv_covers("sh", "sh -c 'a;b'"));
  CHECK_FALSE(argv_covers("?usr*", "/usr/bin/git"));
  CHECK_FALSE(argv_covers("{/x,g*}", "g*"));
}

TEST_CASE("covering of commands is sound, read strictly and leniently") {
  std::mt19937 random(11);
  const auto kPatterns =
      std::to_array<std::string_view>({"a", "*", "b*", "sh", "'a;b'", "a?", "{a,b}", "/usr/bin/a", "/home/*"});
  const auto kWords =
      std::to_array<std::string_view>({"a", "b", "sh", "a;b", "ab", "/usr/bin/a", "/home/a", "/home/sh", ""});
  int covered = 0;
  const auto pattern = [&] {
    std::string made;
    for (std::size_t i = 0, count = 1 + random() % 3; i < count; ++i)
      made.append(i == 0 ? "" : " ").append(kPatterns[random() % kPatterns.size()]);
    return made + (random() % 3 == 0 ? " **" : "");
  };
  for (int round = 0; round < 60'000; ++round) {
    const std::string wide = pattern();
    const std::string narrow = pattern();
    std::vector<std::string> words;
    for (std::size_t count = 1 + random() % 4; count > 0; --count) words.emplace_back(kWords[random() % kWords.size()]);
    if (!argv_covers(wide, narrow)) continue;
    ++covered;
    INFO(wide << " / " << narrow << " / " << join(words));
    for (const Reading reading : {Reading::strict, Reading::lenient}) {
      const bool is_sound = !fits(narrow, words, reading) || fits(wide, words, reading);
      REQUIRE(is_sound);
    }
    const bool lenient_takes_all = !gives(narrow, words) || takes(wide, words);
    REQUIRE(lenient_takes_all);
  }
  CHECK(covered > 1000);
}

}  // namespace
}  // namespace lilux::text

#include "text/shell.h"

#include <array>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace lilux::text {

namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view line) {
  const auto words = split(line);
  REQUIRE_MESSAGE(words, (words ? "" : words.error().message));
  return *words;
}

Words random_words(std::mt19937& random) {
  constexpr std::string_view kBytes = "ab='\"\\ $`;&|<>(){}*?[]#~!\n\t-/\xc3\xa9";
  Words words(1 + random() % 4);
  for (std::string& word : words) {
    for (std::size_t size = random() % 6; size > 0; --size) word += kBytes[random() % kBytes.size()];
  }
  return words;
}

}  // namespace

TEST_CASE("words are quoted only when a shell would read them differently") {
  CHECK(quote("plain-word_1.2/x:y=z,@%+") == "plain-word_1.2/x:y=z,@%+");
  CHECK(quote("") == "''");
  CHECK(quote("two words") == "'two words'");
  CHECK(quote("it's") == "'it'\\''s'");
  CHECK(quote("$HOME") == "'$HOME'");
  CHECK(quote("=ls") == "'=ls'");
  CHECK(quote("caf\xc3\xa9") == "'caf\xc3\xa9'");
}

TEST_CASE("a joined line begins with a command") {
  CHECK(join(Words{}).empty());
  CHECK(join(Words{"echo", "a b", "if"}) == "echo 'a b' if");
  CHECK(join(Words{"if", "x"}) == "'if' x");
  CHECK(join(Words{"A=b", "A=b"}) == "'A=b' A=b");
}

TEST_CASE("splitting undoes joining") {
  std::mt19937 random(5);
  for (int i = 0; i < 5000; ++i) {
    const Words words = random_words(random);
    const std::string line = join(words);
    CAPTURE(line);
    CHECK(words_of(line) == words);
    CHECK(join(words_of(line)) == line);
  }
}

TEST_CASE("quotes are read as a shell reads them") {
  CHECK(words_of("").empty());
  CHECK(words_of(" \t ").empty());
  CHECK(words_of(" a\tb  c ") == Words{"a", "b", "c"});
  CHECK(words_of("'a b'c\"d e\" ''") == Words{"a bcd e", ""});
  CHECK(words_of("a\\ b \\'c\\$d") == Words{"a b", "'c$d"});
  CHECK(words_of("\"a\\\"b\\\\c\\$d\\`e\\n\"") == Words{"a\"b\\c$d`e\\n"});
  CHECK(words_of("'a\nb' \"c\nd\"") == Words{"a\nb", "c\nd"});
  CHECK(words_of("'$x `y` \\'") == Words{"$x `y` \\"});
}

TEST_CASE("what a shell would expand is not split") {
  for (const char* line :
       {"$x",    "a$x", "\"$x\"", "`a`",        "\"`a`\"", "*",    "a?",   "[a]",  "~",          "~/x",
        "{a,b}", "a>b", "<a",     "(a)",        "#a",      "a #b", "!a",   "^a",   "=a",         "'a",
        "\"a",   "a\\", "a\\\nb", "\"a\\\nb\"", "a & b",   "&",    "a\rb", "\x7f", "caf\xc3\xa9"}) {
    CAPTURE(line);
    const auto words = split(line);
    REQUIRE(!words);
    CHECK(words.error().code == base::ErrorCode::invalid_argument);
    CHECK(words.error().message.find(" at column ") != std::string::npos);
    CHECK(!words.error().hint.empty());
  }
  for (const char* line : {"a; b", "a && b", "a || b", "a | b", "a\nb", ";"}) {
    CAPTURE(line);
    REQUIRE(!split(line));
    CHECK(split(line).error().message.starts_with("the line holds more than the command '"));
  }
  CHECK(split("echo $x").error().message == "'$' at column 6 has a meaning of its own");
  CHECK(!split(std::string_view("a\0b", 3)));
}

TEST_CASE("the commands of a simple script are found") {
  using Commands = std::vector<Words>;
  CHECK(simple_commands("") == Commands{});
  CHECK(simple_commands("\n \n") == Commands{});
  CHECK(simple_commands("git status") == Commands{{"git", "status"}});
  CHECK(simple_commands("a;b && c || d | e\nf;\n") == Commands{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}});
  CHECK(simple_commands("a &&\n\n b") == Commands{{"a"}, {"b"}});
  CHECK(simple_commands("cd 'x y'&&git commit -m \"a; b\"") ==
        Commands{{"cd", "x y"}, {"git", "commit", "-m", "a; b"}});
  CHECK(simple_commands("echo if A=b ';'") == Commands{{"echo", "if", "A=b", ";"}});
}

TEST_CASE("a script that is not wholly understood has no commands") {
  for (const char* script : {"a &",
                             "a & b",
                             "a &&",
                             "a ||",
                             "a |",
                             "&& a",
                             "| a",
                             "; a",
                             ";",
                             "a;;b",
                             "a ; ; b",
                             "a && ; b",
                             "a |& b",
                             "a ||| b",
                             "a &&& b",
                             "a > b",
                             "a >> b",
                             "a 2>&1",
                             "a < b",
                             "a << E\nx\nE",
                             "a <<< b",
                             "(a)",
                             "{ a; }",
                             "f() { a; }",
                             "echo $x",
                             "echo ${x}",
                             "echo $(a)",
                             "echo `a`",
                             "echo \"$(a)\"",
                             "echo \"`a`\"",
                             "echo $((1))",
                             "echo <(a)",
                             "echo *.c",
                             "echo a?",
                             "echo [a]",
                             "echo {a,b}",
                             "echo ~",
                             "A=b",
                             "A=b c",
                             "'A=b' c",
                             "if a; then b; fi",
                             "while a; do b; done",
                             "for i in a; do b; done",
                             "case a in a) b;; esac",
                             "! a",
                             "'!' a",
                             "a # b",
                             "# a",
                             "a \\\n b",
                             "a 'b",
                             "a \"b",
                             "a\\",
                             "eval a",
                             "exec a",
                             "'eval' a",
                             "\\eval a",
                             "e'va'l a",
                             ". a",
                             "source a",
                             "export A=b",
                             "export PATH",
                             "trap a EXIT",
                             "alias a=b",
                             "command a",
                             "builtin a",
                             "time a",
                             "set -e",
                             "unset PATH",
                             "read PATH",
                             "printf -v PATH a",
                             "test -v a",
                             "'[' -v 'a[$(b)]' ']'",
                             "hash -p a b",
                             "x; eval a",
                             "x | eval a",
                             "x && A=b c",
                             "'' a",
                             "echo =a",
                             "- a",
                             "noglob a",
                             "a\rb",
                             "a \x01",
                             "a\u00a0b",
                             "function f",
                             "[[ a ]]",
                             "let a=1",
                             "declare a",
                             "wait -n"}) {
    CAPTURE(script);
    CHECK(!simple_commands(script));
  }
  CHECK(!simple_commands(std::string_view("a\0b", 3)));
}

TEST_CASE("a joined command is a simple one unless it is the shell's own") {
  std::mt19937 random(6);
  for (int i = 0; i < 5000; ++i) {
    Words words = random_words(random);
    words.front() = "git";
    const auto commands = simple_commands(join(words) + " && " + join(words));
    REQUIRE(commands);
    CHECK(*commands == std::vector<Words>{words, words});
  }
}

}  // namespace lilux::text

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

TEST_CASE("every command of a script is found, and whether that is all") {
  const auto told = [](std::vector<std::string> words) -> std::string {
    const auto found = shell_commands(words);
    if (!found) return "none";
    std::string line = !found->is_understood ? "?" : found->is_certain ? "=" : "~";
    for (const auto& command : found->commands) line += " " + join(command) + ";";
    return line;
  };
  CHECK(told({"ls", "-c", "rm x"}) == "none");
  CHECK(told({"bash", "-c", "ls a; if b; then (rm c); fi > d"}) == "= ls a; b; rm c;");
  CHECK(told({"bash", "-c", "ls \"$HOME\" | rm -f *"}) == "~ ls '$HOME'; rm -f '*';");
  CHECK(told({"/bin/bash", "-ec", "echo $(rm x)"}) == "~ rm x; echo '$(rm x)';");
  CHECK(told({"bash", "-c", "A=1 rm x"}) == "~ rm x;");
  CHECK(told({"bash", "-c", "ls() { rm x; }; ls"}) == "~ rm x; ls;");
  CHECK(told({"bash", "-c", "eval rm x"}) == "~ 'eval' rm x;");
  CHECK(told({"eval", "rm", "x; ls"}) == "= rm x; ls;");
  CHECK(told({"eval", "--", "rm x"}) == "= rm x;");
  CHECK(told({"trap", "rm x", "EXIT"}) == "= rm x;");
  CHECK(told({"trap", "--", "rm x", "EXIT"}) == "= rm x;");
  CHECK(told({"bash", "-c", "PATH=/x; ls"}) == "~ ls;");
  CHECK(told({"bash", "-c", "shopt -s expand_aliases; alias a=b\na"}) ==
        "? 'shopt' -s expand_aliases; 'alias' a=b; a;");
  CHECK(told({"bash", "-c", "echo 'open"}) == "?");
  CHECK(told({"sh", "-c", "rm x && ls > y"}) == "= rm x; ls;");
  CHECK(told({"sh", "-c", "ls; rm $x"}) == "~ ls; rm '$x';");
  CHECK(told({"zsh", "-c", "ls; rm $x"}) == "? ls; rm '$x';");
  // What these are to other shells.
  CHECK(told({"dash", "-c", "((rm x))"}) == "?");
  CHECK(told({"sh", "-c", "[[ a && rm x ]]"}) == "?");
  CHECK(told({"sh", "-c", "echo $'a\\'; rm x; echo '"}) == R"(? echo 'a'\''; rm x; echo ';)");
  CHECK(told({"sh", "-c", "alias ls=rm\nls x"}) == "? 'alias' ls=rm; ls x;");
}

TEST_CASE("the script of a shell is found behind its other options") {
  const auto told = [](std::vector<std::string> words) -> std::string {
    const auto found = shell_commands(words);
    if (!found) return "none";
    std::string line = found->is_understood ? "" : "?";
    for (const auto& command : found->commands) line += (line.empty() ? "" : " ") + join(command);
    return line;
  };
  CHECK(told({"sh", "-c", "a"}) == "a");
  CHECK(told({"/bin/bash", "--norc", "-o", "pipefail", "-ec", "a", "name"}) == "a");
  CHECK(told({"bash", "-c", "-e", "--", "a"}) == "a");
  CHECK(told({"zsh", "-fc", "a"}) == "a");
  CHECK(told({"bash", "+c", "a"}) == "a");
  CHECK(told({"sh", "file", "-c", "a"}) == "none");
  CHECK(told({"bash", "--rcfile", "-c", "file"}) == "none");
  CHECK(told({"python3", "-c", "a"}) == "none");
  // Any word may be the script, or it comes from elsewhere.
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"bash", "-eo", "pipefail", "-c", "rm x"},
                                             {"bash", "-co", "pipefail", "rm x"},
                                             {"bash", "-cO", "extglob", "rm x"},
                                             {"bash", "-rcfile", "/dev/null", "-c", "rm x"},
                                             {"zsh", "-eo", "extendedglob", "-c", "rm x"},
                                             {"dash", "-sc", "rm x"}}) {
    CAPTURE(join(words));
    CHECK(told(words).starts_with("?"));
    CHECK(told(words).ends_with("rm x"));
  }
  CHECK(shell_commands(std::vector<std::string>{"sh"})->hides_programs);
  CHECK(told({"bash", "-s"}).starts_with("?"));
}

TEST_CASE("what env and the like run is found behind their options") {
  const auto inner = [](std::vector<std::string> words) {
    std::string line;
    for (const auto& command : wrapped_commands(words)) line += (line.empty() ? "" : "; ") + join(command);
    return line;
  };
  CHECK(inner({"env", "-iu", "A", "rm", "x"}) == "rm x");
  CHECK(inner({"env", "-S", "rm x"}).starts_with("rm x"));
  CHECK(inner({"env", "-iS", "rm", "x"}).starts_with("rm x"));
  CHECK(inner({"env", "--split-string=rm x"}).starts_with("rm x"));
  CHECK(inner({"timeout", "-vk", "1", "5", "rm", "x"}) == "rm x");
  CHECK(inner({"timeout", "--signal", "KILL", "5", "rm", "x"}) == "KILL 5 rm x; 5 rm x; rm x; x");
  CHECK(inner({"timeout", "--signal=KILL", "5", "rm", "x"}) == "rm x");
  CHECK(inner({"xargs", "-rn", "1", "rm"}) == "rm");
  CHECK(inner({"nice", "--", "rm", "-x"}) == "rm -x");
  CHECK(inner({"env", "-i", "-u", "A", "B=c", "rm", "x"}) == "rm x");
  CHECK(inner({"/usr/bin/nice", "-n", "5", "rm"}) == "rm");
  CHECK(inner({"nice", "-n5", "rm"}) == "rm");
  CHECK(inner({"timeout", "-k", "1", "--foreground", "5", "rm", "-r"}).ends_with("; rm -r"));
  CHECK(inner({"xargs", "-0", "-n", "1", "rm"}) == "rm");
  CHECK(inner({"stdbuf", "-oL", "rm"}) == "rm");
  CHECK(inner({"env"}).empty());
  CHECK(inner({"timeout", "5"}).empty());
  CHECK(inner({"rm", "env"}).empty());
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

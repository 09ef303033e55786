#include "text/bash.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "text/shell.h"

namespace lilux::text {

namespace {

// Words on a line, ~ before those that are not fixed; redirections behind them as [kind target].
std::string shown(const BashWord& word) {
  return (word.is_fixed ? "" : "~") + word.text;
}

std::string shown(const BashCommand& command) {
  std::string out;
  const auto add = [&out](const std::string& part) { out += (out.empty() ? "" : " ") + part; };
  for (const BashWord& word : command.assignments) add(shown(word));
  for (const BashWord& word : command.words) add(shown(word));
  for (const BashRedirection& redirection : command.redirections) {
    const std::string_view kind = enum_names(redirection.kind)[static_cast<std::size_t>(redirection.kind)];
    add("[" + std::string(kind) + " " + shown(redirection.target) + "]");
  }
  return out;
}

std::string found(std::string_view script) {
  const auto parsed = parse_bash(script);
  if (!parsed) return "error: " + parsed.error().message;
  std::string out;
  for (const BashCommand& command : parsed->commands) out += (out.empty() ? "" : "; ") + shown(command);
  return out;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("the commands of lists and pipes are found") {
  CHECK(found("").empty());
  CHECK(found(" \n# a\n\n").empty());
  CHECK(found("a b; c && d || e | f & g\nh |& i") == "a b; c; d; e; f; g; h; i");
  CHECK(found("! a; time -p b | c; ! time d; a |\n\n b") == "a; b; c; d; a; b");
  CHECK(found("time; !; a | time b") == "a; time b");
  CHECK(found("a;#b\nc#d # e\nf") == "a; c#d; f");
  CHECK(found("a &\\\n& b; c\\\nd") == "a; b; cd");
  CHECK(found("echo if then ! { } time [[") == "echo if then ! { } time [[");
}

TEST_CASE("quotes and escapes are removed from words") {
  CHECK(found("a 'b c'\"d e\"\\ f '' \"\"") == "a b cd e f  ");
  CHECK(found("\"a\\$\\`\\\"\\\\\\n\" \\a\\'") == "a$`\"\\\\n a'");
  CHECK(found("$'a\\'b\\x41\\101\\u00e9\\n\\cA\\q' $'a\\0b'c") == "a'bAA\u00e9\n\x01\\q ac");
  CHECK(found("$\"a\"") == "~a");
  CHECK(found("a\\") == "a\\");
  CHECK(found("a\r\nb") == "a\r; b");
  CHECK(found("'a\\\nb' \"a\\\nb\" c\\\nd") == "a\\\nb ab cd");
}

TEST_CASE("a word is fixed when nothing in it is expanded") {
  CHECK(found("a {} { } {a} {a,b {a\\,b} [ ] a] a= a~ \\* '?' \"[a]\" \"~\" \\~ - + % @ ^ , $ a$") ==
        "a {} { } {a} {a,b {a,b} [ ] a] a= a~ * ? [a] ~ ~ - + % @ ^ , $ a$");
  for (const std::string word :
       {"$x",  "\"$x\"", "${x}",   "$(x)",     "`x`", "$((1))", "$[1]", "$1",    "$@",   "$$",    "*",     "a?",
        "[a]", "{a,b}",  "{1..3}", "x{a,'b'}", "~",   "~/x",    "a=~",  "a=b:~", "<(x)", "a>(x)", "$\"x\""}) {
    CAPTURE(word);
    const auto parsed = parse_bash("a " + word);
    REQUIRE(parsed);
    CHECK(!parsed->commands.back().words.at(1).is_fixed);
  }
}

TEST_CASE("assignments, arrays and declarations are told from words") {
  CHECK(found("a=1 b+=2 c d=3") == "a=1 b+=2 c d=3");
  CHECK(found("a=* b={1,2} c=~ d=x:~ e") == "a=* b={1,2} ~c=~ ~d=x:~ e");
  CHECK(found("a=(1 $(b) [c d]=2) e[$(f)]=g h[1 + 2]+=i") == "b; f; ~a=(1 $(b) [c d]=2) ~e[$(f)]=g ~h[1 + 2]+=i");
  CHECK(found("declare -a a=(1 $(b)) c=$(d)") == "b; d; declare -a ~a=(1 $(b)) ~c=$(d)");
  CHECK(found("1a=b \"a\"=b") == "1a=b a=b");
  CHECK(found("a=1 if") == "a=1 if");
  CHECK(found("a=(\n# b )\nc\n)") == "~a=(\n# b )\nc\n)");
  CHECK(found(">x a=1 b") == "a=1 b [write x]");
}

TEST_CASE("commands in substitutions come before the one that holds them") {
  CHECK(found("a $(b \"$(c)\") `d \\`e\\`` <(f) > >(g)") ==
        "c; b ~$(c); e; d ~`e`; f; g; a ~$(b \"$(c)\") ~`d \\`e\\`` ~<(f) [write ~>(g)]");
  CHECK(found("echo \"$(echo \")\")\"") == "echo ); echo ~$(echo \")\")");
  CHECK(found("$(case x in a) b;; (c) d; esac)") == "b; d; ~$(case x in a) b;; (c) d; esac)");
  CHECK(found("\"`a \\\"b c\\\"`\"") == "a b c; ~`a \\\"b c\\\"`");
  CHECK(found("$(<x) $(a # )\n)") == "[read x]; a; ~$(<x) ~$(a # )\n)");
  CHECK(found("${x:-$(a)} ${x//$(b)/`c`} ${x[$(d)]} ${x:$(e)} \"${x:-\"$(f)\"}\"").starts_with("a; b; c; d; e; f; "));
  CHECK(found("\"${x#'$'}\" \"${x:-\"a b\"}\" ${x:-'}'}") == "~${x#'$'} ~${x:-\"a b\"} ~${x:-'}'}");
  CHECK(found("$((1 + $(a))) $[`b`] $((echo c); echo d)").starts_with("a; b; echo c; echo d; "));
}

TEST_CASE("the commands of control flow are found") {
  CHECK(found("if a; then b; elif c; then d; else e; fi") == "a; b; c; d; e");
  CHECK(found("if(a)then(b)fi") == "a; b");
  CHECK(found("while a; do b; done; until c\ndo d\ndone") == "a; b; c; d");
  CHECK(found("for i in $(a) b; do c; done; for i; do d; done; for i do e; done; for i in a; { f; }") ==
        "a; c; d; e; f");
  CHECK(found("for ((i=$(a);;)) do b; done; for ((;;)); { c; }; select x in `d`; do e; done") == "a; b; c; d; e");
  CHECK(found("case $(a) in $(b)|c) d;& (e) f;;& g) esac; case in in in) esac; case x in esac") == "a; b; d; f");
  CHECK(found("{ a; }; ( b ); ((c)); ((d=$(e))); ((f); g); (( (1) ))") == "a; b; e; f; g");
  CHECK(found("coproc a b; coproc { c; }; coproc N { d; }; coproc N{ e") == "a b; c; d; N{ e");
  CHECK(found("[[ $(a) == @(b|`c`) && ! ( d =~ (e f)|$(g) ) ]]") == "a; c; g");
  CHECK(found("[[ a < b || -f $(c) ]] && d") == "c; d");
}

TEST_CASE("functions are named") {
  const auto parsed = parse_bash("f() { a; }; function g { b; }; function h () ( c ) >d\n i ()\n[[ x ]]");
  REQUIRE(parsed);
  CHECK(parsed->functions == std::vector<std::string>{"f", "g", "h", "i"});
  CHECK(parsed->commands.size() == 4);
}

TEST_CASE("redirections stand with their command, those of a compound command alone") {
  CHECK(found("a <b >c >>d >|e <>f &>g &>>h <<<i 2>&1 <&3 >&- >&j") ==
        "a [read b] [write c] [append d] [write e] [read_write f] [write g] [append h] [here_string i] [duplicate 1] "
        "[duplicate 3] [duplicate -] [write j]");
  CHECK(found("2>a {fd}>b c 3 >d e2>f") == "c 3 e2 [write a] [write b] [write d] [write f]");
  CHECK(found(">a") == "[write a]");
  CHECK(found("{ a; } >b 2>&1; if c; then d; fi <$(e)") == "a; [write b] [duplicate 1]; c; d; e; [read ~$(e)]");
  CHECK(found("a >&-b >&$c") == "a b [duplicate -] [write ~$c]");
}

TEST_CASE("here-documents are read behind the line, in their order") {
  CHECK(found("a <<A; b <<'B'\n$(c) \\$x\nA\n$(d)\nB\ne") ==
        "c; a [here_document ~$(c) $x\n]; b [here_document $(d)\n]; e");
  CHECK(found("a <<-A | b\n\tx\n\tA\nc") == "a [here_document x\n]; b; c");
  CHECK(found("a <<A\nx\\\ny\nA") == "a [here_document xy\n]");
  CHECK(found("a <<A\nx") == "a [here_document x\n]");
  CHECK(found("a <<A") == "a [here_document ]");
  CHECK(found("a <<''\nx\n\nb") == "a [here_document x\n]; b");
  CHECK(found("$(a <<A\nx)\nA\n)") == "a [here_document x)\n]; ~$(a <<A\nx)\nA\n)");
  CHECK(found("$(a <<A\nx\nA); b") == "a [here_document x\n]; ~$(a <<A\nx\nA); b");
  CHECK(found("a <<A\n$(b <<B\n`c`\nB\n)\nA\nd") ==
        "c; b [here_document ~`c`\n]; a [here_document ~$(b <<B\n`c`\nB\n)\n]; d");
  CHECK(found("(a <<A; b)\n\"$(c)\" '\nA\nd") == "c; a [here_document ~\"$(c)\" '\n]; b; d");
}

TEST_CASE("what bash refuses is refused") {
  for (const char* script : {"a &&",
                             "| a",
                             "; a",
                             "a ;; b",
                             "a &; b",
                             "a | ! b",
                             "{ a }",
                             "{ a; }; }",
                             "()",
                             "(a",
                             "a)",
                             "(a) b",
                             "f() a",
                             "a(b)",
                             "a()",
                             "if a; then; fi",
                             "if a",
                             "while do",
                             "done",
                             "case a in b",
                             "for i a; do b",
                             "for i in a;",
                             "then",
                             "]]",
                             "in",
                             "'a",
                             "\"a",
                             "`a",
                             "$(a",
                             "${a",
                             "$((1)",
                             "((1)",
                             "[[ a",
                             "[[ a b ]]",
                             "[[ ]]",
                             "a >",
                             "a > > b",
                             "a=(1",
                             "a=(1;2)",
                             "echo a=(1)",
                             "echo !(a)",
                             "echo @(a)",
                             "function",
                             "f() { }",
                             "case a in b) c",
                             "a <<",
                             "`if`",
                             "$(if)",
                             "a=b(c)",
                             "$(a <<A)",
                             "a > (b)",
                             "coproc",
                             "for ((a)",
                             "{ a; } b",
                             "[[ (a ]]",
                             "select"}) {
    CAPTURE(script);
    const auto parsed = parse_bash(script);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == base::ErrorCode::invalid_argument);
  }
  CHECK(found("a\nb |") == "error: the end at line 2, column 4 is not expected there");
  CHECK(found("a\nb ; )") == "error: ')' at line 2, column 5 is not expected there");
  CHECK(found("a `b )`") == "error: between backticks: ')' at line 1, column 3 is not expected there");
}

TEST_CASE("what could be taken in two ways is refused") {
  for (const char* script : {"\"f\"() { a; }",
                             "a/b() { c; }",
                             "$f() { a; }",
                             "!(a)",
                             "echo ${x@P}",
                             "echo ${ a;}",
                             "echo ${x!}",
                             "echo \"${x:-'$(a)'}\"",
                             "echo \"${x:-'}'}\"",
                             "echo \"${x:-$'\\x24(a)'}\"",
                             "((a[\\$(b)]))",
                             "(('a[$(b)]'))",
                             "x='a[$(b)]'; ((x))",
                             "[[ -v 'a[$(b)]' ]]",
                             "x='a[$(b)]'; echo ${!x}",
                             "read x <<'A'\na[$(b)]\nA\n((x))",
                             "((a <<A\nA\n); b)",
                             "$(coproc a)",
                             "$(a << -A\nA\nb\n-A\n)",
                             "$(a=(b \\ )\nc)",
                             "a <<A; ((b); c\nA\n)",
                             "unset 'a[$(b)]'",
                             "test -v 'a[$(b)]'",
                             "[[ x && a[1 ]] && b ]]",
                             "echo $(( 1 # a\n))",
                             "echo $(( $(case x in (x) a;; esac) + 1))",
                             "a <<$x\n$x",
                             "a <((b))",
                             "99999999999>x a",
                             "{a[0]}>x",
                             "cat <<A\n${x:-'$(a)'}\nA",
                             "a \x01",
                             "a \x7f"}) {
    CAPTURE(script);
    CHECK(!parse_bash(script));
  }
  CHECK(!parse_bash(std::string_view("a\0b", 3)));
  CHECK(found("x='a[$(b)]'; echo \"$x\"") == "x=a[$(b)]; echo ~$x");
}

TEST_CASE("nesting is bounded") {
  for (const auto& [open, close] : std::vector<std::pair<std::string, std::string>>{{"( ", ")"},
                                                                                    {"{ ", ";}"},
                                                                                    {"$(", ")"},
                                                                                    {"\"$(", ")\""},
                                                                                    {"${x:-", "}"},
                                                                                    {"<(", ")"},
                                                                                    {"if ", ";then b;fi"},
                                                                                    {"$((1+", "))"},
                                                                                    {"$[1+", "]"},
                                                                                    {"f() { ", ";}"},
                                                                                    {"case a in b) ", ";;esac"},
                                                                                    {"[[ (", ""}}) {
    CAPTURE(open);
    for (const int times : {1000, 100000}) {
      CHECK(!parse_bash(repeated(open, times)));
      CHECK(!parse_bash(repeated(open, times) + "a" + repeated(close, times)));
    }
    if (!close.empty() && open[0] != '(') CHECK(parse_bash("a " + repeated("$(", 40) + "b" + repeated(")", 40)));
  }
}

TEST_CASE("long scripts take as long as they are") {
  for (const std::string line :
       {"a && ", "a | ", "! ", "a; ", "((a);b); ", "$((a);b) ", "`a` ", "a=(1) ", "{a,b}", "x\\\n", "'a'", "\"$(b)\"",
        "[[ a ]]; ", "a <<A\nA\n", "a > b", "$((1)) ", "((1));", "x[1]=2 "}) {
    CAPTURE(line);
    const auto parsed = parse_bash(repeated(line, 20000) + "b");
    CHECK((parsed || !parsed.error().message.empty()));
  }
  CHECK(parse_bash(repeated("((a); b)\n", 5000)));
  CHECK(!parse_bash(repeated("(( $((", 49)));
}

TEST_CASE("a script of more than is read of one is refused, and says so") {
  const std::string most = repeated("a;", kBashBytesMax / 2);
  CHECK(parse_bash(most));
  const auto more = parse_bash(most + "\n");
  REQUIRE(!more);
  CHECK(more.error().message == "the script is larger than 256 KiB, more than is read of one");
}

TEST_CASE("a joined command is found as it was") {
  const std::vector<std::string> words{"git", "a b", "$x",  "'", "\"`\\", "{a,b}", "~",
                                       "*",   "",    "a=~", "!", "#a",    "\n",    "<("};
  const auto parsed = parse_bash(join(words));
  REQUIRE(parsed);
  REQUIRE(parsed->commands.size() == 1);
  for (std::size_t i = 0; i < words.size(); ++i) {
    CHECK(parsed->commands[0].words.at(i).text == words[i]);
    CHECK(parsed->commands[0].words.at(i).is_fixed);
  }
}

}  // namespace lilux::text

// What newcomers may say, held against the layers that are shipped: sentences that were written before these were, and
// that nothing was made from.

#include "tools/sentences.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "brain/extract_text.h"
#include "brain/rule.h"
#include "brain/time_back.h"
#include "tools/brain.h"
#include "tools/faithful.h"
#include "tools/respelt.h"
#include "tools/table.h"

namespace lilux::tools {
namespace {

struct Case {
  std::string text;
  std::string meant;  // "fs.list {}", several with " | " between, or "none"
};

std::vector<Case> held_out() {
  std::ifstream file(LILUX_SENTENCES_TEST_DATA "/held_out.tsv");
  std::vector<Case> all;
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (!line.starts_with('#') && tab != std::string::npos)
      all.push_back({.text = line.substr(0, tab), .meant = line.substr(tab + 1)});
  }
  return all;
}

// "yesterday" stands there for the day that it is.
base::Json dated(base::Json arguments, std::string_view text) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  const std::chrono::seconds offset(parts.tm_gmtoff);
  const base::Json* since = arguments.find("since");
  if (!since) return arguments;
  const auto time =
      brain::time_back(since->as_string(), std::chrono::local_seconds(std::chrono::seconds(now) + offset), offset);
  REQUIRE(time);
  arguments.as_object().set("since", time->from);
  if (time->to && !text.contains("since ")) arguments.as_object().set("until", *time->to);
  return arguments;
}

bool is_meant(const Case& one, const brain::ProposedCall& call) {
  for (std::size_t from = 0; from < one.meant.size();) {
    const std::size_t end = std::min(one.meant.find(" | ", from), one.meant.size());
    const std::string way = one.meant.substr(from, end - from);
    const std::size_t blank = way.find(' ');
    if (way.substr(0, blank) == call.name && blank != std::string::npos &&
        base::canonical_text(dated(*base::parse_json(way.substr(blank)), one.text)) ==
            base::canonical_text(call.arguments))
      return true;
    from = end + 3;
  }
  return false;
}

// As shipped sentences are compared: in small letters, without the mark at the end.
std::string as_compared(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" .?!");
  return brain::lowered(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

TEST_CASE("no sentence that is held out stands among those that are shipped") {
  std::set<std::string> shipped;
  for (const SaidCall& said : shipped_sentences()) shipped.insert(as_compared(said.text));
  REQUIRE(shipped.contains(as_compared("Find python files?")));
  for (const Case& one : held_out()) CHECK_MESSAGE(!shipped.contains(as_compared(one.text)), one.text);
}

TEST_CASE("files are found by their ending, where it is one, and no others instead") {
  const brain::Router router = brain_tools::shipped_router();
  const auto first = [&](const char* text) {
    const brain::Route route = router.route(text);
    if (route.band == brain::Band::defer || route.proposal.calls.empty()) return std::string("-");
    return route.proposal.calls.front().name + base::canonical_text(route.proposal.calls.front().arguments);
  };
  CHECK(first("find all js files") == R"(fs.search{"pattern":"*.js"})");
  CHECK(first("Which .TS files are there?") == R"(fs.search{"pattern":"*.ts"})");
  CHECK(first("list the tsx files in src") == R"(fs.search{"directory":"src","pattern":"*.tsx"})");
  CHECK(first("find the python files") == R"(fs.search{"pattern":"*.py"})");
  for (const char* text : {"find the haskell files", "show me all pretty files", "find all old files in src"})
    CHECK_MESSAGE(!first(text).contains("*."), text);
}

TEST_CASE("a new file or folder is given what the sentence says of it") {
  const brain::Router router = brain_tools::shipped_router();
  const auto call = [&](const char* text) {
    const brain::Route route = router.route(text);
    if (route.band == brain::Band::defer || route.proposal.calls.empty()) return std::string("-");
    return route.proposal.calls.front().name + base::canonical_text(route.proposal.calls.front().arguments);
  };
  CHECK(call("create a.txt with the content buy milk") == R"(fs.write{"content":"buy milk","path":"a.txt"})");
  CHECK(call("make a file called a.md that says hi there") == R"(fs.write{"content":"hi there","path":"a.md"})");
  CHECK(call("make a new folder reports in docs") == R"(fs.mkdir{"path":"docs/reports"})");
  CHECK(call("make a note that says call Bob") == R"(memory.write{"value":"call Bob"})");
  CHECK(call("empty the file a.txt") == R"(fs.write{"content":"","path":"a.txt"})");
  for (const char* text : {"create a skill containing tips", "make a plan with the content x", "empty the folder docs"})
    CHECK_MESSAGE(call(text) == "-", text);
}

TEST_CASE("what is removed is what the sentence speaks of") {
  for (const char* text : {"remove everything from src", "remove everything from the kitchen", "clear the table"})
    CHECK_MESSAGE(brain_tools::shipped_router().route(text).band == brain::Band::defer, text);
}

TEST_CASE("most of what newcomers say comes to the call that is meant, and nothing comes to a wrong one at once") {
  const brain::Router router = brain_tools::shipped_router();
  std::size_t right = 0;
  std::size_t meant = 0;
  std::size_t made_wrongly = 0;
  std::size_t offered_wrongly = 0;
  for (const Case& one : held_out()) {
    const brain::Route route = router.route(one.text);
    const bool is_offered = route.band != brain::Band::defer;
    const bool is_right = is_offered && route.proposal.calls.size() == 1 && is_meant(one, route.proposal.calls.front());
    meant += one.meant == "none" ? 0U : 1U;
    right += is_right ? 1U : 0U;
    made_wrongly += !is_right && route.band == brain::Band::execute ? 1U : 0U;
    offered_wrongly += !is_right && route.band == brain::Band::verify ? 1U : 0U;
    if (is_right || !std::getenv("LILUX_SHOW_MISSES")) continue;
    const auto& calls = route.proposal.calls;
    std::printf("%-50s %-8s %s%s (%s)\n", one.text.c_str(), base::enum_name(route.band).data(),
                route.proposal.tool.c_str(), calls.empty() ? "" : base::to_text(calls.front().arguments).c_str(),
                route.layer.c_str());
  }
  MESSAGE("right: " << right << " of " << meant << "; wrong and made at once: " << made_wrongly
                    << "; wrong and offered: " << offered_wrongly);
  CHECK(meant >= 150);
  CHECK(right * 100 >= meant * 77);
  CHECK(made_wrongly == 0);
  CHECK(offered_wrongly <= 5);
}

// In a folder with README.md, a.txt, b.txt, "two words.txt", empty.txt, plan.md, docs/ and old/.
Speaker folder() {
  Speaker speaker;
  speaker.now = std::chrono::local_days(std::chrono::year(2026) / 3 / 5) + std::chrono::hours(14);  // a Thursday
  speaker.look = [](std::string_view path) -> std::optional<sys::FileType> {
    if (path == "docs" || path == "." || path == "old") return sys::FileType::directory;
    const bool is_there = path == "README.md" || path == "a.txt" || path == "b.txt" || path == "two words.txt" ||
                          path == "empty.txt" || path == "plan.md";
    return is_there ? std::optional(sys::FileType::regular) : std::nullopt;
  };
  speaker.names = [](std::string_view) {
    return std::vector<std::string>{"README.md", "a.txt", "b.txt", "docs", "empty.txt", "old", "plan.md"};
  };
  return speaker;
}

std::string call_for(std::string_view text) {
  const std::optional<brain::Proposal> found = by_sentences(text, folder());
  std::string made;
  for (const brain::ProposedCall& call : found ? found->calls : std::vector<brain::ProposedCall>{})
    made += (made.empty() ? "" : "; ") + call.name + " " + base::to_text(call.arguments);
  return found && made.empty() ? found->missing.front() : made;
}

TEST_CASE("values are what was said, and no other word for it") {
  CHECK(call_for("find big files") == "");
  CHECK(call_for("find recent files") == "");
  CHECK(call_for("find my files") == R"(fs.list {})");
  CHECK(call_for("show me the file latest.log").contains("latest.log"));
}

TEST_CASE("this folder is the one that one stands in, and how large a folder is, is what lies in it") {
  CHECK(call_for("how big is this folder") == R"(fs.stat {"path":".","recursive":true})");
  CHECK(call_for("how big is docs") == R"(fs.stat {"path":"docs","recursive":true})");
  CHECK(call_for("who owns docs") == R"(fs.stat {"path":"docs"})");
  CHECK(call_for("find *.md in this folder") == R"(fs.search {"directory":".","pattern":"*.md"})");
}

TEST_CASE("what is there is meant by less than its name, by a pattern, or with others") {
  CHECK(call_for("show me the readme") == R"(fs.read {"path":"README.md"})");
  CHECK(call_for("delete README") == R"(fs.delete {"path":"README.md"})");
  CHECK(call_for("delete a.txt and b.txt") == R"(fs.delete {"path":"a.txt"}; fs.delete {"path":"b.txt"})");
  const std::string texts = R"(fs.delete {"path":"a.txt"}; fs.delete {"path":"b.txt"}; fs.delete {"path":"empty.txt"})";
  CHECK(call_for("delete *.txt") == texts);
  CHECK(call_for("delete all txt files") == texts);
  CHECK(call_for("delete all new files") == "");
  CHECK(call_for("delete *.pdf") == "what '*.pdf' is: nothing there has such a name");
  CHECK(call_for("delete the newest file") == "what 'newest' is: nothing there has such a name");
  CHECK(call_for("delete the docs file") == "which file: 'docs' is a folder");
  CHECK(call_for("write hello to readme") == "");
}

TEST_CASE("a word for the sort of something is no name of it") {
  for (const char* text : {"delete the empty file", "delete empty", "delete the old folder", "remove the old directory",
                           "move the empty file to docs", "rename the old folder to older", "get rid of the plan"})
    CHECK_MESSAGE(call_for(text).starts_with("which one: "), text << " -> " << call_for(text));
  CHECK(call_for("delete the folder a.txt") == "which folder: 'a.txt' is a file");
  CHECK(call_for("delete empty.txt") == R"(fs.delete {"path":"empty.txt"})");
  CHECK(call_for("delete the file empty.txt") == R"(fs.delete {"path":"empty.txt"})");
  CHECK(call_for("delete old") == R"(fs.delete {"path":"old"})");
  const brain::Proposal read = by_sentences("read the empty file", folder()).value_or(brain::Proposal{});
  CHECK(read.calls.size() == 1);
  CHECK(read.is_asked);
}

TEST_CASE("what is written is a text, and not what one calls it") {
  const std::string copied = R"(fs.copy {"destination":"c.txt","source":"a.txt"})";
  for (const char* text :
       {"write the contents of a.txt to c.txt", "save what is in a.txt as c.txt",
        "put the text of a.txt into the file c.txt", "copy the contents of the file a.txt into c.txt",
        "create a new file called c.txt with the contents of a.txt"})
    CHECK_MESSAGE(call_for(text) == copied, text << " -> " << call_for(text));
  CHECK(call_for("append the contents of a.txt to b.txt") ==
        R"(fs.read {"path":"a.txt"}; fs.write {"path":"b.txt","append":true})");
  CHECK_FALSE(call_for("copy the contents of docs to old").contains("fs.copy"));
  const brain::Router router = brain_tools::shipped_router();
  for (const char* text :
       {"save the output of ls to q.txt", "write the result of make into q.txt", "write a poem to q.txt",
        "put the first 3 lines of a.txt into q.txt", "write the current date to q.txt", "save today's date in q.txt",
        "write the names of all files into q.txt", "add the output of ls to q.txt", "save a list of my tasks as q.txt",
        "create a file q.txt with the contents of the web site", "replace foo with the contents of b.txt in a.txt"}) {
    const brain::Route route = router.route(text);
    CHECK_MESSAGE(route.band == brain::Band::defer, text << " -> " << route.proposal.tool << " by " << route.layer);
  }
  for (const char* text : {"write the meeting is at 5 to q.txt", "write milk and eggs to q.txt",
                           "write \"the contents of a.txt\" to q.txt", "put hello from rome into q.txt"})
    CHECK_MESSAGE(router.route(text).proposal.calls.size() == 1, text);
}

TEST_CASE("what is deleted is of the kind that is said") {
  CHECK(call_for("delete script play") == R"(item.delete {"kind":"script","name":"play"})");
  CHECK(call_for("remove the skill brew") == R"(item.delete {"kind":"skill","name":"brew"})");
  CHECK(call_for("delete the deploy workflow") == R"(item.delete {"kind":"workflow","name":"deploy"})");
  CHECK(call_for("delete the old script") == "");
  CHECK(call_for("delete the script play.sh") == "");
  const auto kept = [](std::string_view text, std::string_view tool, const char* kind, const char* name) {
    brain::Proposal found{.calls = {{.name = std::string(tool), .arguments = {}}}, .confidence = 1};
    found.calls.front().arguments = base::JsonObject{{"kind", kind}, {"name", name}};
    keep_to_words(found, text);
    return !found.calls.empty();
  };
  CHECK_FALSE(kept("delete script play", "item.delete", "plan", "play"));
  CHECK_FALSE(kept("show me the scripts of play", "item.load", "plan", "play"));
  CHECK_FALSE(kept("run the skill play", "item.run", "script", "play"));
  CHECK(kept("delete play", "item.delete", "plan", "play"));
  CHECK(kept("delete the plan script", "item.delete", "plan", "script"));
  CHECK(kept("create a script", "item.run", "directive", "create_script"));
}

TEST_CASE("some of what goes on is no reason to halt everything") {
  const brain::Router router = brain_tools::shipped_router();
  for (const char* text : {"stop all tasks", "kill all tasks", "stop every task", "end all running tasks",
                           "cancel all calls", "terminate all processes", "stop the task", "abort all the jobs now",
                           "cancel everything", "halt all my tasks", "stop my running tasks please"}) {
    const brain::Route route = router.route(text);
    CHECK_MESSAGE(route.band == brain::Band::defer, text << " -> " << route.proposal.tool << " by " << route.layer);
  }
  for (const char* text : {"stop everything", "emergency stop", "halt all agents"})
    CHECK_MESSAGE(router.route(text).proposal.tool == "kernel.emergency_stop", text);
}

TEST_CASE("names, hidden files, numbers of files and one text or another are what they are") {
  CHECK(call_for("find files named notes") == R"(fs.search {"pattern":"{notes,notes.*}"})");
  CHECK(call_for("is there a file called readme") == R"(fs.search {"pattern":"{readme,readme.*,README.md}"})");
  CHECK(call_for("find files named notes in docs") == R"(fs.search {"directory":"docs","pattern":"{notes,notes.*}"})");
  CHECK(call_for("find files named *.txt") == R"(fs.search {"pattern":"*.txt"})");
  CHECK(call_for("find the readme") == R"(fs.search {"pattern":"README.md"})");
  CHECK(call_for("is there a readme") == R"(fs.search {"pattern":"README.md"})");
  CHECK(call_for("show all hidden files") == R"(fs.search {"pattern":".*"})");
  CHECK(call_for("list the hidden files in docs") == R"(fs.search {"directory":"docs","pattern":".*"})");
  CHECK(call_for("how many files are in docs") == R"(fs.list {"path":"docs"})");
  CHECK(call_for("how many files are there in total") == "fs.list {}");
  CHECK(call_for("search for foo or bar in *.cpp") == R"(fs.grep {"glob":"*.cpp","pattern":"foo|bar"})");
  CHECK(call_for("grep a.b or c") == R"(fs.grep {"pattern":"a\\.b|c"})");
  CHECK(call_for("which files contain this, that or more") == R"(fs.grep {"pattern":"this|that|more"})");
  CHECK(call_for("search for \"foo or bar\" in *.cpp") ==
        R"(fs.grep {"glob":"*.cpp","literal":true,"pattern":"foo or bar"})");
  CHECK(call_for("search for err in docs") == R"(fs.grep {"literal":true,"path":"docs","pattern":"err"})");
  CHECK(call_for("search for err in the kitchen") == R"(search.query {"query":"err in the kitchen"})");
  CHECK(call_for("grep err docs") == R"(fs.grep {"literal":true,"pattern":"err","path":"docs"})");
  CHECK(call_for("grep -rn err docs") == "");
  CHECK(call_for("look for the word err") == R"(fs.grep {"literal":true,"pattern":"err"})");
  CHECK(call_for("look for the word \"not found\" in a.txt") ==
        R"(fs.grep {"literal":true,"path":"a.txt","pattern":"not found"})");
  CHECK(call_for("which scripts can I run") == R"(item.list {"kind":"script"})");
}

TEST_CASE("a slip of the hand is mended, and what is a word or there is none") {
  const auto nothing = [](std::string_view) { return false; };
  CHECK(respelt("serch for foo", nothing).front() == "search for foo");
  CHECK(respelt("delte notes.txt", nothing).front() == "delete notes.txt");
  CHECK(respelt("show me teh readme", nothing).front() == "show me the readme");
  CHECK(respelt("delte 'teh'", [](std::string_view word) { return word == "delte"; }).empty());
  CHECK(respelt("zebras sleep furiously", nothing).empty());
  CHECK(respelt("show me the files", nothing).empty());
}

TEST_CASE("that it is a file or a folder is no part of its name") {
  CHECK(call_for("remove the docs folder") == R"(fs.delete {"path":"docs"})");
  CHECK(call_for("move a.txt to the archive folder") == R"(fs.move {"destination":"archive","source":"a.txt"})");
  CHECK(call_for("copy the readme into the docs directory") ==
        R"(fs.copy {"destination":"docs","source":"README.md"})");
  CHECK(call_for("show me what is inside the folder src") == R"(fs.list {"path":"src"})");
  CHECK(call_for("could you list what's in this folder") == "fs.list {}");
  CHECK(call_for("give me a summary of this directory") == "");
  for (const char* text : {"delete that file", "remove the first folder", "read the last file", "delete the file"})
    CHECK_MESSAGE(call_for(text) == "", text);
  CHECK(call_for("which files contain the word print") == R"(fs.grep {"literal":true,"pattern":"print"})");
}

TEST_CASE("what stands in quotes is one piece without them, as a path, a text or a name") {
  for (const char* said : {"show me \"two words.txt\"", "show me 'two words.txt'", "Read `two words.txt`, please.",
                           "what is in the file \"two words.txt\"?"})
    CHECK_MESSAGE(call_for(said) == R"(fs.read {"path":"two words.txt"})", said);
  CHECK(call_for("show me 'my file.txt'") == R"(fs.read {"path":"my file.txt"})");
  CHECK(call_for("show me 'my file.txt'.") == R"(fs.read {"path":"my file.txt"})");
  CHECK(call_for("delete \"the last file.txt\"") == R"(fs.delete {"path":"the last file.txt"})");
  CHECK(call_for("read 'a.txt' and 'b.txt'") == R"(fs.read {"path":"a.txt"}; fs.read {"path":"b.txt"})");
  CHECK(call_for("read 'a.txt', \"two words.txt\" and b.txt") ==
        R"(fs.read {"path":"a.txt"}; fs.read {"path":"two words.txt"}; fs.read {"path":"b.txt"})");
  CHECK(call_for("copy \"two words.txt\" to \"three words.txt\"") ==
        R"(fs.copy {"destination":"three words.txt","source":"two words.txt"})");
  CHECK(call_for("write \"x to y.txt\" to a.txt") == R"(fs.write {"content":"x to y.txt","path":"a.txt"})");
  CHECK(call_for("replace \"o\" with 'two words' in a.txt") ==
        R"(fs.edit {"new_text":"two words","old_text":"o","path":"a.txt"})");
  CHECK(call_for("find files called 'two words'") == R"(fs.search {"pattern":"two words"})");
  CHECK(call_for("does a.txt contain \"in b.txt\"") ==
        R"(fs.grep {"literal":true,"path":"a.txt","pattern":"in b.txt"})");
  CHECK(call_for("show me \"two words\"") == "");  // not there, and by nothing a file
}

TEST_CASE("an apostrophe opens no quote") {
  CHECK(call_for("what's in a.txt") == R"(fs.read {"path":"a.txt"})");
  CHECK(call_for("write rock 'n roll to a.txt") == R"(fs.write {"content":"rock 'n roll","path":"a.txt"})");
  CHECK(call_for("write don't and can't to a.txt") == R"(fs.write {"content":"don't and can't","path":"a.txt"})");
}

TEST_CASE("that it is a text, words or a line is not what is written") {
  for (const char* said : {"put the text hello into q.txt", "write the words hello to q.txt",
                           "put the text 'hello' into the file q.txt", "save the text \"hello\" as q.txt"})
    CHECK_MESSAGE(call_for(said) == R"(fs.write {"content":"hello","path":"q.txt"})", said);
  CHECK(call_for("add the text hello to a.txt") == R"(fs.write {"append":true,"content":"hello\n","path":"a.txt"})");
}

TEST_CASE("lines are looked for in files, files by their names, and what is known by words") {
  CHECK(call_for("search for \"hello\" in README.md") ==
        R"(fs.grep {"literal":true,"path":"README.md","pattern":"hello"})");
  CHECK(call_for("search hello in *.md ignoring case") ==
        R"(fs.grep {"glob":"*.md","ignore_case":true,"literal":true,"pattern":"hello"})");
  CHECK(call_for("look for two words in src/x.cpp ignoring the case") ==
        R"(fs.grep {"ignore_case":true,"literal":true,"path":"src/x.cpp","pattern":"two words"})");
  CHECK(call_for("find *.txt in docs") == R"(fs.search {"directory":"docs","pattern":"*.txt"})");
  CHECK(call_for("search for the sandbox") == R"(search.query {"query":"the sandbox"})");
  CHECK(call_for("find 5 files named *.txt") == R"(fs.search {"limit":5,"pattern":"*.txt"})");
}

TEST_CASE("a file is no space of notes, and several words are no place") {
  const brain::Router router = brain_tools::shipped_router();
  for (const char* text : {"recite notes/todo.md", "please relocate server.log into some other place of mine"}) {
    const brain::Route route = router.route(text);
    CHECK_MESSAGE(route.band == brain::Band::defer, text << " -> " << route.proposal.tool << " by " << route.layer);
  }
}

TEST_CASE("a line for bash is the sentence that it is, and a new name may be any word") {
  CHECK(call_for("mkdir foo") == R"(fs.mkdir {"path":"foo"})");
  CHECK(call_for("make dir foo") == R"(fs.mkdir {"path":"foo"})");
  CHECK(call_for("cp -r docs docs2") == R"(fs.copy {"destination":"docs2","source":"docs"})");
  CHECK(call_for("mv a.txt c") == R"(fs.move {"destination":"c","source":"a.txt"})");
  CHECK(call_for("rm -rf docs") == R"(fs.delete {"path":"docs"})");
  CHECK(call_for("put a.txt in docs") == R"(fs.move {"destination":"docs","source":"a.txt"})");
  CHECK_FALSE(call_for("put a.txt into b.txt").starts_with("fs.move"));
  CHECK(call_for("move a.txt up") == R"(fs.move {"destination":"..","source":"a.txt"})");
  CHECK(call_for("empty a.txt") == R"(fs.write {"content":"","path":"a.txt"})");
  CHECK(call_for("empty the trash") == "");
  CHECK(call_for("rename docs to e") == R"(fs.move {"destination":"e","source":"docs"})");
  CHECK(call_for("copy a.txt to the moon and back") == "");
  CHECK(call_for("move docs to tears") == "");
  CHECK(call_for("rename love to hate") == "");
}

TEST_CASE("what is looked for in files is looked for there, and on the web nowhere") {
  const std::string lines = R"(fs.grep {"literal":true,"pattern":"err"})";
  for (const char* text : {"search err in all files", "grep err in all files", "look for err everywhere",
                           "search for err in every file", "grep all files for err"})
    CHECK_MESSAGE(call_for(text) == lines, text);
  for (const char* text : {"search the web for cats", "search for cats on the internet", "search online for cats",
                           "look up cats on the web"})
    CHECK_MESSAGE(call_for(text) == "", text);
  CHECK(call_for("show me a tree of docs") == R"(fs.search {"directory":"docs","pattern":"*"})");
}

TEST_CASE("when it was is carried by calls that can be told it") {
  CHECK(call_for("what failed in the last hour") == R"(ledger.query {"result":"error","since":"1h"})");
  CHECK(call_for("show the calls from the last 2 days") == R"(ledger.query {"looks":false,"since":"2d"})");
  CHECK(call_for("what failed in the kitchen") == "");
  const auto times = [](std::string_view text) {
    const std::string call = call_for(text);
    const base::Json given = base::parse_json(call.substr(call.find(' '))).value_or(base::JsonObject{});
    return given.string_or("since", "-").substr(0, 10) + " " + given.string_or("until", "-").substr(0, 10);
  };
  CHECK(times("show calls from last week") == "2026-02-23 2026-03-02");
  CHECK(times("show calls since last week") == "2026-02-23 -");
  CHECK(times("show calls after last week") == "2026-03-02 -");
  CHECK(times("show calls before last week") == "- 2026-02-23");
  CHECK(times("show calls until last week") == "- 2026-03-02");
  CHECK(times("what did you do yesterday") == "2026-03-04 2026-03-05");
  CHECK(times("what did you do today") == "2026-03-05 -");
  CHECK(times("what happened between 2026-03-01 and 2026-03-02") == "2026-03-01 2026-03-03");
  CHECK(times("show everything that failed last month") == "2026-02-01 2026-03-01");
  // What changes something is not asked for more than was said.
  CHECK(times("undo everything since yesterday") == "2026-03-04 -");
  CHECK(call_for("undo everything from yesterday") == "");
}

TEST_CASE("nothing that a sentence says is left out of its call") {
  const brain::Router router = brain_tools::shipped_router();
  for (const char* text : {"where do black holes come from",
                           "where do eggs come from",
                           "what is the status of my parcel",
                           "how much fuel do I have left",
                           "what holiday is coming up",
                           "which of my friends were denied",
                           "find files changed since yesterday",
                           "find files bigger than 1 MB in docs",
                           "show calls about money only",
                           "remind me to call my mom",
                           "remind me in 10 minutes to drink",
                           "clear my memory of that bad day",
                           "can you give me the standard tuning notes",
                           "forget the notes of my last lover",
                           "stop the music",
                           "kill the lights in the process",
                           "remove event from my list",
                           "limit the budget of this task to 5 dollars",
                           "undo the damage of the storm",
                           "list the files of the lawsuit"}) {
    const brain::Route route = router.route(text);
    CHECK_MESSAGE(route.band == brain::Band::defer, text << " -> " << route.proposal.tool << " by " << route.layer);
  }
}

TEST_CASE("numbers and every occurrence are taken as they are said") {
  CHECK(call_for("show the last 5 calls") == R"(ledger.query {"limit":5,"looks":false})");
  CHECK(call_for("replace all o with 0 in a.txt") ==
        R"(fs.edit {"new_text":"0","old_text":"o","path":"a.txt","replace_all":true})");
  CHECK(call_for("undo the last 2 changes") ==
        R"(undo.list {"task":"terminal","work":true}; undo.apply {}; undo.apply {})");
  CHECK(call_for("undo the last two changes") == call_for("undo the last 2 changes"));
  CHECK(call_for("show me the last ten things you did") == R"(ledger.query {"limit":10,"looks":false})");
  CHECK(call_for("find files that contain TODO") == R"(fs.grep {"literal":true,"pattern":"TODO"})");
  CHECK(call_for("does a.txt contain two words") == R"(fs.grep {"literal":true,"path":"a.txt","pattern":"two words"})");
  CHECK(call_for("add milk to a.txt").contains(R"("append":true)"));
}

}  // namespace

TEST_CASE("every shipped rule is a call that its tool's schema takes") {
  const auto file =
      brain::parse_rules(sentences(), "sentences.toml", [](std::string_view name) -> base::Result<base::Json> {
        const kernel::Tool* tool = find(name);
        if (!tool) return base::fail(base::ErrorCode::not_found, "no tool named '" + std::string(name) + "'");
        return tool->input_schema();
      });
  REQUIRE(file);
  CHECK(file->rules.size() > 100);
  for (const brain::RefusedRule& refused : file->refused) CHECK_MESSAGE(false, refused.error.message);
}

}  // namespace lilux::tools

#include "tools/advice.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <vector>

#include "base/json.h"
#include "brain/phrase.h"
#include "brain/polite.h"
#include "brain/time_back.h"
#include "text/shell.h"

namespace lilux::tools {

namespace {

constexpr std::string_view kBySize = "no tool looks for files by their size: `!du -a . | sort -n | tail` does";
constexpr std::string_view kByTime =
    "no tool looks for files by their time: `!find . -type f -mtime -1` does; `? what was changed today` shows calls";

// Phrases of one advice; "{{x}}" of a phrase stands in the advice too, as one word for bash.
struct Entry {
  std::vector<std::string_view> says;
  std::string_view advice;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> kEntries{
      {{"turn off the daemon", "turn the daemon off", "stop the daemon", "shut down the daemon", "shut the daemon down",
        "end the daemon", "quit the daemon", "kill the daemon", "shut down lilux", "turn off lilux", "stop lilux"},
       "`lilux down` ends the daemon; `lilux stop` halts everything at once"},
      {{"trust this project", "trust this folder", "trust the project", "trust the folder"},
       "`lilux policy trust .` does it; a sentence cannot"},
      {{"trust the folder {{folder}}", "trust the project {{folder}}"},
       "`lilux policy trust {{folder}}` does it; a sentence cannot"},
      {{"allow writing to {{path}}", "allow writing in {{path}}", "allow writes to {{path}}",
        "let agents write to {{path}}"},
       "rules are made by name: `lilux help policy add`, with a capability such as 'write fs {{path}}/**'"},
      {{"allow reading {{path}}", "allow reading from {{path}}", "let agents read {{path}}"},
       "rules are made by name: `lilux help policy add`, with a capability such as 'read fs {{path}}'"},
      {{"approve it",
        "approve that",
        "approve this",
        "approve the call",
        "approve everything",
        "deny it",
        "deny that",
        "approve the request",
        "approve the first request",
        "approve the first one",
        "approve them all",
        "deny the request",
        "deny the first request",
        "accept the request",
        "reject the request",
        "reject it",
        "accept it",
        "say yes to the request",
        "say yes to the first request",
        "say yes to it",
        "say no to it",
        "say no to the request",
        "allow it",
        "allow that",
        "allow the call",
        "let it happen",
        "approve",
        "deny"},
       "`approve` lists what waits, `approve CALL` and `deny CALL` answer it; a sentence cannot"},
      {{"limit the budget to {{amount}}", "limit my budget to {{amount}}", "limit the budget of {{task}} to {{amount}}",
        "limit {{task}} to {{amount}} dollars", "limit {{task}} to {{amount}} tokens", "set my budget to {{amount}}",
        "set the budget to {{amount}}", "set a budget of {{amount}}", "change my budget to {{amount}}",
        "raise the budget to {{amount}}", "lower the budget to {{amount}}", "set a spending limit of {{amount}}",
        "set my spending limit to {{amount}}", "do not spend more than {{amount}}", "don't spend more than {{amount}}",
        "spend at most {{amount}}", "spend no more than {{amount}}"},
       "limits are set by name: `budget.set TASK usd=5`, and `tasks` names them; `? show the budget` tells what is "
       "used"},
      {{"start a task {{what}}", "start a new task", "start a new task {{what}}", "create a task {{what}}",
        "create a new task {{what}}", "make a task {{what}}", "add a task {{what}}", "new task {{what}}",
        "add {{what}} to my tasks", "add {{what}} to my to-do list", "add {{what}} to my todo list",
        "put {{what}} on my to-do list", "put {{what}} on my todo list"},
       "a task is a call in the background, and `lilux help task.spawn` tells how one is made; what is left to do is "
       "kept by `? remember that ...`"},
      {{"mark {{task}} as done", "mark {{task}} as finished", "mark {{task}} as complete", "mark {{task}} as completed",
        "finish the task {{task}}", "complete the task {{task}}", "close the task {{task}}", "tick off {{task}}"},
       "a task ends when its calls do, or by `kill TASK`; `tasks` names them"},
      {{"how do I exit", "how do I quit", "how do I leave", "how can I leave", "how do I get out of here", "bye",
        "goodbye", "good bye", "leave", "log out", "log me out", "close the shell", "leave the shell", "end the shell"},
       "`exit` or Ctrl-D leaves the shell"},
      {{"clear the screen", "clear screen", "clean the screen", "cls"}, "Ctrl-L clears the screen"},
      {{"go to the folder {{folder}}", "go into the folder {{folder}}", "go to the {{folder}} folder",
        "go into the {{folder}} folder", "change to the folder {{folder}}", "change the folder to {{folder}}",
        "change the directory to {{folder}}", "change directory to {{folder}}", "switch to the folder {{folder}}",
        "switch to the {{folder}} folder", "enter the folder {{folder}}", "enter the {{folder}} folder",
        "go up one folder", "go one folder up", "go to the parent folder"},
       "`cd FOLDER` goes there, `cd ..` up"},
      {{"how do I run a program", "how can I run a program", "how do I run a command", "how can I run a command",
        "how do I start a program", "run a program", "run a command", "start a program"},
       "a program is run behind '!', in the sandbox: `!make test`"},
      {{"change a setting", "change the settings", "change my settings", "how do I change a setting",
        "how do I change the settings", "how can I change the settings", "how do I change my settings",
        "change the setting {{key}} to {{value}}", "set the setting {{key}} to {{value}}", "change the setting {{key}}",
        "set the option {{key}} to {{value}}", "how do I configure lilux"},
       "settings stand in ~/.config/lilux/config.toml; `? show the settings` tells which there are"},
      {{"how many lines are in {{place}}", "how many lines does {{place}} have", "how many lines has {{place}}",
        "count the lines in {{place}}", "count the lines of {{place}}", "how many words are in {{place}}",
        "how many words does {{place}} have", "how many words has {{place}}", "count the words in {{place}}",
        "count the words of {{place}}"},
       "`!wc {{place}}` counts lines, words and bytes"},
      {{"last line of {{place}}", "the last line of {{place}}", "what is the last line of {{place}}",
        "show the last line of {{place}}", "show the last lines of {{place}}", "show the end of {{place}}",
        "the end of {{place}}", "how does {{place}} end", "tail {{place}}"},
       "`!tail {{place}}` shows the end of it"},
      {{"first line of {{place}}", "the first line of {{place}}", "what is the first line of {{place}}",
        "show the first line of {{place}}", "show the first lines of {{place}}", "show the beginning of {{place}}",
        "show the start of {{place}}", "the beginning of {{place}}", "how does {{place}} begin", "head {{place}}"},
       "`!head {{place}}` shows the beginning of it"},
      {{"compare {{place}} and {{other}}", "compare {{place}} with {{other}}", "compare {{place}} to {{other}}",
        "diff {{place}} and {{other}}", "diff {{place}} with {{other}}", "diff {{place}} against {{other}}",
        "what is the difference between {{place}} and {{other}}", "how do {{place}} and {{other}} differ",
        "is {{place}} the same as {{other}}", "are {{place}} and {{other}} the same"},
       "`!diff {{place}} {{other}}` compares them"},
      {{"zip {{place}}", "compress {{place}}", "pack {{place}}"},
       "a program does that: `!tar czf packed.tar.gz {{place}}`"},
      {{"unzip {{place}}", "unpack {{place}}", "extract {{place}}", "decompress {{place}}"},
       "a program does that: `!tar xf {{place}}`, or `!unzip {{place}}`"},
      {{"help", "help me", "can you help me", "what can I say", "what can I ask", "what can I type",
        "how does this work"},
       "`help` shows what can be typed; `help tools` lists the tools"},
      {{"what version is this", "which version is this", "what version is it", "what version is lilux",
        "which version of lilux is this", "what is the version of lilux"},
       "`version` prints it"},
      {{"version of {{program}}", "what version of {{program}} do I have", "which version of {{program}} do I have",
        "what version of {{program}} is installed", "which version of {{program}} is installed",
        "what is the version of {{program}}"},
       "ask the program: `!{{program}} --version`"},
      {{"what time is it", "what is the time", "what day is it", "what date is it", "what is the date",
        "what is today's date", "what day is today"},
       "`!date` tells"},
      {{"pwd", "where am I", "what folder is this", "which folder is this", "what directory is this",
        "what is the current folder", "which folder am I in", "what folder am I in", "what directory am I in"},
       "`!pwd` tells"},
      {{"what machine is this", "which machine is this", "what machine am I on", "which machine am I on",
        "what computer is this", "which computer is this", "what system is this", "which operating system is this",
        "what operating system is this", "what is the name of this machine", "what is my host name"},
       "`!uname -a` tells"},
      {{"who am I", "whoami", "what user am I", "which user am I", "what is my name"}, "`!whoami` tells"},
      {{"git {{words}}"}, "a program is run behind '!', in the sandbox: `!git ...`"},
      {{"run make", "run make {{words}}", "make test"}, "a program is run behind '!', in the sandbox: `!make ...`"},
      {{"run the tests", "run all tests", "run my tests", "test this", "build this", "build the project",
        "run the build"},
       "a program is run behind '!', in the sandbox: `!make test`; `? show the instructions` tells how this project is "
       "tested"},
      {{"find big files", "find large files", "find the big files", "find the large files", "find the biggest files",
        "find the largest files", "what are the biggest files", "what are the largest files",
        "which files are the biggest", "which files are the largest", "show the biggest files",
        "show the largest files"},
       kBySize},
      {{"find recent files", "find new files", "find files changed today", "find files from today",
        "which files changed today", "what files changed today", "which files were changed today",
        "find recently changed files", "find the newest files", "find the newest file", "find the latest file"},
       kByTime},
      {{"show the first {{lines}} lines of {{file}}", "show me the first {{lines}} lines of {{file}}",
        "the first {{lines}} lines of {{file}}", "read the first {{lines}} lines of {{file}}"},
       "fs.read counts bytes: `!head -n {{lines}} {{file}}` counts lines"},
      {{"show the last {{lines}} lines of {{file}}", "show me the last {{lines}} lines of {{file}}",
        "the last {{lines}} lines of {{file}}", "read the last {{lines}} lines of {{file}}"},
       "fs.read counts bytes: `!tail -n {{lines}} {{file}}` counts lines"},
      {{"what is eating my memory", "what is using my memory", "what uses the most memory", "what is eating memory",
        "which process uses the most memory", "which program uses the most memory",
        "what process uses the most memory"},
       "`!ps aux --sort=-rss | head` tells; `? which processes are running` lists them"},
      {{"what is eating my cpu", "what is using the cpu", "which process uses the most cpu",
        "which program uses the most cpu", "why is my machine slow"},
       "`!ps aux --sort=-pcpu | head` tells; `? which processes are running` lists them"},
      {{"top processes", "top process", "show top processes", "show the top processes"},
       "`top` shows what Lilux does; `!ps aux --sort=-pcpu | head` what the machine does"},
      {{"restore {{file}}",
        "restore the file {{file}}",
        "revert {{file}}",
        "revert the file {{file}}",
        "bring back {{file}}",
        "bring {{file}} back",
        "undelete {{file}}",
        "recover {{file}}",
        "recover the file {{file}}",
        "undo the changes to {{file}}",
        "undo my changes to {{file}}",
        "get {{place}} back",
        "get back {{place}}",
        "get my file back",
        "get the file back",
        "get the deleted file back",
        "can I get my file back",
        "can I get the file back",
        "can I get the deleted file back",
        "can I get {{place}} back",
        "how do I get {{place}} back",
        "I deleted {{file}} by mistake",
        "I deleted {{file}} by accident",
        "I accidentally deleted {{file}}",
        "I deleted the wrong file",
        "I lost {{place}}",
        "I lost a file",
        "how do I undo",
        "how do I undo {{what}}",
        "how can I undo {{what}}",
        "how does undo work",
        "how do I restore {{file}}"},
       "`undo.list` shows what can be undone and what it touched, `undo CALL` takes that back; `? undo that` the "
       "newest"},
      {{"undo everything from {{when}}", "undo everything of {{when}}", "undo everything {{when}}",
        "undo everything between {{since}} and {{until}}", "undo what was done {{when}}", "undo what I did {{when}}",
        "undo what you did {{when}}", "undo the calls from {{when}}", "undo the changes from {{when}}"},
       "what is undone is undone up to now: `? undo everything since monday`; `undo.list` shows what there is, "
       "`undo CALL` takes one back"},
      {{"who changed {{place}}", "who edited {{place}}", "who deleted {{place}}", "who moved {{place}}",
        "who wrote {{place}}", "who wrote to {{place}}", "who touched {{place}}", "what happened to {{place}}",
        "what was done to {{place}}", "what did you do to {{place}}", "what changed {{place}}",
        "which call changed {{place}}", "which calls changed {{place}}", "what changed in {{place}}",
        "show the history of {{place}}", "the history of {{place}}"},
       "`undo.list` shows calls with what they touched, `why CALL` what led to one; `? what was changed today` all"},
      {{"may you {{act}}", "may I {{act}}", "may agents {{act}}", "may an agent {{act}}", "may programs {{act}}",
        "are you allowed to {{act}}", "am I allowed to {{act}}", "are agents allowed to {{act}}",
        "is an agent allowed to {{act}}", "are programs allowed to {{act}}"},
       "`? what is allowed` lists the rules; `lilux policy test 'TOOL ...'` tells what would happen to a call"},
      {{"forget {{thing}}", "forget about {{thing}}", "forget that {{thing}}", "delete the note about {{thing}}"},
       "`memory.read query={{thing}}` shows the keys of such notes, `memory.clear key=KEY` forgets one"},
      {{"create a new script called {{name}}", "make a new script called {{name}}",
        "write a new script called {{name}}", "create a script called {{name}}", "create a script named {{name}}",
        "create the script {{name}}", "make a script called {{name}}", "write a script called {{name}}"},
       "its text has to be there as well: `lilux item create script {{name}} --content TEXT`"},
      {{"create a new directive called {{name}}", "make a new directive called {{name}}",
        "write a new directive called {{name}}", "create a directive called {{name}}",
        "create a directive named {{name}}", "create the directive {{name}}", "make a directive called {{name}}",
        "write a directive called {{name}}"},
       "its text has to be there as well: `lilux item create directive {{name}} --content TEXT`"},
      {{"create a new skill called {{name}}", "make a new skill called {{name}}", "write a new skill called {{name}}",
        "create a skill called {{name}}", "create a skill named {{name}}", "create the skill {{name}}",
        "make a skill called {{name}}", "write a skill called {{name}}"},
       "its text has to be there as well: `lilux item create skill {{name}} --content TEXT`"},
      {{"create a new workflow called {{name}}", "make a new workflow called {{name}}",
        "write a new workflow called {{name}}", "create a workflow called {{name}}", "create a workflow named {{name}}",
        "create the workflow {{name}}", "make a workflow called {{name}}", "write a workflow called {{name}}"},
       "its text has to be there as well: `lilux item create workflow {{name}} --content TEXT`"},
      {{"remind me {{what}}", "remind us {{what}}", "set a reminder", "set a reminder {{what}}",
        "set me a reminder {{what}}", "create a reminder {{what}}", "add a reminder {{what}}",
        "make a reminder {{what}}", "set an alarm", "set an alarm {{what}}", "set a timer", "set a timer {{what}}",
        "start a timer {{what}}", "wake me {{what}}"},
       "nobody is reminded and no clock is set: `? remember that ...` keeps a note, which `? my notes` shows"},
      {{"in {{time}} minutes {{act}}",
        "in {{time}} hours {{act}}",
        "in {{time}} seconds {{act}}",
        "in an hour {{act}}",
        "{{act}} in {{time}} minutes",
        "{{act}} in {{time}} hours",
        "every day {{act}}",
        "every hour {{act}}",
        "every minute {{act}}",
        "every night {{act}}",
        "every morning {{act}}",
        "every evening {{act}}",
        "every week {{act}}",
        "{{act}} every day",
        "{{act}} every hour",
        "{{act}} every night",
        "{{act}} every morning",
        "{{act}} every week",
        "tomorrow {{act}}",
        "tonight {{act}}",
        "at midnight {{act}}",
        "{{act}} at midnight",
        "later {{act}}"},
       "nothing is done later or again and again by itself: say it when it is time, or let cron call `lilux do`"},
  };
  return kEntries;
}

struct Known {
  brain::Phrase phrase;
  std::optional<brain::Phrase> loosely;
  std::string_view advice;
};

std::optional<brain::Phrase> loosened(const std::string& says) {
  const std::optional<std::string> loose = brain::loosened(says);
  if (!loose) return std::nullopt;
  auto phrase = brain::Phrase::compile(*loose);
  return phrase ? std::optional(std::move(*phrase)) : std::nullopt;
}

const std::vector<Known>& known() {
  static const std::vector<Known> kKnown = [] {
    std::vector<Known> made;
    for (const Entry& entry : entries()) {
      for (const std::string_view says : entry.says)
        if (auto phrase = brain::Phrase::compile(says))
          made.push_back(
              {.phrase = std::move(*phrase), .loosely = loosened(std::string(says)), .advice = entry.advice});
    }
    return made;
  }();
  return kKnown;
}

std::string filled(std::string_view advice, const base::JsonObject& gaps) {
  std::string made(advice);
  for (const auto& [name, value] : gaps) {
    const std::string gap = "{{" + std::string(name) + "}}";
    const std::size_t at = made.find(gap);
    if (at != std::string::npos) made.replace(at, gap.size(), text::quote(value.as_string()));
  }
  return made;
}

bool is_number(const base::Json* value) {
  return !value || value->as_string().find_first_not_of("0123456789") == std::string::npos;
}

// Values that are of the sort of their gap: "compare love and hate" is about no files.
bool are_fit(const base::JsonObject& gaps) {
  const auto is_file = [](const base::Json* value) {
    return !value || value->as_string().find_first_of("./~") != std::string::npos;
  };
  const auto is_amount = [](const base::Json* value) {
    return !value || value->as_string().find_first_of("0123456789") != std::string::npos;
  };
  return is_number(gaps.find("time")) && is_number(gaps.find("lines")) && is_amount(gaps.find("amount")) &&
         is_file(gaps.find("place")) && is_file(gaps.find("other"));
}

using Words = std::vector<brain::Spoken::Word>;

bool is_one(std::span<const std::string_view> all, std::string_view word) {
  return std::ranges::find(all, word) != all.end();
}

// "bigger than 1 MB", "over 20k", from that word on.
bool is_size(const Words& words, std::size_t at) {
  constexpr std::array<std::string_view, 12> kThan{"bigger", "larger", "smaller",   "over", "above", "under",
                                                   "below",  "more",   "exceeding", "less", "least", "beyond"};
  constexpr std::array<std::string_view, 15> kUnits{
      "b", "byte", "bytes", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "megabytes", "gigabytes", "kilobytes", "tb"};
  if (!is_one(kThan, words[at].folded)) return false;
  std::size_t place = at + 1;
  if (place < words.size() && words[place].folded == "than") ++place;
  if (place >= words.size()) return false;
  const std::string& number = words[place].folded;
  const std::size_t digits = std::min(number.find_first_not_of("0123456789.,"), number.size());
  if (digits == 0) return false;
  return is_one(kUnits, digits < number.size() ? std::string_view(number).substr(digits)
                                               : (place + 1 < words.size() ? words[place + 1].folded : ""));
}

// "changed since yesterday", "older than 30 days", from that word on.
bool is_time(const Words& words, std::size_t at, std::string_view text) {
  constexpr std::array<std::string_view, 13> kWas{"changed",  "modified", "edited", "created", "touched",
                                                  "accessed", "written",  "added",  "updated", "older",
                                                  "newer",    "since",    "from"};
  constexpr std::array<std::string_view, 10> kBefore{"since", "in",    "within", "from",   "on",
                                                     "than",  "after", "before", "during", "the"};
  if (!is_one(kWas, words[at].folded)) return false;
  std::size_t place = at + 1;
  while (place < words.size() && is_one(kBefore, words[place].folded)) ++place;
  for (std::size_t end = words.size(); end > place; --end) {
    const std::string_view when = text.substr(words[place].begin, words[end - 1].end - words[place].begin);
    if (brain::time_back(when.substr(0, when.find_last_not_of(".,?!") + 1), std::chrono::local_seconds{}, {}))
      return true;
  }
  return false;
}

// Files by what no tool of ours knows them by.
std::string_view of_files(std::string_view text) {
  constexpr std::array<std::string_view, 4> kFiles{"file", "files", "folder", "folders"};
  const Words words = brain::spoken(text).words;
  if (std::ranges::none_of(words, [&](const auto& word) { return is_one(kFiles, word.folded); })) return {};
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (is_size(words, at)) return kBySize;
    if (is_time(words, at, text)) return kByTime;
  }
  return {};
}

}  // namespace

std::optional<std::string> advice_for(std::string_view text) {
  if (const std::string_view found = of_files(text); !found.empty()) return std::string(found);
  const brain::Spoken loosely = brain::loosely_spoken(text);
  for (const std::string& way : {std::string(text), brain::plainly(text)}) {
    const brain::Spoken said = brain::spoken(way);
    for (const Known& one : known()) {
      std::optional<base::JsonObject> gaps = one.phrase.match(said);
      if (!gaps && one.loosely) gaps = one.loosely->match(loosely);
      if (gaps && are_fit(*gaps)) return filled(one.advice, *gaps);
    }
  }
  return std::nullopt;
}

bool is_only_talk(std::string_view text) {
  constexpr std::array<std::string_view, 10> kBegins{
      "why ",      "don't ",          "dont ", "do not ", "never ", "what if ", "what happens ", "what would happen ",
      "how come ", "for what reason "};
  const brain::Spoken said = brain::spoken(brain::plainly(text));
  std::string words;
  for (const brain::Spoken::Word& word : said.words) words += word.folded + " ";
  return std::ranges::any_of(kBegins, [&](std::string_view begin) { return words.starts_with(begin); });
}

}  // namespace lilux::tools

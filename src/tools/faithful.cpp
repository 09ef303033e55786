#include "tools/faithful.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/field.h"
#include "brain/extract_text.h"
#include "brain/phrase.h"
#include "item/kind.h"
#include "tools/table.h"

namespace lilux::tools {

namespace {

using Words = std::vector<brain::Spoken::Word>;

bool is_one(std::span<const std::string_view> all, std::string_view word) {
  return std::ranges::find(all, word) != all.end();
}

std::string_view singular(std::string_view word) {
  return word.ends_with('s') ? word.substr(0, word.size() - 1) : word;
}

// "contents of", "output from", "lines in": what is behind says whose.
bool is_part_of(const Words& words, std::size_t at) {
  constexpr std::array<std::string_view, 25> kParts{
      "content", "contents", "text",  "output",    "result", "results", "line",      "lines",    "rest",
      "copy",    "list",     "names", "beginning", "end",    "body",    "answer",    "response", "history",
      "half",    "summary",  "sum",   "words",     "size",   "number",  "difference"};
  constexpr std::array<std::string_view, 6> kOf{"of", "from", "in", "between", "that", "on"};
  return at + 1 < words.size() && is_one(kParts, words[at].folded) && is_one(kOf, words[at + 1].folded);
}

// What somebody would have to make up first.
bool is_to_be_made(const Words& words, std::size_t at) {
  constexpr std::array<std::string_view, 27> kMade{
      "poem",  "story",  "joke",   "haiku",    "song",     "letter",  "email",  "essay",  "report",
      "list",  "script", "test",   "tests",    "function", "program", "class",  "table",  "summary",
      "quote", "review", "speech", "limerick", "password", "number",  "recipe", "readme", "example"};
  constexpr std::array<std::string_view, 8> kSorts{"short",  "long", "random", "small",
                                                   "little", "nice", "simple", "funny"};
  while (at + 1 < words.size() && is_one(kSorts, words[at].folded)) ++at;
  return at < words.size() && is_one(kMade, words[at].folded);
}

// "the current date", "today's date".
bool is_of_now(const Words& words, std::size_t at) {
  constexpr std::array<std::string_view, 5> kNow{"current", "today's", "todays", "present", "actual"};
  constexpr std::array<std::string_view, 5> kTimes{"date", "time", "day", "weekday", "year"};
  const bool says_now = at < words.size() && is_one(kNow, words[at].folded);
  if (says_now) ++at;
  const bool is_time = at < words.size() && is_one(kTimes, words[at].folded);
  return is_time && (at + 1 == words.size() || (says_now && words[at + 1].folded == "and"));
}

// Kinds of items that the sentence says outside of what the call is given.
std::vector<std::string> kinds_said(std::string_view text, const brain::ProposedCall& call) {
  const std::string name = brain::lowered(call.arguments.string_or("name"));
  std::vector<std::string> kinds;
  for (const brain::Spoken::Word& word : brain::spoken(text).words) {
    if (!word.is_quoted && word.folded != name && is_item_kind(word.folded)) kinds.emplace_back(word.folded);
  }
  return kinds;
}

bool is_kind(std::string_view said, std::string_view kind) {
  return said == kind || singular(said) == kind;
}

// "delete script play" is about no plan; a directive whose name tells of scripts may well be meant by one.
std::string wrong_kind(const brain::ProposedCall& call, std::string_view text) {
  const std::string kind = call.arguments.string_or("kind");
  if (kind.empty() || !is_item_kind(kind)) return {};
  const std::vector<std::string> said = kinds_said(text, call);
  const std::string name = brain::lowered(call.arguments.string_or("name"));
  for (const std::string& one : said) {
    if (is_kind(one, kind) || (call.name == "item.run" && name.contains(singular(one)))) return {};
  }
  return said.empty() ? "" : "which " + std::string(singular(said.front())) + ": '" + name + "' is a " + kind;
}

std::string not_a_text(const brain::ProposedCall& call, std::string_view text) {
  for (const std::string_view field : {"content", "new_text"}) {
    std::string value = call.arguments.string_or(field);
    while (value.ends_with('\n')) value.pop_back();
    if (value.empty() || brain::is_quoted(value, text) || !only_describes(value)) continue;
    return "what is written: '" + value + "' says what it is and not how it reads (in quotes it is written as it is)";
  }
  return {};
}

// To halt all that goes on is no way to end some of it.
std::string too_much(const brain::ProposedCall& call, std::string_view text) {
  constexpr std::array<std::string_view, 11> kSome{"task", "tasks", "call",    "calls",    "process", "processes",
                                                   "job",  "jobs",  "program", "programs", "script"};
  const kernel::Tool* tool = find(call.name);
  if (!tool || !tool->traits.is_urgent) return {};
  const Words words = brain::spoken(text).words;
  const auto some = std::ranges::find_if(words, [&](const auto& word) { return is_one(kSome, word.folded); });
  return some == words.end() ? "" : "which " + some->folded + ": `tasks` and `ps` list them";
}

// Where somebody stands, and all that is above it, is thrown away by nobody who says a sentence.
std::string too_high(const brain::ProposedCall& call) {
  const std::string path = call.name == "fs.delete" ? call.arguments.string_or("path") : "";
  return !path.empty() && path.find_first_not_of("./~*") == std::string::npos ? "what of '" + path + "': name it" : "";
}

// "replace a.md by an empty file" says of nothing in it what it becomes.
std::string no_edit(const brain::ProposedCall& call) {
  return call.name == "fs.edit" && call.arguments.as_object().size() < 2 ? "what becomes what in it" : "";
}

}  // namespace

bool only_describes(std::string_view value) {
  constexpr std::array<std::string_view, 9> kArticles{"the", "a", "an", "some", "its", "all", "my", "your", "any"};
  constexpr std::array<std::string_view, 3> kWhat{"what", "whatever", "everything"};
  constexpr std::array<std::string_view, 7> kTells{"in", "prints", "says", "contains", "from", "is", "outputs"};
  constexpr std::array<std::string_view, 4> kWhich{"first", "last", "full", "whole"};
  const Words words = brain::spoken(value).words;
  if (words.empty() || words.front().is_quoted) return false;
  const auto tells = [&](const auto& word) { return is_one(kTells, word.folded); };
  if (is_one(kWhat, words.front().folded)) return std::ranges::any_of(words, tells);
  std::size_t at = 0;
  while (at + 1 < words.size() && is_one(kArticles, words[at].folded)) ++at;
  const bool has_article = at > 0;
  while (at + 1 < words.size() && is_one(kWhich, words[at].folded)) ++at;
  const bool has_number = words[at].folded.find_first_not_of("0123456789") == std::string::npos;
  if (has_number && at + 1 < words.size()) ++at;
  return is_part_of(words, at) || is_of_now(words, at) || (has_article && is_to_be_made(words, at));
}

bool is_quality(std::string_view word) {
  constexpr std::array<std::string_view, 62> kQualities{
      "empty",    "old",       "new",     "big",       "small",     "large",       "tiny",      "huge",     "latest",
      "newest",   "oldest",    "last",    "first",     "recent",    "current",     "temporary", "hidden",   "unused",
      "broken",   "bad",       "good",    "wrong",     "right",     "other",       "same",      "whole",    "entire",
      "extra",    "duplicate", "long",    "short",     "biggest",   "largest",     "smallest",  "longest",  "shortest",
      "previous", "next",      "useless", "corrupt",   "corrupted", "damaged",     "stale",     "outdated", "obsolete",
      "original", "modified",  "changed", "generated", "open",      "closed",      "binary",    "unneeded", "best",
      "worst",    "second",    "third",   "only",      "remaining", "unnecessary", "older",     "newer"};
  return is_one(kQualities, word);
}

bool is_item_kind(std::string_view word) {
  const auto names = enum_names(item::Kind{});
  return std::ranges::any_of(names, [&](std::string_view kind) { return is_kind(word, kind); });
}

void keep_to_words(brain::Proposal& found, std::string_view text) {
  for (const brain::ProposedCall& call : found.calls) {
    std::string problem = not_a_text(call, text);
    if (problem.empty()) problem = wrong_kind(call, text);
    if (problem.empty()) problem = too_much(call, text);
    if (problem.empty()) problem = too_high(call);
    if (problem.empty()) problem = no_edit(call);
    if (problem.empty()) continue;
    found.tool = call.name;
    found.missing = {std::move(problem)};
    found.calls.clear();
    return;
  }
}

}  // namespace lilux::tools

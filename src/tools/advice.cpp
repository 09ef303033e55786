#include "tools/advice.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <vector>

#include "base/json.h"
#include "brain/alternatives.h"
#include "brain/phrase.h"
#include "brain/polite.h"
#include "brain/time_back.h"
#include "text/shell.h"
#include "tools/advice_table.h"
#include "tools/said_places.h"
#include "tools/table.h"

namespace lilux::tools {

namespace {

constexpr std::size_t kSentencesMax = 1000;  // of one text of the table

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
    for (const Advice& entry : advices()) {
      for (const std::string_view written : entry.says) {
        for (const std::string& says : brain::alternatives(written, kSentencesMax).value_or(std::vector<std::string>()))
          if (auto phrase = brain::Phrase::compile(says))
            made.push_back({.phrase = std::move(*phrase), .loosely = loosened(says), .advice = entry.advice});
      }
    }
    return made;
  }();
  return kKnown;
}

std::string filled(std::string_view advice, const base::JsonObject& gaps) {
  std::string made(advice);
  for (const auto& [name, value] : gaps) {
    const std::string gap = "{{" + std::string(name) + "}}";
    const bool is_place = name == "place" || name == "other" || name == "file";
    const std::string said = is_place ? std::string(bare_place(value.as_string())) : value.as_string();
    // Several plain words mean the same to bash as they stand.
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._/-";
    const bool is_plain = name == "words" && said.find_first_not_of(kPlain) == std::string::npos;
    const std::string quoted = is_plain ? said : text::quote(said);
    for (std::size_t at = made.find(gap); at != std::string::npos; at = made.find(gap, at + quoted.size()))
      made.replace(at, gap.size(), quoted);
  }
  return made;
}

bool is_number(const base::Json* value) {
  return !value || value->as_string().find_first_not_of("0123456789") == std::string::npos;
}

// Values that are of the sort of their gap: "compare love and hate" is about no files.
bool are_fit(const base::JsonObject& gaps) {
  const auto is_file = [](const base::Json* value) {
    const std::string_view place = value ? bare_place(value->as_string()) : ".";
    return place.find_first_of("./~") != std::string_view::npos && place.find(' ') == std::string_view::npos;
  };
  const auto is_range = [](const base::Json* value) {
    return !value || value->as_string().find_first_not_of("0123456789-") == std::string::npos;
  };
  const auto is_sum = [](const base::Json* value) {
    return !value || value->as_string().find_first_not_of("0123456789 .+-*/()^%") == std::string::npos;
  };
  constexpr std::array<std::string_view, 5> kNumbers{"time", "lines", "line", "from", "to"};
  const base::Json* tool = gaps.find("tool");
  return std::ranges::all_of(kNumbers, [&](std::string_view name) { return is_number(gaps.find(name)); }) &&
         (!tool || find(tool->as_string())) && is_file(gaps.find("place")) && is_file(gaps.find("other")) &&
         is_range(gaps.find("range")) && is_sum(gaps.find("sum")) && is_sum(gaps.find("other_sum"));
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

// "limit this task to 5 dollars", "don't let it spend more than 1000 tokens".
bool is_limit(const Words& words) {
  constexpr std::array<std::string_view, 10> kLimits{"limit",    "limits", "cap",  "budget",    "spend",
                                                     "spending", "cost",   "most", "allowance", "more"};
  constexpr std::array<std::string_view, 11> kUnits{"dollar", "dollars", "usd",    "euro",    "euros", "bucks",
                                                    "cents",  "token",   "tokens", "credits", "calls"};
  const auto is_money = [](std::string_view word) {
    return word.size() > 1 && word.starts_with('$') && word.find_first_not_of("0123456789.,", 1) == std::string::npos;
  };
  const auto is_unit = [&](const auto& word) { return is_one(kUnits, word.folded) || is_money(word.folded); };
  const auto is_said = [&](const auto& word) { return is_one(kLimits, word.folded); };
  const auto is_task = [](const auto& word) { return word.folded == "task" || word.folded == "agent"; };
  const auto is_number = [](const auto& word) { return word.folded.find_first_of("0123456789") != std::string::npos; };
  return std::ranges::any_of(words, is_unit) && std::ranges::any_of(words, is_number) &&
         (std::ranges::any_of(words, is_said) || std::ranges::any_of(words, is_task));
}

// "stop all tasks", "kill the running task": some of what goes on, and none by its name.
bool is_end_of_some(const Words& words) {
  constexpr std::array<std::string_view, 12> kEnds{"stop", "kill",      "end",  "cancel",  "abort", "terminate",
                                                   "quit", "interrupt", "halt", "suspend", "pause", "close"};
  constexpr std::array<std::string_view, 11> kNouns{"task", "tasks", "call",      "calls",      "process", "processes",
                                                    "job",  "jobs",  "operation", "operations", "session"};
  constexpr std::array<std::string_view, 21> kSmall{
      "all",     "the",  "every",   "each",   "my",    "our",   "of",    "running", "current", "active", "open",
      "pending", "that", "waiting", "please", "these", "those", "other", "still",   "are",     "now"};
  if (words.empty() || !is_one(kEnds, words.front().folded)) return false;
  bool is_any = false;
  for (std::size_t at = 1; at < words.size(); ++at) {
    const bool is_noun = is_one(kNouns, words[at].folded);
    is_any = is_any || is_noun;
    if (!is_noun && !is_one(kSmall, words[at].folded)) return false;
  }
  return is_any;
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
  if (is_limit(brain::spoken(text).words)) return std::string(kOfBudget);
  if (is_end_of_some(brain::spoken(brain::plainly(text)).words)) return std::string(kOfRunning);
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

#include "brain/caller_guard.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brain/caller_words.h"
#include "brain/extract_text.h"
#include "brain/thesaurus.h"
#include "search/words.h"

namespace lilux::brain {

namespace {

// As words with a space on both sides, apostrophes left out.
constexpr std::array<std::string_view, 34> kForbidding{
    " kidding ", " joking ",     " never mind ",  " nevermind ", " scratch that ", " forget it ",   " second thought",
    " dont ",    " do not ",     " never ",       " not ",       " no ",           " without ",     " avoid ",
    " stop ",    " cant ",       " cannot ",      " shouldnt ",  " mustnt ",       " wont ",        " prevent ",
    " refuse ",  " keep the ",   " keep my ",     " keep all ",  " leave the ",    " leave my ",    " leave it ",
    " unless ",  " instead of ", " rather than ", " cancel ",    " except ",       " anything but "};

constexpr std::array<std::string_view, 26> kAsking{
    " how ",      " what ",       " why ",     " when ",     " who ",     " which ",    " should i ",
    " can i ",    " is it ",      " does ",    " did ",      " has ",     " have you ", " are you ",
    " would ",    " could i ",    " explain ", " describe ", " tell me ", " document ", " show me ",
    " is there ", " difference ", " if ",      " wonder ",   " whether "};

constexpr std::array<std::string_view, 20> kTelling{
    " said ",      " says ",   " wrote ",  " i deleted ", " was deleted ", " were deleted ", " has been ",
    " yesterday ", " almost ", " nearly ", " pretend ",   " imagine ",     " example ",      " translate ",
    " the word ",  " called ", " titled ", " about ",     " joke ",        " write "};

std::string plain(std::string_view text) {
  std::string words = " ";
  for (const char c : lowered(text)) {
    if (c == '\'' || static_cast<unsigned char>(c) == 0xe2 || static_cast<unsigned char>(c) == 0x80 ||
        static_cast<unsigned char>(c) == 0x99)
      continue;
    const bool is_part = is_letter(c) || is_digit(c);
    if (is_part || words.back() != ' ') words += is_part ? c : ' ';
  }
  return words + " ";
}

bool has_any(std::string_view words, std::span<const std::string_view> wanted) {
  return std::ranges::any_of(wanted, [&](std::string_view one) { return words.find(one) != std::string_view::npos; });
}

// More than a name between quotes: words that might be a request themselves.
bool quotes_words(const Reading& reading) {
  return std::ranges::any_of(reading.literals, [&](const Literal& one) {
    const std::string_view inside = std::string_view(reading.text.text).substr(one.begin, one.end - one.begin);
    return one.kind == LiteralKind::quoted && std::ranges::count(inside, ' ') >= 1;
  });
}

// Of its name, its description, its parameters' names and what they may be chosen from.
std::vector<std::string> words_of(const Tool& tool) {
  search::Words words;
  std::vector<std::string> stems = tool.name_words;
  const auto take = [&](const std::vector<std::string>& more) { stems.insert(stems.end(), more.begin(), more.end()); };
  take(tool.words);
  for (const Parameter& parameter : tool.parameters) {
    take(parameter.name);
    for (const base::Json& choice : parameter.choices)
      if (choice.is_string()) take(text_stems(choice.as_string(), words));
  }
  return stems;
}

constexpr std::array<std::string_view, 9> kDenying{"don't", "dont",  "don\u2019t", "never",  "mustn't",
                                                   "stop",  "can't", "won't",      "without"};
constexpr std::array<std::string_view, 9> kBeforeNot{"do",     "must", "should", "shall", "will",
                                                     "please", "does", "to",     "may"};
constexpr std::array<std::string_view, 19> kSubjects{"he",  "she",      "they",    "i",   "we",    "you",  "it",
                                                     "who", "somebody", "someone", "was", "were",  "been", "be",
                                                     "has", "have",     "had",     "got", "nobody"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kPast{{{"sent", "send"},
                                                                               {"wrote", "write"},
                                                                               {"written", "write"},
                                                                               {"paid", "pai"},
                                                                               {"bought", "buy"},
                                                                               {"made", "make"},
                                                                               {"sold", "sell"},
                                                                               {"ran", "run"},
                                                                               {"wiped", "wipe"},
                                                                               {"reset", "reset"},
                                                                               {"left", "leav"},
                                                                               {"took", "take"}}};
constexpr std::array<std::string_view, 8> kAskingOfActs{"what happens", "what would happen", "what if",  "should i",
                                                        "is it safe",   "did you",           "when did", "did i"};

constexpr std::size_t kReportWithin = 5;  // words from the beginning of a sentence

bool is_act(const Tool& tool, const std::string& stem) {
  return !stem.empty() && std::ranges::find(tool.name_words, stem) != tool.name_words.end();
}

// "stop" to a tool that stops something.
bool is_own_order(const Token& token, const Tool& tool) {
  return !token.is_stop() && !tool.name_words.empty() && token.stem == tool.name_words.front();
}

// "do not delete it", "never send it", "without booking one": the act is one of the tool's name.
bool is_denied(const Reading& reading, const Tool& tool) {
  const auto& tokens = reading.text.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool is_not =
        tokens[i].lower == "not" && i > 0 && std::ranges::find(kBeforeNot, tokens[i - 1].lower) != kBeforeNot.end();
    if (!is_not && std::ranges::find(kDenying, tokens[i].lower) == kDenying.end()) continue;
    if (!is_not && is_own_order(tokens[i], tool)) continue;
    std::size_t next = i + 1;
    const auto says_nothing = [](const Token& token) { return token.is_stop() || token.lower == "ever"; };
    while (next < tokens.size() && next < i + 3 && says_nothing(tokens[next]) && tokens[next].gap == Gap::space) ++next;
    if (next >= tokens.size() || tokens[next].gap != Gap::space) continue;
    if (is_act(tool, tokens[next].stem)) return true;
    if (!tool.name_words.empty() && (groups_of(tokens[next].stem) & groups_of(tool.name_words.front())) != 0)
      return true;
  }
  return false;
}

bool is_past(const Token& token, const Tool& tool) {
  const auto* found = std::ranges::find(kPast, token.lower, &std::pair<std::string_view, std::string_view>::first);
  if (found != kPast.end()) return is_act(tool, std::string(found->second));
  return token.lower.ends_with("ed") && is_act(tool, token.stem);
}

// "he deleted the file", "the file was deleted", "Ana has sent it": at the beginning of a sentence; further on it tells
// of what the request is about.
bool is_reported(const Reading& reading, const Tool& tool) {
  const auto& tokens = reading.text.tokens;
  std::size_t begin = 0;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].gap == Gap::stop) begin = i;
    if (i > begin + kReportWithin || !is_past(tokens[i], tool)) continue;
    const Token& before = tokens[i - 1];
    if (std::ranges::find(kSubjects, before.lower) != kSubjects.end()) return true;
    if (i == begin + 1 && before.is_capital && !before.is_stop()) return true;
  }
  return false;
}

// "what happens if I send it", where what the tool does is named.
bool is_asked_about(const Reading& reading, const Tool& tool) {
  const std::string words = plain(std::string_view(reading.text.text).substr(0, 64));
  const auto begins = [&](std::string_view one) { return std::string_view(words).substr(1).starts_with(one); };
  return std::ranges::any_of(kAskingOfActs, begins) &&
         std::ranges::any_of(reading.text.tokens, [&](const Token& token) { return is_act(tool, token.stem); });
}

// What may stand before the verb of a plain request, and what may stand for it: make a payment.
constexpr std::string_view kLeadIns =
    " please kindly just now then and also ok okay so well hey hi hello can could will would you i we want need like d "
    "to go ahead on let lets us me help immediately quickly next finally first thanks must have id wed ";
constexpr std::string_view kLightVerbs =
    " make do issue give process perform execute run call use invoke trigger start ";
constexpr std::string_view kArticles = " a an the my this that another ";

bool is_among(std::string_view list, std::string_view word) {
  return list.find(" " + std::string(word) + " ") != std::string_view::npos;
}

bool is_act_of(const Tool& tool, const Token& token) {
  const auto is_meant = [&](const std::string& stem) {
    if (token.stem == stem) return true;
    if ((groups_of(token.stem) & groups_of(stem)) != 0) return true;
    return shipped_thesaurus().kin(token.stem, stem) == Kin::same;
  };
  const auto destroying = std::ranges::find_if(tool.name_words, is_destroying);
  return !token.is_stop() && !tool.name_words.empty() &&
         is_meant(destroying == tool.name_words.end() ? tool.name_words.front() : *destroying);
}

// "deleting" and "deleted" tell of it, "deletes" says who does.
bool is_order(const Token& token) {
  return !token.lower.ends_with("ed") && !token.lower.ends_with("ing") &&
         (!token.lower.ends_with('s') || token.stem.ends_with('s'));
}

// "print the document": what follows is what it is done to, whatever words it has.
bool begins_with_act(const Reading& reading, const Tool& tool) {
  const auto& tokens = reading.text.tokens;
  const auto first = std::ranges::find_if(tokens, [](const Token& token) { return !is_among(kLeadIns, token.lower); });
  return first != tokens.end() && is_order(*first) && is_act(tool, first->stem);
}

// "stop the server" to a tool that stops it forbids nothing with that word, "stop stopping it" and "stop it from
// running" do: the sentence without its order.
std::string without_order(const Reading& reading, const Tool& tool) {
  const auto& tokens = reading.text.tokens;
  const auto first = std::ranges::find_if(tokens, [](const Token& token) { return !is_among(kLeadIns, token.lower); });
  std::string words = reading.text.text;
  if (first == tokens.end() || tool.name_words.empty() || first->stem != tool.name_words.front()) return words;
  const auto is_doing = [](const Token& token) { return token.lower.size() > 4 && token.lower.ends_with("ing"); };
  if (std::any_of(first + 1, tokens.end(), is_doing)) return words;
  return words.erase(first->begin, first->end - first->begin);
}

}  // namespace

namespace {

std::string_view held_back(const Reading& reading, std::string_view text) {
  const std::string words = plain(text);
  if (has_any(words, kForbidding)) return "it may be forbidden there";
  if (has_any(words, kAsking)) return "it may only be asked about";
  if (has_any(words, kTelling)) return "it may only be told of";
  if (quotes_words(reading)) return "it may only be quoted";
  return {};
}

}  // namespace

std::string_view held_back(const Reading& reading) {
  return held_back(reading, reading.text.text);
}

std::vector<std::size_t> acts_in(const Reading& reading, const Tool& tool) {
  const auto& tokens = reading.text.tokens;
  std::vector<std::size_t> acts;
  bool is_begin = true;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    is_begin = is_begin || token.gap != Gap::space || token.lower == "and" || token.lower == "then";
    if (!is_begin || is_among(kLeadIns, token.lower)) continue;
    is_begin = false;
    if (is_act_of(tool, token) && is_order(token)) acts.push_back(i);
    if (!is_among(kLightVerbs, token.lower)) continue;
    std::size_t next = i + 1;
    while (next < tokens.size() && is_among(kArticles, tokens[next].lower)) ++next;
    if (next < tokens.size() && (is_act(tool, tokens[next].stem) || is_act_of(tool, tokens[next])))
      acts.push_back(next);
  }
  return acts;
}

std::string_view held_back_from_own(const Reading& reading, const Tool& tool) {
  if (has_any(plain(reading.text.text), kForbidding)) return "it may be forbidden there";
  if (begins_with_act(reading, tool)) return {};
  return held_back(reading);
}

std::string_view held_back_from(const Reading& reading, const Tool& tool) {
  if (tool.effect == Effect::destructive) {
    if (const std::string_view why = held_back(reading, without_order(reading, tool)); !why.empty()) return why;
    if (acts_in(reading, tool).empty()) return "it is not plainly asked for";
  }
  if (is_denied(reading, tool)) return "it may be forbidden there";
  if (tool.effect == Effect::looks) return {};
  if (is_reported(reading, tool)) return "it may only be told of";
  if (is_asked_about(reading, tool)) return "it may only be asked about";
  return {};
}

bool is_about(const Reading& reading, const Tool& tool) {
  const std::vector<std::string> stems = words_of(tool);
  std::uint64_t groups = 0;
  for (const std::string& stem : stems) groups |= groups_of(stem);
  std::set<std::string_view> said;
  std::set<std::string_view> met;
  for (const Token& token : reading.text.tokens) {
    if (token.is_stop() || token.is_number) continue;
    said.insert(token.stem);
    if (std::ranges::find(stems, token.stem) != stems.end() || (groups_of(token.stem) & groups) != 0)
      met.insert(token.stem);
  }
  return met.size() >= 2 || (!met.empty() && met.size() == said.size());
}

}  // namespace lilux::brain

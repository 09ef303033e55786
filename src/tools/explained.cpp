#include "tools/explained.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/json.h"
#include "brain/caller_words.h"
#include "brain/extract_text.h"
#include "brain/polite.h"
#include "search/words.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::tools {

namespace {

// What is said of the tools of a noun: the stems of it, and the groups of words of the same meaning that their
// names are in.
struct Vocabulary {
  std::set<std::string, std::less<>> stems;
  std::uint64_t groups = 0;
};

void add(Vocabulary& known, std::string_view text, search::Words& words) {
  for (const brain::Token& token : brain::read_text(text, words).tokens) known.stems.insert(token.stem);
}

void add_fields(Vocabulary& known, const base::Json& schema, search::Words& words) {
  const base::Json* fields = schema.find("properties");
  for (const auto& [name, field] : fields ? fields->as_object() : base::JsonObject{}) {
    for (const std::string& stem : brain::name_stems(name, words)) known.stems.insert(stem);
    const base::Json* choices = field.find("enum");
    for (const base::Json& choice : choices ? choices->as_array() : base::JsonArray{})
      if (choice.is_string()) add(known, choice.as_string(), words);
  }
}

std::string noun_of(std::string_view tool) {
  return std::string(tool.substr(0, tool.find('.')));
}

using Vocabularies = std::map<std::string, Vocabulary, std::less<>>;
const Vocabularies& vocabularies() {
  static const Vocabularies kKnown = [] {
    Vocabularies made;
    search::Words words;
    for (const kernel::Tool& tool : table()) {
      Vocabulary& known = made[noun_of(tool.name)];
      for (const std::string& stem : brain::name_stems(tool.name, words)) {
        known.stems.insert(stem);
        known.groups |= brain::groups_of(stem);
      }
      add(known, tool.summary, words);
      add_fields(known, tool.input_schema(), words);
    }
    for (const SaidCall& said : shipped_sentences()) add(made[noun_of(said.tool)], said.text, words);
    return made;
  }();
  return kKnown;
}

// Words that ask for something, or say that it is there, and say nothing of what it is.
bool only_asks(std::string_view word) {
  constexpr std::array<std::string_view, 51> kAsking{
      "installed", "active",  "already", "are",  "available", "can",     "could", "current", "currently",
      "did",       "display", "do",      "does", "ever",      "far",     "find",  "get",     "give",
      "have",      "help",    "i",       "is",   "just",      "let",     "lilux", "list",    "look",
      "machine",   "me",      "need",    "now",  "please",    "pending", "read",  "running", "set",
      "show",      "system",  "take",    "tell", "thanks",    "there",   "told",  "use",     "using",
      "want",      "was",     "were",    "will", "yet",       "you"};
  return std::ranges::find(kAsking, word) != kAsking.end();
}

// A request that begins so asks for a change, which no call that only looks is: "remove event from my list".
bool asks_for_change(std::string_view word) {
  constexpr std::array<std::string_view, 14> kActs{"add", "append",  "cancel", "change", "create", "delete", "erase",
                                                   "end", "include", "kill",   "limit",  "move",   "put",    "remove"};
  return std::ranges::find(kActs, word) != kActs.end();
}

std::string given_text(const base::Json& arguments) {
  std::string all = " ";
  for (const auto& [name, value] : arguments.as_object())
    all += brain::lowered(value.is_string() ? value.as_string() : base::to_text(value)) + " ";
  return all;
}

}  // namespace

std::vector<std::string> unexplained(std::string_view text, const brain::ProposedCall& call) {
  search::Words words;
  const auto known = vocabularies().find(noun_of(call.name));
  const std::string given = given_text(call.arguments);
  std::vector<std::string> found;
  const std::vector<brain::Token> tokens = brain::read_text(brain::plainly(text), words).tokens;
  const bool is_act = !tokens.empty() && asks_for_change(tokens.front().lower) && is_harmless(call.name);
  if (is_act) found.push_back(tokens.front().lower);
  for (const brain::Token& token : tokens) {
    if (token.is_stop() || only_asks(token.lower) || given.contains(token.lower)) continue;
    const bool is_known = known != vocabularies().end() && (known->second.stems.contains(token.stem) ||
                                                            (brain::groups_of(token.stem) & known->second.groups) != 0);
    if (!is_known) found.push_back(token.lower);
  }
  return found;
}

}  // namespace lilux::tools

#include "brain/reference.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "brain/phrase.h"

namespace lilux::brain {

namespace {

using Words = std::vector<Spoken::Word>;

struct Noun {
  std::string_view word;
  Wanted wanted;
  bool is_kind = false;  // of items
};
constexpr std::array<Noun, 31> kNouns{{{"file", Wanted::path},
                                       {"folder", Wanted::path},
                                       {"directory", Wanted::path},
                                       {"document", Wanted::path},
                                       {"one", Wanted::any},
                                       {"match", Wanted::any},
                                       {"hit", Wanted::any},
                                       {"entry", Wanted::any},
                                       {"thing", Wanted::any},
                                       {"item", Wanted::item},
                                       {"script", Wanted::item, true},
                                       {"directive", Wanted::item, true},
                                       {"skill", Wanted::item, true},
                                       {"knowledge", Wanted::item, true},
                                       {"workflow", Wanted::item, true},
                                       {"template", Wanted::item, true},
                                       {"plan", Wanted::item, true},
                                       {"task", Wanted::task},
                                       {"call", Wanted::call},
                                       {"process", Wanted::process},
                                       {"program", Wanted::process},
                                       {"result", Wanted::text},
                                       {"output", Wanted::text},
                                       {"content", Wanted::text},
                                       {"contents", Wanted::text},
                                       {"text", Wanted::text},
                                       {"answer", Wanted::text},
                                       {"path", Wanted::path},
                                       {"pid", Wanted::process},
                                       {"change", Wanted::call},
                                       {"name", Wanted::any}}};
constexpr std::array<std::pair<std::string_view, int>, 20> kOrdinals{
    {{"first", 1},  {"second", 2}, {"third", 3},  {"fourth", 4}, {"fifth", 5}, {"sixth", 6}, {"seventh", 7},
     {"eighth", 8}, {"ninth", 9},  {"tenth", 10}, {"last", -1},  {"1st", 1},   {"2nd", 2},   {"3rd", 3},
     {"4th", 4},    {"5th", 5},    {"6th", 6},    {"7th", 7},    {"8th", 8},   {"9th", 9}}};
// What may stand behind a mention.
constexpr std::array<std::string_view, 22> kBehind{
    "to",     "into",  "in",  "from", "and",   "then", "with", "as",   "by", "for", "on",
    "please", "again", "now", "onto", "under", "over", "out",  "back", "up", "too", "executable"};

const Noun* noun_of(const Words& words, std::size_t at) {
  if (at >= words.size()) return nullptr;
  const auto* found = std::ranges::find(kNouns, words[at].folded, &Noun::word);
  return found == kNouns.end() ? nullptr : found;
}

// Whether the sentence, or this part of it, can end before that word.
bool may_end(const Words& words, std::size_t at) {
  return at >= words.size() || std::ranges::find(kBehind, words[at].folded) != kBehind.end();
}

struct Found {
  std::size_t words = 0;
  Mention mention;
};

void take_noun(Mention& mention, const Noun& noun) {
  mention.wanted = noun.wanted;
  if (noun.is_kind) mention.item_kind = noun.word;
  if (noun.word == "file" || noun.word == "document") mention.sort = Sort::file;
  if (noun.word == "folder" || noun.word == "directory") mention.sort = Sort::folder;
}

// "the second one", "the first", "the last file"; "the last hour" is none.
std::optional<Found> ordinal_at(const Words& words, std::size_t at) {
  const bool has_the = words[at].folded == "the";
  const std::size_t place = at + (has_the ? 1 : 0);
  if (place >= words.size()) return std::nullopt;
  const auto* ordinal = std::ranges::find(kOrdinals, words[place].folded, &std::pair<std::string_view, int>::first);
  if (ordinal == kOrdinals.end()) return std::nullopt;
  Found made{.words = place + 1 - at, .mention = {.nth = ordinal->second}};
  const Noun* noun = noun_of(words, place + 1);
  if (noun && may_end(words, place + 2)) {
    take_noun(made.mention, *noun);
    if (noun->wanted == Wanted::text) made.mention.wanted = Wanted::any;  // "the first result"
    ++made.words;
    return made;
  }
  const bool is_alone = has_the && ordinal->second > 0 && may_end(words, place + 1);
  return is_alone ? std::optional(made) : std::nullopt;
}

// "each", "each one", "every one": behind the verb of a request; "10 euros each" is a price.
std::optional<Found> each_at(const Words& words, std::size_t at) {
  constexpr std::array<std::string_view, 6> kJoins{"and", "then", "please", "also", "now", "to"};
  const bool is_behind_verb = at == 1 || (at > 1 && std::ranges::find(kJoins, words[at - 2].folded) != kJoins.end());
  const bool is_each = words[at].folded == "each";
  if (!is_behind_verb || (!is_each && words[at].folded != "every")) return std::nullopt;
  const bool has_one = at + 1 < words.size() && words[at + 1].folded == "one";
  const std::size_t size = has_one ? 2 : 1;
  if ((!is_each && !has_one) || !may_end(words, at + size)) return std::nullopt;
  return Found{.words = size, .mention = {.is_plural = true}};
}

// "both", "them", "all of them", "every one of those", "those files".
std::optional<Found> several_at(const Words& words, std::size_t at) {
  constexpr std::array<std::string_view, 4> kFirst{"both", "all", "each", "either"};
  constexpr std::array<std::string_view, 5> kThem{"them", "these", "those", "both", "they"};
  constexpr std::array<std::pair<std::string_view, Wanted>, 6> kKinds{{{"files", Wanted::path},
                                                                       {"folders", Wanted::path},
                                                                       {"ones", Wanted::any},
                                                                       {"tasks", Wanted::task},
                                                                       {"processes", Wanted::process},
                                                                       {"calls", Wanted::call}}};
  constexpr std::array<std::string_view, 3> kOfThem{"them", "these", "those"};
  std::size_t last = at;
  const bool has_one = at + 1 < words.size() && words[at + 1].folded == "one" &&
                       (words[at].folded == "every" || words[at].folded == "each");
  const std::size_t of = at + (has_one ? 2 : 1);
  const bool is_led = (has_one || std::ranges::find(kFirst, words[at].folded) != kFirst.end()) &&
                      of + 1 < words.size() && words[of].folded == "of" &&
                      std::ranges::find(kOfThem, words[of + 1].folded) != kOfThem.end();
  if (is_led) last = of + 1;
  if (!is_led && std::ranges::find(kThem, words[at].folded) == kThem.end()) return std::nullopt;
  Found made{.words = 0, .mention = {.is_plural = true}};
  const auto* kind = last + 1 < words.size() ? std::ranges::find(kKinds, words[last + 1].folded,
                                                                 &std::pair<std::string_view, Wanted>::first)
                                             : kKinds.end();
  if (kind != kKinds.end() && words[last].folded != "them") {
    made.mention.wanted = kind->second;
    if (kind->first == "files") made.mention.sort = Sort::file;
    if (kind->first == "folders") made.mention.sort = Sort::folder;
    ++last;
  }
  made.words = last + 1 - at;
  return may_end(words, last + 1) ? std::optional(made) : std::nullopt;
}

std::optional<Found> mention_at(const Words& words, std::size_t at) {
  const std::string& word = words[at].folded;
  if (std::optional<Found> found = several_at(words, at)) return found;
  if (std::optional<Found> found = each_at(words, at)) return found;
  if (std::optional<Found> found = ordinal_at(words, at)) return found;
  const bool points = word == "that" || word == "this";
  const Noun* noun = noun_of(words, at + 1);
  // "this folder" is the one that the speaker stands in.
  const bool is_here = word == "this" && noun && (noun->word == "folder" || noun->word == "directory");
  if ((points || word == "the") && noun && !is_here && may_end(words, at + 2)) {
    const bool is_loose = word == "the" && noun->wanted == Wanted::any;  // "the name", "the thing"
    Found made{.words = 2, .mention = {}};
    take_noun(made.mention, *noun);
    if (!is_loose) return made;
  }
  if ((points || word == "it") && may_end(words, at + 1)) return Found{.words = 1, .mention = {}};
  const bool is_owner = word == "its" && at + 1 < words.size() && may_end(words, at + 2);
  if (is_owner) return Found{.words = 2, .mention = {.is_owner = true}};
  return std::nullopt;
}

}  // namespace

std::vector<Mention> find_mentions(std::string_view text) {
  Spoken said = spoken(text);
  for (Spoken::Word& word : said.words)
    if (word.is_quoted) word.folded.clear();  // a name, whatever it says
  std::vector<Mention> all;
  for (std::size_t at = 0; at < said.words.size();) {
    std::optional<Found> found = mention_at(said.words, at);
    if (!found) {
      ++at;
      continue;
    }
    Mention& mention = found->mention;
    mention.begin = said.words[at].begin;
    const Spoken::Word& last = said.words[at + found->words - 1];
    mention.end = said.text.find_last_not_of(".,;:!?\"')", last.end - 1) + 1;
    mention.said = said.text.substr(mention.begin, mention.end - mention.begin);
    at += found->words;
    all.push_back(std::move(mention));
  }
  return all;
}

}  // namespace lilux::brain

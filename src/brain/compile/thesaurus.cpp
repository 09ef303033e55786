// Runs once, when the program is built: WordNet's words, each with the groups (synsets) of its first senses, as the
// table of thesaurus.h. The same files give the same bytes.
//
// usage: compile_thesaurus <folder of WordNet> <thesaurus.bin>

#include "brain/thesaurus.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "search/words.h"
#include "sys/file.h"

namespace {

using namespace lilux;
using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kBytesMax = std::size_t{32} << 20;  // of one file
constexpr std::size_t kSenses = 3;                        // of a word as a noun, as a verb, …
constexpr std::size_t kRarer = 4;                         // than another word of the same stem: it is left out
constexpr std::size_t kWordsMost = 3;                     // of a phrase
constexpr std::array<std::string_view, 4> kKinds{"noun", "verb", "adj", "adv"};

using Fields = std::vector<std::string_view>;

struct Sense {
  std::size_t kind = 0;    // of kKinds
  std::size_t offset = 0;  // in its file
  auto operator<=>(const Sense&) const = default;
};

struct Lemma {
  std::string stems = {};  // with blanks between
  std::vector<Sense> senses = {};
  bool is_tagged = false;  // stands in the texts that WordNet's senses were counted in
};

Fields fields_of(std::string_view line) {
  Fields all;
  for (const auto field : std::views::split(line, ' '))
    if (!field.empty()) all.emplace_back(field.begin(), field.end());
  return all;
}

std::optional<std::size_t> number(const Fields& fields, std::size_t at, int base = 10) {
  std::size_t value = 0;
  if (at >= fields.size()) return std::nullopt;
  const std::string_view text = fields[at];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::unexpected<base::Error> strange(std::string_view file, std::string_view line) {
  return fail(ErrorCode::corrupt, std::string(file) + ": no line of WordNet 3.0: " + std::string(line.substr(0, 60)));
}

// The lines that say something: those of the licence begin with blanks.
template <class Take>
Result<void> each_line(std::string_view text, std::string_view file, Take take) {
  for (const auto range : std::views::split(text, '\n')) {
    const std::string_view line(range.begin(), range.end());
    if (!line.empty() && line.front() != ' ' && !take(fields_of(line))) return strange(file, line);
  }
  return {};
}

// Nothing for what holds digits, is long, or has a word that says nothing by itself.
std::string stems_of(std::string_view lemma, search::Words& words) {
  const auto is_sign = [](char c) { return c != '_' && c != '-' && c != '\'' && (c < 'a' || c > 'z'); };
  if (std::ranges::any_of(lemma, is_sign)) return {};
  std::string text(lemma);
  std::ranges::replace(text, '_', ' ');
  std::string stems;
  const std::vector<search::Word> all = words.split(text);
  for (const search::Word& word : all) {
    if (!search::is_content(word.term) || all.size() > kWordsMost) return {};
    stems += (stems.empty() ? "" : " ") + word.term;
  }
  return stems;
}

struct WordNet {
  std::map<std::string, std::size_t, std::less<>> counts = {};  // how often a word stands in those texts
  std::array<std::map<std::string, Lemma, std::less<>>, kKinds.size()> lemmas = {};  // by kind
  std::map<Sense, std::vector<Sense>> heads = {};  // of adjectives like it: that of enormous is the sense of large
};

// word%type:… sense count
bool take_count(WordNet& net, const Fields& fields) {
  const std::optional<std::size_t> count = number(fields, 2);
  if (!count) return false;
  net.counts[std::string(fields[0].substr(0, fields[0].find('%')))] += *count;
  return true;
}

// lemma pos synsets pointers [pointer…] senses tagged offset…
bool take_lemma(WordNet& net, std::size_t kind, const Fields& fields, search::Words& words) {
  const std::optional<std::size_t> pointers = number(fields, 3);
  const std::optional<std::size_t> tagged = pointers ? number(fields, 5 + *pointers) : std::nullopt;
  if (!tagged || fields.size() < 7 + *pointers) return false;
  Lemma lemma{.stems = stems_of(fields[0], words), .is_tagged = *tagged > 0};
  const std::size_t first = 6 + *pointers;
  for (std::size_t at = first; at < fields.size() && at < first + kSenses; ++at) {
    const std::optional<std::size_t> offset = number(fields, at);
    if (!offset) return false;
    lemma.senses.push_back({.kind = kind, .offset = *offset});
  }
  net.lemmas[kind].emplace(fields[0], std::move(lemma));
  return true;
}

// offset file type words(hex) [word id]… pointers [symbol offset pos source]… | …
bool take_head(WordNet& net, std::size_t kind, const Fields& fields) {
  const std::optional<std::size_t> own = number(fields, 0);
  const std::optional<std::size_t> words = number(fields, 3, 16);
  const std::optional<std::size_t> pointers = words ? number(fields, 4 + 2 * *words) : std::nullopt;
  if (!own || !pointers || fields.size() < 5 + 2 * *words + 4 * *pointers) return false;
  for (std::size_t i = 0, at = 5 + 2 * *words; i < *pointers && fields[2] == "s"; ++i, at += 4) {
    const std::optional<std::size_t> head = number(fields, at + 1);
    if (!head) return false;
    if (fields[at] == "&") net.heads[{.kind = kind, .offset = *own}].push_back({.kind = kind, .offset = *head});
  }
  return true;
}

// "bought buy": as buy, unless it is a word of its own, as "left" is.
bool take_exception(WordNet& net, std::size_t kind, const Fields& fields, search::Words& words) {
  if (fields.size() < 2) return false;
  const auto is_word = [&](const auto& lemmas) { return lemmas.contains(fields[0]); };
  const auto base = net.lemmas[kind].find(fields[1]);
  if (base == net.lemmas[kind].end() || !base->second.is_tagged || std::ranges::any_of(net.lemmas, is_word))
    return true;
  Lemma lemma = base->second;
  lemma.stems = stems_of(fields[0], words);
  if (lemma.stems != base->second.stems) net.lemmas[kind].emplace(fields[0], std::move(lemma));
  return true;
}

using Members = std::map<Sense, std::map<std::string, bool>>;  // words of a sense, and whether they only come near it

std::size_t count_of(const WordNet& net, std::string_view word) {
  const auto found = net.counts.find(word);
  return found == net.counts.end() ? 0 : found->second;
}

// How often the commonest of the words stands there that share their stems.
std::map<std::string, std::size_t> counts_of_stems(const WordNet& net) {
  std::map<std::string, std::size_t> counts;
  for (const auto& lemmas : net.lemmas) {
    for (const auto& [name, lemma] : lemmas) {
      std::size_t& most = counts[lemma.stems];
      most = std::max(most, count_of(net, name));
    }
  }
  return counts;
}

// Senses of two words at least, of which one is not rare.
Members members_of(const WordNet& net) {
  Members all;
  std::set<Sense> common;
  const std::map<std::string, std::size_t> counts = counts_of_stems(net);
  for (const auto& lemmas : net.lemmas) {
    for (const auto& [name, lemma] : lemmas) {
      // What "permiss" stands for is "permission", and not the rare "permissible".
      const bool is_rare = count_of(net, name) * kRarer < counts.at(lemma.stems);
      if (lemma.stems.empty() || is_rare) continue;
      for (const Sense& sense : lemma.senses) {
        all[sense][lemma.stems] = false;
        if (lemma.is_tagged) common.insert(sense);
        const auto heads = net.heads.find(sense);
        if (!lemma.is_tagged || heads == net.heads.end()) continue;
        for (const Sense& head : heads->second) all[head].try_emplace(lemma.stems, true);
      }
    }
  }
  std::erase_if(all, [&](const auto& one) { return one.second.size() < 2 || !common.contains(one.first); });
  return all;
}

constexpr std::size_t kTexts = 3 * kKinds.size() + 1;  // index, data and exceptions of each kind, and the counts

Result<std::string> table_of(const std::array<std::string, kTexts>& texts) {
  WordNet net;
  search::Words words;
  TRY(each_line(texts.back(), "cntlist.rev", [&](const Fields& fields) { return take_count(net, fields); }));
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    const std::string name(kKinds[kind]);
    const auto lemma = [&](const Fields& fields) { return take_lemma(net, kind, fields, words); };
    const auto head = [&](const Fields& fields) { return take_head(net, kind, fields); };
    TRY(each_line(texts[3 * kind], "index." + name, lemma));
    TRY(each_line(texts[3 * kind + 1], "data." + name, head));
  }
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
    TRY(each_line(texts[3 * kind + 2], std::string(kKinds[kind]) + ".exc",
                  [&](const Fields& fields) { return take_exception(net, kind, fields, words); }));
  brain::Thesaurus::Groups groups;
  std::size_t count = 0;
  for (const auto& [sense, members] : members_of(net)) {
    if (count == brain::Thesaurus::kGroupsMax) return fail(ErrorCode::invalid_argument, "WordNet has too many senses");
    for (const auto& [stems, is_near] : members)
      groups[stems].push_back(static_cast<std::uint16_t>(count | (is_near ? brain::Thesaurus::kNear : 0U)));
    ++count;
  }
  return TRY(brain::Thesaurus::of(groups)).save();
}

Result<void> compile(const std::string& folder, const char* to) {
  std::array<std::string, kTexts> texts;
  texts.back() = TRY(sys::read_file(folder + "/cntlist.rev", kBytesMax));
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    const std::string name(kKinds[kind]);
    texts[3 * kind] = TRY(sys::read_file(folder + "/index." + name, kBytesMax));
    texts[3 * kind + 1] = TRY(sys::read_file(folder + "/data." + name, kBytesMax));
    texts[3 * kind + 2] = TRY(sys::read_file(folder + "/" + name + ".exc", kBytesMax));
  }
  return sys::write_file_atomic(to, TRY(table_of(texts)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const Result<void> done = compile(argv[1], argv[2]);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}

#include "brain/learned.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace lilux::brain {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::size_t kMeasuredMax = 200;  // newest examples; all pairs of them are compared
constexpr double kUnseen = 0.5;            // weight of a word that no example has
constexpr double kWindow = 0.2;            // pairs that are so much more or less alike count too

std::optional<std::string> written(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_integer()) return base::to_text(value);
  return std::nullopt;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

std::optional<std::int64_t> whole(std::string_view text) {
  const base::Result<Json> read = base::parse_json(text);
  return read && read->is_integer() ? std::optional(read->as_integer()) : std::nullopt;
}

bool is_place(std::string_view text) {
  return text.find_first_of("./~") != std::string_view::npos;
}

// What may stand where the other value stood: "delete my doubts" is not "delete a.txt" with another file.
bool is_like(std::string_view value, std::string_view learned) {
  const auto has_blank = [](std::string_view text) { return text.find(' ') != std::string_view::npos; };
  if (is_number(learned) != is_number(value)) return false;
  if (!has_blank(learned) && has_blank(value)) return false;
  return is_place(learned) == is_place(value);
}

// The sentence with a gap for each value of the call that stands in it; nothing when none does.
std::optional<std::string> with_gaps(const Experience& example) {
  std::string text = example.text;
  if (text.find("{{") != std::string::npos) return std::nullopt;
  bool has_gap = false;
  for (const auto& [name, value] : example.arguments.as_object()) {
    const std::optional<std::string> said = written(value);
    if (!said || said->empty()) continue;
    const Spoken words = spoken(text);
    for (std::size_t first = 0; first < words.words.size(); ++first) {
      std::size_t begin = words.words[first].begin;
      const std::size_t quote = text[begin] == '"' || text[begin] == '\'' ? 1 : 0;
      if (text.compare(begin + quote, said->size(), *said) != 0) continue;
      const std::size_t end = std::min(text.find_first_of(" \t\r\n", begin + quote + said->size()), text.size());
      const std::string_view rest =
          std::string_view(text).substr(begin + quote + said->size(), end - begin - quote - said->size());
      if (rest.find_first_not_of(".,;:!?\"'") != std::string_view::npos) continue;
      text.replace(begin, end - begin, "{{" + name + "}}");
      has_gap = true;
      break;
    }
  }
  return has_gap ? std::optional(std::move(text)) : std::nullopt;
}

std::vector<std::string> unique(std::vector<std::string> words) {
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const Spoken::Word& word : spoken(text).words) {
    if (!word.folded.empty()) words.push_back(word.folded);
  }
  return unique(std::move(words));
}

}  // namespace

Learned Learned::of(std::vector<Experience> examples) {
  Learned made;
  made.examples_ = std::move(examples);
  std::vector<std::vector<std::string>> words;
  for (const Experience& example : made.examples_) {
    Compiled one{.plain = plain(example.text)};
    if (const std::optional<std::string> pattern = with_gaps(example)) one.phrase = made.phrase(*pattern);
    if (one.phrase) {
      const std::vector<std::string_view> own = made.phrases_[*one.phrase].words();
      words.push_back(unique({own.begin(), own.end()}));
    } else {
      words.push_back(words_of(example.text));
    }
    made.compiled_.push_back(std::move(one));
  }
  made.weigh(words);
  made.measure();
  return made;
}

// What was meant instead says nothing of its own: the refused proposal is counted. A guess by nearness is always asked
// about, so that answers to it say nothing of how sure the others must be.
Bands Learned::bands(double error) const {
  std::vector<Answered> answered;
  for (const Experience& example : examples_)
    if (example.confidence && example.answer != Answer::corrected && example.layer != "near")
      answered.push_back({.confidence = *example.confidence, .is_right = example.answer == Answer::accepted});
  return fitted_bands(std::move(answered), error);
}

// Its number; nothing for what is no phrase.
std::optional<std::size_t> Learned::phrase(const std::string& pattern) {
  if (const auto known = patterns_.find(pattern); known != patterns_.end()) return known->second;
  base::Result<Phrase> made = Phrase::compile(pattern);
  if (!made) return std::nullopt;
  phrases_.push_back(std::move(*made));
  return patterns_[pattern] = phrases_.size() - 1;
}

// A word counts by how surely the examples that have it are of one tool; one that none has, such as a name, by half.
void Learned::weigh(const std::vector<std::vector<std::string>>& words) {
  std::vector<std::map<std::string_view, double>> tools;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const std::string& word : words[i]) {
      const auto number = numbers_.emplace(word, static_cast<std::uint32_t>(numbers_.size())).first->second;
      if (number == tools.size()) tools.emplace_back();
      if (examples_[i].answer != Answer::refused) ++tools[number][examples_[i].tool];
      compiled_[i].words.push_back(number);
    }
    std::ranges::sort(compiled_[i].words);
  }
  for (const auto& counts : tools) {
    double most = 0;
    double all = 0;
    for (const auto& [tool, count] : counts) {
      most = std::max(most, count);
      all += count;
    }
    weights_.push_back((most + kUnseen) / (all + 1));
  }
  for (Compiled& one : compiled_) {
    for (const std::uint32_t number : one.words) one.size += weights_[number] * weights_[number];
  }
}

Learned::Asking Learned::asking(std::string_view text) const {
  Asking made{.said = spoken(text), .plain = plain(text)};
  made.gaps.resize(phrases_.size());
  return made;
}

const JsonObject* Learned::gaps(Asking& asking, std::size_t example) const {
  const std::size_t number = *compiled_[example].phrase;
  auto& known = asking.gaps[number];
  if (!known) known = phrases_[number].match(asking.said);
  return *known ? &**known : nullptr;
}

Learned::Fit Learned::fit(Asking& asking, std::size_t example) const {
  const Compiled& compiled = compiled_[example];
  const bool is_same = !asking.plain.empty() && compiled.plain == asking.plain;
  if (!compiled.phrase) return is_same ? Fit::same : Fit::none;
  const JsonObject* values = gaps(asking, example);
  if (!values) return Fit::none;
  for (const auto& [name, value] : *values) {
    const Json* learned = examples_[example].arguments.find(name);
    if (!is_like(value.as_string(), *written(*learned))) return Fit::none;
    if (learned->is_integer() && !whole(value.as_string())) return Fit::none;
  }
  return is_same ? Fit::same : Fit::varied;
}

Json Learned::arguments(Asking& asking, std::size_t example) const {
  Json made = examples_[example].arguments;
  if (!compiled_[example].phrase) return made;
  for (const auto& [name, value] : *gaps(asking, example)) {
    const bool is_number = made.find(name)->is_integer();
    made.as_object().set(name, is_number ? Json(*whole(value.as_string())) : value);
  }
  return made;
}

std::size_t Learned::refusals(Asking& asking, std::string_view tool) const {
  std::size_t count = 0;
  for (std::size_t i = examples_.size(); i-- > 0;) {
    if (examples_[i].tool != tool || fit(asking, i) == Fit::none) continue;
    if (examples_[i].answer != Answer::refused) break;
    ++count;
  }
  return count;
}

double Learned::doubt(std::string_view text, std::string_view tool) const {
  Asking now = asking(text);
  return std::pow(kRefusalFactor, static_cast<double>(refusals(now, tool)));
}

// Of the examples that fit the newest that is the same sentence, else the newest.
std::optional<Proposal> Learned::recall(std::string_view text) const {
  Asking now = asking(text);
  std::optional<std::size_t> best;
  bool is_same = false;
  std::map<std::string_view, std::size_t> tools;
  for (std::size_t i = examples_.size(); i-- > 0;) {
    if (examples_[i].answer == Answer::refused) continue;
    const Fit fits = fit(now, i);
    if (fits == Fit::none) continue;
    ++tools[examples_[i].tool];
    if (best && (is_same || fits != Fit::same)) continue;
    best = i;
    is_same = fits == Fit::same;
  }
  if (!best) return std::nullopt;
  const Experience& example = examples_[*best];
  const double varied = tools.size() == 1 && tools[example.tool] > 1 ? kVariedOften : kVariedOnce;
  const std::size_t refused = refusals(now, example.tool);
  const double confidence = (is_same ? kSameAgain : varied) * std::pow(kRefusalFactor, static_cast<double>(refused));
  std::string why = std::string(is_same ? "the same as" : "like") + " example " + std::to_string(example.id) + ", '" +
                    example.text + "'";
  if (refused > 0) why += ", refused since: " + std::to_string(refused);
  return Proposal{.calls = {{.name = example.tool, .arguments = arguments(now, *best), .confidence = confidence}},
                  .confidence = confidence,
                  .tool = example.tool,
                  .why = std::move(why)};
}

double Learned::weight(const std::string& word) const {
  const auto found = numbers_.find(word);
  return found != numbers_.end() ? weights_[found->second] : kUnseen;
}

Learned::Asked Learned::asked(std::string_view text) const {
  Asked made;
  for (const std::string& word : words_of(text)) {
    const double counts = weight(word);
    made.size += counts * counts;
    if (const auto found = numbers_.find(word); found != numbers_.end()) made.words.push_back(found->second);
  }
  std::ranges::sort(made.words);
  return made;
}

// The cosine of the words, each counted as above.
double Learned::similarity(const Asked& asked, std::size_t example) const {
  const Compiled& other = compiled_[example];
  double both = 0;
  for (std::size_t i = 0, j = 0; i < asked.words.size() && j < other.words.size();) {
    if (asked.words[i] == other.words[j]) both += weights_[asked.words[i]] * weights_[asked.words[i]];
    const bool is_less = asked.words[i] <= other.words[j];
    const bool is_more = asked.words[i] >= other.words[j];
    i += is_less ? 1 : 0;
    j += is_more ? 1 : 0;
  }
  return both == 0 ? 0 : both / std::sqrt(asked.size * other.size);
}

std::vector<Alike> Learned::alike(std::string_view text, std::size_t limit) const {
  const Asked words = asked(text);
  std::vector<Alike> found;
  for (std::size_t i = examples_.size(); i-- > 0;) {
    const double value = similarity(words, i);
    if (value > 0) found.push_back({.example = i, .similarity = value});
  }
  std::ranges::sort(found, [](const Alike& left, const Alike& right) {
    return std::pair(right.similarity, right.example) < std::pair(left.similarity, left.example);
  });
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::vector<WordWeight> Learned::words(std::string_view text, std::size_t example) const {
  std::vector<WordWeight> made;
  for (const std::string& word : words_of(text)) {
    const auto number = numbers_.find(word);
    const bool is_shared =
        number != numbers_.end() && std::ranges::binary_search(compiled_[example].words, number->second);
    made.push_back({.word = word, .weight = is_shared ? weight(word) : -weight(word)});
  }
  std::ranges::sort(made, [](const WordWeight& left, const WordWeight& right) {
    return std::tuple(-std::abs(left.weight), left.word) < std::tuple(-std::abs(right.weight), right.word);
  });
  return made;
}

// Each of the newest examples asked of the others.
void Learned::measure() {
  const std::size_t from = examples_.size() > kMeasuredMax ? examples_.size() - kMeasuredMax : 0;
  for (std::size_t i = from; i < examples_.size(); ++i) {
    if (examples_[i].answer == Answer::refused) continue;
    const Asked words = asked(examples_[i].text);
    Pair pair;
    for (std::size_t j = from; j < examples_.size(); ++j) {
      if (examples_[j].answer == Answer::refused || compiled_[i].plain == compiled_[j].plain) continue;
      const double value = similarity(words, j);
      if (value <= pair.similarity) continue;
      pair = {.similarity = value, .is_right = examples_[j].tool == examples_[i].tool};
    }
    if (pair.similarity > 0) pairs_.push_back(pair);
  }
}

std::optional<Nearest> Learned::nearest(std::string_view text) const {
  constexpr std::size_t kNear = 5;
  constexpr double kAsGood = 0.05;  // another tool so near leaves it open
  Nearest found{.examples = alike(text, kNear)};
  if (found.examples.empty() || found.examples.front().similarity < kLikeFrom) return std::nullopt;
  const double most = found.examples.front().similarity;
  const Experience& first = examples_[found.examples.front().example];
  if (first.answer == Answer::refused) return std::nullopt;
  found.tool = first.tool;
  // How often one about so alike had the same tool. With few of them that says little, so the share begins far below
  // one.
  std::size_t right = 0;
  for (const Pair& pair : pairs_) {
    if (std::abs(pair.similarity - most) > kWindow) continue;
    ++found.pairs;
    right += pair.is_right ? 1 : 0;
  }
  found.confidence = (static_cast<double>(right) + 0.5) / (static_cast<double>(found.pairs) + 2);
  for (const Alike& other : found.examples) {
    const Experience& example = examples_[other.example];
    const bool is_against = (example.tool == found.tool) == (example.answer == Answer::refused);
    if (is_against && other.similarity > most - kAsGood) found.confidence *= kRefusalFactor;
  }
  return found;
}

}  // namespace lilux::brain

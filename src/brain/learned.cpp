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

// The sentence with a gap for each value of the call that stands in it.
std::optional<Phrase> with_gaps(const Experience& example) {
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
  if (!has_gap) return std::nullopt;
  base::Result<Phrase> made = Phrase::compile(text);
  return made ? std::optional(std::move(*made)) : std::nullopt;
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
    Compiled one{.plain = plain(example.text), .phrase = with_gaps(example)};
    words.push_back(one.phrase ? unique(one.phrase->words()) : words_of(example.text));
    made.compiled_.push_back(std::move(one));
  }
  made.weigh(words);
  return made;
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

std::optional<Learned::Fit> Learned::fit(std::size_t example, const Spoken& said, const std::string& plain) const {
  const Compiled& compiled = compiled_[example];
  const bool is_same = !plain.empty() && compiled.plain == plain;
  if (!compiled.phrase) return is_same ? std::optional(Fit{examples_[example].arguments, true}) : std::nullopt;
  const std::optional<JsonObject> gaps = compiled.phrase->match(said);
  if (!gaps) return std::nullopt;
  Fit made{.arguments = examples_[example].arguments, .is_same = is_same};
  for (const auto& [name, value] : *gaps) {
    const std::string learned = *written(*made.arguments.find(name));
    if (!is_like(value.as_string(), learned)) return std::nullopt;
    if (made.arguments.find(name)->is_integer()) {
      const base::Result<Json> number = base::parse_json(value.as_string());
      if (!number || !number->is_integer()) return std::nullopt;
      made.arguments.as_object().set(name, *number);
    } else {
      made.arguments.as_object().set(name, value);
    }
  }
  return made;
}

std::size_t Learned::refusals(const Spoken& said, const std::string& plain, std::string_view tool) const {
  std::size_t count = 0;
  for (std::size_t i = examples_.size(); i-- > 0;) {
    if (examples_[i].tool != tool || !fit(i, said, plain)) continue;
    if (examples_[i].answer != Answer::refused) break;
    ++count;
  }
  return count;
}

double Learned::doubt(std::string_view text, std::string_view tool) const {
  return std::pow(kRefusalFactor, static_cast<double>(refusals(spoken(text), plain(text), tool)));
}

// Of the examples that fit the newest that is the same sentence, else the newest.
std::optional<Proposal> Learned::recall(std::string_view text) const {
  const Spoken said = spoken(text);
  const std::string plainly = plain(text);
  std::optional<std::size_t> best;
  std::optional<Fit> found;
  std::map<std::string, std::size_t> tools;
  for (std::size_t i = examples_.size(); i-- > 0;) {
    if (examples_[i].answer == Answer::refused) continue;
    std::optional<Fit> now = fit(i, said, plainly);
    if (!now) continue;
    ++tools[examples_[i].tool];
    if (found && (found->is_same || !now->is_same)) continue;
    best = i;
    found = std::move(now);
  }
  if (!found) return std::nullopt;
  const Experience& example = examples_[*best];
  const double varied = tools.size() == 1 && tools[example.tool] > 1 ? kVariedOften : kVariedOnce;
  const std::size_t refused = refusals(said, plainly, example.tool);
  const double confidence =
      (found->is_same ? kSameAgain : varied) * std::pow(kRefusalFactor, static_cast<double>(refused));
  std::string why = std::string(found->is_same ? "the same as" : "like") + " example " + std::to_string(example.id) +
                    ", '" + example.text + "'";
  if (refused > 0) why += ", refused since: " + std::to_string(refused);
  return Proposal{.calls = {{.name = example.tool, .arguments = std::move(found->arguments), .confidence = confidence}},
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

// Each of the newest examples asked of the others: how often one about so alike had the same tool. With few of them
// that says little, so the share begins far below one.
Nearest Learned::measured(Nearest found, double similarity) const {
  std::size_t right = 0;
  const std::size_t from = examples_.size() > kMeasuredMax ? examples_.size() - kMeasuredMax : 0;
  for (std::size_t i = from; i < examples_.size(); ++i) {
    if (examples_[i].answer == Answer::refused) continue;
    const Asked words = asked(examples_[i].text);
    std::optional<std::size_t> best;
    double most = 0;
    for (std::size_t j = from; j < examples_.size(); ++j) {
      if (examples_[j].answer == Answer::refused || compiled_[i].plain == compiled_[j].plain) continue;
      const double value = this->similarity(words, j);
      if (value <= most) continue;
      most = value;
      best = j;
    }
    if (!best || std::abs(most - similarity) > kWindow) continue;
    ++found.pairs;
    if (examples_[*best].tool == examples_[i].tool) ++right;
  }
  found.confidence = (static_cast<double>(right) + 0.5) / (static_cast<double>(found.pairs) + 2);
  return found;
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
  found = measured(std::move(found), most);
  for (const Alike& other : found.examples) {
    const Experience& example = examples_[other.example];
    const bool is_against = (example.tool == found.tool) == (example.answer == Answer::refused);
    if (is_against && other.similarity > most - kAsGood) found.confidence *= kRefusalFactor;
  }
  return found;
}

}  // namespace lilux::brain

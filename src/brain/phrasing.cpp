#include "brain/phrasing.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "brain/caller_rest.h"
#include "brain/caller_rest_words.h"
#include "brain/meanings.h"
#include "brain/thesaurus.h"

namespace lilux::brain {

namespace {

// How rare a word is that says by itself what is meant: print, play, invoice; not get, make, file.
constexpr float kTelling = 4.4F;

struct Phrasing {
  Form form = Form::whole;
  std::vector<std::string> stems = {};
};

// What the name begins with is the act; of the whole also what the description does: "put" of "puts a web site online".
std::vector<Phrasing> phrasings_of(const Tool& tool) {
  std::vector<Phrasing> all;
  if (tool.name_words.empty()) return all;
  const std::vector<std::string> thing(tool.name_words.begin() + 1, tool.name_words.end());
  if (!thing.empty()) all.push_back({.form = Form::whole, .stems = tool.name_words});
  if (tool.effect == Effect::destructive) return all;
  all.push_back({.form = Form::act, .stems = {tool.name_words.front()}});
  if (thing.empty()) return all;
  all.push_back({.form = Form::thing, .stems = thing});
  if (tool.words.empty()) return all;
  Phrasing& described = all.emplace_back(Phrasing{.form = Form::whole, .stems = {tool.words.front()}});
  described.stems.insert(described.stems.end(), thing.begin(), thing.end());
  return all;
}

float rarity_of(const Phrasing& phrasing) {
  float most = 0;
  for (const std::string& stem : phrasing.stems) most = std::max(most, shipped_meanings().rarity(stem));
  return most;
}

bool is_clear(const Phrasing& phrasing, const Tool& tool, const ToolSet& tools) {
  if (phrasing.form == Form::whole) return true;
  const auto is_own = [&](const std::string& stem) { return tools.rarity(stem) >= 1; };
  if (phrasing.form == Form::act && !gap_of(tool)) return false;
  return rarity_of(phrasing) >= kTelling && std::ranges::any_of(phrasing.stems, is_own);
}

// A sentence against the phrasings of tools.
class Comparison {
 public:
  explicit Comparison(const Reading& reading) : reading_(&reading) {
    for (const Token& token : tokens()) groups_.push_back(shipped_thesaurus().groups_of(token.stem));
    constexpr std::array<std::string_view, 7> kBefore{"the", "my", "a", "an", "our", "any", "all"};
    while (first_ < tokens().size() && std::ranges::find(kBefore, tokens()[first_].lower) != kBefore.end()) ++first_;
  }

  // Whether its words are there; a part alone is to stand in front, as itself.
  bool says(const Phrasing& phrasing) {
    taken_.assign(tokens().size(), false);
    for (std::size_t i = 0; i < phrasing.stems.size(); ++i) {
      const std::string& stem = phrasing.stems[i];
      const std::size_t at = phrasing.form == Form::whole ? place_of(stem) : first_ + i;
      if (at >= tokens().size() || (phrasing.form != Form::whole && tokens()[at].stem != stem)) return false;
      taken_[at] = true;
    }
    return true;
  }

  // What the tool is given then; nothing where something that is said is left over, or something needed is not said.
  std::optional<base::Json> arguments(const Tool& tool) const {
    Filled filled = fill(*reading_, tool, shipped_weights());
    if (!give_rest(*reading_, tool, shipped_weights(), taken_, filled) || !filled.missing.empty()) return std::nullopt;
    base::Json made = arguments_of(tool, filled);
    return tool.limits.hold(made) ? std::optional(std::move(made)) : std::nullopt;
  }

 private:
  const std::vector<Token>& tokens() const { return reading_->text.tokens; }

  std::size_t place_of(const std::string& stem) const {
    const auto groups = shipped_thesaurus().groups_of(stem);
    const auto is_met = [&](std::size_t at) {
      const bool is_it = tokens()[at].stem == stem || Thesaurus::kin(groups_[at], groups) == Kin::same;
      return is_it && !taken_[at] && !tokens()[at].is_stop();
    };
    std::size_t at = 0;
    while (at < tokens().size() && !is_met(at)) ++at;
    return at;
  }

  const Reading* reading_;
  std::vector<std::span<const std::uint16_t>> groups_ = {};  // of its words
  std::size_t first_ = 0;                                    // word that is no article or the like
  std::vector<bool> taken_ = {};                             // words that are the phrasing's own
};

// As the tool has the words.
std::string text_of(const Phrasing& phrasing, const Tool& tool) {
  search::Words words;
  const std::string all = tool.name + " " + tool.description;
  const std::vector<search::Word> parts = words.split(all);
  std::string text;
  for (const std::string& stem : phrasing.stems) {
    const auto found = std::ranges::find(parts, stem, &search::Word::term);
    const std::string word = found == parts.end() ? stem : all.substr(found->begin, found->end - found->begin);
    text += (text.empty() ? "" : " ") + lowered(word);
  }
  if (const auto gap = gap_of(tool)) text += " {{" + tool.parameters[*gap].key() + "}}";
  return text;
}

}  // namespace

std::optional<Phrased> phrased(const Reading& reading, const ToolSet& tools) {
  std::optional<Phrased> best;
  std::tuple<int, float> most;
  bool is_one = false;
  Comparison sentence(reading);
  for (std::size_t i = 0; i < tools.tools().size(); ++i) {
    const Tool& tool = tools.tools()[i];
    for (const Phrasing& phrasing : phrasings_of(tool)) {
      if (!sentence.says(phrasing) || !is_clear(phrasing, tool, tools)) continue;
      const std::tuple<int, float> clear(-static_cast<int>(phrasing.form), rarity_of(phrasing));
      if (best && clear < most) continue;
      std::optional<base::Json> arguments = sentence.arguments(tool);
      const bool is_bare = arguments && phrasing.form != Form::whole && arguments->as_object().empty();
      if (!arguments || is_bare) continue;
      is_one = !best || clear > most || best->tool == i;
      most = clear;
      best = {.tool = i, .form = phrasing.form, .text = text_of(phrasing, tool), .arguments = std::move(*arguments)};
    }
  }
  return is_one ? best : std::nullopt;
}

}  // namespace lilux::brain

#include "brain/caller_rest.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "brain/caller_features.h"
#include "brain/caller_words.h"
#include "brain/polite.h"
#include "brain/thesaurus.h"

namespace lilux::brain {

namespace {

// How much what may be left out is helped where something that is said has no place yet.
constexpr float kNeedOfLeft = 6.0F;

bool has(const std::vector<std::string>& stems, const std::string& stem) {
  return std::ranges::find(stems, stem) != stems.end();
}

bool speaks_of(const Tool& tool, const std::string& stem) {
  const auto names_it = [&](const Parameter& one) { return has(one.name, stem); };
  return has(tool.name_words, stem) || has(tool.words, stem) || std::ranges::any_of(tool.parameters, names_it);
}

// Another word for one of the tool's name: a lamp for a light.
bool stands_for_name(const Tool& tool, const std::string& stem) {
  return std::ranges::any_of(tool.name_words, [&](const std::string& name) {
    return (groups_of(name) & groups_of(stem)) != 0 || shipped_thesaurus().kin(name, stem) == Kin::same;
  });
}

// What asks for it, politely or not, is no value: "please", and the verb in front.
void mark_asking(const Reading& reading, const Tool& tool, std::vector<bool>& told) {
  const auto& tokens = reading.text.tokens;
  const std::string plain = " " + lowered(plainly(reading.text.text)) + " ";
  bool is_front = true;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (!plain.contains(token.lower)) told[i] = true;
    if (token.is_stop()) continue;
    if (stands_for_name(tool, token.stem) || (is_front && !token.has_digit)) told[i] = true;
    is_front = false;
  }
}

bool meet(Span left, Span right) {
  return left.first <= right.last && right.first <= left.last;
}

bool is_given(const Filled& filled, std::size_t parameter) {
  return std::ranges::find(filled.arguments, parameter, &Argument::parameter) != filled.arguments.end();
}

// Whether it is a value that stands in the rest and in nothing that is given already.
bool fits_rest(const Argument& one, Span rest, const Filled& filled) {
  const Candidate& candidate = one.candidate;
  return !is_given(filled, one.parameter) && candidate.has_span() && candidate.source != Source::boolean &&
         meet(candidate.span, rest) && std::ranges::none_of(filled.arguments, [&](const Argument& other) {
           return other.candidate.has_span() && meet(other.candidate.span, candidate.span);
         });
}

bool is_plain_text(const Parameter& one) {
  return one.kind == Kind::string && one.look == Look::any && one.path.size() == 1;
}

std::vector<std::size_t> texts_without_value(const Tool& tool, const Filled& filled) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    if (is_plain_text(tool.parameters[i]) && !is_given(filled, i)) found.push_back(i);
  }
  return found;
}

// Which words are values of arguments, an amount with its unit.
std::vector<bool> words_given(const Reading& reading, const Filled& filled) {
  std::vector<bool> told(reading.text.tokens.size());
  const auto mark = [&](Span span) {
    for (std::size_t i = span.first; i <= span.last && i < told.size(); ++i) told[i] = true;
  };
  for (const Argument& argument : filled.arguments) {
    if (!argument.candidate.has_span()) continue;
    mark(argument.candidate.span);
    if (argument.candidate.source != Source::number) continue;
    const Quantity& amount = reading.quantities[argument.candidate.number];
    mark(reading.tokens_of(amount.begin, amount.unit_end));
  }
  return told;
}

// From the first to the last word that is not `told`, says something, and is nothing that the tool speaks of.
std::optional<Span> rest_of(const Reading& reading, const Tool& tool, const std::vector<bool>& told) {
  const auto& tokens = reading.text.tokens;
  std::optional<Span> rest;
  for (std::size_t i = 0; i < told.size(); ++i)
    if (!told[i] && !tokens[i].is_stop() && !speaks_of(tool, tokens[i].stem))
      rest = {.first = rest ? rest->first : i, .last = i};
  return rest;
}

// The giving of what is left, step by step.
class Giving {
 public:
  Giving(const Reading& reading, const Tool& tool, const Weights& weights, Filled& filled)
      : reading_(&reading), tool_(&tool), filled_(&filled), eager_(fill(reading, tool, weights, kNeed, kNeedOfLeft)) {
    asking_.assign(reading.text.tokens.size(), false);
    mark_asking(reading, tool, asking_);
  }
  Giving(const Reading& reading, const Tool& tool, const Weights& weights, Filled& filled, std::vector<bool> asking)
      : Giving(reading, tool, weights, filled) {
    asking_ = std::move(asking);
  }

  void give() {
    take([&](const Argument& one) {
      return !is_plain_text(tool_->parameters[one.parameter]) || one.candidate.source == Source::moment;
    });
    if (left()) ask_for_refused();
    if (!left() || widen()) return;
    const std::vector<std::size_t> texts = texts_without_value(*tool_, *filled_);
    if (texts.size() == 1 && give_to(texts.front(), *left())) return;
    take([&](const Argument& one) { return are_all_said(texts) || is_told(one.parameter); });
    if (!left()) return;
    // What is cut wrongly is not given at all.
    std::erase_if(filled_->arguments,
                  [&](const Argument& one) { return std::ranges::find(texts, one.parameter) != texts.end(); });
    filled_->missing.insert(filled_->missing.end(), texts.begin(), texts.end());
  }

  std::optional<Span> left() const {
    std::vector<bool> told = words_given(*reading_, *filled_);
    for (std::size_t i = 0; i < told.size(); ++i) told[i] = told[i] || asking_[i];
    return rest_of(*reading_, *tool_, told);
  }

 private:
  // One of several texts is meant where its name is there, too, or each of them has a value.
  bool is_told(std::size_t parameter) const { return FillView(*reading_, *tool_, parameter).is_told(); }
  bool are_all_said(const std::vector<std::size_t>& texts) const {
    return std::ranges::all_of(texts, [&](std::size_t one) { return is_given(eager_, one); });
  }

  // Of what would be given if more were, what stands in the rest.
  template <class Wanted>
  void take(Wanted is_wanted) {
    for (const Argument& one : eager_.arguments) {
      const std::optional<Span> rest = left();
      if (!rest || !is_wanted(one) || !fits_rest(one, *rest, *filled_)) continue;
      filled_->arguments.push_back(one);
      std::erase(filled_->missing, one.parameter);
    }
  }

  // A number that is said and may not be given.
  void ask_for_refused() {
    for (const std::size_t one : eager_.missing)
      if (!is_given(*filled_, one) && std::ranges::find(filled_->missing, one) == filled_->missing.end())
        filled_->missing.push_back(one);
  }

  // "bridge" as "old bridge".
  bool widen() {
    const std::optional<std::size_t> gap = gap_of(*tool_);
    const auto given = std::ranges::find_if(filled_->arguments, [&](const Argument& one) {
      return one.parameter == gap && one.candidate.source == Source::span && one.candidate.has_span();
    });
    if (!gap || given == filled_->arguments.end()) return false;
    const Argument before = *given;
    const Span rest = *left();
    filled_->arguments.erase(given);
    if (give_to(*gap, {.first = std::min(rest.first, before.candidate.span.first),
                       .last = std::max(rest.last, before.candidate.span.last)}))
      return true;
    filled_->arguments.push_back(before);
    return false;
  }

  // Not across another value, a word of the tool's, nor the end of a sentence.
  bool give_to(std::size_t parameter, Span rest) {
    for (std::size_t i = rest.first + 1; i <= rest.last; ++i)
      if (reading_->text.tokens[i].gap == Gap::stop || asking_[i]) return false;
    const auto meets = [&](const Argument& one) { return one.candidate.has_span() && meet(one.candidate.span, rest); };
    const base::Json value(std::string(reading_->text.span(rest.first, rest.last)));
    if (std::ranges::any_of(filled_->arguments, meets) || !tool_->parameters[parameter].limits.hold(value))
      return false;
    filled_->arguments.push_back(
        {.parameter = parameter, .candidate = {.source = Source::span, .span = rest, .value = value}, .chance = 0.5F});
    std::erase(filled_->missing, parameter);
    return true;
  }

  const Reading* reading_;
  const Tool* tool_;
  Filled* filled_;
  Filled eager_;
  std::vector<bool> asking_ = {};  // words that are no value
};

}  // namespace

std::optional<std::size_t> gap_of(const Tool& tool) {
  std::vector<std::size_t> taken;
  std::vector<std::size_t> needed;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    if (!is_plain_text(tool.parameters[i])) continue;
    taken.push_back(i);
    if (tool.parameters[i].is_required) needed.push_back(i);
  }
  if (taken.size() == 1) return taken.front();
  return needed.size() == 1 ? std::optional(needed.front()) : std::nullopt;
}

void give_rest(const Reading& reading, const Tool& tool, const Weights& weights, Filled& filled) {
  if (!tool.parameters.empty()) Giving(reading, tool, weights, filled).give();
}

bool give_rest(const Reading& reading, const Tool& tool, const Weights& weights, const std::vector<bool>& said,
               Filled& filled) {
  Giving giving(reading, tool, weights, filled, said);
  giving.give();
  return !giving.left();
}

}  // namespace lilux::brain

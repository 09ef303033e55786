#include "brain/caller_rest.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "brain/caller_doubt.h"
#include "brain/caller_features.h"
#include "brain/caller_rest_words.h"

namespace lilux::brain {

namespace {

// How much what may be left out is helped where something that is said has no place yet.
constexpr float kNeedOfLeft = 6.0F;

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

std::vector<std::size_t> texts_without_value(const Tool& tool, const Filled& filled) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    if (is_plain_text(tool.parameters[i]) && !is_given(filled, i)) found.push_back(i);
  }
  return found;
}

// Which words are values of arguments, an amount with its unit. Where no text takes all that is left, the second place
// of "Rome and Oslo" is one for a call of its own.
std::vector<bool> words_given(const Reading& reading, const Tool& tool, const Filled& filled) {
  std::vector<bool> told(reading.text.tokens.size());
  const auto mark = [&](Span span) {
    for (std::size_t i = span.first; i <= span.last && i < told.size(); ++i) told[i] = true;
  };
  for (const Argument& argument : filled.arguments) {
    if (!argument.candidate.has_span()) continue;
    mark(argument.candidate.span);
    for (const Candidate& other : argument.others)
      if (!gap_of(tool) && other.has_span()) mark(other.span);
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
    if (!told[i] && (counts_all(reading, tool, i) || (!tokens[i].is_stop() && !speaks_of(tool, tokens[i].stem))))
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
    leave_names();
    take_whole_moments();
    if (left()) ask_for_refused();
    if (left() && !widen()) give_left();
    join_list();
    take_whole_moments();
    part_at_moments();
    ask_for_kinds();
  }

  std::optional<Span> left() const {
    std::vector<bool> told = words_given(*reading_, *tool_, *filled_);
    for (std::size_t i = 0; i < told.size(); ++i) told[i] = told[i] || asking_[i];
    return rest_of(*reading_, *tool_, told);
  }

 private:
  void give_left() {
    const std::vector<std::size_t> texts = texts_without_value(*tool_, *filled_);
    if (texts.size() == 1 && give_to(texts.front(), *left())) return;
    take([&](const Argument& one) { return are_all_said(texts) || is_told(one.parameter); });
    if (!left()) return;
    // What is cut wrongly is not given at all.
    std::erase_if(filled_->arguments,
                  [&](const Argument& one) { return std::ranges::find(texts, one.parameter) != texts.end(); });
    filled_->missing.insert(filled_->missing.end(), texts.begin(), texts.end());
  }

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
    if (rest.first == rest.last && counts_all(*reading_, *tool_, rest.first)) return true;  // all there are in it
    filled_->arguments.erase(given);
    if (give_to(*gap, {.first = std::min(rest.first, before.candidate.span.first),
                       .last = std::max(rest.last, before.candidate.span.last)}))
      return true;
    filled_->arguments.push_back(before);
    return false;
  }

  // "21" of "the heating in studio 3 to 21", where 3 was taken.
  void leave_names() {
    for (Argument& one : filled_->arguments) {
      if (one.candidate.source != Source::number || !is_name(one.candidate)) continue;
      std::vector<Candidate> others = candidates_for(tool_->parameters[one.parameter], *reading_);
      std::erase_if(others, [&](const Candidate& other) {
        return other.source != Source::number || other.is_refused || is_name(other) || is_taken(other);
      });
      if (others.size() == 1) one.candidate = std::move(others.front());
    }
  }
  bool is_name(const Candidate& number) const { return is_of_name(*reading_, reading_->quantities[number.number]); }
  bool is_taken(const Candidate& value) const {
    return std::ranges::any_of(filled_->arguments, [&](const Argument& other) {
      return other.candidate.has_span() && value.has_span() && meet(other.candidate.span, value.span);
    });
  }

  // "Oslo" of "the weather in Rome and Oslo" is a second place, and no day.
  void join_list() {
    if (gap_of(*tool_)) return;
    const auto is_second = [&](const Argument& first, const Argument& second) {
      return is_listed(first) && is_listed(second) && !is_told(second.parameter) &&
             is_behind(first.candidate.span, second.candidate.span);
    };
    auto& all = filled_->arguments;
    for (Argument& first : all) {
      const auto second = std::ranges::find_if(all, [&](const Argument& one) { return is_second(first, one); });
      if (second == all.end()) continue;
      first.others.push_back(second->candidate);
      all.erase(second);
      return;
    }
  }
  bool is_listed(const Argument& one) const {
    return one.candidate.source == Source::span && is_plain_text(tool_->parameters[one.parameter]);
  }
  bool is_behind(Span first, Span second) const {
    const auto& tokens = reading_->text.tokens;
    return first.last + 2 == second.first && tokens[second.first - 1].lower == "and" &&
           tokens[first.first].is_capital == tokens[second.first].is_capital;
  }

  // "tomorrow" of "the day after tomorrow" as all of it.
  void take_whole_moments() {
    for (Argument& one : filled_->arguments) {
      const Parameter& parameter = tool_->parameters[one.parameter];
      const bool is_spoken = one.candidate.source == Source::span || one.candidate.source == Source::moment;
      if (!is_plain_text(parameter) || !tells_time(parameter) || !is_spoken || !is_as_said(one.candidate)) continue;
      for (const Span whole : times_) {
        if (one.candidate.span.first >= whole.first && one.candidate.span.last <= whole.last) put(one, whole);
      }
    }
  }

  bool is_as_said(const Candidate& one) const {
    return one.value.is_string() && one.value.as_string() == reading_->text.span(one.span.first, one.span.last);
  }

  // "haircut tomorrow at 10" for when it is: the moment alone, and the other text takes what it stands beside.
  void part_at_moments() {
    const std::vector<std::size_t> times = texts([](const Parameter& one) { return tells_time(one); });
    const std::vector<std::size_t> things = texts([](const Parameter& one) { return !tells_time(one); });
    if (times.size() != 1 || things.size() != 1) return;
    const bool has_time = is_given(*filled_, times.front());
    if (has_time == is_given(*filled_, things.front())) return;
    Argument& both =
        *std::ranges::find(filled_->arguments, has_time ? times.front() : things.front(), &Argument::parameter);
    for (const Span when : times_) {
      const std::optional<Span> what = beside(both.candidate.span, when);
      if (!what || both.candidate.source != Source::span) continue;
      put(both, has_time ? when : *what);
      Argument other{.parameter = has_time ? things.front() : times.front(), .chance = both.chance};
      other.candidate.source = Source::span;
      put(other, has_time ? *what : when);
      std::erase(filled_->missing, other.parameter);
      filled_->arguments.push_back(std::move(other));
      return;
    }
  }

  template <class Wanted>
  std::vector<std::size_t> texts(Wanted is_wanted) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < tool_->parameters.size(); ++i)
      if (is_plain_text(tool_->parameters[i]) && is_wanted(tool_->parameters[i])) found.push_back(i);
    return found;
  }

  // What is left of a span before or behind a piece of it, without the small words in between.
  std::optional<Span> beside(Span whole, Span piece) const {
    const auto& tokens = reading_->text.tokens;
    const bool is_first = piece.first == whole.first && piece.last < whole.last;
    if (!is_first && (piece.last != whole.last || piece.first <= whole.first)) return std::nullopt;
    Span rest = is_first ? Span{.first = piece.last + 1, .last = whole.last}
                         : Span{.first = whole.first, .last = piece.first - 1};
    while (rest.first < rest.last && tokens[rest.first].is_stop()) ++rest.first;
    while (rest.first < rest.last && tokens[rest.last].is_stop()) --rest.last;
    return tokens[rest.first].is_stop() ? std::nullopt : std::optional(rest);
  }

  void put(Argument& argument, Span span) const {
    argument.candidate.span = span;
    argument.candidate.value = base::Json(std::string(reading_->text.span(span.first, span.last)));
  }

  // "a pdf" says of what kind the file is that is printed, and not which; "every file" no file that can be removed.
  void ask_for_kinds() {
    if (tool_->effect == Effect::looks) return;
    const auto is_kind = [&](const Argument& one) {
      if (one.candidate.source != Source::span) return false;
      if (tool_->effect == Effect::destructive && counts_all(*reading_, *tool_, one.candidate.span.first)) return true;
      return tool_->parameters[one.parameter].sense == Sense::path && is_of_kind(*reading_, one.candidate.span);
    };
    for (const Argument& one : filled_->arguments)
      if (is_kind(one)) filled_->missing.push_back(one.parameter);
    std::erase_if(filled_->arguments, is_kind);
  }

  // Not across another value, a word of the tool's, nor the end of a sentence; what cannot be taken back is not done to
  // all there are because of one word.
  bool give_to(std::size_t parameter, Span rest) {
    const bool is_all = rest.first == rest.last && counts_all(*reading_, *tool_, rest.first);
    if (is_all && tool_->effect == Effect::destructive) return false;
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
  std::vector<Span> times_ = times_in(*reading_);
  std::vector<bool> asking_ = {};  // words that are no value
};

}  // namespace

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

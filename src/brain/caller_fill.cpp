#include "brain/caller_fill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <tuple>

#include "brain/caller_doubt.h"
#include "brain/caller_features.h"
#include "brain/caller_role.h"
#include "brain/extract_class.h"
#include "brain/extract_place.h"

namespace lilux::brain {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::size_t kKeptMost = 32;
// How much less another value may fit to be a second one.
constexpr float kAlike = 6.0F;
constexpr std::size_t kCallsMost = 16;
// How much better a value fits where the words around it say that it is for this parameter.
constexpr float kOfOwnRole = 6.0F;

struct Option {
  Candidate candidate = {};
  float score = 0;
};

struct Open {
  std::vector<Option> options = {};  // best first
  float none = 0;
  float total = 0;  // logarithm of the sum of all
  bool is_done = false;
};

Open options_of(const Reading& reading, const Tool& tool, std::size_t parameter, const Weights& weights) {
  const FillView view(reading, tool, parameter);
  Open open;
  Features features;
  // What is on or off and may be left out is left out where nothing speaks of it.
  const Parameter& given = tool.parameters[parameter];
  const bool is_silent = given.kind == Kind::boolean && !given.is_required && !view.is_told();
  const bool is_denied = given.kind == Kind::boolean && (view.is_negated() || view.is_opposed());
  for (Candidate& candidate : candidates_for(given, reading)) {
    if (candidate.source == Source::boolean && (is_silent || (is_denied && candidate.value.as_bool()))) continue;
    if (!given.is_required && (view.is_own_name(candidate) || view.is_chance(candidate))) continue;
    if (view.is_made_up(candidate) || is_no_value(reading, tool, given, candidate)) continue;
    const Role role = role_of(reading, tool, given, candidate);
    if (role == Role::other) continue;
    view.see(candidate, features);
    const float value = score(weights.fill, features) + (role == Role::own ? kOfOwnRole : 0);
    if (candidate.source == Source::none)
      open.none = value;
    else
      open.options.push_back({.candidate = std::move(candidate), .score = value});
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::min(kKeptMost, open.options.size()));
  std::partial_sort(open.options.begin(), open.options.begin() + kept, open.options.end(),
                    [](const Option& left, const Option& right) { return left.score > right.score; });
  open.options.resize(static_cast<std::size_t>(kept));
  const float most = open.options.empty() ? open.none : std::max(open.none, open.options.front().score);
  float sum = std::exp(open.none - most);
  for (const Option& option : open.options) sum += std::exp(option.score - most);
  open.total = most + std::log(sum);
  return open;
}

// "users descending" and "descending" beside the order "desc".
bool ends_in_choice(const Candidate& name, const Candidate& choice) {
  return choice.source == Source::choice && name.source == Source::span && name.span.last == choice.span.last &&
         name.span.first <= choice.span.first && name.value != choice.value;
}

bool overlap(const Candidate& left, const Candidate& right) {
  if (!left.has_span() || !right.has_span()) return false;
  if (ends_in_choice(left, right) || ends_in_choice(right, left)) return true;
  if (left.source == Source::choice || right.source == Source::choice) return false;
  return left.span.first <= right.span.last && right.span.first <= left.span.last;
}

// One choice for each parameter: the number of an option, or none.
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::size_t kBeam = 4;
constexpr std::size_t kWidth = 6;

struct Choice {
  std::vector<std::size_t> taken = {};  // of each parameter
  float score = 0;
};

bool is_free(const std::vector<Open>& all, const Choice& choice, const Candidate& candidate) {
  for (std::size_t i = 0; i < choice.taken.size(); ++i) {
    if (choice.taken[i] != kNone && overlap(all[i].options[choice.taken[i]].candidate, candidate)) return false;
  }
  return true;
}

// What follows from a choice when one more parameter is decided.
void go_on(const std::vector<Open>& all, const Choice& choice, std::size_t parameter, float need,
           std::vector<Choice>& next) {
  const Open& open = all[parameter];
  Choice without = choice;
  without.score += open.none - open.total - need;
  next.push_back(std::move(without));
  std::size_t count = 0;
  for (std::size_t i = 0; i < open.options.size() && count < kWidth; ++i) {
    if (!is_free(all, choice, open.options[i].candidate)) continue;
    ++count;
    Choice with = choice;
    with.taken[parameter] = i;
    with.score += open.options[i].score - open.total;
    next.push_back(std::move(with));
  }
}

struct Help {
  float required = kNeed;
  float optional = kNeedOfOptional;
};
float help_of(const Parameter& parameter, Help help) {
  if (parameter.is_required) return help.required;
  return parameter.kind == Kind::array ? 0 : help.optional;
}

// The options that fit best together, the surest parameters decided first.
std::vector<std::size_t> best_together(const std::vector<Open>& all, const Tool& tool, Help help) {
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) order[i] = i;
  const auto sureness = [&](std::size_t i) {
    return all[i].options.empty() ? -100.0F : all[i].options.front().score - all[i].total;
  };
  std::ranges::sort(order, [&](std::size_t left, std::size_t right) {
    return sureness(left) != sureness(right) ? sureness(left) > sureness(right) : left < right;
  });
  std::vector<Choice> beam{{.taken = std::vector<std::size_t>(all.size(), kNone)}};
  std::vector<Choice> next;
  for (const std::size_t parameter : order) {
    next.clear();
    for (const Choice& choice : beam) go_on(all, choice, parameter, help_of(tool.parameters[parameter], help), next);
    const auto kept = static_cast<std::ptrdiff_t>(std::min(kBeam, next.size()));
    std::partial_sort(next.begin(), next.begin() + kept, next.end(), [](const Choice& left, const Choice& right) {
      return left.score != right.score ? left.score > right.score : left.taken < right.taken;
    });
    next.resize(static_cast<std::size_t>(kept));
    std::swap(beam, next);
  }
  return beam.front().taken;
}

bool has_place(const Candidate& candidate) {
  return candidate.has_span() && candidate.source != Source::boolean;
}

bool joins(const Token& token) {
  return token.lower == "and" || token.lower == "or" || token.lower == "&";
}

// "Lyon, France" is one place and no list of two.
bool is_region(const Reading& reading, Span left, Span right) {
  const auto is_large = [&](Span span) {
    for (std::size_t last = span.first; last < std::min(span.first + 3, reading.text.tokens.size()); ++last) {
      const WordClass what = class_of(lowered(reading.text.span(span.first, last)));
      if (what == WordClass::state || what == WordClass::country) return true;
      if (!state_in_short(reading.text.span(span.first, last)).empty()) return true;
    }
    return false;
  };
  return reading.text.tokens[right.first].gap == Gap::comma && is_large(right) && !is_large(left);
}

// Whether a list leads from the end of one span to the beginning of the other and nothing else is between them.
bool is_joined(const Reading& reading, Span left, Span right) {
  const auto& tokens = reading.text.tokens;
  std::size_t at = left.last + 1;
  if (at > right.first || tokens[at].gap == Gap::stop || is_region(reading, left, right)) return false;
  bool is_list = tokens[at].gap == Gap::comma;
  if (at < right.first && joins(tokens[at])) {
    is_list = true;
    ++at;
  }
  while (at < right.first && (tokens[at].lower == "the" || tokens[at].lower == "a" || tokens[at].lower == "in" ||
                              tokens[at].lower == "for" || tokens[at].lower == "of"))
    ++at;
  return is_list && at == right.first;
}

bool meet(Span left, Span right) {
  return left.first <= right.last && right.first <= left.last;
}

bool holds_joint(const Reading& reading, Span span) {
  const auto& tokens = reading.text.tokens;
  for (std::size_t at = span.first + 1; at <= span.last; ++at) {
    if (joins(tokens[at])) return true;
  }
  return false;
}

// Items of a list look alike: names beside names.
bool look_alike(const Reading& reading, Span left, Span right) {
  const auto& tokens = reading.text.tokens;
  return tokens[left.first].is_capital == tokens[right.first].is_capital &&
         tokens[left.first].has_digit == tokens[right.first].has_digit;
}

// A town of the description's examples stands in a list with others.
bool are_of_a_sort(Source left, Source right) {
  const auto is_name = [](Source one) { return one == Source::span || one == Source::example; };
  return left == right || (is_name(left) && is_name(right));
}

// The best option of a sort that a list leads to from a span, to the right or to the left.
const Option* next_in_list(const Reading& reading, const Open& open, const Option& best, Span span, bool is_right) {
  for (const Option& option : open.options) {
    if (option.score < best.score - kAlike) break;
    if (!are_of_a_sort(option.candidate.source, best.candidate.source)) continue;
    if (!has_place(option.candidate) || holds_joint(reading, option.candidate.span)) continue;
    const Span other = option.candidate.span;
    if (!look_alike(reading, span, other)) continue;
    const bool is_name = reading.text.tokens[span.first].is_capital;
    if (!is_name && option.candidate.source != best.candidate.source) continue;
    if (is_right ? is_joined(reading, span, other) : is_joined(reading, other, span)) return &option;
  }
  return nullptr;
}

bool has_joint_between(const Reading& reading, Span left, Span right) {
  if (right.first < left.first) std::swap(left, right);
  for (std::size_t at = left.last + 1; at < right.first; ++at) {
    if (joins(reading.text.tokens[at])) return true;
  }
  return false;
}

// Further values of a parameter that stand in a list with the best one.
std::vector<Candidate> others_of(const Reading& reading, const Open& open, const Option& best) {
  std::vector<Candidate> others;
  if (!has_place(best.candidate) || best.candidate.value.is_array()) return others;
  for (const bool is_right : {true, false}) {
    Span span = best.candidate.span;
    while (others.size() + 1 < kCallsMost) {
      const Option* next = next_in_list(reading, open, best, span, is_right);
      if (next == nullptr) break;
      others.push_back(next->candidate);
      span = next->candidate.span;
    }
  }
  // A comma alone makes no list of two: "tomorrow, June 1", "the museum, New York".
  if (others.size() == 1 && !has_joint_between(reading, best.candidate.span, others.front().span)) others.clear();
  return others;
}

// Values that another parameter has taken are no second ones.
void leave_taken(std::vector<Argument>& arguments) {
  for (Argument& argument : arguments) {
    std::erase_if(argument.others, [&](const Candidate& one) {
      return one.value == argument.candidate.value || std::ranges::any_of(arguments, [&](const Argument& other) {
               return &other != &argument && other.candidate.has_span() && meet(one.span, other.candidate.span);
             });
    });
  }
}

// What has a look that only one parameter wants is for that one, also where it may be left out: a telephone number.
void give_looks(const Tool& tool, const std::vector<Open>& all, std::vector<Argument>& arguments) {
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    const Look look = tool.parameters[i].look;
    const bool has_own = look == Look::phone || look == Look::email || look == Look::iban;
    const bool is_given = std::ranges::find(arguments, i, &Argument::parameter) != arguments.end();
    if (!has_own || is_given || std::ranges::count(tool.parameters, look, &Parameter::look) != 1) continue;
    const auto is_it = [&](const Option& option) {
      const bool is_written = option.candidate.source == Source::code || option.candidate.source == Source::email;
      return is_written && std::ranges::none_of(arguments, [&](const Argument& other) {
               return overlap(other.candidate, option.candidate);
             });
    };
    if (std::ranges::count_if(all[i].options, is_it) != 1) continue;
    const auto option = std::ranges::find_if(all[i].options, is_it);
    arguments.push_back({.parameter = i, .candidate = option->candidate, .chance = 0.5F});
  }
}

bool is_free_text(const Parameter& parameter) {
  constexpr std::array<std::string_view, 6> kSearched{"query", "q", "search", "search_query", "keywords", "question"};
  if (parameter.kind != Kind::string || parameter.look != Look::any) return false;
  if (parameter.sense == Sense::query) return std::ranges::find(kSearched, parameter.key()) != kSearched.end();
  return parameter.sense == Sense::message || parameter.key() == "task";
}

// Where what is said for a text begins: behind a colon, its name, "that" or "saying", and for what is searched behind
// "for" too.
bool begins_text(const Text& text, const Parameter& parameter, std::size_t at) {
  if (at == 0) return false;
  const Token& before = text.tokens[at - 1];
  if (text.tokens[at].gap == Gap::colon) return true;
  if (text.tokens[at].gap != Gap::space) return false;
  if (std::ranges::find(parameter.name, before.stem) != parameter.name.end()) return at > 1;
  if (before.lower == "that" || before.lower == "saying") return parameter.sense != Sense::query;
  if (parameter.sense == Sense::query) return before.lower == "for" || before.lower == "about";
  return parameter.key() == "task" && before.lower == "to";
}

// A text is cut where its words stop to say something by themselves: "Rome" of "search for cheap flights to Rome",
// "late" of "tell her that I will be late". It is all from where it begins to where something else does.
void take_whole_texts(const Reading& reading, const Tool& tool, std::vector<Argument>& arguments) {
  const auto& tokens = reading.text.tokens;
  const auto is_taken = [&](std::size_t at, const Argument& own) {
    return std::ranges::any_of(arguments, [&](const Argument& other) {
      return &other != &own && has_place(other.candidate) && at >= other.candidate.span.first &&
             at <= other.candidate.span.last;
    });
  };
  for (Argument& argument : arguments) {
    const Parameter& parameter = tool.parameters[argument.parameter];
    Candidate& value = argument.candidate;
    if (value.source != Source::span || !is_free_text(parameter) || !value.value.is_string()) continue;
    std::optional<std::size_t> begin;
    for (std::size_t at = value.span.first; at > 0; --at) {
      if (begins_text(reading.text, parameter, at)) begin = at;
      if (tokens[at].gap != Gap::space || is_taken(at - 1, argument)) break;
    }
    if (!begin) continue;
    const auto is_light = [&](const Token& token) {
      return token.lower == "the" || token.lower == "a" || token.lower == "to";
    };
    Span whole{.first = *begin, .last = value.span.last};
    if (whole.first < value.span.first && tokens[whole.first].gap == Gap::space && is_light(tokens[whole.first]))
      ++whole.first;
    while (whole.last + 1 < tokens.size() && tokens[whole.last + 1].gap == Gap::space &&
           !is_taken(whole.last + 1, argument))
      ++whole.last;
    while (whole.last > value.span.last && tokens[whole.last].is_stop() && whole.last + 1 < tokens.size()) --whole.last;
    if (whole == value.span) continue;
    value.span = whole;
    value.value = Json(std::string(reading.text.span(whole.first, whole.last)));
  }
}

// An object that may be left out is, where something that it needs is not said.
void leave_halves(const Tool& tool, std::vector<Argument>& arguments) {
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    const Parameter& needed = tool.parameters[i];
    if (!needed.is_required_inside || needed.is_required) continue;
    if (std::ranges::find(arguments, i, &Argument::parameter) != arguments.end()) continue;
    const auto object = std::span(needed.path).first(needed.path.size() - 1);
    std::erase_if(arguments, [&](const Argument& one) {
      const auto& path = tool.parameters[one.parameter].path;
      return path.size() > object.size() && std::ranges::equal(std::span(path).first(object.size()), object);
    });
  }
}

// One of several choices of which the sentence says nothing.
bool is_guessed(const Argument& argument) {
  return argument.candidate.source == Source::choice && !(argument.candidate.match > 0);
}

}  // namespace

Filled fill(const Reading& reading, const Tool& tool, const Weights& weights, float need, float need_of_optional) {
  std::vector<Open> all;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) all.push_back(options_of(reading, tool, i, weights));
  Filled filled;
  const std::vector<std::size_t> taken = best_together(all, tool, {.required = need, .optional = need_of_optional});
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (taken[i] == kNone) continue;
    const Option& option = all[i].options[taken[i]];
    if (option.candidate.is_refused) {
      if (!tool.parameters[i].is_required) filled.missing.push_back(i);
      continue;
    }
    filled.arguments.push_back({.parameter = i,
                                .candidate = option.candidate,
                                .chance = std::exp(option.score - all[i].total),
                                .others = others_of(reading, all[i], option)});
  }
  give_looks(tool, all, filled.arguments);
  leave_taken(filled.arguments);
  for (const std::size_t open : left_open(reading, tool, filled)) {
    std::erase_if(filled.arguments, [&](const Argument& one) { return one.parameter == open; });
    if (!tool.parameters[open].is_required) filled.missing.push_back(open);
  }
  leave_halves(tool, filled.arguments);
  take_whole_texts(reading, tool, filled.arguments);
  float sum = 0;
  std::size_t required = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!tool.parameters[i].is_required) continue;
    ++required;
    const auto found = std::ranges::find(filled.arguments, i, &Argument::parameter);
    if (found == filled.arguments.end()) filled.missing.push_back(i);
    if (found != filled.arguments.end() && is_guessed(*found)) filled.missing.push_back(i);
    sum += found == filled.arguments.end() ? -6.0F : std::max(-6.0F, std::log(found->chance));
  }
  filled.certainty = required == 0 ? 0 : sum / static_cast<float>(required);
  return filled;
}

Json arguments_of(const Tool& tool, const Filled& filled) {
  JsonObject whole;
  for (const Argument& argument : filled.arguments) {
    JsonObject* object = &whole;
    const Parameter& parameter = tool.parameters[argument.parameter];
    const auto& path = parameter.path;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      const bool is_list = i + 1 == parameter.list_at;
      if (object->find(path[i]) == nullptr)
        object->set(path[i], is_list ? Json(base::JsonArray{Json(JsonObject{})}) : Json(JsonObject{}));
      Json& inner = *object->find(path[i]);
      object = is_list ? &inner.as_array().front().as_object() : &inner.as_object();
    }
    object->set(path.back(), argument.candidate.value);
  }
  return whole;
}

}  // namespace lilux::brain

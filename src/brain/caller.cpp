#include "brain/caller.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <ranges>
#include <set>
#include <tuple>

#include "brain/caller_choose.h"
#include "brain/caller_fill.h"
#include "brain/caller_guard.h"
#include "brain/caller_period.h"
#include "brain/caller_rest.h"
#include "brain/caller_several.h"
#include "brain/caller_weights.h"
#include "brain/extract_text.h"
#include "brain/retrieve.h"
#include "brain/split.h"

namespace lilux::brain {

using base::Json;

namespace {

constexpr double kTakenOverFrom = 0.8;  // how sure a part must be to take what it lacks from parts before it
constexpr double kLackingFrom = 0.8;    // how sure a part must be of its tool to be asked about what it lacks
constexpr std::size_t kTriedMost = 4;   // tools whose arguments are filled
constexpr std::size_t kFoundMost = 16;  // among many, those that are looked at
constexpr double kRank = 8;             // what it counts there to be found first
constexpr double kKinMost = 0.85;       // of a call with a choice that only the thesaurus knows: somebody looks first
constexpr double kPartFrom = 0.9;       // how sure a part of a request must be of its tool among many

struct Tried {
  Fit fit = {};
  Filled filled = {};
  double score = 0;
  double chance = 0;
};

// Those whose arguments are filled, the likeliest first. Among many they are the ones that were found first, and where
// they were found counts; how sure one is of them is told by their words and arguments alone.
std::vector<Tried> try_tools(const Reading& reading, const ToolSet& set, const Weights& weights,
                             const Retriever* retriever) {
  std::vector<RankedTool> found;
  if (retriever) found = retriever->rank(reading.text.text, kFoundMost);
  std::vector<Fit> fits = retriever ? fits_of(reading, set, found) : fits_of(reading, set);
  const Fit first = fits.empty() ? Fit{} : fits[0];
  const double second = fits.size() < 2 ? 0 : fits[1].sum;
  std::ranges::sort(fits, {}, [](const Fit& one) { return std::tuple(-one.rank, -one.sum, one.tool); });
  std::vector<Tried> all;
  double most = 0;
  Features features;
  for (std::size_t i = 0; i < std::min(kTriedMost, fits.size()); ++i) {
    const Tool& tool = set.tools()[fits[i].tool];
    Tried one{.fit = fits[i], .filled = fill(reading, tool, weights)};
    fill_period(reading, tool, one.filled);
    const double rival = fits[i].tool == first.tool ? second : first.sum;
    see_tool(reading, set, one.fit, one.filled, {.sum = rival, .tools = set.tools().size()}, features);
    one.score = static_cast<double>(score(weights.choose, features));
    most = std::max(most, one.score);
    all.push_back(std::move(one));
  }
  double sum = std::exp(-most);  // none of them
  for (const Tried& one : all) sum += std::exp(one.score - most);
  for (Tried& one : all) one.chance = std::exp(one.score - most) / sum;
  const auto order = [](const Tried& one) { return one.score + kRank * one.fit.rank; };
  std::ranges::sort(all, [&](const Tried& left, const Tried& right) {
    return order(left) != order(right) ? order(left) > order(right) : left.fit.tool < right.fit.tool;
  });
  return all;
}

std::string dotted(const std::vector<std::string>& path) {
  std::string name;
  for (const std::string& part : path) name += (name.empty() ? "" : ".") + part;
  return name;
}

bool is_of(Kind kind, const Json& value) {
  switch (kind) {
    case Kind::string: return value.is_string();
    case Kind::integer: return value.is_integer();
    case Kind::number: return value.is_number();
    case Kind::boolean: return value.is_bool();
    case Kind::array: return value.is_array();
    case Kind::object: return value.is_object();
    case Kind::choice:
    case Kind::any: return true;
  }
  return false;
}

// Whether a value that another tool was given is one for this parameter, too.
bool takes(const Parameter& parameter, const Json& value) {
  const base::JsonArray& choices = parameter.choices;
  const bool looks_right = !value.is_string() || looks_like(parameter.look, value.as_string());
  if (!looks_right || !parameter.limits.hold(value)) return false;
  const auto may_be = [&](Kind kind, const Json& one) {
    return is_of(kind, one) && (choices.empty() || std::ranges::find(choices, one) != choices.end());
  };
  if (parameter.kind != Kind::array) return may_be(parameter.kind, value);
  return value.is_array() &&
         std::ranges::all_of(value.as_array(), [&](const Json& one) { return may_be(parameter.item, one); });
}

// What the last of the calls before that has such an argument was given for it.
const Json* given_before(const Parameter& parameter, const std::vector<ProposedCall>& before) {
  if (parameter.path.size() != 1) return nullptr;
  for (const ProposedCall& call : before | std::views::reverse) {
    const Json* value = call.arguments.find(parameter.key());
    if (value != nullptr && takes(parameter, *value)) return value;
  }
  return nullptr;
}

// What a part leaves out is what a call before it was given under the same name.
void take_over(const Tool& tool, const std::vector<ProposedCall>& before, Filled& filled) {
  std::vector<std::size_t> missing;
  for (const std::size_t parameter : filled.missing) {
    const Json* value = given_before(tool.parameters[parameter], before);
    if (value != nullptr)
      filled.arguments.push_back({.parameter = parameter, .candidate = {.value = *value}, .chance = 0.5F});
    else
      missing.push_back(parameter);
  }
  filled.missing = std::move(missing);
}

// The calls of the best tool for what was read; `filled` is the one that the whole of it makes, and lacks nothing.
void add_calls(const Reading& reading, const Tool& tool, const Filled& filled, double chance,
               const CallContext& context, const Weights& weights, Proposal& decision) {
  for (const Filled& one : fill_each(reading, tool, filled, weights, context.now))
    decision.calls.push_back({.name = tool.name, .arguments = arguments_of(tool, one), .confidence = chance});
}

double sureness(double chance, const Filled& filled) {
  const bool has_kin = std::ranges::any_of(filled.arguments, [](const Argument& one) { return one.candidate.is_kin; });
  return has_kin ? std::min(chance, kKinMost) : chance;
}

// The whole request holds a part of it back too: what is forbidden may stand in another sentence.
bool is_held_back(const Reading& reading, const Tool& tool) {
  return !held_back_from(reading, tool).empty();
}

// Tools that serve a request alike share its chance: what can be taken back is called where one of them is surely
// meant.
bool is_sure(const std::vector<Tried>& all, const ToolSet& set) {
  const Tried& best = all.front();
  if (set.tools()[best.fit.tool].effect == Effect::destructive) return best.chance >= kDestructiveFrom;
  double any = 0;
  for (const Tried& one : all) any += one.chance;
  return any >= kCallFrom && best.chance >= kCallFrom / 2;
}

bool is_thing(const Json& value) {
  const bool is_text = value.is_string() && !value.as_string().empty() && value.as_string().size() < 200;
  return is_text && value.as_string().find('"') == std::string::npos;
}

// "it" of a part is what the last call before it is about: the first text that it was given.
std::string with_said(std::string_view part, const std::vector<ProposedCall>& before) {
  constexpr std::array<std::string_view, 5> kSpoken{"it", "this", "that file", "this file", "the file"};
  std::string text(part);
  if (before.empty()) return text;
  const auto& given = before.back().arguments.as_object();
  const auto thing = std::ranges::find_if(given, [](const auto& one) { return is_thing(one.second); });
  if (thing == given.end()) return text;
  const std::string lower = lowered(text) + " ";
  for (const std::string_view spoken : kSpoken) {
    const std::size_t at = (" " + lower).find(" " + std::string(spoken) + " ");
    if (at == std::string::npos) continue;
    const std::string& said = thing->second.as_string();
    return text.replace(at, spoken.size(), said.find(' ') == std::string::npos ? said : "\"" + said + "\"");
  }
  return text;
}

// Whether a value only speaks of what an earlier call will give: "the result", and for what goes by its id also the
// thing that "it" stands for, as Rome is no flight.
bool is_of_result(const Parameter& parameter, const Json& value, std::string_view part,
                  const std::vector<ProposedCall>& before) {
  if (!value.is_string()) return false;
  const std::string text = lowered(value.as_string());
  constexpr std::array<std::string_view, 8> kResults{"result", "results",    "the result", "the results",
                                                     "output", "the output", "the answer", "the outcome"};
  if (std::ranges::find(kResults, text) != kResults.end()) return true;
  if (parameter.sense != Sense::id || lowered(part).find(text) != std::string::npos) return false;
  return std::ranges::any_of(before, [&](const ProposedCall& call) {
    const Json* given = call.arguments.find(parameter.key());
    return given == nullptr || !(*given == value);
  });
}

// What only an earlier call can tell is not made up.
void leave_results(const Tool& tool, std::string_view part, const std::vector<ProposedCall>& before, Filled& filled) {
  if (before.empty()) return;
  const auto is_it = [&](const Argument& one) {
    return is_of_result(tool.parameters[one.parameter], one.candidate.value, part, before);
  };
  for (const Argument& one : filled.arguments)
    if (is_it(one)) filled.missing.push_back(one.parameter);
  std::erase_if(filled.arguments, is_it);
}

// What is made of the parts of a request so far.
struct Parts {
  Proposal apart = {};
  double least = 1;
  std::set<std::size_t> tools = {};
  std::size_t changes = 0;  // how often another tool is wanted than before
  std::size_t last = std::string::npos;
  std::optional<Tried> lacking = {};  // a part that surely wants a tool and does not say what it needs
};

void call_part(const Reading& reading, std::string_view part, const ToolSet& set, const CallContext& context,
               const Weights& weights, Parts& parts) {
  const std::vector<Tried> all = try_tools(reading, set, weights, context.retriever);
  if (all.empty() || !is_sure(all, set)) return;
  const Tried& best = all.front();
  if (context.retriever && best.chance < kPartFrom) return;
  const Tool& tool = set.tools()[best.fit.tool];
  if (is_held_back(reading, tool)) return;
  Filled filled = best.filled;
  if (best.chance >= kTakenOverFrom) take_over(tool, parts.apart.calls, filled);
  leave_results(tool, part, parts.apart.calls, filled);
  if (!filled.missing.empty()) {
    if (best.chance >= kLackingFrom) {
      parts.lacking = best;
      parts.lacking->filled = std::move(filled);
    }
    return;
  }
  parts.tools.insert(best.fit.tool);
  parts.changes += best.fit.tool != parts.last ? 1 : 0;
  parts.last = best.fit.tool;
  const double chance = sureness(best.chance, filled);
  parts.least = std::min(parts.least, chance);
  add_calls(reading, tool, filled, chance, context, weights, parts.apart);
}

// A half of a request is not made where the other one is asked for and cannot be: what it lacks is asked for.
bool ask_for_rest(const Parts& parts, const ToolSet& set, Proposal& decision) {
  if (!parts.lacking || parts.tools.empty() || parts.tools.contains(parts.lacking->fit.tool)) return false;
  const Tool& tool = set.tools()[parts.lacking->fit.tool];
  decision.tool = tool.name;
  decision.confidence = std::min(parts.least, parts.lacking->chance);
  decision.missing.clear();
  for (const std::size_t missing : parts.lacking->filled.missing)
    decision.missing.push_back(dotted(tool.parameters[missing].path));
  decision.why = "something is missing";
  return true;
}

// Where the parts of a request want different tools, each is a request of its own.
bool call_parts(const Reading& whole, std::string_view text, const ToolSet& set, const CallContext& context,
                const Weights& weights, Proposal& decision) {
  const std::vector<std::string_view> split = split_request(text);
  if (split.size() < 2 || set.tools().size() < 2) return false;
  search::Words words;
  Parts parts;
  for (const std::string_view part : split)
    call_part(read_part(whole, with_said(part, parts.apart.calls), context.now, words), part, set, context, weights,
              parts);
  if (ask_for_rest(parts, set, decision)) return true;
  if (parts.changes < 2) return false;
  decision.calls = std::move(parts.apart.calls);
  decision.confidence = parts.least;
  return true;
}

void hold_back(const Reading& reading, const ToolSet& set, Proposal& decision) {
  std::erase_if(decision.calls, [&](const ProposedCall& call) {
    const auto tool = std::ranges::find(set.tools(), call.name, &Tool::name);
    return tool != set.tools().end() && is_held_back(reading, *tool);
  });
}

// Calls that do not hold against all that their schemas demand are not made, and neither are those beside them.
void keep_valid(const ToolSet& set, Proposal& decision) {
  const bool are_valid = std::ranges::all_of(decision.calls, [&](const ProposedCall& call) {
    const auto tool = std::ranges::find(set.tools(), call.name, &Tool::name);
    return tool == set.tools().end() || out_of_bounds(*tool, call.arguments).empty();
  });
  if (are_valid) return;
  decision.calls.clear();
  decision.why = "what is said does not fit the schema";
}

// A request that stands in quotes as a whole is what stands in them.
std::string_view unquoted(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return text;
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  const char mark = text[begin];
  if ((mark != '"' && mark != '\'') || end <= begin + 1 || text[end] != mark) return text;
  const std::string_view inside = text.substr(begin + 1, end - begin - 1);
  return inside.find(mark) == std::string_view::npos ? inside : text;
}

}  // namespace

Proposal calls_for(std::string_view text, const ToolSet& tools, const CallContext& context) {
  if (const std::string_view inside = unquoted(text); inside.size() < text.size()) {
    Proposal decision = calls_for(inside, tools, context);
    search::Words read_with;
    hold_back(read(text, context.now, read_with), tools, decision);
    return decision;
  }
  const Weights& weights = context.weights != nullptr ? *context.weights : shipped_weights();
  search::Words words;
  Reading reading = read(text, context.now, words);
  reading.offset = context.offset;
  std::vector<Tried> all = try_tools(reading, tools, weights, context.retriever);
  Proposal decision;
  if (all.empty()) {
    decision.why = "there are no tools";
    return decision;
  }
  Tried& best = all.front();
  const Tool& tool = tools.tools()[best.fit.tool];
  decision.tool = tool.name;
  decision.confidence = best.chance;
  if (context.leaves_nothing) give_rest(reading, tool, weights, best.filled);
  for (const std::size_t missing : best.filled.missing)
    decision.missing.push_back(dotted(tool.parameters[missing].path));
  for (std::size_t i = 1; i < all.size(); ++i)
    decision.runners_up.push_back(
        {.name = tools.tools()[all[i].fit.tool].name, .confidence = std::min(all[i].chance, best.chance)});
  if (is_held_back(reading, tool)) {
    decision.why = held_back_from(reading, tool);
    return decision;
  }
  if (call_parts(reading, text, tools, context, weights, decision)) {
    hold_back(reading, tools, decision);
    keep_valid(tools, decision);
    return decision;
  }
  if (!is_sure(all, tools)) {
    decision.why = "not sure enough";
    return decision;
  }
  if (!decision.missing.empty()) {
    decision.why = "something is missing";
    return decision;
  }
  decision.confidence = sureness(best.chance, best.filled);
  add_calls(reading, tool, best.filled, decision.confidence, context, weights, decision);
  keep_valid(tools, decision);
  return decision;
}

}  // namespace lilux::brain

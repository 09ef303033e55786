#include "brain/caller.h"

#include <algorithm>
#include <cmath>
#include <ranges>
#include <tuple>

#include "brain/caller_choose.h"
#include "brain/caller_fill.h"
#include "brain/caller_guard.h"
#include "brain/caller_several.h"
#include "brain/caller_weights.h"
#include "brain/retrieve.h"
#include "brain/split.h"

namespace lilux::brain {

using base::Json;

namespace {

constexpr double kTakenOverFrom = 0.8;  // how sure a part must be to take what it lacks from parts before it
constexpr std::size_t kTriedMost = 4;   // tools whose arguments are filled
constexpr std::size_t kFoundMost = 16;  // among many, those that are looked at
constexpr double kRank = 8;             // what it counts there to be found first
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
    Tried one{.fit = fits[i], .filled = fill(reading, set.tools()[fits[i].tool], weights)};
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

// The whole request holds a part of it back too: what is forbidden may stand in another sentence.
bool is_held_back(const Reading& reading, const Tool& tool) {
  return tool.is_destructive && !held_back(reading).empty();
}

// Tools that serve a request alike share its chance: what can be taken back is called where one of them is surely
// meant.
bool is_sure(const std::vector<Tried>& all, const ToolSet& set) {
  const Tried& best = all.front();
  if (set.tools()[best.fit.tool].is_destructive) return best.chance >= kDestructiveFrom;
  double any = 0;
  for (const Tried& one : all) any += one.chance;
  return any >= kCallFrom && best.chance >= kCallFrom / 2;
}

// Where the parts of a request want different tools, each is a request of its own.
bool call_parts(const Reading& whole, std::string_view text, const ToolSet& set, const CallContext& context,
                const Weights& weights, Proposal& decision) {
  const std::vector<std::string_view> parts = split_request(text);
  if (parts.size() < 2 || set.tools().size() < 2) return false;
  search::Words words;
  Proposal apart;
  double least = 1;
  std::size_t tools = 0;
  std::size_t last = set.tools().size();
  for (const std::string_view part : parts) {
    const Reading reading = read_part(whole, part, context.now, words);
    const std::vector<Tried> all = try_tools(reading, set, weights, context.retriever);
    if (all.empty() || !is_sure(all, set)) continue;
    const Tried& best = all.front();
    if (context.retriever && best.chance < kPartFrom) continue;
    if (is_held_back(reading, set.tools()[best.fit.tool])) continue;
    Filled filled = best.filled;
    if (best.chance >= kTakenOverFrom) take_over(set.tools()[best.fit.tool], apart.calls, filled);
    if (!filled.missing.empty()) continue;
    tools += best.fit.tool != last ? 1 : 0;
    last = best.fit.tool;
    least = std::min(least, best.chance);
    add_calls(reading, set.tools()[best.fit.tool], filled, best.chance, context, weights, apart);
  }
  if (tools < 2) return false;
  decision.calls = std::move(apart.calls);
  decision.confidence = least;
  return true;
}

void hold_back(const Reading& reading, const ToolSet& set, Proposal& decision) {
  if (held_back(reading).empty()) return;
  std::erase_if(decision.calls, [&](const ProposedCall& call) {
    const auto tool = std::ranges::find(set.tools(), call.name, &Tool::name);
    return tool != set.tools().end() && tool->is_destructive;
  });
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
  const Reading reading = read(text, context.now, words);
  const std::vector<Tried> all = try_tools(reading, tools, weights, context.retriever);
  Proposal decision;
  if (all.empty()) {
    decision.why = "there are no tools";
    return decision;
  }
  const Tried& best = all.front();
  const Tool& tool = tools.tools()[best.fit.tool];
  decision.tool = tool.name;
  decision.confidence = best.chance;
  for (const std::size_t missing : best.filled.missing)
    decision.missing.push_back(dotted(tool.parameters[missing].path));
  for (std::size_t i = 1; i < all.size(); ++i)
    decision.runners_up.push_back(
        {.name = tools.tools()[all[i].fit.tool].name, .confidence = std::min(all[i].chance, best.chance)});
  if (is_held_back(reading, tool)) {
    decision.why = held_back(reading);
    return decision;
  }
  if (call_parts(reading, text, tools, context, weights, decision)) {
    hold_back(reading, tools, decision);
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
  add_calls(reading, tool, best.filled, best.chance, context, weights, decision);
  return decision;
}

}  // namespace lilux::brain

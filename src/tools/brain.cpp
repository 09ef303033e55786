// brain.route: what a sentence asks for, by the rules that a person wrote and by what the tools say of themselves.

#include "tools/brain.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <ranges>
#include <string>

#include "brain/caller_guard.h"
#include "brain/extract_text.h"
#include "brain/phrase.h"
#include "brain/polite.h"
#include "brain/retrieve.h"
#include "brain/rule_source.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "sys/file.h"
#include "tools/common.h"
#include "tools/dispatched.h"
#include "tools/domains.h"
#include "tools/explained.h"
#include "tools/faithful.h"
#include "tools/item_inputs.h"
#include "tools/item_routes.h"
#include "tools/learning.h"
#include "tools/references.h"
#include "tools/said_places.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::tools::brain_tools {

using base::Json;
using brain::Proposal;

namespace {

// What a folder brings along is looked at before it happens, and is no surer than what Lilux itself knows.
constexpr double kOfProject = 0.85;
constexpr double kOfCalls = 1000;  // of so many, brain.errors may be wrong

constexpr double kHeldBack = 0.5;
constexpr double kToldFrom = 0.1;  // what is less likely is no neighbour

Json described(const kernel::Tool& tool) {
  return base::JsonObject{
      {"name", tool.name},
      {"description", tool.summary},
      {"inputSchema", tool.input_schema()},
      {"annotations", base::JsonObject{{"destructiveHint", tool.traits.risk >= policy::Risk::high}}}};
}

// People's own tools are called by name: no sentence is sure enough for them. Prompts are for clients' models, a
// sentence that asks for a sentence to be routed is none, and a script is asked for as the item that it is.
bool is_for_sentences(const kernel::Tool& tool) {
  return tool.traits.audience != kernel::Audience::people && !tool.name.starts_with("prompt.") &&
         tool.name != "brain.route" && tool.name != "script.run";
}

Json described_tools() {
  base::JsonArray tools;
  for (const kernel::Tool& tool : table()) {
    if (is_for_sentences(tool)) tools.push_back(described(tool));
  }
  return tools;
}

// Of the table, which never changes.
const Result<brain::ToolSet>& own_tools() {
  static const Result<brain::ToolSet> kTools = brain::ToolSet::compile(described_tools());
  return kTools;
}
const brain::Tool& own_tool(std::string_view name) {
  return *std::ranges::find(own_tools()->tools(), name, &brain::Tool::name);
}
const brain::Retriever& own_retriever() {
  static const brain::Retriever kRetriever(*own_tools());
  return kRetriever;
}

Speaker speaker_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  const std::tm* local = localtime_r(&now, &parts);
  const std::chrono::seconds offset(local ? local->tm_gmtoff : 0);
  return {.now = std::chrono::local_seconds(std::chrono::seconds(now) + offset), .offset = offset};
}

brain::CallContext spoken_now() {
  const Speaker speaker = speaker_now();
  return {.now = speaker.now, .offset = speaker.offset};
}

// A person's own files are no secret to them.
Speaker speaker_of(const CallContext& call) {
  Speaker made = speaker_now();
  if (call.caller().principal != policy::Principal::terminal) return made;
  made.look = [&call](std::string_view path) -> std::optional<sys::FileType> {
    const Result<std::string> whole = call.resolve(path, kernel::Final::follow);
    const Result<std::optional<sys::Stat>> stat = whole ? sys::stat_if_there(*whole) : std::nullopt;
    return stat && *stat ? std::optional((*stat)->type) : std::nullopt;
  };
  made.names = [&call](std::string_view folder) {
    std::vector<std::string> names;
    const Result<std::string> whole = call.resolve(folder, kernel::Final::follow);
    const Result<std::vector<sys::Entry>> entries = whole ? sys::list_directory(*whole) : std::vector<sys::Entry>{};
    if (entries) std::ranges::transform(*entries, std::back_inserter(names), &sys::Entry::name);
    return names;
  };
  return made;
}

std::optional<Proposal> by_rules(const CallContext& call, const brain::RuleSource& source, std::string_view text) {
  const std::shared_ptr<const brain::RulesNow> now = brain::rules_now(call.kernel(), source);
  const auto fits = now->rules ? now->rules->matcher.on_text(text) : std::nullopt;
  std::optional<Proposal> found = fits ? said(now->rules->file.rules[fits->rule], fits->gaps) : std::nullopt;
  if (found) found->why += " of " + source.file;
  return found;
}

// What changes something is never sure by likeness or descriptions alone, and less where the sentence only speaks of
// it.
Proposal cautious(Proposal found, std::string_view text) {
  constexpr double kChangeMax = 0.85;
  if (std::ranges::all_of(found.calls, [](const brain::ProposedCall& one) { return is_harmless(one.name); }))
    return found;
  search::Words words;
  const std::string_view reason = brain::held_back(brain::read(text, {}, words));
  found.confidence = std::min(found.confidence, kChangeMax) * (reason.empty() ? 1 : kHeldBack);
  if (!reason.empty()) found.why = reason;
  return found;
}

// "good morning" is the name of no call, and no item has a blank or an ending in its name.
bool names_none(const brain::ProposedCall& call) {
  if (call.name.starts_with("item.") && call.arguments.string_or("name").find_first_of(" ./") != std::string::npos)
    return true;
  if (call.name.starts_with("memory.") && call.arguments.string_or("target").find_first_of("./") != std::string::npos)
    return true;  // a space of notes, and no file
  if (const std::string tool = call.arguments.string_or("tool"); call.name == "policy.test" && !find(tool)) return true;
  for (const std::string_view name : {"call", "task", "run"}) {
    const Json* value = call.arguments.find(name);
    if (value && value->is_string() && !is_id(value->as_string())) return true;
  }
  return false;
}

// "open https://example.org": what lies there is no file.
std::optional<Proposal> no_address(std::optional<Proposal> found) {
  const auto is_of_file = [](const brain::ProposedCall& call) {
    return call.name.starts_with("fs.") && call.arguments.string_or("path").contains("://");
  };
  if (!found || std::ranges::none_of(found->calls, is_of_file)) return found;
  found->why = "an address is no file";
  found->confidence *= kHeldBack;
  found->calls.clear();
  return found;
}

// Calls beside which the sentence says something are not what was asked for.
void drop_unexplained(Proposal& found, std::string_view text) {
  for (const brain::ProposedCall& call : found.calls) {
    const std::vector<std::string> words = unexplained(text, call);
    if (words.empty()) continue;
    found.why = "'" + words.front() + "' is nothing that " + call.name + " is about or is given";
    found.confidence *= kHeldBack;
    found.calls.clear();
    return;
  }
}

// "the archive folder" is the one of that name; of several words that stand in no quotes none is known to be a place.
bool mind_places(brain::ProposedCall& call, std::string_view text) {
  for (const std::string_view name : {"path", "source", "destination", "directory"}) {
    const Json* value = call.name.starts_with("fs.") ? call.arguments.find(name) : nullptr;
    if (!value || !value->is_string() || brain::is_quoted(value->as_string(), text)) continue;
    const std::string bare(bare_place(value->as_string()));
    if (bare.contains(' ')) return false;
    call.arguments.as_object().set(name, bare);
  }
  return true;
}

std::optional<Proposal> by_schemas(std::string_view text) {
  if (!own_tools()) return std::nullopt;
  brain::CallContext spoken = spoken_now();
  spoken.retriever = &own_retriever();
  Proposal found = brain::calls_for(text, *own_tools(), spoken);
  const auto is_none = [&](brain::ProposedCall& one) { return names_none(one) || !mind_places(one, text); };
  if (std::ranges::any_of(found.calls, is_none)) {
    found.confidence *= kHeldBack;
    found.calls.clear();
  }
  // What only speaks of a change, or says nothing of what is to be changed, offers none.
  search::Words words;
  const brain::Reading reading = brain::read(text, {}, words);
  const bool is_held_back = !brain::held_back(reading).empty();
  std::erase_if(found.calls, [&](const brain::ProposedCall& one) {
    const bool says_what = !one.arguments.as_object().empty();  // "remove each" may be about anything
    return !is_harmless(one.name) && (is_held_back || !says_what || !is_about(reading, own_tool(one.name)));
  });
  drop_unexplained(found, text);
  return cautious(std::move(found), text);
}

// What is shipped as examples: a sentence that has words in common with them may mean the same, and is looked at first.
struct ShippedExamples {
  std::vector<SaidCall> said;
  brain::Learned loosely;  // of the same, in the same order
};
const ShippedExamples& shipped_examples() {
  static const ShippedExamples kExamples = [] {
    ShippedExamples made{.said = shipped_calls(), .loosely = {}};
    std::erase_if(made.said, [](const SaidCall& said) { return !is_harmless(said.tool); });
    std::vector<brain::Experience> examples;
    for (const SaidCall& said : made.said)
      examples.push_back({.text = brain::loosely(said.text), .tool = said.tool, .arguments = said.arguments});
    made.loosely = brain::Learned::of(std::move(examples));
    return made;
  }();
  return kExamples;
}

// Requests begin with what is to be done: to zip a folder is not to list it, however alike the rest is.
bool has_same_begin(std::string_view said, std::string_view known) {
  const std::string begin = " " + std::string(said.substr(0, said.find(' '))) + " ";
  return (" " + std::string(known) + " ").contains(begin);
}

// What a call is given came from the words of its sentence: the log files are not the js files.
bool gives_the_same(std::string_view said, const SaidCall& example) {
  if (example.arguments.as_object().empty()) return true;
  const std::string words = " " + std::string(said) + " ";
  const std::string known = brain::loosely(example.text);
  for (const auto word : std::views::split(known, ' '))
    if (!words.contains(" " + std::string(std::string_view(word)) + " ")) return false;
  return true;
}

std::optional<Proposal> near_sentences(std::string_view text) {
  constexpr double kNearMax = 0.85;
  constexpr double kNearFrom = 0.65;  // as alike as that; below, it is chance
  if (text.find_first_of("./*~0123456789") < text.find_last_not_of(".?! "))
    return std::nullopt;  // a value, none of ours
  const std::optional<brain::Nearest> nearest = shipped_examples().loosely.nearest(brain::loosely(text));
  if (!nearest || nearest->examples.front().similarity < kNearFrom) return std::nullopt;
  const SaidCall& example = shipped_examples().said[nearest->examples.front().example];
  const std::string said = brain::loosely(text);
  if (!has_same_begin(said, brain::loosely(example.text)) || !gives_the_same(said, example)) return std::nullopt;
  if (has_unknown_value(text)) return std::nullopt;
  const double confidence = std::min(nearest->confidence, kNearMax);
  if (!unexplained(text, {.name = example.tool, .arguments = example.arguments}).empty()) return std::nullopt;
  return Proposal{.calls = {{.name = example.tool, .arguments = example.arguments, .confidence = confidence}},
                  .confidence = confidence,
                  .is_asked = true,
                  .tool = example.tool,
                  .why = "like '" + example.text + "'"};
}

bool is_for_sentences(std::string_view name) {
  const kernel::Tool* tool = find(name);
  return tool && is_for_sentences(*tool);
}

std::optional<Proposal> by_answers(const brain::Learned& learned, std::string_view text) {
  std::optional<Proposal> found = learned.recall(text);
  return found && is_for_sentences(found->tool) ? found : std::nullopt;
}

std::optional<Proposal> by_own_domains(const CallContext& call, std::string_view text) {
  std::optional<Proposal> found = domains::by_domains(call, text);
  if (!found || !is_for_sentences(found->tool)) return std::nullopt;
  // To stop the music is what is asked for, where a person's examples say so.
  constexpr std::array<std::string_view, 4> kAlsoRequests{"stop ", "cancel ", "keep ", "leave "};
  const std::string plain = brain::lowered(text);
  const auto begins = std::ranges::find_if(kAlsoRequests, [&](auto word) { return plain.starts_with(word); });
  // "stop before you wipe the disk" stops no wiping.
  const std::string_view rest = begins == kAlsoRequests.end() ? text : text.substr(begins->size());
  const bool is_of_deed = brain::lowered(rest).starts_with("before ");
  return cautious(std::move(*found), is_of_deed ? text : rest);
}

// The tool is taken from what is alike, its arguments from the sentence: values that were guessed are looked at first.
std::optional<Proposal> by_likeness(const brain::Learned& learned, std::string_view text) {
  constexpr double kGuessedMax = 0.85;
  const std::optional<brain::Nearest> nearest = learned.nearest(text);
  if (!nearest || !is_for_sentences(nearest->tool)) return std::nullopt;
  const Result<brain::ToolSet> only = brain::ToolSet::compile(base::JsonArray{described(*find(nearest->tool))});
  if (!only) return std::nullopt;
  Proposal found = brain::calls_for(text, *only, spoken_now());
  const bool is_plain = !found.calls.empty() && found.calls.front().arguments.as_object().empty();
  if (found.calls.size() > 1) return std::nullopt;
  found.confidence = is_plain ? nearest->confidence : std::min(nearest->confidence, kGuessedMax);
  found.is_asked = !is_plain;
  found.runners_up.clear();
  found.why = "like example " + std::to_string(learned.examples()[nearest->examples.front().example].id) + ", '" +
              learned.examples()[nearest->examples.front().example].text + "'";
  return cautious(std::move(found), text);
}

// What a layer takes from words that it was not told of has to keep to them.
brain::Router::Layer faithful(brain::Router::Layer layer) {
  return [layer = std::move(layer)](std::string_view text) {
    std::optional<Proposal> found = layer(text);
    if (found) keep_to_words(*found, text);
    return found;
  };
}

// Of a shipped sentence that lacks something that is asked for: no other layer guesses what else was meant.
std::optional<Proposal> by_shipped_sentences(std::string_view text, const Speaker& speaker) {
  std::optional<Proposal> found = no_address(by_sentences(text, speaker));
  if (!found) return found;
  keep_to_words(*found, text);
  found->is_settled = found->calls.empty() && !found->missing.empty();
  return found;
}

// What was refused for these very words is less sure.
brain::Router::Layer doubted(const brain::Learned& learned, brain::Router::Layer layer) {
  return [&learned, layer = faithful(std::move(layer))](std::string_view text) {
    std::optional<Proposal> found = layer(text);
    if (!found) return found;
    const double factor = learned.doubt(text, found->tool);
    found->confidence *= factor;
    if (factor < 1) found->why += "; refused before";
    return found;
  };
}

// What is wrong with a file of rules that a sentence was held against, once for each text of it.
std::optional<std::string> untold_problem(const CallContext& call) {
  if (call.caller().principal != policy::Principal::terminal) return std::nullopt;
  std::vector<brain::RuleSource> sources{brain::user_rules(call.kernel().folders())};
  const std::string& project = call.caller().project;
  if (kernel::is_itself_trusted(call.kernel().folders(), project)) sources.push_back(brain::project_rules(project));
  for (const brain::RuleSource& source : sources) {
    const std::shared_ptr<const brain::RulesNow> now = brain::rules_now(call.kernel(), source);
    if (now->problem && !now->is_told.exchange(true))
      return now->problem->message +
             (now->rules ? "; its rules that were read before stay in force" : "; none of its rules are in force");
  }
  return std::nullopt;
}

// A process has a number from 1 on, whoever says another one.
std::string refused(const brain::ProposedCall& call) {
  const kernel::Tool* tool = find(call.name);
  const Result<brain::ToolSet> only =
      tool ? brain::ToolSet::compile(base::JsonArray{described(*tool)}) : Result<brain::ToolSet>(brain::ToolSet());
  return only && !only->tools().empty() ? brain::out_of_bounds(only->tools().front(), call.arguments) : std::string();
}

RouteResponse shown(brain::Route route) {
  RouteResponse response{.layer = std::move(route.layer),
                         .confidence = route.proposal.confidence,
                         .band = route.band,
                         .why = std::move(route.proposal.why),
                         .missing = std::move(route.proposal.missing)};
  if (route.proposal.calls.empty() && !route.proposal.tool.empty()) response.tool = route.proposal.tool;
  for (brain::ProposedCall& call : route.proposal.calls) {
    CallRow row{.tool = std::move(call.name), .arguments = std::move(call.arguments)};
    for (const brain::Reference& result : call.results)
      row.results.push_back({.argument = result.argument,
                             .call = static_cast<std::int64_t>(result.call),
                             .nth = result.nth,
                             .kind = result.kind,
                             .item_kind = result.item_kind});
    response.calls.push_back(std::move(row));
  }
  for (brain::RunnerUp& other : route.proposal.runners_up)
    if (other.confidence >= kToldFrom)
      response.runners_up.push_back({.tool = std::move(other.name), .confidence = other.confidence});
  return response;
}

}  // namespace

brain::Router router_for(const CallContext& call, const brain::Learned& learned) {
  const double error = static_cast<double>(call.kernel().config().brain_errors) / kOfCalls;
  brain::Router router(is_harmless, learned.bands(error));
  router.set_refused(refused);
  const auto read = std::make_shared<KnownInputs>();
  router.set_check([&call, read](Proposal& said) { check_inputs(call, said, *read); });
  const std::string& project = call.caller().project;
  router.add("table", by_table, brain::Router::Word::last);
  router.add("rule", [&call, project](std::string_view text) {
    std::optional<Proposal> own = by_rules(call, brain::user_rules(call.kernel().folders()), text);
    if (own || !kernel::is_itself_trusted(call.kernel().folders(), project)) return own;
    std::optional<Proposal> of_project = by_rules(call, brain::project_rules(project), text);
    if (of_project) of_project->confidence = kOfProject;
    if (of_project) of_project->is_asked = true;
    return of_project;
  });
  router.add("learned", [&learned](std::string_view text) { return by_answers(learned, text); });
  router.add("sentence",
             doubted(learned, [&call](std::string_view text) { return by_shipped_sentences(text, speaker_of(call)); }));
  router.add("domain", doubted(learned, [&call](std::string_view text) { return by_own_domains(call, text); }));
  router.add("alike", doubted(learned, [&learned](std::string_view text) { return by_likeness(learned, text); }));
  router.add("near", doubted(learned, near_sentences));
  router.add("item", doubted(learned, [&call, read](std::string_view text) {
               return by_items(call, text, spoken_now(), *read);
             }));
  router.add("schema", doubted(learned, by_schemas));
  return router;
}

brain::Router shipped_router() {
  brain::Router router(is_harmless);
  router.set_refused(refused);
  router.add("table", by_table, brain::Router::Word::last);
  router.add("sentence", [](std::string_view text) { return by_shipped_sentences(text, speaker_now()); });
  router.add("near", faithful(near_sentences));
  router.add("schema", faithful(by_schemas));
  return router;
}

Result<Assessment> assess_route(const CallContext&, const RouteRequest&) {
  return reads_kernel("brain");
}

Result<RouteResponse> route(CallContext& call, const RouteRequest& request) {
  const auto learned = learning::learned_for(call);  // brain.status tells why not
  const brain::Learned nothing;
  Understood found = understood(call, router_for(call, learned ? **learned : nothing), request.text);
  RouteResponse response = shown(std::move(found.route));
  for (Referred& one : found.referred)
    response.referred.push_back(
        {.said = std::move(one.said), .value = std::move(one.value), .call = std::move(one.call)});
  response.problem = untold_problem(call);
  if (!found.advice.empty()) response.advice = std::move(found.advice);
  return response;
}

}  // namespace lilux::tools::brain_tools

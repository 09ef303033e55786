// brain.add_domain, brain.remove_domain, brain.list_domains, and what the domains say to a sentence.

#include "tools/domains.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fcntl.h>

#include "base/guarded.h"
#include "base/hash.h"
#include "brain/domain_file.h"
#include "brain/domains.h"
#include "brain/extract.h"
#include "brain/polite.h"
#include "brain/split.h"
#include "item/interpolate.h"
#include "item/kind.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tools/common.h"
#include "tools/fs_common.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::tools::domains {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using policy::Verb;

namespace {

constexpr std::size_t kExamplesBytesMax = std::size_t{32} << 20;
constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;
constexpr std::size_t kDomainsMax = 200;  // of a user or project
constexpr std::size_t kProjectCharacters = 16;
constexpr std::size_t kKeptMax = 2;  // places one stands at, whose domains stay in memory
constexpr std::string_view kEnding = ".domain";
constexpr double kOfProject = 0.85;  // is looked at first, and is no surer than what Lilux itself knows

struct Place {
  Scope scope = Scope::user;
  std::string folder;
};

// Beside what was learned from answers, so that undo knows it as a person's own.
std::string root_of(const CallContext& call) {
  return (call.kernel().folders().state / "learned/domains").string();
}

// The user's, and behind it that of the project where one stands, if it is trusted.
std::vector<Place> places_of(const CallContext& call) {
  std::vector<Place> places{{.scope = Scope::user, .folder = root_of(call) + "/user"}};
  const std::string& project = call.caller().project;
  if (project.empty() || !kernel::is_trusted(call.kernel().folders(), project)) return places;
  const std::string name = base::to_hex(base::sha256(project)).substr(0, kProjectCharacters);
  places.push_back({.scope = Scope::project, .folder = root_of(call) + "/" + name});
  return places;
}

Result<Place> place_of(const CallContext& call, std::optional<Scope> scope) {
  const std::vector<Place> places = places_of(call);
  if (!scope) return places.back();
  const auto found = std::ranges::find(places, *scope, &Place::scope);
  if (found != places.end()) return *found;
  return fail(ErrorCode::not_found, "you stand in no project that is trusted", "cd to it, or `lilux policy trust .`");
}

std::string file_of(const Place& place, const std::string& name) {
  return place.folder + "/" + name + std::string(kEnding);
}

struct Lying {
  Place place;
  std::string name;
  std::string file;
  std::string stamp;
};

// All that count where the caller stands, by place and name.
std::vector<Lying> lying(const CallContext& call) {
  std::vector<Lying> all;
  for (const Place& place : places_of(call)) {
    const Result<std::vector<sys::Entry>> entries = sys::list_directory(place.folder);
    std::set<std::string> names;
    for (const sys::Entry& entry : entries.value_or(std::vector<sys::Entry>()))
      if (entry.name.ends_with(kEnding)) names.insert(entry.name.substr(0, entry.name.size() - kEnding.size()));
    for (const std::string& name : names) {
      const std::string file = file_of(place, name);
      const Result<sys::Stat> stat = sys::stat(file);
      if (stat && stat->is_regular())
        all.push_back({.place = place,
                       .name = name,
                       .file = file,
                       .stamp = std::to_string(stat->inode) + ":" + std::to_string(stat->size) + ":" +
                                std::to_string(stat->changed_ns)});
    }
  }
  return all;
}

Result<brain::DomainFile> read_domain(const std::string& file) {
  Result<brain::DomainFile> domain = brain::load_domain(TRY(read_regular(file, kFileBytesMax)));
  if (!domain) return base::in_context(domain.error(), sys::quoted(file));
  return domain;
}

// Those that could be read, as one.
struct Loaded {
  struct Labels {
    Lying of;
    brain::LabelCalls calls;
  };
  brain::Domains domains;
  std::map<std::string, Labels, std::less<>> labels;  // by the domain's key
};

// "user kitchen": a user's and a project's may have the same name.
std::string key_of(const Lying& one) {
  return std::string(base::enum_name(one.place.scope)) + " " + one.name;
}

std::shared_ptr<const Loaded> load(const std::vector<Lying>& files) {
  auto loaded = std::make_shared<Loaded>();
  std::map<std::string, brain::Classifier> classifiers;
  for (const Lying& one : files) {
    Result<brain::DomainFile> domain = read_domain(one.file);
    if (!domain) continue;  // brain.list_domains says why
    classifiers.emplace(key_of(one), std::move(domain->classifier));
    loaded->labels.emplace(key_of(one), Loaded::Labels{.of = one, .calls = std::move(domain->calls)});
  }
  loaded->domains = brain::Domains(std::move(classifiers));
  return loaded;
}

// From call to call, for as long as the files are the same. The users of one that is dropped are the calls that ask it.
class KeptDomains {
 public:
  std::shared_ptr<const Loaded> of(const std::vector<Lying>& files) {
    std::string key;
    for (const Lying& one : files) key += one.file + "\n" + one.stamp + "\n";
    return kept_.with([&](std::list<Kept>& all) {
      auto found = std::ranges::find(all, key, &Kept::key);
      if (found == all.end()) {
        if (all.size() >= kKeptMax) all.pop_back();
        found = all.insert(all.begin(), {.key = key, .loaded = load(files)});
      }
      all.splice(all.begin(), all, found);
      return found->loaded;
    });
  }

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const Loaded> loaded;
  };
  base::Guarded<std::list<Kept>> kept_;
};

// What a label may call, as a sentence may.
Result<const kernel::Tool*> callable(const std::string& tool) {
  const kernel::Tool* found = find(tool);
  if (!found) return fail(ErrorCode::not_found, "no tool named " + sys::quoted(tool), "`lilux help tools` lists them");
  if (found->traits.audience == kernel::Audience::people)
    return fail(ErrorCode::invalid_argument, sys::quoted(tool) + " is for people by its name: no sentence calls it",
                "let the label mean another one");
  return found;
}

// A label that is a tool's name means that tool, its slots the fields of their names.
brain::LabelCall call_named(const kernel::Tool& tool, const std::vector<std::string>& slots) {
  const Json schema = tool.input_schema();
  JsonObject arguments;
  for (const std::string& slot : slots)
    if (schema.find("properties")->find(slot)) arguments.set(slot, "{{" + slot + "}}");
  return {.tool = std::string(tool.name), .arguments = std::move(arguments)};
}

Result<void> check_call(const std::string& label, const brain::LabelCall& call, const std::vector<std::string>& slots) {
  const Result<const kernel::Tool*> tool = callable(call.tool);
  if (!tool) return base::in_context(tool.error(), "label " + sys::quoted(label));
  const Json schema = (*tool)->input_schema();
  for (const auto& [name, value] : call.arguments.as_object())
    if (!schema.find("properties")->find(name))
      return fail(ErrorCode::invalid_argument,
                  "label " + sys::quoted(label) + ": " + sys::quoted(call.tool) + " has no field " + sys::quoted(name),
                  "see `lilux help " + call.tool + "`");
  for (const std::string& name : item::placeholders(call.arguments))
    if (std::ranges::find(slots, name) == slots.end())
      return fail(ErrorCode::invalid_argument,
                  "label " + sys::quoted(label) + ": no example tells a slot " + sys::quoted(name),
                  R"(for example "slots": {")" + name + R"(": "what stands in the text"})");
  return {};
}

// Of every label but that of what is out of scope.
Result<brain::LabelCalls> calls_for(brain::LabelCalls given, const brain::Classifier& classifier) {
  brain::LabelCalls calls;
  for (const std::string& label : classifier.labels()) {
    if (label == brain::kOutOfScope) continue;
    const auto told = given.find(label);
    const kernel::Tool* named = find(label);
    if (told == given.end() && !named)
      return fail(ErrorCode::invalid_argument, "label " + sys::quoted(label) + " means no call",
                  R"(give one of its lines "call": {"tool": "fs.read", "arguments": {"path": "{{path}}"}})");
    brain::LabelCall call = told == given.end() ? call_named(*named, classifier.slots()) : std::move(told->second);
    TRY(check_call(label, call, classifier.slots()));
    calls.emplace(label, std::move(call));
  }
  return calls;
}

// The path is held, so that no two calls change the file at once.
Result<Assessment> changes(const CallContext& call, const std::string& file) {
  Assessment made = TRY(administers("brain", policy::Risk::low));
  made.paths.push_back(file);
  made.scratch.push_back(scratch_for(call, file));
  return made;
}

Result<void> write(CallContext& call, const Place& place, const std::string& file, std::string_view bytes) {
  call.begins();
  TRY(sys::make_private_directory((call.kernel().folders().state / "learned").string()));
  TRY(sys::make_private_directory(root_of(call)));
  TRY(sys::make_private_directory(place.folder));
  if (!TRY(sys::stat_if_there(file))) TRY(sys::open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  return replace_file(call, file, bytes);
}

JsonObject values_of(const brain::Classifier& classifier, std::string_view text, const std::string& label) {
  JsonObject values;
  for (const brain::Slot& slot : classifier.slots_in(text, label)) {
    const Json value(text.substr(slot.begin, slot.end - slot.begin));
    const Json* before = values.find(slot.name);
    if (!before) {
      values.set(slot.name, value);
      continue;
    }
    JsonArray all = before->is_array() ? before->as_array() : JsonArray{*before};
    all.push_back(value);
    values.set(slot.name, std::move(all));
  }
  return values;
}

// The members that have their slots; the names of the others go to `missing`.
JsonObject filled(const JsonObject& wanted, const JsonObject& values, std::vector<std::string>& missing) {
  JsonObject made;
  for (const auto& [name, value] : wanted) {
    if (value.is_object()) {
      std::vector<std::string> inner;
      made.set(name, filled(value.as_object(), values, inner));
      continue;
    }
    Result<Json> one = item::interpolated(value, [&](std::string_view slot) -> std::optional<Json> {
      const Json* found = values.find(slot);
      return found ? std::optional(*found) : std::nullopt;
    });
    if (one)
      made.set(name, std::move(*one));
    else
      missing.push_back(name);
  }
  return made;
}

// As the fields of the tool take them: one value is a list of one where that is wanted; of several where one is taken
// nobody knows which.
void suit(const Json& schema, JsonObject& arguments) {
  for (const auto& [name, value] : JsonObject(arguments)) {
    const Json* field = schema.find("properties")->find(name);
    const std::string type = field ? field->string_or("type") : std::string();
    if (type == "array" && !value.is_array()) arguments.set(name, JsonArray{value});
    if (!type.empty() && type != "array" && value.is_array()) arguments.erase(name);
  }
}

// A part of a request that is a request of its own is as sure as that.
constexpr double kPartFrom = 0.5;

// Whether it asks for two things: both sides of a joint surely mean something, and not the same.
bool is_of_two(const brain::Domains& domains, std::string_view text) {
  for (const brain::Cut& cut : brain::cuts_of(text)) {
    const brain::DomainDecision left = domains.decide(text.substr(0, cut.begin));
    const brain::DomainDecision right = domains.decide(text.substr(cut.end));
    const bool are_sure = left.decision.confidence >= kPartFrom && right.decision.confidence >= kPartFrom;
    if (are_sure && std::pair(left.domain, left.decision.label) != std::pair(right.domain, right.decision.label))
      return true;
  }
  return false;
}

// The unit of an amount of which the number is no value: "liters" of "2.5 liters" is no plant.
std::string unit_as_value(const brain::Classifier& classifier, std::string_view text, const std::string& label) {
  search::Words words;
  const brain::Reading reading = brain::read(text, {}, words);
  for (const brain::Slot& slot : classifier.slots_in(text, label))
    for (const brain::Quantity& amount : reading.quantities)
      if (slot.begin > amount.begin && slot.end <= amount.unit_end)
        return std::string(text.substr(amount.begin, amount.unit_end - amount.begin));
  return {};
}

// So few labels have seen too little of what is none of theirs to be unsure of what is near: "make tea" for coffee.
constexpr std::size_t kFewLabels = 10;

// A word that the sentence says besides its values and that the domain has never heard: "fire" of "the kitchen is on
// fire", where it knows no other either. With few labels one is enough where the sentence begins or ends with it, or it
// turns what is asked for around: "tea" of "make tea", "down" of "turn the light down"; "reggae" of "play reggae in the
// hall" may be a value of which there was no example.
std::string never_heard(const brain::Classifier& classifier, std::string_view text, const std::string& label) {
  std::string rest(text);
  for (const brain::Slot& slot : classifier.slots_in(text, label))
    std::fill(rest.begin() + static_cast<std::ptrdiff_t>(slot.begin),
              rest.begin() + static_cast<std::ptrdiff_t>(slot.end), ' ');
  search::Words words;
  const std::vector<brain::Token> said = brain::read_text(brain::plainly(rest), words).tokens;
  const std::vector<std::string> unknown = classifier.explain(rest).unknown_words;
  std::string first;
  bool is_any_known = false;
  bool is_first = true;
  constexpr std::array<std::string_view, 6> kTurns{"off", "out", "down", "up", "no", "not"};
  for (std::size_t at = 0; at < said.size(); ++at) {
    const bool is_turn = std::ranges::find(kTurns, said[at].lower) != kTurns.end();
    if (said[at].is_stop() && !is_turn) continue;
    const bool is_known = std::ranges::find(unknown, said[at].lower) == unknown.end();
    const bool is_end = std::exchange(is_first, false) || at + 1 == said.size();
    if (!is_known && (is_end || is_turn) && classifier.labels().size() <= kFewLabels) return said[at].lower;
    is_any_known = is_any_known || is_known;
    if (first.empty()) first = said[at].lower;
  }
  return is_any_known ? std::string() : first;
}

constexpr double kHeldBack = 0.5;  // for what the sentence may only speak of

// Why the sentence may ask for something else; empty where nothing tells.
std::string doubt_of(const Loaded& loaded, const brain::Classifier& asked, std::string_view text,
                     const std::string& label) {
  if (is_of_two(loaded.domains, text)) return "two things are asked for; say one at a time";
  if (const std::string amount = unit_as_value(asked, text, label); !amount.empty())
    return "it has no use for '" + amount + "'";
  const std::string word = never_heard(asked, text, label);
  return word.empty() ? word : "'" + word + "' is nothing that the domain has heard of";
}

brain::Proposal proposal_of(const Loaded::Labels& domain, const brain::LabelCall& call, const brain::Classifier& asked,
                            std::string_view text, const brain::Decision& decision) {
  brain::Proposal made{.confidence = decision.confidence, .tool = call.tool};
  made.why = "label '" + decision.label + "' of domain '" + domain.of.name + "'";
  const Json schema = find(call.tool)->input_schema();
  std::vector<std::string> without;
  JsonObject arguments = filled(call.arguments.as_object(), values_of(asked, text, decision.label), without);
  suit(schema, arguments);
  if (const Json* required = schema.find("required"))
    for (const Json& name : required->as_array())
      if (!arguments.find(name.as_string())) made.missing.push_back(name.as_string());
  if (domain.of.place.scope == Scope::project) {
    made.confidence = std::min(made.confidence, kOfProject);
    made.is_asked = true;
  }
  if (made.missing.empty())
    made.calls = {{.name = call.tool,
                   .arguments = as_taken(*find(call.tool), std::move(arguments)),
                   .confidence = made.confidence}};
  return made;
}

}  // namespace

std::optional<brain::Proposal> by_domains(const CallContext& call, std::string_view text) {
  if (call.caller().principal != policy::Principal::terminal) return std::nullopt;
  const std::vector<Lying> files = lying(call);
  if (files.empty()) return std::nullopt;
  const std::shared_ptr<const Loaded> loaded = call.kernel().kept().get<KeptDomains>()->of(files);
  const brain::DomainDecision made = loaded->domains.decide(text);
  const auto domain = loaded->labels.find(made.domain);
  if (domain == loaded->labels.end()) return std::nullopt;
  const auto meant = domain->second.calls.find(made.decision.label);
  if (meant == domain->second.calls.end() || !callable(meant->second.tool)) return std::nullopt;
  const brain::Classifier& asked = *loaded->domains.find(made.domain);
  brain::Proposal found = proposal_of(domain->second, meant->second, asked, text, made.decision);
  if (const std::string doubt = doubt_of(*loaded, asked, text, made.decision.label); !doubt.empty()) {
    found.confidence *= kHeldBack;
    found.why = doubt;
    found.calls.clear();
  }
  return found;
}

Result<Assessment> assess_add(const CallContext& call, const AddRequest& request) {
  TRY(item::check_name(request.name));
  Assessment made = TRY(changes(call, file_of(TRY(place_of(call, request.scope)), request.name)));
  made.needs.push_back(
      {.verb = Verb::read, .resource = "fs", .target = TRY(call.resolve(request.examples, kernel::Final::follow))});
  return made;
}

Result<AddResponse> add(CallContext& call, const AddRequest& request) {
  const Place place = TRY(place_of(call, request.scope));
  const std::string file = file_of(place, request.name);
  const std::string path = TRY(call.resolve(request.examples, kernel::Final::follow));
  const std::vector<Lying> others = lying(call);
  const auto is_here = [&](const Lying& one) { return one.place.scope == place.scope && one.file != file; };
  if (static_cast<std::size_t>(std::ranges::count_if(others, is_here)) >= kDomainsMax)
    return fail(ErrorCode::over_budget, "there are " + std::to_string(kDomainsMax) + " domains already",
                "`lilux brain remove_domain NAME` makes room");
  const std::string text = TRY(read_regular(path, kExamplesBytesMax));
  const std::vector<brain::Example> examples = TRY(brain::parse_examples(text, path));
  brain::LabelCalls given = TRY(brain::calls_of_labels(text, path));
  const auto begin = std::chrono::steady_clock::now();
  Result<brain::Classifier> classifier = brain::Classifier::train(examples);
  if (!classifier) return base::in_context(classifier.error(), sys::quoted(path));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  brain::LabelCalls calls = TRY(calls_for(std::move(given), *classifier));
  AddResponse response{.name = request.name,
                       .scope = place.scope,
                       .examples = static_cast<std::int64_t>(examples.size()),
                       .labels = static_cast<std::int64_t>(calls.size()),
                       .slots = static_cast<std::int64_t>(classifier->slots().size()),
                       .seconds = took.count()};
  const std::string bytes =
      brain::save({.calls = std::move(calls), .examples = response.examples, .classifier = std::move(*classifier)});
  response.bytes = static_cast<std::int64_t>(bytes.size());
  TRY(write(call, place, file, bytes));
  return response;
}

Result<Assessment> assess_remove(const CallContext& call, const RemoveRequest& request) {
  TRY(item::check_name(request.name));
  return changes(call, file_of(TRY(place_of(call, request.scope)), request.name));
}

Result<RemoveResponse> remove(CallContext& call, const RemoveRequest& request) {
  const Place place = TRY(place_of(call, request.scope));
  const std::string file = file_of(place, request.name);
  if (!TRY(sys::stat_if_there(file)))
    return fail(ErrorCode::not_found,
                "no domain " + sys::quoted(request.name) + " of the " + std::string(base::enum_name(place.scope)),
                "`lilux brain list_domains` shows them");
  call.begins();
  TRY(sys::remove_file(file));
  TRY(sys::sync_directory(place.folder));
  return RemoveResponse{.name = request.name, .scope = place.scope};
}

Result<Assessment> assess_list(const CallContext&, const ListRequest&) {
  return reads_kernel("brain");
}

Result<ListResponse> list(CallContext& call, const ListRequest&) {
  ListResponse response;
  for (const Lying& one : lying(call)) {
    DomainRow& row = response.domains.emplace_back(DomainRow{.name = one.name, .scope = one.place.scope});
    const Result<brain::DomainFile> domain = read_domain(one.file);
    if (!domain) row.problem = domain.error().message;
    if (!domain) continue;
    row.examples = domain->examples;
    row.labels = static_cast<std::int64_t>(domain->calls.size());
    row.slots = domain->classifier.slots();
    row.bytes = static_cast<std::int64_t>(TRY(sys::stat(one.file)).size);
    std::set<std::string> tools;
    for (const auto& [label, meant] : domain->calls) tools.insert(meant.tool);
    row.tools.assign(tools.begin(), tools.end());
  }
  return response;
}

}  // namespace lilux::tools::domains

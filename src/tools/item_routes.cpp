#include "tools/item_routes.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "brain/caller_guard.h"
#include "brain/extract_literal.h"
#include "brain/retrieve.h"
#include "item/item.h"
#include "kernel/kernel.h"
#include "search/index.h"
#include "tools/item_requests.h"
#include "tools/phrased.h"
#include "tools/search_feed.h"
#include "tools/volumes.h"

namespace lilux::tools {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using kernel::CallContext;

namespace {

constexpr std::size_t kFoundMost = 24;  // items that are read for a sentence
constexpr std::size_t kRunnablesMost = 1000;
constexpr double kLeftOver = 0.5;   // for what does not take what the sentence names
constexpr double kItemMost = 0.85;  // what it does is not known: somebody looks first
constexpr double kHeldBack = 0.5;   // for what the sentence may only speak of

// What one runs, or takes up; the rest is there to be read and found.
search::Query query_for(std::string_view text, const Volumes& volumes) {
  search::Query query{.text = std::string(text), .limit = kFoundMost, .is_brief = true};
  query.filters.kinds = {"directive", "script", "workflow", "skill", "agent"};
  for (const item::Volume& volume : volumes.set().volumes())
    if (volumes.is_trusted(volume)) query.filters.sources.push_back(volume.place().folder);
  return query;
}

std::optional<FoundItem> found_item(const Volumes& volumes, const DocumentId& id) {
  const auto is_it = [&](const item::Volume& volume) { return volume.place().folder == id.source; };
  const auto volume = std::ranges::find_if(volumes.set().volumes(), is_it);
  const std::optional<item::Place> place = item::place_of(id.name);
  if (!place || volume == volumes.set().volumes().end() || !volumes.may_tell(*volume, id.name)) return std::nullopt;
  return FoundItem{.volume = &*volume, .listed = {.path = id.name, .place = place}};
}

Json schema_of(const std::vector<item::Input>& inputs) {
  JsonObject properties;
  JsonArray required;
  for (const item::Input& input : inputs) {
    JsonObject one{{"type", input.type}, {"description", input.description}};
    JsonArray choices;
    for (const std::string& choice : input.choices) choices.emplace_back(choice);
    if (!choices.empty()) one.set("enum", std::move(choices));
    if (input.value) one.set("default", *input.value);
    properties.set(input.name, std::move(one));
    if (input.is_required && !input.value) required.emplace_back(input.name);
  }
  return JsonObject{{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json described(const item::Item& item) {
  std::string text = item.description;
  if (item.title != item.place.name) text += ". " + item.title;
  for (const std::string& tag : item.tags) text += " " + tag;
  return JsonObject{{"name", item.place.name}, {"description", text}, {"inputSchema", schema_of(item.inputs)}};
}

// Those that may be meant, by name: of one name the first that was found, of one name and kind that of the nearest
// volume.
struct Candidates {
  std::map<std::string, FoundItem> items;
  std::map<std::string, std::vector<item::Input>> inputs;
  JsonArray described;
};
Result<Candidates> candidates(const CallContext& call, const Volumes& volumes, std::string_view text) {
  const search::Query query = query_for(text, volumes);
  if (query.filters.sources.empty()) return Candidates{};
  const search::Answer answer = TRY(call.kernel().kept().get<FedIndex>()->search(call, volumes, query));
  Candidates made;
  for (const search::Hit& hit : answer.hits) {
    std::optional<FoundItem> found = found_item(volumes, document_id(hit.id));
    if (!found) continue;
    const auto [known, is_new] = made.items.try_emplace(found->listed.place->name, *found);
    const bool is_nearer = known->second.listed.place->kind == found->listed.place->kind &&
                           found->volume < known->second.volume;  // they lie in order
    if (is_new || is_nearer) known->second = std::move(*found);
  }
  for (auto one = made.items.begin(); one != made.items.end();) {
    const Result<ReadItem> read = read_item(one->second);
    const bool is_sound = read && !read->item.is_broken();
    if (is_sound) made.described.push_back(described(read->item));
    if (is_sound) made.inputs.emplace(one->first, read->item.inputs);
    one = is_sound ? std::next(one) : made.items.erase(one);
  }
  return made;
}

// The volume is named where a nearer one could have another of that name.
brain::ProposedCall run_of(const Volumes& volumes, const FoundItem& found, brain::ProposedCall asked) {
  JsonObject arguments{{"kind", base::enum_name(found.listed.place->kind)}, {"name", found.listed.place->name}};
  if (found.volume != &volumes.set().volumes().front()) arguments.set("source", source_name(found.volume->place()));
  if (!asked.arguments.as_object().empty()) arguments.set("inputs", std::move(asked.arguments));
  return {.name = "item.run", .arguments = std::move(arguments), .confidence = asked.confidence};
}

// A file or an address that the sentence names and no input takes: the item is about something else.
std::string left_over(std::string_view text, const std::vector<brain::ProposedCall>& calls) {
  std::string given;
  for (const brain::ProposedCall& call : calls) given += base::to_text(call.arguments);
  for (const brain::Literal& one : brain::find_literals(text)) {
    std::string value(text.substr(one.begin, one.end - one.begin));
    if (one.kind != brain::LiteralKind::code && !given.contains(value)) return value;
  }
  return {};
}

struct Known {
  const Candidates& found;
  const brain::ToolSet& tools;
  const brain::Tool* tool(std::string_view name) const {
    const auto one = std::ranges::find(tools.tools(), name, &brain::Tool::name);
    return one == tools.tools().end() ? nullptr : &*one;
  }
};

void ask_for_other_half(brain::Proposal& made, std::string_view part) {
  made.calls.clear();
  made.missing = {"'" + std::string(part) + "'"};
  made.why = "nothing is done by halves: what '" + std::string(part) + "' is";
}

// What one request comes to, by the names of items.
std::optional<brain::Proposal> asked_of(const Known& known, std::string_view text, brain::CallContext spoken) {
  const brain::Retriever retriever(known.tools);
  if (known.tools.tools().size() >= brain::kManyTools) spoken.retriever = &retriever;
  brain::Proposal made = brain::calls_for(text, known.tools, spoken);
  search::Words words;
  const brain::Reading reading = brain::read(text, spoken.now, words);
  const auto is_about_it = [&] {
    const brain::Tool* tool = known.tool(made.tool);
    return tool && brain::is_about(reading, *tool);
  };
  bool is_phrased = false;
  if (made.calls.empty() || !is_about_it()) {
    std::optional<brain::Proposal> other = by_phrasings(text, known.tools, spoken);
    is_phrased = other.has_value();
    if (other) made = std::move(*other);
  }
  const auto best = known.found.items.find(made.tool);
  if (best == known.found.items.end()) return std::nullopt;
  made.why = std::string(base::enum_name(best->second.listed.place->kind)) + " '" + made.tool + "'" +
             (made.why.empty() ? "" : ": " + made.why);
  if (!is_phrased && !is_about_it()) made.calls.clear();
  made.confidence = std::min(made.confidence, kItemMost);
  const std::string_view reason = brain::held_back_from_own(reading, *known.tool(made.tool));
  if (!reason.empty()) {
    made.confidence *= kHeldBack;
    made.why = reason;
  }
  if (const std::string value = left_over(text, made.calls); !value.empty()) {
    made.confidence *= kLeftOver;
    made.why += ": it has no use for '" + value + "'";
  }
  if (made.calls.empty()) return made;
  if (const std::string part = not_carried(text, known.tools, made.calls); !part.empty())
    ask_for_other_half(made, part);
  return made;
}

// "download" of "download and install zoom" says by itself of nothing what to do with it.
bool says_what(std::string_view request) {
  search::Words words;
  return brain::read_text(request, words).tokens.size() > 1;
}

// Each request with a call of its own, or none of them: where the whole only speaks of one, it is not asked for.
std::optional<brain::Proposal> asked_together(const Known& known, std::string_view text,
                                              const std::vector<std::string_view>& requests,
                                              const brain::CallContext& spoken) {
  search::Words words;
  const brain::Reading whole = brain::read(text, spoken.now, words);
  brain::Proposal all{.confidence = kItemMost};
  std::string_view unknown;
  for (const std::string_view request : requests) {
    std::optional<brain::Proposal> one = says_what(request) ? asked_of(known, request, spoken) : std::nullopt;
    const bool is_one = one && !one->calls.empty();
    if (!is_one && unknown.empty()) unknown = request;
    if (!is_one) continue;
    for (brain::ProposedCall& made : one->calls) {
      const std::string_view reason = brain::held_back_from(whole, *known.tool(made.name));
      if (!reason.empty()) one->confidence = std::min(one->confidence, kItemMost * kHeldBack);
      all.calls.push_back(std::move(made));
    }
    all.confidence = std::min(all.confidence, one->confidence);
    all.why += (all.why.empty() ? "" : "; ") + one->why;
    all.tool = one->tool;
  }
  if (all.calls.empty()) return std::nullopt;
  if (!unknown.empty()) ask_for_other_half(all, unknown);
  return all;
}

}  // namespace

std::optional<brain::Proposal> by_items(const CallContext& call, std::string_view text, brain::CallContext spoken,
                                        KnownInputs& read) {
  if (call.caller().principal != policy::Principal::terminal) return std::nullopt;
  const Result<Volumes> volumes = Volumes::of(call);
  if (!volumes) return std::nullopt;
  const Result<Candidates> found = candidates(call, *volumes, text);
  if (!found || found->items.empty()) return std::nullopt;
  const Result<brain::ToolSet> tools = brain::ToolSet::compile(found->described);
  if (!tools) return std::nullopt;
  spoken.leaves_nothing = true;
  const Known known{.found = *found, .tools = *tools};
  const std::vector<std::string_view> requests = requests_in(text, *tools);
  std::optional<brain::Proposal> made =
      requests.size() > 1 ? asked_together(known, text, requests, spoken) : asked_of(known, text, spoken);
  if (!made) return std::nullopt;
  for (brain::ProposedCall& one : made->calls) {
    const std::string name = one.name;
    one = run_of(*volumes, found->items.at(name), std::move(one));
    read.insert_or_assign(run_key(one.arguments), found->inputs.at(name));
  }
  made->tool = "item.run";
  made->is_asked = true;
  made->runners_up.clear();
  return made;
}

std::vector<Runnable> runnable_items(const CallContext& call) {
  std::vector<Runnable> all;
  const Result<Volumes> volumes = Volumes::of(call);
  if (!volumes) return all;
  for (const item::Volume& volume : volumes->set().volumes()) {
    if (!volumes->is_trusted(volume)) continue;
    for (item::Listed& listed : volume.list().items) {
      const bool is_run =
          listed.place && (listed.place->kind == item::Kind::directive || listed.place->kind == item::Kind::script);
      if (!is_run || all.size() == kRunnablesMost || !volumes->may_tell(volume, listed.path)) continue;
      const Result<ReadItem> read = read_item({.volume = &volume, .listed = std::move(listed)});
      if (!read || read->item.is_broken()) continue;
      const item::Item& item = read->item;
      all.push_back({.kind = std::string(base::enum_name(item.place.kind)),
                     .name = item.place.name,
                     .description = item.description,
                     .inputs = schema_of(item.inputs)});
    }
  }
  return all;
}

}  // namespace lilux::tools

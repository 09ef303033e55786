// item.list, item.load, item.which, item.validate: looking at items, without changing anything.

#include "tools/item.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "item/directive_tools.h"
#include "item/knowledge.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "tools/directive_check.h"
#include "tools/fs_common.h"
#include "tools/item_rows.h"
#include "tools/item_work.h"
#include "tools/knowledge_lists.h"
#include "tools/script_check.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::int64_t kListedDefault = 1000;
constexpr std::size_t kDescriptionBytesMax = 2000;

Assessment reads(const std::string& path) {
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path});
  return made;
}

Json model_of(const item::DirectiveModel& model) {
  return JsonObject{{"tier", model.tier},
                    {"fallback", model.fallback},
                    {"parallel", model.is_parallel.value_or(false)},
                    {"id", model.id},
                    {"reasoning", model.why}};
}

Json steps_of(const std::vector<item::DirectiveStep>& steps) {
  JsonArray made;
  for (const item::DirectiveStep& step : steps) {
    JsonObject one{{"name", step.name}, {"description", step.description}};
    if (step.call)
      one.set("call", JsonObject{{"tool", step.call->tool}, {"arguments", step.call->arguments}});
    else
      one.set("action", step.action);
    if (!step.error_handling.empty()) one.set("error_handling", step.error_handling);
    made.emplace_back(std::move(one));
  }
  return made;
}

// What the kind has besides, for who wants to use it without reading the text.
Json parsed_of(const item::Item& item) {
  if (const auto* directive = std::get_if<item::Directive>(&item.detail)) {
    JsonObject made{{"process", steps_of(directive->steps)},
                    {"outputs", JsonObject{{"success", directive->success}, {"failure", directive->failure}}}};
    if (directive->model) made.set("model", model_of(*directive->model));
    return made;
  }
  if (const auto* script = std::get_if<item::Script>(&item.detail)) {
    JsonArray packages;
    for (const item::Dependency& one : script->dependencies)
      packages.emplace_back(one.version.empty() ? one.package : one.package + "==" + one.version);
    return JsonObject{{"language", base::enum_name(script->language)},
                      {"dependencies", std::move(packages)},
                      {"environment", JsonArray(script->environment.begin(), script->environment.end())}};
  }
  if (const auto* skill = std::get_if<item::Skill>(&item.detail)) {
    return JsonObject{{"dialect", base::enum_name(skill->dialect)},
                      {"allowed_tools", JsonArray(skill->allowed_tools.begin(), skill->allowed_tools.end())},
                      {"lilux_tools", lilux_tools_of(skill->allowed_tools)}};
  }
  if (const auto* agent = std::get_if<item::Agent>(&item.detail))
    return JsonObject{{"tools", JsonArray(agent->tools.begin(), agent->tools.end())},
                      {"lilux_tools", lilux_tools_of(agent->tools)},
                      {"model", agent->model}};
  if (const auto* component = std::get_if<item::Component>(&item.detail))
    return JsonObject{{"type", base::enum_name(component->type)},
                      {"claude_tools", JsonArray(component->claude_tools.begin(), component->claude_tools.end())},
                      {"lilux_tools", lilux_tools_of(component->claude_tools)},
                      {"mapping", component->mapping}};
  if (const auto* state = std::get_if<item::ExecutionState>(&item.detail)) {
    JsonArray steps;
    for (const item::PlanStep& step : state->plan)
      steps.emplace_back(JsonObject{{"title", step.title}, {"status", base::enum_name(step.status)}});
    return JsonObject{{"id", state->id},
                      {"status", base::enum_name(state->status)},
                      {"mode", base::enum_name(state->mode)},
                      {"current_step", state->current_step},
                      {"steps", std::move(steps)}};
  }
  return JsonObject{};
}

void add_related(JsonObject& made, const std::string& kind, const std::string& other) {
  if (!made.find(kind)) made.set(kind, JsonArray{});
  made.find(kind)->as_array().emplace_back(other);
}

Json relationships_of(const item::Item& item) {
  JsonObject made;
  for (const item::Relationship& one : item.relationships) add_related(made, one.kind, one.target);
  return made;
}

// What was tied by knowledge.link, from the note and to it.
void put_ties(LoadResponse& response, const std::vector<item::Tie>& ties) {
  JsonObject to_it;
  for (const item::Tie& tie : ties) {
    if (tie.from == response.name)
      add_related(response.relationships.as_object(), tie.kind, tie.to);
    else
      add_related(to_it, tie.kind, tie.from);
  }
  if (!to_it.empty()) response.related_from = std::move(to_it);
}

void put_problems(std::vector<item::Problem>& problems, const std::vector<item::Problem>& found) {
  const auto place = [](const item::Problem& one) { return one.fault.position; };
  for (const item::Problem& problem : found)
    problems.insert(std::ranges::upper_bound(problems, place(problem), {}, place), problem);
}

// The item with its text: the one that is given, or the one that is there.
Result<ReadItem> judged(const Volumes& volumes, const ValidateRequest& request) {
  const item::Place place{.kind = request.kind, .name = request.name};
  if (request.content)
    return ReadItem{.item = item::parse(place, *request.content), .content = {.bytes = *request.content}};
  return read_item(TRY(volumes.find(request.kind, request.name, request.source)));
}

// What lies in a volume where an item is expected, and is none.
ItemRow row_of_other(const Volumes& volumes, const item::Volume& volume, const item::Listed& listed) {
  const FoundItem found{.volume = &volume, .listed = listed};
  const item::Place place = listed.place.value_or(item::Place{});
  return {.kind = place.kind,
          .name = place.name,
          .category = place.category,
          .source = source_name(volume.place()),
          .path = base::to_valid_utf8(path_of(found)),
          .is_trusted = volumes.is_trusted(volume),
          .broken = sys::quoted(path_of(found)) + " " + listed.broken};
}

// The ties between notes, when they cannot be read.
std::optional<item::Listed> broken_ties(const item::Volume& volume) {
  const std::string path = "knowledge/relationships.json";
  const Result<std::optional<item::Content>> content = content_at(volume, path);
  if (content && !*content) return std::nullopt;
  const auto ties = content ? item::parse_relationships((*content)->bytes)
                            : Result<std::vector<item::Tie>>(std::unexpected(content.error()));
  if (ties) return std::nullopt;
  return item::Listed{.path = path,
                      .place = item::Place{.kind = Kind::knowledge, .name = "relationships"},
                      .broken = "cannot be read: " + ties.error().message};
}

}  // namespace

std::vector<ProblemRow> rows_of(const std::vector<item::Problem>& problems) {
  std::vector<ProblemRow> rows;
  for (const item::Problem& problem : problems) {
    rows.push_back({.severity = problem.severity == item::Severity::error ? "error" : "warning",
                    .line = static_cast<std::int64_t>(problem.fault.position.line),
                    .column = static_cast<std::int64_t>(problem.fault.position.column),
                    .message = problem.fault.message,
                    .hint = problem.fault.hint});
  }
  return rows;
}

std::vector<InputRow> rows_of(const std::vector<item::Input>& inputs) {
  std::vector<InputRow> rows;
  for (const item::Input& input : inputs)
    rows.push_back({.name = input.name,
                    .type = input.type,
                    .required = input.is_required,
                    .description = input.description,
                    .otherwise = input.value});
  return rows;
}

std::vector<item::Problem> unknown_tools(const CallContext& call, std::string_view text) {
  item::Review review(text);
  for (const item::ToolUse& use : item::tools_of(text)) {
    const auto tool = call.kernel().tool(use.tool);
    if (!tool)
      review.error(use.at, "step '" + use.step + "' calls '" + use.tool + "', which is no tool", tool.error().hint);
  }
  return review.take();
}

void add_unknown_tools(const CallContext& call, std::string_view text, item::Item& item) {
  if (std::holds_alternative<item::Directive>(item.detail)) put_problems(item.problems, unknown_tools(call, text));
}

Json lilux_tools_of(const std::vector<std::string>& claude_tools) {
  JsonObject made;
  for (const std::string& name : claude_tools) {
    const auto ours = item::lilux_tool(name);
    made.set(name, ours ? Json(*ours) : Json(nullptr));
  }
  return made;
}

std::vector<std::string> claude_tools_of(const item::Item& item) {
  if (const auto* component = std::get_if<item::Component>(&item.detail)) return component->claude_tools;
  if (const auto* agent = std::get_if<item::Agent>(&item.detail)) return agent->tools;
  const auto* skill = std::get_if<item::Skill>(&item.detail);
  return skill ? skill->allowed_tools : std::vector<std::string>();
}

std::string missing_tools(const item::Item& item) {
  std::string missing;
  for (const std::string& name : claude_tools_of(item))
    if (!item::lilux_tool(name)) missing += (missing.empty() ? "there is no tool of Lilux yet for " : ", ") + name;
  return missing;
}

std::string short_description(const item::Item& item) {
  const bool is_titled = item.description.empty() && item.title != item.place.name;  // as knowledge is
  const std::string& text = is_titled ? item.title : item.description;
  if (text.size() <= kDescriptionBytesMax) return text;
  return std::string(base::clipped(text, kDescriptionBytesMax)) + "…";
}

ItemRow row_of(const CallContext& call, const Volumes& volumes, const FoundItem& found, Look* look) {
  ItemRow row{.source = source_name(found.volume->place()),
              .path = base::to_valid_utf8(path_of(found)),
              .is_trusted = volumes.is_trusted(*found.volume)};
  if (found.listed.place) {
    row.kind = found.listed.place->kind;
    row.name = found.listed.place->name;
    row.category = found.listed.place->category;
  }
  Result<ReadItem> read = read_item(found);
  if (!read) {
    row.broken = read.error().message;
    return row;
  }
  row.description = short_description(read->item);
  row.version = read->item.version;
  if (!read->item.category.empty()) row.category = read->item.category;
  add_unknown_tools(call, read->content.bytes, read->item);
  if (look) look->scripts.over(read->item);
  if (look && row.kind == Kind::template_item)
    put_problems(read->item.problems, look->templates.problems(row.name, read->content.bytes, row.source));
  if (const auto* workflow = look ? std::get_if<item::Workflow>(&read->item.detail) : nullptr)
    put_problems(read->item.problems, look->workflows.problems(*workflow, read->content.bytes, row.source));
  if (const Result<void> sound = read->item.check(); !sound) row.broken = sound.error().message;
  return row;
}

Result<Assessment> assess_list(const CallContext& call, const ListRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  if (request.source) return reads(TRY(volumes.named(*request.source))->place().folder);
  return Assessment{.needs = volumes.read_needs(), .risk = Risk::low};
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume* only = request.source ? TRY(volumes.named(*request.source)) : nullptr;
  const Sight sight = TRY(Sight::of(call));
  Look look{.scripts = script::Glance(call), .templates = TemplateCheck(volumes), .workflows = WorkflowCheck(volumes)};
  ListResponse response;
  for (const item::Volume& volume : volumes.set().volumes()) {
    if (only && only != &volume) continue;
    item::Listing listing = volume.list();
    if (std::optional<item::Listed> ties = broken_ties(volume)) listing.passed_by.push_back(std::move(*ties));
    std::map<std::pair<Kind, std::string>, int> named;
    for (const item::Listed& listed : listing.items)
      if (listed.place && volumes.may_tell(volume, listed.path)) ++named[{listed.place->kind, listed.place->name}];
    for (item::Listed& listed : listing.items) {
      const bool is_twin = listed.place && named[{listed.place->kind, listed.place->name}] > 1;
      const bool fits = listed.place ? !request.kind || listed.place->kind == *request.kind : !request.kind;
      const FoundItem found{.volume = &volume, .listed = std::move(listed)};
      if (!fits || sight.is_denied(path_of(found))) continue;
      ++response.total;
      if (response.total > request.limit.value_or(kListedDefault)) continue;
      TRY(call.check_alive());
      response.items.push_back(row_of(call, volumes, found, &look));
      if (is_twin && !response.items.back().broken)
        response.items.back().broken = "another one of its kind has the same name: rename or remove one of them";
    }
    for (const item::Listed& other : listing.passed_by) {
      const bool fits = other.place ? !request.kind || other.place->kind == *request.kind : !request.kind;
      if (!fits || !volumes.may_tell(volume, other.path)) continue;
      if (++response.total <= request.limit.value_or(kListedDefault))
        response.items.push_back(row_of_other(volumes, volume, other));
    }
  }
  return response;
}

Result<Assessment> assess_load(const CallContext& call, const LoadRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return reads(path_of(TRY(volumes.find(request.kind, request.name, request.source))));
}

Result<LoadResponse> load(CallContext& call, const LoadRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const FoundItem found = TRY(volumes.find(request.kind, request.name, request.source));
  ReadItem read = TRY(request.version ? read_version(found, *request.version) : read_item(found));
  add_unknown_tools(call, read.content.bytes, read.item);
  const item::Item& item = read.item;
  LoadResponse response{.kind = request.kind,
                        .name = request.name,
                        .title = item.title,
                        .description = item.description,
                        .version = item.version,
                        .category = item.category,
                        .source = source_name(found.volume->place()),
                        .path = path_of(found),
                        .content = base::to_valid_utf8(read.content.bytes),
                        .tags = item.tags,
                        .inputs = rows_of(item.inputs),
                        .relationships = relationships_of(item),
                        .parsed = parsed_of(item),
                        .stamp = std::string(base::enum_name(item.stamp.state)),
                        .is_trusted = volumes.is_trusted(*found.volume),
                        .problems = rows_of(item.problems)};
  if (request.kind == Kind::knowledge) put_ties(response, TRY(knowledge::ties_at(call, volumes, request.name)));
  for (const item::Permission& one : item.permissions) {
    JsonObject attributes;
    for (const item::Attribute& attribute : one.attributes) attributes.set(attribute.name, attribute.value);
    if (one.attributes.empty()) attributes = {{"resource", one.resource}, {"target", one.target}};
    response.permissions.push_back(
        {.tag = one.verb, .resource = one.resource, .target = one.target, .attrs = std::move(attributes)});
  }
  if (const Json* model = response.parsed.find("model")) response.model = *model;
  if (!item.stamp.fits())
    response.warning = "it is not as it was stamped, so it is not run: " + way_to_stamp(found);
  else if (!response.is_trusted)
    response.warning =
        "nobody trusts this project yet, so it is not run: `lilux policy trust " + call.caller().project + "`";
  else
    response.warning = missing_tools(item);
  return response;
}

Result<Assessment> assess_which(const CallContext& call, const WhichRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  Assessment made{.risk = Risk::low};
  for (const FoundItem& found : TRY(volumes.all(request.kind, request.name, request.source)))
    made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path_of(found)});
  return made;
}

Result<WhichResponse> which(CallContext& call, const WhichRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  Look look{.scripts = script::Glance(call), .templates = TemplateCheck(volumes), .workflows = WorkflowCheck(volumes)};
  WhichResponse response;
  for (const FoundItem& found : TRY(volumes.all(request.kind, request.name, request.source)))
    response.items.push_back(row_of(call, volumes, found, &look));
  const ItemRow& first = response.items.front();
  response.explanation =
      "the one of " + first.source + " is used: the nearest volume counts (project, user, team, system)";
  const auto passed_by = std::ranges::find(response.items, false, &ItemRow::is_trusted);
  if (passed_by != response.items.end())
    response.explanation +=
        "; what lies in a project counts once a person trusts it: `lilux policy trust " + call.caller().project + "`";
  return response;
}

Result<Assessment> assess_validate(const CallContext& call, const ValidateRequest& request) {
  if (request.content) return Assessment{.risk = Risk::none};
  return assess_load(call, {.kind = request.kind, .name = request.name, .source = request.source});
}

Result<ValidateResponse> validate(CallContext& call, const ValidateRequest& request) {
  TRY(item::check_name(request.name));
  const Volumes volumes = TRY(Volumes::of(call));
  ReadItem read = TRY(judged(volumes, request));
  item::Item& item = read.item;
  add_unknown_tools(call, read.content.bytes, item);
  if (const auto* directive = std::get_if<item::Directive>(&item.detail))
    put_problems(item.problems, check_steps(call, *directive, read.content.bytes));
  if (request.kind == Kind::template_item)
    put_problems(item.problems, TemplateCheck(volumes).problems(request.name, read.content.bytes, request.source));
  if (const auto* workflow = std::get_if<item::Workflow>(&item.detail))
    put_problems(item.problems, WorkflowCheck(volumes).problems(*workflow, read.content.bytes, request.source));
  ValidateResponse response{.valid = !item.is_broken(), .problems = rows_of(item.problems)};
  if (const auto* script = std::get_if<item::Script>(&item.detail)) {
    const script::Checked checked = script::check_syntax(call, *script);
    response.valid = response.valid && checked.problems.empty();
    std::ranges::move(rows_of(checked.problems), std::back_inserter(response.problems));
    response.checked_by = checked.by;
  }
  return response;
}

}  // namespace lilux::tools::item_tools

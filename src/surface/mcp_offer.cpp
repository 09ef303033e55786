#include "surface/mcp_offer.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "surface/mcp_entry.h"
#include "text/glob.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kPromptRows = "prompt.";  // rows that make prompts: their output has "messages"
constexpr std::string_view kJson = "application/json";

constexpr std::array kOwnResources{
    Resource{.uri = "lilux://approvals",
             .name = "approvals",
             .title = "Calls that wait for a person",
             .mime_type = kJson,
             .tool = "approval.list"},
    Resource{.uri = "lilux://calls",
             .name = "calls",
             .title = "The newest calls",
             .mime_type = kJson,
             .tool = "ledger.query",
             .arguments = R"({"looks": false})"},
    Resource{.uri = "lilux://calls/{call}",
             .name = "call",
             .title = "Why a call was made, up to the intent behind it",
             .mime_type = kJson,
             .tool = "ledger.why",
             .field = "call"},
    Resource{.uri = "lilux://outputs/{call}",
             .name = "output",
             .title = "The whole output of a call",
             .mime_type = kJson,
             .tool = "ledger.output",
             .field = "call"},
    Resource{.uri = "lilux://status",
             .name = "status",
             .title = "How the kernel is",
             .mime_type = kJson,
             .tool = "kernel.status"},
    Resource{.uri = "lilux://tasks",
             .name = "tasks",
             .title = "Tasks and what they started",
             .mime_type = kJson,
             .tool = "task.tree"},
    Resource{.uri = "lilux://tasks/{task}",
             .name = "task",
             .title = "A task's limits and what it has used",
             .mime_type = kJson,
             .tool = "budget.get",
             .field = "task"},
    Resource{.uri = "file://{+path}",
             .name = "file",
             .title = "A file that the session may read",
             .mime_type = "",
             .tool = "fs.read",
             .field = "path",
             .arguments = R"({"encoding": "base64"})"},
};

bool is_template(const Resource& resource) {
  return !resource.field.empty();
}

// What stands before the variable and behind it.
std::pair<std::string_view, std::string_view> around(std::string_view uri) {
  return {uri.substr(0, uri.find('{')), uri.substr(uri.find('}') + 1)};
}

std::string prompt_name(std::string_view tool) {
  return wire_name(tool.substr(kPromptRows.size()));
}

Json as_tool(const kernel::Tool& tool) {
  const kernel::Traits& traits = tool.traits;
  const bool is_read_only = traits.effect == kernel::Effect::none && !traits.is_urgent;  // a stop changes what goes on
  return JsonObject{{"name", wire_name(tool.name)},
                    {"title", tool.summary},
                    {"description", tool.summary},
                    {"inputSchema", tool.input_schema()},
                    {"outputSchema", tool.output_schema()},
                    {"annotations", JsonObject{{"title", tool.summary},
                                               {"readOnlyHint", is_read_only},
                                               {"destructiveHint", !is_read_only && traits.undo != kernel::Undo::exact},
                                               {"idempotentHint", traits.is_idempotent},
                                               {"openWorldHint", false}}}};
}

Json as_prompt(const kernel::Tool& tool) {
  const Json schema = tool.input_schema();
  JsonArray arguments;
  if (const Json* fields = schema.find("properties")) {
    for (const auto& [name, field] : fields->as_object()) {
      arguments.emplace_back(JsonObject{
          {"name", name}, {"description", field.string_or("description")}, {"required", is_required(schema, name)}});
    }
  }
  return JsonObject{{"name", prompt_name(tool.name)},
                    {"title", tool.summary},
                    {"description", tool.summary},
                    {"arguments", std::move(arguments)}};
}

Json as_resource(const Resource& resource) {
  JsonObject made{{is_template(resource) ? "uriTemplate" : "uri", resource.uri},
                  {"name", resource.name},
                  {"title", resource.title},
                  {"description", resource.title}};
  if (!resource.mime_type.empty()) made.set("mimeType", resource.mime_type);
  return made;
}

std::vector<std::pair<std::string, std::string>> mirrored_in(const Json& schema) {
  std::vector<std::pair<std::string, std::string>> found;
  const Json* fields = schema.find("properties");
  if (!fields) return found;
  for (const auto& [name, field] : fields->as_object()) {
    if (const std::string header = field.string_or("x-mcp-header"); !header.empty())
      found.emplace_back(name, "Mcp-Param-" + header);
  }
  return found;
}

Result<std::vector<std::string>> globs_of(std::string_view list) {
  std::vector<std::string> globs;
  while (!list.empty()) {
    const std::string glob(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.size(), glob.size() + 1));
    TRY(text::NameGlob::compile(glob));
    globs.push_back(glob == "all" ? "*" : glob);
  }
  return globs;
}

using ByName = std::map<std::string, const kernel::Tool*, std::less<>>;

const kernel::Tool* find_by(const ByName& tools, std::string_view wire) {
  const auto found = tools.find(wire);
  return found == tools.end() ? nullptr : found->second;
}

}  // namespace

std::span<const Resource> own_resources() {
  return kOwnResources;
}

bool is_required(const Json& schema, std::string_view field) {
  const Json* required = schema.find("required");
  return required && std::ranges::find(required->as_array(), Json(field)) != required->as_array().end();
}

std::string wire_name(std::string_view tool) {
  std::string name(tool);
  std::ranges::replace(name, '.', '_');
  return name;
}

Result<Offer> Offer::make(std::span<const kernel::Tool> table, std::span<const Resource> resources,
                          std::string_view expose) {
  Offer made;
  made.has_entry_ = expose == "four";
  const std::vector<std::string> globs = made.has_entry_ ? std::vector<std::string>() : TRY(globs_of(expose));
  for (const kernel::Tool& tool : table) {
    if (tool.traits.audience != kernel::Audience::everyone) continue;
    if (tool.name.starts_with(kPromptRows)) {
      made.prompts_by_name_.emplace(prompt_name(tool.name), &tool);
      made.prompts_.push_back(as_prompt(tool));
      continue;
    }
    made.callable_.push_back(&tool);
    const auto fits = [&](const std::string& glob) { return text::name_matches(glob, tool.name); };
    if (!std::ranges::any_of(globs, fits)) continue;
    made.tools_by_name_.emplace(wire_name(tool.name), &tool);
  }
  if (!made.has_entry_ && made.tools_by_name_.empty())
    return fail(ErrorCode::invalid_argument, "no tool fits what --expose names: '" + std::string(expose) + "'",
                "four, all, or globs such as 'fs.*,task.list'; `lilux help tools` lists the tools");
  made.known_.assign(resources.begin(), resources.end());
  for (const Resource& resource : resources)
    (is_template(resource) ? made.templates_ : made.resources_).push_back(as_resource(resource));
  return made;
}

JsonArray Offer::tools() const {
  if (has_entry_) return entry_tools();
  JsonArray made;
  for (const kernel::Tool* tool : callable_) {
    if (tools_by_name_.contains(wire_name(tool->name))) made.push_back(as_tool(*tool));
  }
  return made;
}

const kernel::Tool* Offer::tool(std::string_view wire) const {
  return find_by(tools_by_name_, wire);
}

const kernel::Tool* Offer::prompt(std::string_view wire) const {
  return find_by(prompts_by_name_, wire);
}

const std::vector<std::pair<std::string, std::string>>& Offer::mirrored(const std::string& wire) const {
  static const std::vector<std::pair<std::string, std::string>> kNone;
  std::call_once(mirrored_->once, [&] {
    for (const auto& [name, tool] : tools_by_name_) {
      if (auto found = mirrored_in(tool->input_schema()); !found.empty())
        mirrored_->by_name.emplace(name, std::move(found));
    }
  });
  const auto found = mirrored_->by_name.find(wire);
  return found == mirrored_->by_name.end() ? kNone : found->second;
}

const Resource* Offer::template_of(std::string_view uri) const {
  const auto found = std::ranges::find(known_, uri, &Resource::uri);
  return found == known_.end() ? nullptr : &*found;
}

std::optional<Offer::Reading> Offer::resource(std::string_view uri) const {
  for (const Resource& resource : known_) {
    const auto [before, behind] = around(resource.uri);
    Reading reading{.resource = &resource, .arguments = base::parse_json(resource.arguments)->as_object()};
    if (!is_template(resource)) {
      if (resource.uri == uri) return reading;
      continue;
    }
    const bool fits = uri.size() > before.size() + behind.size() && uri.starts_with(before) && uri.ends_with(behind);
    if (!fits) continue;
    const std::string_view inner = uri.substr(before.size(), uri.size() - before.size() - behind.size());
    const Result<std::string> value = base::percent_decode(inner);
    const bool is_whole = resource.uri.contains("{+") ? inner.starts_with('/') : !inner.contains('/');
    if (!value || value->contains('\0') || !is_whole) continue;
    reading.arguments.set(resource.field, *value);
    return reading;
  }
  return std::nullopt;
}

}  // namespace lilux::surface

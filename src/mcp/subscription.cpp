#include "mcp/subscription.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace lilux::mcp {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::string_view kMetaSubscription = "io.modelcontextprotocol/subscriptionId";

std::optional<RpcError> read_texts(const Json& from, std::string_view name, std::size_t most,
                                   std::set<std::string, std::less<>>& into) {
  const Json* texts = member(from, name);
  if (!texts) return std::nullopt;
  const bool fits = texts->is_array() && texts->as_array().size() <= most &&
                    std::ranges::all_of(texts->as_array(), [](const Json& text) {
                      return text.is_string() && text.as_string().size() <= kSubjectMax;
                    });
  if (!fits)
    return invalid("'" + std::string(name) + "' must be a list of at most " + std::to_string(most) + " texts").error();
  for (const Json& text : texts->as_array()) into.insert(text.as_string());
  return std::nullopt;
}

JsonObject to_json(const Wanted& wanted) {
  JsonObject made;
  if (wanted.tools) made.set("toolsListChanged", true);
  if (wanted.prompts) made.set("promptsListChanged", true);
  if (wanted.resources) made.set("resourcesListChanged", true);
  JsonArray uris(wanted.uris.begin(), wanted.uris.end());
  if (!uris.empty()) made.set("resourceSubscriptions", std::move(uris));
  JsonArray tasks(wanted.tasks.begin(), wanted.tasks.end());
  if (!tasks.empty()) made.set("taskIds", std::move(tasks));
  return made;
}

JsonObject meta(const Json& subscription) {
  return JsonObject{{std::string(kMetaSubscription), subscription}};
}

}  // namespace

bool Wanted::fits(const Change& change) const {
  switch (change.kind) {
    case Change::Kind::tools: return tools;
    case Change::Kind::prompts: return prompts;
    case Change::Kind::resources: return resources;
    case Change::Kind::resource: return uris.contains(change.subject);
    case Change::Kind::task: return tasks.contains(change.subject);
  }
  std::unreachable();
}

std::expected<Wanted, RpcError> read_wanted(const Json& params, std::size_t subjects_max) {
  const Json* asked = member(params, "notifications");
  if (!asked || !asked->is_object()) return invalid("'notifications' must be an object");
  Wanted wanted{.tools = asked->bool_or("toolsListChanged"),
                .prompts = asked->bool_or("promptsListChanged"),
                .resources = asked->bool_or("resourcesListChanged")};
  for (const auto& [name, set] :
       {std::pair("resourceSubscriptions", &wanted.uris), std::pair("taskIds", &wanted.tasks)}) {
    if (auto wrong = read_texts(*asked, name, subjects_max, *set)) return std::unexpected(std::move(*wrong));
  }
  return wanted;
}

Json acknowledged_message(const Wanted& wanted, const Json& subscription) {
  return notification_message("notifications/subscriptions/acknowledged",
                              JsonObject{{"_meta", meta(subscription)}, {"notifications", to_json(wanted)}});
}

Json change_message(const Change& change, const Json& subscription, JsonObject task) {
  JsonObject params = std::move(task);
  if (!subscription.is_null()) params.set("_meta", meta(subscription));
  std::string_view method = "notifications/resources/updated";
  switch (change.kind) {
    case Change::Kind::tools: method = "notifications/tools/list_changed"; break;
    case Change::Kind::prompts: method = "notifications/prompts/list_changed"; break;
    case Change::Kind::resources: method = "notifications/resources/list_changed"; break;
    case Change::Kind::resource: params.set("uri", change.subject); break;
    case Change::Kind::task: method = "notifications/tasks"; break;
  }
  return notification_message(method, std::move(params));
}

}  // namespace lilux::mcp

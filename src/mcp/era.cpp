#include "mcp/era.h"

#include <utility>

#include "base/encoding.h"
#include "mcp/conversation.h"
#include "mcp/tasks.h"

namespace lilux::mcp {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::string_view kMetaCapabilities = "io.modelcontextprotocol/clientCapabilities";
constexpr std::size_t kNameMax = 200;  // bytes of a client's name

}  // namespace

std::unexpected<RpcError> refuse(RpcCode code, std::string message, std::optional<Json> data) {
  return std::unexpected(RpcError{.code = code, .message = std::move(message), .data = std::move(data)});
}

const Json* meta_of(const Json& params, std::string_view name) {
  const Json* meta = member(params, "_meta");
  return meta ? member(*meta, name) : nullptr;
}

JsonArray revisions() {
  JsonArray all{kModernRevision};
  for (const std::string_view revision : kHandshakeRevisions) all.emplace_back(revision);
  return all;
}

std::expected<Era, RpcError> era_of(const Json& params, bool is_stateless) {
  const Json* revision = meta_of(params, kMetaRevision);
  if (!revision && is_stateless) return invalid(std::string(kMetaRevision) + " is missing in _meta");
  if (!revision) return Era::handshake;
  if (!revision->is_string()) return invalid(std::string(kMetaRevision) + " must be text");
  if (revision->as_string() != kModernRevision)
    return refuse(RpcCode::unsupported_version, "revision " + revision->as_string() + " is not served in this way",
                  JsonObject{{"supported", revisions()}, {"requested", *revision}});
  const Json* capabilities = meta_of(params, kMetaCapabilities);
  if (!capabilities || !capabilities->is_object())
    return invalid(std::string(kMetaCapabilities) + " is missing in _meta");
  return Era::modern;
}

std::shared_ptr<const Client> client_of(const Json* info, const Json* capabilities) {
  Client made;
  if (info) made.name = base::clipped(info->string_or("name"), kNameMax);
  if (info) made.version = base::clipped(info->string_or("version"), kNameMax);
  if (capabilities && capabilities->is_object()) made.capabilities = *capabilities;
  return std::make_shared<const Client>(std::move(made));
}

std::shared_ptr<const Client> client_of(const Json& params) {
  return client_of(meta_of(params, kMetaClient), meta_of(params, kMetaCapabilities));
}

JsonObject capabilities(Era era, bool has_tasks) {
  JsonObject made{{"tools", JsonObject{{"listChanged", true}}},
                  {"prompts", JsonObject{{"listChanged", true}}},
                  {"resources", JsonObject{{"subscribe", true}, {"listChanged", true}}},
                  {"completions", JsonObject{}}};
  if (era == Era::handshake) made.set("logging", JsonObject{});
  if (era == Era::modern && has_tasks) made.set("extensions", JsonObject{{std::string(kTasksExtension), JsonObject{}}});
  return made;
}

bool Client::can(std::string_view capability) const {
  const Json* found = capabilities.find(capability);
  return found && found->is_object();
}

bool Client::extends(std::string_view extension) const {
  const Json* extensions = capabilities.find("extensions");
  const Json* found = extensions ? extensions->find(extension) : nullptr;
  return found && found->is_object();
}

}  // namespace lilux::mcp

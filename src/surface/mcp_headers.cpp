#include "surface/mcp_headers.h"

#include <array>
#include <utility>

#include "base/encoding.h"
#include "mcp/conversation.h"

namespace lilux::surface {

using base::Json;
using base::Result;
using mcp::Message;
using mcp::RpcCode;
using mcp::RpcError;

namespace {

// The parameter that Mcp-Name repeats.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNamed{{{"tools/call", "name"},
                                                                               {"prompts/get", "name"},
                                                                               {"resources/read", "uri"},
                                                                               {"tasks/get", "taskId"},
                                                                               {"tasks/update", "taskId"},
                                                                               {"tasks/cancel", "taskId"}}};

}  // namespace

std::optional<std::string> field_value(std::string_view text) {
  constexpr std::string_view kBefore = "=?base64?";
  constexpr std::string_view kBehind = "?=";
  text = net::trim(text);
  const bool is_coded =
      text.size() >= kBefore.size() + kBehind.size() && text.starts_with(kBefore) && text.ends_with(kBehind);
  if (!is_coded) return std::string(text);
  const Result<std::string> plain =
      base::from_base64(text.substr(kBefore.size(), text.size() - kBefore.size() - kBehind.size()));
  return plain ? std::optional(*plain) : std::nullopt;
}

std::optional<std::string> meta_revision(const Message& message) {
  const Json* meta = message.params.find("_meta");
  const Json* revision = meta ? meta->find(mcp::kMetaRevision) : nullptr;
  return revision && revision->is_string() ? std::optional(revision->as_string()) : std::nullopt;
}

std::optional<RpcError> header_mismatch(const net::Request& request, const Message& message, const Offer& offer) {
  const auto differs = [&](std::string_view name, std::string_view said) -> std::optional<RpcError> {
    const std::string* given = request.headers.find(name);
    if (given && field_value(*given) == said) return std::nullopt;
    return RpcError{.code = RpcCode::header_mismatch,
                    .message = std::string(name) + (given ? " says something else than the message" : " is missing"),
                    .id = message.id};
  };
  const std::optional<std::string> revision = meta_revision(message);
  if (!revision) return std::nullopt;  // the conversation says what is missing
  if (auto wrong = differs("MCP-Protocol-Version", *revision)) return wrong;
  if (*revision != mcp::kModernRevision) return std::nullopt;  // and what is served
  if (auto wrong = differs("Mcp-Method", message.method)) return wrong;
  for (const auto& [method, member] : kNamed) {
    if (method != message.method) continue;
    if (auto wrong = differs("Mcp-Name", message.params.string_or(member))) return wrong;
  }
  const Json* arguments = message.method == "tools/call" ? message.params.find("arguments") : nullptr;
  if (!arguments) return std::nullopt;
  for (const auto& [field, name] : offer.mirrored(message.params.string_or("name"))) {
    const Json* value = arguments->find(field);
    if (!value && !request.headers.find(name)) continue;
    const std::string said = value && value->is_string() ? value->as_string() : base::to_text(value ? *value : Json());
    if (auto wrong = differs(name, said)) return wrong;
  }
  return std::nullopt;
}

}  // namespace lilux::surface

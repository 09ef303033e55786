#pragma once

// What tells the eras of the protocol apart, and what a message says of its sender. Pure; any thread.

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/host.h"
#include "mcp/message.h"

namespace lilux::mcp {

enum class Era : std::uint8_t { handshake, modern };

using Answer = std::expected<base::Json, RpcError>;

std::unexpected<RpcError> refuse(RpcCode code, std::string message, std::optional<base::Json> data = {});

const base::Json* meta_of(const base::Json& params, std::string_view name);
// Which era a request is in; a modern one carries its revision and what its sender can do.
std::expected<Era, RpcError> era_of(const base::Json& params, bool is_stateless);
std::shared_ptr<const Client> client_of(const base::Json* info, const base::Json* capabilities);
// Of a modern request, by its _meta.
std::shared_ptr<const Client> client_of(const base::Json& params);

// What a server says that it serves and can do.
base::JsonArray revisions();
base::JsonObject capabilities(Era era, bool has_tasks);

}  // namespace lilux::mcp

#pragma once

// Messages of the Model Context Protocol: JSON-RPC 2.0, one object each, no batches. Values; pure; any thread.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace lilux::mcp {

enum class RpcCode : std::int16_t {
  parse_error = -32700,
  invalid_request = -32600,
  unknown_method = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  resource_not_found = -32002,  // until 2025-11-25; invalid_params since
  header_mismatch = -32020,
  missing_capability = -32021,
  unsupported_version = -32022,
};

struct RpcError {
  RpcCode code = RpcCode::internal_error;
  std::string message;
  std::optional<base::Json> data = {};
  base::Json id = {};  // of the request, where it could be read
};

std::unexpected<RpcError> invalid(std::string message);  // parameters

struct Message {
  enum class Kind : std::uint8_t { request, notification, response };
  Kind kind = Kind::request;
  base::Json id = {};  // text or a whole number; null of a notification
  std::string method = {};
  base::Json params = base::JsonObject{};
  std::optional<base::Json> result = {};  // of a response, or its error
  std::optional<base::Json> error = {};
};

struct MessageLimits {
  std::size_t bytes_max = std::size_t{16} << 20;
  std::size_t depth_max = 64;
};

// One message from its text. What is wrong is told with the id when that could be read, so that the peer learns which
// of its requests failed.
std::expected<Message, RpcError> read_message(std::string_view text, const MessageLimits& limits = {});

// A member of an object; null when there is none, or when it is null itself.
const base::Json* member(const base::Json& object, std::string_view name);

base::Json request_message(base::Json id, std::string_view method, base::Json params);
base::Json notification_message(std::string_view method, base::Json params);
base::Json result_message(base::Json id, base::Json result);
base::Json error_message(const RpcError& error);  // without an id when there is none: null is not allowed there

}  // namespace lilux::mcp

#include "mcp/message.h"

#include "base/encoding.h"

namespace lilux::mcp {

using base::Json;
using base::JsonObject;

namespace {

std::unexpected<RpcError> broken(std::string message, Json id = {}) {
  return std::unexpected(
      RpcError{.code = RpcCode::invalid_request, .message = std::move(message), .id = std::move(id)});
}

bool is_id(const Json& id) {
  return id.is_string() || id.exact_integer();
}

std::expected<Message, RpcError> read_response(const Json& json, Json id) {
  const Json* result = json.find("result");
  const Json* error = json.find("error");
  if ((result == nullptr) == (error == nullptr)) return broken("a response has either a result or an error", id);
  if (result && !result->is_object()) return broken("the result is no object", id);
  if (error && (!error->is_object() || !error->find("code") || !error->find("code")->is_integer()))
    return broken("the error has no code", id);
  Message made{.kind = Message::Kind::response, .id = std::move(id)};
  if (result)
    made.result = *result;
  else
    made.error = *error;
  return made;
}

}  // namespace

std::expected<Message, RpcError> read_message(std::string_view text, const MessageLimits& limits) {
  base::Result<Json> json = base::parse_json(text, {.bytes_max = limits.bytes_max, .depth_max = limits.depth_max});
  if (!json)
    return std::unexpected(RpcError{.code = RpcCode::parse_error, .message = "no JSON: " + json.error().message});
  if (json->is_array()) return broken("batches of messages are not taken: send one object at a time");
  if (!json->is_object()) return broken("a message is an object");
  const Json* found = json->find("id");
  Json id = found && is_id(*found) ? *found : Json();
  if (json->string_or("jsonrpc") != "2.0") return broken("'jsonrpc' must be \"2.0\"", id);
  if (found && id.is_null()) return broken("'id' must be text or a whole number");
  const Json* method = json->find("method");
  if (!method) return found ? read_response(*json, id) : broken("there is neither a 'method' nor an 'id'");
  if (!method->is_string() || method->as_string().empty()) return broken("'method' must be text", id);
  Message made{.kind = found ? Message::Kind::request : Message::Kind::notification,
               .id = id,
               .method = std::string(base::clipped(method->as_string(), 200))};
  if (json->find("result") || json->find("error")) return broken("a message is a request or a response, not both", id);
  if (Json* params = json->as_object().find("params")) {
    if (!params->is_object())
      return std::unexpected(
          RpcError{.code = RpcCode::invalid_params, .message = "'params' must be an object", .id = id});
    made.params = std::move(*params);
  }
  return made;
}

std::unexpected<RpcError> invalid(std::string message) {
  return std::unexpected(RpcError{.code = RpcCode::invalid_params, .message = std::move(message)});
}

const Json* member(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && !found->is_null() ? found : nullptr;
}

Json request_message(Json id, std::string_view method, Json params) {
  return JsonObject{{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"method", method}, {"params", std::move(params)}};
}

Json notification_message(std::string_view method, Json params) {
  return JsonObject{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

Json result_message(Json id, Json result) {
  return JsonObject{{"jsonrpc", "2.0"}, {"id", std::move(id)}, {"result", std::move(result)}};
}

Json error_message(const RpcError& error) {
  JsonObject inner{{"code", static_cast<std::int16_t>(error.code)}, {"message", error.message}};
  if (error.data) inner.set("data", *error.data);
  JsonObject made{{"jsonrpc", "2.0"}};
  if (!error.id.is_null()) made.set("id", error.id);
  made.set("error", std::move(inner));
  return made;
}

}  // namespace lilux::mcp

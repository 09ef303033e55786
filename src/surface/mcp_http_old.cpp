// The transport of 2024-11-05: a stream that is the session, and a place to send to.

#include "base/encoding.h"
#include "base/random.h"
#include "surface/mcp_answer.h"
#include "surface/mcp_http.h"

namespace lilux::surface {

using base::Json;
using mcp::RpcCode;

// The stream is the session: it ends with it.
void McpHttp::begin_old(const net::Request& request, net::Exchange exchange, const McpClient& client) {
  const std::string id = base::to_base64url(base::random_bytes(32));
  const auto session = take_in(&State::sessions, kSessionsMax, id, 0, [&] { return make_session(client); });
  if (!session)
    return exchange.respond(refused(503, {.code = RpcCode::internal_error, .message = "too many sessions are used"}));
  const auto stream = look_after(std::make_shared<McpStream>());
  const int connection = stream->next_connection();
  stream->on_lost([weak = weak_from_this(), id] {
    if (const auto live = weak.lock()) live->remove(id);
  });
  exchange.on_gone([weak = std::weak_ptr(stream), connection] {
    if (const auto live = weak.lock()) live->leave(connection);
  });
  stream->begin(std::move(exchange), connection);
  session->listen(stream);
  std::string endpoint = std::string(kOldMessages) + "?session=" + id;
  for (const auto& [name, value] : request.query)  // what the session was asked for with goes on with it
    endpoint += "&" + base::percent_encode(name) + "=" + base::percent_encode(value);
  stream->write_event("endpoint", endpoint);
}

void McpHttp::post_old(const net::Request& request, net::Exchange exchange, const McpClient& client) {
  const auto session = find(client, request.query_text("session"));
  const auto stream = session ? session->stream() : nullptr;
  if (!stream)
    return exchange.respond(
        refused(404, {.code = RpcCode::invalid_request, .message = "there is no such session: open /sse again"}));
  const auto message = mcp::read_message(request.body);
  if (!message) return exchange.respond(refused(400, message.error()));
  exchange.respond(net::Response{.status = 202});
  session->touch(0);
  session->conversation->take(*message, [stream](const Json& said, bool) {
    if (!said.is_null()) stream->write(said);
  });
}

}  // namespace lilux::surface

// What clients of both eras send to /mcp, and the stream they listen to.

#include <algorithm>

#include "base/encoding.h"
#include "base/random.h"
#include "surface/mcp_answer.h"
#include "surface/mcp_headers.h"
#include "surface/mcp_http.h"

namespace lilux::surface {

using base::Json;
using base::JsonObject;
using mcp::Message;
using mcp::RpcCode;

namespace {

constexpr std::size_t kStatelessMax = 200;
constexpr std::size_t kNameMax = 200;

bool is_older_revision(std::string_view revision) {
  return std::ranges::find(mcp::kHandshakeRevisions, revision) != mcp::kHandshakeRevisions.end();
}

// Whether a request needs a session, to belong to or to be found again.
bool begins_something(const Message& message) {
  return message.method != "server/discover" && !message.method.ends_with("/list");
}

net::Response missed(std::string_view event) {
  return refused(400, {.code = RpcCode::invalid_request,
                       .message = "what came after event '" + std::string(base::clipped(event, kNameMax)) +
                                  "' is no longer kept: ask again"});
}

}  // namespace

void McpHttp::post(const net::Request& request, net::Exchange exchange, const McpClient& client) {
  auto message = mcp::read_message(request.body);
  if (!message) return exchange.respond(refused(400, message.error()));
  const std::string revision = request.header_text("MCP-Protocol-Version");
  const bool is_modern = meta_revision(*message).has_value() || (!revision.empty() && !is_older_revision(revision));
  if (is_modern) return post_stateless(request, *std::move(message), std::move(exchange), client);
  const std::string id = request.header_text(kSessionHeader);
  if (!id.empty()) {
    if (const auto session = find(client, id)) return pass_on(session, *std::move(message), std::move(exchange));
    return exchange.respond(
        refused(404, {.code = RpcCode::invalid_request, .message = "there is no such session", .id = message->id}));
  }
  if (message->method == "initialize" && message->kind == Message::Kind::request)
    return begin_session(*std::move(message), std::move(exchange), client);
  // A request that names neither a session nor a revision: the newest era says what it lacks.
  if (message->method == "server/discover")
    return post_stateless(request, *std::move(message), std::move(exchange), client);
  exchange.respond(refused(400, {.code = RpcCode::invalid_request,
                                 .message = "Mcp-Session-Id is missing: begin with `initialize`, or say a revision in "
                                            "_meta and MCP-Protocol-Version",
                                 .id = message->id}));
}

void McpHttp::post_stateless(const net::Request& request, Message message, net::Exchange exchange,
                             const McpClient& client) {
  if (message.kind != Message::Kind::request) return exchange.respond(net::Response{.status = 202});
  if (const auto wrong = header_mismatch(request, message, *client.offer))
    return exchange.respond(refused(400, *wrong));
  const Json* meta = message.params.find("_meta");
  const Json* info = meta ? meta->find(mcp::kMetaClient) : nullptr;
  const std::string name = info ? info->string_or("name") : std::string();
  const std::string key = client.place() + "\n" + std::string(base::clipped(name, kNameMax));
  const auto make = [&] {
    auto made = std::make_shared<McpSession>();
    made->host = make_host(client);
    return made;
  };
  // Who only looks at what there is takes nobody's place.
  const bool is_kept = begins_something(message);
  const auto session = is_kept ? take_in(&State::stateless, kStatelessMax, key, +1, make) : make();
  if (!session)
    return exchange.respond(refused(503, {.code = RpcCode::internal_error,
                                          .message = "too many clients are served: try again later",
                                          .id = message.id}));
  mcp::Conversation::Options made = options(key, session->tasks);
  made.is_stateless = true;
  const auto conversation = std::make_shared<mcp::Conversation>(session->host, std::move(made));
  const auto make_stream = [self = shared_from_this()] { return self->look_after(std::make_shared<McpStream>()); };
  const auto answer = std::make_shared<McpAnswer>(std::move(exchange), make_stream, true);
  answer->keep({static_cast<void*>(session.get()), [session, conversation, is_kept](void*) {
                  if (is_kept) session->touch(-1);
                }});
  answer->on_gone([weak = std::weak_ptr(conversation)] {
    if (const auto live = weak.lock()) live->close();
  });
  conversation->take(std::move(message), [answer](const Json& said, bool is_last) { answer->take(said, is_last); });
}

void McpHttp::begin_session(Message message, net::Exchange exchange, const McpClient& client) {
  const std::string id = base::to_base64url(base::random_bytes(32));
  const auto session = take_in(&State::sessions, kSessionsMax, id, 0, [&] { return make_session(client); });
  if (!session)
    return exchange.respond(refused(503, {.code = RpcCode::internal_error,
                                          .message = "too many sessions are used: end some with DELETE",
                                          .id = message.id}));
  const auto make_stream = [self = shared_from_this(), session] { return self->look_after(session->make_stream()); };
  const auto answer = std::make_shared<McpAnswer>(std::move(exchange), make_stream, false);
  answer->add_header(std::string(kSessionHeader), id);
  session->conversation->take(std::move(message),
                              [answer](const Json& said, bool is_last) { answer->take(said, is_last); });
}

// A client that goes away before anything was said to it gives its request up. What has begun as a stream it may read
// on elsewhere.
void McpHttp::pass_on(const std::shared_ptr<McpSession>& session, Message message, net::Exchange exchange) {
  if (message.kind != Message::Kind::request) {
    session->touch(0);
    exchange.respond(net::Response{.status = 202});
    return session->conversation->take(std::move(message), [](const Json&, bool) {});
  }
  session->touch(+1);
  const auto make_stream = [self = shared_from_this(), session] { return self->look_after(session->make_stream()); };
  const auto answer = std::make_shared<McpAnswer>(std::move(exchange), make_stream, false);
  answer->keep({static_cast<void*>(session.get()), [session](void*) { session->touch(-1); }});
  answer->on_gone([weak = std::weak_ptr(session), id = message.id] {
    const auto live = weak.lock();
    const Message cancelled{.kind = Message::Kind::notification,
                            .method = "notifications/cancelled",
                            .params = JsonObject{{"requestId", id}}};
    if (live) live->conversation->take(cancelled, [](const Json&, bool) {});
  });
  session->conversation->take(std::move(message),
                              [answer](const Json& said, bool is_last) { answer->take(said, is_last); });
}

// What answers nothing; or, by the id of the last event that the client has, the rest of a stream that broke off.
void McpHttp::listen(const net::Request& request, McpSession& session, net::Exchange exchange) {
  const std::string last = request.header_text("Last-Event-ID");
  const auto seen = read_event_id(last);
  const std::shared_ptr<McpStream> known = seen ? session.find_stream(seen->first) : nullptr;
  if (!last.empty() && !known) return exchange.respond(missed(last));
  const auto stream = known ? known : look_after(session.make_stream());
  const int connection = stream->next_connection();
  exchange.on_gone([weak = std::weak_ptr(stream), connection] {
    if (const auto live = weak.lock()) live->leave(connection);
  });
  session.touch(0);
  if (last.empty()) {
    stream->begin(std::move(exchange), connection);
    stream->write_comment("lilux");
    // So that the client can go on from here, in the revision that knows of it.
    if (request.header_text("MCP-Protocol-Version") == mcp::kHandshakeRevisions.front()) stream->write_event({}, {});
    return session.listen(stream);
  }
  if (!known->resume(exchange, connection, seen->second)) exchange.respond(missed(last));
}

}  // namespace lilux::surface

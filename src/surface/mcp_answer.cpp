#include "surface/mcp_answer.h"

namespace lilux::surface {

using base::Json;
using mcp::RpcCode;

namespace {

// The status an answer goes with, where the era has one for it.
int status_of(const Json& message, bool is_modern) {
  const Json* error = message.find("error");
  if (!error || !is_modern) return 200;
  switch (static_cast<RpcCode>(error->integer_or("code"))) {
    case RpcCode::unknown_method: return 404;
    case RpcCode::parse_error:
    case RpcCode::invalid_request:
    case RpcCode::invalid_params:
    case RpcCode::header_mismatch:
    case RpcCode::missing_capability:
    case RpcCode::unsupported_version: return 400;
    default: return 500;
  }
}

}  // namespace

net::Response with_json(int status, const Json& message) {
  net::Response response{.status = status};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = base::to_text(message);
  return response;
}

net::Response refused(int status, const mcp::RpcError& error) {
  return with_json(status, mcp::error_message(error));
}

void McpAnswer::on_gone(std::function<void()> gone) {
  gone_ = std::move(gone);
  exchange_.on_gone([weak = weak_from_this()] {
    if (const auto live = weak.lock()) live->leave();
  });
}

// A stream may be read on over another connection; what has not begun is given up.
void McpAnswer::leave() {
  std::shared_ptr<McpStream> stream;
  int connection = 0;
  {
    const std::lock_guard lock(mutex_);
    stream = stream_;
    connection = connection_;
  }
  if (stream)
    stream->leave(connection);
  else if (gone_)
    gone_();
}

void McpAnswer::take(const Json& message, bool is_last) {
  std::shared_ptr<void> let_go;  // outside the lock, as what is written
  std::shared_ptr<McpStream> stream;
  {
    const std::lock_guard lock(mutex_);
    if (is_over_) return;
    if (!is_last && !stream_) begin_stream();
    if (!stream_) respond(message);
    stream = stream_;
    is_over_ = is_last;
    if (is_over_) let_go = std::move(kept_);
  }
  if (stream && !message.is_null()) stream->write(message);
  if (stream && is_last) stream->end();
}

void McpAnswer::begin_stream() {
  stream_ = make_stream_();
  stream_->on_lost(gone_);
  connection_ = stream_->next_connection();
  stream_->begin(std::move(exchange_), connection_);
}

void McpAnswer::respond(const Json& message) {
  net::Response response =
      message.is_null() ? net::Response{.status = 204} : with_json(status_of(message, is_modern_), message);
  for (const net::Header& field : headers_) response.headers.add(field.name, field.value);
  exchange_.respond(std::move(response));
}

}  // namespace lilux::surface

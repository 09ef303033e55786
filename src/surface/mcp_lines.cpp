#include "surface/mcp_lines.h"

#include <algorithm>

namespace lilux::surface {

using base::Json;

namespace {

constexpr mcp::MessageLimits kLimits{};

}  // namespace

std::shared_ptr<McpLines> McpLines::begin(std::shared_ptr<mcp::Host> host, mcp::Conversation::Options options,
                                          Write write, Over over) {
  const std::shared_ptr<McpLines> made(new McpLines(std::move(write), std::move(over)));
  options.tell = [weak = std::weak_ptr(made)](const Json& message) {
    if (const auto live = weak.lock()) live->write(message, false);
  };
  made->conversation_ = std::make_unique<mcp::Conversation>(std::move(host), std::move(options));
  return made;
}

void McpLines::feed(std::string_view bytes) {
  const auto add = [this](std::string_view piece) {  // one byte over the limit is enough to be refused
    line_.append(piece.substr(0, kLimits.bytes_max + 1 - std::min(line_.size(), kLimits.bytes_max + 1)));
  };
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    add(bytes.substr(0, end));
    take(line_);
    line_.clear();
    bytes.remove_prefix(end + 1);
  }
  add(bytes);
}

void McpLines::take(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  const auto message = mcp::read_message(line, kLimits);
  if (!message) return write(mcp::error_message(message.error()), false);
  if (message->kind == mcp::Message::Kind::request) state_.with([](State& state) { ++state.open; });
  conversation_->take(*message,
                      [self = shared_from_this()](const Json& answer, bool is_last) { self->write(answer, is_last); });
}

// Nothing is said of a request that was given up. Whoever writes writes what others add meanwhile: calls that end
// together go out together.
void McpLines::write(const Json& message, bool is_last) {
  const std::string line = message.is_null() ? std::string() : base::to_text(message) + "\n";
  const bool is_ours = out_.with([&](Out& out) {
    out.lines += line;
    out.ends += is_last ? 1U : 0U;
    return !std::exchange(out.is_writing, true);
  });
  while (is_ours) {
    const Out next = out_.with([](Out& out) {
      Out taken = std::exchange(out, Out{});
      out.is_writing = taken.is_writing = !taken.lines.empty() || taken.ends > 0;
      return taken;
    });
    if (!next.is_writing) return;
    if (!next.lines.empty()) write_(next.lines);
    state_.with([&](State& state) { state.open -= next.ends; });
    call_if_over();
  }
}

void McpLines::end() {
  state_.with([](State& state) { state.has_ended = true; });
  call_if_over();
}

void McpLines::call_if_over() {
  const Over over = state_.with(
      [](State& state) { return state.has_ended && state.open == 0 ? std::exchange(state.over, nullptr) : Over(); });
  if (over) over();
}

void McpLines::close() {
  conversation_->close();
  const Over over = state_.with([](State& state) { return std::exchange(state.over, nullptr); });
  if (over) over();
}

}  // namespace lilux::surface

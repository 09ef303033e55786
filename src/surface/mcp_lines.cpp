#include "surface/mcp_lines.h"

#include <algorithm>
#include <chrono>

namespace lilux::surface {

using base::Json;

namespace {

constexpr mcp::MessageLimits kLimits{};
constexpr std::size_t kHeldMax = 48;  // answers that wait for each other
constexpr std::size_t kHeldBytesMax = 16384;
constexpr auto kMoment = std::chrono::milliseconds(1);  // while which others wait
constexpr std::size_t kKeptMax = 65536;                 // of the memory for answers

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

void McpLines::add(std::string_view bytes) {
  const auto append = [this](std::string_view piece) {  // one byte over the limit is enough to be refused
    part_.append(piece.substr(0, kLimits.bytes_max + 1 - std::min(part_.size(), kLimits.bytes_max + 1)));
  };
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    append(bytes.substr(0, end));
    state_.with([&](State& state) { state.lines.push_back(std::exchange(part_, {})); });
    bytes.remove_prefix(end + 1);
  }
  append(bytes);
}

std::optional<std::string> McpLines::next_line() {
  return state_.with([](State& state) -> std::optional<std::string> {
    if (state.lines.empty()) return std::nullopt;
    std::string line = std::move(state.lines.front());
    state.lines.pop_front();
    ++state.open;
    return line;
  });
}

bool McpLines::take_lines() {
  const auto until = std::chrono::steady_clock::now() + kMoment;
  while (const auto line = next_line()) {
    take(*line);
    if (std::chrono::steady_clock::now() >= until) break;
  }
  return state_.with([](const State& state) { return !state.lines.empty(); });
}

// A request stays open until its answer is written; anything else is over with its line.
void McpLines::take(std::string_view line) {
  if (!begins_request(line)) end_open(1);
}

bool McpLines::begins_request(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return false;
  auto message = mcp::read_message(line, kLimits);
  if (!message) {
    write(mcp::error_message(message.error()), false);
    return false;
  }
  const bool is_request = message->kind == mcp::Message::Kind::request;
  conversation_->take(*std::move(message),
                      [self = shared_from_this()](const Json& answer, bool is_last) { self->write(answer, is_last); });
  return is_request;
}

// Nothing is said of a request that was given up.
void McpLines::write(const Json& message, bool is_last) {
  const bool is_ours = out_.with([&](Out& out) {
    if (!message.is_null()) {
      base::append_json(out.lines, message);
      out.lines += '\n';
    }
    out.ends += is_last ? 1U : 0U;
    const bool may_wait = out.is_held && out.ends < kHeldMax && out.lines.size() < kHeldBytesMax;
    return !may_wait && !std::exchange(out.is_writing, true);
  });
  if (is_ours) write_out();
}

void McpLines::hold() {
  out_.with([](Out& out) { out.is_held = true; });
}

void McpLines::flush() {
  const bool is_ours = out_.with([](Out& out) {
    out.is_held = false;
    return !std::exchange(out.is_writing, true);
  });
  if (is_ours) write_out();
}

// Whoever writes writes what others add meanwhile: calls that end together go out together.
void McpLines::write_out() {
  while (true) {
    std::size_t ends = 0;
    const bool is_any = out_.with([&](Out& out) {
      std::swap(out.lines, written_);
      ends = std::exchange(out.ends, 0);
      return out.is_writing = !written_.empty() || ends > 0;
    });
    if (!is_any) return;
    if (!written_.empty()) write_(written_);
    written_.clear();
    if (written_.capacity() > kKeptMax) written_.shrink_to_fit();
    end_open(ends);
  }
}

void McpLines::end_open(std::size_t count) {
  state_.with([&](State& state) { state.open -= count; });
  call_if_over();
}

void McpLines::end() {
  flush();
  state_.with([](State& state) { state.has_ended = true; });
  call_if_over();
}

void McpLines::call_if_over() {
  const Over over = state_.with([](State& state) {
    const bool is_over = state.has_ended && state.open == 0 && state.lines.empty();
    return is_over ? std::exchange(state.over, nullptr) : Over();
  });
  if (over) over();
}

void McpLines::close() {
  conversation_->close();
  const Over over = state_.with([](State& state) { return std::exchange(state.over, nullptr); });
  if (over) over();
}

}  // namespace lilux::surface

#pragma once

// A server's side of one conversation in the Model Context Protocol, in both eras. Up to 2025-11-25 the peer shakes
// hands first (`initialize`); since 2026-07-28 every request says for itself which revision it is in, and nothing is
// remembered between two of them. One conversation takes either, even mixed. A transport feeds it messages; a Host says
// what there is and does it. Any thread.

#include <array>
#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/json.h"
#include "mcp/message.h"

namespace lilux::mcp {

inline constexpr std::string_view kModernRevision = "2026-07-28";
inline constexpr std::array<std::string_view, 4> kHandshakeRevisions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                                     "2024-11-05"};

struct Progress {
  double done = 0;
  std::optional<double> total = {};
  std::string message = {};
};

// What a server offers. Its functions are called from any thread.
class Host {
 public:
  struct Call {
    std::string tool;
    base::Json arguments = base::JsonObject{};
    std::stop_token cancel = {};
    std::function<void(const Progress&)> progress = {};   // never empty; heard only by a peer that asked for it
    std::move_only_function<void(base::Json)> done = {};  // takes the CallToolResult, once
  };
  virtual ~Host() = default;
  virtual base::JsonObject info() const = 0;  // name, title, version
  virtual std::string instructions() const = 0;
  // As they go on the wire: name, title, description, inputSchema, outputSchema, annotations. In a fixed order.
  virtual base::JsonArray tools() const = 0;
  // Begins a call. An error when there is no such tool; then nothing has begun and `done` is not called.
  virtual std::expected<void, RpcError> call(Call call) = 0;
};

// Where the answer to one message goes, and what belongs to it. Called from any thread, after the conversation is gone
// too; `is_last` says that nothing more follows. The message is null when the peer has given up the request.
using Reply = std::function<void(const base::Json& message, bool is_last)>;

class Conversation {
 public:
  struct Limits {
    std::size_t open_max = 1000;  // requests without an answer
    std::size_t page = 100;       // entries of a list
  };

  explicit Conversation(std::shared_ptr<Host> host) : Conversation(std::move(host), Limits{}) {}
  Conversation(std::shared_ptr<Host> host, Limits limits);
  ~Conversation() { close(); }

  // Takes one message. A request gets exactly one answer, unless its peer cancels it; a notification none.
  void take(const Message& message, const Reply& reply);
  // The peer has gone: what it asked for is cancelled and nobody is answered.
  void close();

 private:
  struct State;
  class Request;
  std::shared_ptr<Host> host_;    // and of whoever else asks it
  std::shared_ptr<State> state_;  // and of calls that end after the conversation
};

}  // namespace lilux::mcp

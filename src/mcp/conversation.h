#pragma once

// A server's side of one conversation in the Model Context Protocol, in both eras. Up to 2025-11-25 the peer shakes
// hands first (`initialize`); since 2026-07-28 every request says for itself which revision it is in, and nothing is
// remembered between two of them. One conversation takes either, even mixed. A transport feeds it messages; a Host says
// what there is and does it. Any thread.

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/host.h"
#include "mcp/message.h"

namespace lilux::mcp {

class Tasks;

inline constexpr std::string_view kModernRevision = "2026-07-28";
inline constexpr std::array<std::string_view, 4> kHandshakeRevisions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                                     "2024-11-05"};
inline constexpr std::string_view kMetaRevision = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kMetaClient = "io.modelcontextprotocol/clientInfo";

// Where the answer to one message goes, and what belongs to it. Called from any thread, after the conversation is gone
// too; `is_last` says that nothing more follows. The message is null when the peer has given up the request.
using Reply = std::function<void(const base::Json& message, bool is_last)>;

class Conversation {
 public:
  struct Options {
    std::size_t open_max = 1000;        // requests without an answer
    std::size_t watched_max = 1000;     // resources that a peer of the older era subscribes to
    std::size_t page = 100;             // entries of a list
    bool is_stateless = false;          // nobody shakes hands here: each request has to say its revision
    std::shared_ptr<Tasks> tasks = {};  // of all conversations of the session; null: none are begun
    // A digest that nobody else can make, of what the peer keeps for us.
    std::function<std::string(std::string_view text)> seal = {};
    // Takes what is no answer to anything; absent: it is dropped.
    std::function<void(const base::Json& message)> tell = {};
  };

  Conversation(std::shared_ptr<Host> host, Options options);
  ~Conversation() { close(); }

  // Takes one message. A request gets exactly one answer, unless its peer cancels it; a notification none.
  void take(Message message, Reply reply);
  // The peer has gone: what it asked for is cancelled and nobody is answered.
  void close();

 private:
  struct State;
  class Request;
  std::shared_ptr<Host> host_;    // and of whoever else asks it
  std::shared_ptr<State> state_;  // and of calls that end after the conversation
};

}  // namespace lilux::mcp

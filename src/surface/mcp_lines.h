#pragma once

// A conversation whose messages are lines: standard input and output, or a connection that stands for them. Messages
// are fed by one thread; answers are written from any.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "mcp/conversation.h"

namespace lilux::surface {

class McpLines : public std::enable_shared_from_this<McpLines> {
 public:
  using Write = std::function<void(std::string_view lines)>;  // whole ones; one call at a time
  using Over = std::function<void()>;

  // `over` is called once: when there is no more to come and every request has its answer, or by close().
  static std::shared_ptr<McpLines> begin(std::shared_ptr<mcp::Host> host, mcp::Conversation::Options options,
                                         Write write, Over over);

  // Bytes as they come. What is too long for a message is passed over to its end.
  void feed(std::string_view bytes);
  // There is no more to come.
  void end();
  // The peer has gone, or has waited long enough.
  void close();

 private:
  struct Out {  // what is not written yet
    std::string lines;
    std::size_t ends = 0;  // of requests, in there
    bool is_writing = false;
  };
  struct State {
    std::size_t open = 0;  // requests
    bool has_ended = false;
    Over over;
  };
  void take(std::string_view line);
  void write(const base::Json& message, bool is_last);
  void call_if_over();

  McpLines(Write write, Over over) : write_(std::move(write)), state_(State{.over = std::move(over)}) {}

  Write write_;
  base::Guarded<Out> out_;
  std::string line_;  // that has not ended yet
  base::Guarded<State> state_;
  std::unique_ptr<mcp::Conversation> conversation_;
};

}  // namespace lilux::surface

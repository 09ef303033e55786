#pragma once

// A conversation whose messages are lines: standard input and output, or a connection that stands for them. Bytes are
// brought by one thread at a time; lines are taken and answers written by any.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
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
  void add(std::string_view bytes);
  // What is whole in them, given out line by line; each is to be taken.
  std::optional<std::string> next_line();
  void take(std::string_view line);
  // Takes them for a moment; whether there are more.
  bool take_lines();
  // From now on answers wait for each other, until there are some or flush().
  void hold();
  void flush();
  // There is no more to come.
  void end();
  // The peer has gone, or has waited long enough.
  void close();

 private:
  struct Out {  // what is not written yet
    std::string lines;
    std::size_t ends = 0;  // of requests, in there
    bool is_held = false;
    bool is_writing = false;
  };
  struct State {
    std::deque<std::string> lines;  // whole ones that were not given out yet
    std::size_t open = 0;           // lines that are being taken, and requests
    bool has_ended = false;
    Over over;
  };
  void write(const base::Json& message, bool is_last);
  void write_out();
  bool begins_request(std::string_view line);
  void end_open(std::size_t count);
  void call_if_over();

  McpLines(Write write, Over over) : write_(std::move(write)), state_(State{.over = std::move(over)}) {}

  Write write_;
  base::Guarded<Out> out_;
  std::string written_;  // by whoever is writing; empty otherwise
  std::string part_;     // of a line that has not ended
  base::Guarded<State> state_;
  std::unique_ptr<mcp::Conversation> conversation_;
};

}  // namespace lilux::surface

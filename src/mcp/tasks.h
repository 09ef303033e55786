#pragma once

// Calls that go on while their peer does something else (the extension io.modelcontextprotocol/tasks): begun by one
// request, asked about, answered and cancelled by later ones, from any conversation of the same session. Any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/json.h"
#include "mcp/host.h"
#include "mcp/request_state.h"

namespace lilux::mcp {

inline constexpr std::string_view kTasksExtension = "io.modelcontextprotocol/tasks";

class Tasks : public std::enable_shared_from_this<Tasks> {
 public:
  struct Options {
    std::size_t tasks_max = 1000;
    std::int64_t lasts_ms = std::int64_t{30} * 60 * 1000;  // from its beginning; then, when over, it is forgotten
  };
  using Result = std::expected<base::JsonObject, RpcError>;

  Tasks() : Tasks(Options{}) {}
  explicit Tasks(Options options) : options_(options) {}

  // Begins the call and gives the task as it is told at first.
  Result begin(const std::shared_ptr<Host>& host, Host::Call call);
  // How it stands: its result, its error, or what it asks.
  Result get(const std::string& id) const;
  // What the peer says to what was asked; keys that nothing asked for are passed over.
  Result update(const std::string& id, const base::Json& answers);
  Result cancel(const std::string& id);
  // Whether one of them is not over.
  bool is_busy() const;
  // Tells of tasks whose state changed, for as long as the watch is kept.
  std::shared_ptr<void> watch(std::function<void(const std::string& id)> told);

 private:
  enum class Status : std::uint8_t { working, input_required, completed, failed, cancelled };
  friend constexpr std::array<std::string_view, 5> enum_names(Status) {
    return {"working", "input_required", "completed", "failed", "cancelled"};
  }
  struct Task {
    std::weak_ptr<Host> host;
    Host::Call call;  // what it is begun with, each time
    std::stop_source stop;
    std::int64_t created_us = 0;
    std::int64_t updated_us = 0;
    Status status = Status::working;
    std::string message;  // the newest progress
    std::vector<Question> questions;
    std::optional<base::Json> result;
    std::optional<RpcError> error;
    bool is_over() const { return status >= Status::completed; }
  };
  class Waiting;
  struct State {
    std::map<std::string, Task, std::less<>> tasks;
    std::map<std::uint64_t, std::shared_ptr<std::function<void(const std::string&)>>> watches;
    std::uint64_t last_watch = 0;
  };

  void serve(const std::string& id);
  void take(const std::string& id, Host::Ending ending);
  void set_message(const std::string& id, const std::string& message);
  void tell(const std::string& id);
  bool make_room(State& state, std::int64_t now_us) const;
  base::JsonObject shown(const std::string& id, const Task& task) const;

  const Options options_;
  base::Guarded<State> state_;
};

}  // namespace lilux::mcp

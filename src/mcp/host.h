#pragma once

// What a server offers its peer and does for it: the side of a conversation that knows tools, prompts and resources.
// One for each session. Its functions are called from any thread.

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "mcp/message.h"

namespace lilux::mcp {

// Who is at the other end, as it describes itself.
struct Client {
  std::string name = {};
  std::string version = {};
  base::Json capabilities = base::JsonObject{};
  bool can(std::string_view capability) const;  // "elicitation", "sampling", "roots"
  bool extends(std::string_view extension) const;
};

struct Progress {
  double done = 0;
  std::optional<double> total = {};
  std::string message = {};
};

enum class LogLevel : std::uint8_t { debug, info, notice, warning, error, critical, alert, emergency };
constexpr std::array<std::string_view, 8> enum_names(LogLevel) {
  return {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};
}

// What the peer is asked before its request can be answered: elicitation/create, sampling/createMessage, roots/list.
struct Question {
  std::string key;  // names its answer
  std::string method;
  base::Json params = base::JsonObject{};
};
struct Needed {
  std::vector<Question> questions;
  std::string note = {};  // comes back with the answers, and only we can have written it
};

// As they are put to a peer: by key, without ids.
base::JsonObject questions_json(const std::vector<Question>& questions);

enum class List : std::uint8_t { tools, prompts, resources, templates };

struct Change {
  enum class Kind : std::uint8_t { tools, prompts, resources, resource, task };
  Kind kind = Kind::tools;
  std::string subject = {};  // the resource whose content changed, or the task
};

enum class Watched : std::uint8_t { lists, resources };

using Ending = std::variant<base::Json, RpcError, Needed>;

// Who made a call and is told how it goes. Any thread.
class Asker {
 public:
  virtual ~Asker() = default;
  // Heard only by a peer that asked for them.
  virtual void progress(const Progress& progress) = 0;
  virtual void log(LogLevel level, const base::Json& data) = 0;
  virtual void done(Ending ending) = 0;  // once
};

class Host {
 public:
  using Ending = mcp::Ending;
  // One request that may take its time. When the answer was Needed it comes again with what the peer said, and is begun
  // from its beginning.
  struct Call {
    std::string method;  // tools/call, prompts/get, resources/read
    // With `name`, or `uri`, as text, and `arguments`, where there are any, as an object; of all tries of the request.
    std::shared_ptr<const base::Json> params;
    std::shared_ptr<const Client> client = std::make_shared<const Client>();  // that of its conversation
    std::map<std::string, base::Json, std::less<>> answers = {};              // by the question's key
    std::string note = {};
    std::stop_token cancel = {};
    std::shared_ptr<Asker> asker = {};  // and of whatever else has to tell it
  };

  virtual ~Host() = default;
  virtual base::JsonObject info() const = 0;  // name, title, version
  virtual std::string instructions() const = 0;
  // As they go on the wire, in a fixed order.
  virtual base::JsonArray list(List what) const = 0;
  // The values that may stand for that argument of a prompt or a template, best first.
  virtual std::expected<std::vector<std::string>, RpcError> complete(const base::Json& params) const = 0;
  // A client has shaken hands: what its first call needs may be made now.
  virtual void expect(const Client& client) = 0;
  virtual void serve(Call call) = 0;
  // Whether that call of a tool is better a task, for a peer that knows tasks.
  virtual bool is_long(const base::Json& params) const = 0;
  // Tells of changes for as long as the watch is kept: of the lists, or of single resources.
  virtual std::shared_ptr<void> watch(Watched what, std::function<void(const Change&)> told) = 0;
};

}  // namespace lilux::mcp

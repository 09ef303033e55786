#pragma once

// One call as it enters the kernel and as it leaves it. Values.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "policy/policy.h"

namespace lilux::kernel {

class Peer;

// Variables as NAME=value. One list for all calls of a session: it is never changed, and not copied with them.
class Environment {
 public:
  Environment() = default;
  Environment(std::vector<std::string> variables)
      : variables_(std::make_shared<const std::vector<std::string>>(std::move(variables))) {}
  std::span<const std::string> variables() const { return variables_ ? *variables_ : std::span<const std::string>(); }

 private:
  std::shared_ptr<const std::vector<std::string>> variables_;  // of all copies
};

// Where the caller stands: relative paths, environment and umask are the caller's, wherever the kernel runs.
struct Caller {
  policy::Principal principal = policy::Principal::terminal;
  std::uint32_t umask = 022;
  std::string cwd;      // canonical
  std::string project;  // canonical project root; empty when there is none
  Environment environment;
};

// Of what a caller gives as its reason, in bytes; whoever states more is refused.
inline constexpr std::size_t kReasonMax = 2000;

struct CallRequest {
  std::string tool = {};
  base::Json arguments = base::JsonObject{};
  std::string task = {};  // who makes the call; empty: the session of the principal
  Caller caller = {};
  std::string reason = {};                                // stated by the caller; recorded
  std::string cause = {};                                 // the call that led to this one
  std::string idempotency_key = {};                       // the same key from the same task gives the same answer, once
  std::optional<std::chrono::milliseconds> timeout = {};  // from entry; the tool's own when absent
  std::size_t keeps_output_from = SIZE_MAX;               // what is larger is kept whole, to be read again later
  bool is_answered_yes = false;                           // --yes of a person: answers asks that are not critical
  bool is_task = false;                                   // it is what a background task runs
  std::stop_token cancel = {};
  std::shared_ptr<Peer> peer = {};  // and of its session; null: nobody hears of it
};

struct Outcome {
  std::string call;  // id; empty only when the call never got one
  base::Result<base::Json> output = base::Json{};
  bool ok() const { return output.has_value(); }
};

// The task a call belongs to when it names none.
std::string session_task(policy::Principal principal);

// {"ok": true, "call", "output"} or {"ok": false, "call", "error": {"code", "message", "hint", "rule"}}.
base::Json envelope(const Outcome& outcome);

}  // namespace lilux::kernel

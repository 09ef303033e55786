#pragma once

// What the kernel writes into the ledger. A body is one compact JSON object; `Kind` stands in the record's header.
//
//   call     one whole call: free of side effects, or changing only our own state
//   intent   a call about to change the world, with all that is needed to settle it after a crash
//   outcome  how that call ended
//   note     something that happened outside of calls: start, stop, expiry, a child's exit, a refusal in safe mode
//
// Every kind may carry "changes": rows put into or removed from the kernel's state. Replaying them gives the state.
// Values; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "base/json.h"
#include "base/result.h"

namespace lilux::ledger {
struct Record;
}

namespace lilux::kernel {

// Begins what stands in a record for a secret.
inline constexpr std::string_view kSecretMark = "hmac-sha256:";

enum class Kind : std::uint8_t { call = 1, intent = 2, outcome = 3, note = 4 };
// Of the ledger's own records too.
std::string_view kind_name(std::uint8_t kind);

// One row of the state put in place (or removed, when `value` is null).
struct Change {
  std::string table;  // "task", "approval", "hook", "aside", "idempotency", "undone", "fact", ...
  std::string id;
  base::Json value;
  static constexpr base::Fields fields{
      base::Field{"table", &Change::table, "Which table"},
      base::Field{"id", &Change::id, "Row"},
      base::Field{"value", &Change::value, "New content; null removes"},
  };
};

struct Cost {
  std::int64_t wall_us = 0;
  std::int64_t tokens = 0;
  double usd = 0;
  static constexpr base::Fields fields{
      base::Field{"wall_us", &Cost::wall_us, "Wall time in microseconds"},
      base::Field{"tokens", &Cost::tokens, "Model tokens"},
      base::Field{"usd", &Cost::usd, "Money"},
  };
};

struct RecordedError {
  std::string code;
  std::string message;
  std::optional<std::string> hint;
  std::optional<std::string> rule;
  static constexpr base::Fields fields{
      base::Field{"code", &RecordedError::code, "Error code"},
      base::Field{"message", &RecordedError::message, "What went wrong"},
      base::Field{"hint", &RecordedError::hint, "What to do"},
      base::Field{"rule", &RecordedError::rule, "Rule that decided"},
  };
};

// The body of call, intent, outcome and note records; each kind leaves out what it does not know.
struct Body {
  std::optional<std::string> call;
  std::optional<std::string> tool;
  std::optional<std::string> task;
  std::optional<std::string> principal;
  std::optional<std::string> reason;
  std::optional<std::string> cause;             // the call, or note, that led here
  std::optional<base::Json> arguments;          // redacted; {"digest", "size"} when large
  std::optional<std::string> arguments_object;  // where large or replayable arguments are kept whole
  std::optional<base::Json> caller;             // cwd, project, umask: what a re-run needs
  std::optional<std::vector<std::string>> needs;
  std::optional<std::string> risk;
  std::optional<std::string> authority;  // rule, approval or autonomy level that let it through
  std::optional<std::string> policy;     // policy version
  std::optional<std::string> undo;       // exact, partial
  std::optional<std::string> before;     // image of the touched paths before
  std::optional<std::string> after;      // and fingerprint after
  std::optional<base::Json> inverse;     // {"tool", "arguments"}
  std::optional<std::vector<std::string>> scratch;
  std::optional<std::string> result;  // ok, error, rolled_back, rerun, unknown
  std::optional<base::Json> output;   // {"digest", "size"} when large
  std::optional<std::string> output_object;
  std::optional<RecordedError> error;
  std::optional<std::string> tier;    // what kept in what it ran
  std::optional<std::string> limits;  // and by what it was limited
  std::optional<Cost> cost;
  std::optional<std::string> event;  // of notes: "kernel.start", "process.exit", ...
  std::optional<base::Json> data;    // of notes
  std::optional<std::vector<Change>> changes;
  std::string project;  // where the caller stood: listeners are told, the record is not
  static constexpr base::Fields fields{
      base::Field{"call", &Body::call, "Call"},
      base::Field{"tool", &Body::tool, "Tool"},
      base::Field{"task", &Body::task, "Task that called"},
      base::Field{"principal", &Body::principal, "Who is behind the task"},
      base::Field{"reason", &Body::reason, "Stated reason"},
      base::Field{"cause", &Body::cause, "Call that led to this one"},
      base::Field{"arguments", &Body::arguments, "Arguments"},
      base::Field{"arguments_object", &Body::arguments_object, "Object with the whole arguments"},
      base::Field{"caller", &Body::caller, "Where the caller stood"},
      base::Field{"needs", &Body::needs, "What was needed"},
      base::Field{"risk", &Body::risk, "Risk of these arguments"},
      base::Field{"authority", &Body::authority, "What let it through"},
      base::Field{"policy", &Body::policy, "Policy version"},
      base::Field{"undo", &Body::undo, "How completely it can be undone"},
      base::Field{"before", &Body::before, "Image before"},
      base::Field{"after", &Body::after, "Fingerprint after"},
      base::Field{"inverse", &Body::inverse, "Call that takes it back"},
      base::Field{"scratch", &Body::scratch, "Temporary names"},
      base::Field{"result", &Body::result, "How it ended"},
      base::Field{"output", &Body::output, "Output"},
      base::Field{"output_object", &Body::output_object, "Object with the whole output"},
      base::Field{"error", &Body::error, "Error"},
      base::Field{"tier", &Body::tier, "What kept in what it ran: T0, nothing but a tool of the kernel"},
      base::Field{"limits", &Body::limits, "What limited what it ran: rlimits or cgroup"},
      base::Field{"cost", &Body::cost, "Cost"},
      base::Field{"event", &Body::event, "What happened"},
      base::Field{"data", &Body::data, "Details"},
      base::Field{"changes", &Body::changes, "Changes of the kernel's state"},
  };
};

// Fails when a newer program wrote it, or none of ours.
base::Result<Body> body_of(const ledger::Record& record);
// Cut to what a record may hold.
RecordedError recorded(const base::Error& error);

}  // namespace lilux::kernel

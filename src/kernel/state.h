#pragma once

// The kernel's live state: what replaying the ledger gives. Everything here is small: what is over lies in the ledger
// and its index. Values; the kernel keeps the one State inside Guarded.

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "kernel/record.h"
#include "kernel/task.h"
#include "ledger/ledger.h"

namespace lilux::kernel {

enum class ApprovalState : std::uint8_t { pending, approved, denied, changes_requested, expired, unknown_outcome };
constexpr std::array<std::string_view, 6> enum_names(ApprovalState) {
  return {"pending", "approved", "denied", "changes_requested", "expired", "unknown_outcome"};
}

// A call that waits for a person, or waited.
struct Approval {
  std::string call;
  std::string task;
  std::string tool;
  std::string hash;  // of tool, canonical arguments, task, place, umask and policy version: what an answer is good for
  std::string policy;
  ApprovalState state = ApprovalState::pending;
  std::string question;             // the exact effect, safe for a terminal
  std::int64_t question_bytes = 0;  // of the effect itself, when the question had to be cut
  std::vector<std::string> needs;
  policy::Risk risk = policy::Risk::medium;
  std::string rule;  // that asked
  std::string reason;
  std::optional<std::string> effect;  // digest of the whole effect as it was asked about
  std::int64_t asked_us = 0;
  std::int64_t expires_us = 0;
  std::string request;        // file with the whole request, so that it can run later
  std::string note;           // what the person said
  std::string result;         // "", ok, error: how the approved call ended; "left as it is": it was not run again
  bool is_collected = false;  // the caller has been given the result
  static constexpr base::Fields fields{
      base::Field{"call", &Approval::call, "Call"},
      base::Field{"task", &Approval::task, "Task that asks"},
      base::Field{"tool", &Approval::tool, "Tool"},
      base::Field{"hash", &Approval::hash, "What an answer is bound to"},
      base::Field{"policy", &Approval::policy, "Policy version"},
      base::Field{"state", &Approval::state, "Where it stands"},
      base::Field{"question", &Approval::question, "The exact effect"},
      base::Field{"question_bytes", &Approval::question_bytes, "Size of the effect in bytes"},
      base::Field{"needs", &Approval::needs, "What it needs"},
      base::Field{"risk", &Approval::risk, "Risk of these arguments"},
      base::Field{"rule", &Approval::rule, "Rule that asked"},
      base::Field{"reason", &Approval::reason, "Why it asked"},
      base::Field{"effect", &Approval::effect, "Digest of the whole effect"},
      base::Field{"asked_us", &Approval::asked_us, "When it was asked"},
      base::Field{"expires_us", &Approval::expires_us, "When the question expires"},
      base::Field{"request", &Approval::request, "Kept request"},
      base::Field{"note", &Approval::note, "What the person said"},
      base::Field{"result", &Approval::result, "How the approved call ended"},
      base::Field{"is_collected", &Approval::is_collected, "The caller has the result"},
  };
};

// Runs a command or a call when an event fits.
struct Hook {
  std::string id;
  std::string event;                // glob over event names: "call.ok", "task.*"
  std::optional<std::string> tool;  // glob
  std::optional<std::string> task;
  std::vector<std::string> command;  // argv; the event stands on its standard input
  std::optional<std::string> run_tool;
  std::optional<base::Json> run_arguments;
  std::string cwd;
  std::string project;
  static constexpr base::Fields fields{
      base::Field{"id", &Hook::id, "Hook"},
      base::Field{"event", &Hook::event, "Glob over event names"},
      base::Field{"tool", &Hook::tool, "Glob over tools"},
      base::Field{"task", &Hook::task, "Only of that task"},
      base::Field{"command", &Hook::command, "Command to run"},
      base::Field{"run_tool", &Hook::run_tool, "Tool to call"},
      base::Field{"run_arguments", &Hook::run_arguments, "Its arguments"},
      base::Field{"cwd", &Hook::cwd, "Where it runs"},
      base::Field{"project", &Hook::project, "Project root"},
  };
};

// An intent that has no outcome yet.
struct OpenIntent {
  std::string call;
  std::string tool;
  std::string task;
  ledger::Position position;
};

struct ToolStatistics {
  std::int64_t calls = 0;
  std::int64_t failures = 0;
  std::int64_t wall_us = 0;
};

struct Remembered {  // the answer to an idempotency key
  std::string call;
  std::string hash;  // of tool and arguments: the same key for something else is a conflict
  bool is_open = true;
};

// A tree that was too large to copy, moved aside by the call that deleted it.
struct Aside {
  std::string path;
  std::int64_t since_us = 0;
  static constexpr base::Fields fields{
      base::Field{"path", &Aside::path, "Where it lies"},
      base::Field{"since_us", &Aside::since_us, "When it was moved there"},
  };
};

struct State {
  std::map<std::string, Task, std::less<>> tasks;
  std::map<std::string, Usage, std::less<>> usage;
  std::map<std::string, Approval, std::less<>> approvals;
  std::map<std::string, Hook, std::less<>> hooks;
  std::map<std::string, Aside, std::less<>> asides;  // by call
  std::map<std::string, OpenIntent, std::less<>> intents;
  std::map<std::string, Remembered, std::less<>> remembered;
  std::map<std::string, ToolStatistics, std::less<>> statistics;
  std::map<std::string, std::string, std::less<>> facts;  // single values: "started", ...
  // Tasks that could start, most urgent first: (creation minus a second per priority step, id), which ages by itself.
  std::set<std::pair<std::int64_t, std::string>> runnable;
  std::set<std::string, std::less<>> waiting;                       // tasks, for others or for a person
  std::multimap<std::string, std::string, std::less<>> dependents;  // task waited for, task that waits
  std::deque<std::string> finished_tasks;                           // oldest first; only so many are kept
  std::deque<std::string> remembered_order;
  std::deque<std::string> answered_approvals;
  std::map<std::string, std::int64_t, std::less<>>
      in_flight;  // calls of each task, and of each quota, now; not of the ledger
  ledger::Position applied;
};

inline constexpr std::size_t kFinishedTasksKept = 1000;
inline constexpr std::size_t kRememberedKept = 10'000;
inline constexpr std::size_t kAnsweredKept = 1000;

// Puts one change, or everything one record means, into the state. Unknown tables are ignored: they are of newer
// programs.
void apply(State& state, const Change& change);
void apply(State& state, std::uint8_t kind, const ledger::Position& position, const Body& body);

// Everything there is, as changes that give the same state again, whatever part of it is there already.
std::vector<Change> rows_of(const State& state);
std::string snapshot_text(const State& state);
base::Result<State> state_from_snapshot(std::string_view text);

// Changes that put a row in place.
Change put(const Task& task);
// Sets some members of a task that is not finished, whatever happens to the others meanwhile; otherwise nothing.
Change patch_task(const std::string& id, base::JsonObject members);
Change put(const Approval& approval);
// The same of a question that waits for its answer.
Change patch_approval(const std::string& call, base::JsonObject members);
Change put(const Hook& hook);
Change put(const std::string& call, const Aside& aside);
Change put(const std::string& key, const Remembered& row);

// Forgets the oldest keys beyond kRememberedKept; a key whose call has not ended stays, and those after it.
void remember(State& state, const std::string& key, Remembered row);
// Under which the calls of a task with an idempotency key are remembered.
std::string key_of(const std::string& task, const std::string& idempotency_key);

// `not_found` when there is no such task.
base::Result<const Task*> find_task(const State& state, std::string_view id);
// The task and its parents, nearest first; ends at an unknown one. It takes no memory: every call asks for it.
inline constexpr std::size_t kLineageMax = 64;
struct Lineage {
  std::array<const Task*, kLineageMax> tasks;
  std::size_t size = 0;
  const Task* const* begin() const { return tasks.data(); }
  const Task* const* end() const { return tasks.data() + size; }
};
Lineage lineage(const State& state, std::string_view task);
// True when `below` is `above` or descends from it.
bool descends(const State& state, std::string_view below, std::string_view above);

}  // namespace lilux::kernel

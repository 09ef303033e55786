#pragma once

// A task is what makes calls: a session, an agent, a workflow run, a script; here also a call that runs by itself in
// the background. It has a parent, capabilities, a budget, a priority and a state that survives a crash. Values.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "policy/policy.h"

namespace lilux::kernel {

enum class TaskState : std::uint8_t { ready, waiting, running, suspended, done, failed, killed };
constexpr std::array<std::string_view, 7> enum_names(TaskState) {
  return {"ready", "waiting", "running", "suspended", "done", "failed", "killed"};
}
constexpr bool is_finished(TaskState state) {
  return state >= TaskState::done;
}

// Limits of a task and everything below it; absent means unlimited. Checked before a call, up the whole line of
// parents.
struct Budget {
  std::optional<std::int64_t> calls;
  std::optional<std::int64_t> wall_ms;
  std::optional<double> usd;
  std::optional<std::int64_t> tokens;
  std::optional<std::int64_t> memory_bytes;  // of each child process
  std::optional<std::int64_t> children;      // tasks and processes alive at once
  static constexpr base::Fields fields{
      base::Field{"calls", &Budget::calls, "Calls", {.minimum = 0}},
      base::Field{"wall_ms", &Budget::wall_ms, "Wall time of calls in milliseconds", {.minimum = 0}},
      base::Field{"usd", &Budget::usd, "Money", {.minimum = 0}},
      base::Field{"tokens", &Budget::tokens, "Model tokens", {.minimum = 0}},
      base::Field{"memory_bytes", &Budget::memory_bytes, "Memory of each child process", {.minimum = 0}},
      base::Field{"children", &Budget::children, "Tasks and processes alive at once", {.minimum = 0}},
  };
  friend bool operator==(const Budget&, const Budget&) = default;
};

struct Usage {
  std::int64_t calls = 0;
  std::int64_t wall_us = 0;
  double usd = 0;
  std::int64_t tokens = 0;
  static constexpr base::Fields fields{
      base::Field{"calls", &Usage::calls, "Calls made"},
      base::Field{"wall_us", &Usage::wall_us, "Wall time of calls in microseconds"},
      base::Field{"usd", &Usage::usd, "Money spent"},
      base::Field{"tokens", &Usage::tokens, "Model tokens spent"},
  };
};

// A capability as a task holds it: policy's text form, when it ends and how often it may be used.
struct Grant {
  std::string capability = {};
  std::int64_t expires_us = 0;             // 0: never
  std::optional<std::int64_t> calls = {};  // quota; absent: unlimited
  std::int64_t used = 0;
  friend bool operator==(const Grant&, const Grant&) = default;
  static constexpr base::Fields fields{
      base::Field{"capability", &Grant::capability, "Verb, resource and target: write fs dist/**"},
      base::Field{"expires_us", &Grant::expires_us, "When it ends; 0: never"},
      base::Field{"calls", &Grant::calls, "How many calls it is good for", {.minimum = 0}},
      base::Field{"used", &Grant::used, "Calls it was used for"},
  };
};

struct Task {
  std::string id;
  std::string parent;  // empty for sessions
  std::string title;
  policy::Principal principal = policy::Principal::agent;
  TaskState state = TaskState::ready;
  std::string note;           // why it is in that state, when that is not plain
  std::int64_t priority = 5;  // 0 to 9, 9 first
  std::int64_t created_us = 0;
  std::int64_t finished_us = 0;
  std::vector<Grant> grants;
  Budget budget;
  std::vector<std::string> depends_on;
  std::string tool;       // the call it runs; empty for sessions
  std::string arguments;  // as compact text
  std::string cwd;
  std::string project;
  std::string call;                          // its newest call
  bool is_suspended = false;                 // asked to pause; state stays what it will be again
  std::optional<std::string> progress = {};  // what its tool keeps of where it stands, as compact JSON
  std::optional<std::string> cause = {};     // the call that made it, and so the cause of the one it runs
  static constexpr base::Fields fields{
      base::Field{"id", &Task::id, "Task"},
      base::Field{"parent", &Task::parent, "Task that made it"},
      base::Field{"title", &Task::title, "What it is for"},
      base::Field{"principal", &Task::principal, "Who is behind it"},
      base::Field{"state", &Task::state, "Where it stands"},
      base::Field{"note", &Task::note, "Why"},
      base::Field{"priority", &Task::priority, "0 to 9, 9 first"},
      base::Field{"created_us", &Task::created_us, "When it was made"},
      base::Field{"finished_us", &Task::finished_us, "When it ended; 0 while it lives"},
      base::Field{"grants", &Task::grants, "What it may do"},
      base::Field{"budget", &Task::budget, "Limits"},
      base::Field{"depends_on", &Task::depends_on, "Tasks that have to be done first"},
      base::Field{"tool", &Task::tool, "Tool it runs; empty for sessions"},
      base::Field{"arguments", &Task::arguments, "Its arguments"},
      base::Field{"cwd", &Task::cwd, "Where it stands"},
      base::Field{"project", &Task::project, "Project root"},
      base::Field{"call", &Task::call, "Its newest call"},
      base::Field{"is_suspended", &Task::is_suspended, "Paused"},
      base::Field{"progress", &Task::progress, "Where its tool stands"},
      base::Field{"cause", &Task::cause, "Call that made it"},
  };
};

// A session whose client has gone; it does nothing until the client comes again.
inline bool is_idle_session(const Task& task) {
  return task.tool.empty() && !task.parent.empty() && task.state == TaskState::ready;
}

// The capability a person's own session holds.
inline constexpr std::string_view kEverything = "* * **";

// Sessions that are always there.
inline constexpr std::string_view kTerminalTask = "terminal";
inline constexpr std::string_view kHttpTask = "http";
inline constexpr std::string_view kMcpTask = "mcp";
inline constexpr std::string_view kHooksTask = "hooks";

}  // namespace lilux::kernel

#pragma once

// The commands that AGENTS.md tells agents to understand ("run script x with inputs {...}", "load directive x from
// registry", "sync knowledge"), read by a grammar and not by chance: what is not exactly one of them is none. Pure; any
// thread. docs/brain-calls.md has the grammar.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace lilux::brain {

struct Dispatched {
  std::string verb = {};    // search, load, run, create, edit, delete, sync, bootstrap, init, anneal
  std::string kind = {};    // directive, script, knowledge, agent_config; empty where none is said and none is meant
  std::string name = {};    // or what is searched for
  std::string source = {};  // where from: project, user, registry
  std::string destination = {};  // where to: user, project
  std::string version = {};
  bool is_dry_run = false;
  base::JsonObject inputs = {};  // of "with inputs {...}" or "with params {...}"
};

// Letters' case and spaces beyond one do not matter, but in names and values.
std::optional<Dispatched> dispatch(std::string_view text);

}  // namespace lilux::brain

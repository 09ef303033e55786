#pragma once

// Where things live, by the XDG base directory rules, from the environment once at start. Pure but for looking whether
// a runtime folder is ours. Any thread.

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace lilux::sys {

struct Folders {
  std::string home;
  std::string config;   // $XDG_CONFIG_HOME/lilux
  std::string data;     // $XDG_DATA_HOME/lilux
  std::string state;    // $XDG_STATE_HOME/lilux
  std::string runtime;  // $XDG_RUNTIME_DIR/lilux, else /run/user/UID/lilux, when that folder is ours, else <state>/run
};

using Environment = std::function<std::optional<std::string>(const char* name)>;
// The process's own environment.
std::optional<std::string> environment_variable(const char* name);

// The user's name, by the user database; the number where it has none.
std::string user_name();
// The user's home: $HOME when it is absolute, else what the user database says. Relative XDG values are ignored, as the
// rules ask. Nothing is created. `not_found` when there is no home at all.
base::Result<std::string> user_home(const Environment& environment);
base::Result<Folders> folders(const Environment& environment = environment_variable);

}  // namespace lilux::sys

#pragma once

// The environment of Python that scripts run with, and what of the machine it needs to be run in the sandbox: a Python
// that lies outside of the system's folders (of pyenv, uv, conda). Any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/context.h"
#include "sandbox/sandbox.h"

namespace lilux::tools::script {

struct PythonEnvironment {
  std::string interpreter;
  std::vector<sandbox::Tree> shown;  // besides the project and the system, to be read
};

// That of a folder of scripts, at `.venv` in it; nothing when it has none. `unavailable`, with the reason and what to
// do, when its Python is not there, is no installation of Python, lies where nothing may be read, or has become another
// one than its packages are for.
base::Result<std::optional<PythonEnvironment>> environment_in(const kernel::CallContext& call,
                                                              const std::string& scripts);

// "3.11", by the name of the program that it leads to; empty when that does not tell.
std::string python_version(const std::string& interpreter);

// The folder of scripts of the project, empty without one, and that of the user.
std::string project_scripts(const kernel::CallContext& call);
base::Result<std::string> user_scripts(const kernel::CallContext& call);

}  // namespace lilux::tools::script

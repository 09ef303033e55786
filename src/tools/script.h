#pragma once

// Running scripts: Python, shell and JavaScript, from a file or as they are given, as shell.run runs commands.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/shell.h"

namespace lilux::tools::script {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

enum class Language : std::uint8_t { python, shell, javascript };
constexpr std::array<std::string_view, 3> enum_names(Language) {
  return {"python", "shell", "javascript"};
}

struct RunRequest {
  std::optional<std::string> path;
  std::optional<std::string> code;
  std::optional<Language> language;
  std::optional<base::Json> parameters;
  std::optional<std::vector<std::string>> args;
  std::optional<std::map<std::string, std::string>> env;
  std::optional<std::string> stdin_text;
  std::optional<std::int64_t> timeout;
  std::optional<bool> preview;
  std::optional<std::vector<std::string>> rights;
  std::optional<std::string> sha256;
  std::optional<bool> of_user;
  static constexpr base::Fields fields{
      Field{"path", &RunRequest::path, "Script of the project", {.minimum = 1, .maximum = 4096}},
      Field{"code", &RunRequest::code, "Instead: the script itself", {.minimum = 1, .maximum = 131'071}},
      Field{"language", &RunRequest::language, "By the name or the first line of the file when absent"},
      Field{"parameters", &RunRequest::parameters,
            "Given as --kebab-case value; true alone, lists again and again; _timeout, _save_output and _output_file "
            "are for us"},
      Field{"args", &RunRequest::args, "Arguments behind them", {.maximum = 10'000}},
      Field{"env", &RunRequest::env, "Variables to add to a plain environment", {.maximum = 1000}},
      Field{"stdin", &RunRequest::stdin_text, "What it reads; nothing when absent", {.maximum = 16'777'216}},
      Field{"timeout",
            &RunRequest::timeout,
            "Seconds, then it is killed; 300 when absent",
            {.minimum = 1, .maximum = 1800}},
      Field{"preview", &RunRequest::preview, "Only show what it would change; shell.commit makes that real"},
      Field{"rights",
            &RunRequest::rights,
            "Of the project it sees and changes no more than this: read fs src/**; all that the caller may when absent",
            {.maximum = 200}},
      Field{"sha256",
            &RunRequest::sha256,
            "Of the file at 'path': it is run as it is by this digest, or not at all",
            {.minimum = 64, .maximum = 64}},
      Field{"of_user", &RunRequest::of_user, "With the Python of ~/.ai/scripts/.venv, where there is one"},
  };
};
// How a parameter of that name is given: "max_pages" as "--max-pages".
std::string flag_of(const std::string& name);
Result<Assessment> assess_run(const CallContext& call, const RunRequest& request);
Result<shell::RunResponse> run(CallContext& call, const RunRequest& request);

}  // namespace lilux::tools::script

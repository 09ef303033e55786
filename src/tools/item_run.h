#pragma once

// The item tools that run: request and response of each. A directive is driven by a task of its own.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/item.h"

namespace lilux::tools::item_tools {

// How the error begins that names the inputs that were not given.
inline constexpr std::string_view kMissingInputs = "required inputs of ";

enum class RunMode : std::uint8_t { give_back, drive };
constexpr std::array<std::string_view, 2> enum_names(RunMode) {
  return {"return", "drive"};
}

struct StepRow {
  std::string name;
  std::string description;
  std::string action;
  std::optional<std::string> state;
  std::optional<std::string> call;
  std::optional<std::string> error;
  static constexpr base::Fields fields{
      Field{"name", &StepRow::name, "Name"},
      Field{"description", &StepRow::description, "What it is for"},
      Field{"action", &StepRow::action, "What is to be done: prose, or a tool and its arguments"},
      Field{"state", &StepRow::state, "When it is driven: done, failed, waiting or next"},
      Field{"call", &StepRow::call, "The call that did it"},
      Field{"error", &StepRow::error, "Why it failed"},
  };
};

struct RunRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  std::optional<base::Json> inputs;
  std::optional<RunMode> mode;
  std::optional<bool> dry_run;
  std::optional<std::string> version;
  std::optional<std::string> resume;
  static constexpr base::Fields fields{
      Field{"kind", &RunRequest::kind, "Kind of item"},
      Field{"name", &RunRequest::name, "Its exact name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &RunRequest::source, "Volume; the nearest that has it when absent"},
      Field{"inputs", &RunRequest::inputs, "What it is given, as an object; of a script its parameters"},
      Field{"mode", &RunRequest::mode,
            "Of a directive. return: give its steps back to be done; drive: do those that are calls, as a task with no "
            "more rights than it declares. "
            "A person's own call drives when absent"},
      Field{"dry_run", &RunRequest::dry_run, "Only check that it could run"},
      Field{"version", &RunRequest::version, "Refuse when it is not that one now", {.minimum = 1}},
      Field{"resume", &RunRequest::resume, "The task of a run of it that waited: how it goes on, instead of a new run"},
  };
};
struct RunResponse {
  std::string status;
  bool succeeded = true;
  std::string name;
  std::string description;
  std::optional<std::vector<InputRow>> inputs;
  std::optional<std::vector<StepRow>> process;
  std::optional<base::Json> provided_inputs;
  std::optional<std::string> instructions;
  std::optional<std::string> title;
  std::optional<std::string> content;
  std::optional<std::string> task;
  std::optional<std::string> asks;
  std::optional<base::Json> outputs;
  std::optional<base::Json> data;
  std::optional<std::string> error;
  std::optional<std::string> error_type;
  std::optional<std::int64_t> exit_code;
  std::optional<std::vector<std::string>> logs;
  std::optional<base::Json> metadata;
  std::optional<std::string> message;
  std::optional<std::string> path;
  std::optional<std::string> venv;
  std::optional<std::vector<std::string>> dependencies;
  std::optional<std::vector<std::string>> lib_dependencies;
  std::optional<std::string> warning;
  static constexpr base::Fields fields{
      Field{"status", &RunResponse::status, "ready, done, waiting, success, error or validation_passed"},
      Field{"succeeded", &RunResponse::succeeded, "False for a script that failed, and as long as a person is asked"},
      Field{"name", &RunResponse::name, "Name"},
      Field{"description", &RunResponse::description, "What it is for"},
      Field{"inputs", &RunResponse::inputs, "What it can be given"},
      Field{"process", &RunResponse::process, "The steps of a directive"},
      Field{"provided_inputs", &RunResponse::provided_inputs, "What it was given"},
      Field{"instructions", &RunResponse::instructions, "What to do now"},
      Field{"title", &RunResponse::title, "Title"},
      Field{"content", &RunResponse::content, "The text"},
      Field{"task", &RunResponse::task, "The task that drives it"},
      Field{"asks", &RunResponse::asks, "The call of a step that waits for a person's approval"},
      Field{"outputs", &RunResponse::outputs, "What the steps of a directive gave, by their names"},
      Field{"data", &RunResponse::data, "What a script gave"},
      Field{"error", &RunResponse::error, "Why a script failed"},
      Field{"error_type", &RunResponse::error_type, "timeout, signal, exit, or the exception of Python"},
      Field{"exit_code", &RunResponse::exit_code, "Of a script; 128 and the signal's number when one ended it"},
      Field{"logs", &RunResponse::logs, "What a script wrote besides, by lines"},
      Field{"metadata", &RunResponse::metadata, "About the run of a script"},
      Field{"message", &RunResponse::message, "What was checked"},
      Field{"path", &RunResponse::path, "File of a script that was checked"},
      Field{"venv", &RunResponse::venv, "Environment of Python that it would be run with; empty: the system's"},
      Field{"dependencies", &RunResponse::dependencies, "Packages that it needs"},
      Field{"lib_dependencies", &RunResponse::lib_dependencies, "What it takes from the scripts beside it"},
      Field{"warning", &RunResponse::warning, "What to mind"},
  };
};
Result<Assessment> assess_run(const CallContext& call, const RunRequest& request);
Result<RunResponse> run(CallContext& call, const RunRequest& request);

// One run of a directive, by a task of its own. The text is the run's: later changes of the item do not touch it.
struct DriveRequest {
  std::string name;
  std::string content;
  std::optional<base::Json> inputs;
  static constexpr base::Fields fields{
      Field{"name", &DriveRequest::name, "Name of the directive", {.minimum = 1, .maximum = kNameMax}},
      Field{"content", &DriveRequest::content, "Its text", {.minimum = 1, .maximum = kContentMax}},
      Field{"inputs", &DriveRequest::inputs, "What it is given"},
  };
};
struct DriveResponse {
  std::vector<StepRow> process;
  base::Json outputs;
  static constexpr base::Fields fields{
      Field{"process", &DriveResponse::process, "The steps and how they went"},
      Field{"outputs", &DriveResponse::outputs, "What they gave, by their names"},
  };
};
Result<Assessment> assess_drive(const CallContext& call, const DriveRequest& request);
Result<DriveResponse> drive(CallContext& call, const DriveRequest& request);

// What a mind did for a step that waits for one.
struct AnswerRequest {
  std::string task;
  std::string step;
  std::optional<base::Json> output;
  std::optional<std::string> error;
  static constexpr base::Fields fields{
      Field{"task", &AnswerRequest::task, "The task that drives the directive"},
      Field{"step", &AnswerRequest::step, "The step that waits", {.minimum = 1, .maximum = 500}},
      Field{"output", &AnswerRequest::output, "What came of it for the steps behind it: an object"},
      Field{"error", &AnswerRequest::error, "Instead: why it could not be done", {.minimum = 1, .maximum = 10'000}},
  };
};
struct AnswerResponse {
  bool taken = false;
  static constexpr base::Fields fields{Field{"taken", &AnswerResponse::taken, "The directive goes on"}};
};
Result<Assessment> assess_answer(const CallContext& call, const AnswerRequest& request);
Result<AnswerResponse> answer(CallContext& call, const AnswerRequest& request);

}  // namespace lilux::tools::item_tools

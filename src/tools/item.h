#pragma once

// The item tools: request and response of each. Looking is in item.cpp, changing in item_change.cpp, running in
// item_run.cpp.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "item/kind.h"
#include "item/parts.h"
#include "item/stamp.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::item_tools {

using base::Field;
using base::Result;
using item::Kind;
using kernel::Assessment;
using kernel::CallContext;

inline constexpr std::size_t kNameMax = 128;
inline constexpr std::size_t kContentMax = std::size_t{4} << 20;

struct ProblemRow {
  std::string severity;
  std::int64_t line = 0;
  std::int64_t column = 0;
  std::string message;
  std::string hint;
  static constexpr base::Fields fields{
      Field{"severity", &ProblemRow::severity, "error or warning"},
      Field{"line", &ProblemRow::line, "Line"},
      Field{"column", &ProblemRow::column, "Column"},
      Field{"message", &ProblemRow::message, "What is wrong"},
      Field{"hint", &ProblemRow::hint, "What to do about it"},
  };
};

struct PermissionRow {
  std::string tag;
  std::string resource;
  std::string target;
  base::Json attrs = base::JsonObject{};
  static constexpr base::Fields fields{
      Field{"tag", &PermissionRow::tag, "read, write, execute"},
      Field{"resource", &PermissionRow::resource, "filesystem, network, env, shell"},
      Field{"target", &PermissionRow::target, "Which one"},
      Field{"attrs", &PermissionRow::attrs, "All that is written there"},
  };
};

struct InputRow {
  std::string name;
  std::string type;
  bool required = false;
  std::string description;
  std::optional<base::Json> otherwise;
  static constexpr base::Fields fields{
      Field{"name", &InputRow::name, "Name"},
      Field{"type", &InputRow::type, "Type"},
      Field{"required", &InputRow::required, "Whether it has to be given"},
      Field{"description", &InputRow::description, "What it is"},
      Field{"default", &InputRow::otherwise, "When it is not given"},
  };
};

struct ItemRow {
  Kind kind = Kind::directive;
  std::string name;
  std::string description;
  std::string version;
  std::string category;
  std::string source;
  std::string path;
  bool is_trusted = true;
  std::optional<std::string> broken;
  static constexpr base::Fields fields{
      Field{"kind", &ItemRow::kind, "Kind"},
      Field{"name", &ItemRow::name, "Name"},
      Field{"description", &ItemRow::description, "What it is for"},
      Field{"version", &ItemRow::version, "Version"},
      Field{"category", &ItemRow::category, "Category"},
      Field{"source", &ItemRow::source, "Volume: project, user, team:<id> or system"},
      Field{"path", &ItemRow::path, "File"},
      Field{"is_trusted", &ItemRow::is_trusted, "False in a project that nobody trusts yet: it is not run"},
      Field{"broken", &ItemRow::broken, "Why it cannot be used"},
  };
};

struct ListRequest {
  std::optional<Kind> kind;
  std::optional<std::string> source;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"kind", &ListRequest::kind, "Only of this kind"},
      Field{"source", &ListRequest::source, "Only of this volume: project, user, team:<id> or system"},
      Field{
          "limit", &ListRequest::limit, "Most items to return; 1,000 when absent", {.minimum = 1, .maximum = 100'000}},
  };
};
struct ListResponse {
  std::vector<ItemRow> items;
  std::int64_t total = 0;
  static constexpr base::Fields fields{
      Field{"items", &ListResponse::items, "By volume and path"},
      Field{"total", &ListResponse::total, "How many there are"},
  };
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct LoadRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  static constexpr base::Fields fields{
      Field{"kind", &LoadRequest::kind, "Kind of item"},
      Field{"name", &LoadRequest::name, "Its exact name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &LoadRequest::source, "Volume; the nearest that has it when absent"},
  };
};
struct LoadResponse {
  Kind kind = Kind::directive;
  std::string name;
  std::string title;
  std::string description;
  std::string version;
  std::string category;
  std::string source;
  std::string path;
  std::string content;
  std::vector<std::string> tags;
  std::vector<PermissionRow> permissions;
  std::optional<base::Json> model;
  std::vector<InputRow> inputs;
  base::Json relationships;
  base::Json parsed;
  std::string stamp;
  bool is_trusted = true;
  std::vector<ProblemRow> problems;
  std::optional<std::string> warning;
  static constexpr base::Fields fields{
      Field{"kind", &LoadResponse::kind, "Kind"},
      Field{"name", &LoadResponse::name, "Name"},
      Field{"title", &LoadResponse::title, "Title"},
      Field{"description", &LoadResponse::description, "What it is for"},
      Field{"version", &LoadResponse::version, "Version"},
      Field{"category", &LoadResponse::category, "Category"},
      Field{"source", &LoadResponse::source, "Volume"},
      Field{"path", &LoadResponse::path, "File"},
      Field{"content", &LoadResponse::content, "The whole text"},
      Field{"tags", &LoadResponse::tags, "Words it is found by"},
      Field{"permissions", &LoadResponse::permissions, "What it says it needs"},
      Field{"model", &LoadResponse::model, "Of a directive: which mind is wanted for its steps"},
      Field{"inputs", &LoadResponse::inputs, "What it is given"},
      Field{"relationships", &LoadResponse::relationships, "Other items, by how they are related"},
      Field{"parsed", &LoadResponse::parsed, "What its kind has besides"},
      Field{"stamp", &LoadResponse::stamp, "none, valid, modified or invalid: whether it is as it was stamped"},
      Field{"is_trusted", &LoadResponse::is_trusted, "False in a project that nobody trusts yet"},
      Field{"problems", &LoadResponse::problems, "What is wrong with it"},
      Field{"warning", &LoadResponse::warning, "What to mind"},
  };
};
Result<Assessment> assess_load(const CallContext& call, const LoadRequest& request);
Result<LoadResponse> load(CallContext& call, const LoadRequest& request);

struct WhichResponse {
  std::vector<ItemRow> items;
  std::string explanation;
  static constexpr base::Fields fields{
      Field{"items", &WhichResponse::items, "All of that name; the first is used"},
      Field{"explanation", &WhichResponse::explanation, "Why that one"},
  };
};
Result<Assessment> assess_which(const CallContext& call, const LoadRequest& request);
Result<WhichResponse> which(CallContext& call, const LoadRequest& request);

struct ValidateRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  std::optional<std::string> content;
  static constexpr base::Fields fields{
      Field{"kind", &ValidateRequest::kind, "Kind of item"},
      Field{"name", &ValidateRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &ValidateRequest::source, "Volume; the nearest that has it when absent"},
      Field{
          "content", &ValidateRequest::content, "Instead: a text that is to be such an item", {.maximum = kContentMax}},
  };
};
struct ValidateResponse {
  bool valid = false;
  std::vector<ProblemRow> problems;
  std::optional<std::string> checked_by;
  static constexpr base::Fields fields{
      Field{"valid", &ValidateResponse::valid, "No errors"},
      Field{"problems", &ValidateResponse::problems, "What is wrong, in the order of its lines"},
      Field{"checked_by", &ValidateResponse::checked_by, "Of a script: what looked at its program, without running it"},
  };
};
Result<Assessment> assess_validate(const CallContext& call, const ValidateRequest& request);
Result<ValidateResponse> validate(CallContext& call, const ValidateRequest& request);

// Changes.

struct ChangeResponse {
  Kind kind = Kind::directive;
  std::string name;
  std::string source;
  std::string path;
  std::string commit;
  std::vector<ProblemRow> problems;
  std::optional<std::string> location;
  std::optional<std::string> category;
  std::optional<base::Json> signature;
  std::optional<std::string> warning;
  static constexpr base::Fields fields{
      Field{"kind", &ChangeResponse::kind, "Kind"},
      Field{"name", &ChangeResponse::name, "Name"},
      Field{"source", &ChangeResponse::source, "Volume"},
      Field{"path", &ChangeResponse::path, "File"},
      Field{"commit", &ChangeResponse::commit, "Commit in the volume's history; none after a dry run"},
      Field{"problems", &ChangeResponse::problems, "What to mind in the text"},
      Field{"location", &ChangeResponse::location, "Volume, as Kiwi names it"},
      Field{"category", &ChangeResponse::category, "Folder below that of the kind"},
      Field{"signature", &ChangeResponse::signature, "Its stamp: hash and timestamp"},
      Field{"warning", &ChangeResponse::warning, "Why it cannot be used as it is"},
  };
};

struct CreateRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::string content;
  std::optional<std::string> category;
  std::optional<std::string> location;
  std::optional<std::string> ending;
  std::optional<bool> replace;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"kind", &CreateRequest::kind, "Kind of item"},
      Field{"name", &CreateRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"content", &CreateRequest::content, "The whole text", {.minimum = 1, .maximum = kContentMax}},
      Field{"category", &CreateRequest::category, "Folder below that of the kind: core/setup", {.maximum = 500}},
      Field{"location", &CreateRequest::location, "Volume; the project when absent, without one the user's"},
      Field{"ending", &CreateRequest::ending, "Of a script's or template's file: py, sh, js, md", {.maximum = 16}},
      Field{"replace", &CreateRequest::replace, "Take the place of one of that name"},
      Field{"dry_run", &CreateRequest::dry_run, "Only check that it could be done"},
  };
};
Result<Assessment> assess_create(const CallContext& call, const CreateRequest& request);
Result<ChangeResponse> create(CallContext& call, const CreateRequest& request);
Result<std::string> preview_create(const CallContext& call, const CreateRequest& request);

struct UpdateRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> content;
  std::optional<std::string> location;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"kind", &UpdateRequest::kind, "Kind of item"},
      Field{"name", &UpdateRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"content",
            &UpdateRequest::content,
            "The whole new text; as it is, only stamped, when absent",
            {.minimum = 1, .maximum = kContentMax}},
      Field{"location", &UpdateRequest::location, "Volume; the nearest that has it when absent"},
      Field{"dry_run", &UpdateRequest::dry_run, "Only check that it could be done"},
  };
};
Result<Assessment> assess_update(const CallContext& call, const UpdateRequest& request);
Result<ChangeResponse> update(CallContext& call, const UpdateRequest& request);
Result<std::string> preview_update(const CallContext& call, const UpdateRequest& request);

struct DeleteRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> location;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"kind", &DeleteRequest::kind, "Kind of item"},
      Field{"name", &DeleteRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"location", &DeleteRequest::location, "Volume; the nearest that has it when absent"},
      Field{"dry_run", &DeleteRequest::dry_run, "Only check that it could be done"},
  };
};
Result<Assessment> assess_remove(const CallContext& call, const DeleteRequest& request);
Result<ChangeResponse> remove(CallContext& call, const DeleteRequest& request);

struct CopyRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  std::string destination;
  static constexpr base::Fields fields{
      Field{"kind", &CopyRequest::kind, "Kind of item"},
      Field{"name", &CopyRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &CopyRequest::source, "Volume; the nearest that has it when absent"},
      Field{"destination", &CopyRequest::destination, "Volume to copy it to: project or user"},
  };
};
Result<Assessment> assess_copy(const CallContext& call, const CopyRequest& request);
Result<ChangeResponse> copy(CallContext& call, const CopyRequest& request);
Result<std::string> preview_copy(const CallContext& call, const CopyRequest& request);

// Puts a file of a volume back as it was; what undo does.
struct RestoreRequest {
  std::string source;
  std::string path;
  std::optional<std::string> content;
  std::optional<std::string> content_object;
  std::optional<std::string> seal;
  std::string expected;
  std::optional<std::string> folder;
  std::optional<std::int64_t> modified_ns;
  std::optional<bool> executable;
  static constexpr base::Fields fields{
      Field{"source", &RestoreRequest::source, "Volume"},
      Field{"path", &RestoreRequest::path, "File in it", {.minimum = 1, .maximum = 4096}},
      Field{"content", &RestoreRequest::content, "What it said; absent: it was not there", {.maximum = kContentMax}},
      Field{"content_object",
            &RestoreRequest::content_object,
            "The same, kept as an object",
            {.minimum = 64, .maximum = 64}},
      Field{"seal", &RestoreRequest::seal, "Of the object: that it stood there"},
      Field{"expected", &RestoreRequest::expected, "Stamp of what has to be there now; empty: nothing"},
      Field{"folder",
            &RestoreRequest::folder,
            "Folder that was made for it, and goes when it is empty",
            {.minimum = 1, .maximum = 4096}},
      Field{"modified_ns", &RestoreRequest::modified_ns, "When it was changed, in nanoseconds since 1970"},
      Field{"executable", &RestoreRequest::executable, "Whether it may be run"},
  };
};
struct RestoreResponse {
  std::string commit;
  static constexpr base::Fields fields{Field{"commit", &RestoreResponse::commit, "Commit in the volume's history"}};
};
Result<Assessment> assess_restore(const CallContext& call, const RestoreRequest& request);
Result<RestoreResponse> restore(CallContext& call, const RestoreRequest& request);

// Running.

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

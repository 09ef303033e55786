// item.run: a directive gives its steps back or is driven by a task, a script runs in the sandbox, and everything else
// is there to be read.

#include <algorithm>
#include <cctype>
#include <chrono>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "item/interpolate.h"
#include "kernel/approvals.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "text/shell.h"
#include "tools/common.h"
#include "tools/confined.h"
#include "tools/directive_progress.h"
#include "tools/directive_rights.h"
#include "tools/fs_common.h"
#include "tools/item.h"
#include "tools/item_rows.h"
#include "tools/run_learning.h"
#include "tools/run_rights.h"
#include "tools/script_denied.h"
#include "tools/script_environment.h"
#include "tools/script_packages.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::size_t kLogLinesMax = 500;

// An item that may be run, with what it is given.
struct Ready {
  FoundItem found;
  ReadItem read;
  JsonObject inputs;
};

Result<void> check_runs(const CallContext& call, const Volumes& volumes, const Ready& ready) {
  const item::Item& item = ready.read.item;
  const std::string path = sys::quoted(path_of(ready.found));
  if (!volumes.is_trusted(*ready.found.volume))
    return fail(ErrorCode::denied, path + " is not run: nobody trusts this project yet",
                "look at it; then `lilux policy trust " + call.caller().project + "`");
  if (item.stamp.state == item::StampState::modified || item.stamp.state == item::StampState::invalid)
    return fail(ErrorCode::conflict, path + " is not run: it is not as it was stamped",
                "look at it; then `lilux item update " + std::string(base::enum_name(item.place.kind)) + " " +
                    item.place.name + "` stamps it");
  if (const Result<void> sound = item.check(); !sound)
    return base::in_context(base::Error(sound.error()), path + " is broken");
  return {};
}

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "integer" || type == "int") return value.is_integer();
  if (type == "number" || type == "float") return value.is_number();
  if (type == "boolean" || type == "bool") return value.is_bool();
  if (type == "array" || type == "list") return value.is_array();
  if (type == "object" || type == "dict") return value.is_object();
  if (type == "string" || type == "str") return value.is_string();
  return true;
}

Result<void> check_input(const item::Input& input, const Json& value, const std::string& name) {
  if (!is_of_type(value, input.type))
    return fail(ErrorCode::invalid_argument,
                "input " + sys::quoted(input.name) + " of " + sys::quoted(name) + " is " + base::described(value) +
                    ", not " + input.type,
                input.description);
  if (input.choices.empty()) return {};
  const std::string text = value.is_string() ? value.as_string() : base::to_text(value);
  if (std::ranges::find(input.choices, text) != input.choices.end()) return {};
  std::string choices;
  for (const std::string& choice : input.choices) choices += (choices.empty() ? "" : ", ") + choice;
  return fail(ErrorCode::invalid_argument, "input " + sys::quoted(input.name) + " cannot be " + base::to_text(value),
              "one of " + choices);
}

// A name that is none of them is a mistake where there are any; those with an underscore are for who runs it.
Result<void> check_names(const std::vector<item::Input>& inputs, const JsonObject& given, const std::string& name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const item::Input& input : inputs) {
    names.push_back(input.name);
    list += (list.empty() ? "it is given " : ", ") + input.name;
  }
  for (const auto& [key, value] : given) {
    if (names.empty() || key.starts_with('_') || std::ranges::find(names, key) != names.end()) continue;
    return fail(ErrorCode::invalid_argument, sys::quoted(name) + " has no input " + sys::quoted(key),
                base::guess(key, names, list));
  }
  return {};
}

// What was given and what stands for the rest; names all that is missing at once.
enum class Defaults : std::uint8_t { are_set, are_its_own };  // a script knows its defaults itself
Result<JsonObject> filled(const std::vector<item::Input>& inputs, const std::optional<Json>& given,
                          const std::string& name, Defaults takes) {
  if (given && !given->is_object())
    return fail(ErrorCode::invalid_argument, "field 'inputs' is no object", "for example {\"env\": \"test\"}");
  JsonObject made = given ? given->as_object() : JsonObject{};
  TRY(check_names(inputs, made, name));
  std::string missing;
  for (const item::Input& input : inputs) {
    const Json* value = made.find(input.name);
    if (value) TRY(check_input(input, *value, name));
    if (!value && input.is_required && !input.value) missing += (missing.empty() ? "" : ", ") + input.name;
    if (!value && input.value && takes == Defaults::are_set) made.set(input.name, *input.value);
  }
  if (missing.empty()) return made;
  return fail(ErrorCode::invalid_argument, std::string(kMissingInputs) + sys::quoted(name) + " are missing: " + missing,
              "`lilux item load` shows what it is given");
}

// The folder of scripts whose environment it is run with.
Result<std::string> packages_of(const CallContext& call, const FoundItem& found) {
  const std::string of_user =
      found.volume->place().scope == item::Scope::user ? found.volume->place().folder + "/scripts" : std::string();
  const bool has_own = !of_user.empty() && TRY(script::environment_in(call, of_user));
  return has_own ? of_user : script::project_scripts(call);
}

// Templates that a template may be made of: what nobody trusts or the rules deny is not there.
Result<item::FindTemplate> templates_for(const CallContext& call, const Volumes& volumes) {
  return [sight = TRY(Sight::of(call)), &volumes](std::string_view name) -> std::optional<std::string> {
    const Result<FoundItem> other = volumes.find(Kind::template_item, std::string(name), std::nullopt);
    if (!other || !volumes.is_trusted(*other->volume) || sight.is_denied(path_of(*other))) return std::nullopt;
    const Result<ReadItem> read = read_item(*other);
    return read ? std::optional(read->content.bytes) : std::nullopt;
  };
}

Result<Ready> ready(const CallContext& call, const Volumes& volumes, const RunRequest& request) {
  Ready made{.found = TRY(volumes.find(request.kind, request.name, request.source)), .read = {}, .inputs = {}};
  made.read = TRY(read_item(made.found));
  TRY(check_runs(call, volumes, made));
  if (const auto* document = std::get_if<item::Document>(&made.read.item.detail);
      document && request.kind == Kind::template_item)
    made.read.item.inputs = item::inputs_of_line(*document, TRY(templates_for(call, volumes)));
  const Defaults defaults = request.kind == Kind::script ? Defaults::are_its_own : Defaults::are_set;
  made.inputs = TRY(filled(made.read.item.inputs, request.inputs, request.name, defaults));
  if (const auto* script = std::get_if<item::Script>(&made.read.item.detail))
    TRY(check_packages(*script, TRY(packages_of(call, made.found))));
  return made;
}

RunMode mode_of(const CallContext& call, const RunRequest& request) {
  const bool is_person = call.caller().principal == policy::Principal::terminal;
  return request.mode.value_or(is_person ? RunMode::drive : RunMode::give_back);
}

item::Lookup lookup_in(const JsonObject& inputs) {
  return [scope = Json(inputs)](std::string_view name) { return item::value_at(scope, name); };
}

std::string action_of(const item::DirectiveStep& step, const item::Lookup& lookup) {
  if (!step.call) return item::interpolated_text(step.action, lookup);
  return "call " + step.call->tool + " " + item::interpolated_text(base::to_text(step.call->arguments), lookup);
}

// The tools of Claude Code that a component, an agent or a skill names, as ours.
std::string tools_in_words(const item::Item& item) {
  std::string made;
  for (const std::string& name : claude_tools_of(item))
    if (const auto ours = item::lilux_tool(name); ours && *ours != name)
      made += (made.empty() ? " Its " : ", its ") + name + " is " + std::string(*ours);
  return made + (made.empty() ? "" : ".");
}

RunResponse begun(const Ready& ready, std::string status) {
  const item::Item& item = ready.read.item;
  return {.status = std::move(status), .name = item.place.name, .description = item.description};
}

RunResponse steps_given_back(const Ready& ready) {
  RunResponse response = begun(ready, "ready");
  const auto& directive = std::get<item::Directive>(ready.read.item.detail);
  response.inputs = rows_of(directive.inputs);
  response.process.emplace();
  for (const item::DirectiveStep& step : directive.steps)
    response.process->push_back(
        {.name = step.name, .description = step.description, .action = action_of(step, lookup_in(ready.inputs))});
  response.provided_inputs = ready.inputs;
  response.instructions =
      "Do the steps in their order. A step that says 'call' is one call of that tool; "
      "{{steps.name.field}} is what the step of that name gave.";
  return response;
}

// The text as it is to be read: of a template with what it extends.
Result<std::string> text_of(const CallContext& call, const Volumes& volumes, const Ready& ready) {
  if (ready.found.listed.place->kind != Kind::template_item) return ready.read.content.bytes;
  const item::FindTemplate find = TRY(templates_for(call, volumes));
  const std::string text = TRY(item::composed(ready.found.listed.place->name, ready.read.content.bytes, find));
  return item::interpolated_text(text, lookup_in(ready.inputs));
}

// Of the task of a run.
std::string title_of(const std::string& directive) {
  return "directive " + directive;
}

std::string drive_key(const CallContext& call) {
  return "drive/" + call.call();
}

void warn_of(const std::vector<std::string>& left_out, std::optional<std::string>& warning) {
  for (const std::string& one : left_out) warning = (warning ? *warning + ", " : "it runs without the right to ") + one;
}

// What its <limits> say of tokens and money; the drive itself counts turns and spawns.
Json budget_of(const item::Directive& directive) {
  JsonObject made;
  if (!directive.limits) return made;
  if (directive.limits->tokens) made.set("tokens", *directive.limits->tokens);
  const bool is_usd = directive.limits->currency.empty() || directive.limits->currency == "USD";
  if (directive.limits->spend && is_usd) made.set("usd", *directive.limits->spend);
  return made;
}

Result<std::string> driving_task(CallContext& call, const Ready& ready, std::optional<std::string>& warning) {
  const auto& directive = std::get<item::Directive>(ready.read.item.detail);
  const std::string& root = call.caller().project.empty() ? call.caller().cwd : call.caller().project;
  std::vector<std::string> left_out;
  const std::vector<std::string> rights = TRY(rights_of(call, directive.permissions, root, left_out));
  warn_of(left_out, warning);
  JsonObject arguments{{"name", directive.name}, {"content", ready.read.content.bytes}, {"inputs", ready.inputs}};
  kernel::CallRequest request{.tool = "task.spawn", .task = call.task(), .caller = call.caller()};
  request.caller.cwd = root;  // as its rights are: relative to the project
  request.arguments = JsonObject{{"tool", "item.drive"},
                                 {"arguments", std::move(arguments)},
                                 {"title", title_of(directive.name)},
                                 {"capabilities", JsonArray(rights.begin(), rights.end())}};
  if (const Json budget = budget_of(directive); !budget.as_object().empty())
    request.arguments.as_object().set("budget", budget);
  request.reason = call.request().reason;
  request.cause = call.call();
  request.idempotency_key = drive_key(call);
  return TRY(call.kernel().call(std::move(request)).output).string_or("task");
}

// The task that this very call has begun, when it is made again after a wait: the item may be another by now.
Result<std::optional<std::string>> begun_task(const CallContext& call) {
  const std::string key = kernel::key_of(call.task(), drive_key(call));
  const auto begun = call.kernel().state().with([&](const kernel::State& state) -> std::optional<std::string> {
    const auto found = state.remembered.find(key);
    return found == state.remembered.end() ? std::nullopt : std::optional(found->second.call);
  });
  if (!begun) return std::optional<std::string>();
  return std::optional(TRY(TRY(kernel::recorded_outcome(call.kernel(), *begun)).output).string_or("task"));
}

// The call of that task, or of one below it, that a person has not answered yet.
std::optional<std::string> asking_call(const CallContext& call, const std::string& task) {
  return call.kernel().state().with([&](const kernel::State& state) -> std::optional<std::string> {
    for (const auto& [id, question] : state.approvals) {
      const bool is_waiting = question.state == kernel::ApprovalState::pending;
      if (is_waiting && kernel::descends(state, question.task, task)) return id;
    }
    return std::nullopt;
  });
}

// A step of another run waits until this one has ended: its answer is what the run goes on with.
bool is_step(const CallContext& call) {
  return call.kernel().state().with([&](const kernel::State& state) {
    const auto found = state.tasks.find(call.task());
    return found != state.tasks.end() && found->second.tool == "item.drive";
  });
}

// How the task stands; parks while it runs.
Result<RunResponse> driven(CallContext& call, const std::string& id, RunResponse response) {
  response.task = id;
  const kernel::Task task = TRY(call.kernel().state().with(
      [&](const kernel::State& state) -> Result<kernel::Task> { return *TRY(kernel::find_task(state, id)); }));
  const DirectiveProgress progress = TRY(progress_of(call, id));
  const bool is_told = !is_finished(task.state) && !is_step(call);
  if (is_told && progress.waiting_step) {
    response.status = "waiting";
    response.process = {{.name = *progress.waiting_step, .action = *progress.waiting_action, .state = "waiting"}};
    response.instructions = "Do this step, then say what came of it, as an object: `lilux call item.answer --task " +
                            id + " --step " + text::quote(*progress.waiting_step) +
                            " --output '{\"<name>\": \"<value>\"}'`";
    return response;
  }
  response.asks = is_told ? asking_call(call, id) : std::nullopt;
  if (response.asks) {
    response.status = "waiting";
    response.succeeded = false;
    response.instructions = "A person decides: `lilux approve " + *response.asks +
                            "`; then it goes on by itself, and `lilux call task.wait --task " + id + "` waits for it";
    return response;
  }
  if (!is_finished(task.state) && call.is_past_deadline()) {
    response.status = "running";
    response.instructions = "It goes on; `lilux call task.wait --task " + id + "` waits for it";
    return response;
  }
  if (!is_finished(task.state)) return call.park("task:" + id);
  if (task.call.empty()) return fail(ErrorCode::cancelled, "task " + id + " was ended: " + task.note, "run it again");
  const Json output = TRY(TRY(kernel::recorded_outcome(call.kernel(), task.call)).output);
  response.process = TRY(base::decode<DriveResponse>(output)).process;
  if (const Json* outputs = output.find("outputs")) response.outputs = *outputs;
  const Json started = TRY(base::parse_json(task.arguments));
  const item::Item driven_item =
      item::parse({.kind = Kind::directive, .name = started.string_or("name")}, started.string_or("content"));
  const auto& directive = std::get<item::Directive>(driven_item.detail);
  if (!directive.success.empty()) response.instructions = directive.success;
  return response;
}

Json lines_of(const std::string& text) {
  JsonArray lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (end > from) lines.emplace_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

// What it declares, as far as its caller has it; one that declares nothing of files reads the project and writes none
// of it. Programs of the project that it may use are shown to all.
Result<std::vector<std::string>> script_rights(const CallContext& call, const item::Script& script,
                                               std::optional<std::string>& warning) {
  std::vector<item::Permission> declared = script.permissions;
  if (std::ranges::find(declared, "filesystem", &item::Permission::resource) == declared.end())
    declared.push_back({.verb = "read", .resource = "filesystem", .target = "**"});
  declared.push_back({.verb = "read", .resource = "filesystem", .target = ".ai/scripts/**"});
  std::vector<std::string> left_out;
  std::vector<std::string> rights = TRY(rights_of(call, declared, call.caller().project, left_out));
  warn_of(left_out, warning);
  return rights;
}

// Why a script failed, behind all that it said itself.
std::string failure_of(const Json& output, const std::string& project) {
  if (output.bool_or("timed_out")) return "It was ended: its time was up";
  if (const std::string reason = output.string_or("reason"); !reason.empty()) return "It was ended: " + reason;
  if (!output.find("exit_code")) return "It was ended by signal " + std::to_string(output.integer_or("signal"));
  const auto missing = missing_package(output.string_or("stderr"), project);
  return "It failed with exit status " + std::to_string(output.integer_or("exit_code")) +
         (missing ? ": " + *missing : "");
}

// A refusal that says where the script declares what it may, and what has to stand there.
base::Error with_declaration(const CallContext& call, base::Error error, const item::Script& script,
                             const std::string& path) {
  const std::string right = error.rule == kBeyondRights ? missing_right(error) : "";
  const std::optional<item::Permission> missing = item::permission_from(right);
  if (right.empty() || !missing) return error;
  const policy::Need need{Verb::write, "fs", call.caller().project + "/" + missing->target};
  const bool is_declared =
      std::ranges::any_of(declared_rights(call, script.permissions, call.caller().project),
                          [&](const policy::Capability& declared) { return policy::covers(declared, need, 0); });
  error.hint = is_declared ? sys::quoted(path) + " declares that; the task that runs it does not hold it"
                           : "if it should, let the head of " + sys::quoted(path) + " say: " + head_with(script, right);
  return error;
}

// What a script that failed may not have seen, by its own declaration.
Result<std::optional<std::string>> what_was_unseen(const CallContext& call, const item::Script& script,
                                                   const std::string& path, const std::vector<std::string>& rights,
                                                   const std::string& said) {
  const std::string& project = call.caller().project;
  const RunRights shown = TRY(RunRights::parse(rights, project, call.kernel().folders().home));
  const bool is_there = sys::is_beneath(path, project);
  const auto unseen = unseen_path(said, shown, project, is_there ? sys::parent_of(path) : project);
  if (!unseen) return std::optional<std::string>();
  return std::optional(
      "it does not see " + sys::quoted(*unseen) + ", which " + sys::quoted(path) +
      " does not declare to read; if it should, let its head say: " + head_with(script, "read filesystem " + *unseen));
}

// The environment of Python that it is run with; empty: the system's.
Result<std::string> venv_of(const CallContext& call, const FoundItem& found) {
  const std::string folder = TRY(packages_of(call, found));
  const bool has_one = !folder.empty() && TRY(script::environment_in(call, folder));
  return has_one ? folder + "/.venv" : std::string();
}

// Of the last line of what Python says of an exception: "ValueError: no such thing".
std::string exception_in(const std::string& line) {
  const std::string name = line.substr(0, line.find(':'));
  const bool is_name = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.';
  });
  return is_name ? name : std::string();
}

void tell_failure(const Json& output, RunResponse& response) {
  const std::string said = output.string_or("stderr");
  const Json lines = lines_of(said);
  const std::string last = lines.as_array().empty() ? std::string() : lines.as_array().back().as_string();
  const std::string code = std::to_string(response.exit_code.value_or(1));
  if (output.bool_or("timed_out")) {
    response.error_type = "timeout";
    response.error = "it took too long and was ended; '_timeout' gives it more seconds";
  } else if (output.find("reason")) {
    response.error_type = "ended";
    response.error = output.string_or("reason");
  } else if (output.find("signal")) {
    response.error_type = "signal";
    response.error = "it was ended by signal " + std::to_string(output.integer_or("signal"));
  } else {
    const bool is_python = said.contains("Traceback (most recent call last)");
    const std::string exception = is_python ? exception_in(last) : std::string();
    response.error_type = exception.empty() ? "exit" : exception;
    response.error = last.empty() ? "it ended with exit code " + code + " and said nothing" : last;
  }
}

// A script of the project by its file; those of other volumes, which the sandbox does not show, by their text.
Result<RunResponse> script_run(CallContext& call, const Ready& ready) {
  const auto& script = std::get<item::Script>(ready.read.item.detail);
  JsonObject named = ready.inputs;
  JsonArray words;
  for (const item::Input& input : ready.read.item.inputs) {
    const Json* value = input.is_positional ? named.find(input.name) : nullptr;
    if (!value) continue;
    for (const Json& one : value->is_array() ? value->as_array() : JsonArray{*value})
      words.emplace_back(one.is_string() ? one.as_string() : base::to_text(one));
    named.erase(input.name);
  }
  JsonObject arguments{{"parameters", std::move(named)}, {"args", std::move(words)}};
  std::optional<std::string> warning;
  std::vector<std::string> rights;
  if (!call.caller().project.empty()) {
    rights = TRY(script_rights(call, script, warning));
    arguments.set("rights", JsonArray(rights.begin(), rights.end()));
  }
  if (ready.found.volume->place().scope == item::Scope::project) {
    arguments.set("path", path_of(ready.found));
    arguments.set("sha256", base::to_hex(base::sha256(ready.read.content.bytes)));
  } else {
    arguments.set("code", ready.read.content.bytes);
    arguments.set("language", base::enum_name(script.language));
    if (ready.found.volume->place().scope == item::Scope::user) arguments.set("of_user", true);
  }
  const std::string path = path_of(ready.found);
  const auto began = std::chrono::steady_clock::now();
  const Result<Json> ended = call.call_tool("script.run", std::move(arguments));
  if (!ended) return std::unexpected(with_declaration(call, ended.error(), script, path));
  const Json& output = *ended;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  RunResponse response = begun(ready, output.integer_or("exit_code", 1) == 0 ? "success" : "error");
  response.succeeded = response.status == "success";
  constexpr std::int64_t kOfSignal = 128;  // as shells count
  if (output.find("exit_code"))
    response.exit_code = output.integer_or("exit_code");
  else if (output.find("signal"))
    response.exit_code = kOfSignal + output.integer_or("signal");
  if (!response.succeeded) {
    tell_failure(output, response);
    call.fails({.code = output.bool_or("timed_out") ? ErrorCode::timeout : ErrorCode::internal,
                .message = "script " + sys::quoted(response.name) + " failed: " + response.error.value_or(""),
                .hint = {},
                .rule = {}});
    response.instructions = failure_of(output, call.caller().project);
  }
  if (const Json* data = output.find("data")) response.data = *data;
  response.logs.emplace();
  const Json lines = lines_of(output.string_or("stderr"));
  for (const Json& line : lines.as_array())
    if (response.logs->size() < kLogLinesMax) response.logs->push_back(line.as_string());
  response.metadata = JsonObject{{"output_file", output.string_or("output_file")},
                                 {"output_saved", output.find("output_file") != nullptr},
                                 {"duration_sec", took.count()},
                                 {"venv", TRY(venv_of(call, ready.found))},
                                 {"response_truncated", output.bool_or("is_cut")},
                                 {"committed", output.bool_or("committed")},
                                 {"tier", output.string_or("tier")}};
  if (!response.succeeded && !warning && !rights.empty())
    warning = TRY(what_was_unseen(call, script, path, rights, output.string_or("stderr")));
  response.warning = std::move(warning);
  if (const Json* next = output.find("next")) response.warning = next->as_string();
  return response;
}

// Of what it imports: what lies beside it, in lib or in the folder of scripts, and is no package.
bool is_beside(const std::string& folder, const std::string& module) {
  const std::string lib = folder + "/lib";
  if (module == "lib") return sys::lstat(lib).has_value();
  for (const std::string& place : {lib + "/" + module, folder + "/" + module})
    if (sys::lstat(place + ".py") || sys::lstat(place + "/__init__.py")) return true;
  return false;
}

Result<RunResponse> checked(const CallContext& call, const Ready& ready) {
  RunResponse response = begun(ready, "validation_passed");
  response.inputs = rows_of(ready.read.item.inputs);
  response.path = path_of(ready.found);
  response.message = "It is sound, what it needs is there, and its inputs fit; nothing was run";
  const auto* script = std::get_if<item::Script>(&ready.read.item.detail);
  if (!script) return response;
  const std::string folder = ready.found.volume->place().folder + "/scripts";
  response.lib_dependencies.emplace();
  for (const std::string& module : script->imports)
    if (is_beside(folder, module)) response.lib_dependencies->push_back(module);
  response.dependencies.emplace();
  for (const item::Dependency& one : script->dependencies)
    if (script->are_dependencies_declared || !is_beside(folder, one.package))
      response.dependencies->push_back(one.package);
  response.venv = TRY(venv_of(call, ready.found));
  return response;
}

}  // namespace

Result<Assessment> assess_run(const CallContext& call, const RunRequest& request) {
  if (request.resume) {
    const kernel::Task task = TRY(known_task(call, *request.resume));
    const bool is_of_it = request.kind == Kind::directive && task.title == title_of(request.name);
    if (task.tool != "item.drive" || !is_of_it || !is_own_task(call, task.id))
      return fail(ErrorCode::invalid_argument, "task " + sys::quoted(task.id) + " is no run of yours of this directive",
                  "give what 'task' was in the answer of item.run, and the same name");
    return reads_kernel("task");
  }
  const Volumes volumes = TRY(Volumes::of(call));
  const Ready made = TRY(ready(call, volumes, request));
  Assessment assessment{.risk = Risk::low};
  assessment.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path_of(made.found)});
  return assessment;
}

namespace {

Result<RunResponse> carried_out(CallContext& call, const RunRequest& request) {
  if (const std::optional<std::string> task = TRY(begun_task(call)))
    return driven(call, *task, {.status = "done", .name = request.name});
  if (request.resume)
    return driven(call, TRY(known_task(call, *request.resume)).id, {.status = "done", .name = request.name});
  const Volumes volumes = TRY(Volumes::of(call));
  const Ready made = TRY(ready(call, volumes, request));
  if (request.dry_run.value_or(false)) return checked(call, made);
  if (request.kind == Kind::script) return script_run(call, made);
  if (request.kind == Kind::directive && mode_of(call, request) == RunMode::drive) {
    RunResponse begins = begun(made, "done");
    const std::string task = TRY(driving_task(call, made, begins.warning));
    return driven(call, task, std::move(begins));
  }
  if (request.kind == Kind::directive) return steps_given_back(made);
  RunResponse response = begun(made, "ready");
  response.title = made.read.item.title;
  response.content = base::to_valid_utf8(TRY(text_of(call, volumes, made)));
  response.instructions = "Use what it says for what is asked." + tools_in_words(made.read.item);
  if (const std::string missing = missing_tools(made.read.item); !missing.empty()) response.warning = missing;
  return response;
}

}  // namespace

Result<RunResponse> run(CallContext& call, const RunRequest& request) {
  Result<RunResponse> result = carried_out(call, request);
  learn_from(call, request, result);
  return result;
}

}  // namespace lilux::tools::item_tools

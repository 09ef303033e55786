// item.drive and item.answer: a directive's steps, one after the other, by a task of their own. Each call of a step has
// a key, so a run that begins again, after a crash or a wait, takes what was done as done.

#include <algorithm>

#include "item/interpolate.h"
#include "item/item.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "tools/common.h"
#include "tools/directive_progress.h"
#include "tools/item_rows.h"
#include "tools/item_run.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

// Whether another try may go better.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::timeout || code == ErrorCode::unavailable || code == ErrorCode::conflict;
}

// Calls that begin something of its own.
bool is_spawn(std::string_view tool) {
  return tool == "task.spawn" || tool == "process.spawn" || tool == "item.run";
}

struct Drive {
  CallContext& call;
  std::string directive;
  Json inputs;
  item::DirectiveLimits limits = {};
  std::int64_t turns = 0;  // calls and answers, those of tries that failed too
  std::int64_t spawns = 0;
  Json steps = JsonObject{};  // what they gave
  std::string made = {};      // the newest call of a step

  std::optional<Json> value(std::string_view name) const {
    constexpr std::string_view kSteps = "steps.";
    if (name.starts_with(kSteps)) return item::value_at(steps, name.substr(kSteps.size()));
    return item::value_at(inputs, name);
  }

  item::Lookup lookup() const {
    return [this](std::string_view name) { return value(name); };
  }

  // What is tried again counts again; what was done before a wait is counted as it was then.
  Result<void> take_turn(const item::DirectiveStep& step) {
    ++turns;
    if (step.call && is_spawn(step.call->tool)) ++spawns;
    const bool has_turn = !limits.turns || turns <= *limits.turns;
    if (has_turn && (!limits.spawns || spawns <= *limits.spawns)) return {};
    const std::string most =
        has_turn ? std::to_string(*limits.spawns) + " spawns" : std::to_string(*limits.turns) + " turns";
    return fail(ErrorCode::over_budget, "the directive may take " + most + ", by its <limits>",
                "raise them in its <limits>, and run it again");
  }

  bool is_over() const { return (limits.turns && turns > *limits.turns) || (limits.spawns && spawns > *limits.spawns); }

  // The answer of the call, or the error it ended with. Parks while a person is asked.
  Result<Json> make(const item::DirectiveStep& step) {
    const Json arguments = TRY(item::interpolated(step.call->arguments, lookup()));
    Result<Json> output = fail(ErrorCode::internal, "no call was made");
    for (std::int64_t attempt = 0; attempt <= step.retries; ++attempt) {
      TRY(call.check_alive());
      TRY(take_turn(step));
      kernel::CallRequest request{
          .tool = step.call->tool, .arguments = arguments, .task = call.task(), .caller = call.caller()};
      request.reason = "step '" + step.name + "' of directive '" + directive + "'";
      request.cause = call.call();
      request.idempotency_key = "step/" + step.name + "/" + std::to_string(attempt);
      request.cancel = call.stop();
      kernel::Outcome outcome = call.kernel().call(std::move(request));
      made = outcome.call;
      output = std::move(outcome.output);
      if (output) return output;
      if (output.error().code == ErrorCode::approval_required) return call.park("approval:" + outcome.call);
      if (!may_pass(output.error().code)) break;
    }
    if (output.error().rule.starts_with("capability:"))
      output.error().hint = "the directive has to declare it among its permissions, and who runs it to have it";
    return output;
  }

  // What a mind said. Parks until one has.
  Result<Json> ask(const item::DirectiveStep& step) {
    TRY(take_turn(step));
    DirectiveProgress progress = TRY(progress_of(call, call.task()));
    const auto answer = std::ranges::find(progress.answers, step.name, &StepAnswer::step);
    if (answer != progress.answers.end() && answer->error)
      return fail(ErrorCode::cancelled, *answer->error, "see what the step asks for");
    if (answer != progress.answers.end()) return answer->output.value_or(JsonObject{});
    if (call.is_past_deadline())
      return fail(ErrorCode::timeout, "no mind did this step in time", "run the directive again");
    if (progress.waiting_step != step.name) {
      progress.waiting_step = step.name;
      progress.waiting_action = item::interpolated_text(step.action, lookup());
      TRY(set_progress(call, call.task(), progress, "directive.waits"));
    }
    return call.park("answer:" + call.task());
  }
};

Result<item::Directive> directive_in(const CallContext& call, const DriveRequest& request) {
  item::Item parsed = item::parse({.kind = Kind::directive, .name = request.name}, request.content);
  add_unknown_tools(call, request.content, parsed);
  if (const Result<void> sound = parsed.check(); !sound)
    return base::in_context(base::Error(sound.error()), "directive " + sys::quoted(request.name) + " is broken");
  return std::get<item::Directive>(parsed.detail);
}

}  // namespace

Result<Assessment> assess_drive(const CallContext& call, const DriveRequest& request) {
  if (!call.request().is_task)  // its steps are remembered by the task's name
    return fail(ErrorCode::invalid_argument, "a directive is driven by a task of its own",
                "use item.run with mode drive, or task.spawn");
  TRY(directive_in(call, request));
  return Assessment{.risk = Risk::none};  // each step is judged by itself
}

Result<DriveResponse> drive(CallContext& call, const DriveRequest& request) {
  const item::Directive directive = TRY(directive_in(call, request));
  Drive run{.call = call, .directive = directive.name, .inputs = request.inputs.value_or(JsonObject{})};
  run.limits = directive.limits.value_or(item::DirectiveLimits{});
  DriveResponse response;
  for (const item::DirectiveStep& step : directive.steps) {
    run.made.clear();
    const Result<Json> output = step.call ? run.make(step) : run.ask(step);
    if (call.parked()) return std::unexpected(output.error());
    StepRow row{.name = step.name, .description = step.description, .state = output ? "done" : "failed"};
    if (!run.made.empty()) row.call = run.made;
    const bool goes_on = step.on_error == item::OnError::go_on && !run.is_over();
    if (!output && !goes_on) {
      base::Error error = output.error();
      if (error.hint.empty()) error.hint = step.error_handling;
      return base::in_context(std::move(error), "step '" + step.name + "' of directive '" + directive.name + "'");
    }
    if (!output) row.error = output.error().message;
    run.steps.as_object().set(step.name, output ? *output : Json(JsonObject{{"error", output.error().message}}));
    response.process.push_back(std::move(row));
    call.progress(static_cast<double>(response.process.size()), static_cast<double>(directive.steps.size()), step.name);
  }
  response.outputs = run.steps;
  return response;
}

Result<Assessment> assess_answer(const CallContext& call, const AnswerRequest& request) {
  const kernel::Task task = TRY(known_task(call, request.task));
  if (request.output.has_value() == request.error.has_value())
    return fail(ErrorCode::invalid_argument, "give either 'output' or 'error'",
                "output: what came of the step; error: why it could not be done");
  constexpr std::size_t kAnswerBytesMax = 65'536;
  if (request.output && (!request.output->is_object() || base::to_text(*request.output).size() > kAnswerBytesMax))
    return fail(ErrorCode::invalid_argument, "field 'output' is no object, or larger than 64 KiB",
                "for example {\"summary\": \"...\"}: later steps name its members");
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::write,
                        .resource = "kernel",
                        .target = (is_own_task(call, task.id) ? "task/own/" : "task/other/") + task.id});
  // No such file is made: the name is held, so that of two minds who answer one step the second one is told.
  made.paths.push_back((call.kernel().folders().state / "answers" / task.id).string());
  return made;
}

Result<AnswerResponse> answer(CallContext& call, const AnswerRequest& request) {
  const kernel::Task task = TRY(known_task(call, request.task));
  DirectiveProgress progress = TRY(progress_of(call, task.id));
  const auto given = std::ranges::find(progress.answers, request.step, &StepAnswer::step);
  if (given != progress.answers.end() && given->output == request.output && given->error == request.error)
    return AnswerResponse{.taken = true};
  if (is_finished(task.state) || progress.waiting_step != request.step)
    return fail(ErrorCode::conflict,
                "step " + sys::quoted(request.step) + " of task " + task.id + " does not wait for an answer",
                progress.waiting_step ? "step " + sys::quoted(*progress.waiting_step) + " does" : "`lilux ps`");
  progress.answers.push_back({.step = request.step, .output = request.output, .error = request.error});
  progress.waiting_step.reset();
  progress.waiting_action.reset();
  call.begins();
  TRY(set_progress(call, task.id, progress, "directive.answered"));
  return AnswerResponse{.taken = true};
}

}  // namespace lilux::tools::item_tools

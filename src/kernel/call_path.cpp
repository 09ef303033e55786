// The one path of every call: resolve, validate, authorise, approve, reserve, prepare, run, check, record, learn.

#include <algorithm>
#include <exception>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/nearest.h"
#include "base/time.h"
#include "kernel/approvals.h"
#include "kernel/budget.h"
#include "kernel/children.h"
#include "kernel/execution.h"
#include "kernel/image.h"
#include "kernel/recovery.h"
#include "kernel/scheduler.h"
#include "kernel/scrub.h"
#include "sys/path.h"
#include "text/shell.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kInlineBytesMax = 4096;  // larger arguments and outputs are recorded by digest
constexpr std::size_t kArgumentBytesMax = 32u << 20;

Json digest_of(const std::string& text) {
  return JsonObject{{"digest", base::to_hex(base::sha256(text))}, {"size", text.size()}};
}

// The value itself when small, otherwise its digest and size, with its text.
Json recorded(Json value, std::string& text) {
  if (base::text_bytes_most(value) <= kInlineBytesMax) return value;
  text = base::to_text(value);
  return text.size() <= kInlineBytesMax ? value : digest_of(text);
}

// Arguments for another tool may stand in these; its secrets are secrets here too.
Json redact(const Kernel& kernel, const Tool& tool, const Json& arguments,
            const std::function<std::string(std::string_view)>& digest) {
  Json shown = tool.has_secrets ? tool.redact(arguments, digest).value_or(Json(nullptr)) : arguments;
  const Json* inner = shown.is_object() ? shown.find("arguments") : nullptr;
  const Tool* other = inner ? kernel.find_tool(shown.string_or("tool")) : nullptr;
  if (other) shown.as_object().set("arguments", redact(kernel, *other, *inner, digest));
  return shown;
}

std::string pasteable(const Execution& x) {
  std::string text = base::to_text(x.recorded_arguments);
  if (text.size() > 200) text = "{...}";
  return "lilux policy test " + text::quote(x.request.tool + " " + text);
}

}  // namespace

Json envelope(const Outcome& outcome) {
  if (outcome.ok()) return JsonObject{{"ok", true}, {"call", outcome.call}, {"output", *outcome.output}};
  const base::Error& error = outcome.output.error();
  return JsonObject{{"ok", false},
                    {"call", outcome.call.empty() ? Json(nullptr) : Json(outcome.call)},
                    {"error", JsonObject{{"code", base::code_name(error.code)},
                                         {"message", error.message},
                                         {"hint", error.hint},
                                         {"rule", error.rule}}}};
}

std::string session_task(policy::Principal principal) {
  switch (principal) {
    case policy::Principal::terminal: return std::string(kTerminalTask);
    case policy::Principal::mcp: return std::string(kMcpTask);
    case policy::Principal::agent:
    case policy::Principal::http: return std::string(kHttpTask);
  }
  std::unreachable();
}

std::string approval_hash(const CallRequest& request, std::string_view task, std::string_view policy_version) {
  const Json bound =
      JsonObject{{"tool", request.tool},      {"arguments", request.arguments},    {"task", task},
                 {"cwd", request.caller.cwd}, {"project", request.caller.project}, {"umask", request.caller.umask},
                 {"policy", policy_version}};
  return base::to_hex(base::sha256(base::canonical_text(bound)));
}

Result<void> Stations::enter() {
  try {
    return pass();
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, "'" + x.request.tool + "' failed unexpectedly: " + error.what(), "`lilux doctor`");
  }
}

Result<void> Stations::pass() {
  TRY(resolve());
  TRY(recall());
  if (x.outcome) return {};
  if (Result<void> valid = validate(); !valid) return collect_refusal(std::move(valid.error()));
  TRY(authorise());
  if (x.outcome) return {};
  TRY(reserve());
  return prepare();
}

Result<void> Stations::resolve() {
  x.tool = kernel.find_tool(x.request.tool);
  const auto timeout = x.request.timeout.value_or(x.tool ? x.tool->traits.timeout : std::chrono::seconds(30));
  x.deadline = x.entered + std::min(timeout, std::chrono::milliseconds(std::chrono::hours(24 * 30)));
  x.context = std::make_unique<CallContext>(kernel, x.call, x.task, x.request, x.deadline, x.stop.get_token());
  if (!x.tool) TRY(kernel.tool(x.request.tool));
  return {};
}

// The same key from the same task: the answer that was given then, a refusal while it runs, a conflict for another
// call.
Result<void> Stations::recall() {
  if (x.request.idempotency_key.empty()) return {};
  if (x.request.idempotency_key.size() > 200) {
    return fail(ErrorCode::invalid_argument, "the idempotency key is longer than 200 bytes", "use a UUID");
  }
  const std::string key = key_of(x.task, x.request.idempotency_key);
  const Remembered claim{.call = x.call, .hash = approval_hash(x.request, x.task, ""), .is_open = true};
  const std::optional<Remembered> before = kernel.state().with([&](State& state) -> std::optional<Remembered> {
    if (const auto found = state.remembered.find(key); found != state.remembered.end()) return found->second;
    remember(state, key, claim);  // durable with the call's record
    return std::nullopt;
  });
  if (!before) {
    x.key = key;
    x.claim = claim;
    return {};
  }
  if (before->hash != claim.hash) {
    return fail(ErrorCode::conflict,
                "the idempotency key '" + x.request.idempotency_key + "' was used for another call",
                "use a new key; `lilux why " + before->call + "` shows that call");
  }
  if (before->is_open) {
    return fail(ErrorCode::conflict, "a call with this idempotency key is still open: " + before->call,
                "wait for it: `lilux why " + before->call + "`");
  }
  x.outcome = std::make_unique<Outcome>(TRY(recorded_outcome(kernel, before->call)));
  x.call = before->call;
  return {};
}

Result<void> Stations::validate() {
  if (x.request.reason.size() > kReasonMax)
    return fail(ErrorCode::invalid_argument,
                "the reason has " + std::to_string(x.request.reason.size()) + " bytes, and " +
                    std::to_string(kReasonMax) + " are the most",
                "say why in a sentence or two; what is longer belongs into an item or a file");
  if (!x.request.arguments.is_object()) {
    return fail(ErrorCode::invalid_argument, "the arguments of '" + x.request.tool + "' must be an object",
                "for example: lilux call " + x.request.tool + " --args '{}'");
  }
  if (base::text_bytes_most(x.request.arguments) > kArgumentBytesMax &&
      base::to_text(x.request.arguments).size() > kArgumentBytesMax) {
    return fail(ErrorCode::invalid_argument, "the arguments are larger than 32 MiB", "write the content in parts");
  }
  Result<Assessment> assessment = x.tool->assess(*x.context, x.request.arguments);
  if (!assessment) {
    if (assessment.error().hint.empty()) assessment.error().hint = "see `lilux help " + x.request.tool + "`";
    return std::unexpected(std::move(assessment.error()));
  }
  x.assessment = std::move(*assessment);
  redact_arguments();
  return {};
}

void Stations::redact_arguments() {
  const auto digest = [this](std::string_view text) { return kernel.digest_secret(text); };
  std::string text;
  x.recorded_arguments = recorded(redact(kernel, *x.tool, x.request.arguments, digest), text);
  if (text.size() > kInlineBytesMax) x.large_arguments = std::move(text);
}

Result<void> Stations::authorise() {
  const Traits& traits = x.tool->traits;
  if (traits.audience == Audience::people && x.request.caller.principal != policy::Principal::terminal) {
    base::Error error{
        .code = ErrorCode::denied,
        .message = "'" + x.request.tool + "' is for people: agents, MCP and HTTP sessions may not call it",
        .hint = "ask a person to run it in a terminal",
        .rule = "audience:people"};
    return std::unexpected(std::move(error));
  }
  if (kernel.is_stopped() && !traits.runs_stopped) {
    return fail(ErrorCode::unavailable, "the emergency stop is on: no calls are taken",
                "a person can run `lilux resume`");
  }
  if (const std::optional<base::Error> failure = kernel.ledger().failure(); failure && !traits.runs_stopped) {
    return fail(ErrorCode::unavailable, "safe mode: the ledger cannot be written: " + failure->message,
                "free space or mend the disk, then restart: `lilux doctor`");
  }
  TRY(hold_capabilities());
  return decide();
}

Result<void> Stations::hold_capabilities() {
  const std::int64_t now = base::now_us();
  const std::string home = kernel.folders().home;
  return kernel.state().with([&](State& state) -> Result<void> {
    TRY(find_task(state, x.task));
    for (const Task* task : lineage(state, x.task)) {
      if (is_finished(task->state)) {
        return fail(
            ErrorCode::denied,
            "task " + task->id + " is " + std::string(base::enum_name(task->state)) + ": it makes no more calls",
            "use a live task: `lilux ps`");
      }
      if (task->is_suspended) {
        return std::unexpected(base::Error{.code = ErrorCode::unavailable,
                                           .message = "task " + task->id + " is suspended",
                                           .hint = "`lilux call task.resume --task " + task->id + "`",
                                           .rule = std::string(kSuspendedRule)});
      }
      for (const policy::Need& need : x.assessment->needs) {
        std::optional<std::size_t> used;
        TRY(covering_grant(*task, need, now, home, used));
        if (used) x.quotas.insert(task->id + "#" + std::to_string(*used));
      }
    }
    return {};
  });
}

// What a person mends things with, and the emergency stop of whoever holds the token: neither a used up budget nor,
// where it runs in every state, a broken policy file may lock them out.
bool Stations::is_rescue() const {
  const Traits& traits = x.tool->traits;
  switch (x.request.caller.principal) {
    case policy::Principal::terminal: return traits.runs_stopped || traits.audience == Audience::people;
    case policy::Principal::http: return traits.is_urgent;
    default: return false;
  }
}

Result<policy::Decision> Stations::judge() {
  Kernel::InForce policy = TRY(kernel.in_force(x.request.caller.project));
  x.rules = std::move(policy.rules);
  return x.rules->decide({
      .tool = x.request.tool,
      .needs = x.assessment->needs,
      .risk = x.assessment->risk,
      .has_effect = x.tool->traits.effect == Effect::world,
      .is_irreversible = x.assessment->is_irreversible,
      .who = x.request.caller.principal,
      .autonomy = policy.autonomy,
  });
}

Result<void> Stations::decide() {
  Result<policy::Decision> judged = judge();
  if (!judged && is_rescue() && x.tool->traits.runs_stopped) {
    x.authority = "rescue (" + judged.error().rule + ")";
    return {};
  }
  const policy::Decision decision = TRY(std::move(judged));
  x.authority = decision.rule;
  if (decision.effect == policy::Effect::allow && !x.is_approved) {  // what was asked about is held to its question
    find_twins();
    return {};
  }
  if (decision.effect == policy::Effect::deny) {
    base::Error error{
        .code = ErrorCode::denied,
        .message = "denied: " + (decision.need.empty() ? x.request.tool : decision.need) +
                   (decision.reason.empty() ? "" : ": " + decision.reason),
        .hint = pasteable(x) + " explains; a person can lift it: `lilux policy remove " + decision.rule + "`",
        .rule = decision.rule};
    return std::unexpected(std::move(error));
  }
  if (x.is_approved) {
    x.authority = "approval:" + x.call;
    return check_approved();
  }
  if (is_part_of_approved()) {
    x.authority = "approval of the call that it is a part of";
    return {};
  }
  if (x.request.is_answered_yes && x.assessment->risk != policy::Risk::critical &&
      x.request.caller.principal == policy::Principal::terminal) {
    x.authority = "yes of a person (" + decision.rule + ")";
    find_twins();
    return {};
  }
  return ask(decision);
}

Result<void> Stations::reserve() {
  if (is_rescue()) return {};
  TRY(kernel.state().with([&](State& state) { return reserve_call(state, x.task, x.quotas); }));
  x.is_reserved = true;
  return {};
}

// Holds what is changed from the look before to the look after, so that no other call's work comes in between.
Result<void> Stations::hold_paths() {
  std::optional<PathHolds::Hold> hold = kernel.holds_.take(x.assessment->paths, x.deadline, x.stop.get_token());
  TRY(x.context->check_alive());
  x.hold = std::move(*hold);
  return {};
}

Result<void> Stations::prepare() {
  const bool is_world = x.tool->traits.effect == Effect::world;
  if (!is_world && !x.tool->traits.runs_program) return {};
  TRY(x.context->check_alive());
  TRY(hold_paths());
  if (!x.large_arguments.empty()) x.arguments_object = TRY(kernel.store().put(std::exchange(x.large_arguments, {})));
  const bool has_paths = !x.assessment->paths.empty() || !x.assessment->folders.empty();
  if (has_paths && !x.assessment->inverse && x.tool->traits.undo != Undo::none) {
    const Content content = x.assessment->only_properties ? Content::properties : Content::stored;
    Result<std::string> image =
        capture(kernel.store(), x.assessment->paths, content, kernel.config().image_limits(), x.assessment->folders);
    if (!image) return base::in_context(std::move(image.error()), "cannot write down how to undo this");
    x.before = std::move(*image);
  }
  Body intent = body();
  intent.caller = JsonObject{
      {"cwd", x.request.caller.cwd}, {"project", x.request.caller.project}, {"umask", x.request.caller.umask}};
  intent.result = std::nullopt;
  if (x.tool->traits.runs_program)
    intent.tier = base::enum_name(sandbox::best_tier(kernel.children().host()));
  else if (!x.tool->traits.starts_program)  // of such a program it is known when it has started
    intent.tier = x.context->tier();
  std::vector<Change> changes = withdrawals();
  if (x.claim) changes.push_back(put(x.key, *x.claim));
  if (!changes.empty()) intent.changes = std::move(changes);
  const ledger::Position position = TRY(kernel.write(Kind::intent, intent));
  x.has_intent = true;
  if (is_world) TRY(kernel.ledger().wait_durable(position.sequence));
  return check_withdrawn();
}

Result<Json> Stations::run() {
  // A parked call whose time is up runs once more, to say how things stand.
  if (!x.has_timer || x.stop.stop_requested()) TRY(x.context->check_alive());
  x.context->set_assessment(&*x.assessment);
  try {
    Result<Json> output = x.tool->run(*x.context, x.request.arguments);
    if (output) scrub_secrets(*x.tool, x.request.arguments, *output);
    return output;
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, "'" + x.request.tool + "' failed unexpectedly: " + error.what(), "`lilux doctor`");
  }
}

Body Stations::body() const {
  Body made;
  made.call = x.call;
  made.tool = base::clipped(x.request.tool, 200);
  made.task = x.task;
  made.principal = std::string(base::enum_name(x.request.caller.principal));
  if (!x.request.reason.empty()) made.reason = base::clipped(x.request.reason, kReasonMax);
  if (!x.request.cause.empty()) made.cause = x.request.cause;
  if (x.tool && x.assessment) made.arguments = x.recorded_arguments;
  made.arguments_object = x.arguments_object;
  if (x.assessment) {
    if (!x.assessment->needs.empty()) made.needs.emplace();
    for (const policy::Need& need : x.assessment->needs) {
      if (made.needs->size() < 32) made.needs->push_back(policy::to_string(need));
    }
    made.risk = std::string(base::enum_name(x.assessment->risk));
    if (x.assessment->inverse) made.inverse = Json(*x.assessment->inverse);
    if (!x.assessment->scratch.empty()) made.scratch = x.assessment->scratch;
  }
  if (!x.authority.empty()) made.authority = x.authority;
  if (x.rules) made.policy.emplace(x.rules->version(), 0, 16);
  const bool has_way_back = x.before || (x.assessment && x.assessment->inverse);
  if (has_way_back && x.tool->traits.undo != Undo::none) made.undo = std::string(base::enum_name(x.tool->traits.undo));
  made.before = x.before;
  made.project = x.request.caller.project;
  return made;
}

// A failure leaves nothing half done; false when it does, and a person has to look.
Result<void> Stations::take_back_begun() {
  if (x.before) return kernel.roll_back(x.call, x.task, *x.before);
  if (!x.assessment->inverse) return fail(ErrorCode::unavailable, "it was too large to write down");
  std::vector<Change> changes =
      TRY(take_back_by_call(kernel, {.call = x.call, .request = &x.request, .inverse = &*x.assessment->inverse}));
  if (!changes.empty()) TRY(kernel.note("call.taken_back", JsonObject{{"call", x.call}}, std::move(changes)));
  return {};
}

bool Stations::take_back(base::Error& failure) {
  if (!x.has_intent) return true;
  Result<void> taken = remove_scratch(x.assessment->scratch);
  if (taken && x.context->has_begun()) taken = take_back_begun();
  if (taken) return true;
  failure.message += "; what it had begun could not be taken back: " + taken.error().message;
  failure.hint = "look at it by hand, then `lilux approve " + x.call + "` or `lilux deny " + x.call + "`";
  return false;
}

std::optional<std::string> Stations::image_after() const {
  if (!x.before && (!x.assessment->inverse || x.assessment->paths.empty())) return std::nullopt;
  const Content content = x.assessment->only_properties ? Content::properties : Content::fingerprint_only;
  Result<std::string> image =
      capture(kernel.store(), x.assessment->paths, content, kernel.config().image_limits(), x.assessment->folders);
  return image ? std::optional(std::move(*image)) : std::nullopt;  // without it undo refuses
}

// The record of how it ended; an intent has told the rest.
Body Stations::ending(const Result<Json>& output, bool is_unknown) {
  Body made;
  if (x.has_intent) {
    made.call = x.call;
    made.tool = x.request.tool;
    made.task = x.task;
    made.project = x.request.caller.project;
    if (!x.request.cause.empty()) made.cause = x.request.cause;
    if (output) made.after = image_after();
  } else {
    made = body();
    if (!output) made.undo = std::nullopt;
  }
  const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - x.entered);
  if (x.tool)
    made.cost = Cost{.wall_us = wall.count(),
                     .tokens = x.context ? x.context->tokens() : 0,
                     .usd = x.context ? x.context->usd() : 0};
  if (x.context) made.tier = x.context->tier();
  if (x.context && x.context->limits() != sandbox::Limits::none) made.limits = base::enum_name(x.context->limits());
  if (output) {
    std::string text;
    const bool has_failed = x.context && x.context->failure();
    made.result = has_failed ? "error" : "ok";
    if (has_failed) made.error = recorded(*x.context->failure());
    made.output = recorded(*output, text);
    const bool is_once = x.tool->traits.effect != Effect::none;  // made again, it would be another effect
    const bool is_kept = x.claim || x.is_approved || is_once || text.size() > x.request.keeps_output_from;
    if (is_kept && text.size() > kInlineBytesMax) {
      if (Result<std::string> object = kernel.store().put(text)) made.output_object = std::move(*object);
    }
  } else {
    made.result = is_unknown ? "unknown" : output.error().code == ErrorCode::approval_required ? "asked" : "error";
    made.error = recorded(output.error());
  }
  if (std::vector<Change> changed = changes(output, is_unknown); !changed.empty()) made.changes = std::move(changed);
  return made;
}

std::vector<Change> Stations::changes(const Result<Json>& output, bool is_unknown) {
  std::vector<Change> changed;
  const bool is_asked = !output && output.error().code == ErrorCode::approval_required;
  if (x.context && (output || is_asked)) changed = std::move(x.context->changes());
  if (output) {
    for (const std::string& quota : x.quotas) changed.push_back({.table = "quota", .id = quota, .value = 1});
  }
  if (x.claim) changed.push_back(put(x.key, {.call = x.call, .hash = x.claim->hash, .is_open = false}));
  if (is_unknown)
    changed.push_back(put(question_about(kernel, body(), x.request, output.error().message)));
  else if (x.is_approved)
    approved_call_ended(kernel, x.call, output && !(x.context && x.context->failure()), changed);
  return changed;
}

Outcome Stations::record(const Body& body, Result<Json> output) {
  const Effect effect = x.tool ? x.tool->traits.effect : Effect::none;
  const bool is_asked = !output && output.error().code == ErrorCode::approval_required;
  const bool is_durable = x.has_intent || is_asked || (output && effect != Effect::none) || x.is_approved;
  const Result<ledger::Position> position = kernel.write(x.has_intent ? Kind::outcome : Kind::call, body);
  if (std::exchange(x.is_reserved, false))  // now that it is counted as made, so no other call slips in between
    kernel.state().with([this](State& state) { release_call(state, x.task, x.quotas); });
  Result<void> kept;
  if (!position)
    kept = std::unexpected(position.error());
  else if (is_durable)
    kept = kernel.ledger().wait_durable(position->sequence);
  if (!kept && (is_durable || output) && !(effect == Effect::none && x.tool && x.tool->traits.runs_stopped)) {
    kept.error().message =
        (x.has_intent ? "call " + x.call + " ran but its outcome is not on disk; it is settled at the next start: "
                      : "call " + x.call + " could not be recorded: ") +
        kept.error().message;
    return {.call = x.call, .output = std::unexpected(kept.error())};
  }
  return {.call = x.call, .output = std::move(output)};
}

// What another call gave answers this one, and its key from now on.
Outcome Stations::finish_as_other() {
  if (x.claim) {
    Remembered row{.call = x.call, .hash = x.claim->hash, .is_open = false};
    std::ignore = kernel.note("call.same", JsonObject{{"call", x.call}}, {put(x.key, row)});  // safe mode tells
  }
  return *x.outcome;
}

Outcome Stations::finish(Result<Json> output) {
  if (x.outcome) return finish_as_other();
  const bool is_unknown = !output && !take_back(output.error());
  const Body ended = ending(output, is_unknown);
  return record(ended, std::move(output));
}

}  // namespace lilux::kernel

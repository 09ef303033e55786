#include "surface/call_verbs.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/id.h"
#include "base/time.h"
#include "surface/ask.h"
#include "surface/follow.h"
#include "surface/print.h"
#include "surface/session.h"
#include "sys/machine.h"
#include "sys/poller.h"
#include "text/shell.h"
#include "tools/references.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr int kNotVerified = 7;
constexpr int kDenied = 6;
constexpr int kSignalled = 128;                             // what shells add to the number of a signal
constexpr std::int64_t kOutputMax = std::int64_t{8} << 20;  // that process.wait gives
constexpr auto kStopPatience = std::chrono::milliseconds(700);
constexpr std::size_t kToldChanges = 20;

Result<Json> ask_kernel(const kernel::CallRequest& request) {
  const kernel::Tool* row = tools::find(request.tool);
  const bool needs_daemon = row && row->traits.outlives_call;
  Session session = TRY(Session::open(needs_daemon ? Session::Want::daemon : Session::Want::any));
  return session.call(request);
}

// The emergency stop must take hold where no kernel can be opened to record it, as on a full disk, and where one runs
// that refuses the call or does not answer in time: then the stop file says it, and a daemon looks there. An agent has
// the call alone.
Result<Json> stop_everything(const kernel::CallRequest& request) {
  const kernel::Folders folders = TRY(own_folders());
  const bool is_person = request.caller.principal == policy::Principal::terminal;
  std::jthread late([&](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any answered;
    answered.wait_for(lock, stop, kStopPatience, [] { return false; });
    if (is_person && !stop.stop_requested())
      std::ignore = kernel::Kernel::stop_next(folders);  // tried again below when there is no answer
  });
  Result<Json> envelope = ask_kernel(request);
  late.request_stop();
  late.join();
  if ((envelope && envelope->bool_or("ok")) || !is_person) return envelope;
  TRY(kernel::Kernel::stop_next(folders));
  if (envelope || is_held(envelope.error())) return envelope;
  return Json(JsonObject{{"ok", true}, {"call", nullptr}, {"output", JsonObject{{"stopped", true}}}});
}

Result<Json> envelope_of(const Common& common, std::string_view tool, Json arguments) {
  const kernel::CallRequest request = TRY(request_of(common, tool, std::move(arguments)));
  return tool == "kernel.emergency_stop" ? stop_everything(request) : ask_kernel(request);
}

MakeCall maker_of(const Common& common) {
  return [asking = Common{.task = common.task}](std::string_view tool, Json arguments) {
    return envelope_of(asking, tool, std::move(arguments));
  };
}

Result<Json> made_or_asked(const Common& common, std::string_view tool, Json arguments) {
  Json envelope = TRY(envelope_of(common, tool, arguments));
  const Json* error = envelope.find("error");
  if (!error || error->string_or("code") != "approval_required" || !is_at_terminal(common)) return envelope;
  std::optional<Answered> answered = TRY(ask_person(maker_of(common), envelope.string_or("call")));
  if (!answered) return envelope;
  // Made again, the call finds what its approved twin gave, and takes it; under a new rule it would run anew.
  return answered->saved_rule ? std::move(answered->envelope) : envelope_of(common, tool, std::move(arguments));
}

// Whether yes, said before anything was asked, answers this question too: not what is critical.
Result<bool> may_say_yes(const MakeCall& make_call, const std::string& call) {
  const Json question = TRY(make_call("approval.show", JsonObject{{"call", call}}));
  const Json* output = question.find("output");
  const Json* approval = output ? output->find("approval") : nullptr;
  return approval && approval->string_or("risk") != "critical";
}

// What the steps of a run ask, one after another; the run goes on with each answer.
Result<Json> with_answers(const Common& common, Json arguments, Json envelope) {
  const MakeCall make_call = maker_of(common);
  for (std::string before;;) {
    const Json* output = envelope.find("output");
    const std::string asks = output ? output->string_or("asks") : "";
    if (asks.empty() || asks == before) return envelope;
    if (common.is_yes && TRY(may_say_yes(make_call, asks)))
      TRY(make_call("approval.answer", JsonObject{{"call", asks}, {"answer", "approve"}}));
    else if (!is_at_terminal(common) || !TRY(ask_person(make_call, asks)))
      return envelope;
    before = asks;
    arguments.as_object().set("resume", output->string_or("task"));
    envelope = TRY(make_call("item.run", arguments));
  }
}

// Ends the process when we are interrupted while it runs, and keeps us from ending before it.
class Interruptions {
 public:
  static Result<Interruptions> watch(std::string task, std::int64_t pid) {
    sys::Signals signals = TRY(sys::Signals::create({SIGINT, SIGTERM, SIGHUP}));
    sys::Poller poller = TRY(sys::Poller::create());
    sys::Wake wake = TRY(sys::Wake::create());
    TRY(poller.add(signals.fd(), {.read = true}, 1));
    TRY(poller.add(wake.fd(), {.read = true}, 2));
    return Interruptions(std::move(signals), std::move(poller), std::move(wake), std::move(task), pid);
  }
  // The signal that came, or 0; from here on they end us.
  int end() {
    watching_.request_stop();
    watching_.join();
    if (*signal_ != 0) return *signal_;
    sigset_t held{};
    ::sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&held, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &held, nullptr);
    return 0;
  }

 private:
  Interruptions(sys::Signals signals, sys::Poller poller, sys::Wake wake, std::string task, std::int64_t pid)
      : watching_([signals = std::move(signals), poller = std::move(poller), wake = std::move(wake), came = signal_,
                   task = std::move(task), pid](const std::stop_token& stop) mutable {
          const std::stop_callback stopped(stop, [&wake] { wake.raise(); });
          std::vector<sys::Ready> ready;
          while (!stop.stop_requested() && poller.wait(ready, std::chrono::milliseconds(-1))) {
            const std::optional<int> signal = signals.next();
            if (!signal) continue;
            *came = *signal;
            std::ignore = envelope_of({.task = task}, "process.kill", JsonObject{{"pid", pid}});
            return;
          }
        }) {}

  std::shared_ptr<std::atomic<int>> signal_ = std::make_shared<std::atomic<int>>(0);
  std::jthread watching_;
};

bool lacks_files(const JsonArray& changes) {
  return std::ranges::any_of(changes, [](const Json& change) {
    return change.string_or("change") == "left_out" && change.string_or("type") == "file";
  });
}

void tell(const std::string& text) {
  std::fprintf(stderr, "lilux: %s\n", base::escape_line(text).c_str());
}

void tell_not_real(const JsonArray& changes, const std::string& kept) {
  std::string text = "nothing of what it changed is real";
  for (std::size_t i = 0; i < std::min(changes.size(), kToldChanges); ++i)
    text += (i == 0 ? ": " : ", ") + changes[i].string_or("change") + " " + changes[i].string_or("path");
  if (changes.size() > kToldChanges) text += " and " + std::to_string(changes.size() - kToldChanges) + " more";
  tell(text);
  if (kept.empty()) return;
  std::fprintf(
      stderr,
      "  hint: kept for a day: lilux call shell.commit --run %s, or forget it: lilux call shell.drop --run %s\n",
      kept.c_str(), kept.c_str());
}

Json schema_of(std::string_view tool) {
  const kernel::Tool* row = tools::find(tool);
  return row ? row->input_schema() : Json(JsonObject{});
}

}  // namespace

Result<Json> asked_envelope(const Common& common, std::string_view tool, Json arguments) {
  Json envelope = TRY(made_or_asked(common, tool, arguments));
  return tool == "item.run" ? with_answers(common, std::move(arguments), std::move(envelope)) : envelope;
}

Result<Json> call_quietly(std::string_view tool, Json arguments) {
  return envelope_of({.reason = std::string(tools::brain_tools::kLookedUp)}, tool, std::move(arguments));
}

bool is_at_terminal(const Common& common) {
  return !common.is_json && sys::is_terminal(0) && sys::is_terminal(2);
}

// Waits for the process and ends it when its time is up; the envelope of process.wait.
Result<Json> end_of(const Common& common, std::int64_t pid) {
  const Common waiting{.task = common.task, .timeout = common.timeout};
  while (true) {
    Json envelope =
        TRY(envelope_of(waiting, "process.wait", JsonObject{{"pid", pid}, {"limit", common.is_json ? kOutputMax : 0}}));
    const Json* output = envelope.find("output");
    if (!output || output->bool_or("finished")) return envelope;
    if (common.timeout) TRY(envelope_of({.task = common.task}, "process.kill", JsonObject{{"pid", pid}}));
  }
}

namespace {

// Makes real what it changed; the envelope of why not, when it is not.
Result<Json> settle(const Common& common, const Json& output) {
  if (const Json* problem = output.find("problem")) return Json(JsonObject{{"ok", false}, {"error", *problem}});
  const std::string run = output.string_or("run");
  if (run.empty()) return Json(JsonObject{{"ok", true}});
  if (lacks_files(list_of(output, "changes")))
    return Json(JsonObject{{"ok", false},
                           {"error", JsonObject{{"code", base::code_name(ErrorCode::over_budget)},
                                                {"message", "a part of what it changed is too large to be made real"},
                                                {"hint", "the rest waits for you"}}}});
  Common committing = common;
  committing.key.clear();  // it is the key of the call that started the program
  return asked_envelope(committing, "shell.commit", JsonObject{{"run", run}});
}

Result<int> drop(const Common& common, const Json& output, int signal) {
  if (const std::string run = output.string_or("run"); !run.empty())
    TRY(envelope_of({.task = common.task}, "shell.drop", JsonObject{{"run", run}}));
  tell("interrupted: the command was ended, and nothing of what it changed is real");
  return kSignalled + signal;
}

}  // namespace

// Prints what the program writes, makes real what it changed, and gives the exit code.
Result<int> see_through(const Common& common, const Json& spawned) {
  const std::int64_t pid = spawned.integer_or("pid");
  Followed out{.file = spawned.string_or("stdout_file"), .stream = stdout};
  Followed errors{.file = spawned.string_or("stderr_file"), .stream = stderr};
  Interruptions interruptions = TRY(Interruptions::watch(common.task, pid));
  Result<Json> ended = Json();
  if (common.is_json)
    ended = end_of(common, pid);
  else
    follow_while(out, errors, [&] { ended = end_of(common, pid); });
  const int interrupted = interruptions.end();
  Json envelope = TRY(std::move(ended));
  Json* output = envelope.as_object().find("output");
  if (!output) return print_envelope(envelope, common.is_json);
  if (interrupted != 0) return drop(common, *output, interrupted);
  const std::int64_t signal = output->integer_or("signal");
  const int code = static_cast<int>(signal > 0 ? kSignalled + signal : output->integer_or("exit_code"));
  const std::string reason = output->string_or("reason");
  if (!reason.empty() && !common.is_json) tell(reason);
  const JsonArray changes = list_of(*output, "changes");
  const std::string run = output->string_or("run");
  const bool is_half = common.timeout && signal > 0;  // which is nobody's wish
  const Json settled = is_half ? Json(JsonObject{}) : TRY(settle(common, *output));
  const bool is_real = settled.bool_or("ok");
  if (!run.empty() || output->find("problem")) output->as_object().set("committed", is_real);
  if (common.is_json) print_json(envelope);
  for (const Json& note : common.is_json ? JsonArray{} : list_of(*output, "notes"))
    tell(note.is_string() ? note.as_string() : "");
  if (is_real || (is_half && run.empty())) return code;
  const int refused = settled.find("error") ? print_envelope(settled, false) : 0;  // after the JSON, for people
  tell_not_real(changes, run);
  return code == 0 ? refused : code;
}

Result<kernel::CallRequest> request_of(const Common& common, std::string_view tool, Json arguments) {
  kernel::CallRequest request{.tool = std::string(tool),
                              .arguments = std::move(arguments),
                              .task = common.task,
                              .caller = own_caller(TRY(own_folders())),
                              .reason = common.reason,
                              .idempotency_key = common.key,
                              .timeout = common.timeout,
                              .is_answered_yes = common.is_yes};
  return request;
}

// Who makes a call again that was approved meanwhile is told what it gave then: not that something was done now.
void tell_when_earlier(const Json& envelope, std::int64_t begun_us) {
  const std::string call = envelope.string_or("call");
  const std::int64_t made_us = base::time_of_id(call);
  if (!envelope.bool_or("ok") || made_us == 0 || made_us + 1000 >= begun_us) return;  // ids tell milliseconds
  const std::string text =
      "lilux: this is what call " + call + " gave, of " + base::format_time(made_us) + "; it was not made again\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

Result<int> make_call(const Common& common, std::string_view tool, Json arguments, Show show,
                      std::string_view must_hold) {
  const std::int64_t begun_us = base::now_us();
  const Json envelope = TRY(asked_envelope(common, tool, std::move(arguments)));
  // Approving prints what the approved call gave, as its caller would have seen it.
  const Json* output = envelope.find("output");
  const Json* result = tool == "approval.answer" && output ? output->find("result") : nullptr;
  const int code = print_envelope(result ? *result : envelope, common.is_json, show);
  if (!common.is_json) tell_when_earlier(envelope, begun_us);
  return code == 0 && !must_hold.empty() && !output->bool_or(must_hold) ? kNotVerified : code;
}

Result<int> call_verb(std::span<const std::string_view> words) {
  if (words.empty())
    return fail(ErrorCode::invalid_argument, "which tool?",
                "lilux call fs.read --path README.md; `lilux help tools` lists them all");
  const Json schema = schema_of(words[0]);
  Command command = TRY(read_words(words.subspan(1), &schema));
  // Alone and an object, --args is all the arguments even for a tool that has a field of that name.
  if (command.words.size() == 2 && command.words[0] == "--args" && command.words[1].starts_with('{')) {
    command.common.arguments = command.words[1];
    command.words.clear();
  }
  if (command.common.arguments && !command.words.empty())
    return fail(ErrorCode::invalid_argument, "both --args and flags for fields are given", "use one of them");
  const bool is_known = schema.find("properties") != nullptr;
  Json arguments = command.common.arguments ? TRY(whole_arguments(*command.common.arguments))
                   : is_known ? TRY(arguments_from(schema, positional_of(schema), command.words, Prose::joined))
                              : Json(JsonObject{});
  const Verb* verb = checking_verb(words[0]);
  return make_call(command.common, words[0], std::move(arguments), verb && verb->shows_calls ? verb->show : shown,
                   verb ? verb->must_hold : std::string_view());
}

Result<int> table_verb(const Verb& verb, std::span<const std::string_view> words) {
  const Json schema = schema_of(verb.tool);
  const Command command = TRY(read_words(words, &schema));
  Json arguments = TRY(arguments_from(schema, verb.positional, command.words, Prose::joined));
  if (!verb.fixed.empty()) {
    const Json fixed = TRY(base::parse_json(verb.fixed));
    for (const auto& [key, value] : fixed.as_object()) arguments.as_object().set(key, value);
  }
  return make_call(command.common, verb.tool, std::move(arguments), verb.show, verb.must_hold);
}

Result<int> approve_verb(std::span<const std::string_view> words) {
  const Verb& verb = *find_verb("approve");
  const Json schema = schema_of(verb.tool);
  const Command command = TRY(read_words(words, &schema));
  const Common& common = command.common;
  if (!command.words.empty()) return table_verb(verb, words);
  if (!is_at_terminal(common)) return make_call(common, "approval.list", JsonObject{});
  const Json waiting = TRY(envelope_of(common, "approval.list", JsonObject{}));
  const Json* output = waiting.find("output");
  const Json* approvals = output ? output->find("approvals") : nullptr;
  if (!approvals || approvals->as_array().empty()) return print_envelope(waiting, false);
  for (const Json& approval : approvals->as_array()) {
    const auto answered = TRY(ask_person(maker_of(common), approval.string_or("call")));
    if (answered) print_envelope(answered->envelope, false);
  }
  return 0;
}

Result<int> kill_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  const bool is_pid = !command.words.empty() && command.words[0].find_first_not_of("0123456789") == std::string::npos;
  if (!is_pid) return table_verb(*find_verb("kill"), words);
  constexpr std::array<std::string_view, 1> kPid{"pid"};
  return table_verb({.tool = "process.kill", .positional = kPid}, words);
}

Result<int> resume_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  const bool has_task = !command.words.empty() && !command.words[0].starts_with('-');
  if (!has_task) return table_verb(*find_verb("resume"), words);
  constexpr std::array<std::string_view, 1> kTask{"task"};
  return table_verb({.tool = "task.resume", .positional = kTask}, words);
}

// Where the newest cannot be taken back, the one before it is not out of reach.
void name_next(const std::string& next, Json& envelope) {
  Json* error = envelope.as_object().find("error");
  if (!error || error->string_or("code") != base::code_name(ErrorCode::conflict)) return;
  const std::string hint = error->string_or("hint");
  error->as_object().set("hint", hint + (hint.empty() ? "" : "; ") + "the one before it: lilux undo " + next);
}

// What takes back more than one call is agreed to first, by somebody who was told how much that is.
Result<int> undo_many(const Verb& verb, const Command& command, const Json& arguments) {
  constexpr std::int64_t kCountedMax = 1000;
  const Common& common = command.common;
  Json looked_for = arguments;
  looked_for.as_object().set("limit", kCountedMax);
  const Common looking{.reason = std::string(tools::brain_tools::kLookedUp), .task = common.task};
  const Json envelope = TRY(envelope_of(looking, "undo.list", std::move(looked_for)));
  const Json* output = envelope.find("output");
  if (!output) return print_envelope(envelope, common.is_json);
  const JsonArray calls = list_of(*output, "calls");
  if (calls.size() > 1 && !common.is_yes) {
    const std::string many = std::to_string(calls.size()) + (calls.size() < kCountedMax ? "" : " or more") + " calls";
    const std::string newest = calls.front().string_or("tool") + ", " + calls.front().string_or("need");
    if (!is_at_terminal(common))
      return fail(ErrorCode::approval_required, "that would undo " + many + ", the newest of them " + newest,
                  "`lilux undo` with --yes does it; `lilux call undo.list` shows them");
    if (!agrees("Undo " + many + ", the newest of them " + base::escape_line(newest) + "?")) return kDenied;
  }
  return make_call(common, verb.tool, arguments, verb.show, verb.must_hold);
}

Result<int> undo_verb(std::span<const std::string_view> words) {
  const Verb& verb = *find_verb("undo");
  const Json schema = schema_of(verb.tool);
  const Command command = TRY(read_words(words, &schema));
  const Common& common = command.common;
  if (!command.words.empty() || common.arguments) {
    const Json arguments = TRY(arguments_from(schema, verb.positional, command.words));
    const bool is_many = !arguments.find("call") && (arguments.find("since") || arguments.find("task"));
    return is_many ? undo_many(verb, command, arguments) : table_verb(verb, words);
  }
  const Common looking{.reason = std::string(tools::brain_tools::kLookedUp), .task = common.task};
  const Json envelope = TRY(envelope_of(looking, "undo.list", JsonObject{{"work", true}, {"limit", 2}}));
  const Json* output = envelope.find("output");
  if (!output) return print_envelope(envelope, common.is_json);
  const JsonArray calls = list_of(*output, "calls");
  if (calls.empty()) return fail(ErrorCode::not_found, "there is nothing to undo", "`lilux logs` shows what was done");
  const std::string call = calls.front().string_or("call");
  const std::string what = calls.front().string_or("tool") + ", " + calls.front().string_or("need") + ", of " +
                           calls.front().string_or("time") + ", call " + call;
  const bool is_agreed = common.is_yes || (is_at_terminal(common) && agrees("Undo " + base::escape_line(what) + "?"));
  if (!is_agreed && is_at_terminal(common)) return kDenied;
  if (!is_agreed)
    return fail(ErrorCode::approval_required, "which call? the newest that can be undone is " + what,
                "lilux undo " + call + ", or lilux undo --yes");
  Json answer = TRY(asked_envelope(common, verb.tool, JsonObject{{"call", call}}));
  if (calls.size() > 1) name_next(calls[1].string_or("call"), answer);
  return print_envelope(answer, common.is_json, verb.show);
}

Result<int> run_command_verb(std::span<const std::string_view> words) {
  std::vector<std::string_view> all{"run"};
  all.insert(all.end(), words.begin(), words.end());
  const std::size_t own = count_own(all) - 1;
  Command command = TRY(read_words(words.first(own), nullptr));
  std::span<const std::string_view> program = words.subspan(own);
  if (!program.empty() && program[0] == "--") program = program.subspan(1);
  const bool is_unconfined = std::erase(command.words, "--unconfined") > 0;
  if (!command.words.empty() || command.common.arguments)
    return fail(ErrorCode::invalid_argument,
                "unknown flag '" + (command.words.empty() ? "--args" : command.words[0]) + "'", "lilux help run");
  if (program.empty()) return fail(ErrorCode::invalid_argument, "which command?", "lilux run make test");
  JsonArray arguments;
  for (const std::string_view word : program) {
    if (!base::is_utf8(word))  // on its way to the daemon it would become another text
      return fail(ErrorCode::invalid_argument, "'" + base::escape_for_terminal(word) + "' is not UTF-8",
                  "arguments are text");
    arguments.emplace_back(word);
  }
  Json name = std::move(arguments.front());
  arguments.erase(arguments.begin());
  JsonObject request{{"command", std::move(name)}, {"args", std::move(arguments)}};
  if (is_unconfined) request.set("unconfined", true);
  const Json spawned = TRY(asked_envelope(command.common, "process.spawn", std::move(request)));
  if (!spawned.bool_or("ok")) return print_envelope(spawned, command.common.is_json);
  return see_through(command.common, *spawned.find("output"));
}

Result<int> policy_test_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  if (command.words.empty())
    return fail(ErrorCode::invalid_argument, "which call?", "lilux policy test 'fs.read /etc/shadow'");
  std::string line;
  for (const std::string& word : command.words)
    line.append(line.empty() ? "" : " ").append(command.words.size() > 1 ? text::quote(word) : word);
  const std::size_t space = line.find(' ');
  const std::string tool = line.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
  const Json schema = schema_of(tool);
  Json arguments = JsonObject{};
  if (rest.starts_with('{')) {
    arguments = TRY(base::parse_json(rest));
  } else if (!rest.empty() && tools::find(tool)) {
    const auto parsed = text::simple_commands("x " + rest);
    std::vector<std::string> parts =
        parsed && parsed->size() == 1 ? parsed->front() : std::vector<std::string>{"x", rest};
    parts.erase(parts.begin());
    std::vector<std::string_view> positional = positional_of(schema);
    if (tool == "process.spawn") positional.push_back("args");
    arguments = TRY(arguments_from(schema, positional, parts));
  }
  return make_call(command.common, "policy.test", JsonObject{{"tool", tool}, {"arguments", std::move(arguments)}});
}

}  // namespace lilux::surface

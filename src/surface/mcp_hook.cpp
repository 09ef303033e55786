#include "surface/mcp_hook.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/encoding.h"
#include "kernel/trust.h"
#include "surface/arguments.h"
#include "surface/print.h"
#include "surface/session.h"
#include "sys/folders.h"
#include "sys/io.h"
#include "sys/path.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kInputBytesMax = std::size_t{64} << 20;
constexpr auto kPatience = std::chrono::seconds(20);  // for an answer; the client waits longer
constexpr std::size_t kNameMax = 200;
constexpr int kBlocked = 2;

// A tool of the client's and the one of ours that would do the same.
struct Twin {
  std::string_view name;
  std::string_view tool;
  std::string_view field;    // of the client's input that says on what
  std::string_view target;   // where it goes; empty for a command line
  bool is_optional = false;  // it works in the current folder without
  bool is_whole_tree = false;
};
constexpr std::array<Twin, 11> kTwins{{
    {"Bash", "process.spawn", "command", ""},
    {"Edit", "fs.edit", "file_path", "path"},
    {"Glob", "fs.search", "path", "directory", true, true},
    {"Grep", "fs.read", "path", "path", true, true},
    {"LS", "fs.list", "path", "path"},
    {"Monitor", "process.spawn", "command", ""},
    {"MultiEdit", "fs.edit", "file_path", "path"},
    {"NotebookEdit", "fs.edit", "notebook_path", "path"},
    {"NotebookRead", "fs.read", "notebook_path", "path"},
    {"Read", "fs.read", "file_path", "path"},
    {"Write", "fs.write", "file_path", "path"},
}};

std::unexpected<base::Error> unclear(const std::string& what) {
  return fail(ErrorCode::invalid_argument, "what the client says is not understood: " + what,
              "is this lilux older than the client? `lilux mcp install claude --hook` says how the hook is set up");
}

Result<std::string> text_of(const Json& object, std::string_view member) {
  const Json* found = object.find(member);
  if (!found || !found->is_string() || found->as_string().empty())
    return unclear("'" + std::string(member) + "' is no text");
  return found->as_string();
}

// A pattern that leads out of the folder it is given for.
bool leads_away(const Json& input) {
  const std::string pattern = input.string_or("pattern");
  return pattern.starts_with('/') || pattern.starts_with('~') || pattern.find("..") != std::string::npos;
}

std::string absolute(const std::string& path, const std::string& cwd) {
  const bool is_whole = path.starts_with('/') || path == "~" || path.starts_with("~/");
  return is_whole ? path : cwd + "/" + path;
}

// What it would be as a call of ours, without the content, which no rule looks at; nothing for what has no twin.
Result<JsonObject> twin_call(const std::string& name, const Json& input, const std::string& cwd) {
  const auto twin = std::ranges::find(kTwins, name, &Twin::name);
  if (twin == kTwins.end() || (name == "Glob" && leads_away(input))) return JsonObject();
  const bool is_here = twin->is_optional && !input.find(twin->field);
  const std::string target = is_here ? "." : TRY(text_of(input, twin->field));
  JsonObject arguments{{std::string(twin->target), absolute(target, cwd)}};
  if (twin->tool == "process.spawn")
    arguments = {{"command", "bash"}, {"args", JsonArray{"-c", target}}, {"cwd", cwd}, {"unconfined", true}};
  if (twin->tool == "fs.edit") arguments.set("old_text", "");
  if (twin->tool == "fs.write") arguments.set("content", "");
  if (twin->tool == "fs.search") arguments.set("pattern", "*");
  return JsonObject{{"tool", twin->tool}, {"arguments", std::move(arguments)}, {"whole_tree", twin->is_whole_tree}};
}

Result<kernel::CallRequest> request_of(const Json& said, std::stop_token cancel) {
  if (said.string_or("hook_event_name") != "PreToolUse") return unclear("'hook_event_name' is not PreToolUse");
  const std::string act = TRY(text_of(said, "tool_name"));
  const Json* input = said.find("tool_input");
  if (!input || !input->is_object()) return unclear("'tool_input' is no object");
  const std::string cwd = TRY(sys::resolve(TRY(text_of(said, "cwd")), "/", sys::Final::follow));
  JsonObject arguments = TRY(twin_call(act, *input, cwd));
  arguments.set("client", "claude");
  arguments.set("session", base::clipped(said.string_or("session_id"), kNameMax));
  arguments.set("act", base::clipped(act, kNameMax));
  const kernel::Folders folders = TRY(own_folders());
  kernel::CallRequest request{.tool = "policy.judge",
                              .arguments = std::move(arguments),
                              .caller = own_caller(folders),
                              .cancel = std::move(cancel)};
  if (request.caller.principal == policy::Principal::terminal) request.caller.principal = policy::Principal::mcp;
  // The project is the one the client was started in: where its agent goes is that agent's own choice.
  const auto started_in = sys::environment_variable("CLAUDE_PROJECT_DIR");
  const bool is_told = started_in && started_in->starts_with('/');
  request.caller.cwd = is_told ? TRY(sys::resolve(*started_in, "/", sys::Final::follow)) : cwd;
  request.caller.project = kernel::project_of(request.caller.cwd, folders.home);
  if (const std::string reason = input->string_or("description"); !reason.empty())
    request.reason = base::clipped(reason, kernel::kReasonMax);
  return request;
}

// A kernel that does not answer is given up.
Result<Json> answer_to(const Json& said) {
  std::stop_source given_up;
  std::jthread late([&given_up](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any answered;
    if (!answered.wait_for(lock, stop, kPatience, [] { return false; }) && !stop.stop_requested())
      given_up.request_stop();
  });
  const kernel::CallRequest request = TRY(request_of(said, given_up.get_token()));
  Session session = TRY(Session::open(Session::Want::daemon));
  return session.call(request);
}

std::string reason_of(const std::string& decision, const Json& envelope) {
  const Json& output = *envelope.find("output");
  const std::string reason = output.string_or("reason");
  std::string text = "Lilux says " + decision + (reason.empty() ? "" : ": " + reason) + " (" +
                     output.string_or("rule") + "; lilux why " + envelope.string_or("call") + ")";
  const std::string fix = output.string_or("fix");
  if (decision != "allow" && !fix.empty()) text += "; a person changes that for good by: " + fix;
  return text;
}

Result<Json> judged(const Json& envelope) {
  const Json* output = envelope.find("output");
  if (!output) {
    const Json* error = envelope.find("error");
    if (!error) return unclear("the kernel's answer");
    return std::unexpected(base::Error{.code = ErrorCode::denied,
                                       .message = error->string_or("message"),
                                       .hint = error->string_or("hint"),
                                       .rule = error->string_or("rule")});
  }
  const std::string decision = output->string_or("decision");
  if (decision != "allow" && decision != "ask" && decision != "deny") return unclear("the kernel's answer");
  return Json(
      JsonObject{{"hookSpecificOutput", JsonObject{{"hookEventName", "PreToolUse"},
                                                   {"permissionDecision", decision},
                                                   {"permissionDecisionReason", reason_of(decision, envelope)}}}});
}

Result<Json> hook() {
  const std::string text = TRY(sys::read_all(0, kInputBytesMax, "standard input"));
  Result<Json> said = base::parse_json(text);
  if (!said) return unclear(said.error().message);
  return judged(TRY(answer_to(*said)));
}

}  // namespace

Result<int> mcp_hook_verb(std::span<const std::string_view> words) {
  const Command command = TRY(only_words("mcp hook", words, 1));
  if (command.words != std::vector<std::string>{"claude"})
    return fail(ErrorCode::invalid_argument, "for which client?", "lilux mcp hook claude");
  const Result<Json> answer = hook();
  if (answer) {
    print(base::to_text(*answer) + "\n");
    return 0;
  }
  base::Error error = answer.error();
  error.message = "Lilux blocks this: " + error.message;
  print_envelope(kernel::envelope({.call = {}, .output = std::unexpected(std::move(error))}), false);
  return kBlocked;
}

}  // namespace lilux::surface

#include "tools/item_run_script.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <iterator>

#include "base/encoding.h"
#include "base/hash.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "tools/confined.h"
#include "tools/directive_rights.h"
#include "tools/fs_common.h"
#include "tools/run_rights.h"
#include "tools/script.h"
#include "tools/script_denied.h"
#include "tools/script_environment.h"
#include "tools/script_packages.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using policy::Verb;

namespace {

constexpr std::size_t kLogLinesMax = 500;

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
std::string failure_of(const Json& output, const std::string& project, const item::Script& script) {
  if (output.bool_or("timed_out")) return "It was ended: its time was up";
  if (const std::string reason = output.string_or("reason"); !reason.empty()) return "It was ended: " + reason;
  if (!output.find("exit_code")) return "It was ended by signal " + std::to_string(output.integer_or("signal"));
  const auto missing = missing_package(output.string_or("stderr"), project, script.dependencies);
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

// The environment of Python that it is run with; empty: the system's, or none.
Result<std::string> venv_of(const CallContext& call, const item::Script& script, const FoundItem& found) {
  if (script.language != item::ScriptLanguage::python) return std::string();
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

std::string word_of(const Json& value) {
  return value.is_string() ? value.as_string() : base::to_text(value);
}

constexpr std::int64_t kCountMax = 100;  // of one flag

// Each value behind its flag; of a yes or no the flag alone, and of a count the flag so many times.
void add_flagged(const item::Input& input, const Json& value, JsonArray& words) {
  const std::string flag = input.flag.empty() ? script::flag_of(input.name) : input.flag;
  if (value == Json(false) && !input.no_flag.empty()) words.emplace_back(input.no_flag);
  if (value.is_null() || value == Json(false)) return;
  if (value.is_bool()) return words.push_back(flag);
  if (input.is_counted && value.is_integer()) {
    for (std::int64_t i = 0; i < std::min(value.as_integer(), kCountMax); ++i) words.emplace_back(flag);
    return;
  }
  for (const Json& one : value.is_array() ? value.as_array() : JsonArray{value}) {
    words.emplace_back(flag);
    words.emplace_back(word_of(one));
  }
}

// Those that are given in words, which are then no longer among `named`: first what has a flag of its own, then what
// has no name, then lists that stand behind one name. Before what has no name such a list would take it in.
JsonArray words_of(const std::vector<item::Input>& inputs, JsonObject& named) {
  JsonArray flagged;
  JsonArray unnamed;
  JsonArray together;
  for (const item::Input& input : inputs) {
    const bool is_worded =
        input.is_positional || input.is_together || input.is_counted || !input.flag.empty() || !input.no_flag.empty();
    const Json* value = is_worded ? named.find(input.name) : nullptr;
    const bool is_list = value && input.is_together && value->is_array();
    if (!value || (input.is_together && !is_list && input.flag.empty())) continue;
    if (!input.is_positional && !is_list) {
      add_flagged(input, *value, flagged);
    } else {
      JsonArray& words = is_list ? together : unnamed;
      if (is_list) words.emplace_back(input.flag.empty() ? script::flag_of(input.name) : input.flag);
      for (const Json& one : value->is_array() ? value->as_array() : JsonArray{*value})
        words.emplace_back(word_of(one));
    }
    named.erase(input.name);
  }
  std::ranges::move(unnamed, std::back_inserter(flagged));
  std::ranges::move(together, std::back_inserter(flagged));
  return flagged;
}

// Of what it imports: what lies beside it, in lib or in the folder of scripts, and is no package.
bool is_beside(const std::string& folder, const std::string& module) {
  const std::string lib = folder + "/lib";
  if (module == "lib") return sys::lstat(lib).has_value();
  for (const std::string& place : {lib + "/" + module, folder + "/" + module})
    if (sys::lstat(place + ".py") || sys::lstat(place + "/__init__.py")) return true;
  return false;
}

}  // namespace

Result<RunResponse> script_run(CallContext& call, const Ready& ready) {
  const auto& script = std::get<item::Script>(ready.read.item.detail);
  JsonObject named = ready.inputs;
  JsonArray words = words_of(ready.read.item.inputs, named);
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
    response.instructions = failure_of(output, call.caller().project, script);
  }
  if (const Json* data = output.find("data")) response.data = *data;
  response.logs.emplace();
  const Json lines = lines_of(output.string_or("stderr"));
  for (const Json& line : lines.as_array())
    if (response.logs->size() < kLogLinesMax) response.logs->push_back(line.as_string());
  response.metadata = JsonObject{{"output_file", output.string_or("output_file")},
                                 {"output_saved", output.find("output_file") != nullptr},
                                 {"duration_sec", took.count()},
                                 {"venv", TRY(venv_of(call, script, ready.found))},
                                 {"response_truncated", output.bool_or("is_cut")},
                                 {"committed", output.bool_or("committed")},
                                 {"tier", output.string_or("tier")}};
  if (!response.succeeded && !warning && !rights.empty())
    warning = TRY(what_was_unseen(call, script, path, rights, output.string_or("stderr")));
  response.warning = std::move(warning);
  if (const Json* next = output.find("next")) response.warning = next->as_string();
  return response;
}

Result<RunResponse> checked(const CallContext& call, const Ready& ready) {
  RunResponse response = begun(ready, "validation_passed");
  response.inputs = rows_of(ready.read.item.inputs);
  response.path = path_of(ready.found);
  response.message = "It is sound and its inputs fit; nothing was run";
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
  if (!response.dependencies->empty())
    *response.message += script->are_dependencies_declared ? "; its packages are locked and there"
                                                           : "; what it imports is looked for when it runs";
  response.venv = TRY(venv_of(call, *script, ready.found));
  return response;
}

}  // namespace lilux::tools::item_tools

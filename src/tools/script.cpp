// script.run: a script with named parameters, as a command in the sandbox; what it wrote is read as JSON where it is.

#include "tools/script.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/place.h"
#include "text/shell.h"
#include "tools/fs_common.h"
#include "tools/run_rights.h"
#include "tools/script_environment.h"

namespace lilux::tools::script {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using kernel::Final;
using policy::Risk;
using shell::RunResponse;

namespace {

constexpr std::int64_t kSecondsDefault = 300;
constexpr std::int64_t kSecondsMax = 1800;
constexpr std::int64_t kOutputBytes = 1024 * 1024;
constexpr std::size_t kSavedFrom = 10 * 1024;
constexpr std::size_t kSavedKept = 10;
constexpr std::size_t kItemsMax = 500;
constexpr std::size_t kTextMax = 5000;  // characters
constexpr std::size_t kFirstLine = 256;
constexpr std::size_t kFileBytesMax = std::size_t{4} << 20;  // of one that has to be as it was

struct Ending {
  std::string_view suffix;
  Language language;
};
constexpr auto kEndings = std::to_array<Ending>({{".bash", Language::shell},
                                                 {".cjs", Language::javascript},
                                                 {".js", Language::javascript},
                                                 {".mjs", Language::javascript},
                                                 {".py", Language::python},
                                                 {".sh", Language::shell}});
// Of a first line that begins with #!.
constexpr auto kInterpreters =
    std::to_array<Ending>({{"node", Language::javascript}, {"python", Language::python}, {"sh", Language::shell}});

// What the sandbox would not show is not looked at for it either: not even whether it is there is told.
Result<void> check_shown(const CallContext& call, const std::string& file) {
  const std::string& project = call.caller().project;
  const bool is_inside = !project.empty() && sys::is_beneath(file, project);
  if (is_inside && !TRY(Sight::of(call)).is_denied(file)) return {};
  return fail(ErrorCode::denied, sys::quoted(file) + " is nothing that a script in the sandbox sees",
              "it sees what may be read of the project: `lilux policy list`");
}

Result<Language> language_of(const CallContext& call, const std::string& file) {
  for (const Ending& ending : kEndings) {
    if (file.ends_with(ending.suffix)) return ending.language;
  }
  TRY(check_shown(call, file));
  const sys::Fd fd = TRY(sys::open_regular(TRY(sys::open_parent(file))));
  const std::string start = TRY(sys::read_at(fd.get(), 0, kFirstLine, file));
  const std::string_view first = std::string_view(start).substr(0, start.find('\n'));
  for (const Ending& interpreter : kInterpreters) {
    if (first.starts_with("#!") && first.find(interpreter.suffix) != std::string_view::npos)
      return interpreter.language;
  }
  return fail(ErrorCode::invalid_argument, "nothing says what language " + sys::quoted(file) + " is in",
              "give 'language': python, shell or javascript");
}

// What runs it: of Python the environment of the user or the project, where there is one.
Result<PythonEnvironment> interpreter_of(const CallContext& call, const RunRequest& request, Language language) {
  if (language == Language::shell) return PythonEnvironment{.interpreter = "bash", .shown = {}};
  if (language == Language::javascript) return PythonEnvironment{.interpreter = "node", .shown = {}};
  std::vector<std::string> folders{project_scripts(call)};
  if (request.of_user.value_or(false)) folders.insert(folders.begin(), TRY(user_scripts(call)));
  for (const std::string& folder : folders) {
    if (folder.empty()) continue;
    if (std::optional<PythonEnvironment> found = TRY(environment_in(call, folder))) return *std::move(found);
  }
  return PythonEnvironment{.interpreter = "python3", .shown = {}};
}

Result<std::string> text_of(const std::string& name, const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_number() || value.is_object()) return base::to_text(value);
  const std::string what = value.is_null() ? "null" : value.is_bool() ? base::to_text(value) : "a list";
  return fail(ErrorCode::invalid_argument, "parameter " + sys::quoted(name) + " has " + what + " in its list",
              "a list holds texts, numbers and objects; true, false and null stand alone");
}

// --kebab-case value
Result<void> add_parameter(const std::string& name, const Json& value, std::vector<std::string>& words) {
  if (name.empty() || name.find_first_of(std::string_view("= \t\n\0", 5)) != std::string::npos || name.starts_with('-'))
    return fail(ErrorCode::invalid_argument, sys::quoted(name) + " is no name of a parameter", "letters, digits and _");
  std::string flag = flag_of(name);
  if (value.is_null() || (value.is_bool() && !value.as_bool())) return {};
  if (value.is_bool()) return words.push_back(std::move(flag)), Result<void>();
  for (const Json& one : value.is_array() ? value.as_array() : JsonArray{value}) {
    words.push_back(flag);
    words.push_back(TRY(text_of(name, one)));
  }
  return {};
}

JsonObject parameters_of(const RunRequest& request) {
  return request.parameters && request.parameters->is_object() ? request.parameters->as_object() : JsonObject{};
}

// What the parameters that begin with an underscore say.
struct Control {
  std::optional<std::int64_t> seconds;
  bool is_saved = true;
  std::string file;
  std::vector<std::string> words;
};

Result<void> add_words(const Json& list, std::vector<std::string>& words) {
  for (const Json& one : list.as_array()) words.push_back(TRY(text_of("_args", one)));
  return {};
}

Result<Control> control_of(const RunRequest& request) {
  Control made{.seconds = request.timeout};
  for (const auto& [name, value] : parameters_of(request)) {
    if (!name.starts_with('_')) continue;
    if (name == "_timeout" && value.is_integer() && value.as_integer() > 0 && value.as_integer() <= kSecondsMax)
      made.seconds = value.as_integer();
    else if (name == "_save_output" && value.is_bool())
      made.is_saved = value.as_bool();
    else if (name == "_output_file" && value.is_string() && !value.as_string().empty())
      made.file = value.as_string();
    else if (name == "_args" && value.is_array())
      TRY(add_words(value, made.words));
    else
      return fail(
          ErrorCode::invalid_argument, "parameter " + sys::quoted(std::string(name)) + " is none of ours",
          "_timeout: seconds up to 1800; _save_output: true or false; _output_file: a path; _args: a list of words");
  }
  if (!made.seconds) made.seconds = kSecondsDefault;
  return made;
}

// The file, and how it is run.
struct Script {
  std::string file;  // empty for code
  Command command;
  std::vector<sandbox::Tree> shown;  // what it is run by, where that lies elsewhere
  std::string modules;               // a folder of the user's with more of them; empty for none
};

// The scripts of the user, where all of them may be read.
Result<std::string> modules_of_user(const CallContext& call, const RunRequest& request) {
  const std::string folder = TRY(user_scripts(call));
  const policy::Need reads{.verb = policy::Verb::read, .resource = "fs", .target = folder};
  const Sight sight = TRY(Sight::of(call));
  bool is_open = sys::exists(folder) && sight.decide(reads).effect == policy::Effect::allow;
  if (is_open && request.rights)
    is_open =
        TRY(RunRights::parse(*request.rights, call.caller().project, call.kernel().folders().home)).shows_all(folder);
  return is_open && !sight.may_deny_below(reads) ? folder : std::string();
}

Result<Script> script_of(const CallContext& call, const RunRequest& request) {
  if (request.path.has_value() == request.code.has_value())
    return fail(ErrorCode::invalid_argument, "give either 'path' or 'code'", "path: a file; code: the script itself");
  if (request.parameters && !request.parameters->is_object())
    return fail(ErrorCode::invalid_argument, "field 'parameters' is no object", "{\"name\": value, ...}");
  if (request.code && !request.language)
    return fail(ErrorCode::invalid_argument, "field 'language' is missing", "python, shell or javascript");
  Script made;
  if (request.path) made.file = TRY(call.resolve(*request.path, Final::follow));
  const Language language = request.language ? *request.language : TRY(language_of(call, made.file));
  PythonEnvironment environment = TRY(interpreter_of(call, request, language));
  made.shown = std::move(environment.shown);
  if (language == Language::python && !call.caller().project.empty())
    made.modules = TRY(modules_of_user(call, request));
  if (!made.modules.empty()) made.shown.push_back({.path = made.modules});
  std::vector<std::string> words{std::move(environment.interpreter)};
  if (request.path) {
    words.push_back(made.file);
  } else {
    words.emplace_back(language == Language::javascript ? "-e" : "-c");
    words.push_back(*request.code);
    if (language == Language::shell) words.emplace_back("script");  // $0
    if (language == Language::javascript) words.emplace_back("--");
  }
  for (const auto& [name, value] : parameters_of(request)) {
    if (!name.starts_with('_')) TRY(add_parameter(name, value, words));
  }
  if (request.args) words.insert(words.end(), request.args->begin(), request.args->end());
  const Control control = TRY(control_of(request));
  words.insert(words.end(), control.words.begin(), control.words.end());
  made.command = TRY(
      confined_command(call, std::move(words), request.path ? std::optional(sys::parent_of(made.file)) : std::nullopt));
  return made;
}

// What was judged is what runs.
Result<KeptTo> kept_to_of(const CallContext& call, const RunRequest& request, const Script& script) {
  KeptTo made{.rights = request.rights, .shown = script.shown};
  if (!request.sha256 || script.file.empty()) return made;
  TRY(check_shown(call, script.file));
  made.file = script.file;
  made.text = TRY(read_regular(script.file, kFileBytesMax));
  if (base::to_hex(base::sha256(made.text)) == *request.sha256) return made;
  return fail(ErrorCode::conflict, sys::quoted(script.file) + " is not as it was when it was looked at",
              "look at it, and make the call again");
}

Variables variables_of(const CallContext& call, const RunRequest& request, const Script& script) {
  Variables made = request.env.value_or(Variables{});
  std::string modules = call.caller().project + "/.ai/scripts";
  if (!script.file.empty()) modules += ":" + sys::parent_of(script.file);
  if (!script.modules.empty()) modules += ":" + script.modules;
  if (!call.caller().project.empty()) made.emplace("PYTHONPATH", modules);
  made.emplace("PYTHONDONTWRITEBYTECODE", "1");  // what Python keeps of modules is no work of the script's
  return made;
}

// The beginning of a text, so many characters at most.
std::string_view beginning_of(std::string_view text, std::size_t characters) {
  std::size_t end = 0;
  for (; characters != 0 && end < text.size(); --characters)
    end += std::max<std::size_t>(1, base::utf8_length(text.substr(end)));
  return text.substr(0, end);
}

// A part of what is too much to be told.
Json cut(const Json& value, int depth = 0) {
  constexpr int kDepthMax = 60;
  if (depth > kDepthMax) return nullptr;
  if (value.is_string() && value.as_string().size() > kTextMax)
    return std::string(beginning_of(value.as_string(), kTextMax));
  if (value.is_array()) {
    JsonArray made;
    for (const Json& one : value.as_array()) {
      if (made.size() < kItemsMax) made.push_back(cut(one, depth + 1));
    }
    return made;
  }
  if (!value.is_object()) return value;
  std::vector<JsonObject::Member> members;
  members.reserve(value.as_object().size());
  for (const auto& [name, one] : value.as_object()) members.emplace_back(name, cut(one, depth + 1));
  return JsonObject::from_unique(std::move(members));
}

void set_data(RunResponse& response) {
  Result<Json> parsed = base::parse_json(response.standard_output);
  const bool is_object = parsed && parsed->is_object() && response.stdout_bytes <= kOutputBytes;
  const Json whole = is_object ? std::move(*parsed) : Json(JsonObject{{"output", response.standard_output}});
  response.data = cut(whole);
  if (response.stdout_bytes > kOutputBytes || !(*response.data == whole)) response.is_cut = true;
}

// Large outputs stay in the project, the newest of each script, or where the caller wants them.
Result<void> save(CallContext& call, const Control& control, const Script& script, RunResponse& response) {
  const std::string name = sys::name_of(script.file);
  const std::string stem = name.substr(0, name.rfind('.'));
  const bool has_folder = !stem.empty() && !stem.starts_with('.');
  const bool is_large = response.standard_output.size() >= kSavedFrom && has_folder;
  const bool is_wanted = !control.file.empty() || (control.is_saved && is_large);
  if (!is_wanted || call.caller().project.empty()) return {};
  const std::string folder = call.caller().project + "/.ai/outputs/scripts/" + stem;
  const std::string file = control.file.empty() ? folder + "/" + call.call() + ".txt" : control.file;
  if (control.file.empty()) {
    if (!sys::lstat(folder)) TRY(call.call_tool("fs.mkdir", JsonObject{{"path", folder}, {"recursive", true}}));
    std::vector<std::string> saved;
    for (const sys::Entry& entry : TRY(sys::list_directory(folder))) {
      if (base::is_id(entry.name.substr(0, entry.name.rfind('.')), 'c')) saved.push_back(entry.name);
    }
    std::ranges::sort(saved);  // ids sort by age
    for (std::size_t i = 0; i + kSavedKept <= saved.size(); ++i)
      TRY(call.call_tool("fs.delete", JsonObject{{"path", folder + "/" + saved[i]}}));
  }
  TRY(call.call_tool("fs.write", JsonObject{{"path", file}, {"content", response.standard_output}}));
  response.output_file = file;
  return {};
}

}  // namespace

std::string flag_of(const std::string& name) {
  std::string flag = "--" + name;
  std::ranges::replace(flag, '_', '-');
  return flag;
}

Result<Assessment> assess_run(const CallContext& call, const RunRequest& request) {
  const Script script = TRY(script_of(call, request));
  TRY(check_variables(call, variables_of(call, request, script)));
  TRY(control_of(request));
  TRY(kept_to_of(call, request, script));
  if (request.rights) TRY(RunRights::parse(*request.rights, call.caller().project, call.kernel().folders().home));
  Assessment made{.risk = Risk::low};
  TRY(need_sandbox(call, script.command, text::join(script.command.words), made));
  return made;
}

Result<RunResponse> run(CallContext& call, const RunRequest& request) {
  const Script script = TRY(script_of(call, request));
  const Control control = TRY(control_of(request));
  RunResponse response = TRY(shell::run_command(call, script.command, variables_of(call, request, script),
                                                {.input = request.stdin_text,
                                                 .seconds = control.seconds,
                                                 .output_bytes = kOutputBytes,
                                                 .is_preview = request.preview.value_or(false),
                                                 .kept_to = TRY(kept_to_of(call, request, script))}));
  set_data(response);
  if (!request.preview.value_or(false)) {
    const Result<void> saved = save(call, control, script, response);
    if (!saved && !response.next) response.next = "its output is not kept: " + saved.error().message;
  }
  constexpr std::size_t kShown = 64 * 1024;
  if (response.standard_output.size() > kShown)
    response.standard_output.erase(0, response.standard_output.size() - kShown);
  return response;
}

}  // namespace lilux::tools::script

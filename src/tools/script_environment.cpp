#include "tools/script_environment.h"

#include <algorithm>
#include <utility>

#include "kernel/kernel.h"
#include "policy/policy.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "text/shell.h"
#include "tools/volumes.h"

namespace lilux::tools::script {

using base::ErrorCode;
using base::fail;
using base::Result;
using kernel::CallContext;

namespace {

constexpr std::size_t kSettingsBytesMax = 16 * 1024;

// What pyvenv.cfg says of the folder of the Python that it was made with; empty when it says nothing.
std::string home_in(const std::string& settings) {
  for (std::size_t from = 0; from < settings.size();) {
    const std::size_t end = std::min(settings.find('\n', from), settings.size());
    const std::string line = settings.substr(from, end - from);
    from = end + 1;
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || line.substr(0, line.find_first_of(" =")) != "home") continue;
    const std::size_t begin = line.find_first_not_of(" \t", equals + 1);
    if (begin != std::string::npos) return line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
  }
  return {};
}

bool is_of_system(const std::string& path) {
  return std::ranges::any_of(sandbox::system_trees(), [&](const char* tree) { return sys::is_beneath(path, tree); });
}

// A folder with bin/python3 and a standard library.
bool is_installation(const std::string& folder) {
  if (!sys::lstat(folder + "/bin/python3")) return false;
  const auto libraries = sys::list_directory(folder + "/lib");
  return libraries && std::ranges::any_of(*libraries, [&](const sys::Entry& entry) {
           return entry.name.starts_with("python3") && sys::lstat(folder + "/lib/" + entry.name + "/os.py");
         });
}

// Why it may not be shown; empty when it may.
Result<std::string> refusal(const CallContext& call, const std::string& folder) {
  const kernel::Folders& folders = call.kernel().folders();
  for (const std::string& inner : {folders.home, folders.state.string(), folders.config.string()})
    if (sys::is_beneath(inner, folder)) return "holds more than a Python";
  if (!sys::lstat(folder)) return std::string("is not there");
  if (!is_installation(folder)) return std::string("is no installation of Python");
  const auto rules = TRY(call.kernel().rules(call.caller().project));
  const policy::Need need{.verb = policy::Verb::read, .resource = "fs", .target = folder};
  const policy::Question question{.tool = "script.run", .needs = {&need, 1}, .who = call.caller().principal};
  const policy::Decision decision = rules->decide(question);
  if (decision.effect == policy::Effect::deny) return "may not be read, by rule '" + decision.rule + "'";
  const auto below = rules->restrictions_below(question, need);
  if (!below.empty()) return "may not be read as a whole, by rule '" + below.front().id + "'";
  return std::string();
}

// Its programs and its library, at the place that is named and at the one where it really is.
std::vector<sandbox::Tree> trees_of(const std::string& named, const std::string& real) {
  std::vector<sandbox::Tree> trees;
  for (const std::string part : {"/bin", "/lib"}) {
    trees.push_back({.path = real + part});
    if (named != real) trees.push_back({.path = named + part, .stand_in = real + part});
  }
  return trees;
}

std::string made_anew(const std::string& folder) {
  return "make it anew with the system's: " +
         text::join(std::vector<std::string>{"/usr/bin/python3", "-m", "venv", "--clear", folder});
}

// What of the Python that an environment was made with is shown, where that is not the system's.
Result<std::vector<sandbox::Tree>> python_of(const CallContext& call, const std::string& folder) {
  const Result<std::string> settings = sys::read_file(folder + "/pyvenv.cfg", kSettingsBytesMax);
  const std::string home = settings ? home_in(*settings) : std::string();
  if (!home.starts_with('/') || is_of_system(home)) return std::vector<sandbox::Tree>{};
  const std::string named = sys::parent_of(home);
  const Result<std::string> real = sys::resolve(named, "/", sys::Final::follow);
  const std::string base = real ? *real : named;
  if (is_of_system(base)) return std::vector<sandbox::Tree>{};
  const std::string why = TRY(refusal(call, base));
  if (why.empty()) return trees_of(named, base);
  return fail(
      ErrorCode::unavailable,
      sys::quoted(folder) + " cannot be used: the Python that it was made with, " + sys::quoted(base) + ", " + why,
      made_anew(folder));
}

// A Python that is gone, or has become another one than the packages were installed for.
Result<void> check_interpreter(const std::string& folder) {
  const std::string interpreter = folder + "/bin/python";
  const Result<std::string> real = sys::resolve(interpreter, "/", sys::Final::follow);
  if (!real || !sys::lstat(*real))
    return fail(ErrorCode::unavailable,
                sys::quoted(folder) + " cannot be used: its Python, " + sys::quoted(real ? *real : interpreter) +
                    ", is not there",
                made_anew(folder));
  const std::string version = python_version(interpreter);
  const auto libraries = sys::list_directory(folder + "/lib");
  if (version.empty() || !libraries || sys::lstat(folder + "/lib/python" + version)) return {};
  const auto other =
      std::ranges::find_if(*libraries, [](const sys::Entry& entry) { return entry.name.starts_with("python3."); });
  if (other == libraries->end()) return {};
  return fail(ErrorCode::unavailable,
              sys::quoted(folder) + " cannot be used: its packages are for " + other->name +
                  ", and its Python has become " + version + ", which does not see them",
              made_anew(folder) + ", and install them again");
}

}  // namespace

std::string python_version(const std::string& interpreter) {
  const Result<std::string> real = sys::resolve(interpreter, "/", sys::Final::follow);
  constexpr std::string_view kProgram = "python";
  const std::string name = real && sys::lstat(*real) ? sys::name_of(*real) : std::string();
  const bool has_version = name.starts_with(kProgram) && name.contains('.') &&
                           name.find_first_not_of("0123456789.", kProgram.size()) == std::string::npos;
  return has_version ? name.substr(kProgram.size()) : std::string();
}

Result<std::optional<PythonEnvironment>> environment_in(const CallContext& call, const std::string& scripts) {
  const std::string folder = scripts + "/.venv";
  PythonEnvironment made{.interpreter = folder + "/bin/python", .shown = {}};
  if (!sys::lstat(folder)) return std::optional<PythonEnvironment>();
  const bool is_beside = sys::is_beneath(folder, call.caller().project);
  if (!is_beside) made.shown.push_back({.path = folder});
  for (sandbox::Tree& tree : TRY(python_of(call, folder))) made.shown.push_back(std::move(tree));
  TRY(check_interpreter(folder));
  return std::optional(std::move(made));
}

std::string project_scripts(const CallContext& call) {
  return call.caller().project.empty() ? std::string() : call.caller().project + "/.ai/scripts";
}

Result<std::string> user_scripts(const CallContext& call) {
  const Volumes volumes = TRY(Volumes::of(call));
  return TRY(volumes.named("user"))->place().folder + "/scripts";
}

}  // namespace lilux::tools::script

#include "tools/script_packages.h"

#include <algorithm>

#include <fcntl.h>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "text/shell.h"
#include "tools/script_environment.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Result;
using item::Dependency;

namespace {

constexpr std::size_t kLockBytesMax = std::size_t{1} << 20;
constexpr std::size_t kMetadataBytes = 16 * 1024;  // its head

std::vector<Dependency> installed_in(const std::string& environment) {
  std::vector<Dependency> made;
  const auto versions = sys::list_directory(environment + "/lib");
  for (const sys::Entry& python : versions ? *versions : std::vector<sys::Entry>()) {
    const std::string folder = environment + "/lib/" + python.name + "/site-packages";
    const auto entries = sys::list_directory(folder);
    for (const sys::Entry& entry : entries ? *entries : std::vector<sys::Entry>()) {
      if (!entry.name.ends_with(".dist-info")) continue;
      const std::string file = folder + "/" + entry.name + "/METADATA";
      const Result<sys::Fd> fd = sys::open(file, O_RDONLY | O_NONBLOCK);
      const Result<std::string> head = fd ? sys::read_at(fd->get(), 0, kMetadataBytes, file) : std::string();
      if (auto one = head ? item::installed_from(*head) : std::nullopt) made.push_back(std::move(*one));
    }
  }
  return made;
}

// As a shell takes them.
std::string line(const std::vector<std::string>& words) {
  return text::join(words);
}

// Of the project's own environment, and what makes that when it is not there yet.
std::string pip_of(const std::string& folder) {
  return line({folder + "/.venv/bin/python", "-m", "pip"});
}
std::string made_with(const std::string& folder) {
  return sys::lstat(folder + "/.venv") ? "" : line({"python3", "-m", "venv", folder + "/.venv"}) + " && ";
}

std::string words_of(const std::vector<Dependency>& packages) {
  std::vector<std::string> made;
  for (const Dependency& one : packages) made.push_back(one.package + (one.version.empty() ? "" : "==" + one.version));
  return line(made);
}

std::string in_words(const item::Mismatch& one) {
  return one.locked.package + " " + one.locked.version +
         (one.installed.empty() ? " is not" : " is " + one.installed + " there");
}

// The Python that it would be run with is one that it asks for.
Result<void> check_python(const std::string& wanted, const std::string& folder) {
  const std::string own = folder + "/.venv/bin/python";
  const std::string interpreter = !folder.empty() && sys::lstat(own) ? own : "/usr/bin/python3";
  const std::string version = script::python_version(interpreter);
  if (version.empty() || item::suits_python(wanted, version)) return {};
  return fail(ErrorCode::unavailable,
              "the script needs Python " + wanted + ", and " + sys::quoted(interpreter) + " is " + version,
              folder.empty()
                  ? "change 'requires-python' in its head"
                  : "make an environment with another one: python3.X -m venv --clear " + line({folder + "/.venv"}));
}

}  // namespace

Result<void> check_packages(const item::Script& script, const std::string& folder) {
  if (script.language == item::ScriptLanguage::python) TRY(check_python(script.requires_python, folder));
  const std::string file = folder + "/requirements.lock";
  const bool needs_any = script.language == item::ScriptLanguage::python && !script.dependencies.empty();
  const bool is_locked = sys::lstat(file).has_value();
  if (folder.empty() || !needs_any || (!is_locked && !script.are_dependencies_declared)) return {};
  const Result<std::vector<Dependency>> read =
      item::parse_lock(is_locked ? TRY(sys::read_file(file, kLockBytesMax)) : std::string());
  if (!read) return base::in_context(base::Error(read.error()), sys::quoted(file));
  const std::vector<Dependency>& lock = *read;
  const std::vector<Dependency> open = item::not_locked(script.dependencies, lock);
  const bool uses_locked = open.size() < script.dependencies.size();
  const std::string pip = pip_of(folder);
  const std::string locked = line({file});
  if (script.are_dependencies_declared && !open.empty())
    return fail(ErrorCode::unavailable,
                sys::quoted(file) + (is_locked ? " does not lock " : " is not there, so nothing locks ") +
                    words_of(open) + ", which the script needs",
                made_with(folder) + pip + " install " + words_of(open) + " && " + pip + " freeze > " + locked);
  if (!uses_locked) return {};  // what it imports may be its own or the system's
  const std::vector<item::Mismatch> wrong = item::not_installed(lock, installed_in(folder + "/.venv"));
  if (wrong.empty()) return {};
  std::string all;
  for (const item::Mismatch& one : wrong) all += (all.empty() ? "" : ", ") + in_words(one);
  return fail(ErrorCode::unavailable, sys::quoted(folder + "/.venv") + " is not what is locked: " + all,
              made_with(folder) + pip + " install -r " + locked);
}

std::optional<std::string> missing_package(std::string_view standard_error, const std::string& project,
                                           const std::vector<Dependency>& wanted) {
  constexpr std::string_view kSaid = "ModuleNotFoundError: No module named '";
  constexpr std::string_view kNameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const std::size_t at = standard_error.rfind(kSaid);
  if (project.empty() || at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = standard_error.substr(at + kSaid.size());
  const std::string_view module = rest.substr(0, rest.find_first_not_of(kNameBytes));
  if (module.empty()) return std::nullopt;
  const std::string folder = project + "/.ai/scripts";
  const std::string pip = pip_of(folder);
  const Dependency package{.package = item::package_of(module)};
  const auto declared = std::ranges::find(wanted, package.package, &Dependency::package);
  return "the module " + sys::quoted(module) + " is not there. Scripts of a project find packages in " + folder +
         "/.venv: " + made_with(folder) + pip + " install " +
         words_of({declared == wanted.end() ? package : *declared}) + " && " + pip + " freeze > " +
         line({folder + "/requirements.lock"});
}

}  // namespace lilux::tools

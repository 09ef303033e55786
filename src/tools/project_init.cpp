// project.init: the folders of .ai/, and a part of AGENTS.md that is ours. What is there stays, so it may be run again.

#include <array>

#include "base/escape.h"
#include "sys/error.h"
#include "sys/file.h"
#include "text/diff.h"
#include "tools/fs_common.h"
#include "tools/no_project.h"
#include "tools/project.h"

namespace lilux::tools::project {

using base::ErrorCode;
using base::fail;
using policy::Risk;
using policy::Verb;

namespace {

constexpr auto kFolders = std::to_array<std::string_view>({"agents", "directives", "knowledge", "outputs", "patterns",
                                                           "plans", "scripts", "skills", "templates", "workflows"});
constexpr std::string_view kIgnored =
    "# What is made here and belongs to this machine alone.\noutputs/\nscripts/.venv/\n.env\n";
constexpr std::string_view kBegin = "<!-- lilux:begin -->";
constexpr std::string_view kEnd = "<!-- lilux:end -->";
constexpr std::size_t kFileBytesMax = std::size_t{4} << 20;

struct File {
  std::string path;
  std::string before;
  std::string after;
  bool is_there = false;
};

struct Plan {
  std::vector<std::string> folders;  // that are missing
  std::vector<File> files;           // that are to change
};

// The text with what stands between the marks replaced, or with the marks at its end.
Result<std::string> with_part(const std::string& text, const std::string& part, const std::string& path) {
  const std::string marked = std::string(kBegin) + "\n" + part + (part.ends_with('\n') ? "" : "\n") + std::string(kEnd);
  if (part.contains(kBegin) || part.contains(kEnd))
    return fail(ErrorCode::invalid_argument,
                "the instructions hold a mark of their own, " + std::string(kBegin) + " or " + std::string(kEnd),
                "leave it out");
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = text.find(kEnd);
  if (begin == std::string::npos && end == std::string::npos)
    return text + (text.empty() ? "" : text.ends_with('\n') ? "\n" : "\n\n") + marked + "\n";
  const bool is_pair = begin != std::string::npos && end != std::string::npos && begin < end;
  if (is_pair) return text.substr(0, begin) + marked + text.substr(end + kEnd.size());
  return fail(ErrorCode::conflict,
              "of the marks " + std::string(kBegin) + " and " + std::string(kEnd) + " in " + sys::quoted(path) +
                  " one is missing or stands before the other",
              "put it right, or take both out");
}

Result<File> file_at(const std::string& path) {
  File made{.path = path};
  Result<std::string> text = read_regular(path, kFileBytesMax);
  if (!text && text.error().code != ErrorCode::not_found) return std::unexpected(std::move(text.error()));
  made.is_there = text.has_value();
  made.before = text.value_or("");
  made.after = made.before;
  return made;
}

Result<Plan> plan_of(const CallContext& call, const InitRequest& request) {
  const std::string& project = call.caller().project;
  if (project.empty()) return no_project(call, call.caller().cwd);
  Plan plan;
  for (const std::string_view name : kFolders) {
    const std::string path = project + "/.ai/" + std::string(name);
    const auto found = TRY(sys::stat_if_there(path));
    if (found && !found->is_directory())
      return fail(ErrorCode::conflict, sys::quoted(path) + " is no folder", "move it away");
    if (!found) plan.folders.push_back(path);
  }
  File ignored = TRY(file_at(project + "/.ai/.gitignore"));
  if (!ignored.is_there) ignored.after = kIgnored;
  File agents = TRY(file_at(project + "/AGENTS.md"));
  if (request.instructions) agents.after = TRY(with_part(agents.before, *request.instructions, agents.path));
  for (File& file : std::array{std::move(ignored), std::move(agents)})
    if (file.before != file.after) plan.files.push_back(std::move(file));
  return plan;
}

}  // namespace

Result<Assessment> assess_init(const CallContext& call, const InitRequest& request) {
  const Plan plan = TRY(plan_of(call, request));
  const std::string folder = call.caller().project + "/.ai";
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = folder});
  const bool is_new = !sys::exists(folder);
  if (is_new) made.paths.push_back(folder);
  for (const std::string& path : plan.folders) {
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
    if (!is_new) made.paths.push_back(path);
  }
  for (const File& file : plan.files) {
    made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = file.path});
    if (!is_new || !file.path.starts_with(folder + "/")) made.paths.push_back(file.path);
    made.scratch.push_back(scratch_for(call, file.path));
  }
  return made;
}

Result<InitResponse> init(CallContext& call, const InitRequest& request) {
  const Plan plan = TRY(plan_of(call, request));
  const std::size_t head = call.caller().project.size() + 1;
  InitResponse response{.path = call.caller().project};
  for (const std::string& path : plan.folders) {
    TRY(make_folders(call, path));
    response.made.push_back(path.substr(head) + "/");
  }
  for (const File& file : plan.files) {
    TRY(replace_file(call, file.path, file.after));
    (file.is_there ? response.changed : response.made).push_back(file.path.substr(head));
  }
  return response;
}

Result<std::string> preview_init(const CallContext& call, const InitRequest& request) {
  const Plan plan = TRY(plan_of(call, request));
  std::string text;
  for (const std::string& path : plan.folders) text += "make " + base::escape_line(path) + "/\n";
  for (const File& file : plan.files)
    text += text::unified_diff(file.before, file.after, {.old_name = file.path, .new_name = file.path});
  return text;
}

}  // namespace lilux::tools::project

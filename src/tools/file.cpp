#include "tools/file.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "item/kind.h"
#include "kernel/kernel.h"
#include "sys/error.h"

namespace lilux::tools::file {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using item::Kind;

namespace {

constexpr std::string_view kComponents = "/components";
constexpr std::string_view kProcesses = "/proc";
constexpr std::array<std::string_view, 3> kProcessFiles{"output", "status", "tools"};
constexpr std::int64_t kListedMax = 10'000;

// "tools/x" of "/components/tools/x/"; nothing when the path does not lie there.
std::optional<std::string> below(std::string_view folder, std::string_view path) {
  if (!path.starts_with(folder)) return std::nullopt;
  path.remove_prefix(folder.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  const std::size_t first = path.find_first_not_of('/');
  if (first == std::string_view::npos) return std::string();
  return std::string(path.substr(first, path.find_last_not_of('/') + 1 - first));
}

std::string_view folder_of(Kind kind) {
  static const auto kFolders = [] {
    std::array<std::string, item::enum_names(Kind{}).size()> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = item::path_for({.kind = static_cast<Kind>(i), .name = "x"});
      made[i].resize(made[i].find('/'));
    }
    return made;
  }();
  return kFolders[static_cast<std::size_t>(kind)];
}

struct Component {
  Kind kind = Kind::tool;
  std::string name = {};  // empty: the folder of the kind
  std::string category = {};
  std::string ending = {};
};

Result<Component> component_at(const std::string& rest) {
  const std::string_view folder = std::string_view(rest).substr(0, rest.find('/'));
  Component made;
  bool is_kind = false;
  for (std::size_t i = 0; i < item::enum_names(Kind{}).size() && !is_kind; ++i) {
    made.kind = static_cast<Kind>(i);
    is_kind = folder_of(made.kind) == folder;
  }
  if (!is_kind)
    return fail(ErrorCode::not_found, "there is no " + sys::quoted(std::string(folder)) + " in /components",
                "list /components");
  if (folder.size() == rest.size()) return made;
  const std::string inside = rest.substr(folder.size() + 1);
  const std::size_t slash = inside.rfind('/');
  made.name = inside.substr(slash + 1);
  if (slash != std::string::npos) made.category = inside.substr(0, slash);
  const auto place = item::place_of(rest);
  if (!place) return made;
  made.name = place->name;
  made.category = place->category;
  made.ending = rest.substr(rest.rfind('.') + 1);
  return made;
}

Result<std::string> needed_data(const OperationRequest& request) {
  if (request.data) return *request.data;
  return fail(ErrorCode::invalid_argument, "field 'data' is missing", "give the whole text that is to stand there");
}

std::unexpected<base::Error> not_here(const OperationRequest& request, std::string_view instead) {
  return fail(ErrorCode::invalid_argument,
              "cannot " + std::string(base::enum_name(*request.operation)) + " " + sys::quoted(request.path),
              std::string(instead));
}

// One call of a tool: what it gave, and the answer that names it.
struct Done {
  OperationResponse response;
  Json output;
};
Result<Done> done(CallContext& call, const OperationRequest& request, std::string_view tool, JsonObject arguments) {
  Json output = TRY(call.call_tool(tool, std::move(arguments)));
  OperationResponse response{.path = output.string_or("path", request.path), .tool = std::string(tool)};
  return Done{.response = std::move(response), .output = std::move(output)};
}

Result<Done> listed(CallContext& call, const OperationRequest& request, std::string_view tool, JsonObject arguments,
                    std::string_view list, std::string_view name) {
  Done made = TRY(done(call, request, tool, std::move(arguments)));
  std::set<std::string> entries;
  for (const Json& row : made.output.find(list)->as_array())
    entries.insert(row.string_or(name) + (row.string_or("type") == "dir" || list == "tasks" ? "/" : ""));
  made.response.entries.emplace(entries.begin(), entries.end());
  return made;
}

OperationResponse folder_listing(const OperationRequest& request, std::vector<std::string> entries) {
  return {.path = request.path, .tool = "file.operation", .entries = std::move(entries)};
}

// What the machine itself holds.
Result<OperationResponse> on_machine(CallContext& call, const OperationRequest& request) {
  const JsonObject at{{"path", request.path}};
  switch (*request.operation) {
    case Operation::read: {
      Done made = TRY(done(call, request, "fs.read", at));
      made.response.content = made.output.string_or("content");
      return std::move(made.response);
    }
    case Operation::list: return TRY(listed(call, request, "fs.list", at, "entries", "name")).response;
    case Operation::create:
    case Operation::update: {
      const bool is_new = request.operation == Operation::create;
      return TRY(done(call, request, "fs.write",
                      {{"path", request.path},
                       {"content", TRY(needed_data(request))},
                       {"create_dirs", is_new},
                       {"must_not_exist", is_new}}))
          .response;
    }
    case Operation::remove: return TRY(done(call, request, "fs.delete", at)).response;
  }
  std::unreachable();
}

Result<OperationResponse> on_components(CallContext& call, const OperationRequest& request, const std::string& rest) {
  const bool is_list = request.operation == Operation::list;
  if (rest.empty()) {
    if (!is_list) return not_here(request, "it is a folder: list it, or name an item: /components/tools/<name>");
    std::vector<std::string> kinds;
    for (std::size_t i = 0; i < item::enum_names(Kind{}).size(); ++i)
      kinds.push_back(std::string(folder_of(static_cast<Kind>(i))) + "/");
    return folder_listing(request, std::move(kinds));
  }
  const Component component = TRY(component_at(rest));
  JsonObject item{{"kind", base::enum_name(component.kind)}};
  if (component.name.empty()) {
    if (!is_list) return not_here(request, "it is a folder: list it, or name an item in it");
    item.set("limit", kListedMax);
    return TRY(listed(call, request, "item.list", std::move(item), "items", "name")).response;
  }
  item.set("name", component.name);
  switch (*request.operation) {
    case Operation::list: return not_here(request, "it is no folder: read it");
    case Operation::read: {
      Done made = TRY(done(call, request, "item.load", std::move(item)));
      made.response.content = made.output.string_or("content");
      return std::move(made.response);
    }
    case Operation::create:
      if (!component.category.empty()) item.set("category", component.category);
      if (component.kind == Kind::script || component.kind == Kind::template_item) item.set("ending", component.ending);
      [[fallthrough]];
    case Operation::update: {
      item.set("content", TRY(needed_data(request)));
      const bool is_new = request.operation == Operation::create;
      return TRY(done(call, request, is_new ? "item.create" : "item.update", std::move(item))).response;
    }
    case Operation::remove: return TRY(done(call, request, "item.delete", std::move(item))).response;
  }
  std::unreachable();
}

// "state: running", one member a line; what has members of its own as JSON.
std::string lines_of(const Json& object) {
  std::string text;
  for (const auto& [name, value] : object.as_object())
    text += name + ": " + (value.is_string() ? value.as_string() : base::to_text(value)) + "\n";
  return text;
}

Result<Done> status_of(CallContext& call, const OperationRequest& request, const std::string& task) {
  Done made = TRY(done(call, request, "task.list", {{"task", task}}));
  const auto& rows = made.output.find("tasks")->as_array();
  if (rows.empty())
    return fail(ErrorCode::not_found, "there is no task " + sys::quoted(task), "list /proc shows those there are");
  made.output = rows.front();
  made.response.content = lines_of(made.output);
  return made;
}

Result<OperationResponse> on_process(CallContext& call, const OperationRequest& request, const std::string& task,
                                     const std::string& file) {
  if (request.operation == Operation::list && file.empty())
    return folder_listing(request, {kProcessFiles.begin(), kProcessFiles.end()});
  if (request.operation != Operation::read || std::ranges::find(kProcessFiles, file) == kProcessFiles.end())
    return not_here(request, "a task has output, status and tools, which can be read; task.kill ends it");
  Done made = TRY(status_of(call, request, task));
  if (file == "status") return std::move(made.response);
  if (file == "tools") {
    made = TRY(listed(call, request, "ledger.query", {{"task", task}, {"limit", kListedMax}}, "calls", "tool"));
    std::string names;
    for (const std::string& tool : *made.response.entries) names += tool + "\n";
    made.response.entries.reset();
    made.response.content = std::move(names);
    return std::move(made.response);
  }
  std::string newest = made.output.string_or("call");
  if (newest.empty()) {         // of a session, which is no call of its own
    constexpr int kOfOurs = 4;  // calls that this one makes
    made = TRY(done(call, request, "ledger.query", {{"task", task}, {"limit", kOfOurs + 1}}));
    const auto is_before = [&](const Json& row) {
      return row.string_or("call") != call.call() && row.string_or("cause") != call.call();
    };
    const auto& rows = made.output.find("calls")->as_array();
    const auto before = std::ranges::find_if(rows, is_before);
    if (before == rows.end())
      return fail(ErrorCode::not_found, "task " + sys::quoted(task) + " has made no call yet",
                  "`lilux tasks` shows what goes on");
    newest = before->string_or("call");
  }
  made = TRY(done(call, request, "ledger.output", {{"call", newest}}));
  const Json& output = *made.output.find("output");
  made.response.content = output.is_string() ? output.as_string() : base::to_text(output) + "\n";
  return std::move(made.response);
}

bool is_task(const CallContext& call, const std::string& name) {
  return call.kernel().state().with([&](const kernel::State& state) { return state.tasks.contains(name); });
}

}  // namespace

Result<Assessment> assess_operation(const CallContext&, const OperationRequest& request) {
  if (request.operation.has_value() == request.op.has_value())
    return fail(ErrorCode::invalid_argument, "give either 'operation' or 'op', which is the same",
                "read, list, create, update or delete");
  return Assessment{.risk = policy::Risk::low};  // the calls it makes say what they need
}

Result<OperationResponse> operation(CallContext& call, const OperationRequest& given) {
  OperationRequest request = given;
  if (request.op) request.operation = std::exchange(request.op, {});
  if (const auto rest = below(kComponents, request.path)) return on_components(call, request, *rest);
  const auto rest = below(kProcesses, request.path);
  if (!rest) return on_machine(call, request);
  if (rest->empty() && request.operation == Operation::list)
    return TRY(listed(call, request, "task.list", {{"all", true}, {"limit", kListedMax}}, "tasks", "id")).response;
  const std::string task = rest->substr(0, rest->find('/'));
  if (!is_task(call, task)) return on_machine(call, request);  // cpuinfo, meminfo, version, a process
  return on_process(call, request, task, task.size() == rest->size() ? std::string() : rest->substr(task.size() + 1));
}

}  // namespace lilux::tools::file

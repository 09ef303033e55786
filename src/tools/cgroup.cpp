// process.cgroup: groups of processes with limits, where the machine lets this user make them.

#include <algorithm>

#include <fcntl.h>

#include "sys/file.h"
#include "sys/io.h"
#include "tools/process.h"

namespace lilux::tools::process {

using base::ErrorCode;
using base::fail;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::array<std::string_view, 2> kRoots{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

Result<std::string> unified_root() {
  for (const std::string_view root : kRoots) {
    if (sys::exists(std::string(root) + "/cgroup.controllers")) return std::string(root);
  }
  return fail(ErrorCode::unavailable, "this machine has no unified control groups",
              "mount cgroup2, or use budgets: lilux call budget.set");
}

Result<std::string> group_path(const CgroupRequest& request) {
  const std::string name = request.group_name.value_or("");
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!is_plain)
    return fail(ErrorCode::invalid_argument,
                "field 'group_name': '" + name + "' may hold letters, digits, - and _ only", "choose a plain name");
  return TRY(unified_root()) + "/lilux" + (name.empty() ? "" : "/" + name);
}

Result<void> put(const std::string& file, const std::string& text) {
  const sys::Fd fd = TRY(sys::open(file, O_WRONLY));
  return sys::write_all(fd.get(), text, file);
}

std::string get(const std::string& file) {
  return sys::read_file(file, 65536).value_or("-\n");
}

Result<void> set_limits(const std::string& path, const CgroupRequest& request) {
  if (request.cpu_weight) TRY(put(path + "/cpu.weight", std::to_string(*request.cpu_weight)));
  if (request.memory_max_mb) TRY(put(path + "/memory.max", std::to_string(*request.memory_max_mb << 20)));
  if (request.io_weight) TRY(put(path + "/io.weight", "default " + std::to_string(*request.io_weight)));
  return {};
}

Result<CgroupResponse> all_groups() {
  CgroupResponse response{.success = true, .action = "info", .group_name = "", .details = "no groups"};
  const Result<std::string> root = unified_root();
  if (!root) {
    response.details = root.error().message;
  } else if (sys::exists(*root + "/lilux")) {
    response.details = "groups:";
    for (const sys::Entry& entry : TRY(sys::list_directory(*root + "/lilux"))) {
      if (entry.type == sys::FileType::directory) response.details += " " + entry.name;
    }
  }
  return response;
}

}  // namespace

Result<Assessment> assess_cgroup(const CallContext&, const CgroupRequest& request) {
  const CgroupAction action = request.action.value_or(CgroupAction::info);
  if (action != CgroupAction::info || request.group_name) TRY(group_path(request));
  if (action != CgroupAction::info && !request.group_name)
    return fail(ErrorCode::invalid_argument, "field 'group_name' is missing", "name the group");
  if (action == CgroupAction::attach && !request.pid)
    return fail(ErrorCode::invalid_argument, "field 'pid' is missing", "name the process to attach");
  Assessment made{.risk = action == CgroupAction::info ? Risk::none : Risk::high};
  made.needs.push_back({.verb = action == CgroupAction::info ? Verb::read : Verb::write,
                        .resource = "process",
                        .target = "cgroup:" + request.group_name.value_or("")});
  return made;
}

Result<CgroupResponse> cgroup(CallContext&, const CgroupRequest& request) {
  const CgroupAction action = request.action.value_or(CgroupAction::info);
  if (action == CgroupAction::info && !request.group_name) return all_groups();
  const std::string path = TRY(group_path(request));
  CgroupResponse response{
      .success = true, .action = std::string(base::enum_name(action)), .group_name = request.group_name.value_or("")};
  switch (action) {
    case CgroupAction::create:
      TRY(sys::make_directories(path));
      TRY(set_limits(path, request));
      break;
    case CgroupAction::set: TRY(set_limits(path, request)); break;
    case CgroupAction::attach: TRY(put(path + "/cgroup.procs", std::to_string(*request.pid))); break;
    case CgroupAction::remove: TRY(sys::remove_directory(path)); return response;
    case CgroupAction::info: break;
  }
  if (!sys::exists(path))
    return fail(ErrorCode::not_found, "no group '" + response.group_name + "'",
                "create it first: lilux call process.cgroup --action create --group_name " + response.group_name);
  response.details = "memory.max " + get(path + "/memory.max") + "cpu.weight " + get(path + "/cpu.weight") +
                     "processes " + get(path + "/cgroup.procs");
  return response;
}

}  // namespace lilux::tools::process

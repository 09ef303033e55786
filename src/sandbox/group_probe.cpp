#include "sandbox/group_probe.h"

#include <chrono>
#include <csignal>
#include <optional>

#include "sys/control_group.h"
#include "sys/process.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr auto kTime = std::chrono::seconds(3);
constexpr std::uint64_t kLittle = std::uint64_t{16} << 20;

Result<sys::Child> start(const sys::ControlGroup& group, const std::string& script) {
  return sys::spawn({.program = "/bin/sh",
                     .arguments = {"sh", "-c", script},
                     .environment = {"PATH=/usr/bin:/bin"},
                     .cwd = "/",
                     .group_fd = group.folder()});
}

// Ended by itself with an error, or by a signal.
Result<bool> is_stopped(const sys::Child& child) {
  const std::optional<sys::Exit> exit = TRY(sys::wait_for(child, kTime));
  if (!exit) sys::end_child(child);
  return exit && (exit->signal || exit->code != 0);
}

Result<void> check_processes(const std::string& above) {
  const sys::ControlGroup group = TRY(sys::ControlGroup::make(above));
  TRY(group.limit({.processes = 1}));
  const sys::Child child = TRY(start(group, "exec timeout 1 true"));
  if (TRY(is_stopped(child)) && group.count("pids.events", "max") > 0) return {};
  return fail(ErrorCode::unavailable, "a control group does not limit processes");
}

Result<void> check_memory(const std::string& above) {
  const sys::ControlGroup group = TRY(sys::ControlGroup::make(above));
  TRY(group.limit({.memory_bytes = kLittle}));
  const sys::Child child = TRY(start(group, "exec dd if=/dev/zero of=/dev/null bs=64M count=1"));
  if (TRY(is_stopped(child)) && group.count("memory.events", "oom_kill") > 0) return {};
  return fail(ErrorCode::unavailable, "a control group does not limit memory");
}

Result<void> check_kill(const std::string& above) {
  const sys::ControlGroup group = TRY(sys::ControlGroup::make(above));
  const sys::Child child = TRY(start(group, "exec sleep 60"));
  const Result<void> killed = group.kill();
  if (killed && TRY(is_stopped(child))) return {};
  if (!killed) sys::end_child(child);
  return fail(ErrorCode::unavailable, "a control group cannot be killed, which needs Linux 5.14");
}

}  // namespace

Result<std::string> find_groups() {
  std::string above = TRY(sys::claim_control_groups());
  sys::remove_empty_groups(above);
  TRY(check_processes(above));
  TRY(check_memory(above));
  TRY(check_kill(above));
  return above;
}

}  // namespace lilux::sandbox

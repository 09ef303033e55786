// The emergency stop: every call and child halts within a second, and no other is taken until a person resumes. It
// stands in a file of one byte, which works on a full disk and without a kernel, and in the record, for when somebody
// took the file away.

#include <fcntl.h>

#include "base/time.h"
#include "kernel/children.h"
#include "kernel/execution.h"
#include "sys/io.h"

namespace lilux::kernel {

using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kStoppedFact = "stopped";

// '1' while the stop is on. Whoever cannot reach the kernel writes it himself, and the kernel looks.
std::string stop_file(const Folders& folders) {
  return (folders.state / "emergency").string();
}

Result<sys::Fd> write_stop_byte(const Folders& folders, std::string_view byte) {
  const std::string file = stop_file(folders);
  sys::Fd fd = TRY(sys::open(file, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600));
  TRY(sys::write_at(fd.get(), 0, byte, file));
  return fd;
}

Result<void> set_stop_byte(const Folders& folders, std::string_view byte) {
  const sys::Fd fd = TRY(write_stop_byte(folders, byte));
  return sys::sync_data(fd.get(), stop_file(folders));
}

}  // namespace

Result<void> Kernel::load_stop() {
  const std::string file = stop_file(folders_);
  if (!sys::exists(file)) TRY(sys::write_file_atomic(file, "0", 0600));  // there before the disk is full
  const bool is_recorded = state_.with([](const State& state) { return state.facts.contains(kStoppedFact); });
  stopped_ = is_recorded || TRY(sys::read_file(file, 16)).starts_with('1');
  return {};
}

Result<void> Kernel::emergency_stop(std::string_view why) {
  stopped_ = true;  // whoever holds the lock
  const Result<sys::Fd> byte = [&] {
    const std::lock_guard lock(stop_mutex_);
    stopped_ = true;  // a resume may have come between
    return write_stop_byte(folders_, "1");
  }();
  stop_calls([this](const Execution& x) {  // who looks or stops may end
    const Tool* tool = find_tool(x.request.tool);
    return !tool || !tool->traits.runs_stopped;
  });
  const Result<void> killed = children_->kill_all();
  wake_all();
  // The disk may be slow: what can be done without it is done.
  const Result<void> kept =
      byte ? sys::sync_data(byte->get(), stop_file(folders_)) : Result<void>(std::unexpected(byte.error()));
  const Result<ledger::Position> noted =
      note("kernel.emergency_stop", JsonObject{{"why", why}},
           {{.table = "fact", .id = std::string(kStoppedFact), .value = base::format_time(base::now_us())}});
  if (noted) std::ignore = ledger_->wait_durable(noted->sequence);  // the byte on disk is what counts
  TRY(killed);
  return kept;
}

void Kernel::heed_stop_file() {
  if (is_stopped()) return;
  {
    const std::lock_guard lock(stop_mutex_);  // no resume is between the file and the flag
    const Result<std::string> byte = sys::read_file(stop_file(folders_), 16);
    if (is_stopped() || !byte || !byte->starts_with('1')) return;
    stopped_ = true;
  }
  std::ignore = emergency_stop("the stop file says so");  // what is left of it is tried again by whoever stops again
}

Result<void> Kernel::stop_next(const Folders& folders) {
  return set_stop_byte(folders, "1");
}

Result<void> Kernel::emergency_resume() {
  const ledger::Position position = TRY(note(
      "kernel.resume", JsonObject{}, {{.table = "fact", .id = std::string(kStoppedFact), .value = Json(nullptr)}}));
  TRY(ledger_->wait_durable(position.sequence));
  {
    const std::lock_guard lock(stop_mutex_);
    TRY(set_stop_byte(folders_, "0"));
    children_->accept();
    stopped_ = false;
  }
  start_ready_tasks();
  return {};
}

}  // namespace lilux::kernel

// The kept request of an asked call, from a file that anything may have written to: what reads is kept and read as the
// same.

#include <algorithm>
#include <string>

#include "kernel/approvals.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::kernel;
  using lilux::fuzz::require;
  static const lilux::fuzz::Scratch scratch("kept-request");
  const std::string file = scratch.file("request.json");
  scratch.write("request.json", lilux::fuzz::Input(data, size).rest());
  const auto request = kept_request(file);
  if (!request) return 0;
  require(keep_request(file, *request).has_value());
  const auto again = kept_request(file);
  require(again && again->tool == request->tool && again->arguments == request->arguments);
  require(again->task == request->task && again->reason == request->reason && again->cause == request->cause);
  require(again->idempotency_key == request->idempotency_key && again->timeout == request->timeout);
  require(again->caller.principal == request->caller.principal && again->caller.umask == request->caller.umask);
  require(again->caller.cwd == request->caller.cwd && again->caller.project == request->caller.project);
  require(std::ranges::equal(again->caller.environment.variables(), request->caller.environment.variables()));
  require(!again->is_answered_yes);
  return 0;
}

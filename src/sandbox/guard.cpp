#include "sandbox/guard.h"

#include <chrono>

#include "base/number.h"
#include "sys/io.h"
#include "sys/pipe.h"
#include "sys/process_table.h"
#include "sys/sockets.h"

namespace lilux::sandbox {

using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto kHuntTime = 10s;
constexpr int kEmptyLooks = 20;  // one after the other: what starts another and ends may pass by a look

}  // namespace

Guard::~Guard() {
  line_ = {};
  if (child_.pid > 0) std::ignore = sys::wait_for(child_, 1s);  // else it is reaped by who comes after us
}

Result<void> Guard::stand(const std::string& program, std::uint32_t family) {
  if (child_.pid > 0 && !sys::has_ended(child_.pidfd)) return {};
  sys::Pipe pipe = TRY(sys::make_pipe());
  child_ = TRY(sys::spawn({.program = program,
                           .arguments = {"lilux", std::string(kGuardWord), std::to_string(family)},
                           .environment = {},
                           .cwd = "/",
                           .stdin_fd = pipe.out.get(),
                           .group = sys::ProcessGroup::own_session}));
  line_ = std::move(pipe.in);
  return {};
}

int guard(std::string_view family) {
  const auto number = base::number_from<std::uint32_t>(family);
  if (!number) return 2;
  std::ignore = sys::read_all(0, 1, "standard input");  // nobody writes, so this is its end
  const auto deadline = std::chrono::steady_clock::now() + kHuntTime;
  for (int empty = 0; empty < kEmptyLooks;) {
    const auto seen = sys::kill_marked([&](std::uint64_t mark) { return mark >> kFamilyShift == *number; });
    if (std::chrono::steady_clock::now() > deadline) return 1;
    empty = seen && seen->empty() ? empty + 1 : 0;
  }
  return 0;
}

}  // namespace lilux::sandbox

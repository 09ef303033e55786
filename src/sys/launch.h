#pragma once

// What a child does to itself before it runs its program. Of spawn(), whose children use our memory until then, and of
// the processes that sandbox/starter/ keeps ready. In the child alone: system calls, no allocation, no locks.

#include <array>
#include <cstdint>

#include "sys/process.h"

namespace lilux::sys {

enum class LaunchStep : std::uint8_t { set_up, limits, confinement, folder, streams, program };

// Where an init finds them; the first is that of an attended child too, until it runs the program.
inline constexpr int kReportAt = 3;
inline constexpr int kInitAt = 4;
inline constexpr int kHandedMax = 8;

// What the child needs, prepared before, and how far it got.
struct Launch {
  const SpawnOptions* options = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  std::array<int, 3> streams{};
  int parent = -1;                       // pidfd of who started it
  std::array<int, kHandedMax> handed{};  // for 3 and up
  int handed_count = 0;
  int closed_by_program = -1;
  LaunchStep step = LaunchStep::set_up;
  const char* failed = nullptr;  // of the confinement
  int error_number = 0;
};

// Whether it runs an init, or what makes the sandbox and may need privileges for it.
bool runs_init(const Launch& launch);
bool runs_maker(const Launch& launch);

// Nothing that is run from now on can get more privileges than it has; those that there are stay until prepare_child(),
// after which this says nothing new. So it is for who waits for an order, and nobody waits for it.
void bound_privileges();

// Ignored signals would stay ignored in the program, and our handlers must not run in memory that is shared.
void forget_signal_handlers();
// All but the last step; false when one failed, with errno.
bool prepare_child(Launch& launch);
// The last: after it few system calls are left.
bool filter_child(Launch& launch);

// Of the last system call that failed, in a program that has no messages.
int error_number();

// What failed, as it is told.
base::Error failure_of(const Launch& launch);

}  // namespace lilux::sys

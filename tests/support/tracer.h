#pragma once

// Runs a program under ptrace and stops it where a plan says: killed before its n-th system call, or that call failing,
// or writing less than it was asked to. All threads and children are followed. How crashes, full disks and failing
// disks are tested on the real binary. For single-threaded callers that have no other children: it waits for any child.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/syscalls.h"

namespace lilux::test {

struct Program {
  std::vector<std::string> arguments = {};    // the first is looked up in our own PATH
  std::vector<std::string> environment = {};  // "NAME=value"; nothing is inherited
  std::filesystem::path folder = "/";
  std::function<int()> function = {};  // called in a forked child instead of executing `arguments`
};

struct Plan {
  enum class Action : std::uint8_t {
    observe,
    kill,     // everything, before the call happens
    fail,     // the call does not happen and returns `error`
    shorten,  // a write of several bytes writes half of them; others are not counted
  };
  Action action = Action::observe;
  std::uint64_t at = 0;                 // which of the counted calls, from 1
  std::vector<SyscallKind> kinds = {};  // which are counted: every system call when empty
  std::string below = {};               // with `kinds`: only those about files below this folder; "" for any file
  std::string after_opening = {};       // counting begins once a path that contains this is opened
  int error = 5;                        // EIO
  bool keeps_failing = false;           // all counted calls after that fail too, as on a full disk
  std::chrono::milliseconds timeout{20000};
};

struct Outcome {
  std::uint64_t counted = 0;             // system calls the plan counts that were about to happen
  bool fired = false;                    // the plan's call was reached
  std::string fired_at = {};             // "pwrite64 /home/.../000001", when fired
  std::vector<std::string> places = {};  // the same of every counted call, when observing
  bool timed_out = false;                // killed by the watchdog
  int exit_code = -1;                    // -1 when it ended by a signal
  int signal = 0;                        // which one
  std::string out = {};                  // standard output
  std::string err = {};                  // standard error
  std::chrono::microseconds elapsed{};
};

// Returns when the program's first process has ended; whatever it left running is killed. Standard input is empty.
// Throws std::system_error where tracing is not possible at all.
Outcome run_traced(const Program& program, const Plan& plan);

}  // namespace lilux::test

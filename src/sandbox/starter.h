#pragma once

// Has ready what the next program need not wait for, since it does not depend on it: the groundwork of its sandbox, and
// a process in namespaces of its own, or an interpreter that has started. Each is used once. What it is to become such
// a process hears with its order only; starter/starter.cpp says what it is until then. Owned and used by one thread,
// which what is started dies with.

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "sandbox/groundwork.h"
#include "sandbox/sandbox.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace lilux::sandbox {

// Whether it is a script, or code, for the system's own Python, and nothing about it asks for one of its own.
inline constexpr const char* kPython = "/usr/bin/python3";
bool is_plain_python(const sys::SpawnOptions& options);

class Starter {
 public:
  // Of programs; or of scripts of that interpreter, a Python.
  explicit Starter(std::string interpreter = {}) : interpreter_(std::move(interpreter)) {}

  // Has all made ready for that tier, unless it is; does not wait for it. What fails again and again is left until a
  // while later.
  void prepare(Tier tier, const Host& host);
  // The process that was made ready, with the socket for its order as its report; nullopt when there is none that
  // lives or that suits. Of Tier::separated alone.
  std::optional<sys::Child> take(Tier tier, const Spec& spec);
  base::Result<Groundwork> groundwork(Tier tier, int landlock);
  // Ends all that is not in use.
  void close();

  const std::string& interpreter() const { return interpreter_; }
  pid_t pid() const { return process_ ? process_->pid : 0; }  // of what makes them ready; 0 when it does not run

 private:
  base::Result<void> start();
  base::Result<void> ask(const std::string& groups);
  base::Result<sys::Child> take_asked();
  bool suits(const Spec& spec) const;
  void drop_asked();
  void give_up();
  void end();

  std::string interpreter_;
  std::optional<Groundwork> ground_;
  std::optional<sys::Child> process_;
  sys::Fd control_;
  sys::Fd socket_;                          // of the process that was asked for
  std::optional<sys::ControlGroup> group_;  // likewise
  int failures_ = 0;                        // one after the other
  std::chrono::steady_clock::time_point next_try_;
};

}  // namespace lilux::sandbox

#pragma once

// Where the system does not end all that a command started when lilux is killed (T1), a process of lilux's own does: it
// waits until lilux is gone, and then ends what has a mark of its family. Owned by who starts children, one thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace lilux::sandbox {

// A mark's upper half is its family's number, the same for all that one lilux keeps in without namespaces.
inline constexpr int kFamilyShift = 32;
// The word, before the number, with which lilux is one of these.
inline constexpr std::string_view kGuardWord = "--guard";

class Guard {
 public:
  Guard() = default;
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard();  // it ends what is left, and itself
  // Starts one, unless it lives.
  base::Result<void> stand(const std::string& program, std::uint32_t family);

 private:
  sys::Child child_;
  sys::Fd line_;  // which ends when we do
};

// What that process does; its exit code.
int guard(std::string_view family);

}  // namespace lilux::sandbox

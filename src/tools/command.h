#pragma once

// What the tools that run programs share: what a command needs and is given. Any thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "sys/process.h"

namespace lilux::tools {

// Of a caller that names none.
inline constexpr std::string_view kPlainPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

// The value in an environment; empty when it is not there.
std::string variable(const std::vector<std::string>& environment, std::string_view name);

// The variables, and those that say whose program it is, as a program gets them.
base::Result<std::vector<std::string>> entries_of(const kernel::CallContext& call,
                                                  std::map<std::string, std::string> variables);

// By the machine's profile, and by the budgets of the task and those above it.
void limit_memory(const kernel::CallContext& call, sys::SpawnOptions& spawn);

// Adds what rules that take rights say about the programs that a command amounts to.
base::Result<void> need_inner_programs(const kernel::CallContext& call, const std::string& cwd,
                                       std::vector<std::string> words, kernel::Assessment& made);

// The end of what a program wrote, and how much it was.
base::Result<std::string> tail_of(const std::string& file, std::int64_t limit, std::int64_t& size);

}  // namespace lilux::tools

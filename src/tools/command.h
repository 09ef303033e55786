#pragma once

// What the tools that run programs share: what a command needs and is given. Any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/children.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools {

// A program with its arguments, the name first, and where it runs.
struct Command {
  std::string program;
  std::vector<std::string> words;
  std::string cwd;
  std::optional<std::string> input = {};  // that is judged with it
};
base::Result<void> check_words(const std::vector<std::string>& words);

// What the kernel is told to start, but for its environment.
kernel::Children::Start start_of(const kernel::CallContext& call, const Command& command,
                                 const std::optional<std::string>& input);

// Of a caller that names none.
inline constexpr std::string_view kPlainPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

// The value in an environment; empty when it is not there.
std::string variable(std::span<const std::string> environment, std::string_view name);

// The variables, and those that say whose program it is, as a program gets them.
base::Result<std::vector<std::string>> entries_of(const kernel::CallContext& call,
                                                  std::map<std::string, std::string> variables);

// Adds what rules that take rights say about the programs that a command amounts to, looked up in `path`.
base::Result<void> need_inner_programs(const kernel::CallContext& call, const Command& command, const std::string& path,
                                       kernel::Assessment& made);

// The end of what a program wrote, and how much it was.
base::Result<std::string> tail_of(const std::string& file, std::int64_t limit, std::int64_t& size);

}  // namespace lilux::tools

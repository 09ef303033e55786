#pragma once

// The command line: every verb is a call of a tool with its words put into fields. Returns the exit code.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace lilux::surface {

int run_command_line(std::span<const std::string_view> words);

// 0 ok, 1 bug, 2 usage, 3 token, 4 not reachable, 5 the tool failed, 6 denied or waiting, 7 not verified, 8 budget or
// time.
int exit_code(base::ErrorCode code);

// Flags into arguments, by the tool's input schema: --field value, --field=value, --flag, --no-flag; lists by repeating
// or as JSON. Words without a flag fill `positional` fields in turn.
base::Result<base::Json> arguments_from(const base::Json& schema, std::span<const std::string_view> positional,
                                        std::span<const std::string> words);

// How an output is shown to a person: tables are cut to a line's width in characters; 0: as wide as they are.
std::string shown(const base::Json& output, std::size_t line_width);

}  // namespace lilux::surface

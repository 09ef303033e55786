#pragma once

// Verbs that are one call of a tool: their words become its arguments, the call is made, what comes of it is printed,
// and the exit code given. At a terminal a call that needs an approval is put as a question there. One thread.

#include <span>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "kernel/call.h"
#include "surface/arguments.h"
#include "surface/verbs.h"

namespace lilux::surface {

// lilux call <tool> ...
base::Result<int> call_verb(std::span<const std::string_view> words);
base::Result<int> table_verb(const Verb& verb, std::span<const std::string_view> words);
// Without a call: everything that waits, put as questions at a terminal and listed elsewhere.
base::Result<int> approve_verb(std::span<const std::string_view> words);
// A task, or a process by its number.
base::Result<int> kill_verb(std::span<const std::string_view> words);
// After the emergency stop, or of a suspended task.
base::Result<int> resume_verb(std::span<const std::string_view> words);
// Of a call, a task or a time; without any, the newest call that can be undone: asked about at a terminal, with --yes
// elsewhere.
base::Result<int> undo_verb(std::span<const std::string_view> words);
// lilux run <command> [argument]...: the exit code is the program's, or 128 and the signal that ended it.
base::Result<int> run_command_verb(std::span<const std::string_view> words);
// lilux policy test '<tool> <args>': args as JSON, as flags, or as the one word a tool cannot do without.
base::Result<int> policy_test_verb(std::span<const std::string_view> words);

// Makes the call, asks at a terminal, prints what comes of it. Unless the member `must_hold` of the output is true the
// exit code is 7.
base::Result<int> make_call(const Common& common, std::string_view tool, base::Json arguments, Show show = shown,
                            std::string_view must_hold = {});
// The envelope of a call; at a terminal one that needs an approval is put as a question there first.
base::Result<base::Json> asked_envelope(const Common& common, std::string_view tool, base::Json arguments);
// The envelope of a call that is put to nobody, and that nobody asked for: no sentence speaks of it.
base::Result<base::Json> call_quietly(std::string_view tool, base::Json arguments);
// Whether a person is there who can be asked.
bool is_at_terminal(const Common& common);
base::Result<kernel::CallRequest> request_of(const Common& common, std::string_view tool, base::Json arguments);

}  // namespace lilux::surface

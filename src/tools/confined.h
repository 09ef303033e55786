#pragma once

// Commands in the sandbox: what they need, what they are given, and what they wrote, which is kept apart until a call
// makes it real or it is forgotten. Any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "base/result.h"
#include "kernel/context.h"
#include "kernel/state.h"
#include "kernel/tool.h"
#include "sandbox/changes.h"
#include "sandbox/sandbox.h"
#include "tools/command.h"

namespace lilux::tools {

// To be run in the project, or in an empty /tmp where there is none.
base::Result<Command> confined_command(const kernel::CallContext& call, std::vector<std::string> words,
                                       const std::optional<std::string>& cwd);
using Variables = std::map<std::string, std::string>;
base::Result<void> check_variables(const kernel::CallContext& call, const Variables& variables);
// `shown` is what rules about the sandbox see.
base::Result<void> need_sandbox(const kernel::CallContext& call, const Command& command, std::string shown,
                                kernel::Assessment& made);

// What a run is kept to besides what its caller may, and what it sees for itself.
struct KeptTo {
  std::optional<std::vector<std::string>> rights = {};  // capabilities, see run_rights.h
  std::string file = {};                                // when set, of the project: it says `text`, whatever is there
  std::string text = {};
  std::int64_t seconds = 0;               // that it may run, 0: without end
  std::vector<sandbox::Tree> shown = {};  // besides the project and the system, to be read
};

// Starts the command for this call, in a plain environment with these variables in it, and gives its process. What it
// writes to the project lies in run_folder() of the call.
base::Result<std::int64_t> start_confined(const kernel::CallContext& call, Command command, const Variables& variables,
                                          const std::optional<std::string>& input, const KeptTo& kept_to = {});
// The rule of the error that says that a run changed what its own rights do not hold.
inline constexpr std::string_view kBeyondRights = "rights of the run";
// The right that was missing then: "write filesystem out/a".
std::string missing_right(const base::Error& error);

// By the call that started it.
std::string run_folder(const kernel::CallContext& call, const std::string& run);
// What rules hid from it; nothing of a run that is kept to rights, from which nearly all is hidden.
std::vector<std::string> hidden_from(const kernel::CallContext& call, const std::string& run);
void forget_run(const kernel::CallContext& call, const std::string& run);
void forget_run(kernel::Kernel& kernel, const std::string& run);
// Whose changes a question is about, asked while it waits; "" when it is about something else.
std::string run_asked_about(kernel::Kernel& kernel, const kernel::Approval& approval);
// `not_found` when nothing of such a call waits that is the caller's own, `conflict` while its command runs.
base::Result<void> check_run(const kernel::CallContext& call, const std::string& run);

// What a command of the caller's own wrote, once it has ended. The first look keeps what stood there then.
struct Written {
  std::string project;
  std::string image;  // of what stood there, see kernel::difference
  std::string upper;  // where the new files lie
  std::vector<sandbox::FileChange> changes;
  std::vector<sandbox::FileChange> left_out;  // what cannot be made real, see sandbox::ChangeKind
  // Why none of it will ever be: others had changed the same while it ran (`conflict`), or it changed what it may not.
  std::optional<base::Error> problem;
};
base::Result<Written> written_by(const kernel::CallContext& call, const std::string& run);

// A change as it is told.
struct Change {
  std::string change;
  std::string path;
  std::string type;
  std::int64_t size = 0;
  std::string mode;
  static constexpr base::Fields fields{
      base::Field{
          "change", &Change::change,
          "create, modify, properties (its mode), touch (its time), remove, or left_out (it cannot be made real)"},
      base::Field{"path", &Change::path, "Relative to the project"},
      base::Field{"type", &Change::type, "file, directory or symlink"},
      base::Field{"size", &Change::size, "Bytes"},
      base::Field{"mode", &Change::mode, "That it gets"},
  };
};
std::vector<Change> rows_of(const std::vector<sandbox::FileChange>& changes);
// With what is left out, and a sentence on each of that, as far as they are few.
std::vector<Change> rows_of(const Written& written);
std::vector<std::string> notes_of(const Written& written);
void add_notes(std::vector<std::string> more, std::optional<std::vector<std::string>>& notes);
// Whether a file of the work itself is missing, so that the rest is no whole.
bool lacks_files(const Written& written);
std::string mode_text(std::uint32_t mode);

bool is_mode_of_folder(const sandbox::FileChange& change);
std::vector<std::string> changed_folders(const std::vector<sandbox::FileChange>& changes, const std::string& project);
// The outermost paths that hold all that changes but the modes of folders.
std::vector<std::string> outermost(const std::vector<sandbox::FileChange>& changes, const std::string& project);

}  // namespace lilux::tools

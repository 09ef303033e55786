#pragma once

// What a project says to agents in files of other programs: AGENTS.md, CLAUDE.md, GEMINI.md with what they import by
// @path, rules of Claude Code and Cursor, Copilot's instructions. Nothing outside of the project is read. Any thread.

#include <functional>
#include <string>
#include <vector>

#include "base/field.h"
#include "base/result.h"

namespace lilux::tools {

struct Instruction {
  std::string path;                     // relative to the project
  std::string applies_to = {};          // a glob over paths; empty: everywhere
  std::string text = {};                // with its imports in place
  std::vector<std::string> parts = {};  // files that it imports
  static constexpr base::Fields fields{
      base::Field{"path", &Instruction::path, "File, relative to the project"},
      base::Field{"applies_to", &Instruction::applies_to, "Files it is about, as globs; empty: all"},
      base::Field{"text", &Instruction::text, "What it says, imports in place"},
      base::Field{"parts", &Instruction::parts, "Files that it imports"},
  };
};

struct Instructions {
  std::vector<Instruction> files;
  std::vector<std::string> skipped;  // "CLAUDE.md imports ~/x: it lies outside of the project"
  static constexpr base::Fields fields{
      base::Field{"files", &Instructions::files, "The outermost first: a later one is nearer to the work"},
      base::Field{"skipped", &Instructions::skipped, "What was not read, and why"},
  };
};

// For work in `folder`, which is the project's or below it. Files that `is_hidden` names are passed by.
base::Result<Instructions> instructions_for(const std::string& project, const std::string& folder,
                                            const std::function<bool(const std::string& path)>& is_hidden);

}  // namespace lilux::tools

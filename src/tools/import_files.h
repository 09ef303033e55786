#pragma once

// The files in which other programs keep what can become items, and what they would become. Only looks. Any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "item/volume.h"
#include "kernel/context.h"
#include "tools/fs_common.h"
#include "tools/item_import.h"

namespace lilux::tools::item_tools {

enum class Root : std::uint8_t { project, home };
std::string root_of(const kernel::CallContext& call, Root root);

// Where things go: what is of the project, and what somebody has in their home for all projects.
struct Targets {
  const item::Volume* project = nullptr;
  const item::Volume* home = nullptr;
  const item::Volume& of(Root root) const { return root == Root::home ? *home : *project; }
};

// Of a skill's folder.
struct ImportFile {
  std::string path;  // below it
  std::string bytes;
  bool is_executable = false;
};

// One thing that was found. What is new has a text, the files of a folder, or a server's declaration.
struct Import {
  ImportRow row;
  std::string content = {};
  std::string category = {};  // below that of the program: "/fe"
  std::vector<ImportFile> files = {};
  base::Json declaration = {};
};

// The folders and files that are looked at for these programs, as far as they are there.
std::vector<std::string> import_places(const kernel::CallContext& call, std::span<const Origin> wanted);
// Symlinks are never followed; what the rules deny to read is not told.
base::Result<std::vector<Import>> imports_in_files(const kernel::CallContext& call, std::span<const Origin> wanted,
                                                   const Sight& sight, const Targets& targets);

}  // namespace lilux::tools::item_tools

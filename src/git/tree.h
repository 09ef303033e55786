#pragma once

// Trees of commits. For git/ itself.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/handles.h"
#include "git/repository.h"

namespace lilux::git {

// `denied`, naming it, for what no folder of ours may hold: a symbolic link, a repository, a name that leads elsewhere.
base::Result<void> check_entry(const std::string& path, git_filemode_t mode);

base::Result<Commit> lookup_commit(const Repository& repository, const std::string& id);
base::Result<Tree> tree_of(const Repository& repository, const std::string& commit);
base::Result<Tree> empty_tree(const Repository& repository);

// All files of a tree, sorted, each checked; `over_budget` beyond a hundred thousand.
base::Result<std::vector<File>> files_of(const Repository& repository, const Tree& tree);

// Writes the content of a file; its id.
base::Result<git_oid> write_content(const Repository& repository, std::string_view bytes);

}  // namespace lilux::git

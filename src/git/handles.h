#pragma once

// libgit2's objects as owners, its errors as the program's Error, and its ids as text. For git/ itself.

#include <memory>
#include <string>
#include <string_view>

#include <git2.h>

#include "base/result.h"

namespace lilux::git {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using RepositoryHandle = std::unique_ptr<git_repository, Free<git_repository_free>>;
using Commit = std::unique_ptr<git_commit, Free<git_commit_free>>;
using Tree = std::unique_ptr<git_tree, Free<git_tree_free>>;
using TreeEntry = std::unique_ptr<git_tree_entry, Free<git_tree_entry_free>>;
using TreeBuilder = std::unique_ptr<git_treebuilder, Free<git_treebuilder_free>>;
using Blob = std::unique_ptr<git_blob, Free<git_blob_free>>;
using Odb = std::unique_ptr<git_odb, Free<git_odb_free>>;
using OdbObject = std::unique_ptr<git_odb_object, Free<git_odb_object_free>>;
using Index = std::unique_ptr<git_index, Free<git_index_free>>;
using Walk = std::unique_ptr<git_revwalk, Free<git_revwalk_free>>;
using DiffHandle = std::unique_ptr<git_diff, Free<git_diff_free>>;
using Reference = std::unique_ptr<git_reference, Free<git_reference_free>>;
using References = std::unique_ptr<git_reference_iterator, Free<git_reference_iterator_free>>;
using Person = std::unique_ptr<git_signature, Free<git_signature_free>>;
using Config = std::unique_ptr<git_config, Free<git_config_free>>;
using RemoteHandle = std::unique_ptr<git_remote, Free<git_remote_free>>;
using PackBuilder = std::unique_ptr<git_packbuilder, Free<git_packbuilder_free>>;

// Before anything of libgit2 is used.
base::Result<void> need_library();

// Calls a function of libgit2 whose first argument is where it puts a new object: make(commit, git_commit_lookup, ...)
// leaves the handle empty when it fails, and `result` tells why.
template <class Handle, class Function, class... Arguments>
int make(Handle& handle, Function function, Arguments... arguments) {
  typename Handle::pointer raw = nullptr;
  const int result = function(&raw, arguments...);
  handle.reset(result < 0 ? nullptr : raw);
  return result;
}

// What libgit2 said went wrong when it was to do `what`: "read 'a' of '/x.git'".
std::unexpected<base::Error> fail_git(int result, std::string_view what);

std::string text_of(const git_oid& id);
base::Result<git_oid> id_of(std::string_view text);

}  // namespace lilux::git

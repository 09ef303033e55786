#pragma once

// What .gitignore files keep out of a search. Nothing else of a repository is read: neither its configuration nor its
// list of files. For one walk, on one thread.

#include <string>
#include <vector>

#include "base/result.h"

namespace lilux::git {

class Ignores {
 public:
  // For a walk from `root`, by the files in it and above it up to the nearest folder with a `.git`. A root that is
  // kept out itself was meant: nothing in it is kept out then, repositories of its own aside.
  static base::Result<Ignores> of(const std::string& root);
  Ignores(Ignores&&) noexcept;
  Ignores& operator=(Ignores&&) noexcept;
  ~Ignores();

  // Asked in the order of the walk, a folder before what lies in it: a repository within begins anew.
  base::Result<bool> has(const std::string& path, bool is_folder);

 private:
  struct Base;
  explicit Ignores(std::string root);
  base::Result<void> add(const std::string& folder);

  std::string root_;
  std::vector<Base> bases_;  // the innermost last
};

}  // namespace lilux::git

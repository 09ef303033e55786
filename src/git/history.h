#pragma once

// What was done: commits of a branch or of one file, and what lies between two of them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "git/commit.h"
#include "git/repository.h"

namespace lilux::git {

struct Record {
  std::string id;
  std::vector<std::string> parents;
  Author author;
  std::int64_t time_us = 0;
  std::string message;
  std::string takes_back = {};  // the commit whose merge it takes back; "" for most
};

// Whether the reader may know of a file; nothing: of all.
using Tells = std::function<bool(const std::string& path)>;

struct HistoryRequest {
  std::optional<std::string> path = {};  // only commits that changed this file
  std::size_t limit = 20;
  Tells tells = {};  // commits of other files alone are left out; of what they are a part of, the reason is too
};
// Of main, newest first. `over_budget` when more than a hundred thousand commits would have to be looked at.
base::Result<std::vector<Record>> history(const Repository& repository, const HistoryRequest& request);
base::Result<Record> record_of(const Repository& repository, std::string_view commit);

// What `newer` has and `older` has not, newest first; "" has none. `over_budget` beyond a hundred thousand commits.
base::Result<std::vector<Record>> records_between(const Repository& repository, const std::string& older,
                                                  const std::string& newer);

// Whether `older` is `newer` or was on the way to it.
base::Result<bool> is_ancestor(const Repository& repository, const std::string& older, const std::string& newer);

struct Diff {
  std::vector<std::string> files;  // those that are not the same
  std::string text;                // unified; of binary files that they differ
  bool is_cut = false;             // the text was longer than a mebibyte
};

struct DiffRequest {
  std::string from = {};  // "": nothing at all
  std::string to = std::string(kMain);
  Tells tells = {};  // other files are left out
};
base::Result<Diff> diff(const Repository& repository, const DiffRequest& request);

// The files that are not the same in two commits; "" is a commit without files. Refuses what `list` refuses.
struct Difference {
  std::string path;
  std::optional<File> before;
  std::optional<File> after;
};
base::Result<std::vector<Difference>> differences(const Repository& repository, const std::string& from,
                                                  const std::string& to);

// What `to` has and `from` has not, commit by commit: how many there are, and the files they changed, sorted, even
// those that a later one took back. "" has none; there is a limit as for records_between.
struct Unshared {
  std::size_t commits = 0;
  std::vector<std::string> files = {};
};
base::Result<Unshared> unshared(const Repository& repository, const std::string& from, const std::string& to);

}  // namespace lilux::git

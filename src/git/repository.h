#pragma once

// A bare repository: the history of a folder that lies elsewhere and holds no .git. There is no index file and nothing
// is checked out; commits are built from trees in memory. The user's and the machine's git configuration have no say.
// One Repository is used by one thread at a time; any number of them and of processes may share what lies on the disk.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct git_repository;

namespace lilux::git {

inline constexpr std::string_view kMain = "main";

enum class Mode : std::uint8_t { plain, executable };

struct File {
  std::string path;  // relative, with slashes
  std::string id;    // of the content, as git counts it; the same for the same bytes everywhere
  Mode mode = Mode::plain;
  std::uint64_t size = 0;
};

struct Branch {
  std::string name;
  std::string tip;  // id of a commit
};

class Repository {
 public:
  // Makes it when nothing is there; two who do so at once get the same one. `corrupt` when what is there is no
  // repository: nothing of it is touched.
  static base::Result<Repository> open_or_create(const std::string& path);
  static base::Result<Repository> open(const std::string& path);
  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;
  ~Repository();

  const std::string& path() const { return path_; }

  // In what follows `where` is the id of a commit or how it begins, a branch ("main", which is HEAD too) or one
  // of a remote ("origin/main"), or one so many before it ("main~2", "HEAD^"). A branch goes before an id.

  // The commit that is meant; `not_found`, with the branches there are.
  base::Result<std::string> commit_at(std::string_view where) const;
  // nullopt before the first commit of a branch.
  base::Result<std::optional<std::string>> tip(std::string_view branch) const;
  base::Result<std::vector<Branch>> branches() const;

  // Without its size. nullopt when there is no such file.
  base::Result<std::optional<File>> find(std::string_view where, std::string_view path) const;
  // `over_budget` when it is larger than `bytes_max`.
  base::Result<std::optional<std::string>> read(std::string_view where, std::string_view path,
                                                std::size_t bytes_max) const;
  base::Result<std::string> read_content(std::string_view id, std::size_t bytes_max) const;
  // All files, sorted by path; refuses trees that no folder may hold (see check_tree).
  base::Result<std::vector<File>> list(std::string_view where) const;

  // What was written is on the disk: all that lies on its filesystem, which is one wait instead of two for each object.
  base::Result<void> sync() const;

  git_repository* handle() const { return handle_; }

 private:
  Repository(std::string path, git_repository* handle) : path_(std::move(path)), handle_(handle) {}
  std::string path_;
  git_repository* handle_ = nullptr;
};

// The id that a file with these bytes has.
base::Result<std::string> content_id(std::string_view bytes);

}  // namespace lilux::git

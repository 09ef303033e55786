#include "tools/git_folders.h"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::tools {
namespace {

// What is needed beside writing these, relative to the folder.
std::string added(const test::Scratch& folder, const std::vector<std::string>& written) {
  kernel::Assessment made;
  for (const std::string& name : written)
    made.needs.push_back({.verb = policy::Verb::write, .resource = "fs", .target = folder / name});
  need_git_folders(made);
  std::string all;
  for (std::size_t i = written.size(); i < made.needs.size(); ++i)
    all += (all.empty() ? "" : " ") + made.needs[i].target.substr(folder.path().size() + 1);
  return all;
}

TEST_CASE("who makes a HEAD makes a repository") {
  const test::Scratch folder;
  CHECK(added(folder, {"docs/config", "docs/objects", "docs/refs", "docs/hooks/pre-commit"}).empty());
  CHECK(added(folder, {"docs/HEAD"}) == "docs/.git");
  CHECK(added(folder, {"nb/config", "nb/HEAD", "nb/objects"}) == "nb/.git");
  CHECK(added(folder, {"HEAD"}) == ".git");
  CHECK(added(folder, {".git/HEAD", "a/.git/logs/HEAD", "a/.git/worktrees/w/HEAD", "a/HEADER", "a/head"}).empty());
}

TEST_CASE("what git runs in a repository of another name is judged as in a .git") {
  const test::Scratch folder;
  std::filesystem::create_directories(folder / "docs/hooks");
  REQUIRE(sys::write_file_atomic(folder / "docs/HEAD", "ref: refs/heads/main\n"));
  CHECK(added(folder, {"docs/HEAD", "docs/index", "docs/a/config", "docs/configs", "docs/hooksx/a"}).empty());
  CHECK(added(folder, {"docs/config"}) == "docs/.git/config");
  CHECK(added(folder, {"docs/commondir", "docs/config.worktree"}) == "docs/.git/commondir docs/.git/config.worktree");
  CHECK(added(folder, {"docs/hooks", "docs/hooks/pre-commit"}) == "docs/.git/hooks docs/.git/hooks/pre-commit");
  CHECK(added(folder, {"other/hooks/pre-commit"}).empty());
}

TEST_CASE("a HEAD that leads nowhere is one to git") {
  const test::Scratch folder;
  std::filesystem::create_directories(folder / "docs");
  std::filesystem::create_symlink("refs/heads/main", folder / "docs/HEAD");
  CHECK(added(folder, {"docs/config"}) == "docs/.git/config");
}

TEST_CASE("reading needs nothing more") {
  const test::Scratch folder;
  kernel::Assessment made{.needs = {{.verb = policy::Verb::read, .resource = "fs", .target = folder / "HEAD"}}};
  need_git_folders(made);
  CHECK(made.needs.size() == 1);
}

}  // namespace
}  // namespace lilux::tools

#include "tools/git_identity.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "sys/file.h"

namespace lilux::tools {
namespace {

TEST_CASE("of a git configuration only the name and the address are taken") {
  const std::string home = sys::make_temporary_directory(std::filesystem::temp_directory_path(), "git-").value();
  CHECK(git_identity(home).empty());
  REQUIRE(
      sys::write_file_atomic(home + "/.gitconfig",
                             "[core]\n\tname = no\n[user]\n\tname = \"A B\"\n  email=a@b.c \n\tsigningKey = secret\n"
                             "\tname = x \\\n[url \"https://token@host\"]\n\temail = no\n"));
  CHECK(git_identity(home) == "[user]\n\tname = \"A B\"\n\temail=a@b.c\n");
  std::filesystem::remove_all(home);
}

}  // namespace
}  // namespace lilux::tools

#include "tools/run_rights.h"

#include <array>

#include <doctest/doctest.h>

namespace lilux::tools {

using sandbox::ChangeKind;
using sys::FileType;

TEST_CASE("rights of a run show what may be read or written, and the folders above it") {
  const std::array<std::string, 3> some{"read fs src/**", "write fs out/*.md", "connect net a.example:443"};
  const RunRights rights = RunRights::parse(some, "/p", "/home/u").value();
  CHECK(rights.shows("/p/src/a/b"));
  CHECK(rights.shows_all("/p/src"));
  CHECK(rights.shows("/p/out/a.md"));
  CHECK_FALSE(rights.shows("/p/out/a.txt"));
  CHECK_FALSE(rights.shows_all("/p/out"));
  CHECK(rights.shows_below("/p/out"));
  CHECK(rights.shows_below("/p"));
  CHECK_FALSE(rights.shows_below("/p/docs"));
  CHECK(RunRights::parse(std::array<std::string, 1>{"read fs **"}, "/p", "").value().shows_all("/p"));
  CHECK_FALSE(RunRights::parse({}, "/p", "").value().shows("/p/a"));
  CHECK_FALSE(RunRights::parse(std::array<std::string, 1>{"look fs a"}, "/p", ""));
}

TEST_CASE("a run may change what it may write, and make folders on the way there") {
  const std::array<std::string, 2> some{"read fs **", "write fs out/*/a.md"};
  const RunRights rights = RunRights::parse(some, "/p", "").value();
  const auto may = [&](const std::string& path, ChangeKind kind, FileType type) {
    return rights.may_make(path, {.kind = kind, .path = {}, .type = type});
  };
  CHECK(may("/p/out/x/a.md", ChangeKind::create, FileType::regular));
  CHECK(may("/p/out/x", ChangeKind::create, FileType::directory));
  CHECK_FALSE(may("/p/out/x", ChangeKind::create, FileType::regular));
  CHECK_FALSE(may("/p/out/x", ChangeKind::properties, FileType::directory));
  CHECK_FALSE(may("/p/out/x", ChangeKind::remove, FileType::directory));
  CHECK_FALSE(may("/p/src/a.md", ChangeKind::modify, FileType::regular));
}

}  // namespace lilux::tools

#include "kernel/trust.h"

#include <doctest/doctest.h>

#include "kernel/kernel.h"
#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::kernel {
namespace {

TEST_CASE("what lies in a trusted folder is trusted, and no folder at all never is") {
  const test::Scratch scratch;
  Folders folders;
  folders.config = scratch.path();
  CHECK_FALSE(is_trusted(folders, "/a"));
  REQUIRE(sys::write_file_atomic(trust_file(folders), trust_text({"/a", "/b c"})));
  CHECK(is_trusted(folders, "/a"));
  CHECK(is_trusted(folders, "/b c/d"));
  CHECK(is_itself_trusted(folders, "/b c"));
  CHECK_FALSE(is_itself_trusted(folders, "/b c/d"));
  CHECK_FALSE(is_trusted(folders, "/ab"));
  REQUIRE(sys::write_file_atomic(trust_file(folders), trust_text({"/"})));
  CHECK(is_trusted(folders, "/anything"));
  CHECK_FALSE(is_itself_trusted(folders, "/anything"));
  CHECK_FALSE(is_trusted(folders, ""));
  CHECK_FALSE(is_itself_trusted(folders, ""));
}

}  // namespace
}  // namespace lilux::kernel

#include "tools/script_denied.h"

#include <array>

#include <doctest/doctest.h>

#include "sys/file.h"
#include "sys/path.h"
#include "tests/support/scratch.h"

namespace lilux::tools {

TEST_CASE("what a script complains about is told when it lies in the project and is not shown") {
  const test::Scratch scratch;
  const std::string project = test::must(sys::resolve(scratch / "p", "", sys::Final::follow));
  for (const char* folder : {"", "/src", "/docs"}) test::must(sys::make_directories(project + folder));
  for (const char* file : {"/src/a", "/docs/b"}) test::must(sys::write_file_atomic(project + file, "x", 0600));
  const std::array<std::string, 1> some{"read fs src/**"};
  const RunRights rights = test::must(RunRights::parse(some, project, ""));
  const auto unseen = [&](const std::string& said) {
    return unseen_path(said, rights, project, project + "/src").value_or("");
  };
  CHECK(unseen("Traceback\nPermissionError: [Errno 13] Permission denied: '../docs/b'\n") == "docs/b");
  CHECK(unseen("cat: " + project + "/docs/b: No such file or directory") == "docs/b");
  CHECK(unseen("Error: ENOENT: no such file, open '../docs'") == "docs");
  CHECK(unseen("../docs/b is odd").empty());                                   // no complaint
  CHECK(unseen("FileNotFoundError: No such file or directory: 'a'").empty());  // it is shown
  CHECK(unseen("No such file or directory: '../docs/gone'").empty());          // it is not there
  CHECK(unseen("Permission denied: '/etc/passwd'").empty());
  CHECK(unseen("Permission denied: '..'").empty());
}

TEST_CASE("the head of a script is written so that nothing it had is lost") {
  item::Script script{.language = item::ScriptLanguage::javascript};
  CHECK(
      head_with(script, "write filesystem a\"b") ==
      "// /// script\n// [tool.lilux]\n// permissions = [\"read filesystem **\", \"write filesystem a\\\"b\"]\n// ///");
  script = {.permissions = {{.verb = "read", .resource = "filesystem", .target = "src/**"}}};
  CHECK(head_with(script, "write filesystem a") ==
        "# permissions = [\"read filesystem src/**\", \"write filesystem a\"]");
}

}  // namespace lilux::tools

// What a power cut must not take.

#include <doctest/doctest.h>

#include "tests/support/tracer.h"
#include "tests/support/undo_world.h"

namespace lilux::tools {
namespace {

using test::UndoWorld;

bool is_synced(const test::Outcome& traced, std::string_view folder) {
  return std::ranges::any_of(traced.places, [&](const std::string& place) {
    return place.starts_with("fsync") && place.ends_with("/" + std::string(folder));
  });
}

TEST_CASE("every folder that is made is on disk, with its name in the folder above") {
  for (const std::string tool : {"fs.mkdir", "fs.write"}) {
    const auto work = [&] {
      UndoWorld world;
      if (tool == "fs.mkdir")
        world.does(tool, {{"path", "empty/made/below/last"}, {"recursive", true}});
      else
        world.does(tool, {{"path", "empty/made/below/last"}, {"content", "x"}, {"create_dirs", true}});
      return 0;
    };
    const test::Outcome traced = test::run_traced({.function = work}, {.kinds = {test::SyscallKind::sync}});
    REQUIRE(traced.exit_code == 0);
    CAPTURE(tool);
    for (const std::string_view folder : {"work/empty", "empty/made", "made/below"}) {
      CAPTURE(folder);
      CHECK(is_synced(traced, folder));
    }
  }
}

}  // namespace
}  // namespace lilux::tools

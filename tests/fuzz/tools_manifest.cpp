// Manifests of build systems: a first line with the name, the rest is the file. What is said of a project is text.

#include "base/encoding.h"
#include "tests/fuzz/input.h"
#include "tools/project_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux;
  fuzz::Input input(data, size);
  const std::string name(input.line());
  if (!tools::is_manifest(name)) return 0;
  const std::string text(input.rest());
  tools::Survey first;
  tools::Survey second;
  const auto has = [](std::string_view other) { return other.size() % 2 == 0; };
  tools::read_manifest(name, text, has, first);
  tools::read_manifest(name, text, has, second);
  fuzz::require(base::to_text(base::encode(first)) == base::to_text(base::encode(second)));
  return 0;
}

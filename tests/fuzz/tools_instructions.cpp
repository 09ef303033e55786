// What a project says to agents, with @imports: three files, divided by lines of "====". Nothing from outside of the
// project is told, however they name each other, and it ends.

#include "tests/fuzz/input.h"
#include "tests/fuzz/scratch.h"
#include "tools/project_instructions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux;
  static const fuzz::Scratch scratch("instructions");
  static const std::string project = std::filesystem::canonical(scratch.path()).string() + "/project";
  static const bool is_made = [] {
    std::filesystem::create_directories(project + "/.claude/rules");
    std::filesystem::create_directories(project + "/.cursor/rules");
    scratch.write("secret.md", "outside-of-the-project");
    return true;
  }();
  fuzz::require(is_made);
  std::string_view rest = fuzz::Input(data, size).rest();
  for (const char* name : {"AGENTS.md", ".claude/rules/b.md", ".cursor/rules/c.mdc"}) {
    constexpr std::string_view kEnd = "\n====\n";
    const std::string_view text = rest.substr(0, rest.find(kEnd));
    scratch.write("project/" + std::string(name), text);
    rest.remove_prefix(std::min(text.size() + kEnd.size(), rest.size()));
  }
  const auto found = tools::instructions_for(project, project, [](const std::string&) { return false; });
  fuzz::require(found.has_value());
  for (const tools::Instruction& one : found->files) fuzz::require(!one.text.contains("outside-of-the-project"));
  return 0;
}

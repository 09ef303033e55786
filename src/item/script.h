#pragma once

// Scripts in Python, for a shell and in JavaScript: nothing but the program, so what is known of it is read from it,
// and nothing is ever run. A block as in PEP 723 may say more, in comments of any of the languages:
//
//   # /// script
//   # dependencies = ["requests==2.31.0"]
//   # [tool.lilux]
//   # permissions = ["read network https://api.example.com", "write filesystem out/**"]
//   # inputs = [{name = "env", required = true}, "verbose"]
//   # ///
//
// Pure; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "item/packages.h"
#include "item/parts.h"

namespace lilux::item {

enum class ScriptLanguage : std::uint8_t { python, shell, javascript };
constexpr std::array<std::string_view, 3> enum_names(ScriptLanguage) {
  return {"python", "shell", "javascript"};
}

struct Script {
  ScriptLanguage language = ScriptLanguage::python;
  std::string description = {};  // the first paragraph of the docstring, or of the comment at the head
  std::string version = {};      // __version__
  std::string executor = {};     // __executor__
  std::string requires_python = {};
  std::vector<std::string> imports = {};      // of Python, without what comes with it
  std::vector<Dependency> dependencies = {};  // declared, or else the packages of the imports
  bool are_dependencies_declared = false;
  std::vector<std::string> environment = {};
  std::vector<Permission> permissions = {};
  std::vector<Input> inputs = {};
  bool are_inputs_declared = false;  // in the head, and not by the program itself
  std::string code = {};             // the whole text, which is the item
  friend bool operator==(const Script&, const Script&) = default;
};

// `ending` is that of the file: py, sh, js, mjs; py when empty.
Script parse_script(std::string_view text, std::string_view ending, Review& review);

// The package that a module comes in: "yaml" -> "PyYAML"; most are named like theirs.
std::string package_of(std::string_view module);

}  // namespace lilux::item

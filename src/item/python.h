#pragma once

// What can be told of a Python program without running it: its docstring, what it imports, which variables of the
// environment it asks for, and the arguments it declares with argparse. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "item/parts.h"

namespace lilux::item {

struct PythonFacts {
  std::string docstring = {};
  std::vector<std::string> imports = {};      // outermost modules, each once, in their order
  std::vector<std::string> environment = {};  // names of variables
  std::vector<Input> inputs = {};
  std::vector<Attribute> dunders = {};  // __version__ = "1.0" outside of everything
};

// Quotes and brackets that are not closed are errors.
PythonFacts python_facts(std::string_view text, Review& review);

bool is_python_standard(std::string_view module);

}  // namespace lilux::item

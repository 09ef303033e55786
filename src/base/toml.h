#pragma once

// toml++ as the whole program uses it, for the .cpp files that read TOML; it makes headers heavy. Without exceptions
// for texts that are no TOML: those are a parse_result. Pure; any thread.

#include <string_view>

// The library asserts what some broken texts do not keep, "[!]" for one. parse_toml() makes an error of that too.
namespace lilux::base {
[[noreturn]] void give_up_toml();
}  // namespace lilux::base
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : ::lilux::base::give_up_toml())
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 0  // compiled once, in toml.cpp: the shared library would bring a second libstdc++
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace lilux::base {

toml::parse_result parse_toml(std::string_view text, std::string_view file_name = {});

}  // namespace lilux::base

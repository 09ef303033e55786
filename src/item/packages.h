#pragma once

// Packages of Python: what a script asks for, what a requirements.lock fixes, and what is installed. Pure; any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::item {

struct Dependency {
  std::string package = {};
  std::string version = {};     // when exactly one is asked for
  bool is_conditional = false;  // "; python_version < '3.9'": only where that holds
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

// Of "requests[socks]==2.31.0 ; python_version > '3'"; nothing when it begins with no name.
std::optional<Dependency> dependency_from(std::string_view text);

// A requirements.lock: "name==version" a line, with hashes and comments as others write them.
base::Result<std::vector<Dependency>> parse_lock(std::string_view text);
// Those asked for that the lock has no version for, or another one.
std::vector<Dependency> not_locked(std::span<const Dependency> wanted, std::span<const Dependency> lock);

// Whether a Python of this version, "3.11", is one that requires-python asks for: ">=3.9,<4". What is not understood,
// or is about the third number, lets it through.
bool suits_python(std::string_view wanted, std::string_view version);

// What the METADATA file of an installed package says it is; nothing when that is no name and version.
std::optional<Dependency> installed_from(std::string_view metadata);
// Those of the lock that are not installed as they are locked, each with the version that is there or none.
struct Mismatch {
  Dependency locked;
  std::string installed = {};
};
std::vector<Mismatch> not_installed(std::span<const Dependency> lock, std::span<const Dependency> installed);

}  // namespace lilux::item

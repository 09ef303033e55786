#pragma once

// What the manifest of a build system says of a project. Pure: text in, facts out; a broken manifest says nothing.

#include <string>
#include <string_view>

#include "tools/project_survey.h"

namespace lilux::tools {

// Whether a file of that name, in the project's own folder, is a manifest.
bool is_manifest(std::string_view name);

// Adds what it says; `has` tells whether a file of that name lies beside it.
void read_manifest(const std::string& name, const std::string& text,
                   const std::function<bool(std::string_view name)>& has, Survey& survey);

}  // namespace lilux::tools

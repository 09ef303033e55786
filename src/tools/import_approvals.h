#pragma once

// What the settings of aiOS and MixOS-GO say about asking a person: of both that is what can be brought over, as rules
// that are proposed. Pure; any thread.

#include <string_view>

#include "base/result.h"
#include "tools/import_settings.h"

namespace lilux::tools {

// ~/.aios/policy.toml: namespaces whose tools need a confirmation.
base::Result<void> read_aios(std::string_view text, SettingsFound& found);
// ~/.mixos/config.yaml: "always_approve" are the actions that it always asks about, "never_approve" those it never
// does.
base::Result<void> read_mixos(std::string_view text, SettingsFound& found);

}  // namespace lilux::tools

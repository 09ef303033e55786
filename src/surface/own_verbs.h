#pragma once

// Verbs that are more than one call, or none. Each prints what it has and gives the exit code. One thread.

#include <span>
#include <string_view>

#include "base/result.h"

namespace lilux::surface {

base::Result<int> up_verb(std::span<const std::string_view> words);
base::Result<int> events_verb(std::span<const std::string_view> words);
// With -f the newest calls and then each as it ends.
base::Result<int> logs_verb(std::span<const std::string_view> words);
base::Result<int> top_verb(std::span<const std::string_view> words);
base::Result<int> service_install_verb(std::span<const std::string_view> words);
base::Result<int> help_verb(std::span<const std::string_view> words);
// lilux complete -- [word]...: "word<TAB>summary" on a line each.
base::Result<int> complete_verb(std::span<const std::string_view> words);
base::Result<int> completion_verb(std::span<const std::string_view> words);

}  // namespace lilux::surface

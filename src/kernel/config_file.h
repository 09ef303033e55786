#pragma once

// config.toml as a flat list of dotted keys. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::kernel {

struct FileSetting {
  std::string key;                   // "http.port"
  std::optional<std::string> value;  // of an integer, a string or a boolean; absent for anything else
  std::string kind;                  // "integer", "list", "empty table", ...
  std::int64_t line = 0;
};

// In the order of the file. `invalid_argument` with file, line and column when it is no TOML.
base::Result<std::vector<FileSetting>> read_config_file(std::string_view text, const std::string& file_name);

}  // namespace lilux::kernel

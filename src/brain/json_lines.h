#pragma once

// Files with an object on each line, as data for measuring is written. Pure; any thread.

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace lilux::brain {

// Calls `take(row, place, line)` for each line that is not blank, of which there has to be one; `name` is what errors
// call the file.
base::Result<void> each_row(std::string_view text, std::string_view name, auto take) {
  bool is_any = false;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), row.size() + 1));
    if (row.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    is_any = true;
    const std::string place = std::string(name) + ":" + std::to_string(line);
    auto parsed = base::parse_json(row);
    if (!parsed) return base::in_context(parsed.error(), place);
    if (!parsed->is_object())
      return base::fail(base::ErrorCode::invalid_argument, place + ": it is no object", "one object on each line");
    TRY(take(*parsed, place, line));
  }
  if (!is_any)
    return base::fail(base::ErrorCode::invalid_argument, std::string(name) + ": it is empty",
                      "one object on each line");
  return {};
}

// The row's id as it stands there; its line where it has none.
inline base::Json id_of(const base::Json& row, std::size_t line) {
  for (const char* name : {"id", "_id"}) {
    if (const base::Json* id = row.find(name); id != nullptr && !id->is_null()) return *id;
  }
  return std::to_string(line);
}

// What is asked: its "query" or "text", else what its "messages" say that are a user's, one line each; of content in
// parts its texts, and of lists within the list what these hold.
base::Result<std::string> asked_in(const base::Json& row);

}  // namespace lilux::brain

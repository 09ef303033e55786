#pragma once

// Ids of calls and tasks: a letter and twelve characters of Crockford's base 32, small enough to type. The first part
// is the time, so ids sort by age; the rest makes them unique. An IdSource may be used from any thread.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace lilux::base {

class IdSource {
 public:
  IdSource();
  // Greater than every id this source gave before.
  std::string next(char kind);

 private:
  std::atomic<std::uint64_t> last_;
};

bool is_id(std::string_view text, char kind);
// When it was given, since 1970; 0 for what is no id.
std::int64_t time_of_id(std::string_view id);

}  // namespace lilux::base

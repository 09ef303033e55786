#pragma once

// Clocks and how times and durations are written. Pure but for the clocks; any thread.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::base {

std::int64_t now_us();     // wall clock, microseconds since 1970
std::int64_t steady_us();  // never goes back

// "2026-03-01T12:00:00.123Z"
std::string format_time(std::int64_t time_us);
// RFC 3339 with Z or an offset, "2026-03-01", or a duration before `now_us`: "10m", "2h", "7d".
Result<std::int64_t> parse_time(std::string_view text, std::int64_t now_us);
// "250ms", "10s", "10m", "2h", "7d"; a bare number is seconds.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace lilux::base

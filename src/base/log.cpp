#include "base/log.h"

#include <string>
#include <tuple>
#include <utility>

#include <unistd.h>

#include "base/escape.h"
#include "base/time.h"

namespace lilux::base {

namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::error: return "error";
    case LogLevel::warning: return "warning";
    case LogLevel::info: return "info";
    case LogLevel::debug: return "debug";
  }
  std::unreachable();
}

}  // namespace

void Log::write(LogLevel level, std::string_view text) const {
  if (!shows(level)) return;
  std::string line = format_time(now_us()) + " " + std::string(name_of(level)) + ": ";
  for (const char c : escape_for_terminal(text)) line += c == '\n' ? std::string("\\n") : std::string(1, c);
  line += '\n';
  std::ignore = ::write(fd_, line.data(), line.size());  // there is nowhere left to report it
}

}  // namespace lilux::base

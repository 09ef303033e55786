#pragma once

// Lines for whoever watches the process: time, level, text. What must be kept goes to the ledger instead. A value that
// is handed on by reference; any thread, one write per line.

#include <cstdint>
#include <string_view>

namespace lilux::base {

enum class LogLevel : std::uint8_t { error, warning, info, debug };

class Log {
 public:
  // Writes what is as grave as `most` or graver to that file descriptor, which stays the caller's.
  explicit Log(LogLevel most = LogLevel::warning, int fd = 2) : most_(most), fd_(fd) {}

  // Appends "2026-03-01T12:00:00.123Z warning: text"; control characters in it are escaped. A line that cannot be
  // written is lost.
  void write(LogLevel level, std::string_view text) const;
  void error(std::string_view text) const { write(LogLevel::error, text); }
  void warning(std::string_view text) const { write(LogLevel::warning, text); }
  void info(std::string_view text) const { write(LogLevel::info, text); }
  void debug(std::string_view text) const { write(LogLevel::debug, text); }

  bool shows(LogLevel level) const { return level <= most_; }

 private:
  LogLevel most_;
  int fd_;
};

}  // namespace lilux::base

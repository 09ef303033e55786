#include "base/log.h"

#include <array>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

namespace lilux::base {
namespace {

std::string written(LogLevel most, LogLevel level, std::string_view text) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  Log(most, ends[1]).write(level, text);
  ::close(ends[1]);
  std::array<char, 500> line{};
  const ssize_t size = ::read(ends[0], line.data(), line.size());
  ::close(ends[0]);
  REQUIRE(size >= 0);
  return {line.data(), static_cast<std::size_t>(size)};
}

TEST_CASE("a line has its time, its level and its text") {
  const std::string line = written(LogLevel::info, LogLevel::info, "listening on 4711");
  CHECK(line.ends_with("Z info: listening on 4711\n"));
  CHECK(line.size() == std::string("2026-03-01T12:00:00.123Z info: listening on 4711\n").size());
}

TEST_CASE("what is less grave than asked for is not written") {
  CHECK(written(LogLevel::warning, LogLevel::info, "x").empty());
  CHECK(written(LogLevel::warning, LogLevel::error, "x").ends_with("error: x\n"));
  CHECK(Log(LogLevel::debug).shows(LogLevel::debug));
  CHECK_FALSE(Log().shows(LogLevel::info));
}

TEST_CASE("a text cannot pretend to be a second line, nor speak to the terminal") {
  CHECK(written(LogLevel::info, LogLevel::info, "a\n2026 error: b\x1b[0m")
            .ends_with("info: a\\n2026 error: b\\u{1b}[0m\n"));
}

}  // namespace
}  // namespace lilux::base

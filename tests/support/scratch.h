#pragma once

// What unit tests near the system need: a folder that goes away, a Result unpacked or the test failed with its message,
// and a piece of code run in a child process.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/result.h"

namespace lilux::test {

class Scratch {
 public:
  Scratch() {
    const char* given = std::getenv("TMPDIR");
    path_ = std::filesystem::canonical(given == nullptr ? "/tmp" : given).string() + "/lilux-test-XXXXXX";
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;  // a folder left in /tmp fails no test
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The value, or the test ends with the error.
template <class T>
T must(base::Result<T> result) {
  if (!result) FAIL(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The code of the error; the test fails when there is none.
template <class T>
base::ErrorCode code_of(const base::Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().code;
}

// What waitpid says of a child that ran `body` and ended with its result.
template <class Body>
int in_child(Body body) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace lilux::test

#pragma once

// An owned file descriptor, closed by its destructor. Every descriptor this program makes is close-on-exec. Movable,
// not copyable; one owner at a time.

#include <utility>

#include "base/result.h"

namespace lilux::sys {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { close(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  void close();

 private:
  int number_ = -1;
};

base::Result<Fd> duplicate(int fd);

base::Result<void> set_nonblocking(int fd);

}  // namespace lilux::sys

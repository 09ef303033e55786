#pragma once

// Both ends of a pipe for tests.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/fd.h"

namespace lilux::test {

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    read = sys::Fd(ends[0]);
    write = sys::Fd(ends[1]);
  }

  sys::Fd read;
  sys::Fd write;
};

}  // namespace lilux::test

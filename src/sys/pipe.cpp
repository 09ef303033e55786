#include "sys/pipe.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "sys/error.h"

namespace lilux::sys {

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(errno, "make a pipe");
  return Pipe{.out = Fd(ends[0]), .in = Fd(ends[1])};
}

}  // namespace lilux::sys

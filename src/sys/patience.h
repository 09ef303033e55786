#pragma once

// How long libraries that know no end themselves, libgit2 and libssh2, wait for the other side of a connection. The few
// calls by which they wait (connect, recv, send, poll) are taken over when the program is linked, see CMakeLists.txt,
// and end when this is over. On its thread alone, while it stands; every other thread waits as ever.

#include <chrono>
#include <stop_token>

namespace lilux::sys {

class Patience {
 public:
  Patience(std::chrono::steady_clock::time_point until, std::stop_token stop);
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  ~Patience();

  bool is_over() const;

 private:
  std::chrono::steady_clock::time_point until_;
  std::stop_token stop_;
};

}  // namespace lilux::sys

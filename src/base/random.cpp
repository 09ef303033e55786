#include "base/random.h"

#include <sys/random.h>

namespace lilux::base {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t have = 0; have < count;) {
    const ssize_t got = ::getrandom(bytes.data() + have, count - have, 0);
    if (got > 0) have += static_cast<std::size_t>(got);  // an interruption is tried again; nothing else fails
  }
  return bytes;
}

}  // namespace lilux::base

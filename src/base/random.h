#pragma once

// Random bytes of the kernel's generator. Any thread.

#include <cstddef>
#include <string>

namespace lilux::base {

std::string random_bytes(std::size_t count);

}  // namespace lilux::base

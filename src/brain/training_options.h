#pragma once

// What a person may set about training. A value.

#include <cstddef>
#include <cstdint>

namespace lilux::brain {

struct TrainingOptions {
  std::uint64_t seed = 1;
  std::size_t bytes_max = 15'500'000;  // of the stored model
  std::size_t threads = 2;             // changes how long it takes and nothing else
};

}  // namespace lilux::brain

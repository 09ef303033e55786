// Tables of meanings as anybody may write them: given a checksum that fits, one is refused, or it is written as it was
// read and says something finite of every word.

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/hash.h"
#include "brain/meanings.h"
#include "tests/fuzz/input.h"

using namespace lilux::brain;
using lilux::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const std::uint32_t version = 1;
  const std::uint32_t sum = lilux::base::crc32c(body);
  std::string bytes = "LILUXMNG";
  bytes.append(reinterpret_cast<const char*>(&version), sizeof version);
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  bytes += body;
  const auto meanings = Meanings::load(bytes);
  if (!meanings) return 0;
  require(meanings->save() == bytes);
  const std::vector<std::string> stems{"ferri", "qqqq", "a", ""};
  const std::vector<float> vector = meanings->of(stems);
  require(vector.size() == meanings->dimensions());
  for (const float value : vector) require(std::isfinite(value) && std::abs(value) <= 1.001F);
  return 0;
}

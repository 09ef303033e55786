// Files of domains as anybody may write them are refused, or are the same again once written; rows say what their
// labels call, or are refused by their line.

#include <cstddef>
#include <cstdint>
#include <string>

#include "brain/domain_file.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux;
  const std::string text(fuzz::Input(data, size).rest());
  if (const auto domain = brain::load_domain(text)) {
    const auto again = brain::load_domain(brain::save(*domain));
    fuzz::require(again && again->calls == domain->calls);
  }
  const auto calls = brain::calls_of_labels(text, "rows");
  fuzz::require(calls || calls.error().message.starts_with("rows:"));
  return 0;
}

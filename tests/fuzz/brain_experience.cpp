// A file of answers from outside: it reads or is refused by its line; what was read is written and read the same, and
// asking what was learned of it for any of its sentences ends, the same way twice.

#include <cstddef>
#include <cstdint>
#include <string>

#include "brain/experience.h"
#include "brain/learned.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux;
  using fuzz::require;
  const std::string text(fuzz::Input(data, size).rest());
  const auto read = brain::parse_experiences(text, "answers");
  if (!read) {
    require(read.error().message.starts_with("answers:"));
    return 0;
  }
  const std::string written = brain::lines_of(*read);
  const auto again = brain::parse_experiences(written, "answers");
  require(again && brain::lines_of(*again) == written);
  const brain::Learned learned = brain::Learned::of(*read);
  for (const brain::Experience& example : *read) {
    const auto one = learned.recall(example.text);
    const auto two = learned.recall(example.text);
    require(one.has_value() == two.has_value() && (!one || one->confidence == two->confidence));
    const double doubt = learned.doubt(example.text, example.tool);
    require(doubt >= 0 && doubt <= 1);
    if (const auto nearest = learned.nearest(example.text))
      require(nearest->confidence >= 0 && nearest->confidence <= 1);
  }
  return 0;
}

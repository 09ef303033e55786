// A text and a patch from outside, a NUL between them: what applies can be told as a diff, which applies to the same
// and, the other way round, takes it back.

#include <string>

#include "tests/fuzz/input.h"
#include "text/diff.h"

namespace {

using namespace lilux::text;
using lilux::fuzz::require;

void check(std::string_view before, std::string_view after) {
  const std::string diff = unified_diff(before, after, {.old_name = "a", .new_name = "b"});
  require(diff.empty() == (before == after));
  if (diff.empty() || is_binary(before) || is_binary(after)) return;
  require(apply_patch(before, diff) == after);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = lilux::fuzz::Input(data, size).rest();
  const std::string_view before = input.substr(0, input.find('\0'));
  const std::string_view patch = input.substr(std::min(before.size() + 1, input.size()));
  const auto after = apply_patch(before, patch);
  if (after) {
    require(after->size() <= before.size() + patch.size());
    check(before, *after);
    check(*after, before);
  } else {
    require(!after.error().message.empty());
  }
  check(before, patch);
  check(patch, before);
  return 0;
}

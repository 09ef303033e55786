// The ledger's anchor and what checkpoints and retention say, from outside: what is read is written and read as the
// same.

#include <string>

#include "ledger/anchor.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::ledger;
  using lilux::base::to_text;
  using lilux::fuzz::require;
  static const lilux::fuzz::Scratch scratch("anchor");
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  if (const auto checkpoint = parse_checkpoint(text)) {
    const std::string written = to_text(to_json(*checkpoint));
    const auto again = parse_checkpoint(written);
    require(again && to_text(to_json(*again)) == written);
    require(signed_message(*again, {.sequence = 1}) == signed_message(*checkpoint, {.sequence = 1}));
  }
  if (const auto kept = parse_kept(text)) {
    const auto again = parse_kept(to_text(to_json(*kept)));
    require(again && *again == *kept);
    // An anchor carries a digest, which mutation does not hit: what is kept is put into a sound one.
    require(write_anchor(scratch.path(), {.root = kept->public_key, .kept = *kept}).has_value());
    const auto anchor = read_anchor(scratch.path());
    require(anchor && *anchor && (*anchor)->kept == *kept && (*anchor)->root == kept->public_key);
  }
  scratch.write("ledger.anchor", text);
  const auto anchor = read_anchor(scratch.path());
  if (!anchor) require(!anchor.error().hint.empty());
  return 0;
}

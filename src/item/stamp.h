#pragma once

// The integrity stamps of Kiwi: the first twelve hexadecimal digits of a SHA-256 and a time. Anybody can write one, so
// they tell an accident, not an attacker. Bytes and places are Kiwi's, whose files verify here and the other way round.
// Pure; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "item/kind.h"

namespace lilux::item {

// none: no stamp, which is allowed. valid: the text is what was stamped. modified: it is not. invalid: there is a stamp
// that cannot be read, or nothing it could be of.
enum class StampState : std::uint8_t { none, valid, modified, invalid };
constexpr std::array<std::string_view, 4> enum_names(StampState) {
  return {"none", "valid", "modified", "invalid"};
}

struct Stamp {
  StampState state = StampState::none;
  std::string time = {};  // as it stands there
  std::string hash = {};
  // Whether the item may be used: no stamp, or one of this very text.
  bool fits() const { return state == StampState::none || state == StampState::valid; }
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

bool has_stamp(Kind kind);  // directives, scripts and knowledge

// Of directives, scripts and knowledge; other kinds have none. `ending` is a script's, "py" when empty.
Stamp verify_stamp(Kind kind, std::string_view text, std::string_view ending = {});
// The text with a stamp of now, in place of another. Fails for other kinds and for a directive without its element.
base::Result<std::string> stamped(Kind kind, std::string_view text, std::int64_t now_us, std::string_view ending = {});

}  // namespace lilux::item

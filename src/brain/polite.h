#pragma once

// What people say around what they want: "could you please show me the files, thanks". Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "brain/phrase.h"

namespace lilux::brain {

// Without what asks for it politely before and after, and with "what's" as "what is". What forbids or asks whether one
// may is no politeness: "can I undo that" stays as it is.
std::string plainly(std::string_view text);

// The same without articles and other small words, and with one word for those that mean the same: show, see and
// display; folder and directory. Too loose for what changes anything.
std::string loosely(std::string_view text);
// The same word by word, over the text as it was said: what is taken from between two words is what the speaker said,
// and no other word for it.
Spoken loosely_spoken(std::string_view text);

// A phrase loosened; nothing where that is none any more, or says as little as "remind {{query}}", which takes all that
// may stand behind "remind".
std::optional<std::string> loosened(const std::string& phrase);

}  // namespace lilux::brain

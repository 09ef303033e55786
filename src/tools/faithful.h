#pragma once

// Whether a call keeps to the words of its sentence: what is written is a text and not what one calls it, what is
// deleted is of the kind that was said and not all that is here, and nothing is halted for all where some are spoken
// of. A layer that guesses may take one for the other; such a call is taken back, and what it would have to know is
// asked for. Pure; any thread.

#include <string_view>

#include "brain/caller.h"

namespace lilux::tools {

// Where one call does not, none is left, and `missing` says why.
void keep_to_words(brain::Proposal& found, std::string_view text);

// Whether a text in no quotes says what it is and not how it reads: "the output of ls", "a poem".
bool only_describes(std::string_view value);

// Whether a word says of what sort something is, and is seldom its name: "empty", "newest".
bool is_quality(std::string_view word);
// Whether it is a kind of item, of one or of several: "script", "plans".
bool is_item_kind(std::string_view word);

}  // namespace lilux::tools

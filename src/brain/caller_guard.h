#pragma once

// Sentences that name what a tool does and do not ask for it: forbidden, asked about, quoted or told of, or about
// something else. Tools whose effect cannot be taken back are not called for them. Pure; any thread.

#include <cstddef>
#include <string_view>
#include <vector>

#include "brain/extract.h"
#include "brain/schema.h"

namespace lilux::brain {

// Why nothing that cannot be taken back may follow from the sentence; empty where it is a plain request.
std::string_view held_back(const Reading& reading);

// The same for one tool. What may not be taken back is held back by all of that, and unless a part of the sentence
// begins with what the tool does: "delete it", "read it and then remove it"; of the others each by what is said of
// its own act: "do not get", and, where the tool may change something, "he sent", "what happens if I send".
std::string_view held_back_from(const Reading& reading, const Tool& tool);

// The same for what a person has made: a request that begins with its act is one, whatever is printed, translated or
// written then; only what forbids holds it back.
std::string_view held_back_from_own(const Reading& reading, const Tool& tool);

// The words that order what the tool does: a part of the sentence begins with each of them.
std::vector<std::size_t> acts_in(const Reading& reading, const Tool& tool);

// Whether all that the sentence says is the tool's, or two words of it are: to remove is not yet to remove notes.
bool is_about(const Reading& reading, const Tool& tool);

}  // namespace lilux::brain

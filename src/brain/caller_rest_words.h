#pragma once

// Words of a request that are no values of what it asks for, those that stand for all there are, and times: what
// caller_rest.h needs to know before it gives what is left. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brain/extract.h"
#include "brain/schema.h"

namespace lilux::brain {

// A text with no look of its own that belongs to no object.
bool is_plain_text(const Parameter& one);
bool tells_time(const Parameter& one);

// The one text that what is left of a sentence may be the value of: the only one there is, or else the only one that is
// needed. It belongs to no object and has no look of its own.
std::optional<std::size_t> gap_of(const Tool& tool);

// Whether the word is one of the tool's name, description or parameters.
bool speaks_of(const Tool& tool, const std::string& stem);

// Marks what asks for the tool, politely or not, and is no value: "please", and the verb in front.
void mark_asking(const Reading& reading, const Tool& tool, std::vector<bool>& told);

// "all" of "lock all the doors", which is as much a value as the name of one would be. What only looks tells of all
// there is without being told to, unless it is asked by that very noun: "show the logs of all servers".
bool counts_all(const Reading& reading, const Tool& tool, std::size_t at);

// Where times stand, a day and a time of day beside it as one: "june 5 at 9:15", "tomorrow at 10".
std::vector<Span> times_in(const Reading& reading);

// Whether what a span says is a kind and no name: "pdf" of "a pdf".
bool is_of_kind(const Reading& reading, Span span);

}  // namespace lilux::brain

#pragma once

// The place of a text that shows best why it was found. Pure, but for the stemmer of `words`.

#include <map>
#include <string>
#include <string_view>

#include "search/words.h"

namespace lilux::search {

// At most about `bytes_max` bytes on one line, from where most of the wanted terms stand close together; the beginning
// when there is none. `wanted` says what each is worth. An ellipsis stands for what was left out.
std::string snippet(std::string_view text, const std::map<std::string, double>& wanted, Words& words,
                    std::size_t bytes_max = 240);

}  // namespace lilux::search

#pragma once

// Sentences of everyday life that are about nothing in particular: what is foreign to a classifier whose examples do
// not say so themselves. Of our own writing, in foreign.txt, a part of the program. Pure; any thread.

#include <string_view>
#include <vector>

namespace lilux::brain {

std::vector<std::string_view> foreign_sentences();

}  // namespace lilux::brain

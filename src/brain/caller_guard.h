#pragma once

// Sentences that name what a tool does and do not ask for it: forbidden, asked about, quoted or told of. Tools whose
// effect cannot be taken back are not called for them. Pure; any thread.

#include <string_view>

#include "brain/extract.h"

namespace lilux::brain {

// Why nothing that cannot be taken back may follow from the sentence; empty where it is a plain request.
std::string_view held_back(const Reading& reading);

}  // namespace lilux::brain

#pragma once

// Takes the secrets of a call out of its output: in plain, in base64 (all three alignments), hex and percent-encoded
// form. Pure; any thread.

#include <string>
#include <vector>

#include "base/json.h"
#include "kernel/tool.h"

namespace lilux::kernel {

void scrub_secrets(const Tool& tool, const base::Json& arguments, base::Json& output);
// The text with every form of every secret replaced by "[secret]". Secrets under four bytes are left: they would blank
// out ordinary text.
std::string scrub_text(std::string text, const std::vector<std::string>& secrets);

}  // namespace lilux::kernel

#pragma once

// Phrasings that are made of what a tool says of itself, for sentences that nobody ever said of it: of restart_server
// with the input server "restart server", "restart {{server}}" and "server {{server}}". A sentence may be one of them,
// the first in other words of the same meaning too; what is left of it is the value of the gap. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "brain/extract.h"
#include "brain/schema.h"

namespace lilux::brain {

// whole: what is done and with what, wherever it stands. act: what is done alone, in front. thing: with what, in front.
// Of tools that cannot be taken back there is the whole alone; of the others the act and the thing where they are said
// of little else (print, invoice; not get, file), no other tool of the set has the word and a value is said too.
enum class Form : std::uint8_t { whole, act, thing };

struct Phrased {
  std::size_t tool = 0;  // its place in the set
  Form form = Form::whole;
  std::string text = {};  // "restart {{server}}"
  base::Json arguments = base::JsonObject{};
};

// The one tool that the sentence is a phrasing of, where all that it says is the phrasing's, the tool's or in the
// arguments, which the schema takes; nothing where no tool is it, or several are as much.
std::optional<Phrased> phrased(const Reading& reading, const ToolSet& tools);

}  // namespace lilux::brain

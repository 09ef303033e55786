#include "tools/phrased.h"

#include "brain/caller_guard.h"
#include "brain/phrasing.h"
#include "brain/polite.h"
#include "brain/split.h"

namespace lilux::tools {

namespace {

constexpr double kPhrased = 0.75;  // enough to be offered, never to be made

}  // namespace

std::optional<brain::Proposal> by_phrasings(std::string_view text, const brain::ToolSet& tools,
                                            const brain::CallContext& spoken) {
  if (brain::split_request(text).size() > 1) return std::nullopt;
  search::Words words;
  brain::Reading reading = brain::read(brain::plainly(text), spoken.now, words);
  reading.offset = spoken.offset;
  std::optional<brain::Phrased> found = brain::phrased(reading, tools);
  if (!found) return std::nullopt;
  const brain::Tool& tool = tools.tools()[found->tool];
  if (!brain::held_back_from(reading, tool).empty()) return std::nullopt;
  brain::Proposal made{.confidence = kPhrased, .is_asked = true, .tool = tool.name, .why = "as '" + found->text + "'"};
  made.calls.push_back({.name = tool.name, .arguments = std::move(found->arguments), .confidence = kPhrased});
  return made;
}

}  // namespace lilux::tools

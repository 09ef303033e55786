#pragma once

// The two files beside the knowledge of a volume: index.json, which is made from the notes and follows every change of
// one, and relationships.json, which the history still has when somebody removed it by hand. Any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "item/knowledge.h"
#include "item/volume.h"
#include "kernel/context.h"
#include "tools/volumes.h"

namespace lilux::tools::knowledge {

inline constexpr std::string_view kTies = "knowledge/relationships.json";
inline constexpr std::string_view kIndex = "knowledge/index.json";

struct Note {
  item::Listed listed;
  item::Knowledge knowledge;
};
// The knowledge of a volume that can be read.
base::Result<std::vector<Note>> notes_of(const kernel::CallContext& call, const item::Volume& volume);

// All notes that the caller may see, as index.json says it; of others what it said before stays.
base::Result<std::string> written_index(const kernel::CallContext& call, const item::Volume& volume);

// What the newest commit says at that path; nothing when it has none, so also after it was removed by a call.
base::Result<std::optional<item::Content>> in_history(const item::Volume& volume, std::string_view path);

// The ties that are written down in a volume, in its history when the file was removed by hand; none when neither can
// be read. An error when it is no list of ties.
base::Result<std::vector<item::Tie>> ties_in(const item::Volume& volume);
base::Result<std::vector<item::Tie>> read_ties(const item::Volume& volume, const std::string& text);
// Those in all volumes that begin or end at a note, each once, where there is a note at the other end that the caller
// may know of. A file that is no list of ties has none: knowledge.graph tells of it.
base::Result<std::vector<item::Tie>> ties_at(const kernel::CallContext& call, const Volumes& volumes,
                                             const std::string& name);

// After a change at `path`: both files are there and up to date again, by commits of their own. An index of nothing is
// no file. What cannot be kept, because a rule denies it or others are at it too, is left to the next change.
void keep_lists(kernel::CallContext& call, const Volumes& volumes, const item::Volume& volume, const std::string& path);

}  // namespace lilux::tools::knowledge

#pragma once

// What a call was about and what it gave, as far as a later sentence may mean it: files, items, tasks, calls, processes
// and texts. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "brain/reference.h"

namespace lilux::tools {

struct Thing {
  brain::Wanted kind = brain::Wanted::path;
  std::string value;
  std::string item_kind = {};
  bool operator==(const Thing&) const = default;
};

// A call as it was made; `output` is an empty object where it is not known yet.
struct MadeCall {
  std::string tool;
  base::Json arguments = base::JsonObject{};
  base::Json output = base::JsonObject{};
};

// What it was about: the file it read, the item it ran. Two of a kind where both may be meant, as of a copy.
std::vector<Thing> named_by(const MadeCall& call);
// Whether "undo" alone may mean a call of that tool.
bool is_work(std::string_view tool);
// The list that it gave, in its order.
std::vector<Thing> listed_by(const MadeCall& call);
// Of what kind such a list of the tool is; nothing when it gives none.
std::optional<brain::Wanted> kind_listed_by(std::string_view tool);

// Whether it shows a list of any kind, one that no sentence can point into as well.
bool shows_list(std::string_view tool);

// Whether what it gives is a text: a file's, a program's, an item's.
bool gives_text(std::string_view tool);

bool fits(const Thing& thing, const brain::Mention& mention);

}  // namespace lilux::tools

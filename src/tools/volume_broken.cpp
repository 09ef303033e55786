#include "tools/volume_broken.h"

#include <utility>

#include "git/history.h"
#include "tools/item_rows.h"
#include "tools/volumes.h"

namespace lilux::tools {

using base::Result;
using kernel::CallContext;

Result<void> check_item(const CallContext& call, const item::Volume& to, const std::string& path,
                        const std::string& text) {
  const std::optional<item::Place> place = item::place_of(path);
  if (!place) return {};
  item::Item read = item::parse(*place, text, ending_of(path));
  item_tools::add_unknown_tools(call, text, read);
  TRY(read.check());
  const auto* skill = std::get_if<item::Skill>(&read.detail);
  if (skill && to.place().scope == item::Scope::team) TRY(item::check_standard(*skill, place->name));
  return {};
}

Result<std::vector<BrokenItem>> broken_between(const CallContext& call, const item::Volume& volume,
                                               const git::Repository& repository, const std::string& before,
                                               const std::string& after) {
  std::vector<BrokenItem> broken;
  for (const std::string& path : TRY(git::diff(repository, {.from = before, .to = after})).files) {
    if (!item::place_of(path)) continue;
    const auto text = repository.read(after, path, item::kItemBytesMax);
    if (text && !*text) continue;  // it goes
    const Result<void> sound =
        text ? check_item(call, volume, path, **text) : Result<void>(std::unexpected(text.error()));
    if (!sound) broken.push_back({.path = path, .error = sound.error()});
  }
  return broken;
}

}  // namespace lilux::tools

#pragma once

// The volumes that a call sees, the nearest first: its project's, its user's, the teams' and the system's. One object a
// call, which is used by its thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "item/item.h"
#include "item/volume_access.h"
#include "item/volume_set.h"
#include "kernel/context.h"
#include "tools/fs_common.h"

namespace lilux::tools {

struct FoundItem {
  const item::Volume* volume = nullptr;
  item::Listed listed;
};

class Volumes {
 public:
  // Fills the system's volume when the program carries other items.
  static base::Result<Volumes> of(const kernel::CallContext& call);

  const item::VolumeSet& set() const { return set_; }
  const item::Actor& actor() const { return actor_; }
  // Whether a person trusts the project, so that what lies there may be run and stand in for others.
  bool is_trusted(const item::Volume& volume) const;

  // "project", "user", "team:web" or "system"; `not_found` names those there are.
  base::Result<const item::Volume*> named(std::string_view source) const;
  // Whether the caller may know of a file of a volume.
  bool may_tell(const item::Volume& volume, const std::string& path) const;
  // All of that name, the one that wins first; `source` leaves only those of one volume. `not_found` with a near name,
  // of those that may be told.
  base::Result<std::vector<FoundItem>> all(item::Kind kind, const std::string& name,
                                           const std::optional<std::string>& source) const;
  // The one that wins.
  base::Result<FoundItem> find(item::Kind kind, const std::string& name,
                               const std::optional<std::string>& source) const;

 private:
  Volumes(item::VolumeSet set, item::Actor actor, bool is_trusted, Sight sight)
      : set_(std::move(set)), actor_(std::move(actor)), is_trusted_(is_trusted), sight_(std::move(sight)) {}

  item::VolumeSet set_;
  item::Actor actor_;
  bool is_trusted_ = false;
  Sight sight_;
};

// Where new items go when nobody says: the project, without one the user.
std::string nearest_source(const kernel::CallContext& call);
std::string source_name(const item::VolumePlace& place);
std::string path_of(const FoundItem& found);  // canonical

struct ReadItem {
  item::Item item;
  item::Content content;
};
base::Result<ReadItem> read_item(const FoundItem& found);

// "py" of a path; empty when its name has none.
std::string ending_of(const std::string& path);

}  // namespace lilux::tools

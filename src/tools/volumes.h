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
  // What the caller may do with a volume, besides what the policy says: `denied`.
  base::Result<void> check_access(item::Verb verb, const item::Volume& volume) const;
  base::Result<void> check_writer(const item::Volume& volume) const;  // into a team's volume one promotes
  const item::Actor& actor() const { return actor_; }
  // To read all of them; what others keep is told item by item, see Volumes::of.
  std::vector<policy::Need> read_needs() const;
  // Whether a person trusts the project, so that what lies there may be run and stand in for others.
  bool is_trusted(const item::Volume& volume) const;

  // "project", "user", "team:web" or "system"; `not_found` names those there are.
  base::Result<const item::Volume*> named(std::string_view source) const;
  // Whether the caller may know of a file of a volume: a rule that denies it this tool alone hides nothing.
  bool may_tell(const item::Volume& volume, const std::string& path) const;
  // The same as a question about a volume's files, which must not outlive this.
  git::Tells tells_of(const item::Volume& volume) const;
  // For what takes in all of these files, or hands them on: `denied`, without a name when the caller may not know it.
  base::Result<void> check_seen(const item::Volume& volume, const std::vector<std::string>& files) const;
  // The same for who would write there: `denied`, whether there is one or not.
  base::Result<void> check_told(const item::Volume& volume, const std::string& path) const;
  // All of that name, the one that wins first; `source` leaves only those of one volume. What may not be told is as if
  // it were not there. `not_found` with a near name.
  base::Result<std::vector<FoundItem>> all(item::Kind kind, const std::string& name,
                                           const std::optional<std::string>& source) const;
  // The one that wins.
  base::Result<FoundItem> find(item::Kind kind, const std::string& name,
                               const std::optional<std::string>& source) const;

 private:
  Volumes(item::VolumeSet set, item::Actor actor, bool is_trusted, Sight sight, Sight loading)
      : set_(std::move(set)),
        actor_(std::move(actor)),
        is_trusted_(is_trusted),
        sight_(std::move(sight)),
        loading_(std::move(loading)) {}

  item::VolumeSet set_;
  item::Actor actor_;
  bool is_trusted_ = false;
  Sight sight_;
  Sight loading_;  // as item.load has it
};

// Where new items go when nobody says: the project, without one the user.
std::string nearest_source(const kernel::CallContext& call);
std::string source_name(const item::VolumePlace& place);
std::string path_of(const FoundItem& found);  // canonical
// What is to be typed to have an item stamped as it is: "look at it; then `lilux item update skill review` stamps it".
std::string way_to_stamp(const FoundItem& found);
policy::Need read_need(const item::Volume& volume);

struct ReadItem {
  item::Item item;
  item::Content content;
};
base::Result<ReadItem> read_item(const FoundItem& found);
// As it is when that is its version, else as it was when it last had that one.
base::Result<ReadItem> read_version(const FoundItem& found, const std::string& version);

// "py" of a path; empty when its name has none.
std::string ending_of(const std::string& path);

}  // namespace lilux::tools

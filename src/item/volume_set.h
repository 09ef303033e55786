#pragma once

// The volumes that one caller sees, the nearest first: project, user, teams, system. An item is found by its exact name
// and kind in the first volume that has it; those behind it are shadowed. Values; any thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "item/kind.h"
#include "item/volume.h"
#include "sys/folders.h"

namespace lilux::item {

struct VolumesWanted {
  std::string user = {};
  std::optional<std::string> project = {};  // its folder
  std::vector<std::string> teams = {};
};

// Where the volumes of this program lie.
base::Result<VolumePlace> project_volume(const sys::Folders& folders, const std::string& user,
                                         const std::string& project);
// ~/.ai, or what USER_SPACE or else AI_USER_SPACE names.
base::Result<VolumePlace> user_volume(const sys::Folders& folders, const std::string& user,
                                      const sys::Environment& environment = sys::environment_variable);
// The id is a name as those of items are: nothing that leads elsewhere.
base::Result<VolumePlace> team_volume(const sys::Folders& folders, const std::string& team);
VolumePlace system_volume(const sys::Folders& folders);

struct Hit {
  std::size_t volume = 0;  // which of the set's
  Listed item = {};
};

class VolumeSet {
 public:
  static base::Result<VolumeSet> open(const sys::Folders& folders, const VolumesWanted& wanted,
                                      const sys::Environment& environment = sys::environment_variable);
  explicit VolumeSet(std::vector<Volume> volumes) : volumes_(std::move(volumes)) {}

  const std::vector<Volume>& volumes() const { return volumes_; }
  // The first volume of that scope (and owner).
  const Volume* find(Scope scope, std::string_view owner = {}) const;

  // All items of that name: those of volumes that count first, the nearest of them at the front. What may not be told
  // is as if it were not there. `not_found` with the nearest name; `conflict` when the first volume has two, naming
  // both.
  using Counts = std::function<bool(const Volume&)>;
  using Tells = std::function<bool(const Volume&, const Listed&)>;
  base::Result<std::vector<Hit>> resolve(Kind kind, std::string_view name, const Counts& counts = {},
                                         const Tells& tells = {}) const;

 private:
  std::vector<Volume> volumes_;
};

}  // namespace lilux::item

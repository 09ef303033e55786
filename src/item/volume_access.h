#pragma once

// Who may do what with whose volume: the one place that says so. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "item/volume.h"

namespace lilux::item {

enum class Role : std::uint8_t { user, team_cron, system_cron };
constexpr std::array<std::string_view, 3> enum_names(Role) {
  return {"user", "team_cron", "system_cron"};
}

struct Actor {
  Role role = Role::user;
  std::string id = {};                  // of the user, or of the cron's team
  std::vector<std::string> teams = {};  // that the user is in
  bool may_promote = false;             // a capability of its own
};

enum class Verb : std::uint8_t {
  read,
  write,
  propose,  // a promotion onto a branch, for review
  promote,  // a promotion at once, or the merge of a proposal
};

struct Owned {
  Scope scope = Scope::user;
  std::string owner = {};               // as in VolumePlace
  std::vector<std::string> teams = {};  // that the owner of a user's volume is in
};

// | volume of            | the user it is of     | a member     | its team's cron          | system cron |
// |----------------------|-----------------------|--------------|--------------------------|-------------|
// | a project or a user  | everything            |              | read, of its members     | everything  |
// | a team               |                       | read,propose | everything               | everything  |
// | the system           | read                  | read         | read                     | everything  |
//
// Who may promote promotes into the volumes of the teams they are in, too. Everybody else may nothing.
bool may(const Actor& actor, Verb verb, const Owned& volume);

// The same as an error: `denied`, saying who may not do what, and what would help.
base::Result<void> check_access(const Actor& actor, Verb verb, const Owned& volume);

}  // namespace lilux::item

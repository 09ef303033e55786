#include "item/volume_access.h"

#include <algorithm>

#include "sys/error.h"

namespace lilux::item {

namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool may_in_own(const Actor& actor, Verb verb, const Owned& volume) {
  if (actor.role == Role::user) return actor.id == volume.owner;
  return verb == Verb::read && holds(volume.teams, actor.id);
}

bool may_in_team(const Actor& actor, Verb verb, const Owned& volume) {
  if (actor.role == Role::team_cron) return actor.id == volume.owner;
  if (!holds(actor.teams, volume.owner)) return false;
  return verb == Verb::read || verb == Verb::propose || (verb == Verb::promote && actor.may_promote);
}

std::string_view word(Verb verb) {
  switch (verb) {
    case Verb::read: return "read";
    case Verb::write: return "write";
    case Verb::propose: return "propose to";
    case Verb::promote: return "promote into";
  }
  std::unreachable();
}

std::string name_of(const Owned& volume) {
  const std::string scope(enum_names(volume.scope)[static_cast<std::size_t>(volume.scope)]);
  return "the " + scope + " volume" + (volume.owner.empty() ? "" : " of " + sys::quoted(volume.owner));
}

std::string name_of(const Actor& actor) {
  switch (actor.role) {
    case Role::user: return "user " + sys::quoted(actor.id);
    case Role::team_cron: return "the cron of team " + sys::quoted(actor.id);
    case Role::system_cron: return "the system's cron";
  }
  std::unreachable();
}

}  // namespace

bool may(const Actor& actor, Verb verb, const Owned& volume) {
  if (actor.role == Role::system_cron) return true;
  switch (volume.scope) {
    case Scope::project:
    case Scope::user: return may_in_own(actor, verb, volume);
    case Scope::team: return may_in_team(actor, verb, volume);
    case Scope::system: return verb == Verb::read;
  }
  std::unreachable();
}

base::Result<void> check_access(const Actor& actor, Verb verb, const Owned& volume) {
  if (may(actor, verb, volume)) return {};
  const bool may_propose = verb != Verb::read && may(actor, Verb::propose, volume);
  return base::fail(base::ErrorCode::denied,
                    name_of(actor) + " may not " + std::string(word(verb)) + " " + name_of(volume),
                    may_propose ? "propose it on a branch for review" : "copy it into a volume of your own");
}

}  // namespace lilux::item

#include "sys/landlock.h"

#include <cerrno>

#include <sys/syscall.h>
#include <unistd.h>

#include "sys/error.h"

namespace lilux::sys {

using base::Result;

namespace {

constexpr unsigned kGiveVersion = 1;
}  // namespace

Result<int> landlock_version() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kGiveVersion);
  if (version >= 0) return static_cast<int>(version);
  if (errno == ENOSYS || errno == EOPNOTSUPP) return 0;
  return fail_errno(errno, "ask for Landlock");
}

Result<Fd> make_ruleset(const Restriction& restriction) {
  // An older system takes the shorter form, which is all that it knows.
  std::size_t size = sizeof restriction;
  if (restriction.scope == 0) size -= sizeof restriction.scope;
  if (restriction.scope == 0 && restriction.network == 0) size -= sizeof restriction.network;
  const long fd = ::syscall(SYS_landlock_create_ruleset, &restriction, size, 0);
  if (fd < 0) return fail_errno(errno, "make a Landlock ruleset");
  return Fd(static_cast<int>(fd));
}

Result<void> allow_beneath(const Fd& ruleset, int path, std::uint64_t rights) {
  const PathBeneath rule{.rights = rights, .parent = path};
  if (::syscall(SYS_landlock_add_rule, ruleset.get(), kPathBeneath, &rule, 0) != 0)
    return fail_errno(errno, "add a Landlock rule");
  return {};
}

}  // namespace lilux::sys

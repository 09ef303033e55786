#include "git/enclosed.h"

#include "git/own_config.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::uint64_t kFilesMax = 500'000;
constexpr std::string_view kAlternates = "/objects/info/alternates";

std::unexpected<base::Error> leads_elsewhere(const std::string& path, std::string_view what) {
  return base::fail(ErrorCode::denied,
                    "the repository leads out of its folder: " + sys::quoted(path) + " is " + std::string(what),
                    "have the repository hold all that is its own: git clone --bare --no-local makes such a copy");
}

Result<sys::Descend> check_part(const sys::Place& place, const sys::Stat& status) {
  if (place.path.ends_with(kAlternates)) return leads_elsewhere(place.path, "a list of other folders");
  if (status.is_directory() || status.is_regular()) return sys::Descend::yes;
  return leads_elsewhere(place.path, "a " + std::string(sys::type_name(status.type)));
}

// The rest of a folder that is no repository may be as it likes: a work tree has links.
Result<void> check_parts(const std::string& path) {
  for (const char* name :
       {"HEAD", "commondir", "config", "info", "logs", "objects", "packed-refs", "refs", "shallow"}) {
    const sys::Place place = TRY(sys::open_parent(path + "/" + name));
    if (TRY(sys::stat_if_there(place))) TRY(sys::walk_tree(place, kFilesMax, check_part));
  }
  return check_config(path);
}

}  // namespace

Result<void> check_enclosed(const std::string& path) {
  const auto root = TRY(sys::stat_if_there(path));
  if (!root) return {};
  if (!root->is_directory()) return leads_elsewhere(path, "no folder");  // a file of git names another place
  TRY(check_parts(path));
  const sys::Place inside = TRY(sys::open_parent(path + "/.git"));
  const auto status = TRY(sys::stat_if_there(inside));
  if (!status) return {};
  if (!status->is_directory()) return leads_elsewhere(inside.path, "no folder");
  return check_parts(inside.path);
}

}  // namespace lilux::git

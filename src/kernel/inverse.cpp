#include "kernel/inverse.h"

#include <set>

#include "sys/path.h"
#include "sys/place.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

Json times_around(std::span<const std::string> paths) {
  std::set<std::string> folders;
  for (const std::string& path : paths) folders.insert(sys::parent_of(path));
  JsonArray times;
  for (const std::string& folder : folders) {
    const Result<sys::Place> place = sys::open_parent(folder);
    const Result<sys::Stat> stat = place ? sys::stat(*place) : std::unexpected(place.error());
    if (!stat) continue;
    times.emplace_back(
        JsonObject{{"path", folder}, {"accessed_ns", stat->accessed_ns}, {"modified_ns", stat->modified_ns}});
  }
  return times;
}

Result<void> put_times_around(const Json& inverse) {
  const Json* times = inverse.find("folders");
  if (!times || !times->is_array()) return {};
  for (const Json& folder : times->as_array()) {
    const Result<sys::Place> place = sys::open_parent(folder.string_or("path"));
    if (!place || !TRY(sys::stat_if_there(*place))) continue;
    TRY(sys::set_times(*place, {.accessed_ns = folder.integer_or("accessed_ns", 0),
                                .modified_ns = folder.integer_or("modified_ns", 0)}));
  }
  return {};
}

Result<bool> may_have_happened(const Json& inverse) {
  const std::string path = inverse.string_or("only_if");
  if (path.empty()) return true;
  const Result<sys::Place> place = sys::open_parent(path);
  if (!place && place.error().code == ErrorCode::not_found) return false;
  if (!place) return std::unexpected(place.error());
  return TRY(sys::stat_if_there(*place)).has_value();
}

}  // namespace lilux::kernel

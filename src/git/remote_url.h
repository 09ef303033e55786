#pragma once

// URLs of remotes: which are let through, and where they lead. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lilux::git {

// `denied` for what can be read or changed on the way, unless it stays on this machine, and for a URL that carries a
// secret; `invalid_argument` for what is none.
base::Result<void> check_url(std::string_view url);

// Where a connection goes: nullopt for a path of this machine.
struct Endpoint {
  std::string host = {};
  std::uint16_t port = 0;
};
base::Result<std::optional<Endpoint>> endpoint_of(std::string_view url);
std::string path_of(std::string_view url);  // of a path or file:// URL
// A URL as libgit2 reads it, which takes a path with a ':' for a host: what is a path here is one there, and the same.
std::string spelled_for_git(std::string_view url);

}  // namespace lilux::git

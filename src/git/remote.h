#pragma once

// Other repositories: by a path of this machine, by https or ssh. What they send is data: nothing of it gets into a
// folder before it is merged, and trees that no folder of ours may hold are refused before a branch shows them. A
// silent server is waited for as long as the connection stands; what it sends is bounded.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "git/repository.h"

namespace lilux::git {

struct Remote {
  std::string name = {};
  std::string url = {};
};

// Without any, ssh asks the agent.
struct Credentials {
  std::string user = {};        // "git" for ssh and "x-access-token" for a token when empty
  std::string key_file = {};    // a private key for ssh
  std::string passphrase = {};  // of that key
  std::string token = {};       // for https
};

// `denied` for what can be read or changed on the way, unless it stays on this machine, and for a URL that carries a
// secret; `invalid_argument` for what is none.
base::Result<void> check_url(std::string_view url);

base::Result<std::vector<Remote>> remotes(const Repository& repository);
base::Result<void> add_remote(const Repository& repository, const Remote& remote);  // `conflict` when it is there
base::Result<void> remove_remote(const Repository& repository, const std::string& name);

struct Fetched {
  std::string branch = {};                 // "origin/main"
  std::optional<std::string> before = {};  // nullopt when it is new
  std::string now = {};
};
// The branches that are not as they were. All of them or, when one is refused, none.
base::Result<std::vector<Fetched>> fetch(const Repository& repository, const std::string& name,
                                         const Credentials& credentials);
// `conflict` when the other side has what we have not: fetch and merge first.
base::Result<void> push(const Repository& repository, const std::string& name, std::string_view branch,
                        const Credentials& credentials);

}  // namespace lilux::git

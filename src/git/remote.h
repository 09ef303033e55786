#pragma once

// Other repositories: by a path of this machine, by https or ssh. What they send is data: nothing of it gets into a
// folder before it is merged, and trees that no folder of ours may hold are refused before a branch shows them. What it
// sends is bounded, and so is how long it is waited for.

#include <chrono>
#include <optional>
#include <stop_token>
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

// Ssh asks the agent.
struct Credentials {
  std::string token = {};  // for https
};

base::Result<void> check_remote_name(const std::string& name);

base::Result<std::vector<Remote>> remotes(const Repository& repository);
// Adds it, gives it another URL or, without one, removes it; nothing happens when it is so already. With another URL
// the branches that were fetched go, which are of another repository.
base::Result<void> set_remote(const Repository& repository, const std::string& name,
                              const std::optional<std::string>& url);

// When to give up: `timeout`.
struct Waiting {
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  std::stop_token stop = {};
};

struct Fetched {
  std::string branch = {};                 // "origin/main"
  std::optional<std::string> before = {};  // nullopt when it is new
  std::string now = {};
};
// The branches that are not as they were. All of them or, when one is refused, none.
base::Result<std::vector<Fetched>> fetch(const Repository& repository, const std::string& name,
                                         const Credentials& credentials, const Waiting& waiting = {});
// `conflict` when the other side has what we have not: fetch and merge first.
base::Result<void> push(const Repository& repository, const std::string& name, std::string_view branch,
                        const Credentials& credentials, const Waiting& waiting = {});

}  // namespace lilux::git

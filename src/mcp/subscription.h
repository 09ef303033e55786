#pragma once

// What a peer wants to be told of, and the messages that tell it. Values; pure; any thread.

#include <cstddef>
#include <expected>
#include <functional>
#include <set>
#include <string>

#include "base/json.h"
#include "mcp/host.h"
#include "mcp/message.h"

namespace lilux::mcp {

inline constexpr std::size_t kSubjectMax = 4096;  // bytes of what is watched

struct Wanted {
  bool tools = false;
  bool prompts = false;
  bool resources = false;
  std::set<std::string, std::less<>> uris = {};
  std::set<std::string, std::less<>> tasks = {};

  bool fits(const Change& change) const;
};

// From the parameters of `subscriptions/listen`; at most `subjects_max` resources, and as many tasks.
std::expected<Wanted, RpcError> read_wanted(const base::Json& params, std::size_t subjects_max);

// `subscription` is the id of the request that asked for it; null in the older era, which has none.
base::Json acknowledged_message(const Wanted& wanted, const base::Json& subscription);
// `task` is how the task stands that changed.
base::Json change_message(const Change& change, const base::Json& subscription, base::JsonObject task);

}  // namespace lilux::mcp

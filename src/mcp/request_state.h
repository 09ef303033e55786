#pragma once

// What a peer keeps for us between two tries of one request, as text (`requestState`): it can read it, but not change
// it, nor use it for another request or another session, nor after an hour. Pure; any thread.

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "mcp/message.h"

namespace lilux::mcp {

using Answers = std::map<std::string, base::Json, std::less<>>;
using Seal = std::function<std::string(std::string_view text)>;  // a digest that nobody else can make

struct Kept {
  std::string note = {};
  Answers answers = {};
};

// The parameters of a request without what changes from one try to the next.
base::Json lasting_params(const base::Json& params);
bool is_lasting(const base::Json& params);  // whether that is all of them

std::string keep(const Kept& kept, std::string_view method, const base::Json& params, std::int64_t now_us,
                 const Seal& seal);
std::expected<Kept, RpcError> read_kept(std::string_view text, std::string_view method, const base::Json& params,
                                        std::int64_t now_us, const Seal& seal);

}  // namespace lilux::mcp

#pragma once

// Whoever made a call and hears of it while it runs: a session that shows progress and can ask its user. Any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace lilux::kernel {

class Peer {
 public:
  virtual ~Peer() = default;
  virtual void progress(double done, std::optional<double> total, const std::string& message) = 0;
  virtual void log(std::string_view level, const base::Json& data) = 0;
  // The answer to the question of that key. An error as long as there is none: the call ends with it, and is made again
  // with the answer.
  virtual base::Result<base::Json> ask(const std::string& key, std::string_view method, base::Json params) = 0;
};

}  // namespace lilux::kernel

#pragma once

// What changed, told to the clients of the Model Context Protocol that watch it. Any thread.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "mcp/host.h"

namespace lilux::kernel {
class Kernel;
struct Event;
}  // namespace lilux::kernel

namespace lilux::surface {

// Tells whoever watches of what changes: resources by the kernel's events, lists when somebody says so. Any thread.
class Changes : public std::enable_shared_from_this<Changes> {
 public:
  using Told = std::function<void(const mcp::Change&)>;

  explicit Changes(kernel::Kernel& kernel) : kernel_(kernel) {}
  ~Changes();
  std::shared_ptr<void> watch(mcp::Watched what, Told told);
  void tell(const mcp::Change& change);

 private:
  struct Watch {
    mcp::Watched what = mcp::Watched::lists;
    std::shared_ptr<Told> told;
  };
  struct State {
    std::map<std::uint64_t, Watch> watches;
    std::uint64_t last = 0;
    std::size_t of_resources = 0;                           // watches: without any, no event is listened to
    std::set<std::string> changed;                          // resources, not told yet
    std::vector<std::string> bodies;                        // of records that name more of them
    std::map<std::string, std::string, std::less<>> begun;  // records of calls that will have written, by call
    bool is_due = false;
  };
  void listen();
  void hear(const kernel::Event& event);
  void tell_gathered();

  kernel::Kernel& kernel_;
  std::atomic<std::uint64_t> listener_{0};
  base::Guarded<State> state_;
};

}  // namespace lilux::surface

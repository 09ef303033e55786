#pragma once

// GET /api/events: the kernel's events as a stream to whoever reads, from any place in the record on. Each reader is
// told what is his to know. Owned by the HTTP surface and by work that is queued for it; any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/json.h"
#include "kernel/events.h"
#include "net/http_server.h"
#include "policy/policy.h"

namespace lilux::kernel {
class Kernel;
}

namespace lilux::surface {

class EventStreams : public std::enable_shared_from_this<EventStreams> {
 public:
  // A person sees everything; an agent what its own task and those below it do; who else holds the token sees all that
  // happens, but not what others said and were given. `event.list` shows the same to those it is allowed to.
  struct Viewer {
    policy::Principal principal = policy::Principal::http;
    std::string task;  // its own
  };

  explicit EventStreams(kernel::Kernel& kernel) : kernel_(kernel) {}
  // From now on readers are told what happens.
  void start();
  void stop();
  // Begins a stream, or refuses it. What the record no longer has is told as one event, `events.missed`.
  void open(const net::Request& request, net::Exchange exchange, Viewer viewer);
  // Every some seconds, so that whoever stands between does not close what is silent.
  void keep_alive();

 private:
  struct Reader {
    kernel::EventFilter filter;
    Viewer viewer;
    std::uint64_t sent = 0;
    net::Stream stream;
  };
  void tell_missed(Reader& reader) const;
  bool is_own(const Reader& reader, const kernel::Event& event) const;
  bool may_see(const Reader& reader, const kernel::Event& event) const;
  // What it is told of that; absent: nothing.
  std::optional<base::Json> shown_to(const Reader& reader, const kernel::Event& event) const;
  bool send(Reader& reader, const kernel::Event& event) const;
  void pass(const kernel::Event& event);
  std::vector<std::shared_ptr<Reader>> open_readers();
  void pump_soon();
  void pump();

  kernel::Kernel& kernel_;
  std::uint64_t listener_ = 0;
  base::Guarded<std::vector<std::shared_ptr<Reader>>> readers_;
  base::Guarded<std::uint64_t> pumps_wanted_{0};  // since the pump last looked; not 0 while it runs
};

}  // namespace lilux::surface

#pragma once

// How a command reaches the kernel: as the client of whoever serves the socket, or, when nobody does, by being the
// kernel itself for as long as the command takes. Both give the same answers. One owner, one thread.

#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "brain/reactions.h"
#include "kernel/call.h"
#include "kernel/config.h"
#include "kernel/kernel.h"
#include "net/http_client.h"
#include "surface/http.h"

namespace lilux::surface {

// The folders of this user and what the environment says about the caller.
base::Result<kernel::Folders> own_folders();
kernel::Caller own_caller(const kernel::Folders& folders);

class Session {
 public:
  // running: never become or start one; own: become one that stays, and nothing else.
  enum class Want : std::uint8_t { any, daemon, running, own };
  // Connects, or becomes the kernel; with Want::daemon a daemon is started when none runs. A kernel that is there for
  // one command only is waited for, or used when any will do.
  static base::Result<Session> open(Want want);

  // The envelope of one call. Fails only when the kernel cannot be reached. When a kernel that was there for one
  // command ends before it answers, the call is made again by a key that keeps it from being done twice.
  base::Result<base::Json> call(const kernel::CallRequest& request);
  // Events as they come, until `each` returns false or the time is up; needs a daemon.
  base::Result<void> follow(const std::string& query, std::optional<std::chrono::milliseconds> timeout,
                            const std::function<bool(const base::Json& event)>& each);
  // A connection of lines to the MCP side of the daemon, for a client that stands where `caller` does.
  base::Result<net::Upgraded> attach_mcp(const std::string& query, const kernel::Caller& caller);
  const kernel::Folders& folders() const { return folders_; }
  // Of Want::own.
  kernel::Kernel& kernel() { return *kernel_; }
  HttpSurface& surface() { return *surface_; }

 private:
  Session() = default;
  base::Result<void> find(Want want);
  base::Result<void> become(std::unique_ptr<kernel::Kernel> kernel);
  base::Result<base::Json> fetch(const kernel::CallRequest& request);
  kernel::Folders folders_;
  std::unique_ptr<kernel::Kernel> kernel_;
  std::unique_ptr<brain::Reactions> reactions_;  // of a kernel that stays
  std::unique_ptr<HttpSurface> surface_;         // destroyed before the kernel it serves
  std::optional<net::Endpoint> endpoint_;
  bool is_brief_ = false;  // the kernel at the endpoint is there for one command
};

// Whether that says that another process is the kernel.
bool is_held(const base::Error& error);

// Starts `lilux up --foreground` in a session of its own and waits until it answers.
base::Result<void> start_daemon(const kernel::Folders& folders, std::optional<std::uint16_t> port = {});
struct Addresses {
  std::string socket;
  std::string http;
  std::string token_file;
};
// Where a daemon that runs serves.
base::Result<Addresses> daemon_addresses(const kernel::Folders& folders);
// Runs the kernel until a signal or kernel.stop; tells where once it answers.
base::Result<void> run_daemon(std::optional<std::uint16_t> port, const std::function<void(const Addresses&)>& serving);

}  // namespace lilux::surface

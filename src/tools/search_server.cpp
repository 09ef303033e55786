#include "tools/search_server.h"

#include <mutex>
#include <optional>
#include <utility>

#include "kernel/kernel.h"
#include "search/http_embedder.h"
#include "tools/common.h"
#include "tools/fs_common.h"

namespace lilux::tools {

using base::Result;
using search::Passage;
using search::Vector;

namespace {

constexpr std::chrono::milliseconds kPatience{2000};

class Named final : public search::Embedder {
 public:
  explicit Named(search::EmbedServer server) : server_(std::move(server)) {}
  const std::string& space() const override { return server_.space(); }

  Result<std::vector<Vector>> embed(std::span<const Passage> passages) override {
    const std::scoped_lock lock(mutex_);
    if (failure_) return std::unexpected(*failure_);
    Result<std::vector<Vector>> vectors = server_.embed(passages);
    if (!vectors) failure_ = vectors.error();
    return vectors;
  }

 private:
  search::HttpEmbedder server_;
  std::mutex mutex_;
  std::optional<base::Error> failure_;
};

}  // namespace

Server search_server(const kernel::CallContext& call) {
  const kernel::Config& config = call.kernel().config();
  if (config.search_server.empty()) return {};
  auto server = search::embed_server(config.search_server, config.search_model);
  if (!server) return {.why = "search.server: " + server.error().message};
  server->timeout = kPatience;
  const std::string target = server->endpoint.host + ":" + std::to_string(server->endpoint.port);
  const policy::Need need{.verb = policy::Verb::connect, .resource = "net", .target = target};
  const auto sight = Sight::of(call);
  const auto is_held = holds(call, need);
  if (!sight || sight->is_denied(need) || !is_held || !*is_held)
    return {.why = "the server of vectors is not asked: " + to_string(need) + " is not allowed here"};
  return {.embedder = std::make_unique<Named>(std::move(*server))};
}

}  // namespace lilux::tools

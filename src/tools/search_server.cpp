#include "tools/search_server.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "base/guarded.h"
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
constexpr std::chrono::seconds kRest{5};  // after a failure

class Named final : public search::Embedder {
 public:
  explicit Named(search::EmbedServer server) : server_(std::move(server)) {}
  const std::string& space() const override { return server_.space(); }

  Result<std::vector<Vector>> embed(std::span<const Passage> passages) override {
    const auto now = std::chrono::steady_clock::now();
    const auto failure = failure_.with([](const Failure& last) { return last; });
    if (failure.error && now - failure.when < kRest) return std::unexpected(*failure.error);
    Result<std::vector<Vector>> vectors = server_.embed(passages);
    failure_.with([&](Failure& last) {
      last.when = std::chrono::steady_clock::now();
      last.error = vectors ? std::optional<base::Error>() : vectors.error();
    });
    return vectors;
  }

 private:
  struct Failure {
    std::chrono::steady_clock::time_point when = {};
    std::optional<base::Error> error = {};
  };
  search::HttpEmbedder server_;
  base::Guarded<Failure> failure_ = {};
};

// Made by the first search; the configuration is the kernel's for as long as it lives.
class Kept {
 public:
  FedIndex& index(const search::EmbedServer& server) {
    const std::scoped_lock lock(making_);
    if (!index_) index_.emplace(embedder_.emplace(server));
    return *index_;
  }

 private:
  std::mutex making_;
  std::optional<Named> embedder_;  // used by the index, so it goes after it
  std::optional<FedIndex> index_;
};

}  // namespace

Server search_server(const kernel::CallContext& call) {
  const kernel::Config& config = call.kernel().config();
  if (config.search_server.empty()) return {};
  auto server = search::embed_server(config.search_server, config.search_model);
  if (!server) return {.why = "search.server: " + server.error().message};
  server->timeout = kPatience;
  server->key_from = config.search_key_from;
  if (const std::string below_home = "file:~/"; server->key_from.starts_with(below_home))
    server->key_from.replace(0, below_home.size(), "file:" + call.kernel().folders().home + "/");
  const std::string target = server->endpoint.host + ":" + std::to_string(server->endpoint.port);
  const policy::Need need{.verb = policy::Verb::connect, .resource = "net", .target = target};
  const auto sight = Sight::of(call);
  const auto is_held = holds(call, need);
  if (!sight || sight->is_denied(need) || !is_held || !*is_held)
    return {.why = "the server of vectors is not asked: " + to_string(need) + " is not allowed here"};
  auto kept = call.kernel().kept().get<Kept>();
  FedIndex& index = kept->index(*server);
  return {.index = {std::move(kept), &index}};
}

}  // namespace lilux::tools

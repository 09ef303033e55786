// What a peer wants to hear of: resources of the older era, and requests that listen.

#include "mcp/request.h"
#include "mcp/tasks.h"

namespace lilux::mcp {

using base::JsonObject;

template <class Begin>
void Conversation::Request::begin_watch(std::shared_ptr<void> State::Open::* kept, const Begin& begin) {
  if (state_->open.with([kept](const State::Open& now) { return now.*kept != nullptr; })) return;
  std::shared_ptr<void> watch = begin();
  state_->open.with([&](State::Open& now) {
    if (!(now.*kept) && !now.is_closed) (now.*kept).swap(watch);
  });
}

Answer Conversation::Request::subscribe() {
  const std::string uri = params_.string_or("uri");
  if (uri.empty() || uri.size() > kSubjectMax)
    return invalid("'uri' must be text of at most " + std::to_string(kSubjectMax) + " bytes");
  const bool is_done = state_->open.with([&](State::Open& now) {
    if (method_ == "resources/unsubscribe") return now.wanted.uris.erase(uri) < 2;
    if (now.wanted.uris.size() >= state_->options.watched_max) return false;
    now.wanted.uris.insert(uri);
    return true;
  });
  if (!is_done) return refuse(RpcCode::internal_error, "too many resources are watched: unsubscribe from some");
  if (method_ == "resources/subscribe") keep_watch(Watched::resources);
  return JsonObject{};
}

// Tells the peer of changes until it gives the request up.
void Conversation::Request::listen() {
  auto wanted = read_wanted(params_, state_->options.watched_max);
  if (!wanted) return answer(std::unexpected(std::move(wanted.error())));
  keep_watch(Watched::lists);
  if (!wanted->uris.empty()) keep_watch(Watched::resources);
  if (!wanted->tasks.empty()) keep_tasks_watch();
  reply_(acknowledged_message(*wanted, id_), false);
  state_->open.with([&](State::Open& now) {
    if (!now.is_closed && now.requests.contains(key_))
      now.listeners.emplace(key_, State::Listener{.id = id_, .wanted = std::move(*wanted), .reply = reply_});
  });
}

void Conversation::Request::keep_tasks_watch() {
  if (!state_->options.tasks) return;
  begin_watch(&State::Open::tasks_watch, [this] {
    return state_->options.tasks->watch([weak = std::weak_ptr(state_)](const std::string& id) {
      if (const auto live = weak.lock()) live->told({.kind = Change::Kind::task, .subject = id});
    });
  });
}

void Conversation::Request::keep_watch(Watched what) {
  begin_watch(what == Watched::lists ? &State::Open::lists_watch : &State::Open::resources_watch, [this, what] {
    return host()->watch(what, [weak = std::weak_ptr(state_)](const Change& change) {
      if (const auto live = weak.lock()) live->told(change);
    });
  });
}

}  // namespace lilux::mcp

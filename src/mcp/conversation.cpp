#include "mcp/conversation.h"

#include <utility>
#include <vector>

#include "base/encoding.h"
#include "mcp/request.h"
#include "mcp/tasks.h"

namespace lilux::mcp {

using base::Json;
using base::JsonObject;

// Outside the lock: who stops may end at once.
void Conversation::State::cancel(const Json& id) {
  const std::string key = base::to_text(id);
  std::optional<std::stop_source> source;
  std::optional<Listener> listener;
  std::vector<Asked> unasked;  // holds its request until the lock is let go
  open.with([&](Open& now) {
    if (const auto entry = now.requests.extract(key)) source = entry.mapped();
    if (auto entry = now.listeners.extract(key)) listener = std::move(entry.mapped());
    std::erase_if(now.asked, [&](auto& entry) {
      const bool is_his = entry.second.by->key() == key;
      if (is_his) unasked.push_back(std::move(entry.second));
      return is_his;
    });
  });
  if (source) source->request_stop();
  if (listener) listener->reply(Json(), true);
  if (!unasked.empty()) unasked.front().by->give_up();  // it waited for its peer: nobody else says so
}

void Conversation::State::told(const Change& change) {
  std::vector<Listener> hearing;
  const bool is_wanted = open.with([&](const Open& now) {
    for (const auto& [id, listener] : now.listeners) {
      if (listener.wanted.fits(change)) hearing.push_back(listener);
    }
    return now.is_initialized && !now.is_closed && now.wanted.fits(change);
  });
  if (is_wanted && options.tell) options.tell(change_message(change, Json(), {}));
  JsonObject task;
  if (change.kind == Change::Kind::task && !hearing.empty()) {
    auto known = options.tasks->get(change.subject);
    if (!known) return;  // forgotten since
    task = std::move(*known);
  }
  for (const Listener& listener : hearing) listener.reply(change_message(change, listener.id, task), false);
}

Conversation::Conversation(std::shared_ptr<Host> host, Options options)
    : host_(std::move(host)), state_(std::make_shared<State>()) {
  state_->host = host_;
  state_->options = std::move(options);
}

void Conversation::take(Message message, Reply reply) {
  switch (message.kind) {
    case Message::Kind::request:
      return std::make_shared<Request>(state_, std::move(message), std::move(reply))->serve();
    case Message::Kind::notification:
      if (const Json* id = message.method == "notifications/cancelled" ? message.params.find("requestId") : nullptr)
        state_->cancel(*id);
      return;
    case Message::Kind::response: {
      const auto number = message.id.exact_integer();
      auto asked = state_->open.with([&](State::Open& now) { return now.asked.extract(number.value_or(0)); });
      if (!asked) return;  // nothing was asked
      asked.mapped().by->take_answer(asked.mapped().key,
                                     message.result ? *message.result : JsonObject{{"error", *message.error}});
    }
  }
}

void Conversation::close() {
  State::Open left;  // goes outside the lock
  state_->open.with([&](State::Open& now) {
    now.is_closed = true;
    std::swap(left.requests, now.requests);
    std::swap(left.asked, now.asked);
    std::swap(left.listeners, now.listeners);
    std::swap(left.lists_watch, now.lists_watch);
    std::swap(left.resources_watch, now.resources_watch);
    std::swap(left.tasks_watch, now.tasks_watch);
  });
  for (const auto& [id, source] : left.requests) std::stop_source(source).request_stop();
}

}  // namespace lilux::mcp

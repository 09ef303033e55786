#pragma once

// What a conversation remembers, and one request of it on its way to its answer. For the files of the conversation
// alone: request.cpp answers at once, request_watch.cpp tells of changes, request_long.cpp takes its time and asks its
// peer. Any thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/guarded.h"
#include "mcp/conversation.h"
#include "mcp/era.h"
#include "mcp/request_state.h"
#include "mcp/subscription.h"

namespace lilux::mcp {

struct Listing {
  std::string_view method;
  std::string_view member;
  List what = List::tools;
};

struct Conversation::State {
  std::weak_ptr<Host> host;  // the conversation's: what it holds open must not hold it
  Options options;

  struct Asked {  // of the peer, in the older era
    std::shared_ptr<Request> by;
    std::string key;
  };
  struct Listener {
    base::Json id;
    Wanted wanted;
    Reply reply;
  };
  struct Open {
    bool is_initialized = false;
    bool is_closed = false;
    std::shared_ptr<const Client> client = std::make_shared<const Client>();  // that shook hands; of its requests too
    LogLevel log_level = LogLevel::info;                                      // it wants
    Wanted wanted{.tools = true, .prompts = true, .resources = true};         // by it
    std::map<std::string, std::stop_source, std::less<>> requests;            // by id, as text
    std::map<std::int64_t, Asked> asked;
    std::int64_t asked_last = 0;
    std::map<std::string, Listener, std::less<>> listeners;
    std::shared_ptr<void> lists_watch;
    std::shared_ptr<void> resources_watch;
    std::shared_ptr<void> tasks_watch;
  };
  base::Guarded<Open> open;

  // Ends a request; false when it was cancelled, or the peer has gone: then nobody waits for an answer.
  bool end(const std::string& id) {
    return open.with([&](Open& now) { return now.requests.erase(id) > 0 && !now.is_closed; });
  }
  bool is_open(const std::string& id) const {
    return open.with([&](const Open& now) { return !now.is_closed && now.requests.contains(id); });
  }
  void cancel(const base::Json& id);
  void told(const Change& change);
};

// One request on its way to its answer.
class Conversation::Request : public Asker, public std::enable_shared_from_this<Request> {
 public:
  Request(std::shared_ptr<State> state, Message message, Reply reply)
      : state_(std::move(state)),
        id_(std::move(message.id)),
        key_(base::to_text(id_)),
        method_(std::move(message.method)),
        params_(std::move(message.params)),
        reply_(std::move(reply)) {}
  void serve();
  void progress(const Progress& progress) override;
  void log(LogLevel level, const base::Json& data) override;
  void done(Ending result) override;
  void take_answer(const std::string& key, base::Json answer);
  const std::string& key() const { return key_; }
  void give_up() const { reply_(base::Json(), true); }

 private:
  std::optional<RpcError> begin();
  // Not null while the conversation takes a message.
  std::shared_ptr<Host> host() const { return state_->host.lock(); }
  void answer(Answer result, std::string_view type = "complete");
  void answer_unheld(RpcError error);
  Answer answer_modern() const;
  Answer answer_task() const;
  Answer answer_handshake();
  Answer answer_either() const;
  Answer unknown_method() const { return refuse(RpcCode::unknown_method, "there is no method '" + method_ + "'"); }
  Answer initialize();
  std::optional<RpcError> check_initialized() const;
  Answer set_log_level();
  Answer subscribe();
  base::Json lasting(base::JsonObject result) const;
  Answer page_of(const Listing& listing) const;
  Answer complete() const;
  void listen();
  void keep_tasks_watch();
  void keep_watch(Watched what);
  template <class Begin>
  void begin_watch(std::shared_ptr<void> State::Open::* kept, const Begin& begin);
  void begin_long();
  void pass_on();
  std::shared_ptr<const base::Json> params_of_tries();
  bool may_be_task(const Host& serving) const;
  void begin_task(const std::shared_ptr<Host>& serving, Host::Call call);
  void ask(Needed needed);
  void ask_modern(const Needed& needed);
  void ask_handshake(Needed& needed);

  const std::shared_ptr<State> state_;  // of the conversation, and of whatever is still open
  const base::Json id_;
  const std::string key_;
  const std::string method_;
  const base::Json params_;
  std::shared_ptr<const base::Json> lasting_;  // what of them is the same in every try, when that is not all
  const Reply reply_;
  Era era_ = Era::handshake;
  std::shared_ptr<const Client> client_;  // as in the state
  std::stop_source stop_;
  int rounds_ = 0;
  std::string note_;
  Answers answers_;                 // under the lock of the state, as the next
  std::size_t questions_open_ = 0;  // of this round
};

}  // namespace lilux::mcp

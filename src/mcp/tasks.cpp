#include "mcp/tasks.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/field.h"
#include "base/random.h"
#include "base/time.h"

namespace lilux::mcp {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::int64_t kPollMs = 500;
constexpr std::size_t kMessageMax = 1000;

std::unexpected<RpcError> unknown(const std::string& id) {
  return std::unexpected(
      RpcError{.code = RpcCode::invalid_params, .message = "there is no task '" + id + "', or it was forgotten"});
}

}  // namespace

JsonObject Tasks::shown(const std::string& id, const Task& task) const {
  JsonObject made{{"taskId", id},
                  {"status", base::enum_name(task.status)},
                  {"createdAt", base::format_time(task.created_us)},
                  {"lastUpdatedAt", base::format_time(task.updated_us)},
                  {"ttlMs", options_.lasts_ms},
                  {"pollIntervalMs", kPollMs}};
  if (!task.message.empty()) made.set("statusMessage", task.message);
  return made;
}

// Forgets what is too old and, when that is not enough, the oldest that is over.
// What waits for the end of a task's call.
class Tasks::Waiting : public Asker {
 public:
  Waiting(std::shared_ptr<Tasks> tasks, std::string id) : tasks_(std::move(tasks)), id_(std::move(id)) {}
  void progress(const Progress& progress) override { tasks_->set_message(id_, progress.message); }
  void log(LogLevel, const Json&) override {}
  void done(Ending ending) override { tasks_->take(id_, std::move(ending)); }

 private:
  const std::shared_ptr<Tasks> tasks_;
  const std::string id_;
};

bool Tasks::make_room(State& state, std::int64_t now_us) const {
  std::erase_if(state.tasks, [&](const auto& entry) {
    return entry.second.is_over() && now_us - entry.second.created_us > options_.lasts_ms * 1000;
  });
  if (state.tasks.size() < options_.tasks_max) return true;
  auto oldest = state.tasks.end();
  for (auto entry = state.tasks.begin(); entry != state.tasks.end(); ++entry) {
    const bool is_older = oldest == state.tasks.end() || entry->second.created_us < oldest->second.created_us;
    if (entry->second.is_over() && is_older) oldest = entry;
  }
  if (oldest == state.tasks.end()) return false;
  state.tasks.erase(oldest);
  return true;
}

Tasks::Result Tasks::begin(const std::shared_ptr<Host>& host, Host::Call call) {
  const std::string id = base::to_base64url(base::random_bytes(16));  // whoever knows it may ask about it
  Task task{.host = host, .call = std::move(call), .created_us = base::now_us()};
  task.updated_us = task.created_us;
  const auto made = state_.with([&](State& state) -> std::optional<JsonObject> {
    if (!make_room(state, task.created_us)) return std::nullopt;
    return shown(id, state.tasks.emplace(id, std::move(task)).first->second);
  });
  if (!made)
    return std::unexpected(
        RpcError{.code = RpcCode::internal_error, .message = "too many tasks are open: cancel some"});
  serve(id);
  return *made;
}

void Tasks::serve(const std::string& id) {
  Host::Call call;
  std::shared_ptr<Host> host;
  state_.with([&](State& state) {
    const auto found = state.tasks.find(id);
    if (found == state.tasks.end()) return;
    const Task& task = found->second;
    host = task.host.lock();
    call.method = task.call.method;
    call.params = task.call.params;
    call.client = task.call.client;
    call.answers = task.call.answers;
    call.note = task.call.note;
    call.cancel = task.stop.get_token();
  });
  if (!host) return;
  call.asker = std::make_shared<Waiting>(shared_from_this(), id);  // and of the host, until it is done
  host->serve(std::move(call));
}

void Tasks::take(const std::string& id, Host::Ending ending) {
  const bool is_news = state_.with([&](State& state) {
    const auto found = state.tasks.find(id);
    if (found == state.tasks.end() || found->second.is_over()) return false;  // cancelled, or forgotten
    Task& task = found->second;
    task.updated_us = base::now_us();
    if (auto* error = std::get_if<RpcError>(&ending)) {
      task.status = Status::failed;
      task.error = std::move(*error);
    } else if (auto* needed = std::get_if<Needed>(&ending)) {
      task.status = Status::input_required;
      task.questions = std::move(needed->questions);
      for (const Question& question : task.questions) task.call.answers.erase(question.key);
      task.call.note = std::move(needed->note);
    } else {
      task.status = Status::completed;
      task.result = std::move(std::get<Json>(ending));
    }
    return true;
  });
  if (is_news) tell(id);
}

void Tasks::set_message(const std::string& id, const std::string& message) {
  if (message.empty()) return;
  state_.with([&](State& state) {
    const auto found = state.tasks.find(id);
    if (found == state.tasks.end() || found->second.is_over()) return;
    found->second.message = base::clipped(message, kMessageMax);
    found->second.updated_us = base::now_us();
  });
}

Tasks::Result Tasks::get(const std::string& id) const {
  return state_.with([&](const State& state) -> Result {
    const auto found = state.tasks.find(id);
    if (found == state.tasks.end()) return unknown(id);
    const Task& task = found->second;
    JsonObject made = shown(id, task);
    if (task.result) made.set("result", *task.result);
    if (task.error) made.set("error", *error_message(*task.error).find("error"));
    if (task.status == Status::input_required) made.set("inputRequests", questions_json(task.questions));
    return made;
  });
}

Tasks::Result Tasks::update(const std::string& id, const Json& answers) {
  bool is_whole = false;
  const bool is_known = state_.with([&](State& state) {
    const auto found = state.tasks.find(id);
    if (found == state.tasks.end()) return false;
    Task& task = found->second;
    if (task.status != Status::input_required) return true;
    for (const auto& [key, answer] : answers.as_object()) {
      if (std::erase_if(task.questions, [&](const Question& question) { return question.key == key; }) > 0)
        task.call.answers.insert_or_assign(key, answer);
    }
    is_whole = task.questions.empty();
    if (is_whole) task.status = Status::working;
    task.updated_us = base::now_us();
    return true;
  });
  if (!is_known) return unknown(id);
  if (is_whole) serve(id);
  tell(id);
  return JsonObject{};
}

Tasks::Result Tasks::cancel(const std::string& id) {
  std::optional<std::stop_source> stop;
  const bool is_known = state_.with([&](State& state) {
    const auto found = state.tasks.find(id);
    if (found == state.tasks.end()) return false;
    if (found->second.is_over()) return true;
    found->second.status = Status::cancelled;
    found->second.updated_us = base::now_us();
    stop = found->second.stop;
    return true;
  });
  if (!is_known) return unknown(id);
  if (!stop) return JsonObject{};
  stop->request_stop();  // outside the lock: who stops may end at once
  tell(id);
  return JsonObject{};
}

bool Tasks::is_busy() const {
  return state_.with([](const State& state) {
    return std::ranges::any_of(state.tasks, [](const auto& entry) { return !entry.second.is_over(); });
  });
}

std::shared_ptr<void> Tasks::watch(std::function<void(const std::string& id)> told) {
  const std::uint64_t number = state_.with([&](State& state) {
    state.watches.emplace(++state.last_watch,
                          std::make_shared<std::function<void(const std::string&)>>(std::move(told)));
    return state.last_watch;
  });
  return {static_cast<void*>(this), [weak = weak_from_this(), number](void*) {
            const auto live = weak.lock();
            if (!live) return;
            const auto gone = live->state_.with([&](State& state) { return state.watches.extract(number); });
          }};
}

void Tasks::tell(const std::string& id) {
  std::vector<std::shared_ptr<std::function<void(const std::string&)>>> hearing;
  state_.with([&](const State& state) {
    for (const auto& [number, told] : state.watches) hearing.push_back(told);
  });
  for (const auto& told : hearing) (*told)(id);
}

}  // namespace lilux::mcp

// What takes its time: passed on to the host, as a task of the protocol where the peer knows them, with what it asks
// its peer on the way.

#include <vector>

#include "base/time.h"
#include "mcp/request.h"
#include "mcp/request_state.h"
#include "mcp/tasks.h"

namespace lilux::mcp {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::size_t kTaskMax = 64 << 10;  // of what a task keeps of its request
constexpr int kRoundsMax = 16;              // in which one request asks its peer something

// The client's capability that a question takes.
std::string_view capability_for(std::string_view method) {
  return method.substr(0, method.find('/'));
}

std::optional<RpcError> broken_params(std::string_view method, const Json& params) {
  const std::string_view subject = method == "resources/read" ? "uri" : "name";
  const Json* named = member(params, subject);
  if (!named || !named->is_string()) return invalid("'" + std::string(subject) + "' must be text").error();
  const Json* arguments = member(params, "arguments");
  if (arguments && !arguments->is_object()) return invalid("'arguments' must be an object").error();
  const Json* answers = member(params, "inputResponses");
  if (answers && !answers->is_object()) return invalid("'inputResponses' must be an object").error();
  const Json* state = member(params, "requestState");
  if (state && !state->is_string()) return invalid("'requestState' must be text").error();
  return std::nullopt;
}

}  // namespace

JsonObject questions_json(const std::vector<Question>& questions) {
  JsonObject made;
  for (const Question& question : questions)
    made.set(question.key, JsonObject{{"method", question.method}, {"params", question.params}});
  return made;
}

void Conversation::Request::begin_long() {
  if (const auto early = check_initialized()) return answer(std::unexpected(*early));
  if (auto broken = broken_params(method_, params_)) return answer(std::unexpected(std::move(*broken)));
  if (const Json* kept = member(params_, "requestState"); kept && era_ == Era::modern) {
    auto read = read_kept(kept->as_string(), method_, params_, base::now_us(), state_->options.seal);
    if (!read) return answer(std::unexpected(std::move(read.error())));
    note_ = std::move(read->note);
    answers_ = std::move(read->answers);
  }
  if (const Json* answers = member(params_, "inputResponses"); answers && era_ == Era::modern) {
    for (const auto& [key, answer] : answers->as_object()) answers_.insert_or_assign(key, answer);
  }
  pass_on();
}

void Conversation::Request::pass_on() {
  const std::shared_ptr<Host> serving = host();
  if (!serving) return answer(JsonObject{});
  Host::Call call{.method = method_, .params = params_of_tries(), .client = client_};
  if (may_be_task(*serving)) return begin_task(serving, std::move(call));
  state_->open.with([&](State::Open&) { call.answers = answers_; });
  call.note = note_;
  call.cancel = stop_.get_token();
  call.asker = shared_from_this();
  serving->serve(std::move(call));
}

// Copied when that is not all of them, and then once.
std::shared_ptr<const Json> Conversation::Request::params_of_tries() {
  if (!lasting_ && is_lasting(params_)) return {shared_from_this(), &params_};
  if (!lasting_) lasting_ = std::make_shared<const Json>(lasting_params(params_));
  return lasting_;
}

bool Conversation::Request::may_be_task(const Host& serving) const {
  return era_ == Era::modern && method_ == "tools/call" && state_->options.tasks && client_->extends(kTasksExtension) &&
         serving.is_long(params_) && base::to_text(params_).size() <= kTaskMax;
}

void Conversation::Request::begin_task(const std::shared_ptr<Host>& serving, Host::Call call) {
  call.answers = answers_;
  call.note = note_;
  auto begun = state_->options.tasks->begin(serving, std::move(call));
  if (!begun) return answer(std::unexpected(std::move(begun.error())));
  answer(std::move(*begun), "task");
}

void Conversation::Request::ask(Needed needed) {
  for (const Question& question : needed.questions) {
    const std::string_view capability = capability_for(question.method);
    if (client_->can(capability)) continue;
    return answer(refuse(RpcCode::missing_capability, "this needs a client that can do: " + std::string(capability),
                         JsonObject{{"requiredCapabilities", JsonObject{{std::string(capability), JsonObject{}}}}}));
  }
  note_ = std::move(needed.note);
  // What is asked again is not answered by what was said before.
  state_->open.with([&](State::Open&) {
    for (const Question& question : needed.questions) answers_.erase(question.key);
  });
  if (++rounds_ > kRoundsMax) return answer(refuse(RpcCode::internal_error, "it asked too often"));
  if (era_ == Era::modern) return ask_modern(needed);
  ask_handshake(needed);
}

void Conversation::Request::ask_modern(const Needed& needed) {
  std::string state =
      keep({.note = note_, .answers = answers_}, method_, params_, base::now_us(), state_->options.seal);
  answer(JsonObject{{"inputRequests", questions_json(needed.questions)}, {"requestState", std::move(state)}},
         "input_required");
}

void Conversation::Request::ask_handshake(Needed& needed) {
  std::vector<Json> messages;
  const bool is_open = state_->open.with([&](State::Open& now) {
    if (now.is_closed || !now.requests.contains(key_)) return false;
    questions_open_ = needed.questions.size();
    for (Question& question : needed.questions) {
      const std::int64_t number = ++now.asked_last;
      now.asked.emplace(number, State::Asked{.by = shared_from_this(), .key = question.key});
      messages.push_back(request_message(number, question.method, std::move(question.params)));
    }
    return true;
  });
  if (!is_open) return answer(JsonObject{});  // given up
  for (const Json& message : messages) reply_(message, false);
}

// An answer of the peer to one of our questions.
void Conversation::Request::take_answer(const std::string& key, Json answer) {
  const bool is_whole = state_->open.with([&](State::Open&) {
    answers_.insert_or_assign(key, std::move(answer));
    return --questions_open_ == 0;
  });
  if (is_whole) pass_on();
}

}  // namespace lilux::mcp

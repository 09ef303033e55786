#include "kernel/context.h"

#include <algorithm>

#include "kernel/kernel.h"
#include "kernel/peer.h"
#include "kernel/tool.h"
#include "sys/error.h"
#include "sys/path.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

CallContext::CallContext(Kernel& kernel, std::string call, std::string task, const CallRequest& request,
                         std::chrono::steady_clock::time_point deadline, std::stop_token stop)
    : kernel_(kernel),
      call_(std::move(call)),
      task_(std::move(task)),
      request_(request),
      deadline_(deadline),
      stop_(std::move(stop)) {}

Result<void> CallContext::check_alive() const {
  if (stop_.stop_requested()) {
    return kernel_.is_stopped() ? Result<void>(fail(ErrorCode::cancelled, "halted by the emergency stop",
                                                    "a person can run `lilux resume`"))
                                : Result<void>(fail(ErrorCode::cancelled, "the call was cancelled"));
  }
  if (is_past_deadline())
    return fail(ErrorCode::timeout, "the call took longer than it may", "give it more time: --timeout 10m");
  return {};
}

Result<std::string> CallContext::resolve(std::string_view path, Final last) const {
  const std::pair key(std::string(path), last);
  if (const auto found = resolved_.find(key); found != resolved_.end()) return found->second;
  const std::string& home = kernel_.folders().home;
  const bool is_home = path == "~" || path.starts_with("~/");
  const std::string expanded = is_home ? home + std::string(path.substr(1)) : std::string(path);
  if (caller().cwd.empty() && !expanded.empty() && !expanded.starts_with('/'))
    return fail(ErrorCode::not_found, sys::quoted(expanded) + " is below a folder that is gone: the current one",
                "go to a folder that is there, or give the whole path");
  const auto final = last == Final::follow ? sys::Final::follow : sys::Final::keep;
  return resolved_[key] = TRY(sys::resolve(expanded, caller().cwd, final));
}

void CallContext::progress(double done, std::optional<double> total, const std::string& message) const {
  if (request_.peer) request_.peer->progress(done, total, message);
}

void CallContext::log(std::string_view level, const base::Json& data) const {
  if (request_.peer) request_.peer->log(level, data);
}

Result<base::Json> CallContext::ask(const std::string& key, std::string_view method, base::Json params) const {
  if (request_.peer) return request_.peer->ask(key, method, std::move(params));
  return fail(ErrorCode::unavailable, "there is nobody to ask", "call it from a client that can show a form");
}

Result<Assessment> CallContext::assess(const Tool& tool, base::Json arguments) const {
  CallRequest asked = request_;
  asked.tool = tool.name;
  asked.arguments = std::move(arguments);
  return tool.assess(CallContext(kernel_, call_, task_, asked, deadline_, stop_), asked.arguments);
}

Result<base::Json> CallContext::call_tool(std::string_view tool, base::Json arguments) {
  CallRequest nested{
      .tool = std::string(tool), .arguments = std::move(arguments), .task = task_, .caller = request_.caller};
  nested.reason = request_.reason;
  nested.cause = call_;
  nested.is_answered_yes = request_.is_answered_yes;
  nested.cancel = stop_;
  // A limit that somebody set holds for all that the call consists of.
  const Tool* row = request_.timeout ? kernel_.find_tool(tool) : nullptr;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  if (row) nested.timeout = std::min<std::chrono::milliseconds>(left, row->traits.timeout);
  return std::move(kernel_.call(std::move(nested)).output);
}

std::unexpected<base::Error> CallContext::park(std::string key) {
  parked_ = std::move(key);
  return fail(ErrorCode::timeout, "parked");
}

}  // namespace lilux::kernel

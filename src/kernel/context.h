#pragma once

// What a running tool sees of its call: who and where the caller is, when to stop, and the few things it may ask of the
// kernel. One per call; used by the thread that runs it.

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/field.h"
#include "base/result.h"
#include "base/saturate.h"
#include "kernel/call.h"
#include "kernel/record.h"
#include "sandbox/sandbox.h"

namespace lilux::kernel {

class Kernel;
struct Assessment;
struct Tool;

enum class Final : std::uint8_t { follow, keep };  // a symlink as the last component of a path

class CallContext {
 public:
  CallContext(Kernel& kernel, std::string call, std::string task, const CallRequest& request,
              std::chrono::steady_clock::time_point deadline, std::stop_token stop);

  Kernel& kernel() const { return kernel_; }
  const std::string& call() const { return call_; }
  const std::string& task() const { return task_; }
  const Caller& caller() const { return request_.caller; }
  const CallRequest& request() const { return request_; }
  std::stop_token stop() const { return stop_; }
  std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  bool is_past_deadline() const { return std::chrono::steady_clock::now() >= deadline_; }
  // `cancelled` or `timeout` when the call should end now; long loops ask between steps.
  base::Result<void> check_alive() const;

  // The canonical absolute path of an argument, relative to where the caller stands ("~/" is the caller's home). Found
  // once and kept: what was held against the rules is what is used, however links change meanwhile.
  base::Result<std::string> resolve(std::string_view path, Final last) const;

  // Said right before the first change of the world: a call that fails without it has nothing to take back.
  void begins() { has_begun_ = true; }
  bool has_begun() const { return has_begun_; }

  // A change of the kernel's state that becomes real together with the record of this call.
  void change(Change change) { changes_.push_back(std::move(change)); }
  void spend(std::int64_t tokens, double usd) {
    tokens_ = base::saturating_sum(tokens_, tokens);
    usd_ = base::saturating_sum(usd_, usd);
  }
  // What keeps in the program that it starts; without one it is the kernel's own tool that does all.
  void runs_in(sandbox::Tier tier, sandbox::Limits limits) {
    tier_ = base::enum_name(tier);
    limits_ = limits;
  }
  // What it gives is given, but recorded as this failure: what it was asked to run did not do it.
  void fails(base::Error why) { failure_ = std::move(why); }
  const std::optional<base::Error>& failure() const { return failure_; }
  // To whoever made the call, when somebody listens.
  void progress(double done, std::optional<double> total, const std::string& message) const;
  void log(std::string_view level, const base::Json& data) const;
  // Asks it: the answer, or an error as long as there is none, with which the call has to end; then it is made again
  // from its beginning. So ask before the first effect.
  base::Result<base::Json> ask(const std::string& key, std::string_view method, base::Json params) const;

  // What such a call by the same caller would need; it is not made.
  base::Result<Assessment> assess(const Tool& tool, base::Json arguments) const;
  // Another call by the same task, through the same path, with this one as its cause.
  base::Result<base::Json> call_tool(std::string_view tool, base::Json arguments);

  // Ends this run without an outcome: `return call.park("process:4711")` gives the thread back, and the tool is run
  // again from its beginning when that key is woken (Kernel::wake) or the deadline passes. Only for tools without
  // effect.
  std::unexpected<base::Error> park(std::string key);

  // What was found before the call was let through; null when a crash is being settled.
  const Assessment* assessment() const { return assessment_; }
  void set_assessment(const Assessment* assessment) { assessment_ = assessment; }

  const std::optional<std::string>& parked() const { return parked_; }
  std::vector<Change>& changes() { return changes_; }
  std::string_view tier() const { return tier_; }
  sandbox::Limits limits() const { return limits_; }
  std::int64_t tokens() const { return tokens_; }
  double usd() const { return usd_; }

 private:
  Kernel& kernel_;
  std::string call_;
  std::string task_;
  const CallRequest& request_;
  std::chrono::steady_clock::time_point deadline_;
  std::stop_token stop_;
  mutable std::map<std::pair<std::string, Final>, std::string> resolved_;
  std::vector<Change> changes_;
  std::optional<std::string> parked_;
  const Assessment* assessment_ = nullptr;
  bool has_begun_ = false;
  std::string_view tier_ = "T0";
  sandbox::Limits limits_ = sandbox::Limits::none;
  std::optional<base::Error> failure_;
  std::int64_t tokens_ = 0;
  double usd_ = 0;
};

}  // namespace lilux::kernel

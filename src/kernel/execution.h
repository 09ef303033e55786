#pragma once

// One call between entry and answer. Owned by the kernel's flight table while it runs or is parked; its fields are used
// by the one thread that advances it.

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "kernel/call.h"
#include "kernel/context.h"
#include "kernel/kernel.h"
#include "kernel/path_holds.h"
#include "kernel/scheduler.h"
#include "kernel/tool.h"

namespace lilux::kernel {

inline constexpr std::string_view kSuspendedRule = "task:suspended";  // of the refusal of a suspended task's call

// What a caller's wish to stop does.
struct Cancel {
  Kernel* kernel = nullptr;
  std::string call = {};
  void operator()() const { kernel->cancel(call); }
};

struct Execution {
  CallRequest request;
  Kernel::Done done;
  std::string id;  // in the flight table; also its call, unless an earlier one answers for it
  std::string call;
  std::string task;
  const Tool* tool = nullptr;
  std::stop_source stop;
  std::optional<std::stop_callback<Cancel>> outer_cancel;
  std::chrono::steady_clock::time_point entered;
  std::chrono::steady_clock::time_point deadline;
  std::int64_t priority = 5;
  std::unique_ptr<CallContext> context;  // absent while parked: many may be
  std::optional<Assessment> assessment;
  std::shared_ptr<const policy::RuleSet> rules;  // that judged it; and of the kernel while they are in force
  std::string authority;
  std::string key;                  // idempotency key with its task
  std::optional<Remembered> claim;  // what stands under that key until the call ends
  base::Json recorded_arguments;    // without secrets; by digest when large
  std::string large_arguments;      // the same whole, until they are stored
  std::optional<std::string> arguments_object;
  std::optional<std::string> before;
  std::vector<std::string> twins;  // waiting questions about the same call
  std::set<std::string> quotas;    // that it uses: task#number of the grant, of its task and those above
  bool is_approved = false;        // by a person, for exactly this call
  bool is_entered = false;         // past `prepare`; a parked call goes on at `run`
  bool is_reserved = false;
  bool has_timer = false;
  bool has_intent = false;
  std::optional<Scheduler::Timer> timer;
  std::uint64_t wakes_seen = 0;
  PathHolds::Hold hold;              // of what it changes
  std::unique_ptr<Outcome> outcome;  // that was given before, and answers this call too

  std::string policy_version() const { return rules ? rules->version() : std::string(); }
};

// The stations. Each returns an error that ends the call, or goes on.
struct Stations {
  Kernel& kernel;
  Execution& x;

  base::Result<void> enter();  // resolve, recall, validate, authorise, approve, reserve, prepare
  base::Result<base::Json> run();
  // Records how it ended and gives the answer; nothing effectful is answered before it is durable.
  Outcome finish(base::Result<base::Json> output);
  // A waiting question as the policy in force would ask it; denied when that denies it.
  base::Result<Approval> renew(const Approval& old);
  // All that it shows, as long as that is what was asked about.
  base::Result<std::string> whole_question(const Approval& approval);

 private:
  base::Result<void> pass();
  base::Result<void> resolve();
  base::Result<void> recall();
  base::Result<void> validate();
  base::Result<void> authorise();
  base::Result<void> hold_capabilities();
  base::Result<void> decide();
  base::Result<policy::Decision> judge();
  bool is_rescue() const;
  Approval question(const policy::Decision& decision) const;
  void find_twins();
  std::vector<Change> withdrawals() const;
  base::Result<void> check_withdrawn();
  base::Result<std::optional<Approval>> room_to_ask() const;
  base::Result<void> ask(const policy::Decision& decision);
  base::Result<void> check_approved() const;
  bool is_part_of_approved() const;
  base::Result<void> collect(Approval approval);
  base::Result<void> collect_refusal(base::Error why);
  base::Result<void> reserve();
  base::Result<void> prepare();
  base::Result<void> hold_paths();
  void redact_arguments();
  Body body() const;
  bool take_back(base::Error& failure);
  base::Result<void> take_back_begun();
  std::optional<std::string> image_after() const;
  Body ending(const base::Result<base::Json>& output, bool is_unknown);
  std::vector<Change> changes(const base::Result<base::Json>& output, bool is_unknown);
  Outcome finish_as_other();
  Outcome record(const Body& body, base::Result<base::Json> output);
};

// What an approval of this request is bound to.
std::string approval_hash(const CallRequest& request, std::string_view task, std::string_view policy_version);

}  // namespace lilux::kernel

#pragma once

// The kernel: sole owner of live state and the only road to an effect. main opens one per state folder (a lock sees to
// it) and hands it to the surfaces; every call, from wherever, goes through call() or submit(). Any thread.
//
// Files: call_path.cpp holds the stations, flight.cpp calls between entry and answer, approvals.cpp what waits for
// people, tasks.cpp what runs by itself, sessions.cpp clients that come and go, hooks.cpp what follows events,
// emergency.cpp the stop, recovery.cpp what a crash left, rules.cpp the policy in force.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/id.h"
#include "base/rest.h"
#include "base/result.h"
#include "kernel/call.h"
#include "kernel/config.h"
#include "kernel/events.h"
#include "kernel/index.h"
#include "kernel/kept.h"
#include "kernel/path_holds.h"
#include "kernel/record.h"
#include "kernel/state.h"
#include "kernel/tool.h"
#include "ledger/ledger.h"
#include "objects/store.h"
#include "policy/policy.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/lock.h"

namespace lilux::kernel {

class Children;
class Scheduler;
struct Execution;

inline constexpr std::string_view kHeldRule = "kernel:held";  // of the error that another process is the kernel

struct Folders {
  std::filesystem::path config;
  std::filesystem::path data;
  std::filesystem::path state;
  std::filesystem::path runtime;
  std::string home;
  // Configuration and state as they were named, where symlinks lead from there; rules speak of both.
  std::string named_config = {};
  std::string named_state = {};
  // Where a daemon writes its address on loopback.
  std::filesystem::path address_file() const { return runtime / "http"; }
};
// Makes those that the kernel writes to, for their owner alone.
base::Result<void> make_folders(const Folders& folders);

class Kernel {
 public:
  enum class Role : std::uint8_t { one_shot, daemon };
  using Done = std::move_only_function<void(Outcome)>;

  // Takes the lock, opens the ledger, replays what came after the newest snapshot and settles what a crash left.
  // `unavailable` with kHeldRule when another process holds the kernel; `corrupt` when the ledger does not verify.
  static base::Result<std::unique_ptr<Kernel>> open(const Folders& folders, const Config& config,
                                                    std::span<const Tool> table, Role role);
  ~Kernel();

  // Runs one call through all stations and waits for its end. Never throws, never fails without an Outcome.
  Outcome call(CallRequest request);
  // The same on a worker; `done` is called once. Fails at once when too much waits already.
  base::Result<void> submit(CallRequest request, std::int64_t priority, Done done);
  // The same on this thread, which waits as long as the call runs; for what has no effect.
  base::Result<void> start(CallRequest request, Done done);
  // Stops a running or parked call; false when it is not there.
  bool cancel(std::string_view call);
  // Runs parked calls with that key again.
  void wake(std::string_view key);

  // Writes one record, applies its changes and tells the listeners, in ledger order. Returns where it lies; wait for
  // durability with ledger().wait_durable().
  base::Result<ledger::Position> write(Kind kind, const Body& body);
  base::Result<ledger::Position> note(std::string_view event, base::Json data, std::vector<Change> changes = {});

  // Writes everything that is alive once more behind all other records, so that the older ones are not needed to know
  // it; durable when it returns.
  base::Result<void> write_state_again();

  // approvals.cpp: the answer of a person. `approve` runs exactly the call that was asked about and gives its outcome.
  enum class Answer : std::uint8_t { approve, deny, request_changes };
  base::Result<Outcome> answer(const std::string& call, Answer answer, const std::string& note, std::stop_token cancel);
  // Asks what waits, or one of it, anew under the policy in force: before a person looks, for an answer is good for one
  // policy. Without room to record it, or while stopped, everything stays as it is.
  void renew_questions();
  void renew_question(const std::string& call);
  void expire_questions();  // that nobody answered in time

  // tasks.cpp
  // A task as it would be made: id, state and times filled in, grants no wider than the parent's, budget checked. It
  // exists once put(task) is recorded, and starts when its dependencies are done.
  base::Result<Task> plan_task(Task task);
  base::Result<void> kill_task(const std::string& task, std::string_view why);
  base::Result<void> suspend_task(const std::string& task);
  base::Result<void> resume_task(const std::string& task);

  // sessions.cpp: a client's session is a task below `parent`, with its title, place, grants and budget; gives its id.
  // When it is closed, what it runs and started ends with it.
  base::Result<std::string> open_session(Task session);
  void close_session(const std::string& session);

  // Halts every call and child within a second and refuses new ones until a person resumes; on disk before it returns.
  // `timeout` names what could not be killed.
  base::Result<void> emergency_stop(std::string_view why);
  base::Result<void> emergency_resume();
  // For when no kernel can be opened, as on a full disk, or it does not answer: a daemon stops when it next looks, the
  // next one starts stopped.
  static base::Result<void> stop_next(const Folders& folders);
  bool is_stopped() const { return stopped_.load(); }

  // rules.cpp: the policy in force for that project; reloaded when the file changed. Fails when the file is broken.
  struct InForce {
    std::shared_ptr<const policy::RuleSet> rules;  // and of those who decide by them while they are replaced
    policy::Autonomy autonomy = policy::Autonomy::supervised;
  };
  base::Result<InForce> in_force(const std::string& project);
  base::Result<std::shared_ptr<const policy::RuleSet>> rules(const std::string& project);
  base::Result<policy::Autonomy> autonomy();
  // Whether this text would do as policy.toml.
  base::Result<void> check_policy(const std::string& text, const std::string& project);
  void forget_policy();  // after our own edit of the file: look at once
  policy::Anchors anchors(const std::string& project) const;
  std::filesystem::path policy_file() const { return folders_.config / "policy.toml"; }

  // Asks the daemon's loop to end.
  void request_shutdown();
  std::stop_token shutdown() const { return shutdown_.get_token(); }

  const Tool* find_tool(std::string_view name) const;  // or null
  base::Result<const Tool*> tool(std::string_view name) const;
  std::span<const Tool> table() const { return table_; }
  const Folders& folders() const { return folders_; }
  const Config& config() const { return config_; }
  Role role() const { return role_; }
  base::Guarded<State>& state() { return state_; }
  ledger::Ledger& ledger() { return *ledger_; }
  objects::Store& store() { return *store_; }
  base::Result<std::reference_wrapper<Index>> index();  // brought up to date
  Events& events() { return events_; }
  // Events after that sequence number, oldest first, from memory or from the ledger, until `each` returns false.
  base::Result<void> events_since(std::uint64_t sequence, const std::function<bool(const Event&)>& each);
  Children& children() { return *children_; }
  Scheduler& scheduler() { return *scheduler_; }
  Kept& kept() { return kept_; }
  std::string next_id(char kind) { return ids_.next(kind); }
  std::string digest_secret(std::string_view text) const;
  std::size_t calls_in_flight() const;
  struct RunningCall {
    std::string call;
    std::string tool;
    std::string task;
    bool is_parked = false;
    std::chrono::steady_clock::time_point entered;
  };
  // Calls between entry and answer, the oldest first.
  std::vector<RunningCall> running_calls() const;
  std::int64_t started_us() const { return started_us_; }

 private:
  friend struct Stations;
  Kernel(const Folders& folders, const Config& config, std::span<const Tool> table, Role role);
  base::Result<void> load_state();
  base::Result<void> load_stop();  // emergency.cpp, as the next
  void heed_stop_file();
  base::Result<void> settle();                                 // recovery.cpp
  base::Result<void> settle_intent(const OpenIntent& intent);  // recovery.cpp, as the next two
  base::Result<void> undo_or_rerun(const Body& begun, const base::Result<CallRequest>& request, Body& ended,
                                   std::vector<Change>& changes);
  // Brings back what a call changed only in part. What stands there now is kept by a call of the kernel's own, so that
  // this can be undone too.
  base::Result<void> roll_back(const std::string& call, const std::string& task, const std::string& before);
  void run_maintenance(const std::stop_token& stop);  // of a daemon, every 50 ms, or 250 when nothing was recorded:
  void maintain();                                    // flush, checkpoint, expiry, every hour upkeep
  void keep_up_now();                                 // on a worker
  void keep_up_if_due();                              // in a process without that time: once a day
  void after_write(const Event& event, const Body& body);
  void wake_waiting_for(const std::string& task);
  // tasks.cpp
  void start_ready_tasks();
  void start_tasks_while_room();
  bool start_task(const Task& task);
  void end_task(const std::string& task, const Outcome& outcome);
  void end_with_processes(const std::string& task);
  void end_task_now(const std::string& task, const Outcome& outcome);
  void end_waiting_task(const std::string& id, const Outcome& outcome);
  void release_dependents(const std::string& ended);
  void release(const std::vector<std::pair<std::string, base::JsonObject>>& changed);
  base::Result<std::vector<std::string>> live_family(const std::string& task);
  void settle_waiting_tasks();
  void settle_asking_task(const std::string& task, const std::string& call);
  void run_hooks(const Event& event);  // hooks.cpp
  void on_child_exit(std::string_view task, std::int64_t pid);
  // flight.cpp
  void advance(const std::shared_ptr<Execution>& execution);
  void stop_calls(const std::function<bool(const Execution&)>& chosen);
  base::Result<Outcome> answer_claimed(const std::string& call, Answer answer, const std::string& note_text,
                                       std::stop_token cancel);
  base::Result<Outcome> answer_unknown(const Approval& approval, Answer answer, const std::string& note_text,
                                       std::stop_token cancel);
  class Claim;
  void renew_claimed(const Approval& old);
  // What a question has come to. When it waits no longer and nothing runs for it, its kept request goes and the task
  // that waits for it ends.
  ApprovalState close_question(const std::string& call);
  void end_questions(const std::vector<Approval>& over, std::string_view why);
  void end_questions_of(const std::set<std::string>& tasks);
  Outcome run_here(CallRequest request, const std::string& approved);
  base::Result<std::shared_ptr<Execution>> enter_flight(CallRequest request, Done done, const std::string& call = {});
  void park(const std::shared_ptr<Execution>& execution, const std::string& key);
  void unpark(const std::shared_ptr<Execution>& execution);
  void resume_parked(const std::shared_ptr<Execution>& execution);
  void wake_all();
  void finish(const std::shared_ptr<Execution>& execution, Outcome outcome);
  void save_snapshot();
  std::string snapshot_seal(const ledger::Position& position, std::string_view text) const;
  base::Result<void> pause_task(const std::string& id, bool is_pause);
  std::vector<std::string> calls_of(const std::string& task) const;

  Folders folders_;
  Config config_;
  std::span<const Tool> table_;
  Role role_;
  std::int64_t started_us_ = 0;
  std::int64_t checkpointed_us_ = 0;         // of the maintenance thread alone
  std::atomic<std::int64_t> keep_up_at_{0};  // on the steady clock
  std::optional<sys::Lock> lock_;
  base::IdSource ids_;
  std::string secret_key_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<objects::Store> store_;
  std::mutex index_mutex_;
  std::unique_ptr<Index> index_;
  std::mutex write_mutex_;  // keeps ledger order and state order the same
  base::Guarded<State> state_;
  Events events_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Children> children_;
  bool is_open_ = false;  // all of it
  std::atomic<bool> stopped_{false};
  std::mutex stop_mutex_;  // keeps the stop file and stopped_ the same
  std::stop_source shutdown_;

  struct Flight {  // calls between entry and answer
    std::map<std::string, std::shared_ptr<Execution>, std::less<>> calls;
    std::multimap<std::string, std::shared_ptr<Execution>, std::less<>> parked;
    std::set<std::string> claimed;  // approvals being answered
    std::uint64_t wakes = 0;
  };
  mutable base::Guarded<Flight> flight_;
  PathHolds holds_;
  std::mutex sessions_mutex_;

  struct Policy {
    std::int64_t checked_us = 0;
    std::string stamp;  // of the file that was read
    std::optional<base::Error> problem;
    policy::PolicyFile file;
    std::map<std::string, std::shared_ptr<const policy::RuleSet>, std::less<>> by_project;
    std::int64_t followed_us = 0;
    std::map<std::string, std::vector<std::string>> elsewhere;  // of the paths that rules begin with
  };
  base::Result<void> refresh_policy(Policy& policy);
  void follow_again(Policy& policy);
  base::Guarded<Policy> policy_;
  std::int64_t running_tasks_ = 0;  // guarded by state_
  std::atomic<bool> is_starting_tasks_{false};
  base::Guarded<std::map<std::string, Outcome>> ending_;  // tasks whose call has ended, with its outcome, and whose
                                                          // processes have not
  Kept kept_;
  base::Rest rest_;  // of the maintenance
  std::jthread maintenance_;
};

}  // namespace lilux::kernel

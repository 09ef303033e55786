// Calls between entry and answer: run here or on a worker, parked and woken, cancelled, finished.

#include <algorithm>
#include <condition_variable>

#include "kernel/execution.h"
#include "kernel/scheduler.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr std::size_t kCallsMax = 200'000;  // in flight and parked together

// What a person does waits for nobody else's work.
Scheduler::Lane lane_of(const Execution& x) {
  return x.request.caller.principal == policy::Principal::terminal ? Scheduler::Lane::people : Scheduler::Lane::others;
}

}  // namespace

Outcome Kernel::call(CallRequest request) {
  return run_here(std::move(request), {});
}

// `approved` is the call that a person has approved, which is this one.
Outcome Kernel::run_here(CallRequest request, const std::string& approved) {
  struct Waiting {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<Outcome> outcome;
  };
  const auto waiting = std::make_shared<Waiting>();
  const auto done = [waiting](Outcome outcome) {
    const std::lock_guard lock(waiting->mutex);
    waiting->outcome = std::move(outcome);
    waiting->ended.notify_all();
  };
  const auto execution = enter_flight(std::move(request), done, approved);
  if (!execution) return {.call = approved, .output = std::unexpected(execution.error())};
  if (!approved.empty()) {
    (*execution)->is_approved = true;
    (*execution)->request.is_answered_yes = true;  // what it consists of was asked about with it
  }
  advance(*execution);
  std::unique_lock lock(waiting->mutex);
  if (!waiting->outcome) {  // it is parked, and what wakes it may need a worker
    const Scheduler::Lent lent(*scheduler_);
    waiting->ended.wait(lock, [&] { return waiting->outcome.has_value(); });
  }
  return std::move(*waiting->outcome);
}

Result<void> Kernel::submit(CallRequest request, std::int64_t priority, Done done) {
  const auto execution = TRY(enter_flight(std::move(request), std::move(done)));
  execution->priority = priority;
  const Tool* tool = find_tool(execution->request.tool);
  Scheduler::Work work = [this, execution] { advance(execution); };
  Result<void> queued = tool && tool->traits.is_urgent
                            ? scheduler_->push_first(std::move(work))
                            : scheduler_->push(priority, std::move(work), lane_of(*execution));
  if (!queued) flight_.with([&](Flight& flight) { flight.calls.erase(execution->id); });
  return queued;
}

Result<void> Kernel::start(CallRequest request, Done done) {
  advance(TRY(enter_flight(std::move(request), std::move(done))));
  return {};
}

Result<std::shared_ptr<Execution>> Kernel::enter_flight(CallRequest request, Done done, const std::string& call) {
  const auto execution = std::make_shared<Execution>();
  Execution& x = *execution;
  x.request = std::move(request);
  x.done = std::move(done);
  x.call = call.empty() ? next_id('c') : call;
  x.id = x.call;
  x.task = x.request.task.empty() ? session_task(x.request.caller.principal) : x.request.task;
  x.entered = std::chrono::steady_clock::now();
  const bool is_in = flight_.with([&](Flight& flight) {
    return flight.calls.size() < kCallsMax && flight.calls.emplace(x.call, execution).second;
  });
  if (!is_in) return fail(ErrorCode::unavailable, "too many calls are open", "wait for some to end: `lilux top`");
  if (x.request.cancel.stop_possible()) {
    x.outer_cancel.emplace(x.request.cancel, Cancel{.kernel = this, .call = x.call});
  }
  return execution;
}

// Runs a call from its first station, or again from `run` when it was parked, until it ends or parks.
void Kernel::advance(const std::shared_ptr<Execution>& execution) {
  Execution& x = *execution;
  Stations stations{.kernel = *this, .x = x};
  if (!x.is_entered) {
    x.is_entered = true;
    if (Result<void> entered = stations.enter(); !entered) {
      return finish(execution, stations.finish(std::unexpected(std::move(entered.error()))));
    }
    if (x.outcome) return finish(execution, stations.finish(Json{}));
  }
  x.wakes_seen = flight_.with([](Flight& flight) { return flight.wakes; });
  Result<Json> output = stations.run();
  if (!x.context->parked()) return finish(execution, stations.finish(std::move(output)));
  const std::string key = *x.context->parked();
  x.context.reset();
  park(execution, key);
}

void Kernel::park(const std::shared_ptr<Execution>& execution, const std::string& key) {
  Execution& x = *execution;  // another thread's once it is parked
  if (!std::exchange(x.has_timer, true)) {
    const auto timer = scheduler_->at(x.deadline, [this, weak = std::weak_ptr(execution)] {
      if (const auto late = weak.lock()) unpark(late);
    });
    if (timer) x.timer = *timer;  // without room for a timer the call waits for its key alone
  }
  if (x.request.is_task) state_.with([this](State&) { --running_tasks_; });  // what waits takes no other task's place
  // A wake-up between the tool's look and this line would be lost, so the number of wake-ups is compared; so would be a
  // timer that has rung.
  const bool is_parked = flight_.with([&](Flight& flight) {
    if (flight.wakes != x.wakes_seen || x.stop.stop_requested() || std::chrono::steady_clock::now() >= x.deadline)
      return false;
    flight.parked.emplace(key, execution);
    return true;
  });
  if (!is_parked) resume_parked(execution);
}

void Kernel::unpark(const std::shared_ptr<Execution>& execution) {
  const bool was_parked = flight_.with([&](Flight& flight) {
    return std::erase_if(flight.parked, [&](const auto& entry) { return entry.second == execution; }) > 0;
  });
  if (was_parked) resume_parked(execution);
}

void Kernel::resume_parked(const std::shared_ptr<Execution>& execution) {
  Execution& x = *execution;
  if (x.request.is_task) state_.with([this](State&) { ++running_tasks_; });
  x.context = std::make_unique<CallContext>(*this, x.call, x.task, x.request, x.deadline, x.stop.get_token());
  const Result<void> queued = scheduler_->push_again(x.priority, [this, execution] { advance(execution); }, lane_of(x));
  if (!queued) finish(execution, Stations{.kernel = *this, .x = x}.finish(std::unexpected(queued.error())));
}

void Kernel::wake(std::string_view key) {
  std::vector<std::shared_ptr<Execution>> woken;
  flight_.with([&](Flight& flight) {
    ++flight.wakes;
    const auto [first, last] = flight.parked.equal_range(key);
    for (auto entry = first; entry != last; ++entry) woken.push_back(entry->second);
    flight.parked.erase(first, last);
  });
  for (const auto& execution : woken) resume_parked(execution);
}

bool Kernel::cancel(std::string_view call) {
  const std::shared_ptr<Execution> execution = flight_.with([&](Flight& flight) {
    const auto found = flight.calls.find(call);
    return found == flight.calls.end() ? nullptr : found->second;
  });
  if (!execution) return false;
  execution->stop.request_stop();
  unpark(execution);
  return true;
}

// Outside the lock: a call that stops may stop others, which takes it again.
void Kernel::stop_calls(const std::function<bool(const Execution&)>& chosen) {
  std::vector<std::shared_ptr<Execution>> stopping;
  flight_.with([&](const Flight& flight) {
    for (const auto& [call, execution] : flight.calls) {
      if (chosen(*execution)) stopping.push_back(execution);
    }
  });
  for (const auto& execution : stopping) execution->stop.request_stop();
}

void Kernel::finish(const std::shared_ptr<Execution>& execution, Outcome outcome) {
  flight_.with([&](Flight& flight) { flight.calls.erase(execution->id); });
  execution->outer_cancel.reset();
  execution->hold = {};
  if (execution->timer) scheduler_->forget(*execution->timer);
  execution->done(std::move(outcome));
}

void Kernel::wake_all() {
  std::vector<std::shared_ptr<Execution>> woken;
  flight_.with([&](Flight& flight) {
    ++flight.wakes;
    for (const auto& [key, execution] : flight.parked) woken.push_back(execution);
    flight.parked.clear();
  });
  for (const auto& execution : woken) resume_parked(execution);
}

std::vector<Kernel::RunningCall> Kernel::running_calls() const {
  std::vector<RunningCall> running;
  flight_.with([&](const Flight& flight) {
    std::set<const Execution*> parked;
    for (const auto& [key, execution] : flight.parked) parked.insert(execution.get());
    for (const auto& [call, execution] : flight.calls)
      running.push_back({.call = call,
                         .tool = execution->request.tool,
                         .task = execution->task,
                         .is_parked = parked.contains(execution.get()),
                         .entered = execution->entered});
  });
  std::ranges::sort(running, {}, &RunningCall::entered);
  return running;
}

std::size_t Kernel::calls_in_flight() const {
  return flight_.with([](const Flight& flight) { return flight.calls.size(); });
}

}  // namespace lilux::kernel

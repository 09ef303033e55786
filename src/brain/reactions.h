#pragma once

// Follows the events of a kernel and makes the calls that rules name: each rule's by a task of its own, as an agent,
// with no more rights than the project when the rule is a project's. What rules and hooks cause sets off no rules. One
// per daemon, destroyed before its kernel; a thread of its own.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/json.h"
#include "brain/matcher.h"
#include "brain/rule_source.h"

namespace lilux::kernel {
class Kernel;
struct Event;
}  // namespace lilux::kernel

namespace lilux::brain {

class Reactions {
 public:
  using Clock = std::int64_t (*)();  // microseconds, never going back
  explicit Reactions(kernel::Kernel& kernel, Clock clock);
  explicit Reactions(kernel::Kernel& kernel);
  ~Reactions();

  // Looks at the clock again: for tests, whose clock goes when they say.
  void wake();

 private:
  struct Live {  // what a rule in force has met
    Beat beat;
    base::Json event = {};  // that it fires for once it is due
    std::string task = {};
  };
  struct Loaded {
    RuleSource source;
    std::string stamp;
    std::int64_t since_us = 0;  // of the file; what happened before is not looked at
    std::vector<Rule> rules;
    Matcher matcher;
    std::vector<Live> live;
    std::set<std::uint32_t> waiting;  // of them, those that are due some time
  };
  void run(const std::stop_token& stop);
  void wait(const std::stop_token& stop);
  void look();
  void see(const kernel::Event& event);
  Loaded* of_project(const std::string& project);
  void refresh(Loaded& loaded);
  void take(Loaded& loaded, const std::string& text);
  void tell(const Loaded& loaded, const InForce& now, std::string_view event);
  void hear(Loaded& loaded, const kernel::Event& event);
  base::Json shown(const kernel::Event& event) const;
  void fire_due();
  void fire(Loaded& loaded, std::size_t number, const base::Json& event);
  base::Result<void> call(Loaded& loaded, std::size_t number, const base::Json& event);
  base::Result<std::string> task_of(Loaded& loaded, std::size_t number, const std::string& folder);
  std::optional<std::int64_t> next_due() const;
  template <class Each>
  void for_each_loaded(Each each);

  // Where events came from while there were no rules: there may be some.
  struct Places {
    std::set<std::string> projects = {};
    std::set<std::string> tasks = {};  // of events that name no project
    bool are_many = false;             // more than are kept
    std::uint64_t newest = 0;          // of these events
  };

  Places look_where_things_happened();
  bool has_rules_in_force();

  kernel::Kernel& kernel_;
  Clock clock_;
  Loaded own_;
  std::map<std::string, std::unique_ptr<Loaded>> by_project_;
  std::map<std::string, base::Json, std::less<>> begun_;  // what was said of calls when they began
  std::uint64_t seen_ = 0;                                // sequence number of the newest event looked at
  std::int64_t looked_us_ = 0;
  base::Guarded<Places> places_;
  std::atomic<bool> has_rules_{false};
  std::atomic<std::int64_t> deaf_until_us_{0};  // while there are no rules, events are looked at now and then
  std::uint64_t listener_ = 0;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool has_news_ = true;
  std::jthread thread_;
};

}  // namespace lilux::brain

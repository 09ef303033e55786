#pragma once

// Events are ledger records told as they are appended: same sequence numbers, so a listener that was away goes on where
// it stopped. The newest stay in memory; older ones are read back from the ledger. Any thread; listeners are called on
// the thread that appended and must only note and leave. What passes, such as what a command prints, is told as well
// but not recorded: it has no number, and only who follows hears it, with the last of what a program had printed
// before.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/json.h"
#include "kernel/record.h"
#include "ledger/ledger.h"

namespace lilux::kernel {

struct Event {
  std::uint64_t sequence = 0;
  std::int64_t time_us = 0;
  std::string name;  // "call.ok", "call.begin", "call.asked", "kernel.start", "process.exit"
  std::string tool;
  std::string task;
  std::string body;     // the record's, as compact text
  std::string project;  // of the caller; empty for what was read back, and outside of calls
};

struct EventFilter {
  std::string name = "*";  // globs
  std::string tool = "*";
  std::string task = "*";
  bool fits(const Event& event) const;
};

Event to_event(ledger::Record record, const Body& body);
// What a listener is shown: {"sequence", "time", "event", ...the body}.
base::Json to_json(const Event& event);

class Events {
 public:
  using Listener = std::function<void(const Event&)>;

  // Where the ledger stood when we began: older events are not kept here.
  void start_after(std::uint64_t sequence);
  void publish(const std::shared_ptr<const Event>& event);
  std::uint64_t listen(Listener listener);
  void forget(std::uint64_t listener);
  // One hears what passes; absent: nobody does, and is_followed() spares others from finding out what does.
  void follow(std::shared_ptr<const Listener> follower);
  bool is_followed() const;
  void pass(const Event& event) const;
  // The kept events after `sequence`; absent when older ones are wanted than are kept.
  std::optional<std::vector<std::shared_ptr<const Event>>> since(std::uint64_t sequence) const;

 private:
  using Listeners = std::map<std::uint64_t, Listener>;
  struct State {
    std::deque<std::shared_ptr<const Event>> newest;
    std::uint64_t dropped_to = 0;  // everything up to here is no longer kept
    std::shared_ptr<const Listeners> listeners = std::make_shared<const Listeners>();  // and of who calls them
    std::uint64_t next_listener = 1;
    std::shared_ptr<const Listener> follower;
  };
  mutable base::Guarded<State> state_;
};

inline constexpr std::size_t kEventsKept = 512;

}  // namespace lilux::kernel

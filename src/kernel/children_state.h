#pragma once

// The inside of Children: what its files share. children.cpp is what others ask for, children_thread.cpp the thread
// that starts and reaps, children_watch.cpp what it looks at while they run, children_orphans.cpp what belongs to a
// child that is not its parent any more.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "base/guarded.h"
#include "kernel/children.h"
#include "kernel/output_telling.h"
#include "sandbox/guard.h"
#include "sandbox/starter.h"
#include "sys/poller.h"

namespace lilux::kernel {

inline constexpr auto kKillTime = std::chrono::milliseconds(900);
inline constexpr auto kOrphanTime = std::chrono::milliseconds(1000);  // between two looks for orphans that have ended
inline constexpr auto kWatchTime = std::chrono::milliseconds(200);    // between two looks at what the confined take
inline constexpr auto kReadyTime = std::chrono::seconds(30);          // since the last start
inline constexpr std::uint64_t kChildFileBytesMax = std::uint64_t{16} << 30;

// Keeps the newest part. Where the filesystem cannot give space back, all of it stays until it is forgotten.
void trim(const ChildOutput& output);

struct LiveChild {
  sys::Child child;
  ChildStatus status;
  std::string written;             // see Start
  std::uint64_t memory_bytes = 0;  // at most; 0: any
  std::uint64_t processes = 0;
  // Whether we have to look, since the system does not.
  bool is_weighed() const { return status.limits == sandbox::Limits::rlimits && memory_bytes > 0; }
  bool is_counted() const {
    return status.limits == sandbox::Limits::rlimits && status.tier != sandbox::Tier::separated;
  }
  std::string too_much_memory() const {
    return "its processes held more than " + std::to_string(memory_bytes >> 20) + " MiB of memory";
  }
};

struct Children::State {
  struct Order {
    std::optional<Start> start;  // without, only the host is asked for
    std::promise<base::Result<std::int64_t>> answer;
  };
  struct Table {
    std::map<std::int64_t, LiveChild> live;
    std::map<std::int64_t, ChildStatus> ended;
    std::deque<std::int64_t> ended_order;
    std::deque<Order> orders;
    std::int64_t next_output = 1;
    bool is_stopped = false;
    bool is_halted = false;  // by kill_all
    std::optional<sandbox::Host> host;
  };

  Options options;
  base::Guarded<Table> table;
  std::optional<sys::Poller> poller;
  std::optional<sys::Wake> wake;
  std::chrono::steady_clock::time_point next_look;
  std::chrono::steady_clock::time_point next_watch;
  std::chrono::steady_clock::time_point next_probe;
  sandbox::Starter programs;  // both of the reaping thread
  sandbox::Starter scripts{sandbox::kPython};
  sandbox::Guard end_guard;          // likewise
  std::uint32_t guarded_family = 0;  // of those that end with us; others are of a family of their own each
  std::chrono::steady_clock::time_point last_start;
  // Of the reaping thread: marks whose processes have to go, and looks that found none.
  std::map<std::uint64_t, int> hunted;
  std::map<std::int64_t, OutputTelling> tellings;  // by pid, likewise
  std::mutex reaping;                              // while a child that has ended gives up its number
  std::mutex starting;                             // from before a child runs until it stands in the table
  std::mutex ending;
  std::condition_variable_any has_ended;
  std::mutex looking;  // at what is written
  std::condition_variable_any has_started;
  std::jthread thread;
  std::jthread written_thread;

  base::Result<void> ensure_thread();
  void run(const std::stop_token& stop);
  base::Result<std::int64_t> start_now(Start& start);
  sandbox::Starter& starter_for(const Start& start);
  void make_ready(const Start& start);
  void reap(std::int64_t pid);
  void reap_orphans();
  void look_after();
  bool has_limited();
  bool has_writing();
  void watch_written(const std::stop_token& stop);
  void look_at_written();
  void trim_output();
  void tell_output();
  void tell_output(const ChildStatus& child, bool is_last);
  void keep_room();
  void keep_memory();
  void keep_count();
  void end_confined(const std::function<std::string(LiveChild&)>& why);
  void find_host();
  sandbox::Host known_host();
  base::Result<std::int64_t> order(std::optional<Start> start);
  void refuse_orders();
  bool kill_until(std::chrono::steady_clock::time_point deadline);
  std::optional<ChildStatus> child_of_mark(pid_t pid);
  void kill_left_behind(std::uint64_t mark);
  bool hunt();
};

}  // namespace lilux::kernel

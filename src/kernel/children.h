#pragma once

// The processes that belong to tasks: started, watched until they end, paused and killed with everything they started.
// One thread starts and reaps them; it lives as long as this object, so they die with the kernel. Any thread.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/sandbox.h"
#include "sys/process.h"
#include "sys/process_table.h"

namespace lilux::kernel {

// In the environment of every child.
inline constexpr std::string_view kTaskVariable = "LILUX_TASK";
inline constexpr std::string_view kCallVariable = "LILUX_CALL";

struct ChildOutput {
  std::string stdout_file;
  std::string stderr_file;
};

// One process as the kernel remembers it, ended ones too until enough newer ones have ended.
struct ChildStatus {
  std::int64_t pid = 0;
  std::string task;
  std::string call;     // that started it
  std::string project;  // of who started it
  std::string command;
  std::int64_t started_us = 0;
  ChildOutput output;
  sandbox::Tier tier = sandbox::Tier::none;
  sandbox::Limits limits = sandbox::Limits::none;
  std::uint64_t mark = 0;       // of all that it started
  std::string reason;           // why we ended it
  bool has_overflowed = false;  // for what it wrote, which is forgotten
  std::optional<sys::Exit> exit;
};

class Children {
 public:
  struct Options {
    std::filesystem::path output_directory;
    std::string guard_program;  // lilux, to guard what the system does not end with us; empty: nobody does
    // All on the reaping thread. What children write is looked for only while somebody hears of it.
    std::function<void(std::string_view task, std::int64_t pid)> on_exit;
    std::function<bool()> is_heard = [] { return false; };
    std::function<void(const ChildStatus& child, std::string_view stream, const std::string& text)> on_output;
  };
  struct Start {
    std::string task;
    std::string call;
    std::string project;
    std::string command;  // for people
    sys::SpawnOptions spawn;
    std::optional<std::string> standard_input;
    std::optional<sandbox::Spec> within;  // in the strongest tier that this machine has
    std::string written = {};             // the folder in which what it writes lies; no more than can be kept
  };

  explicit Children(Options options);
  ~Children();  // kills what lives

  // Output goes to two files, of which the last kOutputBytesMax are kept, looking once a second.
  base::Result<std::int64_t> start(Start start);
  std::optional<ChildStatus> find(std::int64_t pid) const;
  // Waits until it has ended, the stop is asked for or the time is over; what it is then.
  std::optional<ChildStatus> wait(std::int64_t pid, const std::stop_token& stop,
                                  std::chrono::steady_clock::time_point deadline) const;
  void forget(std::int64_t pid);                   // one that has ended, with what it wrote
  bool is_running(std::string_view call) const;    // whether what that call started lives
  void kill(std::int64_t pid);                     // one child with all below it
  sandbox::Host host();                            // what this machine can keep in; found out once
  std::size_t count(std::string_view task) const;  // alive
  std::multimap<std::string, std::int64_t> alive_by_task() const;
  // The child that this process is or descends from, and its task.
  std::optional<ChildStatus> child_above(std::int64_t pid) const;
  std::optional<std::string> task_of_process(std::int64_t pid) const;

  // Of these, what its children left behind too.
  void kill_task(std::string_view task);
  void suspend_task(std::string_view task);
  void resume_task(std::string_view task);
  // Kills them and whatever else is below us, and starts no more until accept(); `timeout` names what is left after the
  // better part of a second.
  base::Result<void> kill_all();
  void accept();
  void stop();  // kills and joins; idempotent

 private:
  struct State;
  std::vector<std::int64_t> alive(std::string_view task) const;
  std::vector<sys::ProcessId> trees_of(std::string_view task) const;
  std::unique_ptr<State> state_;
};

inline constexpr std::uint64_t kOutputBytesMax = std::uint64_t{64} << 20;  // far more than process.wait gives
inline constexpr std::size_t kEndedChildrenKept = 256;

}  // namespace lilux::kernel

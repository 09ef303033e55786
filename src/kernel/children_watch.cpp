#include <algorithm>
#include <ranges>
#include <vector>

#include <fcntl.h>

#include "kernel/children_state.h"
#include "kernel/memory_watch.h"
#include "kernel/written_watch.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "sys/place.h"
#include "sys/process_table.h"
#include "sys/self.h"
#include "sys/tree.h"

namespace lilux::kernel {

using base::Result;

namespace {

constexpr std::uint64_t kRoomLeft = std::uint64_t{256} << 20;    // on the disk
constexpr std::uint64_t kMemoryLeft = std::uint64_t{256} << 20;  // of the machine, with what can be swapped out
constexpr auto kLookTime = std::chrono::milliseconds(250);       // between two looks at what they have written

}  // namespace

// Keeps the newest part. Where the filesystem cannot give space back, all of it stays until it is forgotten.
void trim(const ChildOutput& output) {
  for (const std::string& file : {output.stdout_file, output.stderr_file}) {
    const Result<sys::Fd> fd = sys::open(file, O_RDWR);
    if (!fd) continue;
    const std::uint64_t size = sys::file_size(fd->get(), file).value_or(0);
    if (size > kOutputBytesMax) std::ignore = sys::free_before(fd->get(), size - kOutputBytesMax, file);
  }
}

bool Children::State::has_limited() {
  return table.with([](const Table& open) {
    return std::ranges::any_of(
        open.live, [](const auto& entry) { return entry.second.is_weighed() || entry.second.is_counted(); });
  });
}

void Children::State::look_after() {
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_watch) {
    next_watch = now + kWatchTime;
    keep_memory();
    keep_count();
    keep_room();
    if (!hunted.empty()) std::ignore = hunt();  // the next look may succeed
    if (options.is_heard()) tell_output();
  }
  if (now < next_look) return;
  next_look = now + kOrphanTime;
  if (now - last_start > kReadyTime) {
    programs.close();
    scripts.close();
  }
  trim_output();
}

void Children::State::tell_output() {
  const std::vector<ChildStatus> all = table.with([](const Table& open) {
    std::vector<ChildStatus> found;
    for (const auto& [pid, live] : open.live) found.push_back(live.status);
    return found;
  });
  for (const ChildStatus& child : all) tell_output(child, false);
}

void Children::State::tell_output(const ChildStatus& child, bool is_last) {
  tellings[child.pid].tell(child.output, is_last, [&](std::string_view stream, const std::string& text) {
    options.on_output(child, stream, text);
  });
}

// What a child writes has no end of its own, but there is only so much that process.wait gives.
void Children::State::trim_output() {
  const std::vector<ChildOutput> outputs = table.with([](const Table& open) {
    std::vector<ChildOutput> found;
    for (const auto& [pid, live] : open.live) found.push_back(live.status.output);
    return found;
  });
  for (const ChildOutput& output : outputs) trim(output);
}

// What the confined write is kept on our disk, and what they hold may be held where it is not seen; who fills them is
// not known, so all of them end.
void Children::State::keep_room() {
  const Result<sys::DiskSpace> space = sys::disk_space(options.output_directory.string());
  if (space && space->available_bytes < kRoomLeft)
    end_confined([](const LiveChild&) { return std::string("the disk was nearly full"); });
  const Result<sys::MachineMemory> memory = sys::machine_memory();
  if (memory && memory->available_bytes < kMemoryLeft)
    end_confined([](const LiveChild&) { return std::string("the machine's memory was nearly full"); });
}

bool Children::State::has_writing() {
  return table.with([](const Table& open) {
    return std::ranges::any_of(open.live, [](const auto& entry) { return !entry.second.written.empty(); });
  });
}

// In a thread of its own, since it takes long to look at much.
void Children::State::watch_written(const std::stop_token& stop) {
  std::unique_lock lock(looking);
  while (has_started.wait(lock, stop, [this] { return has_writing(); })) {
    has_started.wait_for(lock, stop, kLookTime, [] { return false; });
    if (stop.stop_requested()) return;
    lock.unlock();
    look_at_written();
    lock.lock();
  }
}

// Those that wrote more than could be kept end, and it is gone: nobody could make it real.
void Children::State::look_at_written() {
  std::map<std::int64_t, std::string> found = table.with([](const Table& open) {
    std::map<std::int64_t, std::string> folders;
    for (const auto& [pid, live] : open.live) {
      if (!live.written.empty()) folders.emplace(pid, live.written);
    }
    return folders;
  });
  const std::map<std::int64_t, std::string> folders = found;
  for (auto& [pid, text] : found) text = excess_of(text);
  std::erase_if(found, [](const auto& one) { return one.second.empty(); });
  if (found.empty()) return;
  end_confined([&](LiveChild& live) {
    const auto excess = found.find(live.status.pid);
    if (excess == found.end()) return std::string();
    live.status.has_overflowed = true;
    return excess->second;
  });
  for (const auto& [pid, excess] : found) {
    const Result<sys::Place> place = sys::open_parent(folders.at(pid));
    if (place) std::ignore = sys::remove_tree(*place);  // what is left goes with a later run
  }
}

void Children::State::keep_memory() {
  const std::map<pid_t, std::uint64_t> limits = table.with([](const Table& open) {
    std::map<pid_t, std::uint64_t> found;
    for (const auto& [pid, live] : open.live) {
      if (live.is_weighed()) found.emplace(live.child.pid, live.memory_bytes);
    }
    return found;
  });
  if (limits.empty()) return;
  const std::set<pid_t> over = holding_more(limits);
  end_confined(
      [&](const LiveChild& live) { return over.contains(live.child.pid) ? live.too_much_memory() : std::string(); });
}

// By their marks, since those that lost their parent are ours. None is older than the child.
void Children::State::keep_count() {
  struct Count {
    std::uint64_t started = UINT64_MAX;
    std::uint64_t threads = 0;
  };
  auto counts = table.with([](const Table& open) {
    std::map<std::uint64_t, Count> found;
    for (const auto& [pid, live] : open.live) {
      if (live.is_counted()) found[live.status.mark].started = live.child.start_ticks;
    }
    return found;
  });
  const auto entries = counts.empty() ? std::vector<sys::ProcessEntry>()
                                      : sys::processes_without_commands().value_or(std::vector<sys::ProcessEntry>());
  if (entries.empty()) return;
  const std::uint64_t first = std::ranges::min(counts | std::views::values | std::views::transform(&Count::started));
  for (const sys::ProcessEntry& entry : entries) {
    if (entry.has_ended() || entry.start_ticks < first) continue;
    const auto count = counts.find(sys::mark_of(entry.pid).value_or(0));
    if (count != counts.end()) count->second.threads += static_cast<std::uint64_t>(entry.threads);
  }
  end_confined([&](const LiveChild& live) {
    const auto count = counts.find(live.status.mark);
    const bool is_over = count != counts.end() && count->second.threads > live.processes;
    return is_over ? "it had more than " + std::to_string(live.processes) + " processes and threads" : std::string();
  });
}

// Those for which there is a reason.
void Children::State::end_confined(const std::function<std::string(LiveChild&)>& why) {
  const std::vector<sys::ProcessId> ending_now = table.with([&](Table& open) {
    std::vector<sys::ProcessId> found;
    for (auto& [pid, live] : open.live) {
      std::string reason = live.status.tier == sandbox::Tier::none ? "" : why(live);
      if (reason.empty()) continue;
      live.status.reason = std::move(reason);
      found.push_back(live.child.id());
    }
    return found;
  });
  for (const sys::ProcessId& id : ending_now) std::ignore = sys::kill_tree(id, kKillTime);  // what is gone is gone
}

}  // namespace lilux::kernel

// A whole kernel with everything on, beside what it is compared with and the least each figure can cost. Rounds are
// interleaved on the same disk; figures are medians, ratios are medians of the rounds' ratios.
//
//   bench_kernel <folder on a real disk> <lilux binary> [rounds]

#include "kernel/kernel.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "durable.h"
#include "kernel/context.h"
#include "kernel/scheduler.h"
#include "measure.h"
#include "sys/file.h"
#include "tools/table.h"

namespace {

using namespace lilux;
using namespace lilux::bench;

constexpr int kReads = 5000;
constexpr int kSingle = 500;
constexpr int kThreads = 64;
constexpr int kEach = 500;
constexpr int kMillion = 1'000'000;
constexpr int kParked = 100'000;

void line(const std::string& what, double value, const char* unit, double goal, bool is_least) {
  const bool is_held = is_least ? value >= goal : value <= goal;
  std::printf("%-52s %10.2f %-8s goal %s %-8g %s\n", what.c_str(), value, unit, is_least ? ">=" : "<=", goal,
              is_held ? "held" : "MISSED");
}

// Two small tools of our own beside the real ones: the least that changes the world, and one that waits.
struct NameRequest {
  std::string name;
  static constexpr base::Fields fields{base::Field{"name", &NameRequest::name, "Target"}};
};
struct NameResponse {
  std::string name;
  static constexpr base::Fields fields{base::Field{"name", &NameResponse::name, "Target"}};
};
base::Result<kernel::Assessment> assess_touch(const kernel::CallContext&, const NameRequest& request) {
  kernel::Assessment made;
  made.needs.push_back({.verb = policy::Verb::write, .resource = "fs", .target = request.name});
  return made;
}
base::Result<NameResponse> touch(kernel::CallContext&, const NameRequest& request) {
  return NameResponse{.name = request.name};
}
base::Result<kernel::Assessment> assess_wait(const kernel::CallContext&, const NameRequest&) {
  kernel::Assessment made;
  made.needs.push_back({.verb = policy::Verb::read, .resource = "kernel", .target = "bench"});
  return made;
}
base::Result<NameResponse> wait(kernel::CallContext& call, const NameRequest& request) {
  if (call.stop().stop_requested()) return NameResponse{.name = request.name};
  return call.park(request.name);
}

std::vector<kernel::Tool> table() {
  const auto real = tools::table();
  std::vector<kernel::Tool> all(real.begin(), real.end());
  all.push_back(kernel::tool<touch, assess_touch>("bench.touch", "Changes nothing, as an effect",
                                                  {.effect = kernel::Effect::world}));
  all.push_back(kernel::tool<wait, assess_wait>("bench.wait", "Waits"));
  std::ranges::sort(all, {}, &kernel::Tool::name);
  return all;
}

struct Place {
  std::string root;
  kernel::Folders folders;
  kernel::Config config;
  std::vector<kernel::Tool> tools = table();

  explicit Place(std::string where) : root(std::move(where)) {
    std::filesystem::create_directories(root + "/work");
    folders = {.config = root + "/config",
               .data = root + "/data",
               .state = root + "/state",
               .runtime = root + "/run",
               .home = root + "/home"};
    config = need(kernel::load_config(root + "/config.toml", {}));
  }
  std::unique_ptr<kernel::Kernel> open() const {
    return need(kernel::Kernel::open(folders, config, tools, kernel::Kernel::Role::daemon));
  }
  kernel::CallRequest request(std::string tool, base::JsonObject arguments) const {
    kernel::CallRequest made;
    made.tool = std::move(tool);
    made.arguments = std::move(arguments);
    made.caller.cwd = root + "/work";
    made.caller.project = root + "/work";
    return made;
  }
};

void run(kernel::Kernel& kernel, const kernel::CallRequest& request) {
  const kernel::Outcome outcome = kernel.call(request);
  if (!outcome.ok()) stop(request.tool + ": " + outcome.output.error().message);
}

template <class F>
double micro_each(int count, F&& work) {
  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) work();
  return micro_since(start) / count;
}

double plain_read(const std::string& path) {
  std::vector<char> bytes(4096);
  return micro_each(kReads, [&] {
    const sys::Fd fd = need(sys::open(path, O_RDONLY | O_CLOEXEC));
    if (::read(fd.get(), bytes.data(), bytes.size()) != 4096) stop("cannot read " + path);
  });
}

double together(kernel::Kernel& kernel, const kernel::CallRequest& request) {
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) run(kernel, request);
      });
    }
  }
  return micro_since(start) / (kThreads * kEach);
}

void measure_calls(const Place& place, int rounds) {
  const auto kernel = place.open();
  const std::string file = place.root + "/work/file";
  std::ofstream(file) << std::string(4096, 'x');
  const auto read = place.request("fs.read", {{"path", file}});
  const auto charge = place.request("budget.charge", {{"tokens", 1}});
  const auto effect = place.request("bench.touch", {{"name", place.root + "/work/x"}});
  Sqlite sqlite(place.root + "/sqlite.db");
  Floor floor(place.root + "/floor");
  std::vector<double> plain, over, floors, rows, state, state_ratio, world, world_ratio, many, many_ratio;
  for (int round = 0; round < rounds; ++round) {
    plain.push_back(plain_read(file));
    over.push_back(micro_each(kReads, [&] { run(*kernel, read); }) - plain.back());
    floors.push_back(micro_each(kSingle, [&] { floor.add(); }));
    state.push_back(micro_each(kSingle, [&] { run(*kernel, charge); }));
    rows.push_back(micro_each(kSingle, [&] { sqlite.add(); }));
    world.push_back(micro_each(kSingle, [&] { run(*kernel, effect); }));
    many.push_back(together(*kernel, charge));
    state_ratio.push_back(rows.back() / state.back());
    world_ratio.push_back(rows.back() / world.back());
    many_ratio.push_back(rows.back() / many.back());
  }
  std::printf(
      "floors: open, read and close %.2f us; one write and one sync %.1f us (%.0f/s); sqlite %.1f us (%.0f/s)\n",
      median(plain), median(floors), 1e6 / median(floors), median(rows), 1e6 / median(rows));
  line("fs.read of 4 KB over the system calls", median(over), "us", 60, false);
  std::printf("one-record durable call %.0f/s, effectful %.0f/s, 64 callers %.0f/s\n", 1e6 / median(state),
              1e6 / median(world), 1e6 / median(many));
  line("one-record durable call over sqlite", median(state_ratio), "times", 2, true);
  line("effectful call over sqlite", median(world_ratio), "times", 0.5, true);
  const double goal = std::min(30.0, 60'000 / (1e6 / median(rows)));
  line("64 callers over sqlite", median(many_ratio), "times", goal, true);
}

void measure_restart(const Place& place, int rounds) {
  {
    const auto kernel = place.open();
    kernel::Body body;
    body.tool = "fs.read";
    body.task = "terminal";
    body.principal = "terminal";
    body.result = "ok";
    body.reason = std::string(200, 'r');
    body.cost = kernel::Cost{.wall_us = 5};
    for (int i = 0; i < kMillion; ++i) {
      body.call = "c" + std::to_string(i);
      need(kernel->write(kernel::Kind::call, body));
    }
  }
  const auto charge = place.request("budget.charge", {{"tokens", 1}});
  std::vector<double> opens, floors;
  for (int round = 0; round < rounds; ++round) {
    auto start = Clock::now();
    need(ledger::Ledger::open({.directory = place.folders.state / "ledger", .anchor_directory = place.folders.config}));
    floors.push_back(micro_since(start) / 1000);
    start = Clock::now();
    const auto kernel = place.open();
    run(*kernel, charge);
    opens.push_back(micro_since(start) / 1000);
  }
  std::printf("floor: opening that ledger alone %.1f ms\n", median(floors));
  line("restart with a million records to an answered call", median(opens), "ms", 200, false);
}

double resident_bytes(const std::string& process) {
  std::ifstream file("/proc/" + process + "/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void measure_parked(const Place& place) {
  const auto kernel = place.open();
  auto request = place.request("bench.wait", {{"name", "gate"}});
  request.timeout = std::chrono::hours(1);
  run(*kernel, place.request("budget.charge", {{"tokens", 1}}));
  const double before = resident_bytes("self");
  for (int i = 0; i < kParked; ++i) {
    while (!kernel->submit(request, 5, [](kernel::Outcome) {})) std::this_thread::yield();  // the queue is full
  }
  while (kernel->scheduler().timers() < kParked) std::this_thread::yield();  // each sets one as it parks
  const double after = resident_bytes("self");
  if (kernel->calls_in_flight() != kParked) stop("not all calls wait");
  line("a parked call", (after - before) / kParked, "bytes", 2048, false);
  line("a process with 100,000 parked calls", after / (1 << 20), "MiB", 300, false);
}

class Child {
 public:
  Child(const std::string& binary, std::vector<std::string> words) {
    std::vector<char*> argv{const_cast<char*>(binary.c_str())};
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (::posix_spawn(&pid_, binary.c_str(), &actions, nullptr, argv.data(), environ) != 0)
      stop("cannot run " + binary);
    posix_spawn_file_actions_destroy(&actions);
  }
  pid_t pid() const { return pid_; }
  int wait() const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return status;
  }

 private:
  pid_t pid_ = 0;
};

double milli_to_run(const std::string& binary, const std::vector<std::string>& words, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto start = Clock::now();
    if (Child(binary, words).wait() != 0) stop(binary + " " + (words.empty() ? "" : words[0]) + " failed");
    times.push_back(micro_since(start) / 1000);
  }
  return median(times);
}

void measure_binary(const std::string& root, const std::string& binary, int rounds) {
  std::filesystem::create_directories(root + "/run");
  std::filesystem::permissions(root + "/run", std::filesystem::perms::owner_all);
  for (const auto& [name, folder] : {std::pair{"HOME", "/home"}, std::pair{"XDG_CONFIG_HOME", "/home/.config"},
                                     std::pair{"XDG_STATE_HOME", "/home/.state"},
                                     std::pair{"XDG_DATA_HOME", "/home/.data"}, std::pair{"XDG_RUNTIME_DIR", "/run"}}) {
    std::filesystem::create_directories(root + folder);
    ::setenv(name, (root + folder).c_str(), 1);
  }
  const int count = rounds * 5;
  std::printf("floor: /bin/true %.2f ms\n", milli_to_run("/bin/true", {}, count));
  line("lilux --version", milli_to_run(binary, {"--version"}, count), "ms", 5, false);
  line("start to first answered call, no daemon", milli_to_run(binary, {"call", "budget.get"}, count), "ms", 20, false);
  const Child daemon(binary, {"up", "--foreground"});
  while (Child(binary, {"status"}).wait() != 0) {
  }
  line("lilux status, asked of the daemon", milli_to_run(binary, {"status"}, count), "ms", 10, false);
  std::this_thread::sleep_for(std::chrono::seconds(2));  // idle is what is measured
  line("idle daemon", resident_bytes(std::to_string(daemon.pid())) / (1 << 20), "MiB", 12, false);
  ::kill(daemon.pid(), SIGTERM);
  daemon.wait();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) stop("usage: bench_kernel <folder on a real disk> <lilux binary> [rounds]");
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 9;
  const std::string folder = need(sys::make_temporary_directory(argv[1], "kernel-bench-"));
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  measure_binary(folder + "/binary", argv[2], rounds);
  measure_calls(Place(folder + "/calls"), rounds);
  measure_parked(Place(folder + "/parked"));
  measure_restart(Place(folder + "/restart"), std::max(3, rounds / 3));
  std::filesystem::remove_all(folder);
}

// What it costs to run a program that does nothing, from the order to its end: as it is, in each tier of the sandbox,
// in bubblewrap with the same namespaces and folders, and in npm's sandbox-runtime. Three programs: a static one, one
// without a C library, so that its own start is no part of it, and /usr/bin/true, which is dynamic; and a Python
// script, for which an interpreter is kept warm. Rounds in turns; medians, and of ratios the median of each round's,
// each to bubblewrap with that program.
//
//   bench_sandbox [ROUNDS [SRT]]      needs bubblewrap; SRT: how the other one is started, if it is there

#include "sandbox/sandbox.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/field.h"
#include "base/result.h"
#include "sandbox/starter.h"
#include "sys/process.h"

namespace {

using namespace lilux;

constexpr int kRoundsOfSlow = 20;  // one of the others takes some hundred times longer
constexpr const char* kStatic = LILUX_NOTHING;
constexpr const char* kBare = LILUX_BARE;
constexpr const char* kDynamic = "/usr/bin/true";
constexpr std::array kPrograms{kStatic, kBare, kDynamic, sandbox::kPython};

double percentile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * part)];
}

using Launch = std::function<base::Result<sys::Child>(const sys::SpawnOptions&)>;

struct Side {
  std::string name;
  std::string program;
  Launch launch;
  std::function<void()> after = [] {};  // not measured
  int rounds = 1'000'000;
  std::vector<double> times = {};
  std::vector<double> ratios = {};
};

double once(const Side& side) {
  sys::SpawnOptions options{.program = side.program, .arguments = {"nothing"}, .environment = {}, .cwd = "/"};
  if (side.program == sandbox::kPython) {
    options.arguments = {"python3", "-c", "print(1)"};
    options.environment = {"LANG=C.UTF-8"};
  }
  const auto begin = std::chrono::steady_clock::now();
  const base::Result<sys::Child> child = side.launch(options);
  const auto exit = child ? sys::wait_for(*child, std::chrono::seconds(10)) : std::unexpected(child.error());
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  if (!exit || !*exit || (*exit)->code != 0) {
    std::fprintf(stderr, "%s did not run: %s\n", side.name.c_str(), exit ? "it failed" : exit.error().message.c_str());
    std::exit(1);
  }
  side.after();
  return took.count();
}

base::Result<sys::Child> in_bubblewrap(sys::SpawnOptions options) {
  const std::vector<std::string> words = options.arguments;
  options.arguments = {"bwrap",        "--unshare-all", "--die-with-parent",
                       "--ro-bind",    "/usr",          "/usr",
                       "--symlink",    "usr/bin",       "/bin",
                       "--symlink",    "usr/lib",       "/lib",
                       "--symlink",    "usr/lib64",     "/lib64",
                       "--ro-bind",    "/etc",          "/etc",
                       "--proc",       "/proc",         "--dev",
                       "/dev",         "--tmpfs",       "/tmp",
                       "--ro-bind",    options.program, options.program,
                       options.program};
  options.arguments.insert(options.arguments.end(), words.begin() + 1, words.end());
  options.program = "/usr/bin/bwrap";
  return sys::spawn(options);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 300;
  const sandbox::Host host = sandbox::probe();
  std::printf("Landlock %d, namespaces %s %s\n", host.landlock, host.has_namespaces ? "yes" : "no",
              sandbox::shortfall(host).c_str());
  const sandbox::Spec spec{.trees = {{.path = kStatic}, {.path = kBare}}};
  std::vector<Side> sides;
  sandbox::Starter starters[2];
  sandbox::Starter scripts(sandbox::kPython);
  for (const char* const program : kPrograms) {
    const bool is_python = program == sandbox::kPython;
    const std::string what = program == kStatic ? ""
                             : program == kBare ? ", no C library"
                                                : ", " + std::string(program);
    sides.push_back({"bubblewrap" + what, program, in_bubblewrap});
    sides.push_back({"plain" + what, program, [](const sys::SpawnOptions& options) { return sys::spawn(options); }});
    for (const sandbox::Tier tier : {sandbox::Tier::restricted, sandbox::Tier::separated}) {
      if (is_python && tier == sandbox::Tier::restricted) continue;
      const std::string name(base::enum_name(tier));
      sandbox::Starter& starter = is_python ? scripts : starters[tier == sandbox::Tier::separated ? 1 : 0];
      const auto launch = [&spec, &host, tier](sandbox::Starter* ready) {
        return [&spec, &host, tier, ready](const sys::SpawnOptions& options) {
          return sandbox::launch(spec, tier, host, options, ready);
        };
      };
      const auto prepare = [&starter, tier, &host] { starter.prepare(tier, host); };
      prepare();
      sides.push_back({name + what, program, launch(&starter), prepare});
      if (program == kStatic || is_python)
        sides.push_back({name + " of none that is ready" + what, program, launch(nullptr)});
    }
  }
  if (argc > 2) {
    const auto other = [srt = std::string(argv[2])](sys::SpawnOptions options) {
      options.arguments = {srt, options.program};
      options.program = srt;
      options.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp"};
      return sys::spawn(options);
    };
    sides.push_back({"sandbox-runtime, /usr/bin/true", kDynamic, other, [] {}, kRoundsOfSlow});
  }
  for (int round = 0; round < rounds; ++round) {
    double peer = 0;  // of the sides that follow it
    for (Side& side : sides) {
      if (round >= side.rounds) continue;
      side.times.push_back(once(side));
      if (side.name.starts_with("bubblewrap")) peer = side.times.back();
      side.ratios.push_back(peer / side.times.back());
    }
  }
  for (const Side& side : sides)
    std::printf("%-40s %8.0f us, p99 %8.0f us, bubblewrap is %5.1f times that\n", side.name.c_str(),
                percentile(side.times, 0.5), percentile(side.times, 0.99), percentile(side.ratios, 0.5));
}

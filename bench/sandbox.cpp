// What it costs to run a program that does nothing, from the order to its end: as it is, in each tier of the sandbox,
// and in bubblewrap with the same namespaces and folders. Rounds in turns; medians, and of ratios the median of each
// round's.
//
//   bench_sandbox [ROUNDS]      needs bubblewrap

#include "sandbox/sandbox.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/process.h"

namespace {

using namespace lilux;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Launch>
double once(const Launch& launch) {
  const auto begin = std::chrono::steady_clock::now();
  const base::Result<sys::Child> child = launch();
  const auto exit = child ? sys::wait_for(*child, std::chrono::seconds(10)) : std::unexpected(child.error());
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  if (exit && *exit && (*exit)->code == 0) return took.count();
  std::fprintf(stderr, "it did not run: %s\n", exit ? "it failed" : exit.error().message.c_str());
  std::exit(1);
}

sys::SpawnOptions nothing() {
  return {.program = "/usr/bin/true", .arguments = {"true"}, .environment = {}, .cwd = "/"};
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 300;
  const sandbox::Host host = sandbox::probe();
  std::printf("Landlock %d, namespaces %s %s\n", host.landlock, host.has_namespaces ? "yes" : "no",
              sandbox::shortfall(host).c_str());
  const auto in = [&](sandbox::Tier tier) { return [&, tier] { return sandbox::launch({}, tier, host, nothing()); }; };
  const auto bubblewrap = [] {
    sys::SpawnOptions options = nothing();
    options.program = "/usr/bin/bwrap";
    options.arguments = {"bwrap",        "--unshare-all", "--die-with-parent",
                         "--ro-bind",    "/usr",          "/usr",
                         "--symlink",    "usr/bin",       "/bin",
                         "--symlink",    "usr/lib",       "/lib",
                         "--symlink",    "usr/lib64",     "/lib64",
                         "--ro-bind",    "/etc",          "/etc",
                         "--proc",       "/proc",         "--dev",
                         "/dev",         "--tmpfs",       "/tmp",
                         "/usr/bin/true"};
    return sys::spawn(options);
  };
  std::array<std::vector<double>, 4> times;
  std::array<std::vector<double>, 4> ratios;
  for (int round = 0; round < rounds; ++round) {
    const std::array<double, 4> now{once([] { return sys::spawn(nothing()); }), once(in(sandbox::Tier::restricted)),
                                    once(in(sandbox::Tier::separated)), once(bubblewrap)};
    for (std::size_t i = 0; i < now.size(); ++i) {
      times[i].push_back(now[i]);
      ratios[i].push_back(now[3] / now[i]);
    }
  }
  constexpr std::array kNames{"plain", "T1", "T2", "bubblewrap"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    std::printf("%-12s %8.0f us, bubblewrap is %5.1f times that\n", kNames[i], median(times[i]), median(ratios[i]));
}

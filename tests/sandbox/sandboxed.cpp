// Runs a command in the sandbox, for tests.
//
//   sandboxed --probe                                              what this machine has, as lines NAME VALUE
//   sandboxed T1|T2|T3 [--read PATH]... [--write PATH]... [--hide PATH]... [--cover PATH] -- COMMAND [ARGUMENT...]
//
// Ends as the command does, or with 120 when it is refused.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

#include "base/field.h"
#include "sandbox/sandbox.h"
#include "sys/file.h"
#include "sys/self.h"

namespace {

using namespace lilux;

// Also of what would not be used.
sandbox::Host whole_probe() {
  sandbox::Host host = sandbox::probe();
  host.bubblewrap_problem = sandbox::bubblewrap_problem_of(host);
  host.has_bubblewrap = host.bubblewrap_problem.empty();
  return host;
}

int report() {
  const sandbox::Host host = whole_probe();
  const std::string_view tier = base::enum_name(sandbox::best_tier(host));
  std::printf("landlock %d\nnamespaces %d\noverlays %d\nattendant %s\nbubblewrap %s\ntier %.*s\nshortfall %s\n",
              host.landlock, host.has_namespaces ? 1 : 0, host.has_overlay ? 1 : 0,
              host.has_attendant ? "yes" : host.attendant_problem.c_str(),
              host.has_bubblewrap ? "yes" : host.bubblewrap_problem.c_str(), static_cast<int>(tier.size()), tier.data(),
              sandbox::shortfall(host).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--probe") return report();
  sandbox::Spec spec;
  int at = 2;
  for (; at + 1 < argc && std::string_view(argv[at]) != "--"; at += 2) {
    const std::string_view option = argv[at];
    const std::string path = argv[at + 1];
    if (option == "--hide") spec.hidden.push_back({.path = path, .is_folder = sys::stat(path)->is_directory()});
    if (option == "--cover") spec.cover = path;
    if (option == "--write") spec.trees.push_back({.path = path, .access = sandbox::Access::write});
    if (option == "--read") spec.trees.push_back({.path = path});
  }
  if (at + 1 >= argc)
    return std::fprintf(
               stderr,
               "usage: sandboxed T1|T2|T3 [--read PATH] [--write PATH] [--hide PATH] [--cover PATH] -- COMMAND\n"),
           2;
  const auto tier = base::enum_from_name<sandbox::Tier>(argv[1]).value_or(sandbox::Tier::none);
  sys::SpawnOptions options{.program = argv[at + 1],
                            .environment = {"PATH=/usr/bin:/bin"},
                            .stdin_fd = STDIN_FILENO,
                            .stdout_fd = STDOUT_FILENO,
                            .stderr_fd = STDERR_FILENO};
  options.cwd = spec.trees.empty() ? "/" : spec.trees.front().path;
  for (int i = at + 1; i < argc; ++i) options.arguments.emplace_back(argv[i]);
  const sandbox::Host host = whole_probe();
  const base::Result<sys::Child> child = sandbox::launch(spec, tier, host, std::move(options));
  if (!child) return std::fprintf(stderr, "refused: %s\n", child.error().message.c_str()), 120;
  const auto exit = sys::wait_for(*child, std::chrono::minutes(5));
  if (!exit || !*exit) return std::fprintf(stderr, "it does not end\n"), 121;
  return (*exit)->code.value_or(128 + (*exit)->signal.value_or(0));
}

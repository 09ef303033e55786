// Runs a command in the sandbox, for tests.
//
//   sandboxed --probe                                              what this machine has, as lines NAME VALUE
//   sandboxed T1|T2|T3|ready|warm [--read PATH]... [--write PATH]... [--hide PATH]... [--cover PATH] -- COMMAND
//   [ARGUMENT...]
//
// ready: T2 by a process that was kept ready; warm: by an interpreter that was started before. Ends as the command
// does, or with 120 when it is refused, 122 when there was no such process.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

#include "base/field.h"
#include "sandbox/sandbox.h"
#include "sandbox/starter.h"
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

// The first process of its namespace is a copy of the starter.
bool was_ready(const sys::Child& child) {
  const auto words = sys::read_file("/proc/" + std::to_string(child.pid) + "/cmdline", 1 << 20);
  return words && (words->starts_with("lilux-starter") || words->find("lilux_serve") != std::string::npos);
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
  const std::string_view way = argv[1];
  const bool is_kept_ready = way == "ready" || way == "warm";
  const auto tier = base::enum_from_name<sandbox::Tier>(is_kept_ready ? "T2" : way).value_or(sandbox::Tier::none);
  sys::SpawnOptions options{.program = argv[at + 1],
                            .environment = {"LANG=C.UTF-8", "PATH=/usr/bin:/bin"},
                            .stdin_fd = STDIN_FILENO,
                            .stdout_fd = STDOUT_FILENO,
                            .stderr_fd = STDERR_FILENO};
  options.cwd = spec.trees.empty() ? "/" : spec.trees.front().path;
  for (int i = at + 1; i < argc; ++i) options.arguments.emplace_back(argv[i]);
  const sandbox::Host host = whole_probe();
  sandbox::Starter starter(way == "warm" ? sandbox::kPython : "");
  if (is_kept_ready) starter.prepare(tier, host);
  const base::Result<sys::Child> child =
      sandbox::launch(spec, tier, host, std::move(options), is_kept_ready ? &starter : nullptr);
  if (!child) return std::fprintf(stderr, "refused: %s\n", child.error().message.c_str()), 120;
  if (is_kept_ready && !was_ready(*child)) return std::fprintf(stderr, "none was ready\n"), 122;
  const auto exit = sys::wait_for(*child, std::chrono::minutes(5));
  if (!exit || !*exit) return std::fprintf(stderr, "it does not end\n"), 121;
  return (*exit)->code.value_or(128 + (*exit)->signal.value_or(0));
}

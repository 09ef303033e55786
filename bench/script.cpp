// What a script costs from the call to its answer, in process and with everything on: policy, record, overlay, changes.
// A Python that is warm, one of its own, and bash, each printing one word; and the interpreters alone. Medians.
//
//   bench_script <folder on a real disk> [ROUNDS]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "kernel/kernel.h"
#include "measure.h"
#include "sys/process.h"
#include "tools/table.h"

namespace {

using namespace lilux;
using namespace lilux::bench;

struct Side {
  const char* name;
  base::JsonObject arguments;           // of script.run
  std::vector<std::string> alone = {};  // or a program
  std::vector<double> times = {};
};

void run_alone(const std::vector<std::string>& words) {
  const sys::SpawnOptions options{.program = words[0], .arguments = words, .environment = {"LANG=C.UTF-8"}, .cwd = "/"};
  const sys::Child child = need(sys::spawn(options));
  need(sys::wait_for(child, std::chrono::seconds(30)));
}

void run_script(kernel::Kernel& kernel, const std::string& project, const base::JsonObject& arguments) {
  kernel::CallRequest request;
  request.tool = "script.run";
  request.arguments = arguments;
  request.caller.cwd = request.caller.project = project;
  const kernel::Outcome outcome = kernel.call(request);
  const base::Json said = need(outcome.output);
  if (const base::Json* text = said.as_object().find("stdout"); text != nullptr && *text == base::Json("word\n"))
    return;
  stop(base::to_text(said));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: bench_script FOLDER [ROUNDS]\n"), 2;
  const std::string root = std::filesystem::canonical(argv[1]).string() + "/bench-script";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 100;
  std::filesystem::create_directories(root + "/work");
  const auto tools = tools::table();
  const auto kernel = need(kernel::Kernel::open({.config = root + "/config",
                                                 .data = root + "/data",
                                                 .state = root + "/state",
                                                 .runtime = root + "/run",
                                                 .home = root + "/home"},
                                                need(kernel::load_config(root + "/config.toml", {})),
                                                {tools.begin(), tools.end()}, kernel::Kernel::Role::daemon));
  const std::string code = "print('word')";
  const base::JsonObject own{{"PYTHONDEBUG", ""}};  // asks for an interpreter of its own, and for nothing else
  std::vector<Side> sides;
  sides.push_back({"python, warm", {{"language", "python"}, {"code", code}}});
  sides.push_back({"python, cold", {{"language", "python"}, {"code", code}, {"env", own}}});
  sides.push_back({"bash", {{"language", "shell"}, {"code", "echo word"}}});
  sides.push_back({"python alone, in no sandbox", {}, {"/usr/bin/python3", "-c", code}});
  sides.push_back({"bash alone, in no sandbox", {}, {"/bin/bash", "-c", "echo word"}});
  for (int round = -2; round < rounds; ++round) {
    for (Side& side : sides) {
      const auto start = Clock::now();
      if (side.alone.empty())
        run_script(*kernel, root + "/work", side.arguments);
      else
        run_alone(side.alone);
      const std::chrono::duration<double, std::milli> took = Clock::now() - start;
      if (round >= 0) side.times.push_back(took.count());
    }
  }
  for (Side& side : sides) {
    std::ranges::sort(side.times);
    std::printf("%-30s %7.2f ms, p90 %7.2f ms\n", side.name, side.times[side.times.size() / 2],
                side.times[side.times.size() * 9 / 10]);
  }
  std::filesystem::remove_all(root);
}

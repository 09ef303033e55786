// A sentence to the finished result of a call that only looks, through a whole kernel: routed, and called as routed,
// both with policy and record. By each layer, with nothing learned and with as much as is kept.
//
//   bench_route <folder on a real disk>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "brain/experience.h"
#include "kernel/config.h"
#include "kernel/kernel.h"
#include "measure.h"
#include "tools/table.h"

namespace {

using namespace lilux;
using namespace lilux::bench;

constexpr std::size_t kRounds = 300;

base::Json called(kernel::Kernel& kernel, const std::string& root, const std::string& tool, base::Json arguments) {
  kernel::CallRequest request{.tool = tool, .arguments = std::move(arguments)};
  request.caller.cwd = root + "/work";
  request.caller.project = root + "/work";
  return need(kernel.call(request).output);
}

void measure(kernel::Kernel& kernel, const std::string& root, const std::string& text) {
  std::vector<double> took;
  std::string layer;
  std::string tool;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const auto from = Clock::now();
    const base::Json route = called(kernel, root, "brain.route", base::JsonObject{{"text", text}});
    layer = route.string_or("layer");
    const base::JsonArray& calls = route.find("calls")->as_array();
    if (calls.empty()) stop("nothing is called for '" + text + "'");
    tool = calls.front().string_or("tool");
    called(kernel, root, tool, *calls.front().find("arguments"));
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - from).count());
  }
  std::ranges::sort(took);
  std::printf("  %-44s %-9s %-12s p50 %6.2f ms   p99 %6.2f ms\n", text.c_str(), layer.c_str(), tool.c_str(),
              took[kRounds / 2], took[kRounds * 99 / 100]);
}

// What would be run, and how long that takes to know; the first time the items are looked at.
void route_only(kernel::Kernel& kernel, const std::string& root, const std::string& text) {
  std::vector<double> took;
  base::Json route;
  for (std::size_t i = 0; i <= kRounds; ++i) {
    const auto from = Clock::now();
    route = called(kernel, root, "brain.route", base::JsonObject{{"text", text}});
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - from).count());
  }
  const double first = took.front();
  std::ranges::sort(took);
  const base::JsonArray& calls = route.find("calls")->as_array();
  std::printf("  %-44s %-9s %-12s p50 %6.2f ms   p99 %6.2f ms   first %8.1f ms\n", text.c_str(),
              route.string_or("layer").c_str(),
              calls.empty() ? "-" : calls.front().find("arguments")->string_or("name").c_str(), took[kRounds / 2],
              took[kRounds * 99 / 100], first);
}

void teach(const std::string& file) {
  std::vector<brain::Experience> all;
  for (std::size_t i = 0; i < brain::kExperiencesMax; ++i) {
    const std::string name = "n" + std::to_string(i) + ".txt";
    all.push_back({.id = static_cast<std::int64_t>(i + 1),
                   .text = (i % 2 == 0 ? "peek quickly at " : "tell the size of ") + name,
                   .tool = i % 2 == 0 ? "fs.read" : "fs.stat",
                   .arguments = base::JsonObject{{"path", name}},
                   .time = "2026-01-01T00:00:00.000Z"});
  }
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file) << brain::lines_of(all);
}

// Scripts that say of themselves what they do, no two the same.
void add_items(const std::string& folder, std::size_t from, std::size_t to) {
  constexpr std::array<const char*, 10> kVerbs{"Send",  "Print", "Compress", "Measure", "Translate",
                                               "Paint", "Count", "Archive",  "Compare", "Publish"};
  constexpr std::array<const char*, 10> kThings{"invoices", "photos",  "recipes",  "maps",   "songs",
                                                "letters",  "tickets", "readings", "drafts", "seeds"};
  std::filesystem::create_directories(folder);
  for (std::size_t i = from; i < to; ++i) {
    const std::string what = std::string(kThings[i / 10 % 10]) + " of customer " + std::to_string(i / 100);
    std::ofstream(folder + "/job_" + std::to_string(i) + ".py")
        << "\"\"\"" << kVerbs[i % 10] << " the " << what << ".\"\"\"\n";
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) stop("usage: bench_route <folder on a real disk>");
  const std::string root = std::filesystem::absolute(words[1]).string() + "/lilux-bench-route";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root + "/work");
  std::ofstream(root + "/work/a.txt") << std::string(4096, 'x');
  const kernel::Folders folders{.config = root + "/config",
                                .data = root + "/data",
                                .state = root + "/state",
                                .runtime = root + "/run",
                                .home = root + "/home"};
  const kernel::Config config = need(kernel::load_config(root + "/config.toml", {}));
  const auto all = tools::table();
  const std::vector<kernel::Tool> table(all.begin(), all.end());
  {
    const auto kernel = need(kernel::Kernel::open(folders, config, table, kernel::Kernel::Role::daemon));
    std::printf("nothing learned\n");
    measure(*kernel, root, "show me the file a.txt");
    measure(*kernel, root, "how full is the disk");
    teach(root + "/state/learned/user.jsonl");
    std::printf("%zu answers learned\n", brain::kExperiencesMax);
    measure(*kernel, root, "peek quickly at a.txt");
    measure(*kernel, root, "show me the file a.txt");
    std::size_t items = 0;
    for (const std::size_t count_now : {std::size_t{1'000}, std::size_t{100'000}}) {
      add_items(root + "/home/.ai/scripts", items, count_now);
      items = count_now;
      std::printf("%zu items\n", items);
      route_only(*kernel, root, "compress the photos of customer 7");
      route_only(*kernel, root, "tell me a joke about customers");
    }
  }
  std::filesystem::remove_all(root);
}

// Kills the real binary, and fails its disk, at one system call after another of every row that has an effect.
//   faults --lilux FILE [--long] [--only ROW] [--shard I/N]
// Without --long it takes the points around each effect and a sample of the others. It fails when a row with an effect
// has no scenario, or when a scenario names no row.

#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "tests/faults/crash.h"

namespace {

using namespace lilux::test;
namespace base = lilux::base;

struct Options {
  std::string lilux;
  std::string only;
  Points points = Points::sampled;
  std::size_t shard = 1;
  std::size_t shards = 1;
};

std::optional<Options> parsed(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--long") {
      options.points = Points::every;
      continue;
    }
    if (value.empty()) return std::nullopt;
    ++i;
    if (name == "--lilux") {
      options.lilux = std::filesystem::absolute(value).string();
    } else if (name == "--only") {
      options.only = value;
    } else if (name == "--shard") {
      const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), options.shard);
      if (error != std::errc{} || rest + 1 >= value.data() + value.size() || *rest != '/') return std::nullopt;
      std::from_chars(rest + 1, value.data() + value.size(), options.shards);
      if (options.shard < 1 || options.shard > options.shards) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  if (options.lilux.empty()) return std::nullopt;
  return options;
}

// The rows of the table and whether they have an effect.
std::map<std::string, bool> rows_of(Playground& playground) {
  playground.clear();
  const Outcome done = playground.shell("lilux call kernel.tools --json");
  const auto answer = base::parse_json(done.out);
  const base::Json* output = answer ? answer->find("output") : nullptr;
  const base::Json* tools = output != nullptr ? output->find("tools") : nullptr;
  std::map<std::string, bool> rows;
  if (tools == nullptr || !tools->is_array()) return rows;
  for (const base::Json& tool : tools->as_array()) rows[tool.string_or("name")] = tool.string_or("effect") != "none";
  return rows;
}

int print_faults(const std::vector<std::string>& faults) {
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < faults.size() && i < kShown; ++i) std::printf("  %s\n", faults[i].c_str());
  if (faults.size() > kShown) std::printf("  and %zu more\n", faults.size() - kShown);
  std::fflush(stdout);
  return faults.empty() ? 0 : 1;
}

int check_table(Playground& playground) {
  const auto rows = rows_of(playground);
  std::map<std::string, bool> missing;
  std::vector<std::string> faults;
  for (const auto& [row, has_effect] : rows) missing[row] = has_effect;
  for (const Scenario& scenario : scenarios()) {
    missing.erase(scenario.row);
    if (!rows.contains(scenario.row)) faults.push_back(scenario.row + " is no row of the table");
  }
  for (const auto& [row, has_effect] : missing) {
    if (has_effect) faults.push_back(row + " has an effect and no scenario in tests/faults/scenarios.cpp");
  }
  if (rows.empty()) faults.push_back("`lilux call kernel.tools --json` prints no table");
  return print_faults(faults);
}

int run(const Options& options) {
  Playground playground(options.lilux);
  int failed = options.only.empty() && options.shard == 1 ? check_table(playground) : 0;
  std::size_t rows = 0;
  std::uint64_t killed = 0;
  std::uint64_t failing = 0;
  for (std::size_t i = 0; i < scenarios().size(); ++i) {
    const Scenario& scenario = scenarios()[i];
    if (options.only.empty() ? i % options.shards != options.shard - 1 : scenario.row != options.only) continue;
    if (scenario.is_large && options.points == Points::sampled) continue;
    const Tally tally = run_scenario(playground, scenario, options.points);
    ++rows;
    std::printf("%-22s", tally.row.c_str());
    for (std::size_t mode = 0; mode < tally.points.size(); ++mode) {
      std::printf(" %s %llu,", modes()[mode].name.c_str(), static_cast<unsigned long long>(tally.points[mode]));
      (mode == 0 ? killed : failing) += tally.points[mode];
    }
    std::printf(" %.1f s\n", tally.seconds);
    failed |= print_faults(tally.faults);
  }
  std::printf("%zu rows x kill points = %llu kills, and %llu failing writes: %s\n", rows,
              static_cast<unsigned long long>(killed), static_cast<unsigned long long>(failing),
              failed != 0 ? "FAILED" : "nothing lost, halved or forgotten");
  return rows == 0 ? 1 : failed;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parsed(argc, argv);
  if (!options) {
    std::fputs("usage: faults --lilux FILE [--long] [--only ROW] [--shard I/N]\n", stderr);
    return 2;
  }
  try {
    return run(*options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "faults: %s\n", error.what());
    return 1;
  }
}

// One decision with 10,000 rules: globs over paths, hosts and command lines, 1,000 of them for the called tool. Prints
// median and p99 of single decisions, and of a clock reading beside them. The rules come in two shapes: spread over the
// machine as people write them, and crowded, where all thousand begin with the same folder, domain and program.

#include "policy/policy.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

namespace {

using namespace lilux::policy;

constexpr std::size_t kRules = 10'000;
constexpr std::size_t kTools = 10;  // each with a tenth of the rules
constexpr std::size_t kDecisions = 200'000;
const Anchors kAnchors{.project = "/home/u/work/p",
                       .home = "/home/u",
                       .state = "/home/u/.local/state/lilux",
                       .config = "/home/u/.config/lilux"};

enum class Shape { spread, crowded };

std::string number(std::size_t i) {
  return std::to_string(i);
}

std::string capability(std::size_t i, Shape shape) {
  const bool is_spread = shape == Shape::spread;
  switch (i % 6) {
    case 0:
      return is_spread ? "write fs /srv/team" + number(i % 97) + "/app" + number(i) + "/**"
                       : "write fs {project}/**/gen" + number(i) + "/*.c";
    case 1: return is_spread ? "read fs ~/work/r" + number(i) + "/src/**/*.h" : "read fs {project}/**/*.x" + number(i);
    case 2:
      return is_spread ? "connect net *.s" + number(i) + ".example.com:443"
                       : "connect net h" + number(i) + ".example.com:443";
    case 3:
      return is_spread ? "connect net api" + number(i) + ".example.org"
                       : "connect net *.d" + number(i) + ".example.com";
    case 4:
      return is_spread ? "execute shell tool" + number(i) + " run **" : "execute shell git sub" + number(i) + " **";
    default: return "execute shell git -C /srv/r" + number(i) + " {pull,push} **";
  }
}

std::vector<Rule> rules_of(Shape shape) {
  std::vector<Rule> rules = builtin_rules();
  for (std::size_t i = 0; i < kRules; ++i) {
    rules.push_back({.id = "r" + number(i),
                     .effect = static_cast<Effect>(i % 7 == 0   ? 2
                                                   : i % 5 == 0 ? 1
                                                                : 0),
                     .tool = "tool." + std::string(1, static_cast<char>('a' + i % kTools)),
                     .capability = capability(i / kTools, shape),
                     .source = "policy.toml:" + number(i)});
  }
  return rules;
}

std::vector<Need> needs_of(std::mt19937& random) {
  std::vector<Need> needs;
  for (int k = 0; k < 4096; ++k) {
    const std::string i = number(random() % (kRules / kTools));
    switch (random() % 6) {
      case 0:
        needs.push_back({Verb::write, "fs", "/srv/team" + number(random() % 97) + "/app" + i + "/deep/er/file.c"});
        break;
      case 1: needs.push_back({Verb::write, "fs", "/home/u/work/p/src/a/gen" + i + "/file.c"}); break;
      case 2: needs.push_back({Verb::read, "fs", "/home/u/work/r" + i + "/src/lib/deep/x.h"}); break;
      case 3: needs.push_back({Verb::connect, "net", "a.s" + i + ".example.com:443"}); break;
      case 4: needs.push_back({Verb::execute, "shell", "/usr/bin/git sub" + i + " origin main"}); break;
      default:
        needs.push_back({Verb::execute, "shell", "/usr/bin/git -C /srv/r" + i + " push origin main --force"});
        break;
    }
  }
  return needs;
}

using Clock = std::chrono::steady_clock;

void print(const char* what, std::vector<double>& nanoseconds) {
  std::ranges::sort(nanoseconds);
  const auto at = [&](double part) {
    return nanoseconds[static_cast<std::size_t>(part * static_cast<double>(nanoseconds.size() - 1))] / 1000;
  };
  std::printf("%-28s median %7.2f us   p99 %7.2f us   worst %8.2f us\n", what, at(0.5), at(0.99), at(1));
}

template <class F>
std::vector<double> time_each(F once) {
  std::vector<double> nanoseconds;
  nanoseconds.reserve(kDecisions);
  for (std::size_t i = 0; i < kDecisions; ++i) {
    const auto begin = Clock::now();
    once(i);
    nanoseconds.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  }
  return nanoseconds;
}

int run(Shape shape, const char* name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kTools; ++i) names.push_back("tool." + std::string(1, static_cast<char>('a' + i)));
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto begin = Clock::now();
  const auto set = RuleSet::compile(rules_of(shape), kAnchors, views);
  if (!set) {
    std::printf("%s\n", set.error().message.c_str());
    return 1;
  }
  std::printf("%s: compiled %zu rules in %.0f ms\n", name, set->rules().size(),
              std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  std::mt19937 random(1);
  const std::vector<Need> needs = needs_of(random);
  std::size_t allowed = 0;
  std::vector<double> decisions = time_each([&](std::size_t i) {
    const Question question{.tool = "tool.a", .needs = {&needs[i % needs.size()], 1}, .has_effect = true};
    allowed += set->decide(question).effect == Effect::allow ? 1u : 0u;
  });
  std::vector<double> floor = time_each([](std::size_t) {});
  print("  a decision", decisions);
  print("  reading the clock", floor);
  std::printf("  allowed %zu of %zu\n", allowed, kDecisions);
  return 0;
}

}  // namespace

int main() {
  return run(Shape::spread, "spread") + run(Shape::crowded, "crowded");
}

// One event and one sentence held against 10,000 reactive rules. Prints median and p99 of single look-ups, and of
// reading an event's record beside them. Crowded: all rules wait for the same event, or begin with the same words.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "brain/matcher.h"
#include "brain/rule.h"

namespace {

using namespace lilux;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRules = 10'000;
constexpr std::size_t kRounds = 20'000;

base::Result<base::Json> any_schema(std::string_view) {
  return base::parse_json(R"({"properties": {"path": {}}})");
}

std::string number(std::size_t i) {
  return std::to_string(i);
}

std::string rules_text(bool is_crowded) {
  std::string text;
  for (std::size_t i = 0; i < kRules; ++i) {
    text += "[[rule]]\nname = \"r" + number(i) + "\"\n";
    if (i % 2 == 0)
      text += is_crowded
                  ? "when = \"call.ok\"\nwhere = { tool = \"tool.t" + number(i) + "\", \"cost.wall_us\" = \"> 5\" }\n"
                  : "when = \"event" + number(i % 500) + ".*\"\nwhere = { tool = \"tool.t" + number(i % 300) + "\" }\n";
    else
      text += is_crowded ? "says = \"please open the file number" + number(i) + " in {{place}}\"\n"
                         : "says = \"verb" + number(i % 500) + " {{what}} object" + number(i) + "\"\n";
    text += "then = \"fs.read\"\nwith = { path = \"a\" }\n";
  }
  return text;
}

template <class Work>
void measure(const char* what, Work work) {
  std::vector<double> took;
  std::size_t found = 0;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const auto from = Clock::now();
    found += work(i);
    took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - from).count());
  }
  std::ranges::sort(took);
  std::printf("%-44s p50 %8.2f us   p99 %8.2f us   found %zu\n", what, took[kRounds / 2], took[kRounds * 99 / 100],
              found);
}

void run(bool is_crowded) {
  const std::string text = rules_text(is_crowded);
  const auto from = Clock::now();
  const auto file = brain::parse_rules(text, "rules.toml", any_schema);
  if (!file || !file->refused.empty()) {
    std::printf("the rules do not read\n");
    return;
  }
  const auto matcher = brain::Matcher::compile(file->rules);
  std::printf("%s: %zu rules read and compiled in %.0f ms\n", is_crowded ? "crowded" : "spread", file->rules.size(),
              std::chrono::duration<double, std::milli>(Clock::now() - from).count());
  const std::string name = is_crowded ? "call.ok" : "event42.x";
  const std::string body = R"({"event": "call.ok", "tool": "tool.t42", "task": "terminal", "cost": {"wall_us": 12},
      "arguments": {"path": "/home/u/work/p/README.md"}, "needs": ["read fs /home/u/work/p/README.md"]})";
  const base::Json event = base::parse_json(body).value();
  measure("an event that rules fit", [&](std::size_t) { return matcher->on_event(name, event).size(); });
  measure("an event that no rule waits for", [&](std::size_t) { return std::size_t{matcher->knows("task.done")}; });
  measure("a sentence that a rule fits", [&](std::size_t i) {
    const std::size_t odd = (i * 2 + 1) % kRules;
    const std::string said = is_crowded ? "Please open the file number" + number(odd) + " in the editor"
                                        : "verb" + number(odd % 500) + " all of object" + number(odd);
    return std::size_t{matcher->on_text(said).has_value()};
  });
  measure("a sentence that no rule fits",
          [&](std::size_t) { return std::size_t{matcher->on_text("please open the window for me").has_value()}; });
  measure("reading the event's record", [&](std::size_t) { return std::size_t{base::parse_json(body).has_value()}; });
}

}  // namespace

int main() {
  run(false);
  run(true);
}

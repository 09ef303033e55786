// A policy.toml from outside: it reads or is refused with a place, and every edit of one that reads gives a text that
// reads as meant, or is refused.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/policy.h"

namespace {

using namespace lilux::policy;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = parse_policy(text, "policy.toml");
  if (!file) {
    require(!file.error().message.empty());
    return 0;
  }
  if (const auto made = with_autonomy(text, Autonomy::full)) {
    const auto again = parse_policy(*made, "policy.toml");
    require(again && again->autonomy == Autonomy::full && again->rules.size() == file->rules.size() &&
            again->disabled == file->disabled);
  }
  const Rule rule{
      .id = "fuzzed", .effect = Effect::deny, .tool = "fs.*", .capability = "read fs /a \"b\"", .reason = "x\ny"};
  if (const auto made = with_rule(text, rule)) {
    const auto again = parse_policy(*made, "policy.toml");
    require(again && again->rules.size() == file->rules.size() + 1 && again->rules.back().reason == rule.reason);
    const auto back = without_rule(*made, "fuzzed");
    require(!back || parse_policy(*back, "policy.toml")->rules.size() == file->rules.size());
  }
  if (!file->rules.empty()) {
    if (const auto made = without_rule(text, file->rules.front().id)) {
      require(parse_policy(*made, "policy.toml")->rules.size() + 1 == file->rules.size());
    }
  }
  if (const auto made = without_rule(text, "builtin:history")) {
    const auto again = parse_policy(*made, "policy.toml");
    require(again && std::ranges::find(again->disabled, "builtin:history") != again->disabled.end());
  }
  return 0;
}

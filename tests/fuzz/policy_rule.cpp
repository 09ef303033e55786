// Rules and needs from outside: the first line is a capability of a deny rule, the second one of an allow rule, the
// third a need, which may hold anything. What is compiled decides the same by its index as by asking every rule, a
// denied need is never allowed, and a rule that is refused as covered never decides.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/policy.h"

namespace {

using namespace lilux::policy;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096));
  const auto line = [&rest] {
    const std::string_view taken = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
    return std::string(taken);
  };
  const Anchors anchors{.project = "/home/u/p", .home = "/home/u", .state = "/s", .config = "/c"};
  const Rule deny{.id = "deny", .effect = Effect::deny, .capability = line()};
  Rule allow{.id = "allow", .effect = Effect::allow, .capability = line()};
  const auto need = parse_need(rest);
  const auto checked = RuleSet::compile({deny, allow}, anchors, {});
  allow.source = "builtin";
  const auto set = RuleSet::compile({deny, allow}, anchors, {});
  if (!set || !need) return 0;
  const Question question{.tool = "fs.read", .needs = {&*need, 1}, .has_effect = true};
  const Decision decision = set->decide(question);
  const std::vector<Rule> matching = set->matching(question);
  if (decision.rule == "malformed") {
    require(decision.effect == Effect::deny && matching.empty());
  } else if (matching.empty()) {
    require(decision.effect == Effect::ask);
  } else {
    require(decision.rule == matching.front().id && decision.effect == matching.front().effect);
  }
  const bool is_refused_as_covered =
      !checked && checked.error().message.find("it can never fire: 'deny'") != std::string::npos;
  require(!is_refused_as_covered || decision.rule != "allow");
  for (const Rule& rule : generalise("fs.read", {&*need, 1}, anchors)) {
    const auto only = RuleSet::compile({rule}, anchors, {});
    require(!only || only->decide(question).effect == Effect::allow);
  }
  return 0;
}

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "policy/policy.h"

namespace lilux::policy {
namespace {

constexpr std::array<std::string_view, 4> kTools{"fs.delete", "fs.read", "fs.write", "process.spawn"};
const Anchors kAnchors{.project = "/home/u/p",
                       .home = "/home/u",
                       .state = "/home/u/.local/state/lilux",
                       .config = "/home/u/.config/lilux"};

RuleSet compile(std::vector<Rule> rules) {
  auto set = RuleSet::compile(std::move(rules), kAnchors, kTools);
  INFO((set ? std::string() : set.error().message));
  REQUIRE(set);
  return std::move(*set);
}

std::vector<Need> needs_of(std::initializer_list<std::string_view> texts) {
  std::vector<Need> needs;
  for (const std::string_view text : texts) needs.push_back(*parse_need(text));
  return needs;
}

Decision decide(const RuleSet& set, std::initializer_list<std::string_view> texts,
                Question question = {.tool = "fs.write", .needs = {}, .has_effect = true}) {
  const std::vector<Need> needs = needs_of(texts);
  question.needs = needs;
  return set.decide(question);
}

TEST_CASE("deny beats ask beats allow, whatever the order") {
  const Rule allow{.id = "allow", .effect = Effect::allow, .capability = "write fs /a/**"};
  const Rule ask{.id = "ask", .effect = Effect::ask, .capability = "write fs /a/b/**"};
  const Rule deny{.id = "deny", .effect = Effect::deny, .capability = "write fs /a/b/c/**", .reason = "no"};
  std::vector<Rule> rules{allow, ask, deny};
  std::ranges::sort(rules, {}, &Rule::id);
  do {
    const RuleSet set = compile(rules);
    CHECK(decide(set, {"write fs /a/x"}).rule == "allow");
    CHECK(decide(set, {"write fs /a/b/x"}).rule == "ask");
    const Decision denied = decide(set, {"write fs /a/b/c/x"});
    CHECK(denied.effect == Effect::deny);
    CHECK(denied.rule == "deny");
    CHECK(denied.reason == "no");
    CHECK(denied.need == "write fs /a/b/c/x");
  } while (std::ranges::next_permutation(rules, {}, &Rule::id).found);
}

TEST_CASE("a deny cannot be carved by a narrower allow, not even one that names the tool") {
  auto set =
      RuleSet::compile({{.id = "deny", .effect = Effect::deny, .capability = "write fs /a/*"},
                        {.id = "allow", .effect = Effect::allow, .tool = "fs.write", .capability = "write fs /a/**"}},
                       kAnchors, kTools);
  REQUIRE(set);
  CHECK(decide(*set, {"write fs /a/x"}).effect == Effect::deny);
  CHECK(decide(*set, {"write fs /a/x/y"}).effect == Effect::allow);
}

TEST_CASE("every need is decided by itself and the strictest answer counts") {
  const RuleSet set = compile({{.id = "allow", .effect = Effect::allow, .capability = "* fs /a/**"},
                               {.id = "deny", .effect = Effect::deny, .capability = "read fs /b/**"}});
  CHECK(decide(set, {"read fs /a/x", "write fs /a/y"}).effect == Effect::allow);
  CHECK(decide(set, {"read fs /a/x", "write fs /c"}).effect == Effect::ask);
  const Decision mixed = decide(set, {"write fs /a/x", "write fs /c", "read fs /b/z", "write fs /a/y"});
  CHECK(mixed.effect == Effect::deny);
  CHECK(mixed.need == "read fs /b/z");
}

TEST_CASE("no number of allowed needs hides a denied one") {
  const RuleSet set = compile({{.id = "allow", .effect = Effect::allow, .capability = "execute shell echo"},
                               {.id = "deny", .effect = Effect::deny, .capability = "execute shell rm"}});
  std::vector<Need> needs(5000, {.verb = Verb::execute, .resource = "shell", .target = "echo a"});
  Question question{.tool = "process.spawn", .needs = needs, .has_effect = true};
  CHECK(set.decide(question).effect == Effect::allow);
  needs.push_back({.verb = Verb::execute, .resource = "shell", .target = "rm -rf /"});
  question.needs = needs;
  CHECK(set.decide(question).effect == Effect::deny);
}

TEST_CASE("no rules at all, and rules about nothing, allow nothing") {
  const RuleSet none = compile({});
  CHECK(decide(none, {"read fs /a"}).effect == Effect::ask);
  CHECK(decide(none, {"read fs /a"}).rule == "autonomy:supervised");
  CHECK(decide(none, {"read fs /a"}, {.tool = "fs.read", .needs = {}}).effect == Effect::ask);
}

TEST_CASE("a call that needs nothing and does nothing is allowed, unless a rule speaks of its tool") {
  CHECK(decide(compile({}), {}, {.tool = "fs.read", .needs = {}}).effect == Effect::allow);
  CHECK(decide(compile({}), {}, {.tool = "fs.read", .needs = {}}).rule == "no-needs");
  CHECK(decide(compile({}), {}).effect == Effect::ask);  // it has an effect
  const RuleSet set = compile({{.id = "no", .effect = Effect::deny, .tool = "fs.*"}});
  CHECK(decide(set, {}, {.tool = "fs.read", .needs = {}}).rule == "no");
  CHECK(decide(set, {}, {.tool = "process.spawn", .needs = {}}).effect == Effect::allow);
}

TEST_CASE("the level decides what nothing matches, and manual asks about every effect") {
  const RuleSet set = compile({{.id = "allow", .effect = Effect::allow, .capability = "* fs /a/**"},
                               {.id = "ask", .effect = Effect::ask, .capability = "write fs /q/**"},
                               {.id = "deny", .effect = Effect::deny, .capability = "write fs /d/**"},
                               {.id = "own", .effect = Effect::allow, .capability = "admin kernel **"}});
  const auto at = [&](Autonomy level, std::string_view need, Risk risk, bool has_effect) {
    return decide(set, {need},
                  {.tool = "fs.write", .needs = {}, .risk = risk, .has_effect = has_effect, .autonomy = level});
  };
  CHECK(at(Autonomy::manual, "write fs /a/x", Risk::low, true).rule == "autonomy:manual");
  CHECK(at(Autonomy::manual, "write fs /a/x", Risk::low, true).effect == Effect::ask);
  CHECK(at(Autonomy::manual, "read fs /a/x", Risk::low, false).effect == Effect::allow);
  CHECK(at(Autonomy::manual, "write fs /d/x", Risk::low, true).effect == Effect::deny);
  CHECK(at(Autonomy::manual, "admin kernel policy", Risk::low, true).effect == Effect::allow);
  CHECK(at(Autonomy::supervised, "write fs /x", Risk::none, true).effect == Effect::ask);
  CHECK(at(Autonomy::supervised, "read fs /x", Risk::none, false).effect == Effect::ask);
  CHECK(at(Autonomy::supervised, "write fs /a/x", Risk::critical, true).effect == Effect::allow);
  CHECK(at(Autonomy::full, "write fs /x", Risk::medium, true).effect == Effect::allow);
  CHECK(at(Autonomy::full, "write fs /x", Risk::high, true).effect == Effect::ask);
  CHECK(at(Autonomy::full, "write fs /x", Risk::critical, true).effect == Effect::ask);
  CHECK(at(Autonomy::full, "write fs /q/x", Risk::low, true).effect == Effect::ask);
  CHECK(at(Autonomy::full, "write fs /d/x", Risk::low, true).effect == Effect::deny);
}

TEST_CASE("what is critical and cannot be undone asks, unless a rule that allows it names the tool") {
  const Rule broad{.id = "broad", .effect = Effect::allow, .capability = "write fs /a/**"};
  const Rule globbed{.id = "globbed", .effect = Effect::allow, .tool = "fs.del*", .capability = "write fs /a/**"};
  const Rule named{.id = "named", .effect = Effect::allow, .tool = "fs.delete", .capability = "write fs /a/b/**"};
  const RuleSet set = compile({broad, globbed, named});
  Question grave{.tool = "fs.delete", .needs = {}, .risk = Risk::critical, .has_effect = true, .is_irreversible = true};
  for (const Autonomy level : {Autonomy::supervised, Autonomy::full}) {
    grave.autonomy = level;
    CHECK(decide(set, {"write fs /a/x"}, grave).effect == Effect::ask);
    CHECK(decide(set, {"write fs /a/x"}, grave).rule == "critical");
    CHECK(decide(set, {"write fs /a/b/x"}, grave).effect == Effect::allow);
    CHECK(decide(set, {"write fs /a/b/x", "write fs /a/x"}, grave).effect == Effect::ask);
  }
  grave.is_irreversible = false;
  CHECK(decide(set, {"write fs /a/x"}, grave).effect == Effect::allow);
}

TEST_CASE("what no rule matches is named, and that it lies outside of the project") {
  const RuleSet set = compile({{.id = "read", .effect = Effect::allow, .capability = "read fs /a/**"}});
  const auto reason = [](const RuleSet& rules, std::string_view need, Principal who) {
    return decide(rules, {need}, {.tool = "fs.write", .needs = {}, .has_effect = true, .who = who}).reason;
  };
  CHECK(reason(set, "write fs /home/u/p/a", Principal::agent) == "no rule matches write fs /home/u/p/a");
  CHECK(reason(set, "write fs /home/u/pq\nx", Principal::http) ==
        "no rule matches write fs /home/u/pq\\u{a}x, which lies outside of the project /home/u/p");
  CHECK(reason(set, "execute shell /usr/bin/curl -H secret", Principal::agent) ==
        "no rule matches execute shell /usr/bin/curl");
  const auto nowhere = RuleSet::compile({}, {.project = "", .home = "/home/u"}, kTools);
  REQUIRE(nowhere);
  CHECK(reason(*nowhere, "write fs /home/u/a", Principal::mcp) ==
        "no rule matches write fs /home/u/a, and there is no project");
  CHECK(reason(*nowhere, "write fs /home/u/a", Principal::http) ==
        "no rule matches write fs /home/u/a, and there is no project: without ?folder= a relative path lies in the "
        "home folder");
}

TEST_CASE("rules for some principals leave the others alone") {
  const RuleSet set = compile(
      {{.id = "people", .effect = Effect::allow, .capability = "write fs /a/**", .who = {Principal::terminal}}});
  for (const Principal who : {Principal::terminal, Principal::agent, Principal::mcp, Principal::http}) {
    const Decision decision =
        decide(set, {"write fs /a/x"}, {.tool = "fs.write", .needs = {}, .has_effect = true, .who = who});
    CHECK((decision.effect == Effect::allow) == (who == Principal::terminal));
  }
}

TEST_CASE("what is not spelled canonically is denied, even where everything is allowed") {
  using namespace std::string_literals;
  const RuleSet set = compile({{.id = "all", .effect = Effect::allow}});
  const std::vector<Need> wrong{{Verb::read, "fs", "/home/u/p/../.ssh/id"},
                                {Verb::read, "fs", "/home/u/p/./a"},
                                {Verb::read, "fs", "/home/u/p/"},
                                {Verb::read, "fs", "a"},
                                {Verb::read, "fs", ""},
                                {Verb::read, "fs", "/a\0b"s},
                                {Verb::connect, "net", "ok.example\0.evil.example:443"s},
                                {Verb::connect, "net", "ok.example.:443"},
                                {Verb::connect, "net", "0x7f000001:80"},
                                {Verb::read, "tape", "x"}};
  for (const Need& need : wrong) {
    INFO(to_string(need));
    const Question question{.tool = "fs.read", .needs = {&need, 1}, .autonomy = Autonomy::full};
    CHECK(set.decide(question).effect == Effect::deny);
    CHECK(set.decide(question).rule == "malformed");
    CHECK(set.matching(question).empty());
  }
}

TEST_CASE("a command line whose words are not sure asks, but is denied where any reading would be") {
  const RuleSet set = compile({{.id = "npm", .effect = Effect::allow, .capability = "execute shell npm"},
                               {.id = "rm", .effect = Effect::deny, .capability = "execute shell rm"}});
  const Question question{.tool = "process.spawn", .needs = {}, .has_effect = true};
  CHECK(decide(set, {"execute shell npm test"}, question).effect == Effect::allow);
  CHECK(decide(set, {"execute shell npm 'a b'"}, question).effect == Effect::allow);
  CHECK(decide(set, {"execute shell npm it's"}, question).effect == Effect::ask);
  CHECK(decide(set, {"execute shell npm  test"}, question).effect == Effect::ask);
  CHECK(decide(set, {"execute shell npm a;b"}, question).effect == Effect::ask);
  CHECK(decide(set, {"execute shell /home/u/p/npm test"}, question).effect == Effect::ask);
  CHECK(decide(set, {"execute shell rm it's"}, question).effect == Effect::deny);
  CHECK(decide(set, {"execute shell /tmp/rm x"}, question).effect == Effect::deny);
}

TEST_CASE("all rules that match are told, strictest first") {
  const RuleSet set = compile({{.id = "allow", .effect = Effect::allow, .capability = "write fs /a/**"},
                               {.id = "deny", .effect = Effect::deny, .capability = "write fs /a/b"},
                               {.id = "other", .effect = Effect::deny, .capability = "write fs /c"},
                               {.id = "ask", .effect = Effect::ask, .tool = "fs.*", .capability = "write fs /*/b"}});
  const std::vector<Need> needs = needs_of({"write fs /a/b"});
  std::vector<std::string> ids;
  for (const Rule& rule : set.matching({.tool = "fs.write", .needs = needs})) ids.push_back(rule.id);
  CHECK(ids == std::vector<std::string>{"deny", "ask", "allow"});
}

// Random rules and needs over a small alphabet, so that much matches.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t count) { return random_() % count; }
  std::string pick(std::initializer_list<std::string_view> texts) {
    return std::string(texts.begin()[below(texts.size())]);
  }

  std::string path(bool is_pattern) {
    std::string made;
    for (std::size_t count = 1 + below(4); count > 0; --count) {
      made += "/" + (is_pattern ? pick({"a", "b", "a.c", "*", "**", "*.c", "[ab]", "{a,b}", "a*"})
                                : pick({"a", "b", "c", "a.c", "b.c"}));
    }
    return made;
  }
  std::string host(bool is_pattern) {
    std::string made = is_pattern ? pick({"", "*."}) : "";
    for (std::size_t i = 0, count = 1 + below(3); i < count; ++i)
      made.append(i == 0 ? "" : ".").append(is_pattern ? pick({"a", "b", "a*", "{a,b}"}) : pick({"a", "b", "ab"}));
    return (is_pattern && below(10) == 0 ? "*" : made) + pick({"", ":1", ":2"});
  }
  std::string argv(bool is_pattern) {
    std::string made = is_pattern ? pick({"npm", "git", "*", "/usr/bin/npm", "{npm,git}", "n*", "/home/*"})
                                  : pick({"npm", "git", "/usr/bin/npm", "/home/npm", "ssh"});
    for (std::size_t count = below(3); count > 0; --count)
      made += " " + (is_pattern ? pick({"a", "*", "'a;b'", "a*"}) : pick({"a", "b", "'a;b'", "ab"}));
    return made + (is_pattern ? pick({"", "", " **"}) : "");
  }
  std::string need(bool is_pattern) {
    switch (below(is_pattern ? 6 : 4)) {
      case 0: return pick({"read", "write"}) + " fs " + path(is_pattern);
      case 1: return "connect net " + host(is_pattern);
      case 2: return "execute shell " + argv(is_pattern);
      case 3: return "read env " + (is_pattern ? pick({"A", "*", "A*", "{A,B}"}) : pick({"A", "B", "AB"}));
      case 4: return pick({"* fs ", "read fs "}) + pick({"**", "/**"});
      default: return pick({"* * **", "read * **", "execute shell **"});
    }
  }
  Rule rule(std::size_t number) {
    Rule made{.id = "r" + std::to_string(number),
              .effect = static_cast<Effect>(below(3)),
              .tool = pick({"*", "fs.*", "fs.read", "fs.write", "fs.{read,delete}"}),
              .source = "builtin"};
    made.capability = below(20) == 0 ? "" : need(true);
    if (below(4) == 0) made.who = {static_cast<Principal>(below(4))};
    return made;
  }

 private:
  std::mt19937 random_;
};

// Deciding as it is defined: every rule is asked about every need.
Decision plainly(const RuleSet& set, const Question& question) {
  Decision worst{.effect = Effect::allow};
  for (const Need& need : question.needs) {
    const Question one{.tool = question.tool, .needs = {&need, 1}, .who = question.who};
    const std::vector<Rule> matching = set.matching(one);
    Decision decision{.effect = matching.empty() ? Effect::ask : matching.front().effect,
                      .rule = matching.empty() ? "autonomy:supervised" : matching.front().id,
                      .need = to_string(need)};
    if (worst.rule.empty() || decision.effect > worst.effect) worst = decision;
  }
  return worst;
}

TEST_CASE("what the index finds is what asking every rule finds") {
  Dice dice(42);
  std::array<int, 3> effects{};
  for (int round = 0; round < 400; ++round) {
    std::vector<Rule> rules;
    std::vector<std::string> seen;
    for (std::size_t number = 0, count = 1 + dice.below(60); number < count; ++number) {
      Rule rule = dice.rule(number);
      std::string all = rule.capability + rule.tool + std::to_string(static_cast<int>(rule.effect)) +
                        std::to_string(rule.who.empty() ? 9 : static_cast<int>(rule.who[0]));
      if (std::ranges::find(seen, all) != seen.end()) continue;
      seen.push_back(std::move(all));
      rules.push_back(std::move(rule));
    }
    const RuleSet set = compile(std::move(rules));
    for (int asked = 0; asked < 100; ++asked) {
      std::vector<Need> needs;
      for (std::size_t count = 1 + dice.below(2); count > 0; --count) needs.push_back(*parse_need(dice.need(false)));
      const std::string tool = dice.pick({"fs.read", "fs.write", "fs.delete", "process.spawn", "unknown.tool"});
      const Question question{.tool = tool, .needs = needs, .who = static_cast<Principal>(dice.below(4))};
      const Decision found = set.decide(question);
      const Decision wanted = plainly(set, question);
      INFO(tool << " " << to_string(needs.back()) << ": " << found.rule << " / " << wanted.rule);
      REQUIRE(found.effect == wanted.effect);
      REQUIRE(found.rule == wanted.rule);
      REQUIRE(found.need == wanted.need);
      ++effects[static_cast<std::size_t>(found.effect)];
    }
  }
  for (const int count : effects) CHECK(count > 1000);
}

TEST_CASE("a rule that is refused as covered would never have decided anything") {
  Dice dice(43);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    Rule wide = dice.rule(0);
    Rule narrow = dice.rule(1);
    narrow.source = "policy.toml";
    wide.effect = Effect::deny;
    if (narrow.effect == Effect::deny) narrow.effect = Effect::allow;
    if (RuleSet::compile({wide, narrow}, kAnchors, kTools)) continue;
    ++refused;
    narrow.source = "builtin";  // which is not checked
    const RuleSet set = compile({wide, narrow});
    for (int asked = 0; asked < 20; ++asked) {
      const Need need = *parse_need(dice.need(false));
      const std::string tool = dice.pick({"fs.read", "fs.write", "fs.delete", "process.spawn"});
      const Decision decision =
          set.decide({.tool = tool, .needs = {&need, 1}, .who = static_cast<Principal>(dice.below(4))});
      INFO(wide.tool << " " << wide.capability << " / " << narrow.tool << " " << narrow.capability << " / " << tool
                     << " " << to_string(need));
      REQUIRE(decision.rule != "r1");
    }
  }
  CHECK(refused > 300);
}

TEST_CASE("places that rules of one's own allow whole are told as far as they are written out") {
  Rule builtin{.id = "builtin", .effect = Effect::allow, .capability = "read fs /z/**"};
  builtin.source = "builtin";
  const RuleSet set =
      compile({builtin,
               {.id = "folder", .effect = Effect::allow, .capability = "read fs /a/b/**"},
               {.id = "file", .effect = Effect::allow, .capability = "* fs /c/d"},
               {.id = "some", .effect = Effect::allow, .capability = "read fs /{e/**,f/*,g/**/h,i j}"},
               {.id = "all", .effect = Effect::allow, .capability = "read fs /**"},
               {.id = "written", .effect = Effect::allow, .capability = "write fs /k/**"},
               {.id = "asked", .effect = Effect::ask, .capability = "read fs /l/**"},
               {.id = "other", .effect = Effect::allow, .tool = "fs.read", .capability = "read fs /m/**"},
               {.id = "people", .effect = Effect::allow, .capability = "read fs /n/**", .who = {Principal::terminal}}});
  const Need any{.verb = Verb::read, .resource = "fs", .target = "/"};
  CHECK(set.allowed_places({.tool = "shell.run", .needs = {&any, 1}, .who = Principal::mcp}, any) ==
        std::vector<std::string>{"/a/b", "/c/d", "/e", "/i j"});
}

TEST_CASE("a rule that takes away something below a folder is told") {
  const RuleSet set =
      compile({{.id = "all", .effect = Effect::allow, .capability = "read fs /**"},
               {.id = "keys", .effect = Effect::deny, .capability = "read fs /a/**/*.key"},
               {.id = "written", .effect = Effect::ask, .capability = "write fs /b/**"},
               {.id = "tool", .effect = Effect::deny, .tool = "fs.delete", .capability = "* fs /c/**"},
               {.id = "agents", .effect = Effect::deny, .capability = "read fs /d/**", .who = {Principal::agent}}});
  const auto told = [&](std::string_view folder, std::string_view tool = "fs.read", Principal who = Principal::mcp) {
    const Need need{.verb = Verb::read, .resource = "fs", .target = std::string(folder)};
    std::string ids;
    for (const Rule& rule : set.restrictions_below({.tool = tool, .needs = {&need, 1}, .who = who}, need))
      ids += (ids.empty() ? "" : " ") + rule.id;
    return ids;
  };
  CHECK(told("/a") == "keys");
  CHECK(told("/a/b/c") == "keys");
  CHECK(told("/") == "keys");
  CHECK(told("/b").empty());
  CHECK(told("/c").empty());
  CHECK(told("/c", "fs.delete") == "tool");
  CHECK(told("/", "fs.delete") == "keys tool");
  CHECK(told("/d").empty());
  CHECK(told("/d", "fs.read", Principal::agent) == "agents");
}

}  // namespace
}  // namespace lilux::policy

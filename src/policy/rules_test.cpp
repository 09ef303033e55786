#include <doctest/doctest.h>

#include "policy/policy.h"

namespace lilux::policy {
namespace {

const Anchors kAnchors{.project = "/home/u/p",
                       .home = "/home/u",
                       .state = "/home/u/.local/state/lilux",
                       .config = "/home/u/.config/lilux"};
constexpr std::array<std::string_view, 4> kTools{"fs.read", "fs.write", "http.get", "process.spawn"};

base::Result<RuleSet> compile(std::vector<Rule> rules, const Anchors& anchors = kAnchors) {
  return RuleSet::compile(std::move(rules), anchors, kTools);
}

// The refusal of one rule beside the built-in ones.
base::Error refusal(Rule rule) {
  std::vector<Rule> rules = builtin_rules();
  rules.push_back(std::move(rule));
  const auto set = compile(std::move(rules));
  return set ? base::Error{} : set.error();
}

Rule rule(std::string capability, Effect effect = Effect::allow) {
  return {.id = "mine", .effect = effect, .capability = std::move(capability), .source = "policy.toml:3"};
}

TEST_CASE("what takes rights holds wherever symlinks lead, what gives them does not") {
  Anchors anchors = kAnchors;
  anchors.elsewhere = [](const std::string& path) {
    if (path == "/home/u/.ssh") return std::vector<std::string>{"/home/u/dot [1]/ssh"};
    return std::vector<std::string>{};
  };
  Rule notes = rule("write fs ~/.ssh/notes*");
  notes.not_match = {"fs.write write fs /home/u/dot [1]/ssh/notes"};
  const auto set = compile({rule("* fs ~/{.ssh,.gnupg}/**", Effect::deny)}, anchors);
  const auto gives = compile({std::move(notes)}, anchors);
  REQUIRE(set);
  REQUIRE(gives);
  const auto answer = [](const RuleSet& rules, std::string target) {
    const std::vector<Need> needs{{.verb = Verb::write, .resource = "fs", .target = std::move(target)}};
    return rules.decide({.tool = "fs.write", .needs = needs, .has_effect = true}).effect;
  };
  for (const char* path : {"/home/u/.ssh", "/home/u/.ssh/key", "/home/u/dot [1]/ssh", "/home/u/dot [1]/ssh/a/b"})
    CHECK(answer(*set, path) == Effect::deny);
  CHECK(answer(*set, "/home/u/dot 1/ssh/key") == Effect::ask);
  CHECK(answer(*gives, "/home/u/.ssh/notes") == Effect::allow);
  CHECK(answer(*gives, "/home/u/dot [1]/ssh/notes") == Effect::ask);
  CHECK(set->version() != compile({rule("* fs ~/{.ssh,.gnupg}/**", Effect::deny)})->version());
}

TEST_CASE("a rule that could never match is refused, by name, with why and how to mend it") {
  const auto message = [](std::string capability) { return refusal(rule(std::move(capability))).message; };
  const std::string head = "rule 'mine' (policy.toml:3): ";
  CHECK(message("read fs /a//b") ==
        head + "pattern '/a//b' has a slash too many, so it never matches a canonical path, so it can never fire");
  CHECK(message("read fs /a/").starts_with(head + "pattern '/a/' has a slash too many"));
  CHECK(message("read fs /a/../b").starts_with(head + "pattern '/a/../b' holds '..'"));
  CHECK(message("read fs /a/./b").starts_with(head + "pattern '/a/./b' holds '.'"));
  CHECK(message("read fs dist/**") == head + "the path in 'read fs dist/**' is relative, so it can never fire");
  CHECK(message("connect net https://a.example").find("has a scheme or a path") != std::string::npos);
  CHECK(message("connect net a.example/x").find("has a scheme or a path") != std::string::npos);
  CHECK(message("execute shell  npm").find("has a space too many") != std::string::npos);
  CHECK(message("execute shell npm  test").find("has a space too many") != std::string::npos);
  CHECK(message("read fs /a/{b,}").find("has an empty choice") != std::string::npos);
  CHECK(message("read fs /a/[z-a]").find("has a class that never matches") != std::string::npos);
  CHECK(message("raed fs /a") == head + "unknown verb 'raed', so it can never fire");
  CHECK(refusal(rule("raed fs /a")).hint == "did you mean 'read'?");
  CHECK(message("read sf /a") == head + "unknown resource 'sf', so it can never fire");
  CHECK(message("execute net a.example") ==
        head + "no call ever needs to execute net, so it never matches, so it can never fire");
  CHECK(refusal(rule("execute net a.example")).hint == "for net the verb is connect");
  CHECK(message("read fs").find("is not 'verb resource target'") != std::string::npos);
  CHECK(message("read fs {projet}/a").find("has no choice in {projet}") == std::string::npos);  // relative, said first
  CHECK_FALSE(message("read fs {projet}/a").empty());
  CHECK(message("read fs /x/{projet}/a").find("has no choice in {projet}") != std::string::npos);
  CHECK(refusal(rule("raed fs /a")).rule == "mine");
  CHECK(refusal(rule("raed fs /a")).code == base::ErrorCode::invalid_argument);
}

TEST_CASE("a tool glob that fits no tool is refused, and the nearest named") {
  Rule one = rule("read fs /a");
  one.tool = "fs.raed";
  CHECK(refusal(one).message == "rule 'mine' (policy.toml:3): no tool is called 'fs.raed', so it can never fire");
  CHECK(refusal(one).hint == "did you mean 'fs.read'?");
  one.tool = "git.*";
  CHECK_FALSE(refusal(one).message.empty());
  one.tool = "fs.[";
  CHECK(refusal(one).message == "rule 'mine' (policy.toml:3): tool: pattern 'fs.[' has a '[' that is not closed");
  one.tool = "fs.*";
  CHECK(refusal(one).message.empty());
}

TEST_CASE("a rule that a stricter one covers wholly is refused with the name of that one") {
  const base::Error error = refusal(rule("read fs ~/.ssh/config"));
  CHECK(error.message ==
        "rule 'mine' (policy.toml:3): it can never fire: 'builtin:ssh' denies all it matches, and deny beats allow");
  CHECK(error.hint == "remove one of them: lilux policy remove builtin:ssh");
  CHECK_FALSE(refusal(rule("read fs ~/.ssh/**", Effect::ask)).message.empty());
  CHECK(refusal(rule("read fs ~/.ssh/**", Effect::deny)).message.empty());
  CHECK(refusal(rule("read fs ~/.ss*/config")).message.empty());
  CHECK(refusal(rule("write fs ~/x/.git/hooks/post-commit")).message ==
        "rule 'mine' (policy.toml:3): it can never fire: 'builtin:git-hooks' asks about all it matches, and ask beats "
        "allow");
  Rule agents = rule("admin kernel policy");
  agents.who = {Principal::agent};
  CHECK(refusal(agents).message.find("builtin:kernel-admin-people") != std::string::npos);
  agents.who.clear();
  CHECK(refusal(agents).message.empty());  // it still fires for people
}

TEST_CASE("a deny of everything covers every rule, whatever the order") {
  const Rule all{.id = "all", .effect = Effect::deny};
  for (const std::string_view capability :
       {"read fs /a", "connect net a.b:1", "execute shell x", "* * **", "read env A", "spend usd 1"}) {
    INFO(capability);
    Rule one{.id = "one", .effect = Effect::allow, .capability = std::string(capability)};
    CHECK_FALSE(compile({all, one}));
    CHECK_FALSE(compile({one, all}));
    one.effect = Effect::ask;
    CHECK_FALSE(compile({one, all}));
  }
  Rule of_tool = all;
  of_tool.tool = "fs.*";
  CHECK_FALSE(
      compile({of_tool, {.id = "one", .effect = Effect::allow, .tool = "fs.read", .capability = "read fs /a"}}));
  CHECK(compile({of_tool, {.id = "one", .effect = Effect::allow, .capability = "read fs /a"}}));
}

TEST_CASE("covering is found behind every kind of beginning") {
  const auto is_covered = [](std::string wide, std::string narrow) {
    return !compile({{.id = "w", .effect = Effect::deny, .capability = std::move(wide)},
                     {.id = "n", .effect = Effect::allow, .capability = std::move(narrow)}});
  };
  CHECK(is_covered("read fs /**/x/*.c", "read fs /a/b/x/y.c"));
  CHECK(is_covered("read fs /a/**/*.c", "read fs /a/b/?.c"));
  CHECK(is_covered("read fs /**/secret", "read fs /{a,b}/secret"));
  CHECK(is_covered("read fs /{a,b}/**", "read fs /b/*"));
  CHECK(is_covered("connect net *.b:1", "connect net x.a.b:1"));
  CHECK(is_covered("execute shell git push **", "execute shell /usr/bin/git push origin"));
  CHECK(is_covered("execute shell git", "execute shell git push"));
  CHECK(is_covered("execute shell *", "execute shell git push"));
  CHECK(is_covered("read env A*", "read env AB"));
  CHECK_FALSE(is_covered("read fs /a/*", "read fs /a/**"));
  CHECK_FALSE(is_covered("execute shell git push", "execute shell git push **"));
  CHECK_FALSE(is_covered("spend usd 5", "spend usd 9"));
}

TEST_CASE("repeats and ids that are taken are refused") {
  const Rule one{.id = "one", .effect = Effect::deny, .capability = "read fs /a"};
  Rule two = one;
  CHECK(compile({one, two}).error().message == "rule 'one': there are two rules with this id");
  two.id = "two";
  CHECK(compile({one, two}).error().message == "rule 'two': it can never decide anything: it repeats 'one'");
  two.who = {Principal::mcp};
  CHECK(compile({one, two}));
  for (const std::string_view id : {"", "a b", "a\n", "a;b", "a'b"}) {
    Rule bad = one;
    bad.id = id;
    CHECK_FALSE(compile({bad}));
  }
  Rule false_friend = one;
  false_friend.id = "builtin:x";
  CHECK_FALSE(compile({false_friend}));
}

TEST_CASE("examples are held against the rule") {
  Rule one{.id = "one", .effect = Effect::allow, .tool = "fs.*", .capability = "write fs ~/work/**"};
  one.match = {"fs.write write fs ~/work/a", "fs.read write fs /home/u/work"};
  one.not_match = {"fs.write write fs /home/u/other", "process.spawn write fs /home/u/work/a",
                   "fs.write read fs /home/u/work/a"};
  CHECK(compile({one}));
  one.match = {"fs.write write fs /home/u/worka"};
  CHECK(compile({one}).error().message ==
        "rule 'one': it does not match its example 'fs.write write fs /home/u/worka'");
  one.match.clear();
  one.not_match = {"fs.write write fs ~/work/x"};
  CHECK(compile({one}).error().message ==
        "rule 'one': it matches its counter-example 'fs.write write fs /home/u/work/x'");
  for (const std::string_view broken :
       {"fs.write", "fs.write write", "fs.write write fs", "", "fs.write write fs a/b", "fs.write writ fs /a"}) {
    INFO(broken);
    one.not_match = {std::string(broken)};
    if (!broken.empty()) CHECK_FALSE(compile({one}));
  }
  Rule project{.id = "p", .effect = Effect::deny, .capability = "write fs {project}/dist/**"};
  project.match = {"fs.write write fs {project}/dist/x"};
  CHECK(compile({project}));
  CHECK(compile({project}, {.project = "", .home = "/home/u"}));
}

TEST_CASE("a rule about the project is left out where there is none") {
  const Rule one{.id = "one", .effect = Effect::allow, .capability = "write fs {project}/**"};
  CHECK(compile({one})->rules().size() == 1);
  CHECK(compile({one}, {.project = "", .home = "/home/u"})->rules().empty());
}

TEST_CASE("a project that looks like a pattern is meant literally") {
  const auto set = compile({{.id = "one", .effect = Effect::allow, .capability = "write fs {project}/**"}},
                           {.project = "/srv/*", .home = "/home/u"});
  REQUIRE(set);
  const auto effect = [&](std::string path) {
    const std::vector<Need> needs{{Verb::write, "fs", std::move(path)}};
    return set->decide({.tool = "fs.write", .needs = needs, .has_effect = true}).effect;
  };
  CHECK(effect("/srv/*/a") == Effect::allow);
  CHECK(effect("/srv/other/a") == Effect::ask);
}

TEST_CASE("the root as a project has no slash too many") {
  CHECK(compile({{.id = "one", .effect = Effect::allow, .capability = "write fs {project}/**"}},
                {.project = "/", .home = "/"}));
  CHECK(compile(builtin_rules(), {.project = "/", .home = "/", .state = "/s", .config = "/c"}));
}

TEST_CASE("the version changes with everything that can change a decision, and with nothing else") {
  const Rule one{.id = "one", .effect = Effect::allow, .capability = "write fs {project}/**"};
  const std::string version = compile({one})->version();
  CHECK(version.size() == 64);
  CHECK(compile({one})->version() == version);
  std::vector<Rule> others(5, one);
  others[0].id = "eno";
  others[1].effect = Effect::deny;
  others[2].tool = "fs.*";
  others[3].capability = "write fs {project}/*";
  others[4].who = {Principal::mcp};
  for (const Rule& other : others) CHECK(compile({other})->version() != version);
  Anchors anchors = kAnchors;
  anchors.project = "/home/u/q";
  CHECK(compile({one}, anchors)->version() != version);
  CHECK(compile({})->version() != version);
}

}  // namespace
}  // namespace lilux::policy

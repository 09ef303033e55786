#include <doctest/doctest.h>

#include "policy/policy.h"

namespace lilux::policy {
namespace {

std::string error_of(std::string_view text) {
  const auto file = parse_policy(text, "policy.toml");
  return file ? "" : file.error().message;
}

constexpr std::string_view kFile = R"(# what I allow
autonomy = "manual"  # for now
disable = [
  "builtin:ssh",  # my own keys
]

# the first
[[rule]]
id = "one"
effect = "allow"
capability = "write fs ~/work/**"
match = [
  "fs.write write fs ~/work/a",
]

# the second
[[rule]]
id = "two"
effect = "deny"
tool = "process.*"
who = ["agent", "mcp"]
reason = "a \"quoted\" one"
)";

TEST_CASE("a policy file says its level, what is switched off and its rules with their places") {
  const auto file = parse_policy(kFile, "policy.toml");
  REQUIRE(file);
  CHECK(file->autonomy == Autonomy::manual);
  CHECK(file->disabled == std::vector<std::string>{"builtin:ssh"});
  REQUIRE(file->rules.size() == 2);
  CHECK(file->rules[0].id == "one");
  CHECK(file->rules[0].effect == Effect::allow);
  CHECK(file->rules[0].tool == "*");
  CHECK(file->rules[0].source == "policy.toml:8");
  CHECK(file->rules[0].match == std::vector<std::string>{"fs.write write fs ~/work/a"});
  CHECK(file->rules[1].who == std::vector<Principal>{Principal::agent, Principal::mcp});
  CHECK(file->rules[1].reason == "a \"quoted\" one");
}

TEST_CASE("an empty file is supervised and has no rules") {
  const auto file = parse_policy("", "policy.toml");
  REQUIRE(file);
  CHECK(file->autonomy == Autonomy::supervised);
  CHECK(file->rules.empty());
}

TEST_CASE("what is wrong in a file is said with its line") {
  CHECK(error_of("autonomi = \"full\"\n") == "policy.toml:1: unknown key 'autonomi'");
  CHECK(parse_policy("autonomi = \"full\"\n", "p").error().hint == "did you mean 'autonomy'?");
  CHECK(error_of("\nautonomy = \"free\"\n") == "policy.toml:2: 'free' is none of manual, supervised, full");
  CHECK(error_of("autonomy = 3\n") == "policy.toml:1: 'autonomy' must be text");
  CHECK(error_of("[[rule]]\nid = \"a\"\n") == "policy.toml:1: a rule without 'effect'");
  CHECK(error_of("[[rule]]\neffect = \"deny\"\n") == "policy.toml:1: a rule without 'id'");
  CHECK(error_of("[[rule]]\nid = \"a\"\neffect = \"allow\"\nwho = [\"me\"]\n") == "policy.toml:4: 'me' is nobody");
  CHECK(error_of("[[rule]]\nid = \"a\"\neffect = \"allow\"\npath = \"/x\"\n") == "policy.toml:4: unknown key 'path'");
  CHECK(error_of("[rule]\nid = \"a\"\neffect = \"allow\"\n") == "policy.toml:1: rules are written as [[rule]] tables");
  CHECK(error_of("rule = [{id = \"a\", effect = \"allow\"}]\n") ==
        "policy.toml:1: rules are written as [[rule]] tables");
  CHECK(error_of("disable = [\"builtin:shh\"]\n") == "policy.toml:1: 'builtin:shh' is no built-in rule");
  CHECK(error_of("disable = \"builtin:ssh\"\n") == "policy.toml:1: 'disable' must be a list of texts");
  CHECK(error_of("x = [\n").starts_with("policy.toml:"));
  CHECK(error_of("a = 1\na = 2\n").starts_with("policy.toml:2"));
}

TEST_CASE("an empty list of principals is nobody, not everybody") {
  CHECK(error_of("[[rule]]\nid = \"a\"\neffect = \"allow\"\nwho = []\n") ==
        "policy.toml:1: rule 'a' is for nobody, so it can never fire");
}

TEST_CASE("who may administer Lilux cannot be switched off") {
  CHECK(error_of("disable = [\"builtin:kernel-admin-people\"]\n") ==
        "'builtin:kernel-admin-people' holds always: only people in a terminal administer Lilux");
  const auto text = without_rule("", "builtin:kernel-admin-people");
  REQUIRE_FALSE(text);
  CHECK(text.error().code == base::ErrorCode::denied);
}

TEST_CASE("the level is changed where it stands, and the comments stay") {
  const auto text = with_autonomy(kFile, Autonomy::full);
  REQUIRE(text);
  std::string wanted(kFile);
  wanted.replace(wanted.find("\"manual\""), 8, "\"full\"");
  CHECK(*text == wanted);
  CHECK(*with_autonomy("", Autonomy::full) == "autonomy = \"full\"\n");
  CHECK(*with_autonomy("# mine\n", Autonomy::full) == "autonomy = \"full\"\n\n# mine\n");
  CHECK(*with_autonomy("'autonomy' = 'full' # \xc3\xa4\n", Autonomy::manual) == "'autonomy' = \"manual\" # \xc3\xa4\n");
}

TEST_CASE("a rule is appended and comes back as it was given") {
  const Rule rule{.id = "three",
                  .effect = Effect::allow,
                  .tool = "fs.*",
                  .capability = "read fs /a \"b\"/\xc3\xa4/**",
                  .who = {Principal::mcp},
                  .match = {"fs.read read fs /a \"b\"/\xc3\xa4/x"},
                  .not_match = {"fs.read read fs /a"},
                  .reason = "line\nand \x01 control"};
  const auto text = with_rule(kFile, rule);
  REQUIRE(text);
  CHECK(text->starts_with(kFile));
  const auto file = parse_policy(*text, "policy.toml");
  REQUIRE(file);
  const Rule& back = file->rules.back();
  CHECK(back.id == rule.id);
  CHECK(back.effect == rule.effect);
  CHECK(back.tool == rule.tool);
  CHECK(back.capability == rule.capability);
  CHECK(back.who == rule.who);
  CHECK(back.match == rule.match);
  CHECK(back.not_match == rule.not_match);
  CHECK(back.reason == rule.reason);
}

TEST_CASE("a rule is appended to a file whose last line has no end") {
  const auto text = with_rule("autonomy = \"full\"", {.id = "a", .effect = Effect::deny});
  REQUIRE(text);
  CHECK(*text == "autonomy = \"full\"\n\n[[rule]]\nid = \"a\"\neffect = \"deny\"\n");
}

TEST_CASE("an id that is taken is a conflict") {
  CHECK(with_rule(kFile, {.id = "one"}).error().code == base::ErrorCode::conflict);
  CHECK(with_rule(kFile, {.id = "builtin:ssh"}).error().code == base::ErrorCode::conflict);
}

TEST_CASE("a rule is taken out with its lines and nothing else") {
  const auto text = without_rule(kFile, "one");
  REQUIRE(text);
  std::string wanted(kFile);
  const std::size_t from = wanted.find("[[rule]]");
  wanted.erase(from, wanted.find("# the second") - from);
  CHECK(*text == wanted);
  const auto last = without_rule(kFile, "two");
  REQUIRE(last);
  CHECK(last->ends_with("# the second\n"));
  CHECK(without_rule(kFile, "three").error().code == base::ErrorCode::not_found);
}

TEST_CASE("a rule with lists and texts over many lines is taken out wholly") {
  const std::string text =
      "[[rule]]\nid = \"a\"\neffect = \"deny\"\nreason = \"\"\"\n[[rule]]\nnot one\n\"\"\"\nmatch = [\n  \"x read fs "
      "/a\",\n]\n\n"
      "[[rule]]\nid = \"b\"\neffect = \"deny\"\n";
  const auto made = without_rule(text, "a");
  REQUIRE(made);
  CHECK(*made == "[[rule]]\nid = \"b\"\neffect = \"deny\"\n");
}

TEST_CASE("a built-in rule is switched off by its name on the list") {
  const auto text = without_rule(kFile, "builtin:history");
  REQUIRE(text);
  CHECK(parse_policy(*text, "p")->disabled == std::vector<std::string>{"builtin:ssh", "builtin:history"});
  CHECK(*without_rule("", "builtin:history") == "disable = [\"builtin:history\"]\n");
  CHECK(without_rule(kFile, "builtin:ssh").error().code == base::ErrorCode::conflict);
  CHECK(without_rule(kFile, "builtin:none").error().code == base::ErrorCode::not_found);
}

TEST_CASE("nothing is edited in a file that does not read") {
  CHECK_FALSE(with_rule("x = [", {.id = "a"}));
  CHECK_FALSE(without_rule("x = [", "a"));
  CHECK_FALSE(with_autonomy("x = [", Autonomy::full));
}

}  // namespace
}  // namespace lilux::policy

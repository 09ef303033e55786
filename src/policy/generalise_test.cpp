#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "policy/policy.h"

namespace lilux::policy {
namespace {

const Anchors kAnchors{.project = "/home/u/p",
                       .home = "/home/u",
                       .state = "/home/u/.local/state/lilux",
                       .config = "/home/u/.config/lilux"};
constexpr std::array<std::string_view, 2> kTools{"fs.write", "process.spawn"};

std::vector<std::string> proposals(std::string_view text) {
  const std::vector<Need> needs{*parse_need(text)};
  std::vector<std::string> capabilities;
  for (const Rule& rule : generalise("fs.write", needs, kAnchors)) capabilities.push_back(rule.capability);
  return capabilities;
}

using Texts = std::vector<std::string>;

TEST_CASE("proposals go from exactly this to a little wider") {
  CHECK(proposals("write fs /home/u/p/src/a.c") ==
        Texts{"write fs /home/u/p/src/a.c", "write fs /home/u/p/src/**", "write fs /home/u/p/**"});
  CHECK(proposals("write fs /home/u/p/a.c") == Texts{"write fs /home/u/p/a.c", "write fs /home/u/p/**"});
  CHECK(proposals("write fs /home/u/notes/a") == Texts{"write fs /home/u/notes/a", "write fs /home/u/notes/**"});
  CHECK(proposals("read fs /var/log/x") == Texts{"read fs /var/log/x"});
  CHECK(proposals("execute shell /usr/bin/npm test --watch") ==
        Texts{"execute shell /usr/bin/npm test --watch", "execute shell /usr/bin/npm test **"});
  CHECK(proposals("execute shell /usr/bin/ls -l") == Texts{"execute shell /usr/bin/ls -l"});
  CHECK(proposals("execute shell /usr/bin/ls") == Texts{"execute shell /usr/bin/ls"});
  CHECK(proposals("connect net api.example.com:443") == Texts{"connect net api.example.com:443"});
}

TEST_CASE("nothing is proposed beyond the project and single folders of the home") {
  CHECK(proposals("write fs /home/u/a") == Texts{"write fs /home/u/a"});
  CHECK(proposals("read fs /etc") == Texts{"read fs /etc"});
  CHECK(proposals("write fs /home/u/p").empty());
  CHECK(proposals("write fs /home/u").empty());
  CHECK(proposals("write fs /home").empty());
  CHECK(proposals("read fs /").empty());
  CHECK(proposals("write fs /usr/bin/x").empty());
  CHECK(proposals("write fs /home/u/.config/lilux").empty());
}

TEST_CASE("nothing is proposed for what is grave, or for programs that run what they are told") {
  CHECK(proposals("admin kernel policy").empty());
  CHECK(proposals("signal process pid:7:123").empty());
  CHECK(proposals("execute shell /bin/sh").empty());
  CHECK(proposals("execute shell /usr/bin/python3").empty());
  CHECK(proposals("execute shell /bin/sh -c 'a; b'") == Texts{"execute shell /bin/sh -c 'a; b'"});
  CHECK(proposals("execute shell /usr/bin/sudo rm x") == Texts{"execute shell /usr/bin/sudo rm x"});
  CHECK(proposals("execute shell /usr/bin/node /home/u/x.js") == Texts{"execute shell /usr/bin/node /home/u/x.js"});
  CHECK(proposals("execute shell npm it's").empty());
  CHECK(proposals("read fs /home/u/p/../x").empty());
  const std::vector<Need> many(5, {.verb = Verb::read, .resource = "fs", .target = "/home/u/p/a"});
  CHECK(generalise("fs.read", many, kAnchors).empty());
  const std::vector<Need> mixed{{Verb::read, "fs", "/home/u/p/a"}, {Verb::admin, "kernel", "policy"}};
  CHECK(generalise("fs.read", mixed, kAnchors).empty());
  CHECK(generalise("fs.read", {}, kAnchors).empty());
}

TEST_CASE("every proposal compiles, names the tool, has an id of its own and would have allowed the call") {
  for (const std::string_view text :
       {"write fs /home/u/p/[a]*{b}/c,d", "execute shell /usr/bin/git commit -m 'it'\\''s * a \"b\"' ''",
        "connect net [::1]:80", "read env A*", "use model m"}) {
    INFO(text);
    const std::vector<Need> needs{*parse_need(text)};
    const std::vector<Rule> rules = generalise("fs.write", needs, kAnchors);
    REQUIRE_FALSE(rules.empty());
    std::set<std::string> ids;
    for (const Rule& rule : rules) {
      INFO(rule.capability);
      CHECK(rule.tool == "fs.write");
      CHECK(ids.insert(rule.id).second);
      const auto set = RuleSet::compile({rule}, kAnchors, kTools);
      REQUIRE(set);
      CHECK(set->decide({.tool = "fs.write", .needs = needs, .has_effect = true}).effect == Effect::allow);
      CHECK(set->decide({.tool = "process.spawn", .needs = needs, .has_effect = true}).effect == Effect::ask);
    }
  }
}

}  // namespace
}  // namespace lilux::policy

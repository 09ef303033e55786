#include <random>

#include <doctest/doctest.h>

#include "policy/target.h"

namespace lilux::policy {
namespace {

Capability capability(std::string_view text) {
  const auto made = parse_capability(text, "/home/u/p", "/home/u");
  INFO(text);
  REQUIRE(made);
  return *made;
}

Need need(std::string_view text) {
  const auto made = parse_need(text);
  INFO(text);
  REQUIRE(made);
  return *made;
}

bool covers(std::string_view held, std::string_view wanted) {
  return covers(capability(held), need(wanted), 0);
}

std::string refusal(std::string_view text) {
  const auto made = parse_capability(text, "/home/u/p", "/home/u");
  return made ? "" : made.error().message;
}

TEST_CASE("needs come back from their text") {
  for (const std::string_view text :
       {"write fs /a b/c", "execute shell npm test", "connect net a.example:443", "admin kernel policy"}) {
    CHECK(to_string(need(text)) == text);
  }
  CHECK(parse_need("write fs").error().message == "need 'write fs' is not 'verb resource target'");
  CHECK(parse_need("").error().code == base::ErrorCode::invalid_argument);
  CHECK(parse_need("wriet fs /a").error().hint == "did you mean 'write'?");
  CHECK(parse_need("write fss /a").error().hint == "did you mean 'fs'?");
  CHECK_FALSE(parse_need("* fs /a"));
  CHECK_FALSE(parse_need("write * /a"));
}

TEST_CASE("paths of capabilities are taken below the root or the home") {
  CHECK(to_string(capability("write fs dist/**")) == "write fs /home/u/p/dist/**");
  CHECK(to_string(capability("write fs ./dist/**")) == "write fs /home/u/p/dist/**");
  CHECK(to_string(capability("read fs ~/work/**")) == "read fs /home/u/work/**");
  CHECK(to_string(capability("read fs ~")) == "read fs /home/u");
  CHECK(to_string(capability("* * **")) == "* * **");
  CHECK(parse_capability("read fs a", "/", "/")->target == "/a");
  CHECK(parse_capability("read fs a", "/x[1]", "/")->target == "/x[[]1[]]/a");
  CHECK(parse_capability("execute shell ~/bin/x", "/", "/home/u")->target == "/home/u/bin/x");
}

TEST_CASE("capabilities that are none, or that no call could need, are refused") {
  CHECK(refusal("write fs") == "capability 'write fs' is not 'verb resource target'");
  CHECK(refusal("wriet fs /a") == "unknown verb 'wriet'");
  CHECK(refusal("write fz /a") == "unknown resource 'fz'");
  CHECK(refusal("execute net a") == "no call ever needs to execute net, so it never matches");
  CHECK(refusal("read * /a") == "a target of any resource can only be **");
  CHECK(refusal("read fs ../x") == "pattern '/home/u/p/../x' holds '..', so it never matches a canonical path");
  CHECK(refusal("read fs ~root/x") == "the path in 'read fs ~root/x' is relative");
  CHECK(refusal("spend usd much") == "'much' is no amount of money");
  CHECK_FALSE(parse_capability("read fs a", "", "/home/u"));
  CHECK_FALSE(parse_capability("read fs ~/a", "/", ""));
}

TEST_CASE("a capability covers what its pattern says and nothing else") {
  CHECK(covers("write fs dist/**", "write fs /home/u/p/dist/a/b"));
  CHECK_FALSE(covers("write fs dist/**", "read fs /home/u/p/dist/a"));
  CHECK_FALSE(covers("write fs dist/**", "write fs /home/u/p/distant"));
  CHECK(covers("* fs dist/**", "read fs /home/u/p/dist/a"));
  CHECK(covers("* * **", "admin kernel policy"));
  CHECK(covers("execute shell npm", "execute shell /usr/bin/npm test"));
  CHECK_FALSE(covers("execute shell npm", "execute shell /tmp/npm test"));
  CHECK(covers("connect net *.example.com:443", "connect net api.example.com:443"));
  CHECK(covers("read env API_*", "read env API_KEY"));
  CHECK(covers("spend usd 1.00", "spend usd 0.999999"));
  CHECK(covers("spend usd 1", "spend usd 1.0"));
  CHECK_FALSE(covers("spend usd 1.00", "spend usd 1.000001"));
  CHECK_FALSE(covers("spend usd 1.00", "spend usd -5"));
}

TEST_CASE("what no rule can judge is covered by nothing, not even by everything") {
  using namespace std::string_literals;
  const std::vector<Need> needs{{Verb::read, "fs", "/home/u/p/../.ssh/id"},
                                {Verb::read, "fs", "/home/u/p//a"},
                                {Verb::read, "fs", "p/a"},
                                {Verb::read, "fs", ""},
                                {Verb::read, "fs", "/a\0b"s},
                                {Verb::connect, "net", "a.example\0.b:1"s},
                                {Verb::connect, "net", "a.example.:443"},
                                {Verb::read, "env", "A\0B"s},
                                {Verb::read, "tape", "x"},
                                {Verb::spend, "usd", "all"}};
  for (const Need& one : needs) {
    INFO(to_string(one));
    CHECK_FALSE(covers(capability("* * **"), one, 0));
  }
}

TEST_CASE("a command line whose words are not sure is covered by everything only") {
  CHECK_FALSE(covers("execute shell npm", "execute shell npm it's"));
  CHECK_FALSE(covers("execute shell sh **", "execute shell sh -c a;b"));
  CHECK_FALSE(covers("execute shell npm", "execute shell npm  test"));
  CHECK(covers("execute shell **", "execute shell npm it's"));
}

TEST_CASE("an expired or used up capability covers nothing") {
  Capability held = capability("read fs /**");
  const Need wanted = need("read fs /a");
  CHECK(covers(held, wanted, 5));
  held.expires_us = 5;
  CHECK(covers(held, wanted, 4));
  CHECK_FALSE(covers(held, wanted, 5));
  held.expires_us = 0;
  held.calls_left = 0;
  CHECK_FALSE(covers(held, wanted, 5));
  held.calls_left = 1;
  CHECK(covers(held, wanted, 5));
}

TEST_CASE("an empty list of capabilities is narrower than nothing and covers nothing") {
  CHECK_FALSE(is_narrower(capability("read fs /a"), {}));
  CHECK_FALSE(is_narrower(capability("* * **"), {}));
}

TEST_CASE("delegation only narrows, in time and number too") {
  std::vector<Capability> wide{capability("write fs dist/**"), capability("execute shell npm")};
  CHECK(is_narrower(capability("write fs dist/a/*"), wide));
  CHECK(is_narrower(capability("execute shell npm test"), wide));
  CHECK_FALSE(is_narrower(capability("write fs **"), wide));
  CHECK_FALSE(is_narrower(capability("* fs dist/**"), wide));
  CHECK_FALSE(is_narrower(capability("read fs dist/a"), wide));
  CHECK_FALSE(is_narrower(capability("execute shell npm* test"), wide));
  wide[0].expires_us = 100;
  wide[0].calls_left = 3;
  Capability narrow = capability("write fs dist/a");
  CHECK_FALSE(is_narrower(narrow, wide));
  narrow.expires_us = 100;
  CHECK_FALSE(is_narrower(narrow, wide));
  narrow.calls_left = 4;
  CHECK_FALSE(is_narrower(narrow, wide));
  narrow.calls_left = 3;
  CHECK(is_narrower(narrow, wide));
  narrow.expires_us = 101;
  CHECK_FALSE(is_narrower(narrow, wide));
}

std::string random_capability(std::mt19937& random) {
  const auto pick = [&](auto... texts) {
    const std::array<std::string, sizeof...(texts)> all{texts...};
    return all[random() % all.size()];
  };
  switch (random() % 5) {
    case 0:
      return pick("read", "write", "*") + " fs /" + pick("a", "*", "**", "{a,b}") +
             pick("", "/b", "/**", "/*", "/[ab]");
    case 1:
      return "execute shell " + pick("npm", "sh", "*", "/usr/bin/npm", "/home/npm") +
             pick("", " test", " *", " **", " 'a;b'", " -c **");
    case 2: return pick("connect", "*") + " net " + pick("a.b", "*.b", "*", "x.a.b") + pick("", ":1", ":2");
    case 3: return "spend usd " + pick("1", "2.5", "**");
    default:
      return pick("read env K", "read env *", "* env **", "* * **", "read * **", "admin kernel **", "admin kernel a*");
  }
}

std::string random_need(std::mt19937& random) {
  const auto pick = [&](auto... texts) {
    const std::array<std::string, sizeof...(texts)> all{texts...};
    return all[random() % all.size()];
  };
  switch (random() % 5) {
    case 0: return pick("read", "write") + " fs /" + pick("a", "b", "c") + pick("", "/b", "/a/b");
    case 1:
      return "execute shell " + pick("npm", "/usr/bin/npm", "/home/npm", "/bin/sh") +
             pick("", " test", " 'a;b'", " -c 'a;b'", " a;b");
    case 2: return "connect net " + pick("a.b", "x.a.b", "b", "c") + pick("", ":1", ":2");
    case 3: return "spend usd " + pick("1", "0.5", "2.5", "9");
    default: return pick("read env K", "write env J", "admin kernel a", "admin kernel b", "read fs /a");
  }
}

TEST_CASE("whatever a narrower capability covers, one of the wide covers") {
  std::mt19937 random(2);
  int narrower = 0;
  int used = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::vector<Capability> wide{capability(random_capability(random)), capability(random_capability(random))};
    Capability narrow = capability(random_capability(random));
    for (Capability* one : {&wide[0], &wide[1], &narrow}) {
      if (random() % 4 == 0) one->expires_us = 1 + static_cast<std::int64_t>(random() % 3);
      if (random() % 4 == 0) one->calls_left = static_cast<std::int64_t>(random() % 3);
    }
    if (!is_narrower(narrow, wide)) continue;
    ++narrower;
    const Need wanted = need(random_need(random));
    const auto now = static_cast<std::int64_t>(random() % 4);
    if (!covers(narrow, wanted, now)) continue;
    ++used;
    INFO(to_string(narrow) << " / " << to_string(wide[0]) << " / " << to_string(wide[1]) << " / " << to_string(wanted));
    REQUIRE((covers(wide[0], wanted, now) || covers(wide[1], wanted, now)));
  }
  CHECK(narrower > 2000);
  CHECK(used > 100);
}

}  // namespace
}  // namespace lilux::policy

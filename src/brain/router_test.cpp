#include "brain/router.h"

#include <doctest/doctest.h>

namespace lilux::brain {
namespace {

Router::Layer says(const std::string& tool, double confidence, int* asked = nullptr) {
  return [=](std::string_view text) -> std::optional<Proposal> {
    if (asked) ++*asked;
    if (text != "go") return std::nullopt;
    return Proposal{.calls = {{.name = tool, .confidence = confidence}}, .confidence = confidence, .tool = tool};
  };
}

Router router() {
  return Router([](std::string_view tool) { return tool == "look"; });
}

TEST_CASE("the first layer that is sure answers, and no other is asked") {
  Router made = router();
  int asked = 0;
  made.add("one", says("look", 0.95));
  made.add("two", says("look", 1, &asked));
  const Route route = made.route("go");
  CHECK(route.layer == "one");
  CHECK(route.band == Band::execute);
  CHECK(asked == 0);
}

TEST_CASE("of layers that are not sure, the surest answers") {
  Router made = router();
  made.add("one", says("look", 0.5));
  made.add("two", says("look", 0.8));
  made.add("three", says("look", 0.6));
  const Route route = made.route("go");
  CHECK(route.layer == "two");
  CHECK(route.band == Band::verify);
}

TEST_CASE("what is to be asked about is, wherever the borders are") {
  Router router([](std::string_view) { return true; }, {.execute_from = 0.7});
  router.add("near", [](std::string_view) {
    return std::optional(Proposal{.calls = {{.name = "fs.read"}}, .confidence = 0.85, .is_asked = true});
  });
  CHECK(router.route("x").band == Band::verify);
  router.add("sure", [](std::string_view) {
    return std::optional(Proposal{.calls = {{.name = "fs.list"}}, .confidence = 0.9});
  });
  CHECK(router.route("x").layer == "sure");
  CHECK(router.route("x").band == Band::execute);
}

TEST_CASE("what has an effect is looked at first, however sure it is") {
  Router made = router();
  made.add("one", says("delete", 1));
  CHECK(made.route("go").band == Band::verify);
}

TEST_CASE("nobody knows what no layer answers, or none surely enough") {
  Router made = router();
  CHECK(made.route("go").band == Band::defer);
  made.add("one", says("look", 0.69));
  CHECK(made.route("go").band == Band::defer);
  const Route none = made.route("something else");
  CHECK(none.layer.empty());
  CHECK(none.band == Band::defer);
}

TEST_CASE("a call is better than none, whatever the confidence that there is none") {
  Router made = router();
  made.add("one", [](std::string_view) { return Proposal{.confidence = 0.99, .missing = {"path"}}; });
  made.add("two", says("look", 0.8));
  CHECK(made.route("go").layer == "two");
  CHECK(made.route("other").proposal.missing.size() == 1);
}

TEST_CASE("what is understood and lacks something is asked for, and no other layer guesses") {
  Router made = router();
  made.add("one",
           [](std::string_view) { return Proposal{.confidence = 0.8, .is_settled = true, .missing = {"which file"}}; });
  made.add("two", says("delete", 1));
  CHECK(made.route("go").layer == "one");
  CHECK(made.route("go").band == Band::defer);
}

TEST_CASE("what has the last word is the answer, whatever it says") {
  Router made = router();
  int asked = 0;
  made.add(
      "table", [](std::string_view) { return Proposal{.confidence = 1, .tool = "write", .missing = {"content"}}; },
      Router::Word::last);
  made.add("two", says("look", 0.95, &asked));
  const Route route = made.route("go");
  CHECK(route.layer == "table");
  CHECK(route.band == Band::defer);
  CHECK(route.proposal.missing.size() == 1);
  CHECK(asked == 0);
}

TEST_CASE("a call that its tool does not take is never offered, whichever layer made it") {
  Router made = router();
  made.set_refused([](const ProposedCall& call) { return call.name == "delete" ? std::string("pid") : std::string(); });
  made.add("one", says("delete", 1));
  const Route refused = made.route("go");
  CHECK(refused.band == Band::defer);
  CHECK(refused.proposal.calls.empty());
  CHECK(refused.proposal.tool == "delete");
  CHECK(refused.proposal.missing == std::vector<std::string>{"pid"});
  CHECK(made.each("go").front().proposal->calls.empty());
  made.add("two", says("look", 0.8));
  CHECK(made.route("go").proposal.calls.front().name == "look");
}

TEST_CASE("a word's share is how much surer a layer is by it") {
  Router made = router();
  made.add("one", [](std::string_view text) {
    const bool has_both = text.contains("red") && text.contains("door");
    return Proposal{.confidence = has_both ? 0.9 : (text.contains("door") ? 0.5 : 0.1), .tool = "paint"};
  });
  const std::vector<Router::Share> shares = made.shares("one", "the red door");
  REQUIRE(shares.size() == 3);
  CHECK(shares[0].share == doctest::Approx(0));
  CHECK(shares[1].share == doctest::Approx(0.4));
  CHECK(shares[2].word == "door");
  CHECK(shares[2].share == doctest::Approx(0.8));
  CHECK(made.shares("none", "the red door").empty());
}

}  // namespace
}  // namespace lilux::brain

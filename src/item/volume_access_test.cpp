#include "item/volume_access.h"

#include <doctest/doctest.h>

#include "tests/support/scratch.h"

namespace lilux::item {

namespace {

constexpr std::array kVerbs{Verb::read, Verb::write, Verb::propose, Verb::promote};

// The letters of what may be done: r, w, p for propose, P for promote.
std::string allowed(const Actor& actor, const Owned& volume) {
  constexpr std::string_view kLetters = "rwpP";
  std::string letters;
  for (std::size_t i = 0; i < kVerbs.size(); ++i)
    if (may(actor, kVerbs[i], volume)) letters += kLetters[i];
  return letters;
}

}  // namespace

TEST_CASE("the access table, every cell") {
  const Actor ada{.role = Role::user, .id = "ada", .teams = {"web", "ops"}};
  Actor trusted = ada;
  trusted.may_promote = true;
  const Actor bob{.role = Role::user, .id = "bob", .teams = {}, .may_promote = true};
  const Actor web{.role = Role::team_cron, .id = "web"};
  const Actor other{.role = Role::team_cron, .id = "other"};
  const Actor system{.role = Role::system_cron};
  struct Row {
    Owned volume;
    std::array<std::string_view, 6> allowed;  // ada, ada who may promote, bob, cron of web, cron of another, system
  };
  const std::vector<Row> table{
      {{.scope = Scope::project, .owner = "ada", .teams = {"web"}}, {"rwpP", "rwpP", "", "r", "", "rwpP"}},
      {{.scope = Scope::user, .owner = "ada", .teams = {"web"}}, {"rwpP", "rwpP", "", "r", "", "rwpP"}},
      {{.scope = Scope::user, .owner = "ada", .teams = {}}, {"rwpP", "rwpP", "", "", "", "rwpP"}},
      {{.scope = Scope::team, .owner = "web"}, {"rp", "rpP", "", "rwpP", "", "rwpP"}},
      {{.scope = Scope::system}, {"r", "r", "r", "r", "r", "rwpP"}},
  };
  for (const Row& row : table) {
    const std::array<const Actor*, 6> actors{&ada, &trusted, &bob, &web, &other, &system};
    for (std::size_t i = 0; i < actors.size(); ++i) {
      CAPTURE(static_cast<int>(row.volume.scope));
      CAPTURE(i);
      CHECK(allowed(*actors[i], row.volume) == row.allowed[i]);
    }
  }
}

TEST_CASE("a refusal says who may not do what, and what would help") {
  const Actor ada{.role = Role::user, .id = "ada", .teams = {"web"}};
  const auto refused = check_access(ada, Verb::write, {.scope = Scope::team, .owner = "web"});
  CHECK(test::code_of(refused) == base::ErrorCode::denied);
  CHECK(refused.error().message == "user 'ada' may not write the team volume of 'web'");
  CHECK(refused.error().hint.find("review") != std::string::npos);
  test::must(check_access(ada, Verb::read, {.scope = Scope::system}));
}

}  // namespace lilux::item

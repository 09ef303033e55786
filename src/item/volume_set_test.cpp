#include "item/volume_set.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::item {

using base::ErrorCode;
using test::code_of;
using test::must;
using test::Scratch;

namespace {

struct World {
  Scratch scratch;
  sys::Folders folders{.home = scratch / "home", .config = {}, .data = scratch / "data", .state = {}, .runtime = {}};
  std::optional<std::string> user_space = {};
  std::optional<std::string> ai_user_space = {};

  VolumeSet set(const std::vector<std::string>& teams = {"web", "ops"}) const {
    return must(
        VolumeSet::open(folders, {.user = "ada", .project = scratch / "project", .teams = teams}, environment()));
  }
  sys::Environment environment() const {
    return [this](const char* name) { return std::string(name) == "USER_SPACE" ? user_space : ai_user_space; };
  }
  // A directive of that name in a volume.
  static void directive(const VolumeSet& set, Scope scope, const std::string& name, const std::string& owner = {}) {
    must(set.find(scope, owner)->write({.path = "directives/" + name + ".md", .bytes = name}, {}));
  }
};

std::vector<Scope> scopes(const VolumeSet& set, const std::vector<Hit>& hits) {
  std::vector<Scope> found;
  for (const Hit& hit : hits) found.push_back(set.volumes()[hit.volume].place().scope);
  return found;
}

}  // namespace

TEST_CASE("the nearest volume wins, and those it shadows are told") {
  const World world;
  const VolumeSet set = world.set();
  World::directive(set, Scope::system, "init");
  World::directive(set, Scope::team, "init", "ops");
  World::directive(set, Scope::user, "init");
  CHECK(scopes(set, must(set.resolve(Kind::directive, "init"))) ==
        std::vector{Scope::user, Scope::team, Scope::system});
  World::directive(set, Scope::project, "init");
  const auto hits = must(set.resolve(Kind::directive, "init"));
  CHECK(scopes(set, hits) == std::vector{Scope::project, Scope::user, Scope::team, Scope::system});
  CHECK(set.volumes()[hits[2].volume].place().owner == "ops");
  CHECK(sys::exists(world.scratch / "project/.ai/directives/init.md"));
  CHECK(sys::exists(world.scratch / "home/.ai/directives/init.md"));
  CHECK(sys::exists(world.scratch / "data/volumes/teams/ops/directives/init.md"));
  CHECK(sys::exists(world.scratch / "data/volumes/system/directives/init.md"));
  CHECK_FALSE(sys::exists(world.scratch / "project/.git"));
}

TEST_CASE("a name is matched whole, and a near one suggested") {
  const World world;
  const VolumeSet set = world.set();
  World::directive(set, Scope::user, "deploy_staging");
  for (const char* name : {"deploy", "staging", "deploy_stagin", "Deploy_staging", ""}) {
    const auto missing = set.resolve(Kind::directive, name);
    CHECK(code_of(missing) == ErrorCode::not_found);
  }
  CHECK(set.resolve(Kind::directive, "deploy_stagin").error().hint == "did you mean 'deploy_staging'?");
  CHECK(code_of(set.resolve(Kind::script, "deploy_staging")) == ErrorCode::not_found);
}

TEST_CASE("two files of one name in one volume are an error that names both") {
  const World world;
  const VolumeSet set = world.set();
  World::directive(set, Scope::user, "core/init");
  World::directive(set, Scope::user, "meta/init");
  const auto failed = set.resolve(Kind::directive, "init");
  CHECK(code_of(failed) == ErrorCode::conflict);
  CHECK(failed.error().message.find("'directives/core/init.md' and 'directives/meta/init.md'") != std::string::npos);
}

TEST_CASE("USER_SPACE names the user's volume, then AI_USER_SPACE does") {
  World world;
  CHECK(must(user_volume(world.folders, "ada", world.environment())).folder == world.scratch / "home/.ai");
  world.ai_user_space = world.scratch / "second";
  CHECK(must(user_volume(world.folders, "ada", world.environment())).folder == world.scratch / "second");
  world.user_space = world.scratch / "first";
  CHECK(must(user_volume(world.folders, "ada", world.environment())).folder == world.scratch / "first");
  world.user_space = "relative";
  CHECK(must(user_volume(world.folders, "ada", world.environment())).folder == world.scratch / "second");
  world.ai_user_space = "/usr";
  CHECK(user_volume(world.folders, "ada", world.environment()).error().message ==
        "AI_USER_SPACE='/usr' is no folder for items");
}

TEST_CASE("ids lead nowhere else, and every project has a repository of its own") {
  const World world;
  for (const char* id : {"", "..", "../x", "a/b", ".hidden", "-x", "a\nb", "x y"})
    CHECK(code_of(team_volume(world.folders, id)) == ErrorCode::invalid_argument);
  const auto one = must(project_volume(world.folders, "ada", world.scratch / "a/app"));
  const auto two = must(project_volume(world.folders, "ada", world.scratch / "b/app"));
  CHECK(one.repository != two.repository);
  CHECK(sys::name_of(one.repository).starts_with("project-app-"));
  CHECK(sys::parent_of(one.repository) == world.scratch / "data/volumes");
}

TEST_CASE("opening volumes makes nothing, and a home that is the project has one") {
  const World world;
  CHECK(world.set({}).volumes().size() == 3);
  CHECK_FALSE(sys::exists(world.scratch / "data"));
  const VolumeSet set =
      must(VolumeSet::open(world.folders, {.user = "ada", .project = world.scratch / "home"}, world.environment()));
  REQUIRE(set.volumes().size() == 2);
  CHECK(set.volumes()[0].place().scope == Scope::user);
}

}  // namespace lilux::item

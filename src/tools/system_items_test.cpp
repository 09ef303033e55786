#include "tools/system_items.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "item/item.h"
#include "tools/table.h"
#include "tools/volumes.h"

namespace lilux::tools {
namespace {

TEST_CASE("what ships is sound, has names of its own, and calls tools that are there") {
  std::set<std::string> names;
  for (const SystemItem& shipped : system_items()) {
    CAPTURE(shipped.path);
    const auto place = item::place_of(shipped.path);
    REQUIRE(place);
    CHECK(names.insert(std::string(base::enum_name(place->kind)) + " " + place->name).second);
    const item::Item item = item::parse(*place, shipped.text, ending_of(std::string(shipped.path)));
    CHECK(item.problems.empty());
    const auto* directive = std::get_if<item::Directive>(&item.detail);
    for (const item::DirectiveStep& step : directive ? directive->steps : std::vector<item::DirectiveStep>{}) {
      CAPTURE(step.name);
      if (step.call) CHECK(find(step.call->tool) != nullptr);
    }
  }
  for (const char* needed : {"directive init", "directive bootstrap", "directive context", "directive run_directive",
                             "directive create_script", "directive search_scripts", "directive search_directives",
                             "directive validate_directive", "directive validate_script", "template agents"})
    CHECK(names.contains(needed));
}

}  // namespace
}  // namespace lilux::tools

#include "brain/likeness.h"

#include <doctest/doctest.h>

#include "brain/retrieve_cases.h"

using namespace lilux::brain;

TEST_CASE("each tool is told how like a request it is") {
  const auto tools =
      parse_pool(R"({"weather":"Forecasts of rain and sun","calculator":"Adds numbers","x":""})", "pool");
  REQUIRE(tools);
  const auto set = ToolSet::compile(*tools);
  REQUIRE(set);
  const Likeness likeness(*set);
  const std::vector<double> said = likeness.of(std::vector<std::string>{"umbrella", "storm"});
  REQUIRE(said.size() == 3);
  CHECK(said[0] > said[1] + 0.1);
  for (const double one : said) CHECK((one >= 0 && one <= 1));
  CHECK(likeness.of({}) == std::vector<double>(3));
  CHECK(Likeness(*ToolSet::compile(lilux::base::JsonArray{})).of({}).empty());
}

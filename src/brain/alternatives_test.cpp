#include "brain/alternatives.h"

#include <doctest/doctest.h>

namespace lilux::brain {
namespace {

using Texts = std::vector<std::string>;

Texts of(std::string_view text) {
  base::Result<Texts> all = alternatives(text, 12);
  if (!all) FAIL(all.error().message);
  return *std::move(all);
}

std::string refusal(std::string_view text) {
  const base::Result<Texts> all = alternatives(text, 12);
  REQUIRE_FALSE(all);
  return all.error().message;
}

TEST_CASE("one of what stands in round brackets is said, one or none of what stands in square ones") {
  CHECK(of("show {{path}}") == Texts{"show {{path}}"});
  CHECK(of("(show|read) {{path}}") == Texts{"show {{path}}", "read {{path}}"});
  CHECK(of("show [me] {{path}}") == Texts{"show {{path}}", "show me {{path}}"});
  CHECK(of("show [me|us]") == Texts{"show", "show me", "show us"});
  CHECK(of("un(do|wind)") == Texts{"undo", "unwind"});
  CHECK(of("(a|b) (c|d)") == Texts{"a c", "a d", "b c", "b d"});
  CHECK(of("look [(in|at) [the file]] x") ==
        Texts{"look x", "look in x", "look in the file x", "look at x", "look at the file x"});
  CHECK(of("(a|[b] c) d") == Texts{"a d", "c d", "b c d"});
}

TEST_CASE("what two ways of saying come to is there once, with one space between words") {
  CHECK(of("[please] [please] go") == Texts{"go", "please go", "please please go"});
  CHECK(of("  [ a ]   b ") == Texts{"b", "a b"});
  CHECK(of("").size() == 1);
}

TEST_CASE("brackets without another, too deep ones and too many sentences are refused") {
  CHECK(refusal("show (me").find("'(' that does not end") != std::string::npos);
  CHECK(refusal("show [me)").find("'[' that does not end") != std::string::npos);
  CHECK(refusal("show me]").find("']' that ends nothing") != std::string::npos);
  CHECK(refusal("show|read").find("'|' that ends nothing") != std::string::npos);
  CHECK(refusal("(a|b) (a|b) (a|b) (a|b)").find("more than 12 sentences") != std::string::npos);
  CHECK(refusal("(1|2|3|4|5|6|7|8|9|10|11|12|13)").find("more than 12 sentences") != std::string::npos);
  CHECK(refusal("((((((((((a))))))))))").find("too deep") != std::string::npos);
  CHECK(refusal(std::string(5000, 'a')).find("longer than 4096 bytes") != std::string::npos);
}

}  // namespace
}  // namespace lilux::brain

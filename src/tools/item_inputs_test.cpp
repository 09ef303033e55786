#include "tools/item_inputs.h"

#include <doctest/doctest.h>

#include "tests/support/undo_world.h"

using namespace lilux;
using lilux::base::Json;
using lilux::base::JsonObject;
using lilux::tools::check_input;
using lilux::tools::check_input_names;

namespace {

std::string fault(const item::Input& input, const Json& value) {
  const auto told = check_input(input, value, "print");
  return told ? "" : told.error().message + (told.error().hint.empty() ? "" : "; " + told.error().hint);
}

// A script that takes a file, how many copies and how it is printed.
void create_print(test::UndoWorld& world) {
  const std::string program =
      "import argparse\np = argparse.ArgumentParser()\np.add_argument('--file', required=True)\n"
      "p.add_argument('--copies', type=int)\np.add_argument('--side', choices=['One', 'both'])\np.parse_args()\n";
  world.does("item.create", {{"kind", "script"}, {"name", "print_letter"}, {"location", "user"}, {"content", program}});
}

}  // namespace

TEST_CASE("an input is of its type") {
  CHECK(fault({.name = "copies", .type = "integer"}, 3) == "");
  CHECK(fault({.name = "copies", .type = "int"}, 3) == "");
  CHECK(fault({.name = "copies", .type = "integer"}, "3") == "input 'copies' of 'print' is a string, not integer");
  CHECK(fault({.name = "size", .type = "number"}, 2.5) == "");
  CHECK(fault({.name = "size", .type = "integer"}, 2.5).ends_with("not integer"));
  CHECK(fault({.name = "all", .type = "boolean", .description = "Whether all"}, "yes").ends_with("; Whether all"));
  CHECK(fault({.name = "pages", .type = "array"}, base::JsonArray{1, 2}) == "");
  CHECK(fault({.name = "pages", .type = "list"}, 1).ends_with("not list"));
  CHECK(fault({.name = "rest", .type = "object"}, JsonObject{}) == "");
  CHECK(fault({.name = "file"}, nullptr).ends_with("not string"));
  // What nobody knows the type of may be anything.
  CHECK(fault({.name = "when", .type = "moment"}, 1) == "");
}

TEST_CASE("an input that has choices is one of them") {
  const item::Input side{.name = "side", .choices = {"one", "both"}};
  CHECK(fault(side, "both") == "");
  CHECK(fault(side, "back") == "input 'side' cannot be \"back\"; one of one, both");
  const item::Input level{.name = "level", .type = "integer", .choices = {"1", "2"}};
  CHECK(fault(level, 2) == "");
  CHECK(fault(level, 3).starts_with("input 'level' cannot be 3"));
}

TEST_CASE("a name is that of an input, where there are any") {
  const std::vector<item::Input> inputs{{.name = "file"}, {.name = "copies", .type = "integer"}};
  CHECK(check_input_names(inputs, JsonObject{{"file", "a"}, {"_args", base::JsonArray{}}}, "print").has_value());
  const auto wrong = check_input_names(inputs, JsonObject{{"copis", 2}}, "print");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message == "'print' has no input 'copis'");
  CHECK(wrong.error().hint.contains("copies"));
  CHECK(check_input_names({}, JsonObject{{"whatever", 2}}, "print").has_value());
}

TEST_CASE("inputs of a sentence are made what they are to be, or asked for") {
  test::UndoWorld world;
  create_print(world);
  const auto route = [&](std::string_view inputs) {
    return world.answer("brain.route", {{"text", "run script print_letter with inputs " + std::string(inputs)}});
  };
  const auto given = [&](std::string_view inputs) {
    const Json calls = *route(inputs).find("calls");
    REQUIRE(calls.as_array().size() == 1);
    return base::canonical_text(*calls.as_array().front().find("arguments")->find("inputs"));
  };
  const auto missing = [&](std::string_view inputs) {
    const Json told = route(inputs);
    CHECK(told.find("calls")->as_array().empty());
    return base::canonical_text(*told.find("missing")) + " " + told.string_or("why");
  };
  CHECK(given(R"({"file":"a.pdf"})") == R"({"file":"a.pdf"})");
  CHECK(given(R"({"file":"a.pdf","copies":"3","side":"one"})") == R"({"copies":3,"file":"a.pdf","side":"One"})");
  CHECK(missing(R"({"copies":3})") == R"(["file"] 'print_letter' is not run without: file)");
  CHECK(missing(R"({"file":"a.pdf","copies":"many"})") ==
        R"(["copies"] input 'copies' of 'print_letter' is a string, not integer)");
  CHECK(missing(R"({"file":"a.pdf","side":"back"})").starts_with(R"(["side"] input 'side' cannot be)"));
  CHECK(missing(R"({"file":"a.pdf","colour":"red"})") == R"([] 'print_letter' has no input 'colour')");
}

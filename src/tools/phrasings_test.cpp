#include "tools/phrasings.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "base/schema.h"
#include "tools/example_values.h"
#include "tools/table.h"

using namespace lilux::tools;
using lilux::base::Json;
using lilux::base::JsonArray;
using lilux::base::JsonObject;

TEST_CASE("every tool that a sentence may call has phrasings that its own schema takes") {
  for (const lilux::kernel::Tool& tool : table()) {
    const std::vector<SaidCall> all = phrasings_of(tool);
    if (tool.traits.audience == lilux::kernel::Audience::people) {
      CHECK_MESSAGE(all.empty(), tool.name);
      continue;
    }
    CHECK_MESSAGE(all.size() == 3, tool.name);
    const JsonObject fields = tool.input_schema().find("properties")->as_object();
    const bool asks_nothing =
        std::ranges::none_of(fields, [](const auto& field) { return is_sayable(field.first, field.second); });
    const bool changes = tool.traits.effect != lilux::kernel::Effect::none;
    const auto schema = lilux::base::Schema::compile(tool.input_schema());
    REQUIRE(schema);
    for (const SaidCall& one : all) {
      CHECK(one.tool == tool.name);
      CHECK_MESSAGE((!changes || asks_nothing || !one.arguments.as_object().empty()), one.text);
      CHECK_MESSAGE(schema->validate(one.arguments).has_value(),
                    tool.name << " " << lilux::base::to_text(one.arguments));
      for (const auto& [name, value] : one.arguments.as_object())
        CHECK_MESSAGE((!value.is_string() || one.text.contains(value.as_string())), one.text);
    }
  }
}

TEST_CASE("shipped sentences with values in their gaps mean what they are shipped for") {
  const std::vector<SaidCall> all = filled_sentences();
  CHECK(all.size() > 500);
  std::set<std::string> tools;
  for (const SaidCall& one : all) {
    CHECK_MESSAGE(!one.text.contains("{{"), one.text);
    CHECK_MESSAGE(!lilux::base::to_text(one.arguments).contains("{{"), one.text);
    tools.insert(one.tool);
    const std::string path = one.arguments.string_or("path");
    if (one.tool == "fs.list" || one.tool == "fs.mkdir") CHECK_MESSAGE(!path.contains('.'), one.text);
    if (one.tool == "fs.read" && !one.text.contains("folder")) CHECK_MESSAGE(path.contains('.'), one.text);
    if (one.tool == "fs.grep") CHECK_MESSAGE(!one.arguments.string_or("pattern").contains('*'), one.text);
    for (const char* odd : {" in 2h", " of 3d", "since 7d", " did 2h", "since the last"})
      CHECK_MESSAGE(!one.text.contains(odd), one.text);
  }
  for (const char* tool : {"fs.read", "fs.write", "fs.delete", "fs.move", "memory.write"})
    CHECK_MESSAGE(tools.contains(tool), tool);
}

TEST_CASE("an item is run by its name, and by what it is for, with what it needs") {
  const Runnable report{
      .kind = "script",
      .name = "weekly-report",
      .description = "Write the report of a week",
      .inputs = JsonObject{{"type", "object"},
                           {"properties", JsonObject{{"folder", JsonObject{{"type", "string"}}},
                                                     {"days", JsonObject{{"type", "integer"}, {"maximum", 4}}}}},
                           {"required", JsonArray{"folder"}}}};
  const std::vector<SaidCall> all = phrasings_of(report);
  REQUIRE(all.size() == 3);
  CHECK(all[0].text == "run the script weekly-report with folder notes");
  CHECK(all[0].arguments ==
        Json(JsonObject{{"kind", "script"}, {"name", "weekly-report"}, {"inputs", JsonObject{{"folder", "notes"}}}}));
  CHECK(all[1].text == "run weekly report with folder src and days 4");
  CHECK(all[2].text == "write the report of a week with folder photos");
}

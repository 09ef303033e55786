#include "tools/example_values.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace lilux::tools {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::size_t kEach = 3;
struct Values {
  std::string_view field;
  std::array<std::string_view, kEach> values;
};

// By the names that fields of tools and gaps of sentences have; first by the field of that tool, or of that noun.
constexpr auto kTexts = std::to_array<Values>({
    {"act", {"delete the folder build", "read notes/todo.txt", "send the report"}},
    {"ago", {"2 hours ago", "3 days ago", "10 minutes ago"}},
    {"at", {"HEAD", "main", "HEAD~1"}},
    {"branch", {"main", "proposal/weekly-report", "drafts"}},
    {"call", {"cd20mw3wwab4e", "cd20mw3xcggvs", "cd20mw41k2m0p"}},
    {"category", {"work", "home", "travel"}},
    {"client", {"claude", "codex", "cursor"}},
    {"command", {"ls -l", "make test", "python3 count.py"}},
    {"commit", {"3f2a9c0", "b7710de", "90aa41c"}},
    {"content", {"buy milk and bread", "call the plumber", "the meeting is on monday"}},
    {"cwd", {"notes", "src", "."}},
    {"destination", {"archive/todo.txt", "backup", "drafts/plan.md"}},
    {"directory", {"notes", "src", "photos"}},
    {"does", {"restores a backup", "counts words", "renames photos"}},
    {"ending", {"md", "py", "txt"}},
    {"event", {"call.ended", "task.ended", "item.changed"}},
    {"examples", {"music.jsonl", "kitchen.jsonl", "garden.jsonl"}},
    {"expires_in", {"7d", "12h", "30d"}},
    {"folder", {"notes", "src", "photos"}},
    {"from", {"todo", "weekly-report", "packing-list"}},
    {"fs.grep.pattern", {"invoice", "TODO", "lisbon"}},
    {"fs.list.path", {"notes", "src", "photos"}},
    {"fs.mkdir.path", {"notes", "recipes", "photos/2024"}},
    {"glob", {"*.md", "*.py", "*.txt"}},
    {"item.destination", {"user", "project", "user"}},
    {"item.source", {"project", "user", "system"}},
    {"key", {"wifi", "dentist", "shoe-size"}},
    {"lately", {"the last 2 hours", "the last 3 days", "the last week"}},
    {"link", {"latest", "current", "newest.md"}},
    {"mode", {"644", "755", "600"}},
    {"name", {"weekly-report", "backup-photos", "packing-list"}},
    {"new", {"holiday", "two", "green"}},
    {"new_text", {"holiday", "two", "green"}},
    {"old", {"vacation", "three", "blue"}},
    {"old_text", {"vacation", "three", "blue"}},
    {"older_than", {"30d", "7d", "90d"}},
    {"path", {"notes/todo.txt", "README.md", "src/main.py"}},
    {"pattern", {"*.md", "report*", "*.py"}},
    {"pid", {"4711", "812", "20344"}},
    {"prefix", {"trip-", "home-", "work-"}},
    {"query", {"invoices of march", "how to restore a backup", "the trip to lisbon"}},
    {"remote", {"origin", "team", "backup"}},
    {"rule", {"keep-notes", "no-deletes", "trust-docs"}},
    {"run", {"cd20mw3wwab4e", "cd20mw3xcggvs", "cd20mw41k2m0p"}},
    {"signal", {"TERM", "INT", "HUP"}},
    {"since", {"2h", "3d", "7d"}},
    {"source", {"notes/todo.txt", "photos", "draft.md"}},
    {"step", {"collect", "write", "check"}},
    {"tag", {"travel", "recipes", "work"}},
    {"target", {"notes/todo.txt", "README.md", "photos"}},
    {"task", {"td20mw3wkq77a", "td20mw3x2b4f0", "td20mw41p9c3d"}},
    {"text", {"put the report into archive", "show what failed", "make a backup"}},
    {"title", {"count the words", "tidy the photos", "check the links"}},
    {"to", {"packing-list", "todo", "weekly-report"}},
    {"tool", {"fs.read", "task.list", "memory.read"}},
    {"topic", {"rules", "undo", "items"}},
    {"until", {"1h", "1d", "2d"}},
    {"url", {"https://example.org/notes.git", "https://example.com/plan", "https://example.net/"}},
    {"value", {"blue", "half past nine", "42"}},
    {"volume.source", {"project", "user", "project"}},
    {"what", {"the report", "the photos", "the notes"}},
    {"why", {"it is old", "asked for", "to make room"}},
});

const Values* known(std::string_view field) {
  const auto found = std::ranges::lower_bound(kTexts, field, {}, &Values::field);
  return found != kTexts.end() && found->field == field ? &*found : nullptr;
}
static_assert(std::ranges::is_sorted(kTexts, {}, &Values::field));

const Values* known(const FieldOf& asked) {
  const std::string field(asked.field);
  const Values* of_tool = known(std::string(asked.tool) + "." + field);
  const Values* of_noun = known(std::string(asked.tool.substr(0, asked.tool.find('.'))) + "." + field);
  return of_tool ? of_tool : of_noun ? of_noun : known(asked.field);
}

std::string plain(std::string_view field) {
  std::string text(field);
  std::ranges::replace(text, '_', ' ');
  return text;
}

Json text_of(const FieldOf& asked, const Json& schema, std::size_t nth) {
  if (const Json* choices = schema.find("enum"); choices != nullptr && !choices->as_array().empty())
    return choices->as_array()[nth % choices->as_array().size()];
  if (const Values* values = known(asked)) return std::string(values->values[nth % kEach]);
  return plain(asked.field) + " " + std::to_string(nth % kEach + 1);
}

std::int64_t number_of(const Json& schema, std::size_t nth) {
  constexpr std::array<std::int64_t, kEach> kNumbers{5, 10, 3};
  const Json* least = schema.find("minimum");
  const Json* most = schema.find("maximum");
  std::int64_t number = kNumbers[nth % kEach];
  if (least != nullptr && least->is_integer()) number = std::max(number, least->as_integer());
  if (most != nullptr && most->is_integer()) number = std::min(number, most->as_integer());
  return number;
}

}  // namespace

Json example_of(const FieldOf& asked, const Json& schema, std::size_t nth) {
  const std::string type = schema.string_or("type", "any");
  if (type == "boolean") return true;
  if (type == "integer" || type == "number") return number_of(schema, nth);
  if (type == "array") {
    const Json* items = schema.find("items");
    return JsonArray{example_of(asked, items != nullptr ? *items : Json(JsonObject{}), nth)};
  }
  const Json* properties = schema.find("properties");
  if (type == "object" || asked.field == "arguments" || asked.field == "inputs") {
    JsonObject made;
    const Json* required = schema.find("required");
    for (const Json& name : required != nullptr ? required->as_array() : JsonArray{})
      if (const Json* of = properties != nullptr ? properties->find(name.as_string()) : nullptr)
        made.set(name.as_string(), example_of({.tool = asked.tool, .field = name.as_string()}, *of, nth));
    return made;
  }
  return text_of(asked, schema, nth);
}

bool is_sayable(std::string_view field, const Json& schema) {
  const std::string type = schema.string_or("type");
  return type == "integer" || type == "boolean" || schema.find("enum") != nullptr ||
         (type == "string" && known(field) != nullptr);
}

}  // namespace lilux::tools

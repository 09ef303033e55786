#include "brain/rule.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/nearest.h"
#include "base/time.h"
#include "base/toml.h"
#include "brain/alternatives.h"
#include "brain/matcher.h"
#include "brain/phrase.h"
#include "item/interpolate.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::array<std::string_view, 13> kKeys{"name",   "when",     "where",    "says",  "then",      "with", "in",
                                                 "within", "debounce", "cooldown", "count", "not_match", "match"};
constexpr std::size_t kNameMax = 80;
constexpr std::size_t kExamplesMax = 100;
constexpr std::size_t kSentencesMax = 1000;          // of one rule
constexpr std::size_t kSentencesOfAllMax = 100'000;  // of one file
constexpr std::size_t kDepthMax = 32;

Result<Json> json_of(const toml::node& node, std::size_t depth = 0) {
  if (depth > kDepthMax) return fail(ErrorCode::invalid_argument, "it is nested too deep", "write it flatter");
  if (const auto* text = node.as_string()) return Json(**text);
  if (const auto* number = node.as_integer()) return Json(**number);
  if (const auto* real = node.as_floating_point()) return Json(**real);
  if (const auto* is = node.as_boolean()) return Json(**is);
  if (const auto* list = node.as_array()) {
    JsonArray made;
    for (const toml::node& entry : *list) made.push_back(TRY(json_of(entry, depth + 1)));
    return made;
  }
  const auto* table = node.as_table();
  if (!table) return fail(ErrorCode::invalid_argument, "a date or time stands there", "put it in quotes");
  JsonObject made;
  for (const auto& [key, entry] : *table) made.set(key.str(), TRY(json_of(entry, depth + 1)));
  return made;
}

// One table of the file as a value, and what of it is asked for by name and type.
class Table {
 public:
  static Result<Table> of(const toml::table& table) {
    Table made;
    made.json_ = TRY(json_of(table));
    for (const auto& [key, value] : made.json_.as_object()) {
      if (std::ranges::find(kKeys, key) == kKeys.end())
        return fail(ErrorCode::invalid_argument, "unknown key '" + key + "'",
                    base::guess(key, kKeys, "see docs/rules.md"));
    }
    return made;
  }

  Result<std::string> text(std::string_view key) const {
    const Json* value = json_.find(key);
    if (!value) return std::string();
    if (value->is_string()) return value->as_string();
    return fail(ErrorCode::invalid_argument, "'" + std::string(key) + "' must be text", "put it in quotes");
  }
  // One, or a list of them, each with its alternatives.
  Result<std::vector<std::string>> sentences(std::string_view key) const {
    const Json* value = json_.find(key);
    if (!value || !value->is_array()) {
      const std::string one = TRY(text(key));
      return one.empty() ? std::vector<std::string>() : alternatives(one, kSentencesMax);
    }
    std::vector<std::string> made;
    for (const Json& entry : value->as_array()) {
      if (!entry.is_string())
        return fail(ErrorCode::invalid_argument, "'" + std::string(key) + "' must be a list of texts",
                    "put each in quotes");
      std::ranges::move(TRY(alternatives(entry.as_string(), kSentencesMax)), std::back_inserter(made));
      if (made.size() > kSentencesMax)
        return fail(ErrorCode::invalid_argument,
                    "'" + std::string(key) + "' is more than " + std::to_string(kSentencesMax) + " sentences",
                    "write fewer, or several rules");
    }
    return made;
  }
  Result<std::int64_t> time_us(std::string_view key) const {
    const std::string written = TRY(text(key));
    if (written.empty()) return 0;
    const Result<std::chrono::milliseconds> time = base::parse_duration(written);
    if (!time) return base::in_context(base::Error(time.error()), "'" + std::string(key) + "'");
    constexpr auto kLongest = std::chrono::hours(24 * 31);
    if (time->count() > 0 && *time <= kLongest) return std::chrono::microseconds(*time).count();
    return fail(ErrorCode::invalid_argument, "'" + std::string(key) + "' must be more than nothing and a month at most",
                "for example \"10m\"");
  }
  Result<Json> object(std::string_view key) const {
    const Json* value = json_.find(key);
    if (!value) return Json(JsonObject{});
    if (value->is_object()) return *value;
    return fail(ErrorCode::invalid_argument, "'" + std::string(key) + "' must be a table",
                "for example " + std::string(key) + " = { path = \"a\" }");
  }
  Result<std::vector<Json>> list(std::string_view key) const {
    const Json* value = json_.find(key);
    if (!value) return std::vector<Json>();
    if (value->is_array() && value->as_array().size() <= kExamplesMax) return value->as_array();
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(key) + "' must be a list of at most " + std::to_string(kExamplesMax) + " examples",
                "for example [{ event = \"call.ok\", tool = \"fs.write\" }]");
  }
  const Json& json() const { return json_; }

 private:
  Json json_;
};

// {"error.code": 1} and {error: {code: 1}} are the same event.
void set_at(JsonObject& event, std::string_view path, const Json& value) {
  const std::size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  if (dot == std::string_view::npos && value.is_object()) {
    for (const auto& [key, member] : value.as_object()) set_at(event, std::string(name) + "." + key, member);
    return;
  }
  if (dot == std::string_view::npos) return event.set(name, value);
  Json* inner = event.find(name);
  if (!inner || !inner->is_object()) {
    event.set(name, JsonObject{});
    inner = event.find(name);
  }
  set_at(inner->as_object(), path.substr(dot + 1), value);
}

Json event_of(const Json& example) {
  JsonObject event;
  for (const auto& [key, value] : example.as_object()) set_at(event, key, value);
  return event;
}

// {"where.error.code"} with each condition's field written out.
Result<void> add_conditions(std::vector<Condition>& where, const std::string& before, const Json& wanted) {
  for (const auto& [key, value] : wanted.as_object()) {
    const std::string field = before.empty() ? key : before + "." + key;
    if (value.is_object())
      TRY(add_conditions(where, field, value));
    else
      where.push_back(TRY(Condition::compile(field, value)));
  }
  return {};
}

Result<void> read_trigger(const Table& table, Rule& rule) {
  rule.when = TRY(table.text("when"));
  rule.says = TRY(table.sentences("says"));
  if (rule.when.empty() == rule.says.empty())
    return fail(ErrorCode::invalid_argument, "say what it waits for: 'when' an event or 'says' a sentence, one of them",
                "for example when = \"call.error\"");
  TRY(add_conditions(rule.where, "", TRY(table.object("where"))));
  rule.pace.within_us = TRY(table.time_us("within"));
  rule.pace.debounce_us = TRY(table.time_us("debounce"));
  rule.pace.cooldown_us = TRY(table.time_us("cooldown"));
  const Json* count = table.json().find("count");
  rule.pace.count = count ? count->exact_integer().value_or(0) : 1;
  if (rule.pace.count < 1 || rule.pace.count > kCountMax)
    return fail(ErrorCode::invalid_argument, "'count' must be from 1 to " + std::to_string(kCountMax), "count = 3");
  if ((rule.pace.count > 1) != (rule.pace.within_us > 0))
    return fail(ErrorCode::invalid_argument, "'count' and 'within' belong together", "count = 3, within = \"10m\"");
  if (!rule.says.empty() && (!rule.where.empty() || rule.pace != Pace{}))
    return fail(ErrorCode::invalid_argument, "a sentence has no fields and no times",
                "take out where, count, within, debounce and cooldown");
  return {};
}

Result<void> read_examples(const Table& table, Rule& rule) {
  rule.match = TRY(table.list("match"));
  rule.not_match = TRY(table.list("not_match"));
  for (std::vector<Json>* list : {&rule.match, &rule.not_match}) {
    for (Json& example : *list) {
      if (rule.when.empty() ? !example.is_string() : !example.is_object())
        return fail(ErrorCode::invalid_argument,
                    rule.when.empty() ? "an example of a sentence is a text" : "an example of an event is a table",
                    rule.when.empty() ? "match = [\"...\"]" : "match = [{ event = \"call.ok\", tool = \"fs.write\" }]");
      if (example.is_object()) example = event_of(example);
    }
  }
  return {};
}

Result<Rule> read_rule(const toml::table& written, std::string_view file_name) {
  const Table table = TRY(Table::of(written));
  Rule rule{.name = TRY(table.text("name")), .line = written.source().begin.line};
  if (rule.name.empty() || rule.name.size() > kNameMax)
    return fail(ErrorCode::invalid_argument, "a rule needs a name of at most " + std::to_string(kNameMax) + " bytes",
                "name = \"...\"");
  TRY(read_trigger(table, rule));
  rule.tool = TRY(table.text("then"));
  if (rule.tool.empty())
    return fail(ErrorCode::invalid_argument, "it does not say which tool is called", "then = \"fs.write\"");
  rule.arguments = TRY(table.object("with"));
  rule.folder = TRY(table.text("in"));
  if (!rule.folder.empty() && !rule.folder.starts_with('/') && !rule.folder.starts_with("~/"))
    return fail(ErrorCode::invalid_argument, "'in' is no absolute path", "begin it with / or ~/");
  TRY(read_examples(table, rule));
  rule.digest = base::to_hex(base::sha256(file_name, base::canonical_text(table.json())));
  return rule;
}

Result<void> check_call(const Rule& rule, const SchemaOf& schema_of) {
  const Json schema = TRY(schema_of(rule.tool));
  const JsonObject none;
  const Json* properties = schema.find("properties");
  std::vector<std::string_view> names;
  for (const auto& [name, field] : properties ? properties->as_object() : none) names.push_back(name);
  for (const auto& [name, value] : rule.arguments.as_object()) {
    if (std::ranges::find(names, name) == names.end())
      return fail(ErrorCode::invalid_argument, "'" + rule.tool + "' has no field '" + name + "'",
                  base::guess(name, names, "see `lilux help " + rule.tool + "`"));
  }
  const Json* required = schema.find("required");
  for (const Json& name : required ? required->as_array() : JsonArray{}) {
    if (!rule.arguments.find(name.as_string()))
      return fail(ErrorCode::invalid_argument, "'" + rule.tool + "' needs '" + name.as_string() + "'",
                  "with = { " + name.as_string() + " = ... }");
  }
  for (const std::string& says : rule.says) {
    const std::vector<std::string> gaps = TRY(Phrase::compile(says)).gaps();
    for (const std::string& name : item::placeholders(rule.arguments)) {
      if (std::ranges::find(gaps, name) == gaps.end())
        return fail(ErrorCode::invalid_argument, "'" + says + "' has no gap '" + name + "'",
                    "says = \"... {{" + name + "}}\"");
    }
  }
  return {};
}

Result<void> check_examples(const Rule& rule) {
  const Matcher matcher = TRY(Matcher::compile(std::span(&rule, 1)));
  const auto fits = [&](const Json& example) {
    if (example.is_string()) return matcher.on_text(example.as_string()).has_value();
    return !matcher.on_event(example.string_or("event"), example).empty();
  };
  for (const Json& example : rule.match) {
    if (!fits(example))
      return fail(ErrorCode::invalid_argument, "its example " + base::to_text(example) + " does not fit",
                  "mend the rule, or the example");
  }
  for (const Json& example : rule.not_match) {
    if (fits(example))
      return fail(ErrorCode::invalid_argument, "its example " + base::to_text(example) + " fits and should not",
                  "mend the rule, or the example");
  }
  return {};
}

Result<Rule> checked_rule(const toml::table& written, std::string_view file_name, const SchemaOf& schema_of) {
  Rule rule = TRY(read_rule(written, file_name));
  if (schema_of) TRY(check_call(rule, schema_of));
  TRY(check_examples(rule));
  return rule;
}

std::string name_of(const toml::table& written) {
  const auto* name = written.get_as<std::string>("name");
  return name && (*name)->size() <= kNameMax ? **name : std::string();
}

}  // namespace

Result<RuleFile> parse_rules(std::string_view text, std::string_view file_name, const SchemaOf& schema_of) {
  const std::string file(file_name);
  const toml::parse_result parsed = base::parse_toml(text, file_name);
  if (!parsed)
    return fail(ErrorCode::invalid_argument,
                file + ":" + std::to_string(parsed.error().source().begin.line) + ": " +
                    std::string(parsed.error().description()),
                "mend the file, or take back the last edit");
  for (const auto& [key, node] : parsed.table()) {
    if (key.str() != "rule" || !node.is_array_of_tables())
      return fail(ErrorCode::invalid_argument,
                  file + ":" + std::to_string(node.source().begin.line) + ": '" + std::string(key.str()) +
                      "' is no [[rule]] table",
                  "rules are written as [[rule]] tables; see docs/rules.md");
  }
  RuleFile made;
  const toml::array* list = parsed.table().get_as<toml::array>("rule");
  if (list && list->size() > kRulesMax)
    return fail(ErrorCode::invalid_argument, file + " has more than " + std::to_string(kRulesMax) + " rules",
                "take some out");
  std::set<std::string> names;
  std::size_t sentences = 0;
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const toml::table& written = *list->get(i)->as_table();
    const std::string name = name_of(written);
    Result<Rule> rule = checked_rule(written, file_name, schema_of);
    if (rule && !names.insert(rule->name).second)
      rule = fail(ErrorCode::conflict, "there is a rule of that name above", "name one otherwise");
    if (rule && (sentences += rule->says.size()) > kSentencesOfAllMax)
      rule = fail(ErrorCode::invalid_argument,
                  "the file has more than " + std::to_string(kSentencesOfAllMax) + " sentences", "take some out");
    if (rule) {
      made.rules.push_back(std::move(*rule));
      continue;
    }
    const std::int64_t line = written.source().begin.line;
    const std::string place = file + ":" + std::to_string(line) + ": rule '" + name + "'";
    RefusedRule refused{.name = name, .line = line, .why = rule.error().message};
    refused.error = base::in_context(std::move(rule.error()), place).error();
    made.refused.push_back(std::move(refused));
  }
  return made;
}

}  // namespace lilux::brain

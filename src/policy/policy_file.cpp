// policy.toml: read with exact places, edited line by line so that what a person wrote stays.

#include <algorithm>
#include <array>

#include "base/field.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/toml.h"
#include "policy/policy.h"

namespace lilux::policy {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::array<std::string_view, 3> kTopKeys{"autonomy", "disable", "rule"};
constexpr std::array<std::string_view, 8> kRuleKeys{"id",  "effect", "tool",      "capability",
                                                    "who", "match",  "not_match", "reason"};

std::string place(std::string_view file, const toml::node& node) {
  return std::string(file) + ":" + std::to_string(node.source().begin.line);
}

Result<void> check_keys(const toml::table& table, std::span<const std::string_view> known, std::string_view file) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    return fail(ErrorCode::invalid_argument, place(file, node) + ": unknown key '" + std::string(key.str()) + "'",
                base::guess(key.str(), known, "see docs/policy.md"));
  }
  return {};
}

Result<std::string> text_of(const toml::node& node, std::string_view key, std::string_view file) {
  if (node.is_string()) return **node.as_string();
  return fail(ErrorCode::invalid_argument, place(file, node) + ": '" + std::string(key) + "' must be text",
              "put it in quotes");
}

Result<std::vector<std::string>> texts_of(const toml::table& table, std::string_view key, std::string_view file) {
  std::vector<std::string> texts;
  const toml::node* node = table.get(key);
  if (!node) return texts;
  if (!node->is_array())
    return fail(ErrorCode::invalid_argument,
                place(file, *node) + ": '" + std::string(key) + "' must be a list of texts", "for example [\"...\"]");
  for (const toml::node& entry : *node->as_array()) texts.push_back(TRY(text_of(entry, key, file)));
  return texts;
}

template <class E>
Result<E> named(const toml::node& node, std::string_view key, std::string_view file) {
  const std::string text = TRY(text_of(node, key, file));
  if (const auto value = base::enum_from_name<E>(text)) return *value;
  std::string names;
  for (const std::string_view name : enum_names(E{})) names.append(names.empty() ? "" : ", ").append(name);
  return fail(ErrorCode::invalid_argument, place(file, node) + ": '" + text + "' is none of " + names,
              "one of " + names);
}

Result<Rule> rule_of(const toml::table& table, std::string_view file) {
  TRY(check_keys(table, kRuleKeys, file));
  Rule rule{.source = place(file, table)};
  for (const std::string_view key : {"id", "effect"}) {
    if (!table.get(key))
      return fail(ErrorCode::invalid_argument, rule.source + ": a rule without '" + std::string(key) + "'",
                  "add " + std::string(key) + " = \"...\"");
  }
  rule.id = TRY(text_of(*table.get("id"), "id", file));
  rule.effect = TRY(named<Effect>(*table.get("effect"), "effect", file));
  if (const toml::node* node = table.get("tool")) rule.tool = TRY(text_of(*node, "tool", file));
  if (const toml::node* node = table.get("capability")) rule.capability = TRY(text_of(*node, "capability", file));
  if (const toml::node* node = table.get("reason")) rule.reason = TRY(text_of(*node, "reason", file));
  rule.match = TRY(texts_of(table, "match", file));
  rule.not_match = TRY(texts_of(table, "not_match", file));
  for (const std::string& who : TRY(texts_of(table, "who", file))) {
    const auto principal = base::enum_from_name<Principal>(who);
    if (!principal)
      return fail(ErrorCode::invalid_argument, place(file, *table.get("who")) + ": '" + who + "' is nobody",
                  "one of terminal, agent, mcp, http");
    rule.who.push_back(*principal);
  }
  if (table.get("who") && rule.who.empty())
    return fail(ErrorCode::invalid_argument,
                rule.source + ": rule '" + rule.id + "' is for nobody, so it can never fire",
                "leave 'who' out for everybody");
  return rule;
}

// Who is a person is not a matter of taste.
constexpr std::string_view kAlways = "builtin:kernel-admin-people";

Result<void> check_disabled(std::string_view id, const std::string& place) {
  const std::vector<Rule> builtin = builtin_rules();
  if (std::ranges::find(builtin, id, &Rule::id) == builtin.end()) {
    return fail(place == "policy.toml" ? ErrorCode::not_found : ErrorCode::invalid_argument,
                place + ": '" + std::string(id) + "' is no built-in rule", "`lilux policy list` shows them");
  }
  if (id != kAlways) return {};
  return fail(ErrorCode::denied, "'" + std::string(id) + "' holds always: only people in a terminal administer Lilux",
              "leave it on");
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.emplace_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// A TOML basic string; JSON's escapes are a subset of TOML's.
std::string quoted(std::string_view text) {
  return base::to_text(base::Json(text));
}

std::string list_text(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out.append(out.empty() ? "" : ", ").append(quoted(text));
  return "[" + out + "]";
}

std::string rule_text(const Rule& rule) {
  std::string text = "[[rule]]\nid = " + quoted(rule.id) + "\neffect = " + quoted(base::enum_name(rule.effect)) + "\n";
  if (rule.tool != "*") text += "tool = " + quoted(rule.tool) + "\n";
  if (!rule.capability.empty()) text += "capability = " + quoted(rule.capability) + "\n";
  if (!rule.reason.empty()) text += "reason = " + quoted(rule.reason) + "\n";
  std::vector<std::string> who;
  for (const Principal principal : rule.who) who.emplace_back(base::enum_name(principal));
  if (!who.empty()) text += "who = " + list_text(who) + "\n";
  if (!rule.match.empty()) text += "match = " + list_text(rule.match) + "\n";
  if (!rule.not_match.empty()) text += "not_match = " + list_text(rule.not_match) + "\n";
  return text;
}

// The text with a key of its head set: the value in its place, or a new line before everything else.
std::string with_value(std::string_view text, const toml::table& table, std::string_view key,
                       const std::string& value) {
  std::string made(text);
  const toml::node* node = table.get(key);
  if (!node)
    return std::string(key) + " = " + value + "\n" + (made.empty() || made.starts_with('\n') ? "" : "\n") + made;
  const std::size_t begin = base::toml_offset(text, node->source().begin);
  made.replace(begin, base::toml_offset(text, node->source().end) - begin, value);
  return made;
}

// Edits are made in the text a person wrote, so that what they did is read back before it counts.
Result<std::string> checked(std::string text, const PolicyFile& wanted) {
  const auto same = [](const Rule& left, const Rule& right) { return rule_text(left) == rule_text(right); };
  const Result<PolicyFile> made = parse_policy(text, "policy.toml");
  const bool is_same = made && made->autonomy == wanted.autonomy && made->disabled == wanted.disabled &&
                       std::ranges::equal(made->rules, wanted.rules, same);
  if (is_same) return text;
  return fail(ErrorCode::conflict, "policy.toml is written in a way that cannot be edited safely",
              "make this change by hand");
}

// One past the last line that something in the table stands on.
std::size_t end_line(const toml::table& table) {
  std::size_t last = table.source().begin.line;
  for (const auto& [key, node] : table) last = std::max<std::size_t>(last, node.source().end.line);
  return last;
}

// The text without a [[rule]] table and the empty lines behind it.
std::string without_table(std::string_view text, const toml::table& table) {
  const std::vector<std::string> lines = lines_of(text);
  const std::size_t first = table.source().begin.line - 1;
  std::size_t last = std::min(end_line(table), lines.size());
  while (last < lines.size() && lines[last].find_first_not_of(" \t\r\n") == std::string::npos) ++last;
  std::string made;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < first || i >= last) made += lines[i];
  }
  return made;
}

}  // namespace

Result<PolicyFile> parse_policy(std::string_view text, std::string_view file_name) {
  const toml::parse_result parsed = base::parse_toml(text, file_name);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(ErrorCode::invalid_argument,
                std::string(file_name) + ":" + std::to_string(error.source().begin.line) + ": " +
                    std::string(error.description()),
                "mend the file, or take back the last edit");
  }
  const toml::table& table = parsed.table();
  TRY(check_keys(table, kTopKeys, file_name));
  PolicyFile file{.disabled = TRY(texts_of(table, "disable", file_name))};
  if (const toml::node* node = table.get("autonomy"))
    file.autonomy = TRY(named<Autonomy>(*node, "autonomy", file_name));
  if (const toml::node* rules = table.get("rule")) {
    const toml::array* list = rules->is_array_of_tables() ? rules->as_array() : nullptr;
    for (std::size_t i = 0; i < (list ? list->size() : 1); ++i) {
      const toml::table* rule = list ? list->get(i)->as_table() : nullptr;
      if (!rule || rule->is_inline()) {
        return fail(ErrorCode::invalid_argument, place(file_name, *rules) + ": rules are written as [[rule]] tables",
                    "see docs/policy.md");
      }
      file.rules.push_back(TRY(rule_of(*rule, file_name)));
    }
  }
  for (const std::string& id : file.disabled) TRY(check_disabled(id, place(file_name, *table.get("disable"))));
  return file;
}

Result<std::string> with_rule(std::string_view text, const Rule& rule) {
  PolicyFile file = TRY(parse_policy(text, "policy.toml"));
  if (std::ranges::find(file.rules, rule.id, &Rule::id) != file.rules.end() || rule.id.starts_with("builtin:")) {
    return fail(ErrorCode::conflict, "there is a rule '" + rule.id + "' already",
                "choose another id, or remove that one: lilux policy remove " + rule.id);
  }
  std::string made(text);
  if (!made.empty() && !made.ends_with('\n')) made += '\n';
  if (!made.empty()) made += '\n';
  made += rule_text(rule);
  file.rules.push_back(rule);
  return checked(std::move(made), file);
}

Result<std::string> without_rule(std::string_view text, std::string_view id) {
  PolicyFile file = TRY(parse_policy(text, "policy.toml"));
  const toml::parse_result parsed = base::parse_toml(text);
  const toml::table& table = parsed.table();
  if (id.starts_with("builtin:")) {
    TRY(check_disabled(id, "policy.toml"));
    if (std::ranges::find(file.disabled, id) != file.disabled.end()) {
      return fail(ErrorCode::conflict, "'" + std::string(id) + "' is switched off already",
                  "`lilux policy list` shows what is in force");
    }
    file.disabled.emplace_back(id);
    return checked(with_value(text, table, "disable", list_text(file.disabled)), file);
  }
  const auto rule = std::ranges::find(file.rules, id, &Rule::id);
  if (rule == file.rules.end())
    return fail(ErrorCode::not_found, "no rule '" + std::string(id) + "'", "`lilux policy list` shows them");
  const auto number = static_cast<std::size_t>(rule - file.rules.begin());
  std::string made = without_table(text, *table.get("rule")->as_array()->get(number)->as_table());
  file.rules.erase(rule);
  return checked(std::move(made), file);
}

Result<std::string> with_autonomy(std::string_view text, Autonomy autonomy) {
  PolicyFile file = TRY(parse_policy(text, "policy.toml"));
  const toml::parse_result parsed = base::parse_toml(text);
  const toml::table& table = parsed.table();
  file.autonomy = autonomy;
  return checked(with_value(text, table, "autonomy", quoted(base::enum_name(autonomy))), file);
}

}  // namespace lilux::policy

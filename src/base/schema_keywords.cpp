// The keywords: their names in one sorted table, and for each how its operand becomes a rule.

#include <algorithm>
#include <array>
#include <utility>

#include "base/schema_compiler.h"

namespace lilux::base::schema {

namespace {

std::size_t nodes_in(const Json& value) {
  std::size_t count = 1;
  if (value.is_array()) {
    for (const Json& item : value.as_array()) count += nodes_in(item);
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.as_object()) count += nodes_in(member);
  }
  return count;
}

Result<std::uint8_t> type_bit(const Json& name) {
  for (std::size_t i = 0; i < std::size(kTypes); ++i) {
    if (name == Json(kTypes[i])) return static_cast<std::uint8_t>(1u << i);
  }
  return fail(ErrorCode::invalid_argument,
              "expected the name of a type, found " + (name.is_string() ? to_text(name) : described(name)),
              "one of null, boolean, integer, number, string, array, object");
}

// Every reader begins with this: an error that names the place when the operand is not as it must be.
Result<void> expect(bool is_right, const std::string& place, std::string_view keyword, std::string_view expected,
                    const Json& found) {
  if (is_right) return {};
  return fail(ErrorCode::invalid_argument, "schema at " + place + "/" + std::string(keyword) + ": expected " +
                                               std::string(expected) + ", found " + described(found));
}

Result<std::vector<std::string_view>> names_in(const Json& list, const std::string& place, std::string_view keyword) {
  TRY(expect(list.is_array(), place, keyword, "a list of names", list));
  std::vector<std::string_view> names;
  for (const Json& name : list.as_array()) {
    TRY(expect(name.is_string(), place, keyword, "a list of names", name));
    names.push_back(name.as_string());
  }
  return names;
}

Result<std::uint64_t> count_in(const Json& operand, const std::string& place, std::string_view keyword) {
  const std::optional<std::int64_t> count = operand.exact_integer();
  TRY(expect(count && *count >= 0, place, keyword, "a whole number of 0 or more", operand));
  return static_cast<std::uint64_t>(*count);
}

}  // namespace

const Compiler::Keyword* Compiler::find_keyword(std::string_view name) {
  using enum Vocabulary;
  using C = Compiler;
  static constexpr std::array kKeywords{
      Keyword{"$defs", core, &C::read_definitions},
      Keyword{"$dynamicRef", core, &C::read_reference},
      Keyword{"$recursiveRef", core, &C::read_recursive},
      Keyword{"$ref", core, &C::read_reference},
      Keyword{"additionalItems", applicator, &C::read_old_rest},
      Keyword{"additionalProperties", applicator, &C::read_additional},
      Keyword{"allOf", applicator, &C::read_combined},
      Keyword{"anyOf", applicator, &C::read_combined},
      Keyword{"const", validation, &C::read_enum},
      Keyword{"contains", applicator, &C::read_contains},
      Keyword{"contentSchema", core, &C::read_content},
      Keyword{"definitions", core, &C::read_definitions},
      Keyword{"dependencies", applicator, &C::read_dependent},
      Keyword{"dependentRequired", validation, &C::read_dependent},
      Keyword{"dependentSchemas", applicator, &C::read_dependent},
      Keyword{"else", applicator, &C::read_condition},
      Keyword{"enum", validation, &C::read_enum},
      Keyword{"exclusiveMaximum", validation, &C::read_bound},
      Keyword{"exclusiveMinimum", validation, &C::read_bound},
      Keyword{"format", format, &C::read_format},
      Keyword{"if", applicator, &C::read_condition},
      Keyword{"items", applicator, &C::read_items},
      Keyword{"maxContains", validation, &C::read_contains},
      Keyword{"maxItems", validation, &C::read_size},
      Keyword{"maxLength", validation, &C::read_size},
      Keyword{"maxProperties", validation, &C::read_size},
      Keyword{"maximum", validation, &C::read_bound},
      Keyword{"minContains", validation, &C::read_contains},
      Keyword{"minItems", validation, &C::read_size},
      Keyword{"minLength", validation, &C::read_size},
      Keyword{"minProperties", validation, &C::read_size},
      Keyword{"minimum", validation, &C::read_bound},
      Keyword{"multipleOf", validation, &C::read_multiple},
      Keyword{"not", applicator, &C::read_not},
      Keyword{"oneOf", applicator, &C::read_combined},
      Keyword{"pattern", validation, &C::read_pattern},
      Keyword{"patternProperties", applicator, &C::read_pattern_properties},
      Keyword{"prefixItems", applicator, &C::read_prefix},
      Keyword{"properties", applicator, &C::read_properties},
      Keyword{"propertyNames", applicator, &C::read_names},
      Keyword{"required", validation, &C::read_required},
      Keyword{"then", applicator, &C::read_condition},
      Keyword{"type", validation, &C::read_type},
      Keyword{"unevaluatedItems", unevaluated, &C::read_unevaluated},
      Keyword{"unevaluatedProperties", unevaluated, &C::read_unevaluated},
      Keyword{"uniqueItems", validation, &C::read_unique},
  };
  static_assert(std::ranges::is_sorted(kKeywords, {}, &Keyword::name));
  const auto* found = std::ranges::lower_bound(kKeywords, name, {}, &Keyword::name);
  return found != kKeywords.end() && found->name == name ? found : nullptr;
}

bool Compiler::is_on(const Dialect& dialect, Vocabulary vocabulary) {
  switch (vocabulary) {
    case Vocabulary::core: return true;
    case Vocabulary::applicator: return dialect.has_applicators;
    case Vocabulary::unevaluated: return dialect.has_unevaluated;
    case Vocabulary::validation: return dialect.has_validation;
    case Vocabulary::format: return dialect.asserts_formats;
  }
  std::unreachable();
}

Result<void> Compiler::read_type(Draft& draft, std::string_view keyword, const Json& operand) {
  TypeRule rule;
  const std::string place = "schema at " + draft.place.text() + "/" + std::string(keyword);
  const JsonArray one{operand};
  for (const Json& name : operand.is_array() ? operand.as_array() : one) {
    const Result<std::uint8_t> bit = type_bit(name);
    if (!bit) return in_context(bit.error(), place);
    rule.types = static_cast<std::uint8_t>(rule.types | *bit);
  }
  draft.node.rules.emplace_back(rule);
  return {};
}

Result<void> Compiler::read_enum(Draft& draft, std::string_view keyword, const Json& operand) {
  EnumRule rule{.keyword = keyword, .values = {}, .cost = nodes_in(operand)};
  if (keyword == "const") {
    rule.values.push_back(&operand);
  } else {
    TRY(expect(operand.is_array(), draft.place.text(), keyword, "a list", operand));
    for (const Json& value : operand.as_array()) rule.values.push_back(&value);
  }
  draft.node.rules.emplace_back(std::move(rule));
  return {};
}

Result<void> Compiler::read_bound(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_number(), draft.place.text(), keyword, "a number", operand));
  draft.node.rules.emplace_back(BoundRule{.keyword = keyword, .limit = &operand});
  return {};
}

Result<void> Compiler::read_multiple(Draft& draft, std::string_view keyword, const Json& operand) {
  const bool is_positive = operand.is_number() && is_less(0, operand);
  TRY(expect(is_positive, draft.place.text(), keyword, "a number above 0", operand));
  draft.node.rules.emplace_back(MultipleRule{.divisor = &operand});
  return {};
}

Result<void> Compiler::read_size(Draft& draft, std::string_view keyword, const Json& operand) {
  draft.node.rules.emplace_back(
      SizeRule{.keyword = keyword, .limit = TRY(count_in(operand, draft.place.text(), keyword))});
  return {};
}

Result<void> Compiler::read_pattern(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_string(), draft.place.text(), keyword, "a regular expression", operand));
  const std::string_view text = operand.as_string();
  draft.node.rules.emplace_back(PatternRule{.text = text, .pattern = TRY(pattern(draft, keyword, text))});
  return {};
}

Result<void> Compiler::read_format(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_string(), draft.place.text(), keyword, "a string", operand));
  FormatCheck check = format_check(operand.as_string());
  if (check) draft.node.rules.emplace_back(FormatRule{.name = operand.as_string(), .check = std::move(check)});
  return {};
}

Result<void> Compiler::read_unique(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_bool(), draft.place.text(), keyword, "true or false", operand));
  if (operand.as_bool()) draft.node.rules.emplace_back(UniqueRule{});
  return {};
}

Result<void> Compiler::read_required(Draft& draft, std::string_view keyword, const Json& operand) {
  draft.node.rules.emplace_back(RequiredRule{.names = TRY(names_in(operand, draft.place.text(), keyword))});
  return {};
}

Result<void> Compiler::read_dependent(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_object(), draft.place.text(), keyword, "an object", operand));
  for (const auto& [name, condition] : operand.as_object()) {
    DependentRule rule{.name = name, .required = {}, .schema = nullptr};
    if (keyword == "dependentRequired" || (keyword == "dependencies" && condition.is_array()))
      rule.required = TRY(names_in(condition, draft.place.text(), keyword));
    else
      rule.schema = TRY(visit_child(draft, keyword, name, condition));
    draft.node.rules.emplace_back(std::move(rule));
  }
  return {};
}

Result<void> Compiler::read_reference(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_string(), draft.place.text(), keyword, "a reference", operand));
  pending_.push_back({.node = &draft.node,
                      .resource = &draft.resource,
                      .reference = operand.as_string(),
                      .is_dynamic = keyword == "$dynamicRef",
                      .place = draft.place.text() + "/" + std::string(keyword)});
  return {};
}

Result<void> Compiler::read_recursive(Draft& draft, std::string_view, const Json& operand) {
  return draft.resource.dialect.is_old ? read_reference(draft, "$ref", operand) : Result<void>();
}

Result<void> Compiler::read_combined(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_array() && !operand.as_array().empty(), draft.place.text(), keyword, "a list of schemas",
             operand));
  CombinedRule rule{.keyword = keyword, .schemas = {}};
  for (const Json& schema : operand.as_array())
    rule.schemas.push_back(TRY(visit_child(draft, keyword, std::to_string(rule.schemas.size()), schema)));
  draft.node.rules.emplace_back(std::move(rule));
  return {};
}

Result<void> Compiler::read_not(Draft& draft, std::string_view keyword, const Json& operand) {
  draft.node.rules.emplace_back(
      CombinedRule{.keyword = keyword, .schemas = {TRY(visit_child(draft, keyword, operand))}});
  return {};
}

Result<void> Compiler::read_condition(Draft& draft, std::string_view keyword, const Json& operand) {
  const Node* node = TRY(visit_child(draft, keyword, operand));
  (keyword == "if"     ? draft.condition.condition
   : keyword == "then" ? draft.condition.then
                       : draft.condition.otherwise) = node;
  return {};
}

Result<void> Compiler::read_properties(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_object(), draft.place.text(), keyword, "an object of schemas", operand));
  for (const auto& [name, schema] : operand.as_object())
    draft.members.properties.emplace(name, TRY(visit_child(draft, keyword, name, schema)));
  return {};
}

Result<void> Compiler::read_pattern_properties(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_object(), draft.place.text(), keyword, "an object of schemas", operand));
  for (const auto& [text, schema] : operand.as_object()) {
    const Pattern* names = TRY(pattern(draft, keyword, text));
    draft.members.patterns.emplace_back(names, TRY(visit_child(draft, keyword, text, schema)));
  }
  return {};
}

Result<void> Compiler::read_additional(Draft& draft, std::string_view keyword, const Json& operand) {
  draft.members.additional = TRY(visit_child(draft, keyword, operand));
  return {};
}

Result<void> Compiler::read_names(Draft& draft, std::string_view keyword, const Json& operand) {
  draft.node.rules.emplace_back(NamesRule{.schema = TRY(visit_child(draft, keyword, operand))});
  return {};
}

Result<void> Compiler::read_prefix(Draft& draft, std::string_view keyword, const Json& operand) {
  const bool is_old_list = keyword == "items";
  if (draft.resource.dialect.is_old && !is_old_list) return {};
  TRY(expect(operand.is_array(), draft.place.text(), keyword, "a list of schemas", operand));
  for (const Json& schema : operand.as_array()) {
    const std::string name = std::to_string(draft.elements.prefix.size());
    draft.elements.prefix.push_back(TRY(visit_child(draft, keyword, name, schema)));
  }
  return {};
}

Result<void> Compiler::read_items(Draft& draft, std::string_view keyword, const Json& operand) {
  if (draft.resource.dialect.is_old && operand.is_array()) return read_prefix(draft, keyword, operand);
  draft.elements.rest = TRY(visit_child(draft, keyword, operand));
  return {};
}

Result<void> Compiler::read_old_rest(Draft& draft, std::string_view keyword, const Json& operand) {
  const Json* items = draft.schema.find("items");
  if (!draft.resource.dialect.is_old || !items || !items->is_array()) return {};
  draft.elements.rest = TRY(visit_child(draft, keyword, operand));
  return {};
}

Result<void> Compiler::read_contains(Draft& draft, std::string_view keyword, const Json& operand) {
  if (keyword == "contains")
    draft.contains.schema = TRY(visit_child(draft, keyword, operand));
  else
    (keyword == "minContains" ? draft.contains.minimum : draft.contains.maximum) =
        TRY(count_in(operand, draft.place.text(), keyword));
  return {};
}

Result<void> Compiler::read_unevaluated(Draft& draft, std::string_view keyword, const Json& operand) {
  draft.last.emplace_back(UnevaluatedRule{.keyword = keyword, .schema = TRY(visit_child(draft, keyword, operand))});
  return {};
}

// Checked by nobody until something refers to them.
Result<void> Compiler::read_definitions(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(expect(operand.is_object(), draft.place.text(), keyword, "an object of schemas", operand));
  for (const auto& [name, schema] : operand.as_object()) TRY(visit_child(draft, keyword, name, schema));
  return {};
}

Result<void> Compiler::read_content(Draft& draft, std::string_view keyword, const Json& operand) {
  TRY(visit_child(draft, keyword, operand));
  return {};
}

}  // namespace lilux::base::schema

#include "item/head.h"

#include <algorithm>

#include "item/limits.h"
#include "text/markdown.h"

namespace lilux::item {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

bool is_scalar(const Json& value) {
  return !value.is_array() && !value.is_object() && !value.is_null();
}

std::string scalar_text(const Json& value) {
  return value.is_string() ? value.as_string() : base::to_text(value);
}

}  // namespace

Head::Head(std::string_view text, Review& review) : text_(text), review_(review) {
  auto front = text::parse_front_matter(text, text::FrontMatterReading::mending);
  is_broken_ = !front;
  if (!front) review_.error(front.error());
  if (!front || !*front) return;
  if (const std::size_t keys = (*front)->value.as_object().size(); keys > kPartsMax) {
    is_broken_ = true;
    review_.error(0, too_many(keys, "keys in its head"), "say less in the head, and the rest below it");
    return;
  }
  front_ = std::move(**front);
  is_there_ = true;
  if (!front_.is_mended) return;
  const text::Fault fault = text::fault_of(text::parse_front_matter(text).error());
  std::size_t at = 0;
  for (std::size_t line = 1; line < fault.position.line; ++line) at = text.find('\n', at) + 1;
  review_.warning(at + fault.position.column - 1, fault.message, fault.hint);
}

bool Head::require(std::string hint) {
  if (!is_there_ && !is_broken_) review_.error(0, "the head is missing", std::move(hint));
  return is_there_;
}

void Head::wrong(std::string_view key, std::string_view wanted) {
  review_.error(place_of(key), "'" + std::string(key) + "' must be " + std::string(wanted));
}

std::string Head::text(std::string_view key) {
  const Json* value = find(key);
  if (!value || value->is_null()) return {};
  if (is_scalar(*value)) return text::front_matter_text(text_, front_, key);
  wrong(key, "text");
  return {};
}

bool Head::may_have(std::string_view key, std::size_t count) {
  if (count <= kPartsMax) return true;
  review_.error(place_of(key), too_many(count, "entries of '" + std::string(key) + "'"), "name fewer");
  return false;
}

std::vector<std::string> Head::tools(std::string_view key) {
  const Json* value = find(key);
  if (value && value->is_array()) return texts(key);
  std::vector<std::string> made = tool_names(text(key));
  if (!may_have(key, made.size())) made.clear();
  return made;
}

std::vector<std::string> Head::texts(std::string_view key) {
  const Json* value = find(key);
  std::vector<std::string> made;
  if (!value || value->is_null()) return made;
  if (value->is_array() && !may_have(key, value->as_array().size())) return made;
  if (value->is_array() && std::ranges::all_of(value->as_array(), is_scalar)) {
    for (const Json& entry : value->as_array()) made.push_back(scalar_text(entry));
    return made;
  }
  if (!is_scalar(*value)) {
    wrong(key, "a list of texts");
    return made;
  }
  const std::string all = scalar_text(*value);
  for (std::string_view rest = all; !rest.empty();) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    if (const std::string_view word = text::trimmed(entry); !word.empty()) made.emplace_back(word);
  }
  if (!may_have(key, made.size())) made.clear();
  return made;
}

std::optional<bool> Head::flag(std::string_view key) {
  const Json* value = find(key);
  if (!value || value->is_null()) return std::nullopt;
  if (value->is_bool()) return value->as_bool();
  wrong(key, "true or false");
  return std::nullopt;
}

std::optional<double> Head::number(std::string_view key) {
  const Json* value = find(key);
  if (!value || value->is_null()) return std::nullopt;
  if (value->is_number()) return value->as_real();
  wrong(key, "a number");
  return std::nullopt;
}

std::optional<std::int64_t> Head::whole(std::string_view key) {
  const Json* value = find(key);
  if (!value || value->is_null()) return std::nullopt;
  if (const auto number = value->exact_integer()) return number;
  wrong(key, "a whole number");
  return std::nullopt;
}

std::vector<Input> Head::inputs(std::string_view key) {
  const Json* value = find(key);
  std::vector<Input> made;
  if (!value || value->is_null()) return made;
  if (!value->is_array()) {
    wrong(key, "a list of mappings with a name");
    return made;
  }
  if (!may_have(key, value->as_array().size())) return made;
  const auto member = std::ranges::find(front_.value.as_object(), key, &JsonObject::Member::first);
  const auto index = static_cast<std::size_t>(member - front_.value.as_object().begin());
  const auto& spans = front_.span.inner;
  for (std::size_t i = 0; i < value->as_array().size(); ++i) {
    const bool has_place = index < spans.size() && i < spans[index].inner.size();
    made.push_back(input(value->as_array()[i], has_place ? spans[index].inner[i].begin : place_of(key)));
    const auto is_same = [&](const Input& other) { return other.name == made.back().name; };
    if (!made.back().name.empty() && std::ranges::count_if(made, is_same) > 1)
      review_.error(has_place ? spans[index].inner[i].begin : place_of(key),
                    "'" + std::string(key) + "' has '" + made.back().name + "' twice");
  }
  return made;
}

Input Head::input(const Json& entry, std::size_t at) {
  Input made{.name = entry.string_or("name"),
             .type = entry.string_or("type", "string"),
             .description = entry.string_or("description"),
             .is_required = entry.bool_or("required")};
  if (made.name.empty()) review_.error(at, "an entry has no 'name'", "write '- name: ...'");
  if (const Json* value = entry.find("default")) made.value = *value;
  if (const Json* choices = entry.find("choices"); choices && choices->is_array())
    for (const Json& choice : choices->as_array()) made.choices.push_back(scalar_text(choice));
  return made;
}

Json Head::rest(std::initializer_list<std::string_view> known) const {
  std::vector<JsonObject::Member> members;
  for (const auto& [key, value] : front_.value.as_object())
    if (std::ranges::find(known, key) == known.end()) members.emplace_back(key, value);
  return JsonObject::from_unique(std::move(members));
}

void HeadWriter::text(std::string_view key, const std::string& value) {
  if (!value.empty()) made_.set(key, value);
}

void HeadWriter::texts(std::string_view key, const std::vector<std::string>& values) {
  JsonArray list;
  for (const std::string& value : values) list.emplace_back(value);
  if (!list.empty()) made_.set(key, std::move(list));
}

void HeadWriter::flag(std::string_view key, std::optional<bool> value) {
  if (value) made_.set(key, *value);
}

void HeadWriter::number(std::string_view key, std::optional<double> value) {
  if (value) made_.set(key, *value);
}

void HeadWriter::whole(std::string_view key, std::optional<std::int64_t> value) {
  if (value) made_.set(key, *value);
}

void HeadWriter::inputs(std::string_view key, const std::vector<Input>& values) {
  JsonArray list;
  for (const Input& input : values) {
    JsonObject entry{{"name", input.name}, {"type", input.type}};
    if (!input.description.empty()) entry.set("description", input.description);
    if (input.value) entry.set("default", *input.value);
    if (input.is_required) entry.set("required", true);
    JsonArray choices;
    for (const std::string& choice : input.choices) choices.emplace_back(choice);
    if (!choices.empty()) entry.set("choices", std::move(choices));
    list.emplace_back(std::move(entry));
  }
  if (!list.empty()) made_.set(key, std::move(list));
}

void HeadWriter::rest(const Json& values) {
  for (const auto& [key, value] : values.as_object()) made_.set(key, value);
}

std::string write_head(const HeadAndBody& wanted) {
  std::string made = "---\n";
  for (const auto& [key, value] : wanted.head) made += text::yaml_member(key, value);
  return made + "---\n" + wanted.body;
}

}  // namespace lilux::item

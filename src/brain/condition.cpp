#include "brain/condition.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

std::string as_text(const Json& value) {
  return value.is_string() ? value.as_string() : base::to_text(value);
}

}  // namespace

const Json* field_at(const Json& event, std::string_view path) {
  const Json* at = &event;
  while (at && !path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    at = at->find(name);
  }
  return at;
}

Result<Condition::Choice> Condition::choice_of(const std::string& field, const Json& wanted) {
  if (wanted.is_bool() || wanted.is_number())
    return Choice{.is = Is::equal, .value = wanted, .written = base::to_text(wanted)};
  if (!wanted.is_string())
    return fail(ErrorCode::invalid_argument, "'" + field + "' is compared with " + base::described(wanted),
                "write a text, a number, true or false, or a list of those");
  std::string_view text = wanted.as_string();
  Choice made{.is_negated = text.starts_with('!'), .written = base::to_text(wanted)};
  if (made.is_negated) text.remove_prefix(1);
  constexpr std::array<std::pair<std::string_view, Is>, 4> kSigns{
      {{">=", Is::more_or_equal}, {"<=", Is::less_or_equal}, {">", Is::more}, {"<", Is::less}}};
  for (const auto& [sign, is] : kSigns) {
    if (!text.starts_with(sign)) continue;
    const Result<Json> number = base::parse_json(text.substr(sign.size()));
    if (!number || !number->is_number())
      return fail(ErrorCode::invalid_argument, "'" + field + "': no number stands behind '" + std::string(sign) + "'",
                  "for example \">= 5\"; [>] is the character itself");
    made.is = is;
    made.value = *number;
    return made;
  }
  if (!text.empty()) made.glob = TRY(text::NameGlob::compile(text));
  return made;
}

Result<Condition> Condition::compile(std::string field, const Json& wanted) {
  Condition made;
  made.field_ = std::move(field);
  if (!wanted.is_array()) {
    made.choices_.push_back(TRY(choice_of(made.field_, wanted)));
    return made;
  }
  for (const Json& one : wanted.as_array()) made.choices_.push_back(TRY(choice_of(made.field_, one)));
  if (made.choices_.empty())
    return fail(ErrorCode::invalid_argument, "'" + made.field_ + "' is compared with an empty list, so it never holds",
                "name one value at least");
  return made;
}

bool Condition::fits(const Choice& choice, const Json& value) {
  switch (choice.is) {
    case Is::glob: return choice.glob.matches(as_text(value));
    case Is::equal: return value == choice.value;
    case Is::less: return value.is_number() && base::is_less(value, choice.value);
    case Is::less_or_equal: return value.is_number() && !base::is_less(choice.value, value);
    case Is::more: return value.is_number() && base::is_less(choice.value, value);
    case Is::more_or_equal: return value.is_number() && !base::is_less(value, choice.value);
  }
  std::unreachable();
}

bool Condition::holds(const Json& event) const {
  const Json* value = field_at(event, field_);
  return std::ranges::any_of(choices_, [&](const Choice& choice) {
    if (!value) return choice.is_negated;
    const bool fits_it = value->is_array() ? std::ranges::any_of(value->as_array(),
                                                                 [&](const Json& entry) { return fits(choice, entry); })
                                           : fits(choice, *value);
    return fits_it != choice.is_negated;
  });
}

bool Condition::may_be(const Choice& choice, std::string_view type) {
  const bool is_number = type == "integer" || type == "number";
  if (choice.is == Is::equal && choice.value.is_bool()) return type == "boolean";
  if (choice.is != Is::glob) return is_number;
  if (!is_number && type != "boolean") return true;
  // Held against the value as it is written: a glob with a wildcard may be any.
  return std::ranges::any_of(choice.glob.choices(), [&](const text::Wild& wild) {
    const Result<Json> value = wild.is_literal() ? base::parse_json(wild.tail()) : Json(nullptr);
    return !wild.is_literal() || (value && (is_number ? value->is_number() : value->is_bool()));
  });
}

std::vector<std::string> Condition::misfits(std::string_view type) const {
  std::vector<std::string> all;
  for (const Choice& choice : choices_)
    if (!may_be(choice, type)) all.push_back(choice.written);
  return all;
}

std::optional<std::string> Condition::only_text() const {
  if (choices_.size() != 1 || choices_[0].is != Is::glob || choices_[0].is_negated) return std::nullopt;
  const std::vector<text::Wild>& wilds = choices_[0].glob.choices();
  return wilds.size() == 1 && wilds[0].is_literal() ? std::optional(wilds[0].tail()) : std::nullopt;
}

}  // namespace lilux::brain

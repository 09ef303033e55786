#include "brain/caller_cases.h"

#include <algorithm>
#include <map>

#include "brain/extract_text.h"
#include "brain/json_lines.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::Result;

namespace {

// Tools that a row does not have are those of the row before it.
Result<Case> case_from(const Json& row, const std::vector<Case>& before, std::size_t line) {
  Case one{.id = id_of(row, line), .text = TRY(asked_in(row))};
  const Json* tools = row.find("tools");
  if (tools == nullptr && !before.empty()) tools = &before.back().tools;
  if (tools == nullptr || !tools->is_array())
    return fail(ErrorCode::invalid_argument, "it has no list of tools", "{\"tools\": [...]}");
  one.tools = *tools;
  if (const Json* answers = row.find("answers"); answers != nullptr && answers->is_array())
    one.answers = answers->as_array();
  one.is_for_arguments = row.string_or("learn") == "arguments";
  if (!one.answers && row.string_or("expect") == "none") one.answers.emplace();
  return one;
}

// What the leaderboard leaves out when it compares strings.
std::string bare(std::string_view text) {
  std::string result;
  for (const char c : lowered(text)) {
    if (std::string_view(" ,./-_*^").find(c) == std::string_view::npos) result += c == '\'' ? '"' : c;
  }
  return result;
}

bool same(const Json& value, const Json& right) {
  if (value.is_string() && right.is_string()) return bare(value.as_string()) == bare(right.as_string());
  if (value.is_array() && right.is_array()) return std::ranges::equal(value.as_array(), right.as_array(), same);
  if (value.is_bool() != right.is_bool()) return false;
  if (value.is_object() && right.is_object()) return is_right_value(value, right, nullptr);
  return value == right;
}

bool may_be_absent(const Json& right) {
  return right.is_array() && std::ranges::any_of(right.as_array(), [](const Json& one) {
           return one.is_string() && one.as_string().empty();
         });
}

// An object whose members each have a list of right values.
bool members_are_right(const Json& value, const Json& right) {
  for (const auto& [name, member] : value.as_object()) {
    const Json* wanted = right.find(name);
    if (wanted == nullptr || !is_right_value(member, *wanted, nullptr)) return false;
  }
  return std::ranges::all_of(right.as_object(), [&](const auto& member) {
    return value.find(member.first) != nullptr || may_be_absent(member.second);
  });
}

bool is_list_of_choices(const Json& right, const Parameter* parameter) {
  if (!right.is_array() || right.as_array().empty()) return false;
  if (parameter == nullptr || parameter->kind != Kind::array) return true;
  return std::ranges::any_of(
      right.as_array(), [](const Json& one) { return one.is_array() || (one.is_string() && one.as_string().empty()); });
}

bool fits_type(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::integer: return value.is_integer();
    case Kind::number: return value.is_number();
    case Kind::boolean: return value.is_bool();
    case Kind::string: return value.is_string();
    case Kind::array: return value.is_array();
    default: return true;
  }
}

const Tool* tool_named(const ToolSet& tools, std::string_view name) {
  const auto found = std::ranges::find(tools.tools(), name, &Tool::name);
  return found == tools.tools().end() ? nullptr : &*found;
}

const Parameter* parameter_named(const Tool* tool, std::string_view name) {
  if (tool == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      tool->parameters, [&](const Parameter& one) { return one.path.size() == 1 && one.path.front() == name; });
  return found == tool->parameters.end() ? nullptr : &*found;
}

bool is_right_call(const Call& call, const Json& answer, const ToolSet& tools) {
  if (call.name != answer.string_or("name")) return false;
  const Json* right = answer.find("arguments");
  if (right == nullptr || !right->is_object() || !call.arguments.is_object()) return false;
  const Tool* tool = tool_named(tools, call.name);
  for (const auto& [name, value] : call.arguments.as_object()) {
    const Json* wanted = right->find(name);
    const Parameter* parameter = parameter_named(tool, name);
    if (wanted == nullptr || !is_right_value(value, *wanted, parameter)) return false;
    if (parameter != nullptr && !fits_type(value, parameter->kind)) return false;
  }
  return std::ranges::all_of(right->as_object(), [&](const auto& member) {
    return call.arguments.find(member.first) != nullptr || may_be_absent(member.second);
  });
}

}  // namespace

Result<std::vector<Case>> parse_cases(std::string_view text, std::string_view name) {
  std::vector<Case> cases;
  TRY(each_row(text, name, [&](const Json& row, const std::string& place, std::size_t line) -> Result<void> {
    auto one = case_from(row, cases, line);
    if (!one) return base::in_context(one.error(), place);
    cases.push_back(std::move(*one));
    return {};
  }));
  return cases;
}

bool is_right_value(const Json& value, const Json& right, const Parameter* parameter) {
  if (is_list_of_choices(right, parameter)) {
    if (value.is_array() && same(value, right)) return true;  // the list itself
    return std::ranges::any_of(right.as_array(), [&](const Json& one) {
      if (value.is_object() && one.is_object()) return members_are_right(value, one);
      return same(value, one);
    });
  }
  if (value.is_object() && right.is_object()) {
    if (value.as_object().size() != right.as_object().size()) return false;
    return std::ranges::all_of(value.as_object(), [&](const auto& member) {
      const Json* wanted = right.find(member.first);
      return wanted != nullptr && same(member.second, *wanted);
    });
  }
  return same(value, right);
}

bool are_right(const std::vector<Call>& calls, const JsonArray& answers, const ToolSet& tools) {
  if (calls.size() != answers.size()) return false;
  std::vector<bool> is_taken(calls.size());
  for (const Json& answer : answers) {
    std::size_t at = 0;
    while (at < calls.size() && (is_taken[at] || !is_right_call(calls[at], answer, tools))) ++at;
    if (at == calls.size()) return false;
    is_taken[at] = true;
  }
  return true;
}

bool names_are_right(const std::vector<Call>& calls, const JsonArray& answers) {
  std::vector<std::string> made;
  std::vector<std::string> wanted;
  for (const Call& call : calls) made.push_back(call.name);
  for (const Json& answer : answers) wanted.push_back(answer.string_or("name"));
  std::ranges::sort(made);
  std::ranges::sort(wanted);
  return made == wanted;
}

}  // namespace lilux::brain

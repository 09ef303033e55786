#pragma once

// Directives: programs in steps, written as XML in a Markdown file. What counts is from the first "<directive" to the
// last "</directive>". Pure; any thread.
//
// A step that a machine can run names a tool, and holds its arguments as one JSON object:
//
//   <step name="read"><action tool="fs.read">{"path": "{{file}}"}</action></step>
//   <step name="show" on_error="continue" retries="2">
//     <action tool="fs.write"><![CDATA[{"path": "out", "content": "{{steps.read.content}}"}]]></action></step>
//
// {{file}} is an input, {{steps.read.content}} the member `content` of what the step `read` gave. An action without
// `tool` is prose, and needs a mind to do it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "item/parts.h"

namespace lilux::item {

struct DirectiveModel {
  std::string tier = {};
  std::string fallback = {};
  std::string id = {};
  std::string why = {};
  std::optional<bool> is_parallel = {};
  friend bool operator==(const DirectiveModel&, const DirectiveModel&) = default;
};

struct DirectiveLimits {
  std::optional<std::int64_t> tokens = {};
  std::optional<std::int64_t> turns = {};
  std::optional<std::int64_t> spawns = {};
  std::optional<double> spend = {};
  std::string currency = {};
  friend bool operator==(const DirectiveLimits&, const DirectiveLimits&) = default;
};

enum class OnError : std::uint8_t { stop, go_on };
constexpr std::array<std::string_view, 2> enum_names(OnError) {
  return {"stop", "continue"};
}

struct StepCall {
  std::string tool = {};
  base::Json arguments = {};  // with placeholders
  friend bool operator==(const StepCall&, const StepCall&) = default;
};

struct DirectiveStep {
  std::string name = {};
  std::string description = {};
  std::string action = {};  // prose; empty when there is a call
  std::optional<StepCall> call = {};
  std::string error_handling = {};  // for a mind
  OnError on_error = OnError::stop;
  std::int64_t retries = 0;
  friend bool operator==(const DirectiveStep&, const DirectiveStep&) = default;
};

struct Directive {
  std::string name = {};
  std::string version = {};
  std::string description = {};
  std::string category = {};  // as it is written; empty: the folder's
  std::string author = {};
  std::optional<DirectiveModel> model = {};
  std::vector<Permission> permissions = {};
  std::vector<Relationship> relationships = {};
  std::optional<DirectiveLimits> limits = {};
  std::vector<Attribute> context = {};
  std::vector<Input> inputs = {};
  std::vector<DirectiveStep> steps = {};
  std::string success = {};
  std::string failure = {};
  friend bool operator==(const Directive&, const Directive&) = default;
};

struct DirectiveBlock {
  std::size_t begin = 0;
  std::size_t end = 0;
};
// Where the XML stands; nothing when a tag is missing.
std::optional<DirectiveBlock> directive_block(std::string_view text);

// What is wrong goes into `review`; what could be read is given all the same. `name` is that of the file.
Directive parse_directive(std::string_view text, std::string_view name, Review& review);

// A whole new file.
std::string write_directive(const Directive& directive);

}  // namespace lilux::item

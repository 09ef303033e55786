#include "brain/rule_source.h"

#include "kernel/kernel.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/place.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

// A rule acts as an agent, which may not call what is for people; and what it calls stands in the record.
Result<Json> schema_for_rules(const kernel::Kernel& kernel, std::string_view name) {
  const kernel::Tool* tool = TRY(kernel.tool(name));
  if (tool->traits.audience == kernel::Audience::people)
    return fail(ErrorCode::denied, "'" + std::string(name) + "' is for people, and a rule is none",
                "let the rule do something else");
  return tool->input_schema();
}

// Who may write in a project may not say by a link that some other file of it, which is judged by its own name, is its
// rules.
Result<std::string> read_by_no_link(const std::string& file) {
  const sys::Place place = TRY(sys::open_parent(file));
  const sys::Fd fd = TRY(sys::open_regular(place));
  return sys::read_all(fd.get(), kRuleFileBytesMax, file);
}

}  // namespace

RuleSource user_rules(const kernel::Folders& folders) {
  return {.file = (folders.config / "rules.toml").string(), .project = {}};
}

RuleSource project_rules(const std::string& project) {
  return {.file = project + "/.ai/rules.toml", .project = project};
}

Result<std::optional<std::string>> read_rules(const RuleSource& source) {
  Result<std::string> text =
      source.project.empty() ? sys::read_file(source.file, kRuleFileBytesMax) : read_by_no_link(source.file);
  if (text) return std::optional(std::move(*text));
  if (text.error().code == ErrorCode::not_found) return std::optional<std::string>();
  return std::unexpected(std::move(text.error()));
}

Result<RuleFile> parse_rules(const RuleSource& source, std::string_view text, const kernel::Kernel& kernel) {
  return parse_rules(text, source.file, [&](std::string_view tool) { return schema_for_rules(kernel, tool); });
}

std::string file_fact(const RuleSource& source) {
  return "rules:" + source.file;
}

std::string stop_fact(const RuleSource& source, std::string_view rule) {
  return "rule stopped:" + source.file + "#" + std::string(rule);
}

std::optional<InForce> in_force(const kernel::State& state, const RuleSource& source) {
  const auto fact = state.facts.find(file_fact(source));
  if (fact == state.facts.end()) return std::nullopt;
  const Result<Json> json = base::parse_json(fact->second);
  const Result<InForce> read = json ? base::decode<InForce>(*json) : std::unexpected(json.error());
  return read ? std::optional(*read) : std::nullopt;
}

}  // namespace lilux::brain

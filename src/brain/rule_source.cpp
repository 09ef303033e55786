#include "brain/rule_source.h"

#include <span>
#include <utility>
#include <vector>

#include <fcntl.h>

#include "base/hash.h"
#include "kernel/kernel.h"
#include "kernel/readings.h"
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
Result<sys::Fd> open_by_no_link(const std::string& file) {
  const sys::Place place = TRY(sys::open_parent(file));
  return sys::open_regular(place);
}

Result<sys::Fd> open_rules(const RuleSource& source) {
  return source.project.empty() ? sys::open(source.file, O_RDONLY) : open_by_no_link(source.file);
}

Result<std::string> read_text(const RuleSource& source) {
  const sys::Fd fd = TRY(open_rules(source));
  return sys::read_all(fd.get(), kRuleFileBytesMax, source.file);
}

Result<std::shared_ptr<const Rules>> compiled(const RuleSource& source, std::string_view text,
                                              const kernel::Kernel& kernel) {
  RuleFile file = TRY(parse_rules(source, text, kernel));
  Matcher matcher = TRY(Matcher::compile(file.rules));
  return std::make_shared<const Rules>(
      Rules{.file = std::move(file), .matcher = std::move(matcher), .digest = base::to_hex(base::sha256(text))});
}

}  // namespace

RuleSource user_rules(const kernel::Folders& folders) {
  return {.file = (folders.config / "rules.toml").string(), .project = {}};
}

RuleSource project_rules(const std::string& project) {
  return {.file = project + "/.ai/rules.toml", .project = project};
}

Result<std::optional<std::string>> read_rules(const RuleSource& source) {
  Result<std::string> text = read_text(source);
  if (text) return std::optional(std::move(*text));
  if (text.error().code == ErrorCode::not_found) return std::optional<std::string>();
  return std::unexpected(std::move(text.error()));
}

Result<RuleFile> parse_rules(const RuleSource& source, std::string_view text, const kernel::Kernel& kernel) {
  return parse_rules(text, source.file, [&](std::string_view tool) { return schema_for_rules(kernel, tool); });
}

std::shared_ptr<const RulesNow> rules_now(kernel::Kernel& kernel, const RuleSource& source) {
  const kernel::Readings::Source file{
      .file = source.file, .open = [&source] { return open_rules(source); }, .bytes_max = kRuleFileBytesMax};
  return kernel.kept().get<kernel::Readings>()->of<RulesNow>(
      "rules", std::span(&file, 1), [&](std::vector<kernel::Readings::Text> texts, const RulesNow* before) {
        auto made = std::make_shared<RulesNow>();
        const kernel::Readings::Text& text = texts.front();
        if (text && !*text) return made;
        Result<std::shared_ptr<const Rules>> rules =
            text ? compiled(source, **text, kernel) : std::unexpected(text.error());
        if (rules)
          made->rules = std::move(*rules);
        else if (before)
          made->rules = before->rules;
        if (!rules) made->problem = std::move(rules.error());
        return made;
      });
}

std::string file_fact(const RuleSource& source) {
  return "rules:" + source.file;
}

std::string stop_fact(const RuleSource& source, std::string_view rule) {
  return "rule stopped:" + source.file + "#" + std::string(rule);
}

std::string drop_fact(const RuleSource& source, std::string_view rule) {
  return "rule dropped:" + source.file + "#" + std::string(rule);
}

std::optional<InForce> in_force(const kernel::State& state, const RuleSource& source) {
  const auto fact = state.facts.find(file_fact(source));
  if (fact == state.facts.end()) return std::nullopt;
  const Result<Json> json = base::parse_json(fact->second);
  const Result<InForce> read = json ? base::decode<InForce>(*json) : std::unexpected(json.error());
  return read ? std::optional(*read) : std::nullopt;
}

}  // namespace lilux::brain

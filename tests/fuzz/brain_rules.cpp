// A rules.toml from outside: it reads or is refused with a place; rules that are in force are sound, and looking for
// the ones that fit an event or a sentence finds what asking each alone finds.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/encoding.h"
#include "brain/matcher.h"
#include "brain/rule.h"
#include "tests/fuzz/input.h"

namespace {

using namespace lilux;

base::Result<base::Json> schema_of(std::string_view tool) {
  if (!tool.starts_with("fs.")) return base::fail(base::ErrorCode::not_found, "no such tool");
  return base::parse_json(R"({"properties": {"path": {}, "content": {}}, "required": ["path"]})");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const std::string text(fuzz::Input(data, size).rest());
  const auto file = brain::parse_rules(text, "rules.toml", schema_of);
  if (!file) {
    require(file.error().message.starts_with("rules.toml"));
    return 0;
  }
  for (const brain::RefusedRule& refused : file->refused) require(refused.error.message.starts_with("rules.toml:"));
  const auto matcher = brain::Matcher::compile(file->rules);
  require(matcher.has_value());
  const base::Json event = base::parse_json(R"({"event": "call.ok", "tool": "fs.write", "n": 3, "t": ["a"]})").value();
  const auto fitting = matcher->on_event("call.ok", event);
  for (std::uint32_t i = 0; i < file->rules.size(); ++i) {
    const brain::Rule& rule = file->rules[i];
    const bool is_found = std::ranges::find(fitting, i) != fitting.end();
    const bool fits = !rule.when.empty() && text::name_matches(rule.when, "call.ok") &&
                      std::ranges::all_of(rule.where, [&](const auto& condition) { return condition.holds(event); });
    require(is_found == fits);
    for (const base::Json& example : rule.match) {
      if (example.is_string()) require(matcher->on_text(example.as_string()).has_value());
    }
  }
  matcher->on_text(text);
  return 0;
}

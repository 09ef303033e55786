// A tool's request from outside: its name on the first line, its arguments behind. What a tool decodes fits the schema
// that the tool shows, and is recorded the same twice.

#include <map>
#include <string>

#include "base/encoding.h"
#include "base/schema.h"
#include "tests/fuzz/input.h"
#include "tools/table.h"

namespace {

using namespace lilux;
using fuzz::require;

std::map<std::string_view, base::Schema> compiled_schemas() {
  std::map<std::string_view, base::Schema> schemas;
  for (const kernel::Tool& tool : tools::table()) {
    auto schema = base::Schema::compile(tool.input_schema());
    require(schema.has_value());
    schemas.emplace(tool.name, std::move(*schema));
  }
  return schemas;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::map<std::string_view, base::Schema> schemas = compiled_schemas();
  fuzz::Input input(data, size);
  const kernel::Tool* tool = tools::find(input.line());
  const auto arguments = base::parse_json(input.rest());
  if (tool == nullptr || tool->redact == nullptr || !arguments) return 0;
  bool has_secret = false;
  const auto recorded = tool->redact(*arguments, [&](std::string_view) {
    has_secret = true;
    return std::string("digest");
  });
  if (!recorded) {
    require(!recorded.error().message.empty() && base::is_utf8(recorded.error().message));
    return 0;
  }
  if (has_secret) return 0;
  require(!schemas.at(tool->name).check(*recorded));
  const auto again = tool->redact(*recorded, [](std::string_view) { return std::string("digest"); });
  require(again && base::to_text(*again) == base::to_text(*recorded));
  return 0;
}

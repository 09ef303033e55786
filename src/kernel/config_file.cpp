#include "kernel/config_file.h"

#include <algorithm>
#include <tuple>

#include "base/toml.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::Result;

namespace {

std::string kind_of(const toml::node& node) {
  if (node.is_table()) return "empty table";
  if (node.is_array()) return "list";
  if (node.is_string()) return "string";
  if (node.is_integer()) return "integer";
  if (node.is_boolean()) return "boolean";
  return node.is_floating_point() ? "fraction" : "date or time";
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<FileSetting>& into) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const toml::table* inner = node.as_table(); inner != nullptr && !inner->empty()) {
      flatten(*inner, key + ".", into);
      continue;
    }
    FileSetting setting{.key = key, .value = std::nullopt, .kind = kind_of(node), .line = node.source().begin.line};
    if (node.is_string()) setting.value = node.as_string()->get();
    if (node.is_integer()) setting.value = std::to_string(node.as_integer()->get());
    if (node.is_boolean()) setting.value = node.as_boolean()->get() ? "true" : "false";
    into.push_back(std::move(setting));
  }
}

}  // namespace

Result<std::vector<FileSetting>> read_config_file(std::string_view text, const std::string& file_name) {
  const toml::parse_result parsed = base::parse_toml(text, file_name);
  if (!parsed) {
    const toml::source_position at = parsed.error().source().begin;
    return base::fail(ErrorCode::invalid_argument, file_name + ":" + std::to_string(at.line) + ":" +
                                                       std::to_string(at.column) + ": " +
                                                       std::string(parsed.error().description()));
  }
  std::vector<FileSetting> settings;
  flatten(parsed.table(), "", settings);
  std::ranges::sort(settings, {}, [](const FileSetting& setting) { return std::tie(setting.line, setting.key); });
  return settings;
}

}  // namespace lilux::kernel

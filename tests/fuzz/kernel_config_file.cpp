// A config.toml from outside: it reads or is refused with a place, and what it sets means the same given as flags.

#include <string>

#include "base/encoding.h"
#include "kernel/config.h"
#include "kernel/config_file.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::kernel;
  using lilux::fuzz::require;
  const std::string text(lilux::fuzz::Input(data, size).rest());
  const auto settings = read_config_file(text, "config.toml");
  ConfigSources sources{.flags = {},
                        .environment = nullptr,
                        .file_name = "config.toml",
                        .file_text = text,
                        .machine = {.memory_bytes = std::uint64_t{8} << 30, .cores = 4}};
  const auto config = resolve_config(sources);
  if (!config) {
    require(config.error().message.starts_with("config.toml:"));
    require(lilux::base::is_utf8(config.error().message));
    return 0;
  }
  require(settings.has_value());
  sources.file_text.clear();
  for (const FileSetting& setting : *settings) {
    require(setting.line > 0 && !setting.key.empty() && !setting.kind.empty());
    if (setting.value) require(sources.flags.emplace(setting.key, *setting.value).second);
  }
  const auto again = resolve_config(sources);
  require(again && again->profile == config->profile && again->settings.size() == config->settings.size());
  for (std::size_t i = 0; i < config->settings.size(); ++i) {
    require(again->settings[i].key == config->settings[i].key && again->settings[i].value == config->settings[i].value);
  }
  return 0;
}

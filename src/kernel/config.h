#pragma once

// The configuration: every setting comes from a flag, else from the environment (LILUX_HTTP_PORT for http.port), else
// from config.toml, else from the profile or a default, and knows which. Read once at start. Values; any thread.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/image.h"
#include "kernel/profile.h"
#include "objects/store.h"

namespace lilux::kernel {

// One setting as `lilux config` shows it.
struct Setting {
  std::string key;    // "http.port"
  std::string value;  // in force, as it would be written
  std::string
      source;  // "flag", "LILUX_HTTP_PORT", "/home/u/.config/lilux/config.toml:3", "profile standard", "default"
  std::string help;
};

struct Config {
  Profile profile;                         // with [limits] applied
  std::int64_t http_port = 7717;           // on loopback; 0: any free one
  std::int64_t brain_errors = 20;          // of 1,000 calls that a sentence makes without a question
  bool learn_from_runs = false;            // what items fail with is kept as knowledge
  std::int64_t ledger_retention_days = 0;  // 0: records are kept for ever
  objects::Store::Limits objects;
  ImageLimits undo;
  std::string program;          // lilux itself, where it may start itself; no setting
  std::string search_server;    // whose vectors search takes; empty: they are learned
  std::string search_model;     // of that server
  std::string search_key_from;  // where its key is, never the key: env:NAME or file:/path

  std::vector<Setting> settings;  // sorted by key

  const ImageLimits& image_limits() const { return undo; }
};

struct ConfigSources {
  std::map<std::string, std::string> flags;  // by key
  std::function<std::optional<std::string>(const char* name)> environment;
  std::string file_name;  // shown in messages
  std::string file_text;  // empty when there is no file
  Capacity machine;
};

// Pure. `invalid_argument` names the source and the key: unknown keys (with the nearest known one), values of the wrong
// kind or out of bounds, TOML that does not parse.
base::Result<Config> resolve_config(const ConfigSources& sources);

// Reads config.toml (a missing file is an empty one), the process's environment and the machine.
base::Result<Config> load_config(const std::string& file, std::map<std::string, std::string> flags);

// "512MiB", "2GB", "4096": a count of bytes.
base::Result<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace lilux::kernel

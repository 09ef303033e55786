#include "kernel/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/nearest.h"
#include "kernel/config_file.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/machine.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::int64_t kBytesMax = std::int64_t{1} << 50;
constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::string_view kProfileKey = "profile";
constexpr std::string_view kAutomatic = "auto";

enum class Form : std::uint8_t { number, bytes };

struct Known {
  std::string_view key;
  std::string_view help;
  Form form = Form::number;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  std::int64_t (*get)(const Config&) = nullptr;
  void (*set)(Config&, std::int64_t) = nullptr;
};

// Sorted by key. What stands below `limits` comes from the profile.
constexpr std::array kKnown{
    Known{"brain.errors", "How many of 1,000 calls that sentences make without a question may be wrong", Form::number,
          0, 500, [](const Config& c) { return c.brain_errors; },
          [](Config& c, std::int64_t v) { c.brain_errors = v; }},
    Known{"http.port", "Port of the HTTP interface on loopback; 0: any free one", Form::number, 0, 65535,
          [](const Config& c) { return c.http_port; }, [](Config& c, std::int64_t v) { c.http_port = v; }},
    Known{"learn.from_runs", "1: keep as knowledge how items failed and what helped; 0: do not", Form::number, 0, 1,
          [](const Config& c) { return std::int64_t{c.learn_from_runs}; },
          [](Config& c, std::int64_t v) { c.learn_from_runs = v != 0; }},
    Known{"ledger.retention_days", "Days after which records may be dropped; 0: never", Form::number, 0, 36500,
          [](const Config& c) { return c.ledger_retention_days; },
          [](Config& c, std::int64_t v) { c.ledger_retention_days = v; }},
    Known{"limits.agents", "Agents alive at once", Form::number, 1, 10'000,
          [](const Config& c) { return c.profile.agents_max; },
          [](Config& c, std::int64_t v) { c.profile.agents_max = v; }},
    Known{"limits.context_tokens", "Context of a model in tokens", Form::number, 256, 100'000'000,
          [](const Config& c) { return c.profile.context_tokens; },
          [](Config& c, std::int64_t v) { c.profile.context_tokens = v; }},
    Known{"limits.descriptors", "Files that each process of a confined command has open", Form::number, 256, 1'000'000,
          [](const Config& c) { return c.profile.descriptors_max; },
          [](Config& c, std::int64_t v) { c.profile.descriptors_max = v; }},
    Known{"limits.memory", "Memory of each process that a task starts", Form::bytes, std::int64_t{64} << 20, kBytesMax,
          [](const Config& c) { return static_cast<std::int64_t>(c.profile.memory_bytes); },
          [](Config& c, std::int64_t v) { c.profile.memory_bytes = static_cast<std::uint64_t>(v); }},
    Known{"limits.processes", "Processes and threads of a confined command", Form::number, 8, 1'000'000,
          [](const Config& c) { return c.profile.processes_max; },
          [](Config& c, std::int64_t v) { c.profile.processes_max = v; }},
    Known{"limits.queue", "Calls that may wait for a worker", Form::number, 1, 1'000'000,
          [](const Config& c) { return c.profile.queue_max; },
          [](Config& c, std::int64_t v) { c.profile.queue_max = v; }},
    Known{"limits.tasks", "Tasks running at once", Form::number, 1, 10'000,
          [](const Config& c) { return c.profile.tasks_max; },
          [](Config& c, std::int64_t v) { c.profile.tasks_max = v; }},
    Known{"limits.workers", "Threads that run calls", Form::number, 1, 256,
          [](const Config& c) { return c.profile.workers; }, [](Config& c, std::int64_t v) { c.profile.workers = v; }},
    Known{"objects.days", "Days that pre-images and large outputs are kept", Form::number, 1, 36500,
          [](const Config& c) {
            return std::int64_t{std::chrono::duration_cast<std::chrono::days>(c.objects.age_max).count()};
          },
          [](Config& c, std::int64_t v) { c.objects.age_max = std::chrono::days(v); }},
    Known{"objects.size", "Size beyond which the oldest of them go", Form::bytes, 1 << 20, kBytesMax,
          [](const Config& c) { return static_cast<std::int64_t>(c.objects.bytes_max); },
          [](Config& c, std::int64_t v) { c.objects.bytes_max = static_cast<std::uint64_t>(v); }},
    Known{"undo.entries", "Files one call may touch and still be undone", Form::number, 1, 100'000'000,
          [](const Config& c) { return static_cast<std::int64_t>(c.undo.entries_max); },
          [](Config& c, std::int64_t v) { c.undo.entries_max = static_cast<std::uint64_t>(v); }},
    Known{"undo.size", "Content one call may touch and still be undone", Form::bytes, 0, kBytesMax,
          [](const Config& c) { return static_cast<std::int64_t>(c.undo.bytes_max); },
          [](Config& c, std::int64_t v) { c.undo.bytes_max = static_cast<std::uint64_t>(v); }},
};
static_assert(std::ranges::is_sorted(kKnown, {}, &Known::key));

// Settings that are text; empty unless they are set.
struct KnownText {
  std::string_view key;
  std::string_view help;
  std::string Config::* member = nullptr;
  std::array<std::string_view, 2> begins = {};  // one of these, unless it may be anything
};
constexpr std::array kKnownTexts{
    KnownText{"search.key_from",
              "Where the key for that server is: env:NAME or file:/path of mode 0600",
              &Config::search_key_from,
              {"env:", "file:"}},
    KnownText{"search.model", "Model that the server of vectors is asked for", &Config::search_model},
    KnownText{"search.server", "Server of vectors for the search, http://127.0.0.1:11434 or https://…; empty: built in",
              &Config::search_server},
};
constexpr std::size_t kTextBytesMax = 1000;

struct Unit {
  std::string_view name;
  std::uint64_t bytes = 1;
};
constexpr std::array kUnits{
    Unit{"", 1},
    Unit{"B", 1},
    Unit{"KB", 1000},
    Unit{"MB", 1'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"TB", 1'000'000'000'000},
    Unit{"KiB", 1ULL << 10},
    Unit{"MiB", 1ULL << 20},
    Unit{"GiB", 1ULL << 30},
    Unit{"TiB", 1ULL << 40},
};

// A value with where it was found.
struct Found {
  std::string value;
  std::string source;
};
using Layer = std::map<std::string, Found, std::less<>>;

std::string environment_name(std::string_view key) {
  std::string name = "LILUX_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

// The largest unit that divides the count.
std::string bytes_text(std::int64_t bytes) {
  const auto count = static_cast<std::uint64_t>(bytes);
  const Unit* best = &kUnits.front();
  for (const Unit& unit : kUnits) {
    if (count != 0 && count % unit.bytes == 0 && unit.bytes > best->bytes) best = &unit;
  }
  return std::to_string(count / best->bytes) + std::string(best->name);
}

std::string text_of(const Known& known, std::int64_t value) {
  return known.form == Form::bytes ? bytes_text(value) : std::to_string(value);
}

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> keys{kProfileKey};
  for (const Known& known : kKnown) keys.push_back(known.key);
  for (const KnownText& known : kKnownTexts) keys.push_back(known.key);
  return keys;
}

bool is_known(std::string_view key) {
  const auto keys = known_keys();
  return std::ranges::find(keys, key) != keys.end();
}

std::unexpected<base::Error> unknown_key(const std::string& source, std::string_view key) {
  return fail(ErrorCode::invalid_argument, source + ": there is no setting " + sys::quoted(key),
              base::guess(key, known_keys(), "`lilux config` lists them all"));
}

bool is_section(std::string_view key) {
  const std::string prefix = std::string(key) + ".";
  return std::ranges::any_of(known_keys(), [&](std::string_view known) { return known.starts_with(prefix); });
}

Result<void> add_file(const ConfigSources& sources, Layer& layer) {
  for (FileSetting& setting : TRY(read_config_file(sources.file_text, sources.file_name))) {
    std::string source = sources.file_name + ":" + std::to_string(setting.line);
    const bool is_empty_section = setting.kind == "empty table" && is_section(setting.key);
    if (is_empty_section) continue;
    if (!is_known(setting.key)) return unknown_key(source, setting.key);
    if (!setting.value) {
      return fail(ErrorCode::invalid_argument,
                  source + ": '" + setting.key + "' takes a number or a string, found a " + setting.kind);
    }
    layer.insert_or_assign(std::move(setting.key), Found{*setting.value, std::move(source)});
  }
  return {};
}

// Later layers win.
Result<Layer> gather(const ConfigSources& sources) {
  Layer layer;
  TRY(add_file(sources, layer));
  const auto add_environment = [&](std::string_view key) {
    const std::string name = environment_name(key);
    const std::optional<std::string> value = sources.environment ? sources.environment(name.c_str()) : std::nullopt;
    if (value) layer.insert_or_assign(std::string(key), Found{*value, name});
  };
  for (const std::string_view known : known_keys()) add_environment(known);
  for (const auto& [key, value] : sources.flags) {
    if (!is_known(key)) return unknown_key("flag", key);
    layer.insert_or_assign(key, Found{value, "flag"});
  }
  return layer;
}

Result<Setting> choose_profile(const Layer& layer, const Capacity& machine, Profile& profile) {
  Setting setting{.key = std::string(kProfileKey),
                  .value = {},
                  .source = "detected",
                  .help = "How much of the machine to take: auto, minimal, standard, performance"};
  profile = detect_profile(machine);
  if (const auto found = layer.find(kProfileKey); found != layer.end() && found->second.value != kAutomatic) {
    const std::optional<Profile> named = find_profile(found->second.value);
    if (!named) {
      return fail(ErrorCode::invalid_argument,
                  found->second.source + ": there is no profile " + sys::quoted(found->second.value),
                  "one of auto, minimal, standard, performance");
    }
    profile = *named;
    setting.source = found->second.source;
  }
  setting.value = profile.name;
  return setting;
}

Result<std::int64_t> parse_value(const Known& known, const Found& found) {
  const Result<std::uint64_t> parsed = known.form == Form::bytes ? parse_bytes(found.value) : [&] {
    std::uint64_t number = 0;
    const char* end = found.value.data() + found.value.size();
    const auto [rest, error] = std::from_chars(found.value.data(), end, number);
    const bool is_number = error == std::errc() && rest == end;
    return is_number ? Result<std::uint64_t>(number) : Result<std::uint64_t>(fail(ErrorCode::invalid_argument, ""));
  }();
  const std::string_view what = known.form == Form::bytes ? "a size such as 512MiB" : "a whole number";
  const bool fits = parsed && std::in_range<std::int64_t>(*parsed) &&
                    static_cast<std::int64_t>(*parsed) >= known.minimum &&
                    static_cast<std::int64_t>(*parsed) <= known.maximum;
  if (fits) return static_cast<std::int64_t>(*parsed);
  return fail(ErrorCode::invalid_argument, found.source + ": '" + std::string(known.key) + "' takes " +
                                               std::string(what) + " from " + text_of(known, known.minimum) + " to " +
                                               text_of(known, known.maximum) + ", found " + sys::quoted(found.value));
}

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view suffix = text.substr(static_cast<std::size_t>(rest - text.data()));
  const auto unit = std::ranges::find(kUnits, suffix, &Unit::name);
  const bool is_size =
      error == std::errc() && unit != kUnits.end() && number <= std::numeric_limits<std::uint64_t>::max() / unit->bytes;
  if (is_size) return number * unit->bytes;
  return fail(ErrorCode::invalid_argument, sys::quoted(text) + " is no size",
              "a number of bytes, KiB, MiB, GiB or KB, MB, GB");
}

Result<Config> resolve_config(const ConfigSources& sources) {
  const Layer layer = TRY(gather(sources));
  Config config;
  config.settings.push_back(TRY(choose_profile(layer, sources.machine, config.profile)));
  const std::string of_profile = "profile " + config.profile.name;
  for (const Known& known : kKnown) {
    std::string source = known.key.starts_with("limits.") ? of_profile : "default";
    if (const auto found = layer.find(known.key); found != layer.end()) {
      known.set(config, TRY(parse_value(known, found->second)));
      source = found->second.source;
    }
    config.settings.push_back({.key = std::string(known.key),
                               .value = text_of(known, known.get(config)),
                               .source = std::move(source),
                               .help = std::string(known.help)});
  }
  for (const KnownText& known : kKnownTexts) {
    Setting setting{.key = std::string(known.key), .value = {}, .source = "default", .help = std::string(known.help)};
    if (const auto found = layer.find(known.key); found != layer.end()) {
      setting.value = found->second.value;
      setting.source = found->second.source;
    }
    if (setting.value.size() > kTextBytesMax)
      return fail(ErrorCode::invalid_argument, setting.source + ": '" + setting.key + "' is too long");
    const auto begins = [&](std::string_view with) { return setting.value.starts_with(with); };
    if (!setting.value.empty() && std::ranges::none_of(known.begins, begins))  // not repeated: it may be a secret
      return fail(ErrorCode::invalid_argument, setting.source + ": '" + setting.key + "' begins with " +
                                                   std::string(known.begins[0]) + " or " +
                                                   std::string(known.begins[1]));
    config.*known.member = setting.value;
    config.settings.push_back(std::move(setting));
  }
  std::ranges::sort(config.settings, {}, &Setting::key);
  return config;
}

Result<Config> load_config(const std::string& file, std::map<std::string, std::string> flags) {
  ConfigSources sources{.flags = std::move(flags),
                        .environment = sys::environment_variable,
                        .file_name = file,
                        .file_text = {},
                        .machine = {.memory_bytes = 0, .cores = static_cast<std::int64_t>(sys::cores())}};
  Result<std::string> text = sys::read_file(file, kFileBytesMax);
  if (text) {
    sources.file_text = std::move(*text);
  } else if (text.error().code != ErrorCode::not_found) {
    return std::unexpected(std::move(text.error()));
  }
  sources.machine.memory_bytes = TRY(sys::memory()).total_bytes;
  return resolve_config(sources);
}

}  // namespace lilux::kernel

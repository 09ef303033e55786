#include "kernel/config.h"

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "kernel/config_file.h"
#include "sys/file.h"

namespace lilux::kernel {
namespace {

using base::ErrorCode;

constexpr Capacity kLaptop{.memory_bytes = 8'000'000'000, .cores = 4};

ConfigSources sources(std::string file_text, std::map<std::string, std::string> environment = {},
                      std::map<std::string, std::string> flags = {}) {
  return {.flags = std::move(flags),
          .environment = [environment = std::move(environment)](const char* name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            return found == environment.end() ? std::nullopt : std::optional(found->second);
          },
          .file_name = "config.toml",
          .file_text = std::move(file_text),
          .machine = kLaptop};
}

Config resolved(const ConfigSources& from) {
  const auto config = resolve_config(from);
  if (!config) FAIL(config.error().message);
  return *config;
}

base::Error refused(const ConfigSources& from) {
  const auto config = resolve_config(from);
  REQUIRE_FALSE(config);
  CHECK(config.error().code == ErrorCode::invalid_argument);
  return config.error();
}

std::string explained(const Config& config, std::string_view key) {
  const auto found = std::ranges::find(config.settings, key, &Setting::key);
  REQUIRE(found != config.settings.end());
  return found->value + " from " + found->source;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("with nothing said the machine chooses the profile and the rest has defaults") {
  const Config config = resolved(sources(""));
  CHECK(config.profile == find_profile("standard"));
  CHECK(config.http_port == 7717);
  CHECK(config.ledger_retention_days == 0);
  CHECK(config.image_limits().bytes_max == 256u << 20);
  CHECK(explained(config, "profile") == "standard from detected");
  CHECK(explained(config, "limits.tasks") == "2 from profile standard");
  CHECK(explained(config, "http.port") == "7717 from default");
  CHECK(explained(config, "objects.size") == "2GiB from default");
  CHECK(explained(config, "objects.days") == "30 from default");
  CHECK(explained(config, "limits.memory") == "4GB from profile standard");
}

TEST_CASE("flag beats environment beats file beats default, and each says where it came from") {
  const std::string file = "profile = \"minimal\"\n\n[http]\nport = 1001\n";
  const Config from_file = resolved(sources(file));
  CHECK(from_file.http_port == 1001);
  CHECK(explained(from_file, "http.port") == "1001 from config.toml:4");
  CHECK(explained(from_file, "profile") == "minimal from config.toml:1");
  CHECK(from_file.profile.tasks_max == 1);

  const Config from_environment = resolved(sources(file, {{"LILUX_HTTP_PORT", "1002"}, {"LILUX_PROFILE", "auto"}}));
  CHECK(explained(from_environment, "http.port") == "1002 from LILUX_HTTP_PORT");
  CHECK(explained(from_environment, "profile") == "standard from detected");

  const Config from_flag =
      resolved(sources(file, {{"LILUX_HTTP_PORT", "1002"}}, {{"http.port", "1003"}, {"profile", "performance"}}));
  CHECK(explained(from_flag, "http.port") == "1003 from flag");
  CHECK(from_flag.profile.agents_max == 8);
}

TEST_CASE("single limits override the profile and leave the others") {
  const Config config = resolved(sources("[limits]\nmemory = \"3GiB\"\ntasks = 5\nworkers = 9\n"));
  CHECK(config.profile.memory_bytes == 3ull << 30);
  CHECK(config.profile.tasks_max == 5);
  CHECK(config.profile.workers == 9);
  CHECK(config.profile.agents_max == 3);
  CHECK(explained(config, "limits.memory") == "3GiB from config.toml:2");
}

TEST_CASE("every setting can be written, and shows what was written") {
  const std::map<std::string, std::string> all{{"brain.errors", "5"},
                                               {"http.port", "0"},
                                               {"learn.from_runs", "1"},
                                               {"ledger.retention_days", "90"},
                                               {"limits.agents", "7"},
                                               {"limits.context_tokens", "512"},
                                               {"limits.memory", "1GB"},
                                               {"limits.queue", "11"},
                                               {"limits.tasks", "4"},
                                               {"limits.processes", "50"},
                                               {"limits.descriptors", "300"},
                                               {"limits.workers", "3"},
                                               {"objects.days", "7"},
                                               {"objects.size", "5MiB"},
                                               {"profile", "minimal"},
                                               {"search.model", "m"},
                                               {"search.server", "http://127.0.0.1:1"},
                                               {"undo.entries", "10"},
                                               {"undo.size", "0"},
                                               {"search.key_from", "env:KEY"}};
  const Config config = resolved(sources("", {}, all));
  CHECK(config.settings.size() == all.size());
  for (const auto& [key, value] : all) CHECK(explained(config, key) == value + " from flag");
  CHECK(config.objects.age_max == std::chrono::days(7));
  CHECK(config.undo.entries_max == 10);
  CHECK(config.undo.bytes_max == 0);
  CHECK(config.brain_errors == 5);
  CHECK(config.learn_from_runs);
  CHECK(std::ranges::is_sorted(config.settings, {}, &Setting::key));
  CHECK(std::ranges::none_of(config.settings, [](const Setting& setting) { return setting.help.empty(); }));
}

TEST_CASE("a key that stands where its place should is refused and not repeated") {
  const base::Error pasted = refused(sources("[search]\nkey_from = 'sk-123456'\n"));
  CHECK(pasted.message == "config.toml:2: 'search.key_from' begins with env: or file:");
}

TEST_CASE("an unknown key is refused with its place and the nearest known one") {
  const base::Error near = refused(sources("[http]\nprot = 1\n"));
  CHECK(near.message == "config.toml:2: there is no setting 'http.prot'");
  CHECK(near.hint == "did you mean 'http.port'?");
  CHECK(refused(sources("profil = \"minimal\"")).hint == "did you mean 'profile'?");
  CHECK(refused(sources("", {}, {{"limits.task", "1"}})).message == "flag: there is no setting 'limits.task'");
  CHECK(refused(sources("\"http.port\\u0007\" = 1\n")).message.find('\a') == std::string::npos);
  CHECK(contains(refused(sources("[entirely.different]\nthing = 1\n")).message, "entirely.different.thing"));
  CHECK(contains(refused(sources("[nothing]\n")).message, "'nothing'"));
  CHECK(contains(refused(sources("[[http]]\nport = 1\n")).message, "'http'"));
}

TEST_CASE("values of the wrong kind or out of bounds are refused with what is expected") {
  for (const char* text :
       {"[http]\nport = 65536\n", "[http]\nport = -1\n", "[http]\nport = \"abc\"\n", "[http]\nport = \"\"\n",
        "[http]\nport = true\n", "[http]\nport = \" 80\"\n", "[http]\nport = \"80x\"\n"}) {
    CAPTURE(text);
    CHECK(contains(refused(sources(text)).message, "'http.port' takes a whole number from 0 to 65535, found "));
  }
  CHECK(contains(refused(sources("[http]\nport = [1]\n")).message, "takes a number or a string, found a list"));
  CHECK(contains(refused(sources("[http]\nport = 1.5\n")).message, "found a fraction"));
  CHECK(contains(refused(sources("[http]\nport = 1979-05-27\n")).message, "found a date or time"));
  CHECK(contains(refused(sources("[http.port]\nx = 1\n")).message, "'http.port.x'"));
  CHECK(contains(refused(sources("", {{"LILUX_LIMITS_MEMORY", "lots"}})).message,
                 "LILUX_LIMITS_MEMORY: 'limits.memory' takes a size such as 512MiB from 64MiB to 1024TiB"));
  CHECK(contains(refused(sources("", {{"LILUX_LIMITS_MEMORY", "1MiB"}})).message, "from 64MiB"));
  CHECK(contains(refused(sources("", {}, {{"profile", "huge"}})).hint, "minimal, standard, performance"));
  CHECK(contains(refused(sources("profile = 3")).message, "config.toml:1: there is no profile '3'"));
}

TEST_CASE("an empty section says nothing and is allowed") {
  CHECK(resolved(sources("[http]\n[limits]\n")).http_port == 7717);
}

TEST_CASE("what is no TOML is refused with line and column") {
  const base::Error error = refused(sources("[http]\nport = = 1\n"));
  CHECK(error.message.starts_with("config.toml:2:8: "));
  refused(sources("[http\n"));
  refused(sources("a = 1\na = 2\n"));
  refused(sources(std::string("a = \"\xff\"")));
  refused(sources(std::string("a = 1\0", 6)));
  refused(sources("a = " + std::string(5000, '[')));
}

TEST_CASE("sizes are read with decimal and binary units") {
  CHECK(parse_bytes("0").value() == 0u);
  CHECK(parse_bytes("4096B").value() == 4096u);
  CHECK(parse_bytes("2KB").value() == 2000u);
  CHECK(parse_bytes("2KiB").value() == 2048u);
  CHECK(parse_bytes("3GiB").value() == 3ull << 30);
  CHECK(parse_bytes("18446744073709551615").value() == 18446744073709551615ull);
  for (const char* text : {"", "KiB", "1 KiB", "1k", "-1", "+1", "1.5GiB", "1KiBx", "18446744073709551616",
                           "18446744073709551615KB", "16777216TiB"}) {
    CAPTURE(text);
    CHECK(parse_bytes(text).error().code == ErrorCode::invalid_argument);
  }
}

TEST_CASE("a missing file is an empty one; a file that cannot be read is an error") {
  const std::string folder = sys::make_temporary_directory(std::filesystem::temp_directory_path(), "config-").value();
  const std::string file = folder + "/config.toml";
  const auto missing = load_config(file, {{"http.port", "5"}});
  REQUIRE(missing);
  CHECK(missing->http_port == 5);
  CHECK(missing->profile.tasks_max >= 1);
  REQUIRE(sys::write_file_atomic(file, "[http]\nport = 6\n"));
  const auto present = load_config(file, {});
  REQUIRE(present);
  CHECK(explained(*present, "http.port") == "6 from " + file + ":2");
  CHECK_FALSE(load_config(folder, {}));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lilux::kernel

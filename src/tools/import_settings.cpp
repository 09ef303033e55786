#include "tools/import_settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ranges>
#include <utility>

#include "item/parts.h"
#include "text/settings.h"
#include "text/wild.h"
#include "tools/import_approvals.h"

namespace lilux::tools {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using policy::Effect;

namespace {

constexpr std::size_t kEntriesMax = 500;  // of each list

std::string upper_name(std::string_view text) {
  std::string made;
  for (const char c : text)
    made += std::isalnum(static_cast<unsigned char>(c)) != 0
                ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                : '_';
  return made;
}

bool sounds_secret(std::string_view name) {
  const std::string upper = upper_name(name);
  const auto words = {"KEY", "TOKEN", "SECRET", "PASS", "AUTH", "CREDENTIAL", "COOKIE", "BEARER", "PWD"};
  return std::ranges::any_of(words, [&](const char* word) { return upper.contains(word); });
}

// A variable's name and nothing else: what stands behind it, or as its default, is a value.
bool is_reference(std::string_view value) {
  const bool is_braced = value.starts_with("${") && value.ends_with('}');
  const bool is_named = value.starts_with("$env:");
  if (!is_braced && !is_named) return value.empty();
  value.remove_prefix(is_braced ? 2 : 5);
  if (is_braced) value.remove_suffix(1);
  return std::ranges::all_of(
      value, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':'; });
}

// A row of at least so many letters and digits, both of them, anywhere in it.
bool holds_key(std::string_view value) {
  constexpr std::size_t kKeyBytes = 24;
  const auto is_of_key = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '+';
  };
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  while (!value.empty()) {
    const auto end = std::ranges::find_if_not(value, is_of_key);
    const std::string_view row = value.substr(0, static_cast<std::size_t>(end - value.begin()));
    if (row.size() >= kKeyBytes && std::ranges::any_of(row, is_digit) && std::ranges::any_of(row, is_letter))
      return true;
    value.remove_prefix(std::min(row.size() + 1, value.size()));
  }
  return false;
}

// One declaration with every value that may be a secret replaced by a variable's name.
class Cleaner {
 public:
  explicit Cleaner(std::string server) : prefix_(upper_name(server)) { made_.name = std::move(server); }

  ServerFound clean(const JsonObject& declared) {
    JsonObject kept;
    for (const auto& [key, value] : declared) {
      if (value.is_object())
        kept.set(key, object(value.as_object(), key == "env" ? "" : prefix_ + "_"));
      else if (value.is_array())
        kept.set(key, arguments(value.as_array()));
      else if (value.is_string())
        kept.set(key, key == "command"                ? command(value.as_string())
                      : key == "type" || key == "cwd" ? value
                                                      : text(key, value.as_string()));
      else
        kept.set(key, value);
    }
    made_.declaration = std::move(kept);
    return std::move(made_);
  }

 private:
  Json variable(const std::string& name) {
    if (std::ranges::find(made_.variables, name) == made_.variables.end()) made_.variables.push_back(name);
    return "${" + name + "}";
  }

  // All of them: what is in an environment or a header is told to nobody.
  Json object(const JsonObject& values, const std::string& prefix) {
    JsonObject kept;
    for (const auto& [key, value] : values) {
      const bool is_kept = value.is_bool() || value.is_null() || (value.is_string() && is_reference(value.as_string()));
      kept.set(key, is_kept ? value : variable(prefix.empty() ? std::string(key) : prefix + upper_name(key)));
    }
    return kept;
  }

  // A line of words, as some write it: "env TOKEN=x npx server".
  Json command(const std::string& line) {
    JsonArray words;
    for (const auto part : std::views::split(line, ' ')) words.emplace_back(std::string_view(part));
    std::string made;
    for (const Json& word : arguments(words).as_array()) made += (made.empty() ? "" : " ") + word.as_string();
    return made;
  }

  // "--api-key x" and "--api-key=x".
  Json arguments(const JsonArray& values) {
    JsonArray kept;
    std::string flag;
    for (const Json& value : values) {
      const std::string word = value.is_string() ? value.as_string() : base::to_text(value);
      const std::size_t sign = word.find_first_of("=:");
      const bool is_pair = sign != std::string::npos && !word.contains("://");
      const std::string name = word.substr(0, is_pair ? sign : 0);
      if (!flag.empty() && !word.starts_with('-') && !is_reference(word))
        kept.emplace_back(variable(prefix_ + "_" + upper_name(flag)));
      else if (is_pair && sounds_secret(name) && !holds_key(name))
        kept.emplace_back(name + (word[sign] == '=' ? "=" : ": ") +
                          variable(prefix_ + "_" + upper_name(trimmed_flag(name))).as_string());
      else
        kept.push_back(text("argument", word));
      const bool is_header = word == "-H" || word == "--header";  // "Authorization: ..." follows
      flag = word.starts_with('-') && !is_pair && (is_header || sounds_secret(word)) ? trimmed_flag(word) : "";
    }
    return kept;
  }

  static std::string trimmed_flag(std::string_view flag) {
    flag.remove_prefix(std::min(flag.find_first_not_of('-'), flag.size()));
    return std::string(flag);
  }

  // Of a URL the user, its query, and its path where that holds a key. A long word of letters and digits may be a key
  // by itself.
  Json text(std::string_view key, const std::string& value) {
    if (is_reference(value)) return value;
    const std::size_t scheme = value.find("://");
    if (scheme == std::string::npos)
      return sounds_secret(key) || holds_key(value) ? variable(prefix_ + "_" + upper_name(key)) : Json(value);
    std::string made = value;
    const std::size_t host = scheme + 3;
    const std::size_t at = made.find('@', host);
    if (at < made.find_first_of("/?#", host)) made.replace(host, at - host, variable(prefix_ + "_USER").as_string());
    const std::size_t query = made.find('?');
    if (query != std::string::npos) made = made.substr(0, query + 1) + variable(prefix_ + "_QUERY").as_string();
    const std::size_t path = made.find('/', host);
    const std::size_t end = std::min(made.find('?'), made.size());
    if (path < end && holds_key(made.substr(path, end - path)))
      made.replace(path + 1, end - path - 1, variable(prefix_ + "_PATH").as_string());
    return made;
  }

  std::string prefix_;
  ServerFound made_;
};

void add_servers(const std::optional<Json>& servers, SettingsFound& found) {
  if (!servers || !servers->is_object()) return;
  for (const auto& [name, declared] : servers->as_object())
    if (declared.is_object() && found.servers.size() < kEntriesMax)
      found.servers.push_back(Cleaner(std::string(name)).clean(declared.as_object()));
}

void add_hooks(const std::optional<Json>& hooks, SettingsFound& found) {
  if (!hooks || !hooks->is_object()) return;
  for (const auto& [event, entries] : hooks->as_object()) {
    for (const Json& entry : entries.is_array() ? entries.as_array() : JsonArray{}) {
      const Json* inner = entry.find("hooks");
      const std::string matcher = entry.string_or("matcher");
      for (const Json& hook : inner && inner->is_array() ? inner->as_array() : JsonArray{entry})
        if (const std::string command = hook.string_or("command"); !command.empty() && found.hooks.size() < kEntriesMax)
          found.hooks.push_back(
              {.event = std::string(event) + (matcher.empty() ? "" : " of " + matcher), .command = command});
    }
  }
}

void add_rules(const SettingsFrom& from, Effect effect, const std::optional<Json>& list, SettingsFound& found) {
  if (!list || !list->is_array()) return;
  for (const Json& one : list->as_array())
    if (one.is_string() && found.rules.size() < kEntriesMax)
      found.rules.push_back(rule_of(from, effect, one.as_string()));
}

using Path = std::vector<std::string>;

void tell_model(const std::optional<Json>& model, SettingsFound& found) {
  if (model && model->is_string())
    found.left.push_back("model '" + model->as_string() + "': Lilux calls no models yet");
}

Result<void> read_claude(const SettingsFrom& from, std::string_view text, SettingsFound& found) {
  for (const auto& [key, effect] : {std::pair{"deny", Effect::deny}, {"ask", Effect::ask}, {"allow", Effect::allow}})
    add_rules(from, effect, TRY(text::find_json(text, Path{"permissions", key})), found);
  add_hooks(TRY(text::find_json(text, Path{"hooks"})), found);
  const auto mode = TRY(text::find_json(text, Path{"permissions", "defaultMode"}));
  if (mode && mode->is_string())
    found.left.push_back("its mode '" + mode->as_string() + "' is its own; `lilux policy autonomy` is ours");
  if (TRY(text::find_json(text, Path{"permissions", "additionalDirectories"})))
    found.left.emplace_back(
        "folders beside the project: `lilux policy trust` and rules about them say what may be done there");
  if (TRY(text::find_json(text, Path{"env"})))
    found.left.emplace_back("its environment may hold secrets: set what is needed yourself");
  tell_model(TRY(text::find_json(text, Path{"model"})), found);
  return {};
}

Result<void> read_gemini(const SettingsFrom& from, std::string_view text, SettingsFound& found) {
  add_servers(TRY(text::find_json(text, Path{"mcpServers"})), found);
  add_hooks(TRY(text::find_json(text, Path{"hooks"})), found);
  for (const auto& [key, effect] : {std::pair{"exclude", Effect::deny}, {"allowed", Effect::allow}})
    add_rules(from, effect, TRY(text::find_json(text, Path{"tools", key})), found);
  tell_model(TRY(text::find_json(text, Path{"model", "name"})), found);
  return {};
}

// What Codex is told that nothing here stands for.
constexpr auto kLeftOfCodex = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"notify", "a program that Codex starts is never run by Lilux"},
    {"profiles", "Lilux has one configuration; `lilux config` shows it"},
    {"projects", "whom Codex trusts Lilux does not: `lilux policy trust <folder>`"},
    {"sandbox_workspace_write", "what a command may write and reach is said by rules: `lilux policy list`"},
    {"shell_environment_policy", "commands of Lilux get a few plain variables alone"},
});

// No models are called here, but a server that Codex asks may have vectors too.
std::string provider_left(const std::string& name, const Json& provider) {
  std::string url = provider.string_or("base_url");
  url.resize(std::min(url.find_first_of("?#"), url.size()));
  if (url.contains('@') || holds_key(url)) url.clear();
  while (url.ends_with('/')) url.pop_back();
  const std::string key = provider.string_or("env_key");
  const bool is_name = !key.empty() && !holds_key(key) && is_reference("${" + key + "}");
  std::string left = "model_providers." + name + (url.empty() ? "" : " at " + url) + ": Lilux calls no models yet";
  if (url.starts_with("https://"))
    left += "; if it gives embeddings, the search can use it: search.server " + url + "/embeddings" +
            (is_name ? ", search.key_from env:" + key : "");
  return left;
}

Result<void> read_codex(std::string_view text, SettingsFound& found) {
  add_servers(TRY(text::find_toml(text, Path{"mcp_servers"})), found);
  const auto approval = TRY(text::find_toml(text, Path{"approval_policy"}));
  if (approval && approval->is_string()) {
    const std::string level = approval->as_string() == "untrusted" ? "manual"
                              : approval->as_string() == "never"   ? "full"
                                                                   : "supervised";
    found.left.push_back("approval_policy '" + approval->as_string() + "' comes nearest to `lilux policy autonomy " +
                         level + "`");
  }
  const auto sandbox = TRY(text::find_toml(text, Path{"sandbox_mode"}));
  if (sandbox && sandbox->is_string())
    found.left.push_back("sandbox_mode '" + sandbox->as_string() + "': commands of Lilux are always in its sandbox");
  for (const char* key : {"model", "model_provider"}) {
    const auto named = TRY(text::find_toml(text, Path{key}));
    if (named && named->is_string())
      found.left.push_back(std::string(key) + " '" + named->as_string() + "': Lilux calls no models yet");
  }
  for (const auto& [key, why] : kLeftOfCodex)
    if (TRY(text::find_toml(text, Path{std::string(key)})))
      found.left.push_back(std::string(key) + ": " + std::string(why));
  const auto providers = TRY(text::find_toml(text, Path{"model_providers"}));
  if (!providers || !providers->is_object()) return {};
  for (const auto& [name, provider] : providers->as_object())
    if (found.left.size() < kEntriesMax) found.left.push_back(provider_left(std::string(name), provider));
  return {};
}

// "./a", "a", "/a", "//a" and "~/a" as a path of ours.
std::string path_of(const SettingsFrom& from, std::string path) {
  if (path.ends_with('/')) path += "**";
  if (path.starts_with("//")) return path.substr(1);
  if (path.starts_with("~/")) return path;
  if (path.starts_with('/')) return text::escape_glob(from.anchor) + path;
  if (path.starts_with("./")) path.erase(0, 2);
  const bool is_anywhere = !path.contains('/') && path != "**" && path != "*";
  return text::escape_glob(from.project) + (is_anywhere ? "/**/" : "/") + path;
}

// "npm run:*", "npm run *" and "npm run" as words of ours.
std::string words_of(std::string words) {
  if (words.empty() || words == "*") return "**";
  const bool has_more = words.ends_with(":*") || words.ends_with(" *");
  if (has_more) words.resize(words.size() - 2);
  return words + (has_more ? " **" : "");
}

struct Said {
  std::string tool;
  std::string about;
};
Said taken_apart(const std::string& said) {
  const std::size_t open = said.find('(');
  if (open == std::string::npos || !said.ends_with(')')) return {.tool = said, .about = {}};
  return {.tool = said.substr(0, open), .about = said.substr(open + 1, said.size() - open - 2)};
}

std::string capability_of(const SettingsFrom& from, const Said& said) {
  constexpr std::string_view kDomain = "domain:";
  const bool is_shell = said.tool == "Bash" || said.tool == "run_shell_command" || said.tool == "ShellTool";
  if (is_shell) return "execute shell " + words_of(said.about);
  if (said.tool == "WebFetch" && said.about.starts_with(kDomain))
    return "connect net " + said.about.substr(kDomain.size()) + ":443";
  const auto tool = item::lilux_tool(said.tool);
  if (!tool || !tool->starts_with("fs.")) return {};
  const bool writes = *tool == "fs.write" || *tool == "fs.edit";
  return (writes ? "write fs " : "read fs ") + path_of(from, said.about.empty() ? "**" : said.about);
}

}  // namespace

RuleFound rule_of(const SettingsFrom& from, Effect effect, const std::string& said) {
  RuleFound made{.said = said, .effect = effect};
  const Said parts = taken_apart(said);
  made.capability = capability_of(from, parts);
  if (parts.tool.starts_with("mcp__"))
    made.note = "it is about a tool of another MCP server";
  else if (made.capability.empty())
    made.note = "Lilux has no tool that does the same as " + parts.tool;
  else if (const auto parsed = policy::parse_capability(made.capability, from.project, from.anchor); !parsed)
    made.note = parsed.error().message;
  if (!made.note.empty()) made.capability.clear();
  return made;
}

Result<SettingsFound> read_settings(const SettingsFrom& from, std::string_view text) {
  SettingsFound found;
  switch (from.form) {
    case SettingsForm::claude: TRY(read_claude(from, text, found)); break;
    case SettingsForm::gemini: TRY(read_gemini(from, text, found)); break;
    case SettingsForm::codex: TRY(read_codex(text, found)); break;
    case SettingsForm::aios: TRY(read_aios(text, found)); break;
    case SettingsForm::mixos: TRY(read_mixos(text, found)); break;
    case SettingsForm::claude_home:
      add_servers(TRY(text::find_json(text, Path{"projects", from.project, "mcpServers"})), found);
      [[fallthrough]];
    case SettingsForm::servers: add_servers(TRY(text::find_json(text, Path{"mcpServers"})), found); break;
  }
  return found;
}

}  // namespace lilux::tools

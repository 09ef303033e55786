#include "surface/mcp_clients.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/encoding.h"
#include "base/nearest.h"
#include "surface/session.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "text/shell.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::int64_t kHookSeconds = 60;
// What it does by itself with files, commands and the network; its other tools touch nothing.
constexpr std::string_view kHookMatcher =
    "Bash|PowerShell|Monitor|REPL|Edit|MultiEdit|Write|NotebookEdit|Read|NotebookRead|Glob|Grep|LS|WebFetch|WebSearch";

constexpr std::array<Client, 5> kClients{{
    {"claude",
     text::kJsonSettings,
     "mcpServers",
     "command",
     true,
     {"CLAUDE_CONFIG_DIR", "", ".claude.json"},
     ".mcp.json",
     true},
    {"codex",
     text::kTomlSettings,
     "mcp_servers",
     "command",
     false,
     {"CODEX_HOME", ".codex", "config.toml"},
     ".codex/config.toml"},
    {"cursor", text::kJsonSettings, "mcpServers", "command", false, {"", ".cursor", "mcp.json"}, ".cursor/mcp.json"},
    {"goose", text::kYamlSettings, "extensions", "cmd", true, {"", "goose", "config.yaml", true}, ""},
    {"vscode",
     text::kJsonSettings,
     "servers",
     "command",
     true,
     {"", "Code/User", "mcp.json", true},
     ".vscode/mcp.json"},
}};
constexpr Place kHookFile{"CLAUDE_CONFIG_DIR", ".claude", "settings.json"};
constexpr std::string_view kHookProjectFile = ".claude/settings.json";
constexpr std::string_view kHookWords = " mcp hook claude";

std::string user_file(const Place& place, const kernel::Folders& folders) {
  const std::string file = "/" + std::string(place.file);
  const auto named =
      place.variable.empty() ? std::nullopt : sys::environment_variable(std::string(place.variable).c_str());
  if (named && named->starts_with('/')) return *named + file;
  const std::string base = place.is_config ? sys::parent_of(folders.named_config) : folders.home;
  return base + (place.folder.empty() ? "" : "/" + std::string(place.folder)) + file;
}

Result<std::string> project_file(const Client& client, std::string_view file, const kernel::Folders& folders) {
  if (file.empty())
    return fail(ErrorCode::invalid_argument,
                "--project: " + std::string(client.name) + " has no file of a project's own", "leave --project out");
  const std::string project = own_caller(folders).project;
  if (project.empty())
    return fail(ErrorCode::invalid_argument, "--project: this folder is no project", "go to a project's folder first");
  return project + "/" + std::string(file);
}

Result<std::string> file_of(const Installation& wanted, const Place& place, std::string_view of_project) {
  const kernel::Folders folders = TRY(own_folders());
  return wanted.is_project ? project_file(*wanted.client, of_project, folders) : user_file(place, folders);
}

JsonObject entry_of(const Installation& wanted) {
  const Client& client = *wanted.client;
  JsonObject entry;
  if (client.has_type) entry.set("type", "stdio");
  entry.set(client.command, wanted.program);
  entry.set("args", JsonArray(wanted.serve.begin(), wanted.serve.end()));
  if (client.name != "goose") return entry;
  entry.set("name", wanted.name);
  entry.set("description", "Tools under the policy of Lilux");
  entry.set("enabled", true);
  entry.set("timeout", 300);
  return entry;
}

// Whether an entry starts `lilux mcp serve`, this program or another copy of it.
bool is_ours(const Client& client, const Json& entry, const std::string& program) {
  const std::string command = entry.string_or(client.command);
  const Json* args = entry.find("args");
  const bool is_serve = args && args->is_array() && args->as_array().size() >= 2 &&
                        args->as_array()[0] == Json("mcp") && args->as_array()[1] == Json("serve");
  return is_serve && (command == program || command.substr(command.rfind('/') + 1) == "lilux");
}

// Fails closed: what goes wrong with the program, or takes too long, blocks.
Json hook_of(const std::string& program) {
  const std::string command = text::quote(program) + std::string(kHookWords) + " || exit 2";
  return JsonObject{
      {"matcher", kHookMatcher},
      {"hooks", JsonArray{JsonObject{
                    {"type", "command"}, {"command", command}, {"timeout", kHookSeconds}, {"onFailure", "block"}}}}};
}

bool holds_our_hook(const Json& group) {
  const Json* hooks = group.find("hooks");
  return hooks && hooks->is_array() && std::ranges::any_of(hooks->as_array(), [](const Json& hook) {
           return hook.string_or("command").find(kHookWords) != std::string::npos;
         });
}

}  // namespace

std::vector<std::string_view> client_names() {
  std::vector<std::string_view> names;
  names.reserve(kClients.size());
  for (const Client& client : kClients) names.push_back(client.name);
  return names;
}

Result<const Client*> client_of(const std::string& name) {
  const auto found = std::ranges::find(kClients, name, &Client::name);
  if (found != kClients.end()) return &*found;
  std::string list = "one of ";
  for (const std::string_view one : client_names()) list.append(list.ends_with("of ") ? "" : ", ").append(one);
  return fail(ErrorCode::invalid_argument,
              name.empty() ? "for which client?" : "unknown client '" + std::string(base::clipped(name, 60)) + "'",
              base::guess(name, client_names(), list, "lilux mcp install "));
}

Result<std::string> server_file(const Installation& wanted) {
  return file_of(wanted, wanted.client->user, wanted.client->project);
}

Result<std::string> hook_file(const Installation& wanted) {
  return file_of(wanted, kHookFile, kHookProjectFile);
}

Result<std::string> with_server(const Installation& wanted, const std::string& before) {
  const Client& client = *wanted.client;
  std::vector<std::string> path{std::string(client.list), wanted.name};
  const std::optional<Json> old = TRY(client.format.find(before, path));
  if (old && !is_ours(client, *old, wanted.program))
    return fail(ErrorCode::conflict, "'" + wanted.name + "' is there already and starts something else",
                wanted.is_removal ? "take it out by hand if nobody needs it" : "choose another name: --name lilux-2");
  if (wanted.is_removal) return client.format.without(before, path);
  const JsonObject entry = entry_of(wanted);
  if (!old) return client.format.with(before, path, entry);
  std::string after = before;
  for (const auto& [member, value] : entry) {
    const Json* now = old->find(member);
    const bool is_matter_of_taste =
        now && member != client.command && member != "args";  // a person's: enabled, timeout
    if (is_matter_of_taste || (now && *now == value)) continue;
    path.push_back(member);
    after = TRY(client.format.with(after, path, value));
    path.pop_back();
  }
  return after;
}

Result<std::string> with_hook(const Installation& wanted, const std::string& before) {
  const std::array<std::string, 2> path{"hooks", "PreToolUse"};
  const std::optional<Json> groups = TRY(text::find_json(before, path));
  const Json hook = hook_of(wanted.program);
  std::string after = before;
  for (std::size_t i = groups && groups->is_array() ? groups->as_array().size() : 0; i > 0; --i) {
    const Json& group = groups->as_array()[i - 1];
    if (!holds_our_hook(group)) continue;
    if (!wanted.is_removal && group == hook) return before;
    if (group.find("hooks")->as_array().size() > 1)
      return fail(ErrorCode::conflict, "our hook stands there together with others, under one matcher",
                  "take it out by hand: the command that ends in `" + std::string(kHookWords.substr(1)) + "`");
    after = TRY(text::without_json_entry(after, path, i - 1));
  }
  if (wanted.is_removal) return after;
  return text::with_json_entry(after, path, hook);
}

}  // namespace lilux::surface

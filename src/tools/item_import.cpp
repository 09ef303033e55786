// item.import: what other programs left in the project and in the home becomes items, each by a call of its own, and
// MCP servers become declarations that nothing starts. Permissions are proposed; hooks and settings are only told.

#include "tools/item_import.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/nearest.h"
#include "item/item.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "text/markdown.h"
#include "text/settings.h"
#include "text/shell.h"
#include "tools/fs_common.h"
#include "tools/import_files.h"
#include "tools/import_settings.h"
#include "tools/item_work.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::size_t kSettingsBytesMax = std::size_t{8} << 20;
constexpr std::string_view kServersFile = "mcp.json";  // of a volume

struct SettingsFile {
  Origin from;
  Root root;
  std::string_view path;
  SettingsForm form;
};
constexpr auto kSettings = std::to_array<SettingsFile>({
    {Origin::claude, Root::project, ".mcp.json", SettingsForm::servers},
    {Origin::claude, Root::project, ".claude/settings.json", SettingsForm::claude},
    {Origin::claude, Root::project, ".claude/settings.local.json", SettingsForm::claude},
    {Origin::claude, Root::home, ".claude/settings.json", SettingsForm::claude},
    {Origin::claude, Root::home, ".claude.json", SettingsForm::claude_home},
    {Origin::codex, Root::project, ".codex/config.toml", SettingsForm::codex},
    {Origin::codex, Root::home, ".codex/config.toml", SettingsForm::codex},
    {Origin::cursor, Root::project, ".cursor/mcp.json", SettingsForm::servers},
    {Origin::cursor, Root::home, ".cursor/mcp.json", SettingsForm::servers},
    {Origin::gemini, Root::project, ".gemini/settings.json", SettingsForm::gemini},
    {Origin::gemini, Root::home, ".gemini/settings.json", SettingsForm::gemini},
    {Origin::aios, Root::home, ".aios/policy.toml", SettingsForm::aios},
    {Origin::mixos, Root::home, ".mixos/config.yaml", SettingsForm::mixos},
});

struct Other {
  Origin from;
  Root root;
  std::string_view path;
  bool is_read;  // where it is
  std::string_view note;
};
constexpr std::string_view kInstructions = "project.instructions reads it, and what it imports, where it is";
constexpr auto kOthers = std::to_array<Other>({
    {Origin::claude, Root::project, "CLAUDE.md", true, kInstructions},
    {Origin::codex, Root::project, "AGENTS.md", true, kInstructions},
    {Origin::codex, Root::project, ".codex/hooks.json", false, "hooks are shown by Codex and never run by Lilux"},
    {Origin::cursor, Root::project, ".cursorrules", true, kInstructions},
    {Origin::cursor, Root::project, ".cursor/hooks.json", false, "hooks of Cursor are never run by Lilux"},
    {Origin::gemini, Root::project, "GEMINI.md", true, kInstructions},
    {Origin::kiwi, Root::project, ".ai", true, "it is the project's volume as it is"},
    {Origin::kiwi, Root::home, ".ai", true, "it is the user's volume as it is"},
    {Origin::aios, Root::home, ".aios/memory", false, "databases that only aiOS reads: export what is wanted as text"},
});

Result<std::vector<Origin>> origins_in(std::string_view list) {
  std::vector<Origin> made;
  for (const auto part : list | std::views::split(',')) {
    const std::string_view name = text::trimmed(std::string_view(part));
    const std::optional<Origin> origin = base::enum_from_name<Origin>(name);
    const auto names = enum_names(Origin{});
    if (!origin)
      return fail(ErrorCode::invalid_argument, "field 'from': nothing is known of " + sys::quoted(std::string(name)),
                  base::guess(name, names, "claude, codex, cursor, gemini, kiwi, llmunix, llmos, aios or mixos"));
    made.push_back(*origin);
  }
  return made;
}

bool is_wanted(const std::vector<Origin>& wanted, Origin from) {
  return std::ranges::find(wanted, from) != wanted.end();
}

// What is personal stays with the person: a project's files may be published.
Result<Targets> targets_of(const CallContext& call, const Volumes& volumes, const ImportRequest& request) {
  const item::Volume* project = TRY(volumes.named(request.location.value_or(nearest_source(call))));
  return Targets{.project = project, .home = request.location ? project : TRY(volumes.named("user"))};
}

std::string servers_file(const item::Volume& volume) {
  return volume.at(kServersFile);
}

// The declarations that a volume has; "" where it has none.
Result<std::string> servers_text(const item::Volume& volume) {
  return sys::lstat(servers_file(volume)) ? read_regular(servers_file(volume), kSettingsBytesMax) : std::string();
}

Result<void> add_server(ServerFound server, const ImportRow& file, const std::string& location,
                        const std::string& there, std::vector<Import>& found) {
  Import made{.row = file, .declaration = std::move(server.declaration)};
  made.row.what = Found::server;
  made.row.name = std::move(server.name);
  made.row.location = location;
  const std::vector<std::string> path{"mcpServers", *made.row.name};
  const bool is_there = TRY(text::find_json(there, path)).has_value();
  made.row.state = is_there ? "there" : "new";
  made.row.note = is_there ? "a server of that name is declared already" : "declared in mcp.json; nothing starts it";
  std::string names;
  for (const std::string& one : server.variables) names += (names.empty() ? "" : ", ") + one;
  if (!names.empty()) made.row.note += "; what may be secret was left out, to be set in the environment: " + names;
  found.push_back(std::move(made));
  return {};
}

Import rule_row(const RuleFound& rule, const ImportRow& file, std::size_t number) {
  Import made{.row = file};
  made.row.what = Found::rule;
  made.row.name = rule.said;
  const bool is_rule = !rule.capability.empty() || !rule.tool.empty();
  made.row.state = is_rule ? "proposed" : "left";
  const std::string id = std::string(base::enum_name(file.from)) + "-" + std::to_string(number);
  const std::vector<std::string> accepts{"lilux",
                                         "policy",
                                         "add",
                                         id,
                                         "--effect",
                                         std::string(base::enum_name(rule.effect)),
                                         rule.tool.empty() ? "--capability" : "--tool",
                                         rule.tool.empty() ? rule.capability : rule.tool};
  made.row.note = !is_rule ? rule.note : "to accept it: " + text::join(accepts);
  return made;
}

Import told(const ImportRow& file, Found what, std::string name, std::string note) {
  Import made{.row = file};
  made.row.what = what;
  if (!name.empty()) made.row.name = std::move(name);
  made.row.state = "left";
  made.row.note = std::move(note);
  return made;
}

Result<void> add_settings(const SettingsFrom& from, const ImportRow& file, const item::Volume& volume,
                          std::vector<Import>& found) {
  const std::string there = TRY(servers_text(volume));
  const std::string location = source_name(volume.place());
  const Result<std::string> text = read_regular(file.file, kSettingsBytesMax);
  Result<SettingsFound> settings =
      text ? read_settings(from, *text) : Result<SettingsFound>(std::unexpected(text.error()));
  if (!settings) {
    found.push_back(told(file, Found::other, "", settings.error().message));
    found.back().row.state = "broken";
    return {};
  }
  for (ServerFound& server : settings->servers) TRY(add_server(std::move(server), file, location, there, found));
  std::size_t number =
      static_cast<std::size_t>(std::ranges::count(found, Found::rule, [](const Import& one) { return one.row.what; }));
  for (const RuleFound& rule : settings->rules) found.push_back(rule_row(rule, file, ++number));
  for (const HookFound& hook : settings->hooks)
    found.push_back(told(file, Found::hook, hook.event,
                         "never run by Lilux: " + std::string(base::clipped(base::to_valid_utf8(hook.command), 300))));
  for (const std::string& one : settings->left) found.push_back(told(file, Found::other, "", one));
  return {};
}

Result<std::vector<Import>> find_all(const CallContext& call, const std::vector<Origin>& wanted,
                                     const Targets& targets) {
  const Sight sight = TRY(Sight::of(call));
  std::vector<Import> found = TRY(imports_in_files(call, wanted, sight, targets));
  const std::string& project = call.caller().project;
  const auto is_there = [&](Origin from, Root root, const std::string& path) {
    return !root_of(call, root).empty() && is_wanted(wanted, from) && !sight.is_denied(path) && sys::lstat(path);
  };
  for (const SettingsFile& one : kSettings) {
    const std::string path = root_of(call, one.root) + "/" + std::string(one.path);
    if (!is_there(one.from, one.root, path)) continue;
    const std::string anchor = one.root == Root::home ? root_of(call, Root::home) + "/.claude" : project;
    TRY(add_settings({.form = one.form, .project = project, .anchor = anchor}, {.from = one.from, .file = path},
                     targets.of(one.root), found));
  }
  for (const Other& other : kOthers) {
    const std::string path = root_of(call, other.root) + "/" + std::string(other.path);
    if (!is_there(other.from, other.root, path)) continue;
    found.push_back(told({.from = other.from, .file = path}, Found::other, "", std::string(other.note)));
    if (other.is_read) found.back().row.state = "in_place";
  }
  return found;
}

// A skill with its folder is one change of the volume, as it is one thing.
Result<Json> make_folder(CallContext& call, const Import& one) {
  const std::string& target = *one.row.location;
  const std::string below = "skills/" + std::string(base::enum_name(one.row.from)) + "/" + *one.row.name + "/";
  JsonArray files;
  for (const ImportFile& file : one.files) {
    const std::string path = below + file.path;
    const std::string object = TRY(call.kernel().store().put(file.bytes));
    files.emplace_back(JsonObject{{"path", path},
                                  {"content_object", object},
                                  {"seal", seal_of(call, target, path, object)},
                                  {"executable", file.is_executable}});
  }
  return call.call_tool("volume.restore", JsonObject{{"source", target}, {"files", std::move(files)}});
}

Result<Json> make_item(CallContext& call, const Import& one) {
  if (!one.files.empty()) return make_folder(call, one);
  JsonObject arguments{{"kind", base::enum_name(*one.row.kind)},
                       {"name", *one.row.name},
                       {"content", one.content},
                       {"category", std::string(base::enum_name(one.row.from)) + one.category},
                       {"location", *one.row.location}};
  if (one.row.kind == Kind::script) arguments.set("ending", ending_of(one.row.file));
  return call.call_tool("item.create", std::move(arguments));
}

// All that are new by one change of the file.
Result<void> make_servers(CallContext& call, std::vector<Import>& found, const item::Volume& volume) {
  std::string text = TRY(servers_text(volume));
  const std::string before = text;
  const auto is_new = [location = source_name(volume.place())](const Import& one) {
    return one.row.what == Found::server && one.row.state == "new" && one.row.location == location;
  };
  for (const Import& one : found) {
    if (!is_new(one)) continue;
    JsonObject declared = one.declaration.as_object();
    declared.set("from", std::string(base::enum_name(one.row.from)) + ": " + one.row.file);
    text = TRY(text::with_json(text, std::vector<std::string>{"mcpServers", *one.row.name}, Json(std::move(declared))));
  }
  if (text == before) return {};
  TRY(call.call_tool("fs.write", JsonObject{{"path", servers_file(volume)}, {"content", text}, {"create_dirs", true}}));
  for (Import& one : found)
    if (is_new(one)) one.row.state = "imported";
  return {};
}

// Of two of one name the first counts.
void mark_twins(std::vector<Import>& found) {
  std::set<std::tuple<Found, Kind, std::string, std::string>> taken;
  for (Import& one : found) {
    if (one.row.state != "new" ||
        taken
            .emplace(one.row.what, one.row.kind.value_or(Kind::directive), *one.row.name, one.row.location.value_or(""))
            .second)
      continue;
    one.row.state = "there";
    one.row.note = "another one of that name comes first";
  }
}

}  // namespace

Result<Assessment> assess_import(const CallContext& call, const ImportRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  TRY(targets_of(call, volumes, request));
  const std::vector<Origin> wanted = TRY(origins_in(request.from));
  Assessment made{.risk = Risk::low};
  for (const std::string& path : import_places(call, wanted))
    made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path});
  for (const SettingsFile& one : kSettings) {
    const std::string path = root_of(call, one.root) + "/" + std::string(one.path);
    if (is_wanted(wanted, one.from) && path.starts_with('/') && sys::lstat(path))
      made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path});
  }
  return made;
}

Result<ImportResponse> import_items(CallContext& call, const ImportRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Targets targets = TRY(targets_of(call, volumes, request));
  std::vector<Import> found = TRY(find_all(call, TRY(origins_in(request.from)), targets));
  mark_twins(found);
  for (Import& one : found) {
    if (request.dry_run.value_or(false) || one.row.what != Found::item || one.row.state != "new") continue;
    const Result<Json> made = make_item(call, one);
    if (!made && made.error().code != ErrorCode::invalid_argument && made.error().code != ErrorCode::conflict)
      return std::unexpected(made.error());
    one.row.state = made ? "imported" : "broken";
    if (!made) one.row.note = made.error().message;
  }
  if (!request.dry_run.value_or(false)) TRY(make_servers(call, found, *targets.project));
  if (!request.dry_run.value_or(false) && targets.home != targets.project)
    TRY(make_servers(call, found, *targets.home));
  ImportResponse response;
  for (Import& one : found) {
    response.imported += one.row.state == "imported" ? 1 : 0;
    response.found.push_back(std::move(one.row));
  }
  return response;
}

}  // namespace lilux::tools::item_tools

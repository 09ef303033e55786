// item.import: what other programs left in the project and in the home becomes items, each by a call of its own. Hooks,
// servers and settings are named and never run.

#include <algorithm>
#include <array>
#include <ranges>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/nearest.h"
#include "item/item.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/front_matter.h"
#include "text/markdown.h"
#include "tools/fs_common.h"
#include "tools/item.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::uint64_t kEntriesMax = 20'000;
constexpr int kDepthMax = 6;

enum class Root : std::uint8_t { project, home };
// as_is: the file is such an item. prompt: a text that becomes a skill. rule: a text that becomes a pattern.
enum class Form : std::uint8_t { as_is, prompt, rule };

struct Source {
  Origin from;
  Root root;
  std::string_view folder;
  std::string_view ending;  // of the file's whole name: ".md", "SKILL.md"
  Kind kind;
  Form form = Form::as_is;
};
constexpr auto kSources = std::to_array<Source>({
    {Origin::claude, Root::project, ".claude/agents", ".md", Kind::agent},
    {Origin::claude, Root::home, ".claude/agents", ".md", Kind::agent},
    {Origin::claude, Root::project, ".claude/skills", "SKILL.md", Kind::skill},
    {Origin::claude, Root::home, ".claude/skills", "SKILL.md", Kind::skill},
    {Origin::claude, Root::project, ".claude/commands", ".md", Kind::skill, Form::prompt},
    {Origin::claude, Root::home, ".claude/commands", ".md", Kind::skill, Form::prompt},
    {Origin::claude, Root::project, ".claude/rules", ".md", Kind::pattern, Form::rule},
    {Origin::codex, Root::project, ".agents/skills", "SKILL.md", Kind::skill},
    {Origin::codex, Root::home, ".agents/skills", "SKILL.md", Kind::skill},
    {Origin::codex, Root::home, ".codex/prompts", ".md", Kind::skill, Form::prompt},
    {Origin::cursor, Root::project, ".cursor/rules", ".mdc", Kind::pattern, Form::rule},
    {Origin::cursor, Root::project, ".cursor/commands", ".md", Kind::skill, Form::prompt},
    {Origin::llmunix, Root::project, "components/tools", ".md", Kind::tool},
    {Origin::llmunix, Root::project, "components/agents", ".md", Kind::agent},
    {Origin::llmunix, Root::project, "system/agents", ".md", Kind::agent},
    {Origin::llmunix, Root::project, "system/tools", ".md", Kind::tool},
    {Origin::llmos, Root::project, "volumes", ".md", Kind::skill},
    {Origin::llmos, Root::project, "skills", ".md", Kind::skill},
    {Origin::aios, Root::home, ".aios/plugins", ".py", Kind::script},
});

struct Other {
  Origin from;
  Root root;
  std::string_view path;
  bool is_read;  // where it is
  std::string_view note;
};
constexpr std::string_view kInstructions = "project.instructions reads it where it is";
constexpr std::string_view kServers = "its MCP servers are not connected: Lilux is no client of others yet";
constexpr std::string_view kSettings = "settings are not taken over; `lilux policy` has rules of its own";
constexpr auto kOthers = std::to_array<Other>({
    {Origin::claude, Root::project, "CLAUDE.md", true, kInstructions},
    {Origin::claude, Root::project, ".mcp.json", false, kServers},
    {Origin::claude, Root::project, ".claude/settings.json", false, "permissions and hooks stay with Claude Code"},
    {Origin::claude, Root::home, ".claude.json", false, kServers},
    {Origin::codex, Root::project, "AGENTS.md", true, kInstructions},
    {Origin::codex, Root::home, ".codex/config.toml", false, kServers},
    {Origin::cursor, Root::project, ".cursorrules", true, kInstructions},
    {Origin::cursor, Root::project, ".cursor/mcp.json", false, kServers},
    {Origin::gemini, Root::project, "GEMINI.md", true, kInstructions},
    {Origin::gemini, Root::home, ".gemini/settings.json", false, kServers},
    {Origin::kiwi, Root::project, ".ai", true, "it is the project's volume as it is"},
    {Origin::kiwi, Root::home, ".ai", true, "it is the user's volume as it is"},
    {Origin::llmunix, Root::project, "system/SmartLibrary.md", false, "its entries name files, which are brought over"},
    {Origin::llmunix, Root::project, "system/SmartMemory.md", false, "experiences are not taken into memory yet"},
    {Origin::llmunix, Root::project, "system/memory_log.md", false, "experiences are not taken into memory yet"},
    {Origin::aios, Root::home, ".aios/policy.toml", false, kSettings},
    {Origin::mixos, Root::home, ".mixos/config.yaml", false, kSettings},
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

std::string root_of(const CallContext& call, Root root) {
  return root == Root::home ? call.kernel().folders().home : call.caller().project;
}

// A name as items have it, of one that may be anything.
std::string item_name(std::string_view name) {
  std::string made;
  for (const char c : name) made += item::check_name("a" + std::string(1, c)) ? c : '-';
  while (!made.empty() && (made.front() == '-' || made.front() == '.')) made.erase(0, 1);
  return made;
}

// What the file is as an item; nothing when its text cannot be had.
Result<std::string> text_as(const Source& source, const std::string& file, const std::string& name) {
  const std::string text = TRY(read_regular(file, kFileBytesMax));
  if (source.form == Form::as_is) return text;
  const auto front = TRY(text::parse_front_matter(text, text::FrontMatterReading::mending));
  const std::string body = front ? text.substr(front->body) : text;
  std::string description = front ? front->value.string_or("description") : std::string();
  if (description.empty()) description = "The " + std::string(source.form == Form::rule ? "rule " : "command ") + name;
  if (source.form == Form::prompt)
    return item::write(item::Skill{.dialect = item::SkillDialect::context,
                                   .name = name,
                                   .description = description,
                                   .category = "commands",
                                   .body = body});
  return item::write(item::Document{.title = name, .description = description, .body = body});
}

struct Found {
  ImportRow row;
  std::string content;
};

Found judged(const Source& source, const std::string& file, const item::Volume& volume,
             const std::vector<item::Listed>& there) {
  const bool is_folder = source.ending == "SKILL.md";
  const std::string stem = sys::name_of(is_folder ? sys::parent_of(file) : file);
  const std::string name = item_name(is_folder ? stem : stem.substr(0, stem.rfind('.')));
  Found made{.row = {.from = source.from, .file = base::to_valid_utf8(file), .kind = source.kind, .name = name},
             .content = {}};
  const auto is_it = [&](const item::Listed& listed) {
    return listed.place && listed.place->kind == source.kind && listed.place->name == name;
  };
  Result<std::string> text = text_as(source, file, name);
  made.row.state = "broken";
  if (!text) return made.row.note = text.error().message, made;
  const item::Item parsed = item::parse({.kind = source.kind, .name = name}, *text);
  if (const Result<void> sound = parsed.check(); !sound) return made.row.note = sound.error().message, made;
  const bool is_there = std::ranges::any_of(there, is_it);
  made.row.state = is_there ? "there" : "new";
  if (is_there) made.row.note = "an item of that name is in " + source_name(volume.place()) + " already";
  if (!is_there && is_folder) made.row.note = "its text; other files of its folder stay where they are";
  made.content = std::move(*text);
  return made;
}

Result<void> look(const Source& source, const std::string& folder, const Sight& sight, const item::Volume& volume,
                  std::vector<Found>& found) {
  const std::vector<item::Listed> there = volume.list().items;
  const Result<sys::Place> place = sys::open_parent(folder);
  if (!place || !TRY(sys::stat_if_there(*place))) return {};
  const auto visit = [&](const sys::Place& below, const sys::Stat& stat) -> Result<sys::Descend> {
    const auto depth = std::ranges::count(below.path.substr(folder.size()), '/');
    if (sight.is_denied(below.path) || depth > kDepthMax) return sys::Descend::no;
    if (stat.is_regular() && below.name.ends_with(source.ending))
      found.push_back(judged(source, below.path, volume, there));
    return sys::Descend::yes;
  };
  const Result<sys::TreeSize> walked = sys::walk_tree(*place, kEntriesMax, visit);
  if (walked || walked.error().code == ErrorCode::over_budget) return {};  // what was found until then
  return std::unexpected(walked.error());
}

Result<std::vector<Found>> find_all(const CallContext& call, const ImportRequest& request, const item::Volume& volume) {
  const Sight sight = TRY(Sight::of(call));
  std::vector<Found> found;
  const std::vector<Origin> wanted = TRY(origins_in(request.from));
  const auto is_wanted = [&](Origin from) { return std::ranges::find(wanted, from) != wanted.end(); };
  for (const Source& source : kSources) {
    const std::string root = root_of(call, source.root);
    if (!root.empty() && is_wanted(source.from))
      TRY(look(source, root + "/" + std::string(source.folder), sight, volume, found));
  }
  for (const Other& other : kOthers) {
    const std::string root = root_of(call, other.root);
    const std::string path = root + "/" + std::string(other.path);
    if (root.empty() || !is_wanted(other.from) || sight.is_denied(path) || !sys::lstat(path)) continue;
    found.push_back({.row = {.from = other.from,
                             .file = path,
                             .state = other.is_read ? "in_place" : "left",
                             .note = std::string(other.note)},
                     .content = {}});
  }
  return found;
}

std::string target_of(const CallContext& call, const ImportRequest& request) {
  return request.location.value_or(nearest_source(call));
}

}  // namespace

Result<Assessment> assess_import(const CallContext& call, const ImportRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  TRY(volumes.named(target_of(call, request)));
  const std::vector<Origin> wanted = TRY(origins_in(request.from));
  Assessment made{.risk = Risk::low};
  const auto need = [&](Root root, std::string_view path) {
    const std::string whole = root_of(call, root) + "/" + std::string(path);
    if (whole.starts_with('/') && sys::lstat(whole))
      made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = whole});
  };
  for (const Source& source : kSources)
    if (std::ranges::find(wanted, source.from) != wanted.end()) need(source.root, source.folder);
  return made;
}

Result<ImportResponse> import_items(CallContext& call, const ImportRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const std::string target = target_of(call, request);
  ImportResponse response;
  std::set<std::pair<Kind, std::string>> taken;
  for (Found& found : TRY(find_all(call, request, *TRY(volumes.named(target))))) {
    if (found.row.state == "new" && !taken.emplace(*found.row.kind, *found.row.name).second) {
      found.row.state = "there";
      found.row.note = "another one of that name comes first";
    }
    if (found.row.state == "new" && !request.dry_run.value_or(false)) {
      JsonObject arguments{{"kind", base::enum_name(*found.row.kind)},
                           {"name", *found.row.name},
                           {"content", found.content},
                           {"category", base::enum_name(found.row.from)},
                           {"location", target}};
      if (found.row.kind == Kind::script) arguments.set("ending", ending_of(found.row.file));
      const Result<base::Json> made = call.call_tool("item.create", std::move(arguments));
      if (!made && made.error().code != ErrorCode::invalid_argument && made.error().code != ErrorCode::conflict)
        return std::unexpected(made.error());
      found.row.state = made ? "imported" : "broken";
      if (!made) found.row.note = made.error().message;
      response.imported += made ? 1 : 0;
    }
    response.found.push_back(std::move(found.row));
  }
  return response;
}

}  // namespace lilux::tools::item_tools

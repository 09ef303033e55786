#include "tools/import_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "item/item.h"
#include "item/smart_library.h"
#include "item/smart_memory.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/front_matter.h"
#include "text/markdown.h"
#include "text/settings.h"
#include "tools/volumes.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::uint64_t kEntriesMax = 20'000;
constexpr int kDepthMax = 6;
constexpr std::size_t kSkillFilesMax = 500;
constexpr std::size_t kSkillBytesMax = std::size_t{16} << 20;
constexpr std::string_view kSkillFile = "SKILL.md";

// as_is: the file is such an item. prompt: a text that becomes a skill; toml_prompt: one in TOML. rule: a text that
// becomes a pattern. note: a text that becomes knowledge. memory: experiences of LLMunix, each of which does. library:
// only what is missing of it is told.
enum class Form : std::uint8_t { as_is, prompt, toml_prompt, rule, note, memory, library };

struct Source {
  Origin from;
  Root root;
  std::string_view folder;  // or the file itself
  std::string_view ending;  // of the file's whole name: ".md", "SKILL.md"
  Kind kind;
  Form form = Form::as_is;
  std::string_view within = "";  // only in a folder of that name
};
constexpr auto kSources = std::to_array<Source>({
    {Origin::claude, Root::project, ".claude/agents", ".md", Kind::agent},
    {Origin::claude, Root::home, ".claude/agents", ".md", Kind::agent},
    {Origin::claude, Root::project, ".claude/skills", kSkillFile, Kind::skill},
    {Origin::claude, Root::home, ".claude/skills", kSkillFile, Kind::skill},
    {Origin::claude, Root::project, ".claude/commands", ".md", Kind::skill, Form::prompt},
    {Origin::claude, Root::home, ".claude/commands", ".md", Kind::skill, Form::prompt},
    {Origin::claude, Root::project, ".claude/rules", ".md", Kind::pattern, Form::rule},
    {Origin::claude, Root::project, ".claude/memory", ".md", Kind::knowledge, Form::note},
    {Origin::claude, Root::project, ".claude/agent-memory", ".md", Kind::knowledge, Form::note},
    {Origin::claude, Root::home, ".claude/agent-memory", ".md", Kind::knowledge, Form::note},
    {Origin::claude, Root::home, ".claude/CLAUDE.md", "CLAUDE.md", Kind::knowledge, Form::note},
    {Origin::codex, Root::project, ".agents/skills", kSkillFile, Kind::skill},
    {Origin::codex, Root::home, ".agents/skills", kSkillFile, Kind::skill},
    {Origin::codex, Root::home, ".codex/skills", kSkillFile, Kind::skill},
    {Origin::codex, Root::home, ".codex/prompts", ".md", Kind::skill, Form::prompt},
    {Origin::codex, Root::home, ".codex/memories", ".md", Kind::knowledge, Form::note},
    {Origin::cursor, Root::project, ".cursor/skills", kSkillFile, Kind::skill},
    {Origin::cursor, Root::project, ".cursor/rules", ".mdc", Kind::pattern, Form::rule},
    {Origin::cursor, Root::project, ".cursor/commands", ".md", Kind::skill, Form::prompt},
    {Origin::gemini, Root::project, ".gemini/skills", kSkillFile, Kind::skill},
    {Origin::gemini, Root::home, ".gemini/skills", kSkillFile, Kind::skill},
    {Origin::gemini, Root::project, ".gemini/commands", ".toml", Kind::skill, Form::toml_prompt},
    {Origin::gemini, Root::home, ".gemini/commands", ".toml", Kind::skill, Form::toml_prompt},
    {Origin::gemini, Root::home, ".gemini/GEMINI.md", "GEMINI.md", Kind::knowledge, Form::note},
    {Origin::llmunix, Root::project, "components/tools", ".md", Kind::tool},
    {Origin::llmunix, Root::project, "components/agents", ".md", Kind::agent},
    {Origin::llmunix, Root::project, "system/agents", ".md", Kind::agent},
    {Origin::llmunix, Root::project, "system/tools", ".md", Kind::tool},
    {Origin::llmunix, Root::project, "system/SmartLibrary.md", "SmartLibrary.md", Kind::tool, Form::library},
    {Origin::llmunix, Root::project, "system/SmartMemory.md", "SmartMemory.md", Kind::knowledge, Form::memory},
    {Origin::llmunix, Root::project, "system/memory_log.md", "memory_log.md", Kind::knowledge, Form::memory},
    {Origin::llmunix, Root::project, "workspace/execution_state.md", "execution_state.md", Kind::plan},
    {Origin::llmos, Root::project, "volumes", ".md", Kind::skill, Form::as_is, "skills"},
    {Origin::llmos, Root::project, "volumes", ".md", Kind::knowledge, Form::note, "traces"},
    {Origin::llmos, Root::project, "volumes", ".md", Kind::knowledge, Form::note, "memory"},
    {Origin::llmos, Root::project, "skills", ".md", Kind::skill},
    {Origin::llmos, Root::project, "traces", ".md", Kind::knowledge, Form::note},
    {Origin::aios, Root::home, ".aios/plugins", ".py", Kind::script},
});

// What Claude Code remembers of a project by itself lies in its home, below the project's path in this spelling.
std::string spelled(const std::string& path) {
  std::string made;
  for (const char c : path) made += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return made;
}

struct Place {
  Source source;
  std::string path;
};
std::vector<Place> places_of(const CallContext& call, std::span<const Origin> wanted) {
  std::vector<Place> made;
  const auto is_wanted = [&](Origin from) { return std::ranges::find(wanted, from) != wanted.end(); };
  for (const Source& source : kSources) {
    const std::string root = root_of(call, source.root);
    if (!root.empty() && is_wanted(source.from))
      made.push_back({.source = source, .path = root + "/" + std::string(source.folder)});
  }
  const std::string& project = call.caller().project;
  if (!project.empty() && is_wanted(Origin::claude))
    made.push_back({.source = {Origin::claude, Root::project, ".claude/projects", ".md", Kind::knowledge, Form::note},
                    .path = root_of(call, Root::home) + "/.claude/projects/" + spelled(project) + "/memory"});
  return made;
}

// What all call alike, MEMORY.md and CLAUDE.md, is named after its folder.
std::string stem_of(const Source& source, const std::string& path) {
  const std::string name = sys::name_of(path);
  const bool is_like_others = source.form == Form::note && (name == "MEMORY.md" || name == source.ending);
  return is_like_others ? sys::name_of(sys::parent_of(path)) + "-" + name : name;
}

// A name as items have it, of one that may be anything.
std::string item_name(std::string_view name) {
  std::string made;
  for (const char c : name) made += item::check_name("a" + std::string(1, c)) ? c : '-';
  while (!made.empty() && (made.front() == '-' || made.front() == '.')) made.erase(0, 1);
  return made;
}

std::string written(const std::string& name, const std::string& title, const std::string& body,
                    const std::vector<std::string>& tags = {}) {
  return item::write(item::Knowledge{.id = name,
                                     .title = title,
                                     .type = item::EntryType::learning,
                                     .tags = tags,
                                     .version = "1.0.0",
                                     .body = body + (body.ends_with('\n') ? "" : "\n")});
}

// A command of Claude Code with its arguments as inputs: $ARGUMENTS is all of them, $1 the first. Nothing where it has
// none, or where it would read as another template.
std::optional<item::Document> command_with_inputs(const std::string& name, const std::string& description,
                                                  const std::string& hint, const std::string& body) {
  if (body.contains("{{")) return std::nullopt;
  item::Document made{.title = name, .description = description, .category = "commands", .body = body};
  const auto put_input = [&](const std::string& placeholder, const std::string& input, const std::string& what) {
    const std::string before = std::exchange(made.body, {});
    bool is_there = false;
    std::size_t from = 0;
    for (std::size_t at = before.find(placeholder); at != std::string::npos; at = before.find(placeholder, from)) {
      const std::size_t end = at + placeholder.size();
      const bool is_longer = end < before.size() && std::isalnum(static_cast<unsigned char>(before[end])) != 0;
      made.body.append(before, from, (is_longer ? end : at) - from);
      if (!is_longer) made.body += "{{" + input + "}}";
      is_there = is_there || !is_longer;
      from = end;
    }
    made.body.append(before, from);
    if (is_there) made.inputs.push_back({.name = input, .description = what, .value = base::Json("")});
  };
  put_input("$ARGUMENTS", "arguments", hint.empty() ? "All arguments" : hint);
  for (char number = '1'; number <= '9'; ++number)
    put_input("$" + std::string(1, number), "argument_" + std::string(1, number),
              "Argument " + std::string(1, number) + (hint.empty() ? "" : " of " + hint));
  return made.inputs.empty() ? std::nullopt : std::optional(std::move(made));
}

// A command as an item: a template when it has arguments, else a skill.
std::string command_as(const std::string& name, const std::string& description, const std::string& hint,
                       const std::string& body, Kind& kind) {
  const std::string what = description.empty() ? "The command " + name : description;
  if (const auto command = command_with_inputs(name, what, hint, body)) {
    kind = Kind::template_item;
    return item::write(*command);
  }
  return item::write(item::Skill{
      .dialect = item::SkillDialect::context, .name = name, .description = what, .category = "commands", .body = body});
}

// As Gemini CLI writes its commands: {{args}} is what Claude Code calls $ARGUMENTS.
Result<std::string> toml_command(const std::string& text, const std::string& name, Kind& kind) {
  const auto prompt = TRY(text::find_toml(text, std::vector<std::string>{"prompt"}));
  const auto description = TRY(text::find_toml(text, std::vector<std::string>{"description"}));
  if (!prompt || !prompt->is_string())
    return fail(ErrorCode::invalid_argument, "'prompt' is missing or no text", "write prompt = \"...\"");
  const std::string body = text::replaced_all(prompt->as_string(), "{{args}}", "$ARGUMENTS");
  const bool is_described = description && description->is_string();
  return command_as(name, is_described ? description->as_string() : "", "", body, kind);
}

// "[issue] [priority]", which YAML may have taken for a list.
std::string hint_in(const std::optional<text::FrontMatter>& front) {
  const base::Json* hint = front ? front->value.find("argument-hint") : nullptr;
  if (!hint || !hint->is_array()) return front ? front->value.string_or("argument-hint") : std::string();
  std::string made;
  for (const base::Json& one : hint->as_array())
    made += (made.empty() ? "" : ", ") + (one.is_string() ? one.as_string() : base::to_text(one));
  return "[" + made + "]";
}

// What the file is as an item; a command with arguments is a template.
Result<std::string> text_as(const Source& source, const std::string& text, const std::string& name, Kind& kind) {
  if (source.form == Form::as_is) return text;
  if (source.form == Form::toml_prompt) return toml_command(text, name, kind);
  const auto front = TRY(text::parse_front_matter(text, text::FrontMatterReading::mending));
  const std::string body = front ? text.substr(front->body) : text;
  const std::string description = front ? front->value.string_or("description") : std::string();
  if (source.form == Form::prompt) return command_as(name, description, hint_in(front), body, kind);
  if (source.form == Form::note) {
    if (body.find_first_not_of(" \t\r\n") == std::string::npos)
      return fail(ErrorCode::invalid_argument, "it says nothing", "");
    const std::string heading = description.empty() ? text::first_heading(body) : description;
    return written(name, heading.empty() ? name : heading, body);
  }
  return item::write(item::Document{
      .title = name, .description = description.empty() ? "The rule " + name : description, .body = body});
}

std::string joined(const std::vector<std::string>& list) {
  std::string made;
  for (const std::string& one : list) made += (made.empty() ? "" : ", ") + one;
  return made;
}

// All of it but its tags, which stand in the head.
std::string text_of(const item::Experience& experience) {
  std::string body;
  const auto add = [&body](std::string_view title, const std::string& text) {
    const bool is_block = text.contains('\n') || text.starts_with("- ");
    if (!text.empty()) body += "**" + std::string(title) + "**:" + (is_block ? "\n\n" : " ") + text + "\n\n";
  };
  const auto add_value = [&](std::string_view title, const base::Json& value) {
    add(title, value.is_string() ? value.as_string() : base::to_text(value, base::JsonStyle::spaced));
  };
  add("Outcome", experience.outcome);
  add("When", experience.timestamp);
  if (experience.cost) add_value("Cost", *experience.cost);
  if (experience.duration_seconds) add_value("Seconds", *experience.duration_seconds);
  add("Sentiment", experience.sentiment);
  add("Satisfaction", experience.satisfaction);
  if (experience.preface.empty()) add("Summary", experience.summary);  // else it stands there
  if (!experience.preface.contains(experience.learnings)) add("Learnings", experience.learnings);
  add("Insights", experience.insights);
  add("Notes", experience.notes);
  if (experience.errors) add_value("Errors", *experience.errors);
  add("Recovery", joined(experience.recovery_actions));
  if (!experience.constraints.as_object().empty()) add_value("Constraints", experience.constraints);
  add("Used", joined(experience.components));
  for (const auto& [key, value] : experience.other.as_object()) add_value(key, value);
  for (const item::Attribute& section : experience.sections) add(section.name, section.value);
  if (!experience.preface.empty()) body += experience.preface + "\n";
  return body.empty() ? "Nothing more is written down.\n" : body;
}

// What a library says of a component besides its name and its file: its status, and of what else there is something.
std::string said_of(const item::LibraryEntry& entry) {
  std::vector<std::string> said;
  if (!entry.status.empty()) said.push_back("status " + entry.status);
  const auto name_if = [&said](bool is_there, std::string_view key) {
    if (is_there) said.emplace_back(key);
  };
  name_if(!entry.record_type.empty(), "record_type");
  name_if(!entry.description.empty(), "description");
  name_if(!entry.domain.empty(), "domain");
  name_if(!entry.cost.empty(), "cost");
  name_if(!entry.latency.empty(), "latency");
  name_if(!entry.side_effects.empty(), "side_effects");
  name_if(!entry.version.empty(), "version");
  name_if(!entry.claude_tools.empty(), "claude_tool");
  name_if(!entry.tags.empty(), "tags");
  name_if(!entry.applicability_text.empty(), "applicability_text");
  for (const item::Attribute& one : entry.other) said.push_back(one.name);
  return joined(said);
}

// What stands beside the SKILL.md, and what of it does not come along.
struct Folder {
  std::vector<ImportFile> files;
  std::string left;
};
Result<Folder> folder_of(const std::string& folder, const Sight& sight) {
  Folder made;
  std::size_t bytes = 0;
  std::size_t left = 0;
  const auto visit = [&](const sys::Place& at, const sys::Stat& stat) -> Result<sys::Descend> {
    if (at.path == folder) return sys::Descend::yes;
    const bool is_left = sight.is_denied(at.path) || at.name == ".git" || !base::is_utf8(at.path) ||
                         (!stat.is_directory() && !stat.is_regular());
    if (is_left) return ++left, sys::Descend::no;
    if (stat.is_directory()) return sys::Descend::yes;
    ImportFile one{.path = at.path.substr(folder.size() + 1), .bytes = {}, .is_executable = (stat.mode & 0100U) != 0};
    one.bytes = TRY(read_regular(at.path, kSkillBytesMax));
    bytes += one.bytes.size();
    if (bytes > kSkillBytesMax || made.files.size() >= kSkillFilesMax)
      return fail(ErrorCode::over_budget,
                  "its folder holds more than " + std::to_string(kSkillFilesMax) + " files or " +
                      std::to_string(kSkillBytesMax >> 20) + " MiB",
                  "");
    made.files.push_back(std::move(one));
    return sys::Descend::yes;
  };
  TRY(sys::walk_tree(TRY(sys::open_parent(folder)), kEntriesMax, visit));
  if (left > 0)
    made.left =
        std::to_string(left) + " of its folder stay where they are: links, what is no file, what may not be read";
  return made;
}

class Finder {
 public:
  Finder(const Sight& sight, const Targets& targets) : sight_(sight), targets_(targets) {
    for (const item::Volume* volume : {targets.project, targets.home})
      there_.try_emplace(source_name(volume->place()), volume->list().items);
  }

  Result<void> look(const Place& place) {
    const Result<sys::Place> held = sys::open_parent(place.path);  // by no symlink
    if (!held || !TRY(sys::stat_if_there(*held))) return {};
    const auto visit = [&](const sys::Place& below, const sys::Stat& stat) -> Result<sys::Descend> {
      const std::string inner = below.path.substr(place.path.size());
      if (sight_.is_denied(below.path) || std::ranges::count(inner, '/') > kDepthMax) return sys::Descend::no;
      const bool is_within =
          place.source.within.empty() || inner.contains("/" + std::string(place.source.within) + "/");
      if (stat.is_regular() && is_within && below.name.ends_with(place.source.ending))
        take(place.source, below.path, inner);
      return sys::Descend::yes;
    };
    const Result<sys::TreeSize> walked = sys::walk_tree(*held, kEntriesMax, visit);
    if (walked || walked.error().code == ErrorCode::over_budget) return {};  // what was found until then
    return std::unexpected(walked.error());
  }

  std::vector<Import> found() { return std::move(found_); }

 private:
  // `inner` is its path below the source's folder: "/fe/test.md".
  void take(const Source& source, const std::string& file, const std::string& inner) {
    const bool is_folder = source.ending == kSkillFile;
    const std::string stem = stem_of(source, is_folder ? sys::parent_of(file) : file);
    const std::string name = item_name(is_folder ? stem : stem.substr(0, stem.rfind('.')));
    Import made{.row = {.from = source.from,
                        .file = base::to_valid_utf8(file),
                        .state = "broken",
                        .kind = source.kind,
                        .name = name,
                        .location = location_of(source)}};
    const bool has_folders = !is_folder && source.within.empty() && std::ranges::count(inner, '/') > 1;
    if (has_folders) made.category = category_of(inner);
    if (has_folders && source.form != Form::as_is) part_from_twins(made);
    const Result<std::string> text = read_regular(file, kFileBytesMax);
    if (!text) {
      made.row.note = text.error().message;
      return found_.push_back(std::move(made));
    }
    if (source.form == Form::memory) return take_memory(made, *text);
    if (source.form == Form::library) return take_library(made, *text);
    Result<std::string> content = text_as(source, *text, *made.row.name, *made.row.kind);
    if (!content)
      made.row.note = content.error().message;
    else
      judge(made, std::move(*content));
    if (source.form != Form::as_is && made.row.name != name && made.row.note.empty())
      made.row.note = "named after its folder too: there is another '" + name + "'";
    if (is_folder && made.row.state == "new") take_folder(made, sys::parent_of(file));
    found_.push_back(std::move(made));
  }

  // Folders that a category can have.
  static std::string category_of(const std::string& inner) {
    std::string made;
    for (std::size_t at = 1; at < inner.size();) {
      const std::size_t end = inner.find('/', at);
      if (end == std::string::npos) break;
      made += "/" + item_name(inner.substr(at, end - at));
      at = end + 1;
    }
    return made;
  }

  // Two commands of one name in different folders are both wanted: the second is named after its folder too.
  void part_from_twins(Import& made) const {
    const bool is_taken = std::ranges::any_of(found_, [&](const Import& other) {
      return other.row.what == Found::item && other.row.from == made.row.from && other.row.name == made.row.name &&
             other.row.location == made.row.location && other.row.state != "broken";
    });
    if (!is_taken) return;
    std::string folder = made.category.substr(1);
    std::ranges::replace(folder, '/', '-');
    made.row.name = folder + "-" + *made.row.name;
  }

  void judge(Import& made, std::string content) {
    const item::Place place{.kind = *made.row.kind, .name = *made.row.name};
    const item::Item parsed = item::parse(place, content);
    if (const Result<void> sound = parsed.check(); !sound) {
      made.row.note = sound.error().message;
      return;
    }
    const std::string& location = *made.row.location;
    const bool is_there = std::ranges::any_of(there_[location], [&](const item::Listed& listed) {
      return listed.place && listed.place->kind == place.kind && listed.place->name == place.name;
    });
    made.row.state = is_there ? "there" : "new";
    if (is_there) made.row.note = "an item of that name is in " + location + " already";
    made.content = std::move(content);
  }

  void take_folder(Import& made, const std::string& folder) const {
    Result<Folder> whole = folder_of(folder, sight_);
    if (!whole) {
      made.row.state = "broken";
      made.row.note = whole.error().message;
      return;
    }
    made.row.note = whole->left;
    if (whole->files.size() < 2) return;
    made.row.files = static_cast<std::int64_t>(whole->files.size());
    made.files = std::move(whole->files);
  }

  void take_memory(const Import& file, const std::string& text) {
    item::Review review(text);
    for (const item::Experience& experience : item::parse_memory(text, review)) {
      Import made = file;
      made.row.name = item_name(experience.id);
      judge(made, written(*made.row.name, experience.goal.empty() ? experience.id : experience.goal,
                          text_of(experience), experience.tags));
      found_.push_back(std::move(made));
    }
    for (const item::Problem& problem : review.take()) {
      Import made = file;
      made.row.note = text::to_text(problem.fault);
      found_.push_back(std::move(made));
    }
  }

  // Its entries name files that are looked at by themselves.
  void take_library(const Import& file, const std::string& text) {
    for (const item::LibraryEntry& entry : item::parse_library(text)) {
      Import made = file;
      made.row.what = Found::other;
      made.row.kind.reset();
      made.row.location.reset();
      made.row.name = entry.id;
      const std::string project = sys::parent_of(sys::parent_of(file.row.file));
      const bool is_there = !entry.file_path.empty() && sys::lstat(project + "/" + entry.file_path);
      made.row.state = is_there ? "in_place" : "left";
      made.row.note = entry.file_path.empty() ? "it names no file"
                      : is_there              ? "its file is brought over by itself: " + entry.file_path
                                              : "its file is not there: " + entry.file_path;
      if (const std::string left = said_of(entry); !left.empty())
        made.row.note += "; what is said of it here does not come along: " + left;
      found_.push_back(std::move(made));
    }
  }

  std::string location_of(const Source& source) const { return source_name(targets_.of(source.root).place()); }

  const Sight& sight_;
  const Targets& targets_;
  std::map<std::string, std::vector<item::Listed>> there_;  // by volume
  std::vector<Import> found_;
};

}  // namespace

std::string root_of(const CallContext& call, Root root) {
  return root == Root::home ? call.kernel().folders().home : call.caller().project;
}

std::vector<std::string> import_places(const CallContext& call, std::span<const Origin> wanted) {
  std::vector<std::string> made;
  for (const Place& place : places_of(call, wanted))
    if (sys::lstat(place.path) && std::ranges::find(made, place.path) == made.end()) made.push_back(place.path);
  return made;
}

Result<std::vector<Import>> imports_in_files(const CallContext& call, std::span<const Origin> wanted,
                                             const Sight& sight, const Targets& targets) {
  Finder finder(sight, targets);
  for (const Place& place : places_of(call, wanted)) TRY(finder.look(place));
  return finder.found();
}

}  // namespace lilux::tools::item_tools

#include "surface/mcp_install.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "surface/ask.h"
#include "surface/call_verbs.h"
#include "surface/print.h"
#include "surface/session.h"
#include "surface/verbs.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "sys/self.h"
#include "text/diff.h"
#include "text/settings.h"
#include "text/shell.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kShownAround = 40;
constexpr std::int64_t kHookSeconds = 60;
// What it does by itself with files, commands and the network; its other tools touch nothing.
constexpr std::string_view kHookMatcher =
    "Bash|PowerShell|Monitor|REPL|Edit|MultiEdit|Write|NotebookEdit|Read|NotebookRead|Glob|Grep|LS|WebFetch|WebSearch";

// A file of the user's: in a folder that a variable may name, else in the home or the configuration folder.
struct Place {
  std::string_view variable;
  std::string_view folder;
  std::string_view file;
  bool is_config = false;
};

struct Client {
  std::string_view name;
  const text::SettingsFormat& format;
  std::string_view list;     // the member that holds the servers
  std::string_view command;  // the member that names the program
  bool has_type;
  Place user;
  std::string_view project;  // file below the project; empty: it has none
};

constexpr std::array<Client, 5> kClients{{
    {"claude",
     text::kJsonSettings,
     "mcpServers",
     "command",
     true,
     {"CLAUDE_CONFIG_DIR", "", ".claude.json"},
     ".mcp.json"},
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

struct Options {
  Common common;
  const Client* client = nullptr;
  std::string name = "lilux";
  bool is_project = false;
  bool is_removal = false;
  bool is_print = false;
  bool has_hook = false;
  std::vector<std::string> serve{"mcp", "serve"};
};

// A file as it is and as it should be.
struct Change {
  std::string file;
  bool is_there = false;
  std::string before;
  std::string after;
  std::string diff() const { return text::unified_diff(before, after, {.old_name = file, .new_name = file}); }
  bool has_patch() const { return diff().find("\n@@ ") != std::string::npos; }  // else its lines are too long
};

// What a person is shown: the diff, and of lines that are too long for one the part that changes.
std::string shown_change(const Change& change) {
  if (change.has_patch()) return change.diff();
  const auto [before, after] = std::ranges::mismatch(change.before, change.after);
  const auto same = static_cast<std::size_t>(before - change.before.begin());
  const std::size_t shorter = std::min(change.before.size(), change.after.size());
  std::size_t tail = 0;
  while (tail < shorter - same &&
         change.before[change.before.size() - 1 - tail] == change.after[change.after.size() - 1 - tail])
    ++tail;
  const std::size_t from = same - std::min(same, kShownAround);
  const auto part = [&](const std::string& text) {
    const std::size_t to = std::min(text.size() - tail + kShownAround, text.size());
    return text.substr(from, to - from) + "\n";
  };
  return change.diff() + "-..." + part(change.before) + "+..." + part(change.after);
}

std::string client_names() {
  std::string names;
  for (const Client& client : kClients) names.append(names.empty() ? "" : ", ").append(client.name);
  return names;
}

Result<const Client*> client_of(const std::string& name) {
  const auto found = std::ranges::find(kClients, name, &Client::name);
  if (found != kClients.end()) return &*found;
  std::vector<std::string_view> names;
  for (const Client& client : kClients) names.push_back(client.name);
  return fail(ErrorCode::invalid_argument,
              name.empty() ? "for which client?" : "unknown client '" + std::string(base::clipped(name, 60)) + "'",
              base::guess(name, names, "one of " + client_names(), "lilux mcp install "));
}

Result<void> check_name(const std::string& name) {
  const bool is_plain = !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (is_plain) return {};
  return fail(ErrorCode::invalid_argument, "--name: '" + std::string(base::clipped(name, 100)) + "' is no name",
              "letters, digits, - and _, at most " + std::to_string(kNameMax));
}

Result<Options> options_of(std::span<const std::string_view> given) {
  Command command = TRY(read_words(given, nullptr));
  Options options{.common = std::move(command.common)};
  std::string client;
  const std::vector<std::string>& words = command.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string flag = words[i].substr(0, words[i].find('='));
    const auto value = [&]() -> Result<std::string> {
      if (flag.size() < words[i].size()) return words[i].substr(flag.size() + 1);
      if (i + 1 == words.size())
        return fail(ErrorCode::invalid_argument, flag + " needs a value", "lilux help mcp install");
      return words[++i];
    };
    if (words[i] == "--") {
      options.serve.insert(options.serve.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (flag == "--name")
      options.name = TRY(value());
    else if (flag == "--expose")
      options.serve.insert(options.serve.end(), {"--expose", TRY(value())});
    else if (words[i] == "--project")
      options.is_project = true;
    else if (words[i] == "--remove")
      options.is_removal = true;
    else if (words[i] == "--print")
      options.is_print = true;
    else if (words[i] == "--hook")
      options.has_hook = true;
    else if (client.empty() && !words[i].starts_with('-'))
      client = words[i];
    else
      return fail(ErrorCode::invalid_argument, "unexpected word '" + std::string(base::clipped(words[i], 100)) + "'",
                  "lilux help mcp install; words for `lilux mcp serve` follow a lone --");
  }
  options.client = TRY(client_of(client));
  TRY(check_name(options.name));
  if (options.has_hook && options.client->name != "claude")
    return fail(ErrorCode::invalid_argument,
                "--hook: " + std::string(options.client->name) +
                    " has no hook by which another program could hold back every use of its own tools",
                "leave --hook out; docs/mcp-install.md says what passes Lilux by then");
  return options;
}

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

Result<Change> change_of(std::string file) {
  Change change{.file = std::move(file)};
  const auto found = TRY(sys::stat_if_there(change.file));
  if (!found) return change;
  if (!found->is_regular())
    return fail(ErrorCode::invalid_argument,
                sys::quoted(change.file) + " is a " + std::string(sys::type_name(found->type)) + ", not a file",
                "put it elsewhere and try again");
  change.is_there = true;
  change.before = TRY(sys::read_file(change.file, kFileBytesMax));
  if (!base::is_utf8(change.before))
    return fail(ErrorCode::invalid_argument, sys::quoted(change.file) + " is not UTF-8", "mend the file");
  change.after = change.before;
  return change;
}

JsonArray list_of(const std::vector<std::string>& words) {
  JsonArray list;
  for (const std::string& word : words) list.emplace_back(word);
  return list;
}

JsonObject entry_of(const Options& options, const std::string& program) {
  const Client& client = *options.client;
  JsonObject entry;
  if (client.has_type) entry.set("type", "stdio");
  entry.set(client.command, program);
  entry.set("args", list_of(options.serve));
  if (client.name != "goose") return entry;
  entry.set("name", options.name);
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

// The file with our entry as it should be; what a person added to it stays.
Result<std::string> with_entry(const Options& options, const std::string& before, const std::string& program) {
  const Client& client = *options.client;
  std::vector<std::string> path{std::string(client.list), options.name};
  const std::optional<Json> old = TRY(client.format.find(before, path));
  if (old && !is_ours(client, *old, program))
    return fail(ErrorCode::conflict, "'" + options.name + "' is there already and starts something else",
                options.is_removal ? "take it out by hand if nobody needs it" : "choose another name: --name lilux-2");
  if (options.is_removal) return client.format.without(before, path);
  const JsonObject entry = entry_of(options, program);
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

Result<std::string> with_hook(const Options& options, const std::string& before, const std::string& program) {
  const std::array<std::string, 2> path{"hooks", "PreToolUse"};
  const std::optional<Json> groups = TRY(text::find_json(before, path));
  const Json wanted = hook_of(program);
  std::string after = before;
  for (std::size_t i = groups && groups->is_array() ? groups->as_array().size() : 0; i > 0; --i) {
    const Json& group = groups->as_array()[i - 1];
    if (!holds_our_hook(group)) continue;
    if (!options.is_removal && group == wanted) return before;
    if (group.find("hooks")->as_array().size() > 1)
      return fail(ErrorCode::conflict, "our hook stands there together with others, under one matcher",
                  "take it out by hand: the command that ends in `" + std::string(kHookWords.substr(1)) + "`");
    after = TRY(text::without_json_entry(after, path, i - 1));
  }
  if (options.is_removal) return after;
  return text::with_json_entry(after, path, wanted);
}

// What a person would put in by hand.
std::string snippet(Result<std::string> text) {
  return text ? "; or put this in by hand:\n" + *text : "";
}

using MakeText = Result<std::string> (*)(const Options&, const std::string& before, const std::string& program);

Result<Change> planned(const Options& options, std::string file, const std::string& program, MakeText make) {
  Change change = TRY(change_of(std::move(file)));
  Result<std::string> after = make(options, change.before, program);
  if (after) {
    change.after = std::move(*after);
    return change;
  }
  base::Error error = std::move(after.error());
  const bool is_text = error.code == ErrorCode::invalid_argument;
  if (is_text && !options.is_removal) error.hint += snippet(make(options, "", program));
  return base::in_context(std::move(error), sys::quoted(change.file));
}

Result<std::vector<Change>> plan(const Options& options) {
  const kernel::Folders folders = TRY(own_folders());
  const std::string program = sys::own_program();
  if (!sys::exists(program))
    return fail(ErrorCode::unavailable, "the running program is gone: " + sys::quoted(program), "start it anew");
  const Client& client = *options.client;
  const auto file = [&](const Place& place, std::string_view of_project) -> Result<std::string> {
    return options.is_project ? project_file(client, of_project, folders) : user_file(place, folders);
  };
  std::vector<Change> changes;
  changes.push_back(TRY(planned(options, TRY(file(client.user, client.project)), program, with_entry)));
  if (options.has_hook)
    changes.push_back(TRY(planned(options, TRY(file(kHookFile, kHookProjectFile)), program, with_hook)));
  return changes;
}

// Yes of a person, given before or now.
Result<bool> is_agreed(const Common& common) {
  if (common.is_yes) return true;
  if (is_at_terminal(common)) {
    TRY(sys::flush_standard_output());
    return confirm("Write it?");
  }
  return fail(ErrorCode::approval_required, "nothing is written: nobody is there to ask",
              "run it again with --yes, or put in by hand what is shown above");
}

// An edit of what was shown, and of nothing else: should the file have changed since, it still fits or is refused.
Result<Json> write(const Common& common, const Change& change) {
  Common agreed = common;
  agreed.is_yes = true;
  if (agreed.reason.empty()) agreed.reason = "lilux mcp install";
  if (change.is_there && !change.has_patch()) {
    if (TRY(sys::read_file(change.file, kFileBytesMax)) != change.before)
      return fail(ErrorCode::conflict, sys::quoted(change.file) + " has changed meanwhile", "try again");
    return asked_envelope(agreed, "fs.write", JsonObject{{"path", change.file}, {"content", change.after}});
  }
  if (change.is_there)
    return asked_envelope(agreed, "fs.edit", JsonObject{{"path", change.file}, {"patch", change.diff()}});
  return asked_envelope(
      agreed, "fs.write",
      JsonObject{{"path", change.file}, {"content", change.after}, {"create_dirs", true}, {"must_not_exist", true}});
}

JsonObject row_of(const Change& change, const std::string& call) {
  JsonObject row{{"file", change.file}, {"diff", shown_change(change)}};
  if (!call.empty()) row.set("call", call);
  return row;
}

Result<int> write_all(const Options& options, const std::vector<Change>& changes) {
  JsonArray rows;
  std::string text;
  for (const Change& change : changes) {
    const Json envelope = TRY(write(options.common, change));
    if (!envelope.bool_or("ok")) {
      print(text);
      return print_envelope(envelope, options.common.is_json);
    }
    const std::string call = envelope.string_or("call");
    rows.emplace_back(row_of(change, call));
    text += "wrote " + base::escape_line(change.file) + "\n  take it back: lilux undo " + call + "\n";
  }
  return print_own({{"changes", std::move(rows)}, {"written", true}}, text, options.common.is_json);
}

}  // namespace

Result<int> mcp_install_verb(std::span<const std::string_view> words) {
  const Options options = TRY(options_of(words));
  std::vector<Change> changes = TRY(plan(options));
  const bool is_json = options.common.is_json;
  JsonArray rows;
  std::string same;
  std::string diffs;
  for (const Change& change : changes) {
    if (change.after == change.before) {
      same += base::escape_line(change.file) + (options.is_removal ? " has no such entry" : " has it already") +
              ": nothing to do\n";
      continue;
    }
    rows.emplace_back(row_of(change, ""));
    diffs += base::escape_for_terminal(shown_change(change));
  }
  std::erase_if(changes, [](const Change& change) { return change.after == change.before; });
  if (!is_json) print(same + diffs);
  if (options.is_print || changes.empty())
    return print_own({{"changes", std::move(rows)}, {"written", false}}, "", is_json);
  if (!options.is_project) sys::set_own_umask(077);  // clients keep their tokens there, and the mode as it is
  if (!TRY(is_agreed(options.common))) {
    print("nothing is written\n");
    return 0;
  }
  return write_all(options, changes);
}

}  // namespace lilux::surface

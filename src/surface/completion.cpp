#include "surface/completion.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "item/kind.h"
#include "surface/arguments.h"
#include "surface/mcp_clients.h"
#include "surface/verbs.h"
#include "tools/table.h"

namespace lilux::surface {

using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kBash = R"(_lilux() {
  local word
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    COMPREPLY+=("$word")
  done < <("${COMP_WORDS[0]/#\~/$HOME}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _lilux lilux
)";

constexpr std::string_view kZsh = R"(#compdef lilux
_lilux() {
  local -a found
  local line
  for line in "${(@f)$("${words[1]/#\~/$HOME}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line ]] || found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then _describe lilux found; else _files; fi
}
if [ "$funcstack[1]" = _lilux ]; then _lilux; else compdef _lilux lilux; fi
)";

constexpr std::string_view kFish = R"(function __lilux_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l found ($words[1] complete -- $words[2..] "$current" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c lilux -f -a '(__lilux_complete)'
)";

// The verb or tool that the words name, and how many of them do.
struct Named {
  const Verb* verb = nullptr;
  const kernel::Tool* tool = nullptr;
  std::size_t words = 0;
};

Named named(std::span<const std::string_view> words) {
  if (words.size() > 1) {
    const std::string first(words[0]);
    const std::string second(words[1]);
    if (first == "call") return {.tool = tools::find(second), .words = 2};
    if (const Verb* verb = find_verb(first + " " + second)) return {verb, tools::find(verb->tool), 2};
    if (const kernel::Tool* tool = tools::find(first + "." + second)) return {nullptr, tool, 2};
  }
  const Verb* verb = words.empty() ? nullptr : find_verb(words[0]);
  if (verb) return {verb, tools::find(verb->tool), 1};
  const kernel::Tool* tool = words.empty() ? nullptr : tools::find(words[0]);  // in the shell
  return {nullptr, tool, tool ? std::size_t{1} : 0};
}

// Fields whose values are names of what there is: the tools that have them, and how those names are had.
struct Naming {
  std::string_view tools;  // begin so
  std::string_view field;
  std::string_view lister;
  std::string_view rows;
  std::string_view name;
  std::string_view summary;
  std::string_view narrowed_by = {};  // a field of both, if it is given
};
constexpr auto kNamings = std::to_array<Naming>({
    {"item.", "name", "item.list", "items", "name", "description", "kind"},
    {"", "source", "volume.list", "volumes", "source", "folder"},
    {"approval.", "call", "approval.list", "approvals", "call", "tool"},
    {"undo.", "call", "undo.list", "calls", "call", "tool"},
    {"ledger.", "call", "ledger.query", "calls", "call", "tool"},
    {"task.", "task", "task.list", "tasks", "id", "title"},
});

class Candidates {
 public:
  explicit Candidates(std::string_view current) : current_(current) {}

  void add(std::string_view word, std::string_view summary = "") {
    if (word.starts_with(current_)) found_.push_back({std::string(word), std::string(summary)});
  }
  void add_all(std::span<const std::string_view> words) {
    for (const std::string_view word : words) add(word);
  }
  void add_tools() {
    for (const kernel::Tool& tool : tools::table()) add(tool.name, tool.summary);
  }
  void add_choices(const Json& field) {
    const Json* choices = field.find("enum");
    if (!choices) return;
    for (const Json& choice : choices->as_array()) add(choice.is_string() ? choice.as_string() : base::to_text(choice));
  }
  void add_names(const Naming& naming, const JsonObject& given, const MakeCall& make_call) {
    JsonObject arguments;
    if (const Json* narrow = given.find(naming.narrowed_by)) arguments.set(std::string(naming.narrowed_by), *narrow);
    const Result<Json> envelope = make_call(naming.lister, std::move(arguments));
    const Json* output = envelope ? envelope->find("output") : nullptr;
    const Json* rows = output ? output->find(naming.rows) : nullptr;
    if (!rows) return;
    for (const Json& row : rows->as_array()) add(row.string_or(naming.name), row.string_or(naming.summary));
  }
  void add_flags(const Named& of, const Json& fields) {
    for (const Flag& flag : of.verb ? of.verb->flags : std::span<const Flag>{}) add(flag.name, flag.summary);
    for (const auto& [name, field] : fields.as_object()) add("--" + name, field.string_or("description"));
    for (const Flag& flag : common_flags()) add(flag.name, flag.summary);
  }
  std::vector<Candidate> take() { return std::move(found_); }

 private:
  std::string_view current_;
  std::vector<Candidate> found_;
};

const Flag* find_flag(std::span<const Flag> flags, std::string_view name) {
  const auto flag = std::ranges::find(flags, name, &Flag::name);
  return flag == flags.end() ? nullptr : &*flag;
}

// Whether a value has to follow this word.
bool wants_value(const Named& of, const Json& fields, std::string_view word) {
  if (!word.starts_with("--") || word.contains('=')) return false;
  if (const Json* field = fields.find(word.substr(2))) return field->string_or("type") != "boolean";
  const Flag* flag = of.verb ? find_flag(of.verb->flags, word) : nullptr;
  if (!flag) flag = find_flag(common_flags(), word);
  return flag && !flag->value.empty();
}

void add_first_words(Candidates& found, std::span<const std::string_view> words) {
  const std::string_view first = words.empty() ? std::string_view() : words[0];
  if (first.empty() || first.starts_with('-')) found.add_all(first_words());
  if (words.size() != 1) return;
  found.add_all(second_words(first));
  if (first == "call" || first == "help") found.add_tools();
  if (first == "help") found.add_all(first_words());
  if (first == "completion") found.add_all(std::array<std::string_view, 3>{"bash", "fish", "zsh"});
}

// What may follow that no field names: the clients that Lilux is entered into, the kinds that are searched.
void add_own_values(Candidates& found, const Named& of, std::size_t words, std::string_view field) {
  if (of.verb && of.verb->name == "mcp install" && words == of.words) found.add_all(client_names());
  if (!of.tool || of.tool->name != "search.query" || field != "kinds") return;
  found.add_all(enum_names(item::Kind{}));
  found.add_all(std::array<std::string_view, 2>{"call", "memory"});
}

// What the words behind the verb say, and the field that the next word fills; empty when it is none's.
struct Given {
  JsonObject values;
  std::string field;
  bool is_value = false;  // it follows a flag that wants one
};

Given given_by(std::span<const std::string_view> words, const Named& of, const Json& schema, const Json& fields) {
  const std::vector<std::string_view> positional =
      of.verb ? std::vector(of.verb->positional.begin(), of.verb->positional.end()) : positional_of(schema);
  Given given;
  std::size_t filled = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (wants_value(of, fields, words[i])) {
      const std::string name(words[i].substr(2));
      given.is_value = ++i == words.size();
      if (given.is_value)
        given.field = fields.find(name) ? name : std::string();
      else
        given.values.set(name, words[i]);
    } else if (const std::size_t equals = words[i].find('='); words[i].starts_with("--") && equals != words[i].npos) {
      given.values.set(std::string(words[i].substr(2, equals - 2)), words[i].substr(equals + 1));
    } else if (!words[i].starts_with('-')) {
      if (filled < positional.size()) given.values.set(std::string(positional[filled]), words[i]);
      ++filled;
    }
  }
  if (!given.is_value && filled < positional.size()) given.field = positional[filled];
  return given;
}

const Naming* naming_of(const kernel::Tool& tool, std::string_view field) {
  const auto fits = [&](const Naming& naming) { return naming.field == field && tool.name.starts_with(naming.tools); };
  const auto found = std::ranges::find_if(kNamings, fits);
  return found == kNamings.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Candidate> candidates(std::span<const std::string_view> before, std::string_view current,
                                  const MakeCall& make_call) {
  std::vector<std::string_view> words = verb_first(before);
  std::erase(words, "=");  // bash makes three words of --name=value
  Candidates found(current);
  if (count_own(words) < words.size()) return found.take();  // the shell knows about files
  const Named of = named(words);
  add_first_words(found, words);
  if (!of.verb && !of.tool) return found.take();
  const Json schema = of.tool ? of.tool->input_schema() : Json(JsonObject{});
  const Json fields = schema.find("properties") ? *schema.find("properties") : Json(JsonObject{});
  const Given given = given_by(std::span(words).subspan(of.words), of, schema, fields);
  add_own_values(found, of, words.size(), given.field);
  if (!given.field.empty() && !current.starts_with('-')) {
    found.add_choices(*fields.find(given.field));
    if (const Naming* naming = of.tool ? naming_of(*of.tool, given.field) : nullptr)
      found.add_names(*naming, given.values, make_call);
  }
  const bool wants_flags = current.starts_with('-') || (!of.verb && current.empty());
  if (wants_flags && !given.is_value) found.add_flags(of, fields);
  return found.take();
}

Result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return std::string(kBash);
  if (shell == "zsh") return std::string(kZsh);
  if (shell == "fish") return std::string(kFish);
  return base::fail(base::ErrorCode::invalid_argument,
                    "no completion for '" + std::string(base::clipped(shell, 40)) + "'",
                    "lilux completion bash, zsh or fish");
}

}  // namespace lilux::surface

#include "surface/shell_line.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/nearest.h"
#include "brain/dispatch.h"
#include "surface/arguments.h"
#include "surface/verbs.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kBlanks = " \t";

struct Word {
  std::string text;
  bool is_bar = false;  // a '|' outside quotes
};

// Words of a line, quotes removed; the place of the quote that stays open, as an error.
Result<std::vector<Word>> words_of(std::string_view line) {
  std::vector<Word> words;
  bool is_open = false;  // a word has begun
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool is_end = quote == 0 && (kBlanks.find(c) != std::string_view::npos || c == '|');
    if (is_end) {
      is_open = false;
      if (c == '|') words.push_back({.text = "|", .is_bar = true});
      continue;
    }
    if (!std::exchange(is_open, true)) words.emplace_back();
    if (c == '\\' && quote != '\'' && i + 1 < line.size())
      words.back().text += line[++i];
    else if (quote == 0 ? c == '"' || c == '\'' : c == quote)
      quote = quote == 0 ? c : '\0';
    else
      words.back().text += c;
  }
  if (quote == 0) return words;
  return fail(ErrorCode::invalid_argument, std::string("a quote ") + quote + " is not closed",
              "close it, or write \\" + std::string(1, quote));
}

// The tool that these words name, and how many of them do.
std::pair<const kernel::Tool*, std::size_t> tool_of(const std::vector<std::string>& words) {
  if (words.empty()) return {nullptr, 0};
  if (words[0] == "call") return {words.size() > 1 ? tools::find(words[1]) : nullptr, 2};
  if (words.size() > 1) {
    if (const Verb* verb = find_verb(words[0] + " " + words[1])) return {tools::find(verb->tool), 2};
    if (const kernel::Tool* tool = tools::find(words[0] + "." + words[1])) return {tool, 2};
  }
  if (const Verb* verb = find_verb(words[0])) return {tools::find(verb->tool), 1};
  return {tools::find(words[0]), 1};
}

// path=README.md as --path=README.md, where the tool has such a field.
void name_fields(std::vector<std::string>& words) {
  const auto [tool, named] = tool_of(words);
  if (!tool) return;
  const base::Json schema = tool->input_schema();
  const base::Json* fields = schema.find("properties");
  for (std::size_t i = named; fields && i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals != std::string::npos && fields->find(std::string_view(words[i]).substr(0, equals)))
      words[i].insert(0, "--");
  }
}

bool is_one_of(std::span<const std::string_view> all, std::string_view word) {
  return std::ranges::find(all, word) != all.end();
}

// Verbs that are no tool: "run the tests", "top processes" and "do I have space" are sentences.
bool is_sound_for(const Verb& verb, const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 12> kNoProgram{"the",  "a",  "an",  "my",    "all",   "this",
                                                        "that", "it", "our", "these", "those", "some"};
  constexpr std::array<std::string_view, 6> kNoWish{"I", "i", "we", "you", "they", "it"};
  if (words.size() < 2) return true;
  if (verb.name == "run")
    return !is_one_of(kNoProgram, words[1]) && !(words.size() > 4 && words[words.size() - 3] == "in" &&
                                                 words[words.size() - 2] == "the" && words.back() == "background");
  if (verb.name == "do") return !is_one_of(kNoWish, words[1]);
  if (verb.name == "help")
    return words[1] == "tools" || words[1] == "verbs" || is_command({words.begin() + 1, words.end()});
  return !verb.usage.empty();
}

// "undo that" names no call: what calls, tasks and processes are called by has a digit in it.
bool names_none(const std::vector<std::string_view>& fields, const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 3> kIds{"call", "task", "pid"};
  return !fields.empty() && words.size() == 1 && is_one_of(kIds, fields.front()) && !tools::is_id(words.front());
}

// Whether words after a verb or tool that is one call can be its arguments; "search for the sandbox" is a sentence.
bool is_sound(const std::vector<std::string>& words) {
  const auto [tool, named] = tool_of(words);
  const bool has_flags = std::ranges::any_of(words, [](const std::string& word) { return word.starts_with('-'); });
  const Verb* verb = find_verb(words[0]);
  if (verb && verb->tool.empty() && verb->name != "call" && !has_flags && named == 1 && !tool)
    return is_sound_for(*verb, words);
  if (verb && tool && named == 1 && words.size() == 2 &&
      names_none({verb->positional.begin(), verb->positional.end()}, {words[1]}))
    return false;
  if (!tool || has_flags || words.size() < named + 2) return true;
  const base::Json schema = tool->input_schema();
  const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(named), words.end());
  const std::vector<std::string_view> fields = positional_of(schema);
  return arguments_from(schema, verb && named == 1 ? verb->positional : fields, rest).has_value();
}

std::string trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlanks);
  return from == std::string_view::npos ? ""
                                        : std::string(text.substr(from, text.find_last_not_of(kBlanks) - from + 1));
}

Result<ShellLine> commands_of(std::vector<Word> words) {
  ShellLine made{.kind = ShellLine::Kind::commands, .stages = {{}}};
  for (Word& word : words) {
    if (word.is_bar)
      made.stages.emplace_back();
    else
      made.stages.back().push_back(std::move(word.text));
  }
  for (std::vector<std::string>& stage : made.stages) {
    if (stage.empty())
      return fail(ErrorCode::invalid_argument, "nothing stands on one side of a '|'",
                  "for example: fs.search *.md | fs.read");
    if (!is_command(stage)) {
      if (std::optional<base::Error> error = misspelt(stage.front())) return std::unexpected(std::move(*error));
      return fail(ErrorCode::invalid_argument, "'" + stage.front() + "' is no verb and no tool",
                  "only those are joined by '|'; `help tools` lists them");
    }
    name_fields(stage);
  }
  return made;
}

// A sentence and then a verb or tool behind a '|'.
bool is_piped(const std::vector<Word>& words, std::size_t from) {
  for (std::size_t i = from; i + 1 < words.size(); ++i) {
    std::vector<std::string> next{words[i + 1].text};
    if (i + 2 < words.size()) next.push_back(words[i + 2].text);
    if (words[i].is_bar && is_command(next)) return true;
  }
  return false;
}

}  // namespace

std::optional<base::Error> misspelt(std::string_view text) {
  constexpr std::ptrdiff_t kBlanksMost = 2;
  const std::string_view word = text.substr(0, text.find(' '));
  const std::size_t dot = word.find('.');
  const bool is_tool = dot != std::string_view::npos;
  if (!is_tool && std::ranges::count(text, ' ') > kBlanksMost) return std::nullopt;
  std::vector<std::string_view> names = is_tool ? std::vector<std::string_view>{} : first_words();
  bool is_noun = false;
  for (const kernel::Tool& tool : tools::table()) {
    names.push_back(tool.name);
    is_noun = is_noun || (is_tool && tool.name.starts_with(word.substr(0, dot + 1)));
  }
  const std::optional<std::string_view> near = base::nearest(word, names);
  if ((!near && !is_noun) || near == word) return std::nullopt;
  return base::Error{.code = ErrorCode::not_found,
                     .message = (is_tool ? "no tool named '" : "no verb and no tool named '") + std::string(word) + "'",
                     .hint = base::guess(word, names, "`help tools` lists them"),
                     .rule = {}};
}

bool is_command(const std::vector<std::string>& words) {
  if (words.empty()) return false;
  if (find_verb(words[0]) || tools::find(words[0])) return true;
  return words.size() > 1 && (find_verb(words[0] + " " + words[1]) || tools::find(words[0] + "." + words[1]));
}

// "run script x with inputs {...}", as AGENTS.md has it; `run` alone is the verb that runs a program.
bool is_item_run(const std::string& text) {
  const std::optional<brain::Dispatched> command = brain::dispatch(text);
  if (!command || command->verb != "run") return false;
  const std::string kind = text.substr(0, text.find(' ', text.find_first_not_of(kBlanks, text.find(' '))));
  return kind.ends_with(command->kind);
}

Result<ShellLine> read_shell_line(std::string_view line) {
  const std::string text = trimmed(line);
  if (text.empty() || text.front() == '#') return ShellLine{};
  const std::string rest = trimmed(std::string_view(text).substr(1));
  if (text.front() == '!' || text.front() == '?')
    return ShellLine{.kind = rest.empty()          ? ShellLine::Kind::nothing
                             : text.front() == '!' ? ShellLine::Kind::program
                                                   : ShellLine::Kind::sentence,
                     .text = rest};
  if (is_item_run(text)) return ShellLine{.kind = ShellLine::Kind::sentence, .text = text};
  const Result<std::vector<Word>> words = words_of(text);
  std::vector<std::string> first;  // stage
  for (const Word& word : words.value_or(std::vector<Word>())) {
    if (word.is_bar) break;
    first.push_back(word.text);
  }
  const std::string_view begins = std::string_view(text).substr(0, text.find_first_of(" \t|"));
  if (!words && is_command({std::string(begins)})) return std::unexpected(words.error());
  if (words && (is_command(first) || first.empty())) {
    ShellLine made = TRY(commands_of(*words));
    if (made.stages.size() > 1 || is_sound(made.stages.front())) return made;
  }
  if (words && !first.empty()) {
    std::optional<base::Error> error = first.front().contains('.') ? misspelt(first.front()) : std::nullopt;
    if (error) return std::unexpected(std::move(*error));
    if (is_piped(*words, first.size()))
      return fail(ErrorCode::invalid_argument, "a sentence cannot be joined by '|'",
                  "name the tool, as in: fs.read README.md | fs.write path=copy.md");
  }
  return ShellLine{.kind = ShellLine::Kind::sentence, .text = text};  // "don't" opens no quote there
}

}  // namespace lilux::surface

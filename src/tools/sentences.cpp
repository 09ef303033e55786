#include "tools/sentences.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/embed.h"
#include "brain/extract_text.h"
#include "brain/phrase.h"
#include "brain/polite.h"
#include "brain/time_back.h"
#include "item/interpolate.h"
#include "tools/table.h"

LILUX_EMBED(lilux_sentences, LILUX_SENTENCES);

namespace lilux::tools {

using base::Json;
using base::Result;
using brain::Proposal;

namespace {

constexpr double kLoose = 0.95;
constexpr std::string_view kUndoNewest = "undo newest";
constexpr std::array<std::string_view, 4> kPlaces{"path", "source", "destination", "directory"};
constexpr std::array<std::string_view, 3> kNames{"pid", "task", "call"};

struct Shipped {
  std::vector<brain::Rule> rules;
  brain::Matcher matcher;
};

Result<Json> schema_of(std::string_view name) {
  const kernel::Tool* tool = find(name);
  if (!tool) return base::fail(base::ErrorCode::not_found, "no tool named '" + std::string(name) + "'");
  return tool->input_schema();
}

// For what only looks: each rule with its sentences loosened, where they still say something.
std::vector<brain::Rule> loosened(std::vector<brain::Rule> rules) {
  for (brain::Rule& rule : rules) {
    std::set<std::string> says;
    for (const std::string& text : rule.says) {
      std::string loose = brain::loosely(text);
      if (is_harmless(rule.tool) && brain::Phrase::compile(loose)) says.insert(std::move(loose));
    }
    rule.says.assign(says.begin(), says.end());
  }
  return rules;
}

// As they stand there, and loosened. Neither ever changes; the second is only made once the first does not do.
const Result<Shipped>& shipped() {
  static const Result<Shipped> kShipped = [] -> Result<Shipped> {
    brain::RuleFile file = TRY(brain::parse_rules(sentences(), "sentences.toml", schema_of));
    if (!file.refused.empty()) return std::unexpected(file.refused.front().error);
    brain::Matcher matcher = TRY(brain::Matcher::compile(file.rules));
    return Shipped{.rules = std::move(file.rules), .matcher = std::move(matcher)};
  }();
  return kShipped;
}

const Result<brain::Matcher>& loose_matcher() {
  static const Result<brain::Matcher> kLooseOnes = brain::Matcher::compile(loosened(shipped()->rules));
  return kLooseOnes;
}

bool is_any(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// "show me the fun" is about no file: a place has no blanks, and a dot or slash, unless the sentence says that it is
// one or it is there.
bool is_place(std::string_view value, std::string_view text, const Speaker& speaker) {
  constexpr std::array<std::string_view, 6> kNone{"file", "files", "folder", "folders", "directory", "here"};
  if (value.find(' ') != std::string_view::npos || is_any(kNone, value)) return false;
  const auto says = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  return value.find_first_of("./~*") != std::string_view::npos || says("file") || says("folder") || says("director") ||
         (speaker.look && speaker.look(value));
}

// A name has no blanks, and a dot, a slash or a star unless the sentence says that it is a name: "the file notes" does,
// "all python files" tells of what sort they are.
bool is_name(std::string_view value, std::string_view text) {
  const auto says = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  const std::size_t at = text.find(value);
  const std::string_view before = at == std::string_view::npos ? text : text.substr(0, at + value.size());
  return value.find(' ') == std::string_view::npos &&
         (value.find_first_of("./*?") != std::string_view::npos || before.find("file") != std::string_view::npos ||
          says("called") || says("named") || says("the folder "));
}

// "*.js" of "js files" and ".js files", where that is an ending: there are no files by the name of "*.big".
std::optional<std::string> of_ending(std::string_view pattern) {
  constexpr std::array<std::string_view, 62> kEndings{
      "asm",  "avi",  "bak",   "bash", "bin",  "bmp",  "bz2",  "c",    "cc",   "cfg",   "conf", "cpp", "cs",
      "css",  "csv",  "dart",  "db",   "doc",  "docx", "epub", "gif",  "go",   "gz",    "h",    "hpp", "htm",
      "html", "ini",  "ipynb", "jar",  "java", "jpeg", "jpg",  "js",   "json", "jsonl", "jsx",  "kt",  "log",
      "lua",  "md",   "mjs",   "mp3",  "mp4",  "pdf",  "php",  "png",  "py",   "rb",    "rs",   "sh",  "sql",
      "svg",  "toml", "ts",    "tsx",  "txt",  "xml",  "xlsx", "yaml", "yml",  "zip"};
  std::string ending = brain::lowered(pattern.substr(pattern.find_last_of('.') + 1));
  return is_any(kEndings, ending) ? std::optional("*." + ending) : std::nullopt;
}

// What is found by its name is not looked for in what is known.
bool is_question(std::string_view value) {
  return !value.starts_with("file") && !value.starts_with("a file") && !value.starts_with("the file") &&
         !value.starts_with("folder") && !value.starts_with("the folder");
}

// Whether a value is what its field wants; times become what tools read.
bool settle(const std::string& name, Json& value, std::string_view text, const Speaker& speaker) {
  if (!value.is_string()) return true;
  const std::string said = value.as_string();
  if (is_any(kPlaces, name)) return is_place(said, text, speaker);
  if (name == "pattern" && said.starts_with("*.") && !text.contains(said)) {
    const std::optional<std::string> pattern = of_ending(said);
    if (pattern) value = *pattern;
    return pattern.has_value();
  }
  if (name == "pattern") return is_name(said, text);
  if (name == "query") return is_question(said);
  if (is_any(kNames, name)) return is_id(said);
  if (name == "name") return said.find(' ') == std::string::npos;
  if (name != "since") return true;
  const std::optional<std::string> since = brain::time_back(said, speaker.now, speaker.offset);
  if (since) value = *since;
  return since.has_value();
}

// To read a folder is to list it, and the other way round.
void mind_type(brain::ProposedCall& call, const Speaker& speaker) {
  const Json* path = call.arguments.find("path");
  const auto type = speaker.look && path && path->is_string() ? speaker.look(path->as_string()) : std::nullopt;
  if (type == sys::FileType::directory && call.name == "fs.read") call.name = "fs.list";
  if (type == sys::FileType::regular && call.name == "fs.list") call.name = "fs.read";
}

std::optional<Proposal> settled(const brain::Matcher::Said& found, std::string_view text, const Speaker& speaker) {
  const brain::Rule& rule = shipped()->rules[found.rule];
  std::optional<Proposal> made = said(rule, found.gaps);
  if (!made) return std::nullopt;
  brain::ProposedCall& call = made->calls.front();
  for (const auto& [name, written] : rule.arguments.as_object()) {
    Json value = *call.arguments.find(name);
    if (value == written) continue;  // without a gap
    if (!settle(name, value, text, speaker)) return std::nullopt;
    call.arguments.as_object().set(name, std::move(value));
  }
  mind_type(call, speaker);
  made->tool = call.name;
  if (rule.name == kUndoNewest) {
    made->tool = "undo.apply";
    made->calls.push_back(
        {.name = made->tool, .confidence = 1, .results = {{.argument = "call", .call = 0, .nth = 1}}});
  }
  return made;
}

// Of the rules that the words fit, the first one whose gaps hold what they should.
std::optional<Proposal> first_settled(const brain::Matcher& matcher, std::string_view words, std::string_view text,
                                      const Speaker& speaker) {
  for (const brain::Matcher::Said& found : matcher.all_of_text(words)) {
    if (std::optional<Proposal> made = settled(found, text, speaker)) return made;
  }
  return std::nullopt;
}

}  // namespace

std::string_view sentences() {
  return lilux_sentences();
}

bool is_harmless(std::string_view name) {
  const kernel::Tool* tool = find(name);
  return tool && tool->traits.effect == kernel::Effect::none && tool->traits.risk <= policy::Risk::low &&
         tool->traits.is_idempotent && !tool->traits.is_urgent;
}

Json as_taken(const kernel::Tool& tool, Json arguments) {
  const Json schema = tool.input_schema();
  const Json* fields = schema.find("properties");
  base::JsonObject made;
  for (const auto& [name, value] : arguments.as_object()) {
    const Json* field = fields ? fields->find(name) : nullptr;
    const std::string type = field ? field->string_or("type", "string") : "string";
    const Result<Json> read = value.is_string() && type != "string" ? base::parse_json(value.as_string()) : value;
    made.set(name, read.value_or(value));
  }
  return made;
}

std::optional<Proposal> said(const brain::Rule& rule, const base::JsonObject& gaps) {
  const kernel::Tool* tool = find(rule.tool);
  Result<Json> arguments = item::interpolated(rule.arguments, [&](std::string_view name) -> std::optional<Json> {
    const Json* value = gaps.find(name);
    return value ? std::optional(*value) : std::nullopt;
  });
  if (!arguments || !tool) return std::nullopt;
  return Proposal{.calls = {{.name = rule.tool, .arguments = as_taken(*tool, std::move(*arguments)), .confidence = 1}},
                  .confidence = 1,
                  .tool = rule.tool,
                  .why = "rule '" + rule.name + "'"};
}

bool is_id(std::string_view text) {
  return text.find(' ') == std::string_view::npos && text.find_first_of("0123456789") != std::string_view::npos;
}

std::optional<Proposal> by_sentences(std::string_view text, const Speaker& speaker) {
  if (!shipped()) return std::nullopt;
  if (auto found = first_settled(shipped()->matcher, text, text, speaker)) return found;
  if (auto found = first_settled(shipped()->matcher, brain::plainly(text), text, speaker)) return found;
  if (!loose_matcher()) return std::nullopt;
  std::optional<Proposal> found = first_settled(*loose_matcher(), brain::loosely(text), text, speaker);
  if (found) found->confidence = kLoose;
  return found;
}

std::vector<SaidCall> shipped_calls() {
  std::vector<SaidCall> all;
  if (!shipped()) return all;
  for (const brain::Rule& rule : shipped()->rules) {
    for (const std::string& text : rule.says) {
      // Gaps have no values of their own, and an example is of one call.
      if (text.find("{{") == std::string::npos && rule.name != kUndoNewest)
        all.push_back({.text = text, .tool = rule.tool, .arguments = rule.arguments});
    }
  }
  return all;
}

}  // namespace lilux::tools

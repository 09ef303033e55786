#include "item/skill.h"

#include <algorithm>

#include "base/nearest.h"
#include "text/markdown.h"

namespace lilux::item {

using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kDescriptionMax = 1024;
constexpr std::size_t kCompatibilityMax = 500;
constexpr std::size_t kBodyLinesMax = 500;
constexpr std::array<std::string_view, 5> kTypes{"python-wasm", "javascript", "spice", "threejs", "qiskit"};
constexpr std::array<std::string_view, 3> kModes{"browser-wasm", "server-python", "hybrid"};

bool is_standard_name(std::string_view name) {
  const auto may_stand = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, may_stand) && name.front() != '-' &&
         name.back() != '-' && !name.contains("--");
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

HeadAndBody file_of(const Skill& skill) {
  HeadWriter head;
  const bool is_node = skill.node.has_value();
  if (is_node) head.text("skill_id", skill.node->id);
  head.text("name", skill.name);
  head.text("description", skill.description);
  if (is_node) {
    head.text("type", skill.node->type);
    head.text("execution_mode", skill.node->execution_mode);
  }
  head.text("license", skill.license);
  head.text("compatibility", skill.compatibility);
  std::string tools;
  for (const std::string& tool : skill.allowed_tools) tools += (tools.empty() ? "" : " ") + tool;
  head.text("allowed-tools", tools);
  head.text("category", skill.category);
  head.texts(is_node ? "tags" : "keywords", skill.keywords);
  head.text("version", skill.version);
  head.text("author", skill.author);
  if (is_node) {
    head.whole("estimated_time_ms", skill.node->estimated_time_ms);
    head.whole("memory_mb", skill.node->memory_mb);
    head.inputs("inputs", skill.node->inputs);
    head.inputs("outputs", skill.node->outputs);
  }
  head.rest(skill.other);
  return {.head = head.take(), .body = skill.body};
}

// What of Agent Skills it does not keep to, each with the key it is about.
struct Breach {
  std::string_view key;
  std::string message;
  std::string hint = {};
};
std::vector<Breach> breaches_of(const Skill& skill, std::string_view name) {
  std::vector<Breach> made;
  if (skill.name.empty())
    made.push_back({"name", "'name' is missing", "write name: " + std::string(name)});
  else if (!is_standard_name(skill.name))
    made.push_back({"name", "'" + skill.name + "' is no name of a skill",
                    "small letters, digits and single '-' within, at most 64"});
  else if (skill.name != name)
    made.push_back({"name", "the skill is named '" + skill.name + "', its folder '" + std::string(name) + "'"});
  if (characters_in(skill.description) > kDescriptionMax)
    made.push_back({"description", "'description' is longer than 1024 characters"});
  if (characters_in(skill.compatibility) > kCompatibilityMax)
    made.push_back({"compatibility", "'compatibility' is longer than 500 characters"});
  return made;
}

void review_standard(Head& head, const Skill& skill, std::string_view name, Review& review) {
  for (Breach& breach : breaches_of(skill, name))
    review.warning(head.place_of(breach.key), std::move(breach.message), std::move(breach.hint));
  if (std::ranges::count(skill.body, '\n') > static_cast<std::ptrdiff_t>(kBodyLinesMax))
    review.warning(head.place_of("name"), "the body is longer than 500 lines",
                   "move what is seldom needed to references/");
}

template <std::size_t N>
void check_word(Head& head, std::string_view key, const std::string& word, const std::array<std::string_view, N>& known,
                Review& review) {
  if (word.empty())
    review.error(head.place_of(key), "'" + std::string(key) + "' is missing", "for example " + std::string(known[0]));
  else if (std::ranges::find(known, word) == known.end())
    review.error(head.place_of(key), "'" + word + "' is no " + std::string(key),
                 base::guess(word, known, "for example " + std::string(known[0])));
}

// The first fence under "## Code".
void read_code(std::string_view text, SkillNode& node, Review& review) {
  const auto sections = text::markdown_sections(text);
  const text::MarkdownSection* section = text::find_section(sections, "Code");
  if (!section) return review.error(text.size(), "the section '## Code' is missing", "it holds execute(inputs)");
  const auto fences = text::markdown_fences(text, section->begin, section->whole);
  if (fences.empty())
    return review.error(section->at, "'## Code' has no fenced block", "put the code between lines of ```");
  if (!fences.front().is_closed)
    review.error(fences.front().at, "the fence is not closed", "end it with a line of ```");
  node.language = fences.front().language;
  node.code = text.substr(fences.front().begin, fences.front().end - fences.front().begin);
  const bool runs = node.type != "spice";
  if (runs && !node.code.contains("execute"))
    review.error(fences.front().at, "the code has no execute(inputs)", "it is what is called");
}

SkillNode read_node(std::string_view text, Head& head, std::string_view name, Review& review) {
  SkillNode node{.id = head.text("skill_id"),
                 .type = head.text("type"),
                 .execution_mode = head.text("execution_mode"),
                 .estimated_time_ms = head.whole("estimated_time_ms"),
                 .memory_mb = head.whole("memory_mb"),
                 .inputs = head.inputs("inputs"),
                 .outputs = head.inputs("outputs")};
  if (!node.id.empty() && node.id != name)
    review.warning(head.place_of("skill_id"),
                   "the skill_id is '" + node.id + "', the file's name '" + std::string(name) + "'");
  check_word(head, "type", node.type, kTypes, review);
  check_word(head, "execution_mode", node.execution_mode, kModes, review);
  read_code(text, node, review);
  return node;
}

}  // namespace

Skill parse_skill(std::string_view text, std::string_view name, Review& review) {
  Head head(text, review);
  Skill made{.body = std::string(head.body())};
  if (!head.require("begin with '---', 'name: ...', 'description: ...' and '---'")) return made;
  const bool is_node = head.has("skill_id") || head.has("execution_mode");
  const bool is_context = head.has("keywords") || head.has("category");
  made.dialect = is_node ? SkillDialect::executable : is_context ? SkillDialect::context : SkillDialect::agent_skill;
  made.name = head.text("name");
  made.description = head.text("description");
  made.license = head.text("license");
  made.compatibility = head.text("compatibility");
  made.category = head.text("category");
  made.keywords = head.texts(is_node ? "tags" : "keywords");
  made.version = head.text("version");
  made.author = head.text("author");
  made.allowed_tools = head.tools("allowed-tools");
  if (made.description.empty())
    review.error(head.place_of("description"), "'description' is missing",
                 "write description: what it does, and when it is of use");
  if (made.dialect == SkillDialect::agent_skill) review_standard(head, made, name, review);
  if (made.dialect != SkillDialect::agent_skill && made.name.empty())
    review.error(head.place_of("name"), "'name' is missing");
  if (is_node) made.node = read_node(text, head, name, review);
  made.other = is_node ? head.rest({"skill_id", "name", "description", "type", "execution_mode", "license",
                                    "compatibility", "allowed-tools", "category", "tags", "version", "author",
                                    "estimated_time_ms", "memory_mb", "inputs", "outputs"})
                       : head.rest({"name", "description", "license", "compatibility", "allowed-tools", "category",
                                    "keywords", "version", "author"});
  return made;
}

Result<void> check_standard(const Skill& skill, std::string_view name) {
  if (skill.dialect != SkillDialect::agent_skill) return {};
  std::vector<Breach> breaches = breaches_of(skill, name);
  if (breaches.empty()) return {};
  return base::fail(base::ErrorCode::invalid_argument, std::move(breaches.front().message),
                    std::move(breaches.front().hint));
}

std::string write_skill(const Skill& skill) {
  return write_head(file_of(skill));
}

}  // namespace lilux::item

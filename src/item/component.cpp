#include "item/component.h"

#include <algorithm>
#include <cctype>

#include "base/field.h"
#include "item/limits.h"
#include "text/markdown.h"
#include "text/yaml.h"

namespace lilux::item {

using base::Json;
using base::Result;
using text::MarkdownSection;
using text::trimmed;

namespace {

constexpr std::string_view kTitle = "# Component:";
constexpr std::string_view kMapping = "Real Tool Mapping";

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "- `url` (string): what it is" and "- **url** (string, required): ...".
std::optional<Input> input_of(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with("- ") && !line.starts_with("* ")) return std::nullopt;
  line = trimmed(line.substr(1));
  const std::string_view mark = line.starts_with('`') ? "`" : line.starts_with("**") ? "**" : "";
  const std::size_t close = mark.empty() ? std::string_view::npos : line.find(mark, mark.size());
  if (close == std::string_view::npos) return std::nullopt;
  Input made{.name = std::string(line.substr(mark.size(), close - mark.size()))};
  line = trimmed(line.substr(close + mark.size()));
  if (line.starts_with('(')) {
    const std::string_view inside = line.substr(1, line.find(')') == std::string_view::npos ? 0 : line.find(')') - 1);
    made.type = trimmed(inside.substr(0, inside.find(',')));
    made.is_required = lower(std::string(inside)).contains("required");
    line = trimmed(line.substr(std::min(inside.size() + 2, line.size())));
  }
  if (line.starts_with(':')) made.description = trimmed(line.substr(1));
  return made;
}

std::vector<Input> inputs_in(std::string_view text, const MarkdownSection* section, Review& review) {
  std::vector<Input> made;
  if (!section) return made;
  for (std::size_t at = section->begin; at < section->whole && made.size() <= kPartsMax;) {
    const std::size_t end = std::min(text.find('\n', at), section->whole);
    if (auto input = input_of(text.substr(at, end - at))) made.push_back(std::move(*input));
    at = end + 1;
  }
  if (made.size() > kPartsMax) review.error(section->at, "it has more than 1000 entries in '" + section->title + "'");
  return made;
}

std::string section_text(std::string_view text, const MarkdownSection* section) {
  return section ? std::string(trimmed(text.substr(section->begin, section->whole - section->begin))) : std::string();
}

void read_mapping(std::string_view text, const MarkdownSection& section, Component& made, Review& review) {
  const auto fences = text::markdown_fences(text, section.begin, section.whole);
  const auto fence =
      std::ranges::find_if(fences, [](const auto& f) { return f.language == "yaml" || f.language == "yml"; });
  if (fence == fences.end()) return;
  if (fence->end - fence->begin > kInnerBytesMax)
    return review.error(fence->at, "the mapping is larger than 256 KiB", "say less in it");
  const Result<text::Yaml> yaml = text::parse_yaml(text.substr(0, fence->end), fence->begin);
  if (!yaml) return review.error(yaml.error());
  if (yaml->value.is_object()) made.mapping = yaml->value;
  if (made.claude_tools.empty()) made.claude_tools = tool_names(made.mapping.string_or("claude_tool"));
}

// Such as "**Type**: TOOL", with or without a bullet, wherever they stand before the first section.
std::vector<text::MarkdownBullet> head_lines(std::string_view text, const std::vector<MarkdownSection>& sections) {
  return text::markdown_bullets(text, 0, sections.size() > 2 ? sections[2].at : text.size());
}

struct Line {
  std::string value = {};
  std::size_t begin = 0;
};
std::optional<Line> line_of(const std::vector<text::MarkdownBullet>& lines, std::string_view key) {
  for (const text::MarkdownBullet& line : lines)
    if (lower(line.key) == key) return Line{.value = line.value, .begin = line.begin};
  return std::nullopt;
}

std::string value_of(const std::vector<text::MarkdownBullet>& lines, std::string_view key) {
  const auto found = line_of(lines, key);
  return found ? found->value : std::string();
}

Component parse_older(std::string_view text, std::string_view name, Review& review) {
  const std::size_t title = text.find(kTitle);
  const std::size_t end = std::min(text.find('\n', title), text.size());
  const auto sections = text::markdown_sections(text);
  const auto lines = head_lines(text, sections);
  Component made{.name = value_of(lines, "name")};
  if (made.name.empty()) made.name = trimmed(text.substr(title + kTitle.size(), end - title - kTitle.size()));
  if (made.name.empty()) review.error(title, "the component has no name", "write # Component: " + std::string(name));
  if (lines.size() > kPartsMax) {
    review.error(lines[kPartsMax].at, too_many(lines.size(), "lines of its own"), "say less before the first section");
    return made;
  }
  const auto type = line_of(lines, "type");
  const auto known = base::enum_from_name<ComponentType>(type ? type->value : "");
  if (!type)
    review.error(title, "'Type' is missing", "write **Type**: TOOL, or AGENT");
  else if (!known)
    review.error(type->begin, "the type is '" + type->value + "'", "write TOOL or AGENT");
  made.type = known.value_or(ComponentType::tool);
  made.claude_tools = tool_names(value_of(lines, "claude tool"));
  if (made.claude_tools.size() > kPartsMax) {
    review.error(title, too_many(made.claude_tools.size(), "tools"), "name fewer");
    made.claude_tools.clear();
  }
  made.version = value_of(lines, "version");
  made.description = value_of(lines, "description");
  if (made.description.empty()) made.description = section_text(text, text::find_section(sections, "Description"));
  made.inputs = inputs_in(text, text::find_section(sections, "Inputs"), review);
  made.outputs = inputs_in(text, text::find_section(sections, "Outputs"), review);
  made.logic = section_text(text, text::find_section(sections, "Logic"));
  if (const MarkdownSection* mapping = text::find_section(sections, kMapping))
    read_mapping(text, *mapping, made, review);
  if (made.description.empty()) review.warning(title, "'Description' is missing");
  return made;
}

HeadAndBody file_of(const Component& component) {
  HeadWriter head;
  head.text("component_type", component.type == ComponentType::agent ? "agent" : "tool");
  head.text("name", component.name);
  head.text("description", component.description);
  std::string tools;
  for (const std::string& tool : component.claude_tools) tools += (tools.empty() ? "" : ", ") + tool;
  head.text("tools", tools);
  head.text("version", component.version);
  head.rest(component.other);
  return {.head = head.take(), .body = component.body};
}

Component parse_newer(std::string_view text, std::string_view name, Review& review) {
  Head head(text, review);
  Component made{.name = head.text("name"),
                 .version = head.text("version"),
                 .description = head.text("description"),
                 .has_head = true,
                 .body = std::string(head.body())};
  if (made.name.empty()) made.name = head.text("tool_name");
  const std::string type = head.text("component_type");
  if (!type.empty() && type != "tool" && type != "agent")
    review.error(head.place_of("component_type"), "the component_type is '" + type + "'", "write tool or agent");
  if (type == "agent") made.type = ComponentType::agent;
  made.claude_tools = head.tools(head.has("claude_tools") ? "claude_tools" : "tools");
  made.other = head.rest({"component_type", "name", "tool_name", "description", "tools", "claude_tools", "version"});
  const auto sections = text::markdown_sections(text);
  made.inputs = inputs_in(text, text::find_section(sections, "Inputs"), review);
  made.outputs = inputs_in(text, text::find_section(sections, "Outputs"), review);
  made.logic = section_text(text, text::find_section(sections, "Logic"));
  if (const MarkdownSection* mapping = text::find_section(sections, kMapping))
    read_mapping(text, *mapping, made, review);
  if (made.name.empty()) review.error(head.place_of("name"), "'name' is missing", "write name: " + std::string(name));
  if (made.description.empty()) review.error(head.place_of("description"), "'description' is missing");
  return made;
}

void write_inputs(std::string& out, std::string_view title, const std::vector<Input>& inputs) {
  if (inputs.empty()) return;
  out += "\n## " + std::string(title) + "\n\n";
  for (const Input& input : inputs)
    out += "- `" + input.name + "` (" + input.type + (input.is_required ? ", required" : "") +
           "): " + input.description + "\n";
}

std::string older_lines(const Component& component) {
  std::string made;
  const auto line = [&made](std::string_view key, const std::string& value) {
    if (!value.empty()) made += "- **" + std::string(key) + "**: " + value + "\n";
  };
  std::string tools;
  for (const std::string& tool : component.claude_tools) tools += (tools.empty() ? "" : ", ") + tool;
  line("Name", component.name);
  line("Type", std::string(base::enum_name(component.type)));
  line("Claude Tool", tools);
  line("Version", component.version);
  line("Description", component.description);
  return made;
}

}  // namespace

bool is_component(std::string_view text) {
  if (trimmed(text).starts_with("---")) return false;
  return text.starts_with(kTitle) || text.contains("\n" + std::string(kTitle));
}

Component parse_component(std::string_view text, std::string_view name, Review& review) {
  if (text::trimmed(text).starts_with("---")) return parse_newer(text, name, review);
  if (is_component(text)) return parse_older(text, name, review);
  review.error(0, "it is no component", "begin with '# Component: " + std::string(name) + "', or with a head");
  return {};
}

std::string write_component(const Component& component) {
  if (component.has_head) return write_head(file_of(component));
  std::string made = std::string(kTitle) + " " + component.name + "\n\n" + older_lines(component);
  write_inputs(made, "Inputs", component.inputs);
  write_inputs(made, "Outputs", component.outputs);
  if (!component.mapping.as_object().empty()) {
    made += "\n## " + std::string(kMapping) + "\n\n```yaml\n";
    for (const auto& [key, value] : component.mapping.as_object()) made += text::yaml_member(key, value);
    made += "```\n";
  }
  if (!component.logic.empty()) made += "\n## Logic\n\n" + component.logic + "\n";
  return made;
}

}  // namespace lilux::item

#include "item/smart_memory.h"

#include <algorithm>
#include <array>

#include "item/bullets.h"
#include "text/yaml.h"

namespace lilux::item {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using text::trimmed;

namespace {

constexpr std::string_view kRule = "---";
constexpr std::string_view kFirst = "experience_id";

// What stands between two lines of "---".
struct Segment {
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::vector<Segment> segments_of(std::string_view text) {
  std::vector<Segment> made;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (trimmed(text.substr(at, end - at)) == kRule && text[at] == '-') {
      made.push_back({.begin = begin, .end = at});
      begin = std::min(end + 1, text.size());
    }
    at = end + 1;
  }
  made.push_back({.begin = begin, .end = text.size()});
  return made;
}

// Whether its first line with something on it is "experience_id: ...".
bool is_yaml(std::string_view text, const Segment& segment) {
  const std::string_view content = trimmed(text.substr(segment.begin, segment.end - segment.begin));
  return content.starts_with(kFirst) && content.substr(kFirst.size()).starts_with(':');
}

constexpr std::array<std::string_view, 18> kYamlKeys{"experience_id",
                                                     "timestamp",
                                                     "goal",
                                                     "primary_goal",
                                                     "outcome",
                                                     "final_outcome",
                                                     "components_used",
                                                     "cost",
                                                     "estimated_cost",
                                                     "duration_seconds",
                                                     "sentiment",
                                                     "execution_time_secs",
                                                     "tags",
                                                     "user_satisfaction",
                                                     "feedback_sentiment",
                                                     "constraints_active",
                                                     "error_count",
                                                     "recovery_actions"};
constexpr std::array<std::string_view, 7> kBulletKeys{"experience_id",      "timestamp",      "primary_goal",
                                                      "final_outcome",      "output_summary", "components_used",
                                                      "learnings_or_issues"};
constexpr std::array<std::string_view, 3> kSections{"Key Learnings", "Behavioral Insights", "Notes"};

// Numbers too: "user_satisfaction: 5".
std::string text_of(const Json& yaml, std::string_view name) {
  const Json* found = yaml.find(name);
  if (!found || found->is_null() || found->is_object() || found->is_array()) return {};
  return found->is_string() ? found->as_string() : base::to_text(*found);
}

std::string first_of(const Json& yaml, std::string_view name, std::string_view other) {
  const std::string found = text_of(yaml, name);
  return found.empty() ? text_of(yaml, other) : found;
}

std::optional<double> number_in(const Json& yaml, std::string_view name, std::string_view other) {
  const Json* found = yaml.find(name);
  if (!found) found = yaml.find(other);
  return found && found->is_number() ? std::optional(found->as_real()) : std::nullopt;
}

std::vector<std::string> texts_in(const Json& yaml, std::string_view name) {
  std::vector<std::string> made;
  const Json* found = yaml.find(name);
  if (found && found->is_array())
    for (const Json& entry : found->as_array())
      made.push_back(entry.is_string() ? entry.as_string() : base::to_text(entry));
  return made;
}

// "**Learnings:** text", up to the next such line.
std::string bold_text(std::string_view body, std::string_view key) {
  const std::string mark = "**" + std::string(key) + ":**";
  const std::size_t at = body.find(mark);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + mark.size();
  return std::string(trimmed(body.substr(begin, body.find("\n**", begin) - begin)));
}

std::string section_in(std::string_view text, const Segment& body, std::string_view title) {
  const auto sections = text::markdown_sections(text, body.begin, body.end);
  const text::MarkdownSection* found = text::find_section(sections, title);
  return found ? std::string(trimmed(text.substr(found->begin, found->whole - found->begin))) : std::string();
}

std::string summary_line(const std::string& summary) {
  return summary.empty() ? std::string() : "**Output Summary:** " + summary;
}

// What of the head has no place of its own: keys of others, and numbers and lists that are none.
Json left_in(const Json& yaml, const Experience& made) {
  std::vector<JsonObject::Member> left;
  for (const auto& [key, value] : yaml.as_object()) {
    const bool is_cost = key == "cost" || key == "estimated_cost";
    const bool is_duration = key == "duration_seconds" || key == "execution_time_secs";
    const bool is_list = key == "components_used" || key == "tags" || key == "recovery_actions";
    const bool is_kept =
        (is_cost && made.cost) || (is_duration && made.duration_seconds) || (key == "error_count" && made.errors) ||
        (key == "constraints_active" && value.is_object()) || (is_list && value.is_array()) ||
        (!is_cost && !is_duration && !is_list && key != "error_count" && key != "constraints_active" &&
         std::ranges::find(kYamlKeys, key) != kYamlKeys.end() && !value.is_object() && !value.is_array());
    if (!is_kept) left.emplace_back(key, value);
  }
  return JsonObject::from_unique(std::move(left));
}

Experience experience_of(const Json& yaml, std::string_view text, const Segment& body) {
  Experience made{.form = MemoryForm::yaml,
                  .id = text_of(yaml, kFirst),
                  .timestamp = text_of(yaml, "timestamp"),
                  .goal = first_of(yaml, "goal", "primary_goal"),
                  .outcome = first_of(yaml, "outcome", "final_outcome"),
                  .components = texts_in(yaml, "components_used"),
                  .learnings = section_in(text, body, "Key Learnings"),
                  .insights = section_in(text, body, "Behavioral Insights"),
                  .notes = section_in(text, body, "Notes"),
                  .cost = number_in(yaml, "cost", "estimated_cost"),
                  .duration_seconds = number_in(yaml, "duration_seconds", "execution_time_secs"),
                  .sentiment = first_of(yaml, "feedback_sentiment", "sentiment"),
                  .satisfaction = text_of(yaml, "user_satisfaction"),
                  .tags = texts_in(yaml, "tags"),
                  .recovery_actions = texts_in(yaml, "recovery_actions")};
  const std::string_view all = text.substr(body.begin, body.end - body.begin);
  made.summary = bold_text(all, "Output Summary");
  if (made.learnings.empty()) made.learnings = bold_text(all, "Learnings");
  if (const Json* constraints = yaml.find("constraints_active"); constraints && constraints->is_object())
    made.constraints = *constraints;
  if (const Json* errors = yaml.find("error_count")) made.errors = errors->exact_integer();
  made.other = left_in(yaml, made);
  std::size_t taken = 0;  // what is within a section comes along with it
  for (const text::MarkdownSection& section : text::markdown_sections(text, body.begin, body.end)) {
    if (section.at < taken) continue;
    const std::string inner(trimmed(text.substr(section.begin, section.whole - section.begin)));
    const bool is_preface = section.level == 0;
    if (!is_preface) taken = section.whole;
    if (is_preface && inner != summary_line(made.summary))
      made.preface = trimmed(text.substr(section.begin, section.end - section.begin));
    if (!is_preface && std::ranges::find(kSections, section.title) == kSections.end())
      made.sections.push_back({.name = section.title, .value = inner});
  }
  return made;
}

Experience experience_of(const Bullets& record) {
  Experience made{.id = record.text(kFirst),
                  .timestamp = record.text("timestamp"),
                  .goal = record.text("primary_goal"),
                  .outcome = record.text("final_outcome"),
                  .components = record.texts("components_used"),
                  .summary = record.text("output_summary"),
                  .learnings = record.text("learnings_or_issues")};
  std::vector<JsonObject::Member> other;
  for (Attribute& one : record.entries())
    if (std::ranges::find(kBulletKeys, one.name) == kBulletKeys.end())
      other.emplace_back(std::move(one.name), std::move(one.value));
  made.other = JsonObject::from_unique(std::move(other));
  return made;
}

Json list_of(const std::vector<std::string>& texts) {
  return JsonArray(texts.begin(), texts.end());
}

std::string written_bullets(const Experience& one) {
  std::string made;
  const auto add = [&made](std::string_view key, const std::string& value) {
    if (!value.empty()) made += bullet_line(key, value) + "\n";
  };
  add(kFirst, one.id);
  add("timestamp", one.timestamp);
  add("primary_goal", one.goal);
  add("final_outcome", one.outcome);
  if (!one.components.empty()) add("components_used", bullet_list(one.components));
  add("output_summary", one.summary);
  add("learnings_or_issues", one.learnings);
  for (const auto& [key, value] : one.other.as_object()) add(key, value.is_string() ? value.as_string() : "");
  return made;
}

// JSON is YAML too, whatever stands in a text.
std::string written_yaml(const Experience& one) {
  JsonObject head{{kFirst, one.id}};
  const auto add = [&head](std::string_view key, const std::string& value) {
    if (!value.empty()) head.set(key, value);
  };
  const auto add_list = [&head](std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) head.set(key, list_of(values));
  };
  add("timestamp", one.timestamp);
  add("goal", one.goal);
  add("outcome", one.outcome);
  if (one.cost) head.set("cost", *one.cost);
  if (one.duration_seconds) head.set("duration_seconds", *one.duration_seconds);
  add_list("components_used", one.components);
  add("feedback_sentiment", one.sentiment);
  add("user_satisfaction", one.satisfaction);
  add_list("tags", one.tags);
  if (!one.constraints.as_object().empty()) head.set("constraints_active", one.constraints);
  if (one.errors) head.set("error_count", *one.errors);
  add_list("recovery_actions", one.recovery_actions);
  for (const auto& [key, value] : one.other.as_object()) head.set(key, value);
  std::string made;
  for (const auto& [key, value] : head)
    made += std::string(key) + ": " + base::to_text(value, base::JsonStyle::spaced) + "\n";
  made += "---\n";
  const std::string preface = one.preface.empty() ? summary_line(one.summary) : one.preface;
  if (!preface.empty()) made += preface + "\n";
  const auto add_section = [&made](std::string_view title, const std::string& text) {
    if (!text.empty()) made += "\n### " + std::string(title) + "\n" + text + "\n";
  };
  add_section(kSections[0], one.learnings);
  add_section(kSections[1], one.insights);
  add_section(kSections[2], one.notes);
  for (const Attribute& section : one.sections) add_section(section.name, section.value);
  return made;
}

}  // namespace

std::vector<Experience> parse_memory(std::string_view text, Review& review) {
  std::vector<Experience> made;
  const std::vector<Segment> segments = segments_of(text);
  for (std::size_t i = 0; i < segments.size() && !review.is_full(); ++i) {
    const Segment& segment = segments[i];
    if (!is_yaml(text, segment)) {
      const std::string_view part = text.substr(0, segment.end).substr(segment.begin);
      for (const Bullets& record : Bullets::records(part, kFirst)) made.push_back(experience_of(record));
      continue;
    }
    const base::Result<text::Yaml> yaml = text::parse_yaml(text.substr(0, segment.end), segment.begin);
    const Segment body = i + 1 < segments.size() ? segments[i + 1] : Segment{.begin = text.size(), .end = text.size()};
    if (!yaml)
      review.error(yaml.error());
    else if (yaml->value.is_object())
      made.push_back(experience_of(yaml->value, text, body));
  }
  return made;
}

std::string write_memory(const std::vector<Experience>& experiences) {
  std::string made;
  for (const Experience& one : experiences)
    made += "---\n" + (one.form == MemoryForm::yaml ? written_yaml(one) : written_bullets(one)) + "\n";
  return made;
}

}  // namespace lilux::item

#include "item/smart_memory.h"

#include <algorithm>

#include "item/bullets.h"
#include "text/yaml.h"

namespace lilux::item {

using base::Json;
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

std::string first_of(const Json& yaml, std::string_view name, std::string_view other) {
  const std::string found = yaml.string_or(name);
  return found.empty() ? yaml.string_or(other) : found;
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

Experience experience_of(const Json& yaml, std::string_view text, const Segment& body) {
  Experience made{.form = MemoryForm::yaml,
                  .id = yaml.string_or(kFirst),
                  .timestamp = yaml.string_or("timestamp"),
                  .goal = first_of(yaml, "goal", "primary_goal"),
                  .outcome = first_of(yaml, "outcome", "final_outcome"),
                  .components = texts_in(yaml, "components_used"),
                  .learnings = section_in(text, body, "Key Learnings"),
                  .insights = section_in(text, body, "Behavioral Insights"),
                  .notes = section_in(text, body, "Notes"),
                  .cost = number_in(yaml, "cost", "estimated_cost"),
                  .duration_seconds = number_in(yaml, "duration_seconds", "execution_time_secs"),
                  .sentiment = first_of(yaml, "feedback_sentiment", "sentiment"),
                  .satisfaction = yaml.string_or("user_satisfaction"),
                  .tags = texts_in(yaml, "tags"),
                  .recovery_actions = texts_in(yaml, "recovery_actions")};
  const std::string_view all = text.substr(body.begin, body.end - body.begin);
  made.summary = bold_text(all, "Output Summary");
  if (made.learnings.empty()) made.learnings = bold_text(all, "Learnings");
  if (const Json* constraints = yaml.find("constraints_active"); constraints && constraints->is_object())
    made.constraints = *constraints;
  if (const Json* errors = yaml.find("error_count")) made.errors = errors->exact_integer();
  return made;
}

Experience experience_of(const Bullets& record) {
  return {.id = record.text(kFirst),
          .timestamp = record.text("timestamp"),
          .goal = record.text("primary_goal"),
          .outcome = record.text("final_outcome"),
          .components = record.texts("components_used"),
          .summary = record.text("output_summary"),
          .learnings = record.text("learnings_or_issues")};
}

}  // namespace

std::vector<Experience> parse_memory(std::string_view text, Review& review) {
  std::vector<Experience> made;
  const std::vector<Segment> segments = segments_of(text);
  for (std::size_t i = 0; i < segments.size(); ++i) {
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

}  // namespace lilux::item

#include "item/execution_state.h"

#include <algorithm>
#include <ranges>

#include "base/field.h"
#include "base/nearest.h"
#include "item/bullets.h"
#include "item/limits.h"

namespace lilux::item {

using text::MarkdownSection;
using text::trimmed;

namespace {

constexpr std::string_view kTitle = "Execution State:";

std::string title_of(const PlanStep& step, std::size_t number) {
  return "### Step " + std::to_string(number + 1) + ": " + step.title + "\n";
}

// The parts of a text that matter here.
struct Layout {
  explicit Layout(std::string_view whole) : text(whole), sections(text::markdown_sections(whole)) {}

  const MarkdownSection* section(std::string_view title) const { return text::find_section(sections, title); }
  Bullets bullets(const MarkdownSection* found) const {
    return found ? Bullets(text, found->begin, found->end) : Bullets(text, text.size(), text.size());
  }
  // The sections below one.
  std::vector<const MarkdownSection*> below(const MarkdownSection* above) const {
    std::vector<const MarkdownSection*> made;
    for (const MarkdownSection& section : sections)
      if (above && section.at > above->at && section.at < above->whole && section.level == above->level + 1)
        made.push_back(&section);
    return made;
  }

  std::string_view text;
  std::vector<MarkdownSection> sections;
};

// "Step 1: Fetch" -> "Fetch"
std::string step_title(std::string_view title) {
  const std::size_t colon = title.find(':');
  const bool is_numbered = title.starts_with("Step ") && colon != std::string_view::npos;
  return std::string(is_numbered ? trimmed(title.substr(colon + 1)) : title);
}

template <class E>
E word_of(const Bullets& bullets, std::string_view key, E otherwise, std::size_t at, Review& review) {
  const std::string word = bullets.text(key);
  if (word.empty()) return otherwise;
  const auto known = base::enum_from_name<E>(word);
  if (!known)
    review.error(at, "'" + word + "' is no " + std::string(key),
                 base::guess(word, enum_names(E{}), "write " + std::string(enum_names(E{})[0])));
  return known.value_or(otherwise);
}

std::vector<Attribute> entries_of(const Bullets& bullets, std::string_view without) {
  std::vector<Attribute> made;
  for (const text::MarkdownBullet& bullet : bullets.all())
    if (key_name(bullet.key) != without) made.push_back({.name = bullet.key, .value = bullet.value});
  return made;
}

std::vector<PlanStep> steps_of(const Layout& layout, std::string_view title, Review& review) {
  std::vector<PlanStep> made;
  const auto below = layout.below(layout.section(title));
  if (below.size() > kPartsMax)
    review.error(below[kPartsMax]->at, too_many(below.size(), "steps in '" + std::string(title) + "'"),
                 "make several plans of it");
  for (const MarkdownSection* section : below | std::views::take(kPartsMax)) {
    const Bullets bullets = layout.bullets(section);
    made.push_back({.title = step_title(section->title),
                    .status = word_of(bullets, "status", PlanStatus::pending, section->at, review),
                    .entries = entries_of(bullets, "status")});
  }
  return made;
}

void write_step(std::string& out, const PlanStep& step, std::size_t number, bool has_status) {
  out += title_of(step, number);
  if (has_status) out += bullet_line("status", std::string(base::enum_name(step.status))) + "\n";
  for (const auto& [name, value] : step.entries) out += bullet_line(name, value) + "\n";
  out += "\n";
}

}  // namespace

bool is_execution_state(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size())).starts_with("# Execution State:");
}

ExecutionState parse_execution_state(std::string_view text, Review& review) {
  const Layout layout(text);
  ExecutionState made;
  const auto title = std::ranges::find_if(layout.sections, [](const MarkdownSection& section) {
    return section.level == 1 && section.title.starts_with(kTitle);
  });
  if (title == layout.sections.end())
    review.error(0, "it is no execution state", "begin with '# Execution State: ...'");
  else
    made.title = trimmed(std::string_view(title->title).substr(kTitle.size()));
  const MarkdownSection* metadata = layout.section("Metadata");
  const Bullets bullets = layout.bullets(metadata);
  const std::size_t at = metadata ? metadata->at : 0;
  made.id = bullets.text("execution_id");
  made.goal = bullets.text("goal");
  made.status = word_of(bullets, "status", ExecutionStatus::planning, at, review);
  made.current_step = bullets.text("current_step");
  made.start_time = bullets.text("start_time");
  made.last_updated = bullets.text("last_updated");
  made.mode = word_of(bullets, "mode", ExecutionMode::execution, at, review);
  const MarkdownSection* variables = layout.section("Variables");
  made.variables = entries_of(layout.bullets(variables), "");
  if (made.variables.size() > kPartsMax) {
    review.error(variables->at, too_many(made.variables.size(), "variables"), "keep fewer");
    made.variables.resize(kPartsMax);
  }
  made.plan = steps_of(layout, "Execution Plan", review);
  made.log = steps_of(layout, "Execution Log", review);
  if (const MarkdownSection* data = layout.section("Training Data"))
    made.training_data = trimmed(text.substr(data->begin, data->whole - data->begin));
  return made;
}

std::string write_execution_state(const ExecutionState& state) {
  std::string made = "# " + std::string(kTitle) + " " + state.title + "\n\n## Metadata\n\n";
  const auto line = [&made](std::string_view key, const std::string& value) { made += bullet_line(key, value) + "\n"; };
  line("execution_id", state.id);
  line("goal", state.goal);
  line("status", std::string(base::enum_name(state.status)));
  line("current_step", state.current_step);
  line("start_time", state.start_time);
  line("last_updated", state.last_updated);
  line("mode", std::string(base::enum_name(state.mode)));
  made += "\n## Variables\n\n";
  for (const auto& [name, value] : state.variables) line(name, value);
  made += "\n## Execution Plan\n\n";
  for (std::size_t i = 0; i < state.plan.size(); ++i) write_step(made, state.plan[i], i, true);
  made += "## Execution Log\n\n";
  for (std::size_t i = 0; i < state.log.size(); ++i) write_step(made, state.log[i], i, false);
  if (!state.training_data.empty()) made += "## Training Data\n\n" + state.training_data + "\n";
  return made;
}

}  // namespace lilux::item

#include "brain/caller_rest_words.h"

#include <algorithm>
#include <array>
#include <span>

#include "brain/caller_words.h"
#include "brain/polite.h"
#include "brain/thesaurus.h"

namespace lilux::brain {

namespace {

bool has(const std::vector<std::string>& stems, const std::string& stem) {
  return std::ranges::find(stems, stem) != stems.end();
}

// Another word for one of the tool's name: a lamp for a light.
bool stands_for_name(const Tool& tool, const std::string& stem) {
  return std::ranges::any_of(tool.name_words, [&](const std::string& name) {
    return (groups_of(name) & groups_of(stem)) != 0 || shipped_thesaurus().kin(name, stem) == Kin::same;
  });
}

bool is_word(const Token& token, std::span<const std::string_view> words) {
  return std::ranges::find(words, std::string_view(token.lower)) != words.end();
}

}  // namespace

bool is_plain_text(const Parameter& one) {
  return one.kind == Kind::string && one.look == Look::any && one.path.size() == 1;
}

std::optional<std::size_t> gap_of(const Tool& tool) {
  std::vector<std::size_t> taken;
  std::vector<std::size_t> needed;
  for (std::size_t i = 0; i < tool.parameters.size(); ++i) {
    if (!is_plain_text(tool.parameters[i])) continue;
    taken.push_back(i);
    if (tool.parameters[i].is_required) needed.push_back(i);
  }
  if (taken.size() == 1) return taken.front();
  return needed.size() == 1 ? std::optional(needed.front()) : std::nullopt;
}

bool speaks_of(const Tool& tool, const std::string& stem) {
  const auto names_it = [&](const Parameter& one) { return has(one.name, stem); };
  return has(tool.name_words, stem) || has(tool.words, stem) || std::ranges::any_of(tool.parameters, names_it);
}

void mark_asking(const Reading& reading, const Tool& tool, std::vector<bool>& told) {
  const auto& tokens = reading.text.tokens;
  const std::string plain = " " + lowered(plainly(reading.text.text)) + " ";
  bool is_front = true;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (!plain.contains(token.lower)) told[i] = true;
    if (token.is_stop()) continue;
    if (stands_for_name(tool, token.stem) || (is_front && !token.has_digit)) told[i] = true;
    is_front = false;
  }
}

bool tells_time(const Parameter& one) {
  return one.sense == Sense::date || one.sense == Sense::time || one.key() == "when";
}

bool counts_all(const Reading& reading, const Tool& tool, std::size_t at) {
  constexpr std::array<std::string_view, 4> kAll{"all", "both", "each", "every"};
  const auto& tokens = reading.text.tokens;
  if (!is_word(tokens[at], kAll)) return false;
  std::size_t noun = at + 1;
  while (noun < tokens.size() && tokens[noun].gap == Gap::space && tokens[noun].is_stop()) ++noun;
  const bool is_end = noun >= tokens.size() || tokens[noun].gap != Gap::space;
  const std::optional<std::size_t> gap = gap_of(tool);
  const bool is_of_gap =
      gap && (tool.parameters[*gap].name.empty() || (!is_end && has(tool.parameters[*gap].name, tokens[noun].stem)));
  if (is_end) return tool.effect != Effect::looks && gap.has_value();
  if (!speaks_of(tool, tokens[noun].stem) && !stands_for_name(tool, tokens[noun].stem)) return false;
  return is_of_gap || tool.effect != Effect::looks;
}

std::vector<Span> times_in(const Reading& reading) {
  const auto& tokens = reading.text.tokens;
  std::vector<Span> all;
  for (const Moment& moment : reading.moments) {
    const Span one = reading.tokens_of(moment.begin, moment.end);
    if (one.first > one.last) continue;
    std::size_t before = one.first;
    while (before > 0 && tokens[before - 1].is_stop()) --before;
    if (!all.empty() && before <= all.back().last + 1)
      all.back().last = one.last;
    else
      all.push_back(one);
  }
  for (Span& one : all) {
    const std::size_t hour = one.last + 2;
    if (hour < tokens.size() && tokens[hour - 1].lower == "at" && tokens[hour].is_number) one.last = hour;
  }
  return all;
}

bool is_of_kind(const Reading& reading, Span span) {
  constexpr std::array<std::string_view, 5> kAny{"a", "an", "another", "any", "some"};
  const auto& tokens = reading.text.tokens;
  const auto is_plain = [](const Token& token) { return std::ranges::all_of(token.lower, is_letter); };
  return span.first > 0 && is_word(tokens[span.first - 1], kAny) &&
         std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(span.first),
                     tokens.begin() + static_cast<std::ptrdiff_t>(span.last) + 1, is_plain);
}

}  // namespace lilux::brain

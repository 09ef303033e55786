#include "brain/caller_choose.h"

#include <algorithm>
#include <cmath>

#include "brain/caller_words.h"

namespace lilux::brain {

namespace {

bool holds(const std::vector<std::string>& stems, const std::string& stem) {
  return std::ranges::find(stems, stem) != stems.end();
}

bool has_stem(const Reading& reading, const std::string& stem) {
  return std::ranges::any_of(reading.text.tokens, [&](const Token& token) { return token.stem == stem; });
}

// What a word counts for that only stands for the one that is looked for.
constexpr double kAlike = 0.6;

std::uint64_t groups_in(const std::vector<std::string>& stems) {
  std::uint64_t groups = 0;
  for (const std::string& stem : stems) groups |= groups_of(stem);
  return groups;
}

std::uint64_t groups_in(const Reading& reading) {
  std::uint64_t groups = 0;
  for (const Token& token : reading.text.tokens) groups |= token.is_stop() ? 0 : groups_of(token.stem);
  return groups;
}

// The share of the stems, by how rare they are, that the sentence has, as themselves or as others of their groups.
double share_of(const std::vector<std::string>& stems, const Reading& reading, std::uint64_t groups,
                const ToolSet& set) {
  double all = 0;
  double met = 0;
  for (const std::string& stem : stems) {
    const double weight = set.rarity(stem);
    all += weight;
    if (has_stem(reading, stem))
      met += weight;
    else if ((groups_of(stem) & groups) != 0)
      met += kAlike * weight;
  }
  return all > 0 ? met / all : 0;
}

bool knows(const Tool& tool, const std::string& stem) {
  if (holds(tool.name_words, stem) || holds(tool.words, stem)) return true;
  return std::ranges::any_of(tool.parameters,
                             [&](const Parameter& one) { return holds(one.name, stem) || holds(one.words, stem); });
}

double told_of(const Reading& reading, const Tool& tool, const ToolSet& set) {
  double met = 0;
  double all = 0;
  const std::uint64_t groups = groups_in(tool.name_words) | groups_in(tool.words);
  for (const Token& token : reading.text.tokens) {
    if (token.is_stop() || token.is_number) continue;
    const double weight = set.rarity(token.stem);
    all += 1;
    if (holds(tool.name_words, token.stem))
      met += weight;
    else if (holds(tool.words, token.stem))
      met += 0.8 * weight;
    else if (knows(tool, token.stem) || (groups_of(token.stem) & groups) != 0)
      met += 0.5 * weight;
  }
  return all > 0 ? met / all : 0;
}

std::uint32_t bucket(double share, double steps) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(share, 0.0, 1.0) * steps));
}

void add(Features& features, std::uint32_t what, std::uint32_t value) {
  features.push_back(mixed(what * 977 + 13, value));
}

// Every step up to the share, so that more of it can only add.
void add_steps(Features& features, std::uint32_t what, double share, double steps) {
  for (std::uint32_t step = 1; step <= bucket(share, steps); ++step) add(features, what, step);
}

// What is written as a value and is no part of any argument.
void see_literals(const Reading& reading, const std::vector<bool>& is_used, Features& features) {
  std::uint32_t unused = 0;
  for (const Literal& one : reading.literals) {
    const Span span = reading.tokens_of(one.begin, one.end);
    if (span.first > span.last) continue;
    if (!is_used[span.first]) add(features, 30, static_cast<std::uint32_t>(one.kind));
    unused += is_used[span.first] ? 0 : 1;
  }
  add(features, 31, std::min(unused, 3U));
}

void mark(Span span, std::vector<bool>& is_used) {
  for (std::size_t i = span.first; i <= span.last; ++i) is_used[i] = true;
}

void see_words(const Reading& reading, const Tool& tool, const Filled& filled, Features& features) {
  std::vector<bool> is_used(reading.text.tokens.size());
  for (const Argument& argument : filled.arguments) {
    if (!argument.candidate.has_span()) continue;
    mark(argument.candidate.span, is_used);
    if (argument.candidate.source != Source::path || argument.candidate.change != Change::joined) continue;
    // A path that is put together of a folder and a name uses both.
    for (const Literal& one : reading.literals) {
      const std::string_view text = std::string_view(reading.text.text).substr(one.begin, one.end - one.begin);
      if (argument.candidate.value.as_string().starts_with(text)) mark(reading.tokens_of(one.begin, one.end), is_used);
    }
  }
  double all = 0;
  double left = 0;
  const std::uint64_t groups = groups_in(tool.name_words) | groups_in(tool.words);
  const std::uint64_t said = groups_in(reading);
  for (std::size_t i = 0; i < is_used.size(); ++i) {
    const Token& token = reading.text.tokens[i];
    if (token.is_stop() || token.is_number) continue;
    const bool known = knows(tool, token.stem) || (groups_of(token.stem) & groups) != 0;
    if (!is_used[i]) {
      all += 1;
      left += known ? 0 : 1;
      if (!known) add(features, 20, hash_of(token.stem) % 512);
      if (!known && token.is_capital && !token.begins_text) add(features, 21, 0);
    }
  }
  add_steps(features, 22, all > 0 ? left / all : 0, 8);
  add_steps(features, 23, left / 6, 6);
  add_steps(features, 24, all > 0 ? 1 - left / all : 0, 4);
  for (const std::string& stem : tool.name_words) {
    const bool is_alike = (groups_of(stem) & said) != 0;
    add(features, has_stem(reading, stem) ? 25U : (is_alike ? 29U : 26U), hash_of(stem) % 256);
  }
  see_literals(reading, is_used, features);
  if (!tool.name_words.empty()) {
    add(features, 27, has_stem(reading, tool.name_words.back()) ? 1U : 0U);
    add(features, 28, has_stem(reading, tool.name_words.front()) ? 1U : 0U);
  }
}

Fit fit_of(const Reading& reading, std::uint64_t groups, const ToolSet& set, std::size_t number) {
  const Tool& tool = set.tools()[number];
  Fit fit{.tool = number};
  fit.name = share_of(tool.name_words, reading, groups, set);
  fit.words = share_of(tool.words, reading, groups, set);
  fit.told = told_of(reading, tool, set);
  fit.sum = fit.name + fit.words + 2 * fit.told;
  return fit;
}

std::vector<Fit> in_order(std::vector<Fit> fits) {
  std::ranges::sort(fits, [](const Fit& left, const Fit& right) {
    return left.sum != right.sum ? left.sum > right.sum : left.tool < right.tool;
  });
  return fits;
}

}  // namespace

std::vector<Fit> fits_of(const Reading& reading, const ToolSet& set) {
  const std::uint64_t groups = groups_in(reading);
  std::vector<Fit> fits;
  for (std::size_t i = 0; i < set.tools().size(); ++i) fits.push_back(fit_of(reading, groups, set, i));
  return in_order(std::move(fits));
}

std::vector<Fit> fits_of(const Reading& reading, const ToolSet& set, std::span<const RankedTool> found) {
  const std::uint64_t groups = groups_in(reading);
  std::vector<Fit> fits;
  for (const RankedTool& one : found) {
    fits.push_back(fit_of(reading, groups, set, one.tool));
    fits.back().rank = one.score / found.front().score;
  }
  return in_order(std::move(fits));
}

void see_tool(const Reading& reading, const ToolSet& set, const Fit& fit, const Filled& filled, Rival rival,
              Features& features) {
  const Tool& tool = set.tools()[fit.tool];
  features.clear();
  add(features, 1, 0);
  add_steps(features, 2, fit.name, 8);
  add_steps(features, 3, fit.words, 8);
  add_steps(features, 4, fit.told, 10);
  add(features, 5, mixed(bucket(fit.name, 3), bucket(fit.told, 4)));
  const double lead = fit.sum - rival.sum;
  if (rival.tools > 1) add_steps(features, lead > 0 ? 6U : 7U, std::fabs(lead), 10);
  add(features, 8, static_cast<std::uint32_t>(std::min<std::size_t>(rival.tools, 6)));
  add(features, 9, static_cast<std::uint32_t>(std::min<std::size_t>(filled.missing.size(), 3)));
  add_steps(features, 10, -filled.certainty / 4, 8);
  float least = 0;
  std::size_t optional = 0;
  for (const Argument& argument : filled.arguments) {
    const base::Json& value = argument.candidate.value;
    if (value.is_array()) add(features, 15, value.as_array().size() == 1 ? 1U : 0U);
  }
  for (const Argument& argument : filled.arguments) {
    if (!tool.parameters[argument.parameter].is_required) {
      ++optional;
      continue;
    }
    least = std::min(least, std::log(argument.chance));
    if (argument.candidate.source == Source::number || argument.candidate.source == Source::moment)
      add(features, 12, 0);
  }
  add_steps(features, 11, -least / 5.0, 8);
  add(features, 13, static_cast<std::uint32_t>(std::min<std::size_t>(optional, 3)));
  std::size_t required = 0;
  for (const Parameter& parameter : tool.parameters) required += parameter.is_required ? 1 : 0;
  add(features, 14, static_cast<std::uint32_t>(std::min<std::size_t>(required, 4)));
  see_words(reading, tool, filled, features);
}

}  // namespace lilux::brain

#include "text/glob.h"

#include <algorithm>
#include <utility>

namespace lilux::text {

using base::Result;

namespace {

// Slashes inside of classes separate nothing.
std::vector<std::string_view> pattern_segments(std::string_view pattern) {
  std::vector<std::string_view> segments;
  std::size_t from = 1;
  for (std::size_t i = 1; i < pattern.size(); ++i) {
    if (pattern[i] == '[') {
      if (const auto end = class_end(pattern, i)) i = *end - 1;
    } else if (pattern[i] == '/') {
      segments.push_back(pattern.substr(from, i - from));
      from = i + 1;
    }
  }
  if (pattern.size() > 1) segments.push_back(pattern.substr(from));
  return segments;
}

Result<PathGlob::Segment> compile_segment(std::string_view choice, std::string_view segment) {
  if (segment.empty()) {
    return bad_pattern(choice, "has a slash too many, so it never matches a canonical path",
                       "single slashes, none at the end; /a/** for /a and all below it");
  }
  if (segment == "**") return PathGlob::Segment{.is_deep = true, .wild = {}};
  if (segment.find("**") != std::string_view::npos) {
    return bad_pattern(choice, "has '**' inside a segment", "'**' stands for whole segments: /a/**/b");
  }
  Wild wild = TRY(Wild::compile(segment));
  if (wild.has_byte('/')) return bad_pattern(choice, "has a class that never matches", "no segment holds a slash");
  if (wild.is_literal() && (wild.tail() == "." || wild.tail() == "..")) {
    return bad_pattern(choice, "holds '" + wild.tail() + "', so it never matches a canonical path",
                       "write the path it means");
  }
  return PathGlob::Segment{.wild = std::move(wild)};
}

Result<PathGlob::Choice> compile_choice(std::string_view choice) {
  if (!choice.starts_with('/'))
    return bad_pattern(choice, "is relative, so it never matches a canonical path", "begin it with /");
  PathGlob::Choice made;
  for (const std::string_view segment : pattern_segments(choice)) {
    PathGlob::Segment next = TRY(compile_segment(choice, segment));
    const bool is_repeat = next.is_deep && !made.empty() && made.back().is_deep;
    if (!is_repeat) made.push_back(std::move(next));
  }
  return made;
}

std::size_t literal_segments(const PathGlob::Choice& choice) {
  const auto is_literal = [](const PathGlob::Segment& segment) {
    return !segment.is_deep && segment.wild.is_literal();
  };
  return static_cast<std::size_t>(std::ranges::find_if_not(choice, is_literal) - choice.begin());
}

bool choice_covers(const PathGlob::Choice& wide, const PathGlob::Choice& narrow) {
  return row_covers(
      wide.size(), narrow.size(), [&](std::size_t i) { return wide[i].is_deep; },
      [&](std::size_t j) { return narrow[j].is_deep; },
      [&](std::size_t i, std::size_t j) { return wide[i].wild.covers(narrow[j].wild); });
}

}  // namespace

Result<NameGlob> NameGlob::compile(std::string_view pattern) {
  NameGlob made;
  for (const std::string& choice : TRY(choices_of(pattern))) made.choices_.push_back(TRY(Wild::compile(choice)));
  return made;
}

NameGlob NameGlob::empty() {
  NameGlob made;
  made.choices_.emplace_back();
  return made;
}

bool NameGlob::matches(std::string_view text) const {
  return std::ranges::any_of(choices_, [&](const Wild& choice) { return choice.matches(text); });
}

bool name_matches(std::string_view pattern, std::string_view text) {
  const Result<NameGlob> glob = NameGlob::compile(pattern);
  return glob && glob->matches(text);
}

bool is_canonical_path(std::string_view path) {
  if (path == "/") return true;
  if (!path.starts_with('/') || path.ends_with('/') || path.find('\0') != std::string_view::npos) return false;
  for (const std::string_view wrong : {"//", "/./", "/../"}) {
    if (path.find(wrong) != std::string_view::npos) return false;
  }
  return !path.ends_with("/.") && !path.ends_with("/..");
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t from = 1; from < path.size();) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    segments.push_back(path.substr(from, end - from));
    from = end + 1;
  }
  return segments;
}

Result<PathGlob> PathGlob::compile(std::string_view pattern) {
  PathGlob made;
  for (const std::string& choice : TRY(choices_of(pattern))) made.choices_.push_back(TRY(compile_choice(choice)));
  return made;
}

bool PathGlob::matches(std::string_view path) const {
  return is_canonical_path(path) && matches(segments_of(path));
}

bool PathGlob::matches(std::span<const std::string_view> segments) const {
  return std::ranges::any_of(choices_, [&](const Choice& choice) {
    return row_matches(
        choice.size(), segments.size(), [&](std::size_t i) { return choice[i].is_deep; },
        [&](std::size_t i, std::size_t at) { return choice[i].wild.matches(segments[at]); });
  });
}

void NameGlob::add_elsewhere(const Elsewhere& elsewhere) {
  for (std::size_t i = 0, written = choices_.size(); i < written; ++i) {
    if (!choices_[i].is_literal()) continue;
    for (const std::string& other : elsewhere(choices_[i].tail())) choices_.push_back(Wild::literal(other));
  }
}

bool PathGlob::reaches_below(std::string_view folder) const {
  const std::vector<std::string_view> segments = segments_of(folder);
  return std::ranges::any_of(choices_, [&](const Choice& choice) {
    std::vector<bool> is_left(choice.size() + 1);  // what may be left of the choice behind the segments so far
    is_left[0] = true;
    for (std::size_t taken = 0;; ++taken) {
      for (std::size_t i = 0; i < choice.size(); ++i) {
        if (is_left[i] && choice[i].is_deep) is_left[i + 1] = true;
      }
      if (taken == segments.size()) break;
      std::vector<bool> next(choice.size() + 1);
      for (std::size_t i = 0; i < choice.size(); ++i) {
        if (is_left[i] && choice[i].is_deep) next[i] = true;
        if (is_left[i] && !choice[i].is_deep && choice[i].wild.matches(segments[taken])) next[i + 1] = true;
      }
      is_left = std::move(next);
    }
    return std::find(is_left.begin(), is_left.end() - 1, true) != is_left.end() - 1;
  });
}

void PathGlob::add_elsewhere(const Elsewhere& elsewhere) {
  for (std::size_t i = 0, written = choices_.size(); i < written; ++i) {
    const std::size_t count = literal_segments(choices_[i]);
    std::string beginning;
    for (std::size_t at = 0; at < count; ++at) beginning.append("/").append(choices_[i][at].wild.tail());
    if (count == 0) continue;
    for (const std::string& other : elsewhere(beginning)) {
      Choice made;
      for (const std::string_view segment : segments_of(other)) made.push_back({.wild = Wild::literal(segment)});
      made.insert(made.end(), choices_[i].begin() + static_cast<std::ptrdiff_t>(count), choices_[i].end());
      choices_.push_back(std::move(made));
    }
  }
}

bool covers(const NameGlob& wide, const NameGlob& narrow) {
  return std::ranges::all_of(narrow.choices(), [&](const Wild& inner) {
    return std::ranges::any_of(wide.choices(), [&](const Wild& outer) { return outer.covers(inner); });
  });
}

bool covers(const PathGlob& wide, const PathGlob& narrow) {
  return std::ranges::all_of(narrow.choices(), [&](const PathGlob::Choice& inner) {
    return std::ranges::any_of(wide.choices(),
                               [&](const PathGlob::Choice& outer) { return choice_covers(outer, inner); });
  });
}

}  // namespace lilux::text

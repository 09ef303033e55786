#include "text/markdown.h"

#include <algorithm>
#include <cctype>

#include "text/edit.h"

namespace lilux::text {

namespace {

struct Line {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t next = 0;
  std::size_t indent = 0;
};

std::vector<Line> lines_in(std::string_view text, std::size_t begin, std::size_t end) {
  std::vector<Line> lines;
  for (std::size_t at = begin; at < end;) {
    const std::size_t stop = std::min(text.find('\n', at), end);
    const std::size_t content = std::min(text.find_first_not_of(' ', at), stop);
    const bool has_return = stop > at && text[stop - 1] == '\r';
    lines.push_back(
        {.begin = at, .end = has_return ? stop - 1 : stop, .next = std::min(stop + 1, end), .indent = content - at});
    at = lines.back().next;
  }
  return lines;
}

std::string_view content_of(std::string_view text, const Line& line) {
  const std::size_t begin = std::min(line.begin + line.indent, line.end);
  return text.substr(begin, line.end - begin);
}

bool same_letters(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

// The marks of a fence that may open here: three backticks or tildes or more.
std::string_view fence_marks(std::string_view content) {
  if (!content.starts_with("```") && !content.starts_with("~~~")) return {};
  const std::size_t size = std::min(content.find_first_not_of(content[0]), content.size());
  if (content[0] == '`' && content.substr(size).contains('`')) return {};
  return content.substr(0, size);
}

// Calls `visit` with every line and whether it stands in a fence or opens or closes one.
template <class Visit>
void walk(std::string_view text, const std::vector<Line>& lines, Visit visit) {
  std::string_view open;
  for (const Line& line : lines) {
    const std::string_view content = content_of(text, line);
    const std::string_view marks = fence_marks(content);
    const bool closes = !open.empty() && content.starts_with(open) &&
                        trimmed(content).find_first_not_of(open[0]) == std::string_view::npos;
    const bool opens = open.empty() && !marks.empty();
    visit(line, content, !open.empty() || opens);
    if (opens)
      open = marks;
    else if (closes)
      open = {};
  }
}

std::optional<MarkdownSection> heading_of(const Line& line, std::string_view content) {
  const std::size_t level = std::min(content.find_first_not_of('#'), content.size());
  const bool is_heading = level >= 1 && level <= 6 && line.indent <= 3 &&
                          (level == content.size() || content[level] == ' ' || content[level] == '\t');
  if (!is_heading) return std::nullopt;
  std::string_view title = trimmed(content.substr(level));
  const std::size_t last = title.find_last_not_of('#');
  if (last == std::string_view::npos)
    title = {};
  else if (last + 1 < title.size() && (title[last] == ' ' || title[last] == '\t'))
    title = trimmed(title.substr(0, last));
  return MarkdownSection{.level = level, .title = std::string(title), .at = line.begin, .begin = line.next};
}

// Of "- **key**: value" or "- **key:** value", with or without the dash.
std::optional<MarkdownBullet> bullet_of(std::string_view text, const Line& line) {
  const std::string_view content = content_of(text, line);
  const bool has_dash = content.size() > 1 && std::string_view("-*+").contains(content[0]) && content[1] == ' ';
  const std::size_t bold = has_dash ? skip_blanks(content, 1) : 0;
  const std::size_t close = content.find("**", bold + 2);
  if (!content.substr(bold).starts_with("**") || close == std::string_view::npos) return std::nullopt;
  std::string_view key = trimmed(content.substr(bold + 2, close - bold - 2));
  std::size_t value = close + 2;
  if (key.ends_with(':'))
    key = trimmed(key.substr(0, key.size() - 1));
  else if (content.substr(value).starts_with(':'))
    ++value;
  else
    return std::nullopt;
  if (key.empty()) return std::nullopt;
  const std::size_t begin = skip_blanks(text, line.begin + line.indent + value);
  return MarkdownBullet{.key = std::string(key),
                        .indent = line.indent,
                        .at = line.begin,
                        .begin = std::min(begin, line.end),
                        .end = line.end};
}

void take_value(std::string_view text, MarkdownBullet& bullet) {
  const std::string_view all = text.substr(bullet.begin, bullet.end - bullet.begin);
  std::string_view value = trimmed(all);
  bullet.end = bullet.begin + static_cast<std::size_t>(value.empty() ? 0 : value.data() + value.size() - all.data());
  const bool is_ticked = value.size() >= 2 && value.starts_with('`') && value.find('`', 1) == value.size() - 1;
  bullet.value = is_ticked ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin);
}

std::string replaced_all(std::string_view text, std::string_view what, std::string_view with) {
  std::string made;
  std::size_t from = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, from)) {
    made.append(text.substr(from, at - from)).append(with);
    from = at + what.size();
  }
  return made.append(text.substr(from));
}

std::vector<MarkdownSection> markdown_sections(std::string_view text, std::size_t begin, std::size_t end) {
  end = std::min(end, text.size());
  std::vector<MarkdownSection> sections{{.at = begin, .begin = begin, .end = end, .whole = end}};
  walk(text, lines_in(text, begin, end), [&](const Line& line, std::string_view content, bool is_fenced) {
    std::optional<MarkdownSection> heading = is_fenced ? std::nullopt : heading_of(line, content);
    if (!heading) return;
    sections.back().end = line.begin;
    heading->end = heading->whole = end;
    sections.push_back(std::move(*heading));
  });
  std::vector<std::size_t> open;  // by number, of levels that rise
  for (std::size_t i = 1; i < sections.size(); ++i) {
    for (; !open.empty() && sections[open.back()].level >= sections[i].level; open.pop_back())
      sections[open.back()].whole = sections[i].at;
    open.push_back(i);
  }
  sections.front().whole = sections.front().end;
  return sections;
}

std::vector<MarkdownFence> markdown_fences(std::string_view text, std::size_t begin, std::size_t end) {
  end = std::min(end, text.size());
  std::vector<MarkdownFence> fences;
  bool was_fenced = false;
  std::string_view marks;
  walk(text, lines_in(text, begin, end), [&](const Line& line, std::string_view content, bool is_fenced) {
    if (is_fenced && !was_fenced) {
      marks = fence_marks(content);
      std::string language(trimmed(content.substr(marks.size())));
      language.resize(std::min(language.find_first_of(" \t{,"), language.size()));
      std::ranges::transform(language, language.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      fences.push_back({.language = std::move(language), .at = line.begin, .begin = line.next, .end = end});
      was_fenced = true;
      return;
    }
    const bool closes = is_fenced && content.starts_with(marks) &&
                        trimmed(content).find_first_not_of(marks[0]) == std::string_view::npos;
    if (!closes) return;
    fences.back().end = line.begin;
    fences.back().is_closed = true;
    was_fenced = false;
  });
  return fences;
}

std::vector<MarkdownBullet> markdown_bullets(std::string_view text, std::size_t begin, std::size_t end) {
  end = std::min(end, text.size());
  std::vector<MarkdownBullet> bullets;
  bool is_open = false;
  walk(text, lines_in(text, begin, end), [&](const Line& line, std::string_view content, bool is_fenced) {
    std::optional<MarkdownBullet> bullet = is_fenced ? std::nullopt : bullet_of(text, line);
    if (bullet) {
      bullets.push_back(std::move(*bullet));
      is_open = true;
    } else if (is_open && !content.empty()) {
      is_open = line.indent > bullets.back().indent;
      if (is_open) bullets.back().end = line.end;
    }
  });
  for (MarkdownBullet& bullet : bullets) take_value(text, bullet);
  return bullets;
}

std::string first_heading(std::string_view text) {
  const auto sections = markdown_sections(text);
  return sections.size() > 1 ? sections[1].title : std::string();
}

const MarkdownSection* find_section(const std::vector<MarkdownSection>& sections, std::string_view title) {
  const auto found = std::ranges::find_if(sections, [&](const MarkdownSection& section) {
    return section.level > 0 && same_letters(section.title, title);
  });
  return found == sections.end() ? nullptr : &*found;
}

}  // namespace lilux::text

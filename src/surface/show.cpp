// Outputs for people: text as it is, lists of objects as tables, objects as lines.

#include <algorithm>

#include "base/encoding.h"
#include "base/escape.h"
#include "surface/print.h"

namespace lilux::surface {

using base::Json;

namespace {

constexpr std::size_t kGap = 2;  // between columns
constexpr std::size_t kCellMax = 60;
constexpr std::size_t kWhole = 27;       // columns up to this are not cut: ids and times stay whole
constexpr std::size_t kNarrowest = 16;   // and no others below this
constexpr std::size_t kColumnsMax = 10;  // of rows that hold lists

// Characters, not bytes: names need not be English.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string fitted(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  std::string_view kept = text;
  while (width_of(kept) > width - 3) kept = base::clipped(text, kept.size() - 1);
  return std::string(kept) + "...";
}

std::string cell(const Json& value, std::size_t most) {
  std::string text = value.is_string()                              ? value.as_string()
                     : value.is_null()                              ? ""
                     : value.is_array() && value.as_array().empty() ? "none"
                                                                    : base::to_text(value, base::JsonStyle::spaced);
  std::ranges::replace(text, '\n', ' ');
  text = base::escape_for_terminal(text);
  return most == 0 ? text : fitted(text, most);
}

bool is_table(const Json& value) {
  return value.is_array() && !value.as_array().empty() &&
         std::ranges::all_of(value.as_array(), [](const Json& row) { return row.is_object(); });
}

// A row that only wraps another one with its depth in a tree becomes that one, indented.
Json unwrapped(const Json& row) {
  const Json* depth = row.find("depth");
  if (!depth || !depth->is_integer() || row.as_object().size() != 2) return row;
  Json inner = std::prev(row.as_object().end())->second;
  if (!inner.is_object() || inner.as_object().empty()) return row;
  const auto& [key, first] = *inner.as_object().begin();
  if (first.is_string())
    inner.as_object().set(std::string(key),
                          std::string(2 * static_cast<std::size_t>(depth->as_integer()), ' ') + first.as_string());
  return inner;
}

std::vector<std::string> columns_of(const base::JsonArray& rows) {
  std::vector<std::string> columns;
  for (const Json& row : rows) {
    auto after = columns.begin();  // a member that earlier rows lack comes where this row has it
    for (const auto& [key, value] : row.as_object()) {
      if (value.is_object() || is_table(value)) continue;
      const auto known = std::ranges::find(columns, key);
      after = std::next(known == columns.end() ? columns.insert(after, std::string(key)) : known);
    }
  }
  return columns;
}

// Cut to fit a line, the widest first; where that is not enough the last columns, which matter least, are left out.
void fit(std::vector<std::size_t>& widths, std::size_t line_width) {
  std::vector<std::size_t> least;
  std::size_t needed = 0;
  for (const std::size_t width : widths) {
    const std::size_t at_least = width <= kWhole ? width : kNarrowest;
    needed += at_least + (least.empty() ? 0 : kGap);
    if (needed > line_width && !least.empty()) break;
    least.push_back(at_least);
  }
  widths.resize(least.size());
  std::size_t total = kGap * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  for (; total > line_width; --total) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] > least[i] && (!widest || widths[i] > *widest)) widest = &widths[i];
    }
    if (!widest) return;
    --*widest;
  }
}

// The last column is cut at a terminal only.
void append_table(std::string& out, const base::JsonArray& rows, const std::string& indent, std::size_t line_width) {
  const std::vector<std::string> columns = columns_of(rows);
  const auto text_at = [&](const Json& row, std::size_t column) {
    const Json* value = row.find(columns[column]);
    return value ? cell(*value, column + 1 == columns.size() ? 0 : kCellMax) : std::string();
  };
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::size_t width = width_of(columns[i]);
    for (const Json& row : rows) width = std::max(width, width_of(text_at(row, i)));
    widths.push_back(width);
  }
  if (line_width > 0) fit(widths, line_width - std::min(line_width, indent.size()));
  const auto line = [&](auto&& text_of) {
    std::string made = indent;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string text = fitted(text_of(i), widths[i]);
      made += text;
      made.append(widths[i] + kGap - width_of(text), ' ');
    }
    out += made.substr(0, made.find_last_not_of(' ') + 1) + "\n";
  };
  line([&](std::size_t column) {
    std::string upper = columns[column];
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return base::escape_line(upper);
  });
  for (const Json& row : rows) line([&](std::size_t column) { return text_at(row, column); });
}

void append_value(std::string& out, const std::string& name, const Json& value, const std::string& indent,
                  std::size_t line_width);

bool holds_list(const Json& row) {
  return std::ranges::any_of(row.as_object(), [](const auto& member) { return member.second.is_array(); });
}

// Rows as a table, or one below the other when it would hide what they hold or, with their lists, be hard to read.
void append_rows(std::string& out, const base::JsonArray& wrapped, const std::string& indent, std::size_t line_width) {
  base::JsonArray rows;
  for (const Json& row : wrapped) rows.push_back(unwrapped(row));
  const std::size_t columns = columns_of(rows).size();
  const bool is_readable = columns <= kColumnsMax || std::ranges::none_of(rows, holds_list);
  const bool hides_nothing = std::ranges::all_of(rows, [](const Json& row) { return row.as_object().size() == 1; });
  if (columns > 1 ? is_readable : columns == 1 && hides_nothing) return append_table(out, rows, indent, line_width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += "\n";
    for (const auto& [key, member] : rows[i].as_object()) append_value(out, key, member, indent, line_width);
  }
}

// Each line below the name and further in, so that none looks like a field.
void append_lines(std::string& out, std::string_view text, const std::string& indent) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    out += (line.empty() ? "" : indent + std::string(line)) + "\n";
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
}

void append_value(std::string& out, const std::string& name, const Json& value, const std::string& indent,
                  std::size_t line_width) {
  const std::string inner = indent + "  ";
  const std::string label = indent + base::escape_line(name) + ":";
  if (is_table(value)) {
    if (!name.empty()) out += label + "\n";
    append_rows(out, value.as_array(), name.empty() ? indent : inner, line_width);
  } else if (value.is_array()) {
    out += label + (value.as_array().empty() ? " none\n" : "\n");
    for (const Json& entry : value.as_array())
      out += inner +
             base::escape_line(entry.is_string() ? entry.as_string() : base::to_text(entry, base::JsonStyle::spaced)) +
             "\n";
  } else if (value.is_object()) {
    out += label + (value.as_object().empty() ? " none\n" : "\n");
    for (const auto& [key, member] : value.as_object()) append_value(out, key, member, inner, line_width);
  } else {
    const std::string text = base::escape_for_terminal(value.is_string() ? value.as_string() : base::to_text(value));
    if (text.find('\n') == std::string::npos) {
      out += label + " " + text + "\n";
    } else {
      out += label + "\n";
      append_lines(out, text, inner);
    }
  }
}

}  // namespace

std::string shown(const Json& output, std::size_t line_width) {
  if (!output.is_object()) return base::to_text(output, base::JsonStyle::pretty) + "\n";
  std::string out;
  const bool is_one = output.as_object().size() == 1;
  for (const auto& [key, value] : output.as_object()) {
    if (is_one && value.is_array() && value.as_array().empty()) return "none\n";
    append_value(out, is_one && is_table(value) ? "" : key, value, "", line_width);
  }
  return out;
}

}  // namespace lilux::surface

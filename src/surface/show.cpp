// Outputs for people: text as it is, lists of objects as tables, objects as lines.

#include <algorithm>

#include "base/escape.h"
#include "surface/print.h"

namespace lilux::surface {

using base::Json;

namespace {

constexpr std::size_t kCellMax = 60;

std::string cell(const Json& value) {
  std::string text = value.is_string() ? value.as_string()
                     : value.is_null() ? ""
                                       : base::to_text(value, base::JsonStyle::spaced);
  std::ranges::replace(text, '\n', ' ');
  if (text.size() > kCellMax) text = text.substr(0, kCellMax - 3) + "...";
  return base::escape_for_terminal(text);
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

void append_table(std::string& out, const base::JsonArray& wrapped) {
  base::JsonArray rows;
  for (const Json& row : wrapped) rows.push_back(unwrapped(row));
  std::vector<std::string> columns;
  for (const Json& row : rows) {
    for (const auto& [key, value] : row.as_object()) {
      const bool is_known = std::ranges::find(columns, key) != columns.end();
      if (!is_known && !value.is_object() && !is_table(value)) columns.push_back(key);
    }
  }
  std::vector<std::size_t> widths;
  for (const std::string& column : columns) {
    std::size_t width = column.size();
    for (const Json& row : rows) {
      const Json* value = row.find(column);
      width = std::max(width, value ? cell(*value).size() : 0);
    }
    widths.push_back(width);
  }
  const auto line = [&](auto&& text_of) {
    std::string made;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string text = text_of(columns[i]);
      made += text;
      if (i + 1 < columns.size()) made.append(widths[i] + 2 - std::min(text.size(), widths[i]), ' ');
    }
    out += made.substr(0, made.find_last_not_of(' ') + 1) + "\n";
  };
  line([](const std::string& column) {
    std::string upper = column;
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return upper;
  });
  for (const Json& row : rows) {
    line([&](const std::string& column) {
      const Json* value = row.find(column);
      return value ? cell(*value) : std::string();
    });
  }
}

void append_value(std::string& out, const std::string& name, const Json& value, const std::string& indent) {
  if (is_table(value)) {
    if (!name.empty()) out += indent + name + ":\n";
    append_table(out, value.as_array());
  } else if (value.is_array()) {
    out += indent + name + ":" + (value.as_array().empty() ? " none\n" : "\n");
    for (const Json& entry : value.as_array())
      out += indent + "  " +
             base::escape_for_terminal(entry.is_string() ? entry.as_string()
                                                         : base::to_text(entry, base::JsonStyle::spaced)) +
             "\n";
  } else if (value.is_object()) {
    out += indent + name + ":\n";
    for (const auto& [key, member] : value.as_object()) append_value(out, key, member, indent + "  ");
  } else {
    const std::string text = base::escape_for_terminal(value.is_string() ? value.as_string() : base::to_text(value));
    const bool is_long = text.find('\n') != std::string::npos;
    out += indent + name + ":" + (is_long ? "\n" : " ") + text + (text.ends_with('\n') ? "" : "\n");
  }
}

}  // namespace

std::string shown(const Json& output) {
  if (!output.is_object()) return base::to_text(output, base::JsonStyle::pretty) + "\n";
  std::string out;
  const bool is_one = output.as_object().size() == 1;
  for (const auto& [key, value] : output.as_object()) {
    if (is_one && value.is_array() && value.as_array().empty()) return "none\n";
    append_value(out, is_one && is_table(value) ? "" : key, value, "");
  }
  return out;
}

}  // namespace lilux::surface

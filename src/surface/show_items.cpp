// Items for people: what came of a run, what was found, and one item as it is read. `--json` has all of it.

#include <algorithm>

#include "base/encoding.h"
#include "base/escape.h"
#include "surface/print.h"

namespace lilux::surface {

using base::Json;
using base::JsonArray;

namespace {

std::string padded(std::string text, std::size_t width) {
  const std::size_t length = base::utf8_length(text);
  return text.append(width > length ? width - length : 0, ' ');
}

std::size_t widest(const JsonArray& rows, std::string_view field) {
  std::size_t width = 0;
  for (const Json& row : rows) width = std::max(width, base::utf8_length(row.string_or(field)));
  return width;
}

void add_step(std::string& out, const Json& step, std::size_t width) {
  const std::string state = step.string_or("state");
  const std::string what = step.string_or("description");
  const std::string action = step.string_or("action");
  out += (state.empty() ? std::string() : padded(state, 9)) + padded(base::escape_line(step.string_or("name")), width);
  if (!what.empty()) out += "  " + base::escape_line(what);
  out += "\n";
  if (const std::string error = step.string_or("error"); !error.empty()) out += "  " + base::escape_line(error) + "\n";
  if (!action.empty()) out += base::escape_for_terminal(action) + "\n\n";
}

// What a script wrote: text as it is, anything else as JSON.
std::string data_text(const Json& data) {
  const Json* output = data.find("output");
  const bool is_text = output && output->is_string() && data.as_object().size() == 1;
  const std::string text = is_text ? output->as_string() : base::to_text(data, base::JsonStyle::pretty);
  return base::escape_for_terminal(text) + (text.empty() || text.ends_with('\n') ? "" : "\n");
}

std::string hit_line(const Json& hit, std::size_t kinds, std::size_t names) {
  std::string line =
      padded(hit.string_or("kind"), kinds) + "  " + padded(base::escape_line(hit.string_or("name")), names);
  line += "  " + padded(base::escape_line(hit.string_or("source")), 7);
  const std::string what =
      hit.string_or("description").empty() ? hit.string_or("snippet") : hit.string_or("description");
  const std::string broken = hit.string_or("broken");
  return line + "  " + (broken.empty() ? "" : "(broken) ") + base::escape_line(what);
}

// Under its state: "imported  skill pdf, 3 files: .claude/skills/pdf/SKILL.md".
std::string import_line(const Json& row, std::size_t states) {
  const std::string kind = row.string_or("kind").empty() ? row.string_or("what") : row.string_or("kind");
  std::string line = padded(row.string_or("state"), states) + "  " + kind;
  if (const std::string name = row.string_or("name"); !name.empty()) line += " " + name;
  if (const std::int64_t files = row.integer_or("files"); files > 0) line += ", " + std::to_string(files) + " files";
  line += ": " + row.string_or("file");
  const std::string location = row.string_or("location");
  const bool is_told = row.string_or("state") == "new" || row.string_or("state") == "imported";
  if (is_told && location != "project") line += ", into the volume " + location;
  line = base::escape_line(line) + "\n";
  const std::string note = row.string_or("note");
  return note.empty() ? line : line + std::string(states + 2, ' ') + base::escape_line(note) + "\n";
}

}  // namespace

JsonArray list_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found && found->is_array() ? found->as_array() : JsonArray{};
}

// As compilers tell faults: none of it is cut, whatever the width.
std::string shown_validated(const Json& output, std::size_t) {
  std::string out;
  for (const Json& row : list_of(output, "problems")) {
    out += row.string_or("severity") + " line " + std::to_string(row.integer_or("line")) + ", column " +
           std::to_string(row.integer_or("column")) + ": " + base::escape_line(row.string_or("message")) + "\n";
    if (const std::string hint = row.string_or("hint"); !hint.empty()) out += "  " + base::escape_line(hint) + "\n";
  }
  out += output.bool_or("valid") ? "valid\n" : "not valid\n";
  const std::string checked_by = output.string_or("checked_by");
  return checked_by.empty() ? out : out + "checked by " + base::escape_line(checked_by) + "\n";
}

// Of conflicts the texts, whole.
std::string shown_merge(const Json& output, std::size_t line_width) {
  if (output.bool_or("merged")) return shown(output, line_width);
  std::string out = base::escape_for_terminal(output.string_or("message")) + "\n";
  for (const Json& conflict : list_of(output, "conflicts")) out += "\n" + shown(conflict, line_width);
  return out + "\n" + base::escape_for_terminal(output.string_or("instructions")) + "\n";
}

std::string shown_import(const Json& output, std::size_t) {
  const JsonArray found = list_of(output, "found");
  const std::size_t states = widest(found, "state");
  std::string out;
  for (const Json& row : found) out += import_line(row, states);
  if (found.empty()) out = "nothing of theirs is here\n";
  const std::int64_t imported = output.integer_or("imported");
  return imported == 0 ? out : out + std::to_string(imported) + " brought over; `lilux undo` takes them back\n";
}

std::string shown_run(const Json& output, std::size_t) {
  std::string out;
  const JsonArray steps = list_of(output, "process");
  const std::size_t names = widest(steps, "name");
  for (const Json& step : steps) add_step(out, step, names);
  if (const std::string warning = output.string_or("warning"); !warning.empty())
    out += "note: " + base::escape_line(warning) + "\n";
  for (const Json& line : list_of(output, "logs")) out += base::escape_line(line.as_string()) + "\n";
  if (const Json* data = output.find("data"); data && data->is_object()) out += data_text(*data);
  if (const std::string content = output.string_or("content"); !content.empty())
    return out + base::escape_for_terminal(content) + (content.ends_with('\n') ? "" : "\n");
  if (const std::string next = output.string_or("instructions"); !next.empty())
    out += base::escape_for_terminal(next) + "\n";
  return out.empty() ? output.string_or("status") + "\n" : out;
}

std::string shown_item(const Json& output, std::size_t) {
  std::string out = base::escape_line(output.string_or("kind") + " " + output.string_or("name") + " of " +
                                      output.string_or("source") + ": " + output.string_or("path")) +
                    "\n";
  for (const Json& problem : list_of(output, "problems"))
    out += base::escape_line(problem.string_or("severity") + ": line " + std::to_string(problem.integer_or("line")) +
                             ": " + problem.string_or("message")) +
           "\n";
  if (const std::string warning = output.string_or("warning"); !warning.empty())
    out += "note: " + base::escape_line(warning) + "\n";
  const std::string content = output.string_or("content");
  return out + "\n" + base::escape_for_terminal(content) + (content.ends_with('\n') ? "" : "\n");
}

std::string shown_hits(const Json& output, std::size_t line_width) {
  const JsonArray hits = list_of(output, "results");
  std::string out;
  const std::size_t kinds = widest(hits, "kind");
  const std::size_t names = widest(hits, "name");
  for (const Json& hit : hits) {
    const std::string line = hit_line(hit, kinds, names);
    out += std::string(line_width > 0 ? base::clipped(line, line_width) : std::string_view(line)) + "\n";
    for (const Json& part : list_of(hit, "parts"))
      out += "    " + padded(base::to_text(*part.find("value")), 22) + base::escape_line(part.string_or("what")) + "\n";
  }
  if (hits.empty()) out = "nothing found\n";
  if (const std::string note = output.string_or("note"); !note.empty())
    out += "note: " + base::escape_line(note) + "\n";
  return out;
}

}  // namespace lilux::surface

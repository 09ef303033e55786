// Outputs with a form of their own. `lilux why`: each call in a few lines, and below it what led to it; `--json` has
// the records whole. `lilux doctor`: a line for each check, nothing
// cut. `lilux brain export`: JSON Lines.

#include "base/encoding.h"
#include "base/escape.h"
#include "surface/print.h"

namespace lilux::surface {

using base::Json;
using base::JsonArray;

namespace {

constexpr std::size_t kNameWidth = 9;
constexpr std::size_t kValueMax = 200;

// What agents wrote stays on its line.
void add_line(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  const std::string shown = base::escape_line(base::clipped(value, kValueMax));
  out += "  " + std::string(name) + std::string(kNameWidth - std::min(name.size(), kNameWidth - 1), ' ') + shown +
         (value.size() > kValueMax ? "...\n" : "\n");
}

const Json& member(const Json& object, std::string_view name) {
  static const Json nothing;
  const Json* found = object.find(name);
  return found ? *found : nothing;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.as_string() : base::to_text(value, base::JsonStyle::spaced);
}

std::string milliseconds(std::int64_t us) {
  return std::to_string(us / 1000) + "." + std::to_string(us / 100 % 10) + " ms";
}

void add_arguments(std::string& out, const Json& arguments) {
  if (!arguments.is_object()) return;
  std::string_view name = "with";
  for (const auto& [key, value] : arguments.as_object()) {
    add_line(out, name, std::string(key) + ": " + text_of(value));
    name = "";
  }
}

void add_call(std::string& out, const Json& record) {
  const std::string call = record.string_or("call");
  const std::string result = record.string_or("result", "open");
  const std::int64_t wall_us = member(record, "cost").integer_or("wall_us");
  out += base::escape_line(record.string_or("tool") + ": " + result) +
         (wall_us > 0 ? " after " + milliseconds(wall_us) : "") + ", " + record.string_or("time") + ", call " + call +
         "\n";
  add_line(out, "because", record.string_or("reason"));
  add_line(out, "in", member(record, "caller").string_or("cwd"));
  add_arguments(out, member(record, "arguments"));
  std::string_view name = "needs";
  for (const Json& need : list_of(record, "needs")) {
    add_line(out, name, text_of(need));
    name = "";
  }
  add_line(out, "risk", record.string_or("risk"));
  const std::string tier = record.string_or("tier", "T0");
  const std::string limits = record.string_or("limits");
  if (tier != "T0") add_line(out, "tier", tier + (limits.empty() ? "" : ", limits by " + limits));
  const std::string authority = record.string_or("authority");
  const Json& error = member(record, "error");
  const bool was_asked = error.is_object() && error.string_or("code") == "approval_required";
  add_line(out, was_asked ? "asked by" : "decided", authority);
  if (error.is_object()) {
    add_line(out, "error", error.string_or("code") + ": " + error.string_or("message"));
    const bool is_answered = was_asked && result != "asked";  // the hint says how to
    if (!is_answered) add_line(out, "", error.string_or("hint"));
  }
}

void add_approval(std::string& out, const Json& approval) {
  const std::string note = approval.string_or("note");
  add_line(out, "a person", approval.string_or("state") + (note.empty() ? "" : ": " + note));
}

}  // namespace

std::string shown_doctor(const Json& output, std::size_t) {
  std::string out;
  for (const Json& finding : list_of(output, "findings")) {
    const bool is_ok = finding.bool_or("ok");
    out += (is_ok ? "ok    " : "FAULT ") +
           base::escape_line(finding.string_or("check") + ": " + finding.string_or("detail")) + "\n";
    if (const std::string fix = finding.string_or("fix"); !fix.empty())
      out += "      fix: " + base::escape_line(fix) + "\n";
  }
  return out + (output.bool_or("healthy") ? "healthy\n" : "not healthy\n");
}

std::string shown_why(const Json& output, std::size_t) {
  std::string out;
  const JsonArray chain = list_of(output, "chain");
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (i > 0) out += "which came of\n";
    add_call(out, chain[i]);
    if (i > 0) continue;
    if (member(output, "approval").is_object()) add_approval(out, member(output, "approval"));
    const std::string undone_by = output.string_or("undone_by");
    const std::string undo = chain[i].string_or("undo");
    if (!undone_by.empty())
      add_line(out, "undone", "by call " + undone_by);
    else if (!undo.empty() && chain[i].string_or("result") == "ok")
      add_line(out, "undo", undo + ": lilux undo " + chain[i].string_or("call"));
    std::string_view name = "led to";
    for (const Json& effect : list_of(output, "led_to")) {
      add_line(out, name,
               effect.string_or("call") + " " + effect.string_or("tool") + ": " + effect.string_or("result"));
      name = "";
    }
  }
  std::string_view name = "for task";
  for (const Json& task : list_of(output, "tasks")) {
    add_line(out, name, text_of(task));
    name = "below";
  }
  return out;
}

std::string shown_lines(const Json& output, std::size_t) {
  std::string text;
  for (const Json& line : list_of(output, "lines")) text += base::to_text(line) + "\n";
  return text;
}

}  // namespace lilux::surface

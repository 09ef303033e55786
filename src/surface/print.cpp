#include "surface/print.h"

#include <cstdio>

#include "base/escape.h"
#include "base/number.h"
#include "base/result.h"
#include "sys/folders.h"
#include "sys/machine.h"

namespace lilux::surface {

using base::ErrorCode;
using base::Json;
using base::JsonObject;

namespace {

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return 2;
    case ErrorCode::unauthenticated: return 3;
    case ErrorCode::unavailable: return 4;
    case ErrorCode::not_found:
    case ErrorCode::conflict:
    case ErrorCode::cancelled: return 5;
    case ErrorCode::denied:
    case ErrorCode::approval_required: return 6;
    case ErrorCode::corrupt: return 7;
    case ErrorCode::timeout:
    case ErrorCode::over_budget: return 8;
    case ErrorCode::internal: return 1;
  }
  std::unreachable();
}

// Of the terminal; where the shell shows what we print, it says how wide that is.
std::size_t line_width() {
  const std::size_t own = sys::terminal_columns(1);
  const std::optional<std::string> told = own > 0 ? std::nullopt : sys::environment_variable("LILUX_COLUMNS");
  return told ? base::number_from<std::size_t>(*told).value_or(0) : own;
}

int exit_of(const Json& envelope) {
  if (envelope.bool_or("ok")) return 0;
  const Json* error = envelope.find("error");
  return exit_code(base::error_code(error ? error->string_or("code") : "").value_or(ErrorCode::internal));
}

}  // namespace

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_json(const Json& json) {
  print(base::escape_json_for_terminal(base::to_text(json, base::JsonStyle::spaced)) + "\n");
}

int print_envelope(const Json& envelope, bool is_json, Show show) {
  if (is_json) {
    print_json(envelope);
  } else if (envelope.bool_or("ok")) {
    print(show(*envelope.find("output"), line_width()));
  } else if (const Json* error = envelope.find("error")) {
    std::string text = "lilux: " + error->string_or("message") + "\n";
    for (const std::string name : {"hint", "rule"}) {
      if (const std::string value = error->string_or(name); !value.empty())
        text.append("  " + name + ": " + value + "\n");
    }
    text = base::escape_for_terminal(text);  // names of files and what an agent typed are in it
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  return exit_of(envelope);
}

int print_own(JsonObject output, const std::string& text, bool is_json) {
  if (is_json)
    return print_envelope(JsonObject{{"ok", true}, {"call", nullptr}, {"output", std::move(output)}}, is_json);
  print(text);
  return 0;
}

int print_figures(JsonObject figures, const std::string& text, bool is_json) {
  if (!is_json) return print_own(std::move(figures), text, is_json);
  JsonObject envelope{{"ok", true}, {"call", nullptr}};
  for (const auto& [name, value] : figures) envelope.set(name, value);
  envelope.set("output", std::move(figures));
  return print_envelope(std::move(envelope), is_json);
}

}  // namespace lilux::surface

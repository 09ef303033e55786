// Parses bash scripts for a test: each line of stdin is a JSON string, each line of stdout what was found or the error.

#include <iostream>
#include <string>

#include "base/json.h"
#include "text/bash.h"

namespace {

using namespace lilux;

base::Json described(const text::BashWord& word) {
  return base::JsonObject{{"text", word.text}, {"is_fixed", word.is_fixed}};
}

base::Json described(const std::vector<text::BashWord>& words) {
  base::JsonArray list;
  for (const text::BashWord& word : words) list.push_back(described(word));
  return list;
}

base::Json described(const text::BashCommand& command) {
  base::JsonArray redirections;
  for (const text::BashRedirection& redirection : command.redirections) {
    const std::string_view kind = enum_names(redirection.kind)[static_cast<std::size_t>(redirection.kind)];
    redirections.push_back(base::JsonObject{{"kind", std::string(kind)}, {"target", described(redirection.target)}});
  }
  return base::JsonObject{{"assignments", described(command.assignments)},
                          {"words", described(command.words)},
                          {"redirections", std::move(redirections)}};
}

base::Json parsed(const std::string& line) {
  const base::Result<base::Json> script = base::parse_json(line);
  if (!script) return base::JsonObject{{"error", script.error().message}};
  const auto found = text::parse_bash(script->as_string());
  if (!found) return base::JsonObject{{"error", found.error().message}};
  base::JsonArray commands;
  for (const text::BashCommand& command : found->commands) commands.push_back(described(command));
  base::JsonArray functions;
  for (const std::string& name : found->functions) functions.push_back(name);
  return base::JsonObject{{"commands", std::move(commands)}, {"functions", std::move(functions)}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) std::cout << to_text(parsed(line)) << '\n';
}

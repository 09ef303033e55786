#include "brain/json_lines.h"

#include "brain/extract_text.h"

namespace lilux::brain {

using base::Json;

namespace {

void add_line(std::string& text, std::string_view line) {
  if (!text.empty() && !line.empty()) text += '\n';
  text += line;
}

std::string content_of(const Json& message) {
  const Json* parts = message.find("content");
  if (parts == nullptr || !parts->is_array()) return message.string_or("content", message.string_or("text"));
  std::string text;
  for (const Json& part : parts->as_array()) add_line(text, part.string_or("text"));
  return text;
}

}  // namespace

std::string said_by_user(const Json& row) {
  std::string text;
  const Json* messages = row.find("messages");
  if (messages == nullptr || !messages->is_array()) return text;
  for (const Json& message : messages->as_array()) {
    if (lowered(message.string_or("role")) == "user") add_line(text, content_of(message));
  }
  return text;
}

}  // namespace lilux::brain

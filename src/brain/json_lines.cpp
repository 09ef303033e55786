#include "brain/json_lines.h"

#include "brain/extract_text.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr std::string_view kHint = R"({"query": "..."} or {"messages": [{"role": "user", "content": "..."}]})";

void add_line(std::string& text, std::string_view line) {
  if (!text.empty() && !line.empty()) text += '\n';
  text += line;
}

Result<std::string> content_of(const Json& message) {
  const Json* content = message.find("content");
  if (content == nullptr || content->is_null()) return message.string_or("text");
  if (content->is_string()) return content->as_string();
  if (!content->is_array())
    return fail(ErrorCode::invalid_argument, "\"content\" is " + base::described(*content), std::string(kHint));
  std::string text;
  for (const Json& part : content->as_array()) add_line(text, part.string_or("text"));
  return text;
}

Result<void> add_said(const Json& messages, std::string& text) {
  constexpr std::string_view kRole = "user";
  if (messages.is_array()) {
    for (const Json& message : messages.as_array()) TRY(add_said(message, text));
    return {};
  }
  if (!messages.is_object())
    return fail(ErrorCode::invalid_argument, "a message is " + base::described(messages), std::string(kHint));
  if (lowered(messages.string_or("role")) == kRole) add_line(text, TRY(content_of(messages)));
  return {};
}

}  // namespace

Result<std::string> asked_in(const Json& row) {
  const Json* there = nullptr;
  for (const char* name : {"query", "text"}) {
    const Json* value = row.find(name);
    if (value == nullptr || value->is_null()) continue;
    if (!value->is_string())
      return fail(ErrorCode::invalid_argument, "\"" + std::string(name) + "\" is " + base::described(*value),
                  std::string(kHint));
    there = value;
    if (!value->as_string().empty()) return value->as_string();
  }
  const Json* messages = row.find("messages");
  if (messages == nullptr) {
    if (there == nullptr)
      return fail(ErrorCode::invalid_argument, "it has neither query nor messages", std::string(kHint));
    return std::string();
  }
  if (!messages->is_array())
    return fail(ErrorCode::invalid_argument, "\"messages\" is " + base::described(*messages), std::string(kHint));
  std::string text;
  TRY(add_said(*messages, text));
  return text;
}

}  // namespace lilux::brain

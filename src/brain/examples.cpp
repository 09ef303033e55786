#include "brain/examples.h"

#include <algorithm>

#include "base/json.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr std::string_view kHint = R"(each line is like {"text": "pay my rent", "label": "pay_bill"})";

Result<std::string> text_in(const Json& row, std::string_view member) {
  const Json* value = row.find(member);
  if (value == nullptr) return fail(ErrorCode::invalid_argument, "no \"" + std::string(member) + "\"");
  if (!value->is_string())
    return fail(ErrorCode::invalid_argument, "\"" + std::string(member) + "\" is " + base::described(*value));
  return value->as_string();
}

Result<Example> parse_example(std::string_view line) {
  const Json row = TRY(base::parse_json(line));
  if (!row.is_object()) return fail(ErrorCode::invalid_argument, base::described(row) + " is no object");
  Example example{.text = TRY(text_in(row, "text")), .label = TRY(label_in(row))};
  if (example.label.empty()) return fail(ErrorCode::invalid_argument, "\"label\" is empty");
  if (example.label.size() > kLabelBytesMax)
    return fail(ErrorCode::invalid_argument, "\"label\" has more than " + std::to_string(kLabelBytesMax) + " bytes");
  example.slots = told_slots(row, example.text);
  return example;
}

}  // namespace

Result<std::string> label_in(const Json& row) {
  const Json* value = row.find("label");
  if (value != nullptr && (value->is_integer() || value->is_bool())) return base::to_text(*value);
  return text_in(row, "label");
}

Result<std::vector<Example>> parse_examples(std::string_view text, std::string_view name) {
  std::vector<Example> examples;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    Result<Example> example = parse_example(line);
    if (!example)
      return fail(ErrorCode::invalid_argument,
                  "'" + std::string(name) + "' line " + std::to_string(number) + ": " + example.error().message,
                  std::string(kHint));
    examples.push_back(std::move(*example));
  }
  if (examples.empty())
    return fail(ErrorCode::invalid_argument, "'" + std::string(name) + "' has no examples", std::string(kHint));
  return examples;
}

}  // namespace lilux::brain

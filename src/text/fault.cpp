#include "text/fault.h"

#include <algorithm>

#include "base/number.h"
#include "text/edit.h"

namespace lilux::text {

namespace {

constexpr std::string_view kLine = "line ";
constexpr std::string_view kColumn = ", column ";

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

Position position_of(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  const std::size_t begin = line_begin(text, at);
  const auto before = std::ranges::count_if(text.substr(begin, at - begin), begins_character);
  return {.line = line_number(text, at), .column = static_cast<std::size_t>(before) + 1};
}

std::unexpected<base::Error> fault_at(std::string_view text, std::size_t at, std::string_view what, std::string hint) {
  const Fault fault{.position = position_of(text, at), .message = std::string(what)};
  return base::fail(base::ErrorCode::invalid_argument, to_text(fault), std::move(hint));
}

Fault fault_of(const base::Error& error) {
  const std::string_view message = error.message;
  const std::size_t column = message.find(kColumn);
  const std::size_t end = message.find(": ", column);
  Fault fault{.message = error.message, .hint = error.hint};
  if (!message.starts_with(kLine) || end == std::string_view::npos) return fault;
  const std::size_t digits = column + kColumn.size();
  const auto line = base::number_from<std::size_t>(message.substr(kLine.size(), column - kLine.size()));
  const auto place = base::number_from<std::size_t>(message.substr(digits, end - digits));
  if (!line || !place) return fault;
  fault.position = {.line = *line, .column = *place};
  fault.message = message.substr(end + 2);
  return fault;
}

std::string to_text(const Fault& fault) {
  return std::string(kLine) + std::to_string(fault.position.line) + std::string(kColumn) +
         std::to_string(fault.position.column) + ": " + fault.message;
}

}  // namespace lilux::text

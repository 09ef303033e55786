// What a sentence comes to, as `lilux route` and `lilux do` show it.

#include "base/encoding.h"
#include "base/escape.h"
#include "surface/print.h"
#include "text/shell.h"

namespace lilux::surface {

using base::Json;

namespace {

std::string which(std::int64_t nth) {
  return nth == 0 ? "the one" : nth < 0 ? "the last" : "number " + std::to_string(nth);
}

// Values are names of files and what stands in them: none may look like a line of ours, or push one out of sight.
std::string in_line(const std::string& value) {
  constexpr std::size_t kShown = 400;
  const std::string line = base::escape_line(value);
  if (line.size() <= kShown) return line;
  return std::string(base::clipped(line, kShown)) + "… (" + std::to_string(value.size()) + " bytes)";
}

std::string_view meaning_of(std::string_view band) {
  if (band == "execute") return "`lilux do` makes it at once";
  if (band == "verify") return "`lilux do` asks first";
  return "`lilux do` makes nothing of it";
}

}  // namespace

std::string shown_confidence(const Json& object) {
  const Json* confidence = object.find("confidence");
  return std::to_string(static_cast<int>((confidence ? confidence->as_real() : 0) * 100)) + " %";
}

std::string shown_call(const Json& call) {
  std::string text = call.string_or("tool");
  if (const Json* arguments = call.find("arguments"))
    for (const auto& [name, value] : arguments->as_object())
      text += " " + name + "=" + text::quote(value.is_string() ? value.as_string() : base::to_text(value));
  for (const Json& result : list_of(call, "results"))
    text += " " + result.string_or("argument") + "=(" + which(result.integer_or("nth")) + " of call " +
            std::to_string(result.integer_or("call") + 1) + ")";
  return in_line(text);
}

std::string shown_calls(const Json& route) {
  std::string text;
  for (const Json& call : list_of(route, "calls")) text += "-> " + shown_call(call) + "\n";
  for (const Json& one : list_of(route, "referred"))
    text += "   '" + in_line(one.string_or("said")) + "' is " + in_line(one.string_or("value")) +
            (one.string_or("call").empty() ? "" : ", of call " + one.string_or("call")) + "\n";
  return text + "   " + shown_confidence(route) + " sure, by " + route.string_or("layer") +
         (route.string_or("why").empty() ? "" : ": " + in_line(route.string_or("why"))) + "\n";
}

std::string shown_route(const Json& output, std::size_t) {
  std::string text = list_of(output, "calls").empty() ? "no call\n" : shown_calls(output);
  text += "   " + output.string_or("band") + ": " + std::string(meaning_of(output.string_or("band"))) + "\n";
  const std::string tool = output.string_or("tool");
  for (const Json& name : list_of(output, "missing"))
    text += "   not said" + (tool.empty() ? "" : " for " + tool) + ": " + name.as_string() + "\n";
  if (const std::string advice = output.string_or("advice"); !advice.empty()) text += "   " + advice + "\n";
  for (const Json& other : list_of(output, "runners_up"))
    text += "   or " + other.string_or("tool") + ", " + shown_confidence(other) + "\n";
  if (const std::string problem = output.string_or("problem"); !problem.empty()) text += "   " + problem + "\n";
  return base::escape_for_terminal(text);
}

}  // namespace lilux::surface

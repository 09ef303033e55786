#include "brain/domain_file.h"

#include <optional>
#include <utility>
#include <vector>

#include "brain/json_lines.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

// The first line of the file; the classifier's own bytes follow it.
struct Head {
  std::int64_t lilux_domain = 1;
  std::int64_t examples = 0;
  Json calls = JsonObject{};
  static constexpr base::Fields fields{
      base::Field{"lilux_domain", &Head::lilux_domain, "Version of the form"},
      base::Field{"examples", &Head::examples, "How many it was learned from"},
      base::Field{"calls", &Head::calls, "What each label means"},
  };
};

// As a row may say it, shorter.
struct GivenCall {
  std::string tool;
  std::optional<Json> arguments;
  static constexpr base::Fields fields{
      base::Field{"tool", &GivenCall::tool, "Tool that the label means"},
      base::Field{"arguments", &GivenCall::arguments, "Its arguments"},
  };
};

Result<LabelCall> call_of(const Json& json) {
  GivenCall given = TRY(base::decode<GivenCall>(json));
  LabelCall call{.tool = std::move(given.tool), .arguments = given.arguments.value_or(JsonObject{})};
  if (!call.arguments.is_object())
    return fail(ErrorCode::invalid_argument, "'arguments' is " + base::described(call.arguments));
  return call;
}

std::unexpected<base::Error> no_domain(const std::string& why) {
  return fail(ErrorCode::corrupt, "it is no domain: " + why, "`lilux brain add_domain` makes it anew");
}

}  // namespace

Result<LabelCalls> calls_of_labels(std::string_view text, std::string_view name) {
  LabelCalls calls;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  TRY(each_row(text, name, [&](const Json& row, const std::string& place, std::size_t) -> Result<void> {
    const Json* given = row.find("call");
    if (given == nullptr) return {};
    Result<LabelCall> call = call_of(*given);
    if (!call) return base::in_context(call.error(), place + ": its call");
    const std::string label = label_in(row).value_or("");
    const auto [known, is_new] = calls.try_emplace(label, *call);
    if (is_new || known->second == *call) return {};
    return fail(ErrorCode::invalid_argument, place + ": label '" + label + "' means another call in a line before",
                "give one call for each label");
  }));
  return calls;
}

std::string save(const DomainFile& domain) {
  Head head{.examples = domain.examples};
  for (const auto& [label, call] : domain.calls) head.calls.as_object().set(label, base::encode(call));
  return base::to_text(base::encode(head)) + "\n" + domain.classifier.save();
}

Result<DomainFile> load_domain(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return no_domain("its first line has no end");
  const Result<Json> json = base::parse_json(bytes.substr(0, end));
  if (!json) return no_domain(json.error().message);
  const Result<Head> head = base::decode<Head>(*json);
  if (!head) return no_domain(head.error().message);
  if (head->lilux_domain != 1 || !head->calls.is_object()) return no_domain("its first line says something else");
  DomainFile domain{.examples = head->examples, .classifier = TRY(Classifier::load(bytes.substr(end + 1)))};
  for (const auto& [label, given] : head->calls.as_object()) {
    Result<LabelCall> call = call_of(given);
    if (!call) return no_domain(call.error().message);
    domain.calls.emplace(label, std::move(*call));
  }
  return domain;
}

}  // namespace lilux::brain

#pragma once

// A domain as it lies in a file: the classifier that was learned from its examples, and the call that each of its
// labels means. Pure; a value.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/field.h"
#include "base/json.h"
#include "base/result.h"
#include "brain/classifier.h"

namespace lilux::brain {

// {{slot}} stands in the arguments where the value of that slot goes.
struct LabelCall {
  std::string tool = {};
  base::Json arguments = base::JsonObject{};
  static constexpr base::Fields fields{
      base::Field{"tool", &LabelCall::tool, "Tool that the label means"},
      base::Field{"arguments", &LabelCall::arguments, "Its arguments"},
  };
  friend bool operator==(const LabelCall&, const LabelCall&) = default;
};
using LabelCalls = std::map<std::string, LabelCall, std::less<>>;

// What the rows of a file of examples say their labels mean: {"text", "label", "call": {"tool", "arguments"}}; once for
// each label is enough. Errors name the line: a call that is none, and one that differs from another of its label.
base::Result<LabelCalls> calls_of_labels(std::string_view text, std::string_view name);

struct DomainFile {
  LabelCalls calls = {};
  std::int64_t examples = 0;
  Classifier classifier;
};
std::string save(const DomainFile& domain);
// `corrupt` for what `save` did not write.
base::Result<DomainFile> load_domain(std::string_view bytes);

}  // namespace lilux::brain

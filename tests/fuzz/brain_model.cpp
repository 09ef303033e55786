// Models and texts as anybody may write them. The first byte says which. A model, given a checksum that fits, is
// refused or decides like any other; a text has features, and a model of a few words decides and explains it.

#include <cstring>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"
#include "brain/classifier.h"
#include "tests/fuzz/input.h"

namespace {

using namespace lilux::brain;
using lilux::fuzz::require;

void check(const Decision& decision) {
  require(decision.confidence >= 0 && decision.confidence <= 1);
  require(!decision.label.empty() && decision.others.size() <= 4);
}

void check(const std::vector<Slot>& slots, std::string_view text) {
  std::size_t end = 0;
  for (const Slot& slot : slots) {
    require(!slot.name.empty() && slot.begin >= end && slot.begin < slot.end && slot.end <= text.size());
    end = slot.end;
  }
}

void try_model(std::string_view body) {
  const std::uint32_t version = 2;
  const std::uint32_t sum = lilux::base::crc32c(body);
  std::string bytes = "LILUXBRN";
  bytes.append(reinterpret_cast<const char*>(&version), sizeof version);
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  bytes += body;
  const auto classifier = Classifier::load(bytes);
  if (!classifier) return;
  require(classifier->save() == bytes);
  check(classifier->decide("turn it up"));
  check(classifier->explain("turn it up").decision);
  for (const std::string& label : classifier->labels()) check(classifier->slots_in("up to ten", label), "up to ten");
}

const Classifier& small() {
  static const Classifier classifier = [] {
    const std::vector<Example> examples{{"turn it up to ten", "up", std::vector{Slot{"level", 14, 17}}},
                                        {"turn it up to two", "up", std::vector{Slot{"level", 14, 17}}},
                                        {"turn it down", "down"},
                                        {"who are you", "oos"}};
    auto trained = Classifier::train(examples, {.threads = 1});
    require(trained.has_value());
    return *std::move(trained);
  }();
  return classifier;
}

void try_text(std::string_view text) {
  const std::vector<std::string> tokens = tokens_of(text);
  require(tokens.size() <= kTokensMax);
  for (const std::string& token : tokens) require(!token.empty() && lilux::base::is_utf8(token));
  const Explanation explanation = small().explain(text);
  check(explanation.decision);
  require(explanation.decision.label != kOutOfScope);
  require(explanation.decision.confidence == small().decide(text).confidence);
  check(small().slots_in(text, "up"), text);
  if (const auto examples = parse_examples(text, "fuzz")) {
    for (const Example& example : *examples) {
      require(!example.label.empty());
      if (example.slots) check(*example.slots, example.text);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  if (input[0] == 'm')
    try_model(input.substr(1));
  else
    try_text(input.substr(1));
  return 0;
}

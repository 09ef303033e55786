#include "brain/model_file.h"

#include <cstring>

#include <doctest/doctest.h>

#include "base/hash.h"
#include "brain/classifier.h"

namespace {

using namespace lilux::brain;
using lilux::base::ErrorCode;

// Two labels, few words: a small model with every part of a large one.
const std::string& small_model() {
  static const std::string bytes = [] {
    std::vector<Example> examples;
    for (const char* text : {"louder", "turn it up", "more sound"}) examples.push_back({text, "up"});
    for (const char* text : {"quieter", "turn it down", "less sound"}) examples.push_back({text, "down"});
    examples.push_back({"who are you", "oos"});
    for (Example& example : examples) example.slots = std::vector{Slot{"how", 0, 3}};
    return Classifier::train(examples, {.threads = 1})->save();
  }();
  return bytes;
}

// The bytes with a checksum that fits them again.
std::string sealed(std::string bytes) {
  const std::uint32_t sum = lilux::base::crc32c(std::string_view(bytes).substr(16));
  std::memcpy(bytes.data() + 12, &sum, sizeof sum);
  return bytes;
}

}  // namespace

TEST_CASE("a model that was written reads as the same") {
  const auto model = read_model(small_model());
  REQUIRE(model.has_value());
  CHECK(model->labels == std::vector<std::string>{"down", "oos", "up"});
  CHECK(model->out_of_scope == 1);
  CHECK(write_model(*model) == small_model());
}

TEST_CASE("other bytes are refused") {
  for (const std::string& bytes : {std::string(), std::string("LILUXBRN"), std::string(5000, '\0'), small_model() + "x",
                                   small_model().substr(0, small_model().size() - 1)}) {
    const auto model = read_model(bytes);
    REQUIRE_FALSE(model.has_value());
    CHECK(model.error().code == ErrorCode::corrupt);
  }
  std::string newer = small_model();
  newer[8] = 3;
  CHECK(read_model(newer).error().message == "the model has version 3; this program reads 2");
}

TEST_CASE("one bit that was turned is found") {
  for (std::size_t at = 0; at < small_model().size(); at += 997) {
    std::string bytes = small_model();
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    CHECK_FALSE(read_model(bytes).has_value());
  }
}

TEST_CASE("a model made by an enemy is refused or harmless, wherever it lies") {
  for (std::size_t at = 16; at < std::min<std::size_t>(small_model().size(), 600); ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string bytes = small_model();
      bytes[at] = value;
      const auto classifier = Classifier::load(sealed(std::move(bytes)));
      if (!classifier) continue;
      const Decision decision = classifier->decide("turn it up");
      CHECK((decision.confidence >= 0 && decision.confidence <= 1));
    }
    CHECK_FALSE(read_model(sealed(small_model().substr(0, at))).has_value());
  }
}

TEST_CASE("packing loses little") {
  const ModelWeights weights{.width = 2, .rows = {1, -0.5F, 0, 0, 1e-3F, 1e-4F}, .bias = {0, 0}};
  const PackedWeights result = packed(weights);
  for (std::size_t i = 0; i < weights.rows.size(); ++i) {
    const float value = static_cast<float>(result.codes[i]) * result.scales[i / 2];
    CHECK(std::abs(value - weights.rows[i]) <= result.scales[i / 2] / 2);
  }
}

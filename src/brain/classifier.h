#pragma once

// A text and the label it means, or the news that none fits: learned in seconds from examples, without anything that
// others trained. The same examples give the same classifier and the same text the same decision, bit for bit. No
// I/O and no state outside. A value; any number of threads may ask the same one.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "brain/examples.h"
#include "brain/model_file.h"
#include "brain/training_options.h"

namespace lilux::brain {

struct Guess {
  std::string label = {};
  double share = 0;  // of what the models believe; not calibrated
};

struct Decision {
  std::string label = {};          // the best that is in scope
  double confidence = 0;           // the chance that this label is right; low for what is out of scope
  std::vector<Guess> others = {};  // the next best, best first
};

// How much a feature of the text spoke for the label (above 0) or for the next best (below).
struct Reason {
  std::string feature = {};
  double weight = 0;
};

struct Explanation {
  Decision decision = {};
  std::vector<Reason> reasons = {};             // the strongest first
  std::vector<std::string> unknown_words = {};  // never seen in training
};

class Classifier {
 public:
  // `invalid_argument` when no example is in scope; one label is enough. Examples labelled kOutOfScope say what is out
  // of scope; without any, or for few labels, the shipped foreign sentences do too.
  static base::Result<Classifier> train(std::span<const Example> examples, const TrainingOptions& options = {});
  // What `save` gave; `corrupt` when it is anything else.
  static base::Result<Classifier> load(std::string_view bytes);
  std::string save() const;

  // The values in a text that means that label, in the order in which they stand; none where no example with that label
  // told its slots.
  std::vector<Slot> slots_in(std::string_view text, std::string_view label) const;
  // All that the examples told of, ascending.
  const std::vector<std::string>& slots() const { return model_.labeller.slots(); }

  // Never fails: of an empty or foreign text it is not confident.
  Decision decide(std::string_view text) const;
  Decision decide(std::span<const Feature> features) const;
  Explanation explain(std::string_view text) const;

  // With kOutOfScope, where it was learned.
  const std::vector<std::string>& labels() const { return model_.labels; }
  std::size_t labels_in_scope() const { return model_.labels.size() - (model_.out_of_scope ? 1 : 0); }
  const Vocabulary& vocabulary() const { return model_.vocabulary; }

 private:
  explicit Classifier(Model model) : model_(std::move(model)) {}
  Model model_;
};

}  // namespace lilux::brain

#include "brain/slot_learner.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "brain/loops.h"
#include "brain/slot_features.h"

namespace lilux::brain {

namespace {

constexpr std::size_t kRounds = 6;
constexpr float kRate = 0.3F;
constexpr float kSquaresBefore = 0.1F;  // AdaGrad's sums start there
constexpr float kDropped = 0.5F;        // share of the features left out each time
constexpr float kShareLeast = 1e-20F;   // so that no text is impossible
constexpr float kErrorLeast = 1e-4F;
constexpr std::size_t kTextsLeast = 2;  // a feature of one place says nothing of others
constexpr float kCodeMost = 127;
constexpr std::size_t kFeatureBytes = 8;  // hash, end
constexpr std::size_t kWeightBytes = 3;   // tag, code

// The names of slots, the most frequent first to go in, ascending.
std::vector<std::string> slots_in(std::span<const Example> examples) {
  std::map<std::string, std::size_t> counts;
  for (const Example& example : examples) {
    for (const Slot& slot : example.slots.value_or(std::vector<Slot>{})) ++counts[slot.name];
  }
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [name, count] : counts) order.emplace_back(count, name);
  std::ranges::sort(order, std::ranges::greater{});
  if (order.size() > kSlotsMax) order.resize(kSlotsMax);
  std::vector<std::string> names;
  for (const auto& [count, name] : order) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

std::vector<Tag> tags_of(std::span<const Slot> slots, std::span<const SlotPiece> pieces,
                         const std::vector<std::string>& names) {
  std::vector<Tag> tags(pieces.size(), kNoSlot);
  for (const Slot& slot : slots) {
    const auto name = std::ranges::lower_bound(names, slot.name);
    if (name == names.end() || *name != slot.name) continue;
    const auto number = static_cast<std::size_t>(name - names.begin());
    bool is_first = true;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (pieces[i].begin < slot.begin || pieces[i].end > slot.end) continue;
      tags[i] = is_first ? first_tag(number) : other_tag(number);
      is_first = false;
    }
  }
  return tags;
}

// One value for each tag of a place, so that the greatest is 1.
void raise(std::span<float> scores) {
  const float most = *std::ranges::max_element(scores);
  for (float& score : scores) score = std::max(exponential(score - most), kShareLeast);
}

void make_one(std::span<float> shares) {
  float sum = 0;
  for (const float share : shares) sum += share;
  const float even = 1 / static_cast<float>(shares.size());  // where all are too small to be told apart
  for (float& share : shares) share = sum > 0 ? share / sum : even;
}

}  // namespace

// What one text's tags are believed to be, by places and the tags of its label.
struct SlotPupil::Chain {
  std::span<const Tag> tags;
  std::size_t length = 0;
  std::vector<std::vector<std::uint32_t>> rows = {};  // those not left out
  std::vector<float> here = {};                       // length x tags: by the features alone
  std::vector<float> steps = {};                      // tags x tags
  std::vector<float> before = {};                     // by all places up to here
  std::vector<float> behind = {};                     // by all places from here

  std::size_t width() const { return tags.size(); }
  std::span<float> at(std::vector<float>& table, std::size_t place) const {
    return {table.data() + place * width(), width()};
  }

  void believe() {
    before = here;
    behind.assign(here.size(), 1);
    make_one(at(before, 0));
    for (std::size_t place = 1; place < length; ++place) {
      const std::span<float> last = at(before, place - 1);
      const std::span<float> next = at(before, place);
      std::vector<float> reached(width());
      for (std::size_t from = 0; from < width(); ++from) add_scaled(reached, last[from], steps.data() + from * width());
      for (std::size_t to = 0; to < width(); ++to) next[to] *= reached[to];
      make_one(next);
    }
    for (std::size_t place = length; place-- > 1;) {
      std::vector<float> next(at(behind, place).begin(), at(behind, place).end());
      for (std::size_t to = 0; to < width(); ++to) next[to] *= here[place * width() + to];
      for (std::size_t from = 0; from < width(); ++from)
        behind[(place - 1) * width() + from] = dot(next, steps.data() + from * width());
      make_one(at(behind, place - 1));
    }
  }
};

SlotPupil::SlotPupil(std::span<const Example> examples, std::span<const std::string> labels, std::uint64_t seed)
    : dice_(seed) {
  made_.slots_ = slots_in(examples);
  if (made_.slots_.empty()) return;
  read(examples, labels);
  choose_features();
  use_rows();
  const std::size_t tags = made_.tag_count();
  made_.steps_.resize(tags * tags);
  step_squares_.assign(tags * tags, kSquaresBefore);
  weights_.resize(made_.tags_.size());
  squares_.assign(made_.tags_.size(), kSquaresBefore);
  sums_.resize(tags);
}

void SlotPupil::read(std::span<const Example> examples, std::span<const std::string> labels) {
  std::vector<std::set<Tag>> seen(labels.size());
  std::vector<std::vector<Lexicon::Entry>> entries;
  std::vector<const Example*> told;
  std::vector<Lexicon::Entry> all;
  for (const Example& example : examples) {
    const std::vector<SlotPiece> pieces = slot_pieces_of(example.text);
    if (!example.slots || pieces.empty()) continue;
    const auto label = static_cast<std::size_t>(std::ranges::lower_bound(labels, example.label) - labels.begin());
    texts_.push_back({.label = label, .tags = tags_of(*example.slots, pieces, made_.slots_)});
    seen[label].insert(kNoSlot);
    seen[label].insert(texts_.back().tags.begin(), texts_.back().tags.end());
    entries.push_back(Lexicon::entries_of(hashes_of(pieces), texts_.back().tags));
    all.insert(all.end(), entries.back().begin(), entries.back().end());
    told.push_back(&example);
  }
  for (const std::set<Tag>& tags : seen) made_.tags_of_label_.emplace_back(tags.begin(), tags.end());
  made_.lexicon_ = Lexicon(std::move(all));
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    made_.lexicon_.take(entries[i]);
    texts_[i].features = slot_features(told[i]->text, slot_pieces_of(told[i]->text), made_.lexicon_);
    made_.lexicon_.put(entries[i]);
  }
}

// Those that stand often enough, and of each the tags that it stood with.
void SlotPupil::choose_features() {
  std::vector<std::pair<std::uint32_t, Tag>> seen;
  for (const Text& text : texts_) {
    for (std::size_t i = 0; i < text.tags.size(); ++i) {
      for (const std::uint32_t hash : text.features[i]) seen.emplace_back(hash, text.tags[i]);
    }
  }
  std::ranges::sort(seen);
  for (std::size_t least = kTextsLeast;; ++least) {
    made_.hashes_.clear();
    made_.ends_.clear();
    made_.tags_.clear();
    for (std::size_t begin = 0, end = 0; begin < seen.size(); begin = end) {
      while (end < seen.size() && seen[end].first == seen[begin].first) ++end;
      if (end - begin < least) continue;
      made_.hashes_.push_back(seen[begin].first);
      for (std::size_t i = begin; i < end; ++i) {
        if (i == begin || seen[i].second != seen[i - 1].second) made_.tags_.push_back(seen[i].second);
      }
      made_.ends_.push_back(static_cast<std::uint32_t>(made_.tags_.size()));
    }
    if (made_.hashes_.size() * kFeatureBytes + made_.tags_.size() * kWeightBytes <= kSlotBytesMax) break;
  }
  made_.index();
}

void SlotPupil::use_rows() {
  for (Text& text : texts_) {
    for (std::vector<std::uint32_t>& features : text.features) {
      std::vector<std::uint32_t> rows;
      for (const std::uint32_t hash : features) {
        if (const std::optional<std::uint32_t> row = made_.row_of(hash)) rows.push_back(*row);
      }
      features = std::move(rows);
    }
  }
}

Labeller SlotPupil::learn() {
  std::vector<std::size_t> order(texts_.size());
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t round = 0; round < kRounds; ++round) {
    rate_ = kRate * (1 - static_cast<float>(round) / static_cast<float>(kRounds));
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice_.next() % i]);
    for (const std::size_t text : order) see(texts_[text]);
  }
  pack();
  return std::move(made_);
}

void SlotPupil::see(const Text& text) {
  Chain chain{.tags = made_.tags_of_label_[text.label], .length = text.tags.size()};
  if (chain.width() < 2) return;
  look_at(text, chain);
  chain.believe();
  correct(text, chain);
}

void SlotPupil::look_at(const Text& text, Chain& chain) {
  for (std::size_t place = 0; place < chain.length; ++place) {
    std::vector<std::uint32_t>& rows = chain.rows.emplace_back();
    std::ranges::fill(sums_, 0.0F);
    for (const std::uint32_t row : text.features[place]) {
      if (dice_.share() < kDropped) continue;
      rows.push_back(row);
      for (std::size_t i = made_.begin_of(row); i < made_.ends_[row]; ++i) sums_[made_.tags_[i]] += weights_[i];
    }
    for (const Tag tag : chain.tags) chain.here.push_back(sums_[tag] / (1 - kDropped));
    raise(chain.at(chain.here, place));
  }
  for (std::size_t tag = 0; tag < chain.width(); ++tag) {
    if (goes_on(chain.tags[tag])) chain.here[tag] = 0;  // nothing goes on at the beginning
  }
  for (const Tag from : chain.tags) {
    for (const Tag to : chain.tags)
      chain.steps.push_back(may_follow(from, to) ? exponential(made_.steps_[from * made_.tag_count() + to]) : 0);
  }
}

void SlotPupil::correct(const Text& text, Chain& chain) {
  for (std::size_t place = 0; place < chain.length; ++place) {
    std::vector<float> believed(chain.width());
    for (std::size_t tag = 0; tag < chain.width(); ++tag)
      believed[tag] = chain.before[place * chain.width() + tag] * chain.behind[place * chain.width() + tag];
    make_one(believed);
    std::ranges::fill(sums_, 0.0F);
    for (std::size_t tag = 0; tag < chain.width(); ++tag) sums_[chain.tags[tag]] = believed[tag];
    sums_[text.tags[place]] -= 1;
    for (const std::uint32_t row : chain.rows[place]) {
      for (std::size_t i = made_.begin_of(row); i < made_.ends_[row]; ++i) {
        const float wrong = sums_[made_.tags_[i]];
        if (std::abs(wrong) < kErrorLeast) continue;
        squares_[i] += wrong * wrong;
        weights_[i] -= rate_ * wrong / std::sqrt(squares_[i]);
      }
    }
    if (place > 0) correct_steps(text, chain, place);
  }
}

void SlotPupil::correct_steps(const Text& text, const Chain& chain, std::size_t place) {
  const std::size_t width = chain.width();
  std::vector<float> believed(width * width);
  for (std::size_t from = 0; from < width; ++from) {
    for (std::size_t to = 0; to < width; ++to)
      believed[from * width + to] = chain.before[(place - 1) * width + from] * chain.steps[from * width + to] *
                                    chain.here[place * width + to] * chain.behind[place * width + to];
  }
  make_one(believed);
  for (std::size_t from = 0; from < width; ++from) {
    for (std::size_t to = 0; to < width; ++to) {
      const bool is_told = chain.tags[from] == text.tags[place - 1] && chain.tags[to] == text.tags[place];
      const float wrong = believed[from * width + to] - (is_told ? 1.0F : 0.0F);
      if (std::abs(wrong) < kErrorLeast) continue;
      const std::size_t step = chain.tags[from] * made_.tag_count() + chain.tags[to];
      step_squares_[step] += wrong * wrong;
      made_.steps_[step] -= rate_ * wrong / std::sqrt(step_squares_[step]);
    }
  }
}

void SlotPupil::pack() {
  float most = 0;
  for (const float weight : weights_) most = std::max(most, std::abs(weight));
  made_.scale_ = most > 0 ? most / kCodeMost : 1;
  for (const float weight : weights_)
    made_.weights_.push_back(static_cast<std::int8_t>(std::lround(weight / made_.scale_)));
}

Labeller Labeller::learn(std::span<const Example> examples, std::span<const std::string> labels, std::uint64_t seed) {
  return SlotPupil(examples, labels, seed).learn();
}

}  // namespace lilux::brain

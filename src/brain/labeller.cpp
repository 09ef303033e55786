#include "brain/labeller.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "brain/slot_features.h"

namespace lilux::brain {

using base::Result;

namespace {

constexpr unsigned kLowerBits = 16;
constexpr float kNever = std::numeric_limits<float>::lowest() / 4;

// The tags that score best together.
std::vector<Tag> best_path(std::span<const float> scores, std::span<const Tag> tags, std::span<const float> steps,
                           std::size_t tag_count) {
  const std::size_t width = tags.size();
  const std::size_t length = scores.size() / width;
  std::vector<float> best(width);
  std::vector<std::uint16_t> from(scores.size());
  for (std::size_t to = 0; to < width; ++to) best[to] = goes_on(tags[to]) ? kNever : scores[to];
  for (std::size_t place = 1; place < length; ++place) {
    std::vector<float> next(width, kNever);
    for (std::size_t to = 0; to < width; ++to) {
      for (std::size_t before = 0; before < width; ++before) {
        if (!may_follow(tags[before], tags[to])) continue;
        const float sum = best[before] + steps[tags[before] * tag_count + tags[to]];
        if (sum <= next[to]) continue;
        next[to] = sum;
        from[place * width + to] = static_cast<std::uint16_t>(before);
      }
      next[to] = std::max(kNever, next[to] + scores[place * width + to]);
    }
    best = std::move(next);
  }
  std::vector<Tag> path(length);
  auto at = static_cast<std::size_t>(std::ranges::max_element(best) - best.begin());
  for (std::size_t place = length; place-- > 0; at = from[place * width + at]) path[place] = tags[at];
  return path;
}

}  // namespace

void Labeller::index() {
  firsts_.assign((std::size_t{1} << kLowerBits) + 1, 0);
  for (const std::uint32_t hash : hashes_) ++firsts_[(hash >> kLowerBits) + 1];
  std::partial_sum(firsts_.begin(), firsts_.end(), firsts_.begin());
}

std::optional<std::uint32_t> Labeller::row_of(std::uint32_t hash) const {
  const std::uint32_t end = firsts_[(hash >> kLowerBits) + 1];
  for (std::uint32_t row = firsts_[hash >> kLowerBits]; row < end; ++row) {
    if (hashes_[row] == hash) return row;
  }
  return std::nullopt;
}

std::vector<float> Labeller::scores(std::span<const std::vector<std::uint32_t>> features,
                                    std::span<const Tag> tags) const {
  std::vector<float> scores;
  scores.reserve(features.size() * tags.size());
  std::vector<std::int32_t> sums(tag_count());
  for (const std::vector<std::uint32_t>& piece : features) {
    std::ranges::fill(sums, 0);
    for (const std::uint32_t hash : piece) {
      const std::optional<std::uint32_t> row = row_of(hash);
      if (!row) continue;
      for (std::size_t i = begin_of(*row); i < ends_[*row]; ++i) sums[tags_[i]] += weights_[i];
    }
    for (const Tag tag : tags) scores.push_back(static_cast<float>(sums[tag]) * scale_);
  }
  return scores;
}

std::vector<Slot> Labeller::find(std::string_view text, std::size_t label) const {
  std::vector<Slot> found;
  if (label >= tags_of_label_.size() || tags_of_label_[label].size() < 2) return found;
  const std::vector<Tag>& tags = tags_of_label_[label];
  const std::vector<SlotPiece> pieces = slot_pieces_of(text);
  if (pieces.empty()) return found;
  const std::vector<float> sums = scores(slot_features(text, pieces, lexicon_), tags);
  const std::vector<Tag> path = best_path(sums, tags, steps_, tag_count());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == kNoSlot) continue;
    if (goes_on(path[i]) && !found.empty())
      found.back().end = pieces[i].end;
    else
      found.push_back({.name = slots_[slot_of(path[i])], .begin = pieces[i].begin, .end = pieces[i].end});
  }
  return found;
}

std::size_t Labeller::bytes() const {
  ModelWriter writer;
  write(writer);
  return writer.take().size();
}

void Labeller::write(ModelWriter& writer) const {
  writer.put_names(slots_);
  if (slots_.empty()) return;
  for (const std::vector<Tag>& tags : tags_of_label_) {
    writer.put_count(tags.size());
    writer.put_all(tags);
  }
  writer.put_count(lexicon_.entries().size());
  writer.put_all(lexicon_.entries());
  writer.put_count(hashes_.size());
  writer.put_all(hashes_);
  writer.put_all(ends_);
  writer.put_all(tags_);
  writer.put_all(weights_);
  writer.put(scale_);
  writer.put_all(steps_);
}

Result<Labeller> Labeller::read(ModelReader& reader, std::size_t label_count) {
  Labeller labeller;
  labeller.slots_ = TRY(reader.names("slot"));
  if (labeller.slots_.empty()) return labeller;
  if (labeller.slots_.size() > kSlotsMax) return corrupt_model("has too many slots");
  for (std::size_t label = 0; label < label_count; ++label)
    labeller.tags_of_label_.push_back(TRY(reader.values<Tag>(TRY(reader.value<std::uint32_t>()))));
  auto entries = TRY(reader.values<Lexicon::Entry>(TRY(reader.value<std::uint32_t>())));
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (std::pair(entries[i].hash, entries[i].slot) <= std::pair(entries[i - 1].hash, entries[i - 1].slot))
      return corrupt_model("has words out of order");
  }
  labeller.lexicon_ = Lexicon(std::move(entries));
  const auto features = TRY(reader.value<std::uint32_t>());
  labeller.hashes_ = TRY(reader.values<std::uint32_t>(features));
  labeller.ends_ = TRY(reader.values<std::uint32_t>(features));
  const std::size_t weights = features == 0 ? 0 : labeller.ends_.back();
  labeller.tags_ = TRY(reader.values<Tag>(weights));
  labeller.weights_ = TRY(reader.values<std::int8_t>(weights));
  labeller.scale_ = TRY(reader.reals(1)).front();
  labeller.steps_ = TRY(reader.reals(labeller.tag_count() * labeller.tag_count()));
  TRY(labeller.check());
  labeller.index();
  return labeller;
}

Result<void> Labeller::check() const {
  const auto is_tag = [&](Tag tag) { return tag < tag_count(); };
  for (const std::vector<Tag>& tags : tags_of_label_) {
    const bool is_ascending = std::ranges::adjacent_find(tags, std::ranges::greater_equal{}) == tags.end();
    if (!is_ascending || !std::ranges::all_of(tags, is_tag) || (!tags.empty() && tags.front() != kNoSlot))
      return corrupt_model("has a label with impossible slots");
  }
  const bool has_order = std::ranges::adjacent_find(hashes_, std::ranges::greater_equal{}) == hashes_.end();
  if (!has_order || !std::ranges::is_sorted(ends_)) return corrupt_model("has features of slots out of order");
  if (!std::ranges::all_of(tags_, is_tag)) return corrupt_model("has a feature of no slot");
  return {};
}

}  // namespace lilux::brain

#pragma once

// Which pieces of a text are values of which slot: a linear-chain conditional random field over the features of its
// pieces, which takes only slots that were seen with the text's label. Learned in seconds from rows that tell their
// slots; the same rows give the same bits. Pure; any thread may ask the same one.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "brain/examples.h"
#include "brain/lexicon.h"
#include "brain/model_bytes.h"
#include "brain/slots.h"

namespace lilux::brain {

// Beyond these the rarest are not learned.
inline constexpr std::size_t kSlotsMax = 200;
// What is stored is at most about so much; the rarest features give way.
inline constexpr std::size_t kSlotBytesMax = 4'000'000;

class Labeller {
 public:
  // From the examples that tell their slots; where none has any, it finds none. `labels` are ascending.
  static Labeller learn(std::span<const Example> examples, std::span<const std::string> labels, std::uint64_t seed);

  // In the order in which they stand; none for a label that it does not know.
  std::vector<Slot> find(std::string_view text, std::size_t label) const;
  const std::vector<std::string>& slots() const { return slots_; }

  std::size_t bytes() const;  // as it is written
  void write(ModelWriter& writer) const;
  // `corrupt` when anything does not fit together.
  static base::Result<Labeller> read(ModelReader& reader, std::size_t label_count);

 private:
  friend class SlotPupil;

  std::size_t tag_count() const { return 2 * slots_.size() + 1; }
  base::Result<void> check() const;
  // What each of the tags scores at each piece, one piece after the other.
  std::vector<float> scores(std::span<const std::vector<std::uint32_t>> features, std::span<const Tag> tags) const;

  void index();
  std::optional<std::uint32_t> row_of(std::uint32_t hash) const;
  std::size_t begin_of(std::size_t row) const { return row == 0 ? 0 : ends_[row - 1]; }

  std::vector<std::string> slots_ = {};               // ascending
  std::vector<std::vector<Tag>> tags_of_label_ = {};  // ascending
  Lexicon lexicon_ = {};
  std::vector<std::uint32_t> hashes_ = {};  // of the features, ascending
  std::vector<std::uint32_t> firsts_ = {};  // where the hashes with the same upper half begin
  std::vector<std::uint32_t> ends_ = {};    // of each feature's tags and weights; they begin where the last one's end
  std::vector<Tag> tags_ = {};
  std::vector<std::int8_t> weights_ = {};
  float scale_ = 0;                // of the weights
  std::vector<float> steps_ = {};  // tag_count x tag_count: from one tag to the next
};

}  // namespace lilux::brain

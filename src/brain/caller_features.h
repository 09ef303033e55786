#pragma once

// What is to be seen of a candidate for a parameter: how it looks, what stands beside it, how near the words of the
// parameter are, whether its unit or its place in a row fits. Nothing here knows any tool by its name. Pure; lives
// shorter than what it was made from.

#include <cstdint>
#include <vector>

#include "brain/caller_candidate.h"
#include "brain/caller_weights.h"

namespace lilux::brain {

class FillView {
 public:
  FillView(const Reading& reading, const Tool& tool, std::size_t parameter);
  // Whether the sentence has a word of the parameter that nothing else of the tool has.
  bool is_told() const;
  // Whether a choice is only met in words that name the tool itself.
  bool is_own_name(const Candidate& candidate) const;
  // Whether plain words of the sentence are no value: "weather" of get_weather, "a joke" for a town.
  bool is_made_up(const Candidate& candidate) const;
  // Whether a choice is only met by chance: in quotes of something else, or by another word for it that says what
  // something is of which the tool does not speak: the big boss is no size.
  bool is_chance(const Candidate& candidate) const;
  // Whether a word of its name is denied: "do not follow".
  bool is_negated() const;
  bool is_opposed() const;
  // Replaces what is in `features`.
  void see(const Candidate& candidate, Features& features) const;

 private:
  struct Seen {
    bool name = false;    // the token is a word of the parameter's name
    bool word = false;    // of its description
    bool other = false;   // of another parameter's name
    bool tool = false;    // of the tool's name or description
    bool choice = false;  // it is a choice of another parameter
  };

  void add(Features& features, std::uint32_t what, std::uint32_t value) const;
  void see_none(const Candidate& candidate, Features& features) const;
  void see_span(const Candidate& candidate, Features& features) const;
  void see_cut(const Candidate& candidate, Features& features) const;
  void see_list(const Candidate& candidate, Features& features) const;
  void see_nearness(const Candidate& candidate, Features& features) const;
  void see_shape(const Candidate& candidate, Features& features) const;
  void see_class(const Candidate& candidate, Features& features) const;
  void see_number(const Candidate& candidate, Features& features) const;
  void see_moment(const Candidate& candidate, Features& features) const;
  void see_match(const Candidate& candidate, Features& features) const;
  void see_boolean(const Candidate& candidate, Features& features) const;
  std::uint32_t left_word(const Candidate& candidate, std::size_t ahead) const;
  std::uint32_t right_word(const Candidate& candidate, std::size_t ahead) const;

  const Reading* reading_;
  const Tool* tool_;
  const Parameter* parameter_;
  std::vector<Seen> seen_ = {};
  std::vector<std::uint32_t> classes_ = {};
  std::uint32_t kind_ = 0;
  std::uint32_t sense_ = 0;
  std::uint32_t role_ = 0;
  std::uint32_t head_ = 0;      // the last word of the name
  std::size_t rank_ = 0;        // among the parameters of its kind
  std::size_t same_kind_ = 0;   // parameters of its kind
  std::size_t names_seen_ = 0;  // words of its name in the sentence
  std::uint32_t example_shape_ = 0;
};

}  // namespace lilux::brain

#pragma once

// All rules of a file as one: which of them an event or a sentence fits, found by name, then by what their first plain
// condition asks for, so that thousands cost microseconds. Immutable once compiled; any thread.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "brain/phrase.h"
#include "brain/rule.h"

namespace lilux::brain {

class Matcher {
 public:
  // Numbers are places in `rules`. Fails for a glob or a phrase that is none.
  static base::Result<Matcher> compile(std::span<const Rule> rules);

  // Whether any rule waits for events of that name; then the event is worth looking at.
  bool knows(std::string_view event_name) const;
  std::vector<std::uint32_t> on_event(std::string_view event_name, const base::Json& event) const;

  struct Said {
    std::uint32_t rule = 0;
    base::JsonObject gaps;
  };
  // The rule with the most words of its own; of those, the first. Where none fits what stands in quotes as one piece,
  // its words count like any other.
  std::optional<Said> on_text(std::string_view text) const;
  // Each rule that fits by the phrase with the most words of its own, those with more first.
  std::vector<Said> all_of_text(std::string_view text) const { return all_of(spoken(text)); }
  std::vector<Said> all_of(const Spoken& said) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <class T>
  using ByText = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  using Numbers = std::vector<std::uint32_t>;
  using Saying = std::pair<std::uint32_t, std::uint32_t>;  // a rule, and which of its phrases
  struct Bucket {
    std::vector<std::pair<std::string, ByText<Numbers>>> by_value;  // field, and what it has to be
    Numbers others;
  };
  struct Waiting {
    text::NameGlob when = text::NameGlob::empty();
    std::vector<Condition> where;
    std::vector<Phrase> says;
  };
  base::Result<void> add(const Rule& rule, std::uint32_t number);
  void add_event(const Rule& rule, std::uint32_t number);
  void add_phrases();
  static void put(Bucket& bucket, const std::vector<Condition>& where, std::uint32_t number);
  template <class Take>
  void for_each_bucket(std::string_view event_name, Take take) const;
  void collect(const Bucket& bucket, std::string_view event_name, const base::Json& event, Numbers& found) const;

  std::vector<Waiting> rules_;
  ByText<Bucket> by_name_;
  ByText<Bucket> by_beginning_;  // of globs, up to the first character that is not written out
  std::size_t beginning_max_ = 0;
  ByText<std::vector<Saying>> by_word_;  // of a phrase, the one that the fewest others have
};

}  // namespace lilux::brain

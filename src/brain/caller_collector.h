#pragma once

// Gathers what may fill one parameter, for caller_candidate.h: values by themselves in caller_candidate.cpp, names and
// places in caller_candidate_place.cpp, lists and objects in caller_candidate_list.cpp. Lives for one parameter.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "brain/caller_candidate.h"

namespace lilux::brain {

inline constexpr float kSaid = 0.99F;  // how much of a choice must stand in the sentence for it to be said

std::string text_of(const base::Json& value);
// Whole where it is and may be; null where it should be and is not.
base::Json number_value(double value, Kind kind);

class Collector {
 public:
  Collector(const Parameter& parameter, const Reading& reading);
  std::vector<Candidate> collect();

 private:
  void add(Candidate candidate);
  Span span_of(const Quantity& one) const { return reading_->tokens_of(one.begin, one.end); }
  bool looks_right(const base::Json& value) const;
  // "11 PM" as 23.
  void hours();
  void numbers(Kind kind);
  // What the amount is in the unit that is wanted; nothing where it is one of something else.
  std::optional<double> fitted(const Quantity& one) const;
  void add_amount(const Quantity& one, std::size_t number, Kind kind);
  bool is_part_of_sum(std::size_t quantity) const;
  // "5 minutes" as PT5M.
  void durations();
  void add_moment(const Moment& moment, std::size_t number);
  void booleans();
  // How much of a phrase stands in the sentence, best place first: every word in a row counts whole, words here and
  // there less.
  enum class Letter : std::uint8_t { near, same };
  enum class Said : std::uint8_t { anyhow, meant };  // meant: not where it is denied
  float phrase_match(std::string_view phrase, Span& place, Letter letter = Letter::near, Said how = Said::anyhow) const;
  bool is_denied(std::size_t at) const;
  static bool same(const Token& token, std::string_view word);
  static std::vector<std::string> phrase_words(std::string_view phrase);
  void choices();
  // "$75", "50 euros" and "to dollars" where currencies are to be chosen from.
  void currency_choices(std::size_t first);
  std::string_view currency_sign(const Quantity& one) const;
  // Where none of the choices is said, those that other words in the sentence stand for.
  void meant_choices(std::size_t first);
  // Where that says nothing either, the one of them that a word or phrase is kin to by the thesaurus.
  void kin_choices();
  // Of up to three words, without those of the parameter's name and of names.
  struct Phrase {
    std::string stems = {};
    Span span = {};
  };
  std::vector<Phrase> phrases() const;
  // Of a switch that is written as a choice of "True" and "False": whether what it switches is spoken of.
  float named() const;
  void examples();
  void moments();
  void literals();
  // Names of files with stars in them, where such are wanted and there; then nothing else is meant.
  bool globs();
  // The same for telephone numbers.
  bool phones();
  void strings();
  bool add_currency(Span span);
  bool is_joint(std::size_t at) const;
  bool is_region(std::size_t at) const;
  // "Paris, Oslo" of "Paris, Oslo and Rome" is no value; "Austin, TX" of "Austin, TX and Boston, MA" is.
  bool is_piece_of_list(Span span) const;
  // "Nice" of "a hotel in Nice", "boston" of "weather in boston please"; not "bend" of "Bend the pipe", and nothing in
  // small letters where others are capital.
  bool may_be_town(Span span) const;
  // A town with the state or country it is in, where that is known or stands behind it.
  bool add_place(Span span);
  // What is called an id or a class as a page's selector has it.
  void selectors();
  bool is_folder(const Literal& one) const;
  // The names that stand alone: a file's, one in quotes, what something is called.
  std::vector<Span> names() const;
  // "notes.txt in /home/ana" as /home/ana/notes.txt.
  void placed_names();
  // From behind a mark or a word that introduces text up to the end of the sentence.
  void long_spans();
  void arrays();
  // Without an article in front.
  std::string item_text(Span span) const;
  void choice_lists();
  void example_lists();
  void brackets();
  // Numbers that only commas, "and" and spaces part.
  void number_lists();
  bool is_joined(const Quantity& left, const Quantity& right) const;
  void quoted_lists();
  void objects();

  const Parameter* parameter_;
  const Reading* reading_;
  std::vector<Candidate> found_ = {};
};

}  // namespace lilux::brain

#pragma once

// What a rule asks of one field of an event: a glob, a comparison with a number, one of several. Pure; immutable once
// compiled; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "text/glob.h"

namespace lilux::brain {

// The member at a path of names, "error.code"; null when there is none.
const base::Json* field_at(const base::Json& event, std::string_view path);

class Condition {
 public:
  // `wanted` is a text (a glob; ">= 5", "< 0.5"; "!..." for anything but that), a number, a boolean, or a list of which
  // one has to hold.
  static base::Result<Condition> compile(std::string field, const base::Json& wanted);

  // A field that is not there holds for "!..." alone; of a list in an event one entry has to hold.
  bool holds(const base::Json& event) const;

  const std::string& field() const { return field_; }
  // Those of its choices, as they were written, that no value of that type of JSON Schema ever is: "abc" of an integer.
  std::vector<std::string> misfits(std::string_view type) const;
  std::size_t size() const { return choices_.size(); }  // of its choices
  // The one text that the field has to be, when there is only one; what a matcher looks the condition up by.
  std::optional<std::string> only_text() const;

 private:
  enum class Is : std::uint8_t { glob, equal, less, less_or_equal, more, more_or_equal };
  struct Choice {
    Is is = Is::glob;
    bool is_negated = false;
    text::NameGlob glob = text::NameGlob::empty();
    base::Json value = {};
    std::string written = {};
  };
  static base::Result<Choice> choice_of(const std::string& field, const base::Json& wanted);
  static bool fits(const Choice& choice, const base::Json& value);
  static bool may_be(const Choice& choice, std::string_view type);

  std::string field_;
  std::vector<Choice> choices_;
};

}  // namespace lilux::brain

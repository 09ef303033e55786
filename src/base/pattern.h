#pragma once

// Regular expressions as JSON Schema means them: ECMA-262 with Unicode, searched anywhere in the text, in time linear
// in it. Look-around and back-references cannot be searched so and are refused. Matching is const and safe from any
// thread.

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace lilux::base {

class Pattern {
 public:
  // Fails with invalid_argument where it is no regular expression, with unavailable where it is one we cannot search.
  static Result<Pattern> compile(std::string_view expression);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  bool is_found_in(std::string_view text) const;
  std::size_t instructions() const;  // how large it became; what limits on memory count

 private:
  explicit Pattern(std::unique_ptr<const re2::RE2> program);

  std::unique_ptr<const re2::RE2> program_;
};

}  // namespace lilux::base

#include "brain/alternatives.h"

#include <algorithm>
#include <utility>

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kDepthMax = 8;
constexpr std::size_t kBytesMax = 4096;

class Reader {
 public:
  Reader(std::string_view text, std::size_t at_most) : text_(text), at_most_(at_most) {}

  Result<Texts> all() {
    Texts made = TRY(either(0));
    if (at_ == text_.size()) return made;
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(text_) + "' has a '" + text_[at_] + "' that ends nothing",
                text_[at_] == '|' ? "put what it parts in ( and )" : "take it out");
  }

 private:
  // Up to the bracket that ends it, or to the end of the text.
  Result<Texts> either(std::size_t depth) {
    Texts made = TRY(row(depth));
    while (depth > 0 && at_ < text_.size() && text_[at_] == '|') {
      ++at_;
      Texts more = TRY(row(depth));
      made.insert(made.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
      TRY(check(made.size()));
    }
    return made;
  }

  Result<Texts> row(std::size_t depth) {
    Texts made{""};
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find_first_of("()[]|", at_), text_.size());
      for (std::string& text : made) text += text_.substr(at_, end - at_);
      at_ = end;
      if (at_ == text_.size() || (text_[at_] != '(' && text_[at_] != '[')) break;
      made = TRY(with_each(made, TRY(group(depth + 1))));
    }
    return made;
  }

  Result<Texts> group(std::size_t depth) {
    if (depth > kDepthMax)
      return fail(ErrorCode::invalid_argument, "'" + std::string(text_) + "' has brackets nested too deep",
                  "write it flatter");
    const bool may_be_none = text_[at_] == '[';
    const char closing = may_be_none ? ']' : ')';
    ++at_;
    Texts made = TRY(either(depth));
    if (at_ == text_.size() || text_[at_] != closing)
      return fail(ErrorCode::invalid_argument,
                  "'" + std::string(text_) + "' has a '" + (may_be_none ? '[' : '(') + "' that does not end",
                  std::string("end it with '") + closing + "'");
    ++at_;
    if (may_be_none) made.insert(made.begin(), "");
    return made;
  }

  Result<Texts> with_each(const Texts& befores, const Texts& afters) const {
    TRY(check(befores.size() * afters.size()));
    Texts made;
    for (const std::string& before : befores) {
      for (const std::string& after : afters) made.push_back(before + after);
    }
    return made;
  }

  Result<void> check(std::size_t count) const {
    if (count <= at_most_) return {};
    return fail(ErrorCode::invalid_argument,
                "'" + std::string(text_) + "' is more than " + std::to_string(at_most_) + " sentences",
                "write fewer alternatives, or several rules");
  }

  std::string_view text_;
  std::size_t at_most_;
  std::size_t at_ = 0;
};

std::string spaced(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c != ' ' || (!made.empty() && made.back() != ' ')) made += c;
  }
  if (made.ends_with(' ')) made.pop_back();
  return made;
}

}  // namespace

Result<Texts> alternatives(std::string_view text, std::size_t at_most) {
  if (text.size() > kBytesMax)
    return fail(ErrorCode::invalid_argument, "a sentence is longer than " + std::to_string(kBytesMax) + " bytes",
                "write less");
  Texts made;
  for (const std::string& one : TRY(Reader(text, at_most).all())) {
    std::string sentence = spaced(one);
    if (std::ranges::find(made, sentence) == made.end()) made.push_back(std::move(sentence));
  }
  return made;
}

}  // namespace lilux::brain

#pragma once

// Records in the Markdown files of LLMunix: bullets "- **key**: value" under one another. They are read and changed by
// the bytes of their values, so that everything else stays. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "item/parts.h"
#include "text/edit.h"
#include "text/markdown.h"

namespace lilux::item {

// "Current Step" -> "current_step"
std::string key_name(std::string_view key);

// Some bullets of one text.
class Bullets {
 public:
  Bullets(std::string_view text, std::size_t begin, std::size_t end);  // which must outlive it
  Bullets(std::string_view text, std::vector<text::MarkdownBullet> bullets, std::size_t end);

  // Those that begin with a bullet of that key, each up to the next.
  static std::vector<Bullets> records(std::string_view text, std::string_view first_key);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string text(std::string_view key) const;  // "" when it is not there; quotes around all of it are taken away
  std::vector<std::string> texts(std::string_view key) const;  // "[a, b]" or "a, b"
  // What every key says, by its name and each once, in the order in which they stand.
  std::vector<Attribute> entries() const;
  const std::vector<text::MarkdownBullet>& all() const { return bullets_; }
  std::size_t at() const { return bullets_.empty() ? end_ : bullets_.front().at; }
  std::size_t end() const { return end_; }

  // Adds to `edits` what makes the key say this: in the place of its value, or as a bullet behind the last one. Nothing
  // when it says it already, or when it has no such key and the value is empty.
  void set(std::string_view key, const std::string& value, std::vector<text::Edit>& edits) const;
  void set(std::string_view key, const std::vector<std::string>& values, std::vector<text::Edit>& edits) const;

 private:
  const text::MarkdownBullet* find(std::string_view key) const;

  std::string_view text_;
  std::vector<text::MarkdownBullet> bullets_;
  std::size_t end_ = 0;
};

std::string bullet_line(std::string_view key, const std::string& value);  // without a line end
std::string bullet_list(const std::vector<std::string>& values);          // "[a, b]"
// Edits in the order of their places, as text::edited() wants them.
std::string with_edits(std::string_view text, std::vector<text::Edit> edits);

}  // namespace lilux::item

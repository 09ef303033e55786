#pragma once

// Records in the Markdown files of LLMunix: bullets "- **key**: value" under one another. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "item/parts.h"
#include "text/markdown.h"

namespace lilux::item {

// "Current Step" -> "current_step"
std::string key_name(std::string_view key);

// Some bullets of one text.
class Bullets {
 public:
  Bullets(std::string_view text, std::size_t begin, std::size_t end);
  Bullets(std::vector<text::MarkdownBullet> bullets, std::size_t end);

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

 private:
  const text::MarkdownBullet* find(std::string_view key) const;

  std::vector<text::MarkdownBullet> bullets_;
  std::size_t end_ = 0;
};

std::string bullet_line(std::string_view key, const std::string& value);  // without a line end
std::string bullet_list(const std::vector<std::string>& values);          // "[a, b]"

}  // namespace lilux::item

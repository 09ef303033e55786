#include "item/bullets.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>
#include <utility>

namespace lilux::item {

using text::MarkdownBullet;
using text::trimmed;

namespace {

std::string_view unquoted(std::string_view text) {
  text = trimmed(text);
  const bool is_quoted = text.size() >= 2 && (text[0] == '"' || text[0] == '\'' || text[0] == '`') &&
                         text.find(text[0], 1) == text.size() - 1;
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::string key_name(std::string_view key) {
  std::string made;
  for (const char c : key)
    made += c == ' ' || c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

Bullets::Bullets(std::string_view text, std::size_t begin, std::size_t end)
    : Bullets(text::markdown_bullets(text, begin, end), end) {}

Bullets::Bullets(std::vector<MarkdownBullet> bullets, std::size_t end) : bullets_(std::move(bullets)), end_(end) {}

std::vector<Bullets> Bullets::records(std::string_view text, std::string_view first_key) {
  std::vector<Bullets> made;
  std::vector<MarkdownBullet> record;
  for (MarkdownBullet& bullet : text::markdown_bullets(text)) {
    const bool is_first = key_name(bullet.key) == first_key;
    if (is_first && !record.empty()) made.emplace_back(std::exchange(record, {}), bullet.at);
    if (is_first || !record.empty()) record.push_back(std::move(bullet));
  }
  if (!record.empty()) made.emplace_back(std::move(record), text.size());
  return made;
}

const MarkdownBullet* Bullets::find(std::string_view key) const {
  const auto found =
      std::ranges::find_if(bullets_, [&](const MarkdownBullet& bullet) { return key_name(bullet.key) == key; });
  return found == bullets_.end() ? nullptr : &*found;
}

std::string Bullets::text(std::string_view key) const {
  const MarkdownBullet* found = find(key);
  return found ? std::string(unquoted(found->value)) : std::string();
}

std::vector<Attribute> Bullets::entries() const {
  std::vector<Attribute> made;
  std::unordered_set<std::string> seen;
  for (const MarkdownBullet& bullet : bullets_)
    if (std::string key = key_name(bullet.key); seen.insert(key).second)
      made.push_back({.name = std::move(key), .value = std::string(unquoted(bullet.value))});
  return made;
}

std::vector<std::string> Bullets::texts(std::string_view key) const {
  std::string value = text(key);
  std::string_view rest = value;
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  std::vector<std::string> made;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    if (const std::string_view word = unquoted(entry); !word.empty()) made.emplace_back(word);
  }
  return made;
}

std::string bullet_line(std::string_view key, const std::string& value) {
  return "- **" + std::string(key) + "**: " + value;
}

std::string bullet_list(const std::vector<std::string>& values) {
  std::string made = "[";
  for (const std::string& value : values) made += (made.size() > 1 ? ", " : "") + value;
  return made + "]";
}

}  // namespace lilux::item

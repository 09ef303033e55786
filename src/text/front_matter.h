#pragma once

// The head of a Markdown file between two lines of "---": read as YAML, and changed key by key so that every other byte
// stays. Pure; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "text/yaml.h"

namespace lilux::text {

// A larger one is refused before it is read: nobody writes it.
inline constexpr std::size_t kFrontMatterBytesMax = std::size_t{256} << 10;

struct FrontMatter {
  base::Json value = base::JsonObject();  // always an object
  YamlSpan span = {};                     // of the object; none when the text had to be mended to be read
  std::size_t begin = 0;                  // between the two lines
  std::size_t end = 0;
  std::size_t body = 0;  // behind the second line
  bool is_mended = false;

  // Where a key's value stands; the head's beginning when it has no such key.
  std::size_t place_of(std::string_view key) const;
};

// strict: what is no YAML is an error. mending: values that only lack quotes ("description: use this: often") are taken
// as they stand.
enum class FrontMatterReading : std::uint8_t { strict, mending };

// Nothing when the text does not begin with a line of "---".
base::Result<std::optional<FrontMatter>> parse_front_matter(std::string_view text,
                                                            FrontMatterReading reading = FrontMatterReading::strict);

// A value as text as it was written: a version stays "1.10". Empty for lists, objects and what is not there.
std::string front_matter_text(std::string_view text, const FrontMatter& front, std::string_view key);

// The text with `yaml`, one line, as the value of the key; without the key when `yaml` is empty. A text without a head
// gets one.
base::Result<std::string> with_front_matter(std::string_view text, std::string_view key, std::string_view yaml);

}  // namespace lilux::text

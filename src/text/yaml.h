#pragma once

// YAML as people write it at the head of a file: mappings and lists in both styles, all five ways of writing a scalar,
// comments, and the values of the YAML 1.2 core schema. Anchors, aliases, tags, directives, keys that are no scalars,
// keys that stand there twice, a second document, infinities, and tabs where indentation is expected are refused with
// their line and column: nothing is ever read as something else. Pure; any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::text {

// Where a value stands, by bytes of the text; `inner` has one for every entry or member, in their order.
struct YamlSpan {
  std::size_t at = 0;     // of the key when it is a member's, of the value otherwise
  std::size_t colon = 0;  // behind the colon of a member's key
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<YamlSpan> inner = {};
};

struct Yaml {
  base::Json value = {};
  YamlSpan span = {};
};

// The document in a part of the text; null when there is none. Keys become strings as they are written.
base::Result<Yaml> parse_yaml(std::string_view text, std::size_t begin = 0, std::size_t end = std::string_view::npos);
// What stands behind the colon of a key that is indented by so much, up to `end`.
base::Result<Yaml> parse_yaml_value(std::string_view text, std::size_t begin, std::size_t end, std::size_t indent);

// A scalar or a list on one line, and a member with its object below it. Reading gives the same value.
std::string yaml_inline(const base::Json& value);
std::string yaml_member(const std::string& key, const base::Json& value, std::size_t indent = 0,
                        std::string_view line_end = "\n");

}  // namespace lilux::text

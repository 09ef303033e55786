#pragma once

// The XML that directives are written in: elements, attributes, text, CDATA, comments, the five entities and numeric
// ones. Document types, processing instructions and declarations are refused, so that nothing is ever fetched or
// expanded. Every element knows its bytes, so that a change touches only what changed. Pure; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::text {

struct XmlAttribute {
  std::string name = {};
  std::string value = {};
};

struct XmlElement {
  std::string name = {};
  std::vector<XmlAttribute> attributes = {};
  std::string text = {};  // all text directly in it, CDATA included, without that of its elements
  std::vector<XmlElement> elements = {};
  // By bytes of the whole text: from '<' to behind the last '>', and what is between its tags. `<a/>` has no inside.
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t inner_begin = 0;
  std::size_t inner_end = 0;

  const XmlElement* find(std::string_view element) const;  // the first of that name
  const std::string* attribute(std::string_view attribute) const;
};

// One element in a part of the text. The error says what stands where, by line and column of the whole text.
base::Result<XmlElement> parse_xml(std::string_view text, std::size_t begin = 0,
                                   std::size_t end = std::string_view::npos);

// Text between tags, and in double quotes; what XML cannot hold, control characters, is left out.
std::string xml_text(std::string_view text);
std::string xml_attribute(std::string_view text);
// The same in CDATA where that is easier to read: when it has '<' or '&' and can stand there.
std::string xml_content(std::string_view text);

}  // namespace lilux::text

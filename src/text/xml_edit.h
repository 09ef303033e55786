#pragma once

// Changes an XML element in place: what differs between two versions of it is done to a third, which a person wrote,
// and every other byte of that stays, comments and unknown elements too. Pure; any thread.

#include <string>
#include <string_view>

#include "text/xml.h"

namespace lilux::text {

struct XmlVersion {
  std::string_view text;
  const XmlElement& root;
};

// `written` with what is different between `before` and `wanted`. Elements belong together by their name and their
// attribute `name`, or by their number among those of the same name. A root is never renamed.
std::string xml_changed(const XmlVersion& written, const XmlVersion& before, const XmlVersion& wanted);

}  // namespace lilux::text

// XML from outside: every element lies within its parent, and what is written is read as the same.

#include "tests/fuzz/input.h"
#include "text/xml.h"

namespace {

using namespace lilux::text;
using lilux::fuzz::require;

void check(const XmlElement& element) {
  require(element.begin < element.inner_begin && element.inner_begin <= element.inner_end);
  require(element.inner_end <= element.end);
  std::size_t from = element.inner_begin;
  for (const XmlElement& inner : element.elements) {
    require(inner.begin >= from && inner.end <= element.inner_end);
    from = inner.end;
    check(inner);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  const auto root = parse_xml(text);
  if (!root) {
    require(root.error().message.starts_with("line "));
    return 0;
  }
  check(*root);
  for (const auto& [name, value] : root->attributes) {
    const auto again = parse_xml("<a b=\"" + xml_attribute(value) + "\">" + xml_content(root->text) + "</a>");
    require(again && again->attributes[0].value == value && again->text == root->text);
  }
  return 0;
}

#include "text/xml.h"

#include <doctest/doctest.h>

namespace lilux::text {
namespace {

std::string refusal(std::string_view text) {
  const auto made = parse_xml(text);
  return made ? "read" : made.error().message;
}

TEST_CASE("elements, attributes, text, CDATA and entities are read with their places") {
  const std::string_view text =
      "before <a x='1' y=\"&lt;&#65;\"><!-- no --><b/>t&amp;<![CDATA[<c>]]><b>\n  in</b ></a> after";
  const XmlElement a = parse_xml(text, 7, text.size() - 6).value();
  CHECK(a.name == "a");
  CHECK(*a.attribute("y") == "<A");
  CHECK(a.attribute("z") == nullptr);
  CHECK(a.text == "t&<c>");
  REQUIRE(a.elements.size() == 2);
  CHECK(a.find("b") == &a.elements[0]);
  CHECK(text.substr(a.begin, a.end - a.begin).ends_with("</a>"));
  CHECK(text.substr(a.elements[0].begin, a.elements[0].end - a.elements[0].begin) == "<b/>");
  CHECK(a.elements[0].inner_begin == a.elements[0].inner_end);
  const XmlElement& b = a.elements[1];
  CHECK(text.substr(b.inner_begin, b.inner_end - b.inner_begin) == "\n  in");
  CHECK(text.substr(b.begin, b.end - b.begin) == "<b>\n  in</b >");
}

TEST_CASE("what is no such XML is refused with its place") {
  CHECK(refusal("<a>\n <b>\n</a>") == "line 3, column 3: <b> of line 2 is not closed here");
  CHECK(refusal("<a>\n <b>") == "line 2, column 5: <b> of line 2 is not closed here");
  CHECK(refusal("<a>ä & b</a>") == "line 1, column 7: this cannot stand here");
  CHECK(refusal("<a>&nbsp;</a>") == "line 1, column 4: an entity that is not known");
  CHECK(refusal("<a x='1' x='2'/>") == "line 1, column 10: duplicate attribute");
  CHECK(refusal("<a><![CDATA[</a>") == "line 1, column 4: CDATA that begins here is not closed");
  CHECK(refusal("<a><b x='>") == "line 1, column 4: what begins here is not closed");
  CHECK(refusal("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>") == "line 1, column 1: a document type is not read");
  CHECK(refusal("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>") == "line 1, column 1: a document type is not read");
  CHECK(refusal("<?xml version='1.0'?><a/>") == "line 1, column 1: an XML declaration is not read");
  CHECK(refusal("<a><?php ?></a>") == "line 1, column 4: processing instructions are not read");
  CHECK(refusal("<a/><b/>") == "line 1, column 5: junk after document element");
  CHECK(refusal("") == "line 1, column 1: no element found");
  CHECK(refusal("<a>\xff</a>") == "line 1, column 4: this cannot stand here");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  CHECK(refusal(deep) == "line 1, column 193: elements are nested too deeply, at most 64 levels");
}

TEST_CASE("what is written is read as the same") {
  for (const std::string_view text : {"plain", "a < b && c", "]]> <", "tab\t and\nline", "\"quotes'"}) {
    const std::string made =
        "<a x=\"" + xml_attribute(text) + "\"><b>" + xml_text(text) + "</b><c>" + xml_content(text) + "</c></a>";
    CAPTURE(made);
    const XmlElement a = parse_xml(made).value();
    CHECK(*a.attribute("x") == text);
    CHECK(a.find("b")->text == text);
    CHECK(a.find("c")->text == text);
  }
}

}  // namespace
}  // namespace lilux::text

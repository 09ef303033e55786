#include "text/xml.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <expat.h>

#include "text/fault.h"

namespace lilux::text {

using base::Result;

namespace {

constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kBytesMax = std::size_t{4} << 20;
constexpr std::size_t kElementsMax = 100'000;
constexpr std::size_t kAttributesMax = 32;  // of one element
constexpr std::string_view kCdata = "<![CDATA[";

// What expat tells, put together. The pointers it hands out live until the call ends.
struct Reading {
  XML_Parser parser = nullptr;
  std::string_view text = {};  // all up to where the element ends
  std::size_t begin = 0;
  std::vector<XmlElement> open = {};  // the first holds the root
  std::size_t count = 0;
  std::string refused = {};  // why we stopped, when it was not expat, and where
  std::size_t refused_at = 0;

  std::size_t at() const {
    return begin + static_cast<std::size_t>(std::max(XML_Index{0}, XML_GetCurrentByteIndex(parser)));
  }
  std::size_t size() const { return static_cast<std::size_t>(XML_GetCurrentByteCount(parser)); }
  void refuse(std::string why) {
    refused = std::move(why);
    refused_at = at();
    XML_StopParser(parser, XML_FALSE);
  }
};

Reading& reading_of(void* user) {
  return *static_cast<Reading*>(user);
}

void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
  Reading& reading = reading_of(user);
  if (reading.open.size() > kDepthMax) return reading.refuse("elements are nested too deeply, at most 64 levels");
  if (++reading.count > kElementsMax) return reading.refuse("there are too many elements, at most 100000");
  XmlElement element{.name = name, .begin = reading.at(), .inner_begin = reading.at() + reading.size()};
  if (XML_GetSpecifiedAttributeCount(reading.parser) > 2 * static_cast<int>(kAttributesMax))
    return reading.refuse("an element has too many attributes, at most 32");
  for (; *attributes; attributes += 2) element.attributes.push_back({.name = attributes[0], .value = attributes[1]});
  reading.open.push_back(std::move(element));
}

void on_end(void* user, const XML_Char* /*name*/) {
  Reading& reading = reading_of(user);
  XmlElement element = std::move(reading.open.back());
  reading.open.pop_back();
  const std::size_t size = reading.size();
  const bool is_empty = reading.at() == element.begin || size == 0;  // <a/>
  element.inner_end = is_empty ? element.inner_begin : reading.at();
  element.end = is_empty ? element.inner_begin : reading.at() + size;
  reading.open.back().elements.push_back(std::move(element));
}

void on_text(void* user, const XML_Char* text, int size) {
  Reading& reading = reading_of(user);
  reading.open.back().text.append(text, static_cast<std::size_t>(size));
}

void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  Reading& reading = reading_of(user);
  reading.refuse("a document type is not read");
  reading.refused_at = reading.text.rfind("<!", reading.refused_at);
}
void on_instruction(void* user, const XML_Char*, const XML_Char*) {
  reading_of(user).refuse("processing instructions are not read");
}
void on_declaration(void* user, const XML_Char*, const XML_Char*, int) {
  reading_of(user).refuse("an XML declaration is not read");
}

std::unexpected<base::Error> not_closed(const Reading& reading, std::size_t at) {
  const XmlElement& last = reading.open.back();
  const std::string opened = std::to_string(position_of(reading.text, last.begin).line);
  return fault_at(reading.text, at, "<" + last.name + "> of line " + opened + " is not closed here",
                  "write </" + last.name + ">");
}

std::unexpected<base::Error> wrong(const Reading& reading) {
  const std::size_t at = std::min(reading.at(), reading.text.size());
  const XML_Error code = XML_GetErrorCode(reading.parser);
  const bool has_open = reading.open.size() > 1;
  if (code == XML_ERROR_ABORTED) return fault_at(reading.text, reading.refused_at, reading.refused);
  if (has_open && (code == XML_ERROR_TAG_MISMATCH || code == XML_ERROR_NO_ELEMENTS)) return not_closed(reading, at);
  if (code == XML_ERROR_UNCLOSED_CDATA_SECTION)
    return fault_at(reading.text, reading.text.rfind(kCdata, at), "CDATA that begins here is not closed", "write ]]>");
  if (code == XML_ERROR_UNCLOSED_TOKEN) return fault_at(reading.text, at, "what begins here is not closed");
  constexpr std::string_view kMarks = "write '<' as &lt; and '&' as &amp;, or put the text into <![CDATA[ ]]>";
  if (code == XML_ERROR_INVALID_TOKEN) return fault_at(reading.text, at, "this cannot stand here", std::string(kMarks));
  if (code == XML_ERROR_UNDEFINED_ENTITY)
    return fault_at(reading.text, at, "an entity that is not known",
                    "there are &lt; &gt; &amp; &quot; &apos; and numbers");
  return fault_at(reading.text, at, XML_ErrorString(code));
}

bool may_stand(char c) {
  return static_cast<unsigned char>(c) >= ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

const XmlElement* XmlElement::find(std::string_view element) const {
  const auto found = std::ranges::find(elements, element, &XmlElement::name);
  return found == elements.end() ? nullptr : &*found;
}

const std::string* XmlElement::attribute(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &XmlAttribute::name);
  return found == attributes.end() ? nullptr : &found->value;
}

Result<XmlElement> parse_xml(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view part = text.substr(begin, end - begin);
  if (part.size() > kBytesMax) return fault_at(text, begin, "it is larger than 4 MiB");
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"), XML_ParserFree);
  if (!parser) return base::fail(base::ErrorCode::unavailable, "there is no memory to read XML");
  Reading reading{.parser = parser.get(), .text = text.substr(0, begin + part.size()), .begin = begin, .open = {{}}};
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetDoctypeDeclHandler(parser.get(), on_doctype, nullptr);
  XML_SetProcessingInstructionHandler(parser.get(), on_instruction);
  XML_SetXmlDeclHandler(parser.get(), on_declaration);
  if (XML_Parse(parser.get(), part.data(), static_cast<int>(part.size()), XML_TRUE) != XML_STATUS_OK)
    return wrong(reading);
  return std::move(reading.open.front().elements.front());
}

std::string xml_text(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == '<')
      made += "&lt;";
    else if (c == '>')
      made += "&gt;";
    else if (c == '&')
      made += "&amp;";
    else if (c == '\r')
      made += "&#13;";
    else if (may_stand(c))
      made += c;
  }
  return made;
}

std::string xml_attribute(std::string_view text) {
  std::string made;
  for (const char c : xml_text(text)) {
    if (c == '"')
      made += "&quot;";
    else if (c == '\n')
      made += "&#10;";
    else if (c == '\t')
      made += "&#9;";
    else
      made += c;
  }
  return made;
}

std::string xml_content(std::string_view text) {
  const bool fits = text.find_first_of("<&") != std::string_view::npos && !text.contains("]]>") &&
                    !text.contains('\r') && std::ranges::all_of(text, may_stand);
  return fits ? std::string(kCdata) + std::string(text) + "]]>" : xml_text(text);
}

}  // namespace lilux::text

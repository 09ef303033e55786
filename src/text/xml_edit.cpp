#include "text/xml_edit.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "text/edit.h"
#include "text/markdown.h"

namespace lilux::text {

namespace {

// Name, attribute `name`, and number among those.
using Key = std::tuple<std::string, std::string, std::size_t>;
using Children = std::vector<std::pair<Key, const XmlElement*>>;

Children children_of(const XmlElement& element) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  Children children;
  for (const XmlElement& child : element.elements) {
    const std::string* name = child.attribute("name");
    const std::pair key{child.name, name ? *name : std::string()};
    children.emplace_back(Key{key.first, key.second, counts[key]++}, &child);
  }
  return children;
}

bool same(const XmlElement& left, const XmlElement& right) {
  const auto same_attribute = [](const XmlAttribute& a, const XmlAttribute& b) {
    return a.name == b.name && a.value == b.value;
  };
  return left.name == right.name && left.text == right.text &&
         std::ranges::equal(left.attributes, right.attributes, same_attribute) &&
         std::ranges::equal(left.elements, right.elements, same);
}

const XmlElement* find(const Children& children, const Key& key) {
  const auto found = std::ranges::find(children, key, &Children::value_type::first);
  return found == children.end() ? nullptr : found->second;
}

class Change {
 public:
  Change(const XmlVersion& written, const XmlVersion& wanted) : written_(written), wanted_(wanted) {}

  std::string made(const XmlElement& before) {
    element(written_.root, before, wanted_.root);
    return edited(written_.text, edits_);
  }

 private:
  // In the order of their places, and of their coming where these are the same.
  void put(Edit edit) {
    const auto place = std::ranges::upper_bound(edits_, edit.at, {}, &Edit::at);
    edits_.insert(place, std::move(edit));
  }

  void element(const XmlElement& written, const XmlElement& before, const XmlElement& wanted) {
    const bool is_bare = written.inner_end == written.inner_begin && written.end == written.inner_begin;
    const bool has_more =
        wanted.elements.size() > before.elements.size() || trimmed(wanted.text) != trimmed(before.text);
    if (is_bare && has_more) return replace(written, wanted);
    attributes(written, before, wanted);
    const bool is_leaf = wanted.elements.empty() && before.elements.empty() && written.elements.empty();
    if (is_leaf && wanted.text != before.text)
      put({.at = written.inner_begin, .size = written.inner_end - written.inner_begin, .text = inner_of(wanted)});
    if (!is_leaf) children(written, before, wanted);
  }

  // The start tag anew, with what attributes it had that nobody knows.
  void attributes(const XmlElement& written, const XmlElement& before, const XmlElement& wanted) {
    const auto same = [](const XmlAttribute& a, const XmlAttribute& b) {
      return a.name == b.name && a.value == b.value;
    };
    if (std::ranges::equal(before.attributes, wanted.attributes, same)) return;
    std::string tag = "<" + written.name;
    const auto add = [&tag](const XmlAttribute& attribute) {
      tag += " " + attribute.name + "=\"" + xml_attribute(attribute.value) + "\"";
    };
    for (const XmlAttribute& attribute : wanted.attributes) add(attribute);
    for (const XmlAttribute& attribute : written.attributes)
      if (!before.attribute(attribute.name) && !wanted.attribute(attribute.name)) add(attribute);
    const bool is_bare = written.end == written.inner_begin;
    put({.at = written.begin, .size = written.inner_begin - written.begin, .text = tag + (is_bare ? "/>" : ">")});
  }

  void children(const XmlElement& written, const XmlElement& before, const XmlElement& wanted) {
    const Children mine = children_of(written);
    const Children old = children_of(before);
    std::size_t behind = written.inner_begin;
    const Children all = children_of(wanted);
    for (const auto& [key, child] : all) {
      const XmlElement* place = find(mine, key);
      const XmlElement* was = find(old, key);
      if (was && same(*was, *child)) {
        if (place) behind = place->end;
        continue;
      }
      if (place && was)
        element(*place, *was, *child);
      else if (place)
        replace(*place, *child);
      else
        insert(*child, behind, written);
      if (place) behind = place->end;
    }
    for (const auto& [key, child] : old) {
      const XmlElement* place = find(mine, key);
      if (place && !find(all, key)) remove(*place);
    }
  }

  void replace(const XmlElement& written, const XmlElement& wanted) {
    put({.at = written.begin, .size = written.end - written.begin, .text = text_of(wanted)});
  }

  void insert(const XmlElement& wanted, std::size_t behind, const XmlElement& parent) {
    const std::size_t sibling = parent.elements.empty() ? parent.begin : parent.elements.front().begin;
    std::string indent(indent_at(written_.text, sibling));
    if (parent.elements.empty()) indent += "  ";
    put({.at = behind, .size = 0, .text = std::string(line_end_of(written_.text)) + indent + text_of(wanted)});
  }

  void remove(const XmlElement& written) {
    const std::size_t begin = back_over_blanks(written_.text, written.begin);
    const bool is_line = begin == line_begin(written_.text, begin) && is_line_end(written_.text, written.end);
    const std::size_t from = is_line ? begin : written.begin;
    const std::size_t to = is_line ? after_line_end(written_.text, written.end) : written.end;
    put({.at = from, .size = to - from, .text = {}});
  }

  std::string text_of(const XmlElement& element) const {
    return std::string(wanted_.text.substr(element.begin, element.end - element.begin));
  }
  std::string inner_of(const XmlElement& element) const {
    return std::string(wanted_.text.substr(element.inner_begin, element.inner_end - element.inner_begin));
  }

  XmlVersion written_;
  XmlVersion wanted_;
  std::vector<Edit> edits_;
};

}  // namespace

std::string xml_changed(const XmlVersion& written, const XmlVersion& before, const XmlVersion& wanted) {
  return Change(written, wanted).made(before.root);
}

}  // namespace lilux::text

#include "text/front_matter.h"

#include <doctest/doctest.h>

namespace lilux::text {
namespace {

using base::Json;

std::string refusal(std::string_view text) {
  const auto made = parse_front_matter(text);
  return made ? "read" : made.error().message;
}

TEST_CASE("the head is read with its places, and versions stay as they are written") {
  const std::string_view text = "---\nname: a\nversion: 1.10\ntags: [x, y]\n---\n\nbody --- here\n";
  const FrontMatter front = parse_front_matter(text).value().value();
  CHECK(front.value.string_or("name") == "a");
  CHECK(front_matter_text(text, front, "version") == "1.10");
  CHECK(front_matter_text(text, front, "tags").empty());
  CHECK(text.substr(front.body) == "\nbody --- here\n");
  CHECK(text.substr(front.place_of("tags")).starts_with("[x"));
  CHECK_FALSE(parse_front_matter("# no head\n").value());
  CHECK_FALSE(parse_front_matter("----\na: 1\n---\n").value());
  CHECK(parse_front_matter("---\n---\nbody").value()->value == Json(base::JsonObject()));
}

TEST_CASE("a head that cannot be read is refused with its place in the file") {
  CHECK(refusal("---\nname: a\n") == "line 1, column 1: the front matter is not closed");
  CHECK(refusal("---\n- a\n---\n") == "line 2, column 1: the front matter is no mapping");
  CHECK(refusal("---\na: 1\nb: c: d\n---\n") == "line 3, column 5: a second ':' in one value");
}

TEST_CASE("values that only lack quotes can be mended") {
  const std::string_view text = "---\nname: a\ndescription: Use this: often # really\nlist: [1]\n---\n";
  const FrontMatter front = parse_front_matter(text, FrontMatterReading::mending).value().value();
  CHECK(front.is_mended);
  CHECK(front.value.string_or("description") == "Use this: often # really");
  CHECK(*front.value.find("list") == Json(base::JsonArray{1}));
  CHECK(parse_front_matter("---\nglobs: *.ts,*.js\n---\n", FrontMatterReading::mending)
            ->value()
            .value.string_or("globs") == "*.ts,*.js");
  const auto hint = [](const std::string& value) {
    const auto read = parse_front_matter("---\nargument-hint: " + value + "\n---\n", FrontMatterReading::mending);
    return read ? read->value().value.string_or("argument-hint") : read.error().message;
  };
  CHECK(hint("[issue] [priority]") == "[issue] [priority]");
  CHECK(hint("{a} b") == "{a} b");
  CHECK(hint("[a, b] # list").empty());
  CHECK_FALSE(parse_front_matter("---\na: [1\n---\n", FrontMatterReading::mending));
  CHECK(parse_front_matter("---\nglobs: **/*.ts: a\n---\n", FrontMatterReading::mending));
  for (const std::string value : {"*x", "*x: y", "@home", "`code`", "%a", "@a: b"}) {
    CAPTURE(value);
    const auto refused = parse_front_matter("---\na: 1\nb: " + value + "\n---\n", FrontMatterReading::mending);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.starts_with("line 3, column 4: "));
  }
  CHECK_FALSE(parse_front_matter("---\na: &x 1\nb: *x\n---\n", FrontMatterReading::mending));
}

TEST_CASE("one key changes and every other byte stays") {
  const std::string text =
      "---\r\nname: a # mine\r\ntags:\r\n- x\r\n- y\r\ntext: |\r\n  one\r\n\r\nlast: 1\r\n---\r\nbody";
  const auto with = [&](std::string_view key, std::string_view yaml) {
    return with_front_matter(text, key, yaml).value();
  };
  CHECK(with("name", "b").starts_with("---\r\nname: b # mine\r\ntags:"));
  CHECK(with("tags", "[z]").contains("# mine\r\ntags: [z]\r\ntext: |"));
  CHECK(with("text", "two").contains("\r\ntext: two"));
  CHECK(with("text", "two").contains("\r\nlast: 1\r\n---\r\nbody"));
  CHECK(with("more", "1").contains("last: 1\r\nmore: 1\r\n---\r\n"));
  CHECK(with("tags", "").contains("# mine\r\ntext: |"));
  CHECK(with("last", "").ends_with("one\r\n\r\n---\r\nbody"));
  CHECK(with("none", "") == text);
  CHECK(with_front_matter("body\n", "a", "1").value() == "---\na: 1\n---\nbody\n");
  CHECK(with_front_matter("---\n{a: 1}\n---\n", "a", "2").value() == "---\n{a: 2}\n---\n");
  CHECK(with_front_matter("---\n  a: 1\n---\n", "b", "2").value() == "---\n  a: 1\n  b: 2\n---\n");
  CHECK_FALSE(with_front_matter("---\n{a: 1}\n---\n", "b", "2"));
}

}  // namespace
}  // namespace lilux::text

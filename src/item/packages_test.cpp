#include "item/packages.h"

#include <array>

#include <doctest/doctest.h>

namespace lilux::item {

TEST_CASE("what is locked is held against what is installed") {
  const auto lock = parse_lock("Requests==2.31.0\nrich_text==13.0\ntomli==2.0 ; python_version < '3.11'\n").value();
  CHECK(lock[2] == Dependency{.package = "tomli", .version = "2.0", .is_conditional = true});
  const std::array installed{
      installed_from("Metadata-Version: 2.1\nName: requests\nVersion: 2.30.0\n\nVersion: 9\n").value(),
      installed_from("Name: Rich.Text\r\nVersion: 13.0\r\n").value()};
  CHECK(installed[1] == Dependency{.package = "Rich.Text", .version = "13.0"});
  const auto differ = not_installed(lock, installed);
  REQUIRE(differ.size() == 1);
  CHECK(differ[0].locked.package == "Requests");
  CHECK(differ[0].installed == "2.30.0");
  CHECK(not_installed(lock, {}).size() == 2);
}

TEST_CASE("a METADATA file without name or version is of no package") {
  CHECK_FALSE(installed_from(""));
  CHECK_FALSE(installed_from("Name: a\n\nVersion: 1\n"));
  CHECK_FALSE(installed_from("Version: 1\n"));
}

TEST_CASE("the versions of Python that a script asks for are held against the one there is") {
  for (const char* suits :
       {"", ">=3.9", ">=3.11", ">=3.9, <4", "~=3.9", "==3.*", "==3.11.*", "==3.11", "!=3.10", "<=3.11", ">3.11.1",
        "<3.11.5", "!=3.11.2", "~=3.11.1", ">=3", "nonsense", ">=x", ",", "3.12"})
    CHECK_MESSAGE(suits_python(suits, "3.11"), suits);
  for (const char* does_not : {">=3.12", ">=3.12.1", "<3.11", ">3.11", "==3.10.*", "==2.*", "!=3.11.*", "~=4.0",
                               "~=3.12", "~=3.10.1", ">=3.9,<3.11", ">=4"})
    CHECK_FALSE_MESSAGE(suits_python(does_not, "3.11"), does_not);
  CHECK(suits_python(">=3.12", ""));
}

}  // namespace lilux::item

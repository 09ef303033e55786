#include "kernel/output_telling.h"

#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/scratch.h"

namespace lilux::kernel {
namespace {

struct Told {
  test::Scratch folder;
  ChildOutput output{.stdout_file = folder / "out", .stderr_file = folder / "err"};
  OutputTelling telling;

  void print(const std::string& text) { std::ofstream(output.stdout_file, std::ios::app) << text; }
  std::string heard(bool is_last = false) {
    std::string all;
    telling.tell(output, is_last, [&](std::string_view stream, const std::string& text) {
      CHECK(stream == "stdout");
      all += text;
    });
    return all;
  }
};

TEST_CASE_FIXTURE(Told, "what is new is told once, and nothing of what is not there") {
  CHECK(heard() == "");
  print("one");
  CHECK(heard() == "one");
  CHECK(heard() == "");
  print(" two");
  CHECK(heard(true) == " two");
}

TEST_CASE_FIXTURE(Told, "a letter that is cut waits for its rest, and is told as it is at the end") {
  print("a\xe2\x82");
  CHECK(heard() == "a");
  print("\xac.");
  CHECK(heard() == "\u20ac.");
  print("\xf0\x9f");
  CHECK(heard() == "");
  CHECK(heard(true).starts_with("\ufffd"));
}

TEST_CASE_FIXTURE(Told, "of much only the last is told, and how much is not") {
  constexpr std::size_t kTold = std::size_t{256} << 10;
  print(std::string(1000, 'a') + std::string(kTold, 'b'));
  CHECK(heard() == "\n(1000 bytes are left out here)\n" + std::string(kTold, 'b'));
  print("c");
  CHECK(heard() == "c");
}

}  // namespace
}  // namespace lilux::kernel

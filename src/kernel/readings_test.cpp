#include "kernel/readings.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>

#include "sys/file.h"
#include "tests/support/scratch.h"

namespace lilux::kernel {
namespace {

// What was read, and how often it was.
struct Counted {
  std::string text;
  int times = 0;
};

struct Reader {
  Readings& readings;
  std::string file;
  int times = 0;

  std::shared_ptr<const Counted> read(const std::string& name = "x") {
    const Readings::Source source{
        .file = file, .open = [this] { return sys::open(file, O_RDONLY); }, .bytes_max = 1 << 20};
    return readings.of<Counted>(name, std::span(&source, 1), [&](std::vector<Readings::Text> texts, const Counted*) {
      const bool is_there = texts.front() && *texts.front();
      return std::make_shared<const Counted>(Counted{.text = is_there ? **texts.front() : "none", .times = ++times});
    });
  }
};

void write(const std::string& file, const std::string& text) {
  std::ofstream(file) << text;
}

// So long ago that its times tell.
void settle(const std::string& file) {
  const auto from = std::filesystem::last_write_time(file);
  while (std::filesystem::file_time_type::clock::now() - from < std::chrono::milliseconds(150)) {
  }
}

TEST_CASE("what was made of a file is kept until the file is another one") {
  const test::Scratch folder;
  Readings readings;
  Reader reader{.readings = readings, .file = folder.path() + "/a"};
  CHECK(reader.read()->text == "none");
  CHECK(reader.read()->times == 1);
  write(reader.file, "one");
  CHECK(reader.read()->text == "one");
  settle(reader.file);
  CHECK(reader.read()->times == 2);
  CHECK(reader.read()->times == 2);
  write(reader.file, "two");
  CHECK(reader.read()->text == "two");
  std::filesystem::remove(reader.file);
  CHECK(reader.read()->text == "none");
}

TEST_CASE("a change that leaves size and times as they were is seen while it is young") {
  const test::Scratch folder;
  Readings readings;
  Reader reader{.readings = readings, .file = folder.path() + "/a"};
  for (int i = 0; i < 200; ++i) {
    const std::string text = std::to_string(100 + i);
    write(reader.file, text);
    CHECK(reader.read()->text == text);
  }
}

TEST_CASE("another process's file in the place of the old one is seen, and one put back is known again") {
  const test::Scratch folder;
  Readings readings;
  Reader reader{.readings = readings, .file = folder.path() + "/a"};
  write(reader.file, "one");
  const auto first = reader.read();
  write(folder.path() + "/b", "one");
  std::filesystem::rename(folder.path() + "/b", reader.file);
  CHECK(reader.read() == first);  // the same bytes
  write(folder.path() + "/b", "six");
  std::filesystem::rename(folder.path() + "/b", reader.file);
  CHECK(reader.read()->text == "six");
  CHECK(first->text == "one");
}

TEST_CASE("names are kept apart, and no more is kept than there may be") {
  const test::Scratch folder;
  Readings readings;
  Reader reader{.readings = readings, .file = folder.path() + "/a"};
  write(reader.file, "one");
  CHECK(reader.read("x")->times == 1);
  CHECK(reader.read("y")->times == 2);
  for (std::size_t i = 0; i < Readings::kKeptMax; ++i) reader.read("n" + std::to_string(i));
  const int before = reader.times;
  CHECK(reader.read("x")->times == before + 1);
  CHECK(reader.read("n" + std::to_string(Readings::kKeptMax - 1))->times == before);
}

}  // namespace
}  // namespace lilux::kernel

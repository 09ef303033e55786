// Volumes beside git itself: a durable change of one file, one after another, and reading. Rounds are interleaved on
// the same disk; figures are medians in milliseconds.
//
//   bench_volume <folder on a real disk> [rounds]

#include "item/volume.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "item/volume_set.h"

namespace {

using namespace lilux;
using Clock = std::chrono::steady_clock;

constexpr int kItems = 1000;

class Rounds {
 public:
  void time(const std::string& what, const std::function<bool()>& work) {
    const auto start = Clock::now();
    if (!work()) std::printf("%s failed\n", what.c_str());
    took_[what].push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  void print() {
    for (auto& [what, values] : took_) {
      std::ranges::sort(values);
      std::printf("%-44s %8.2f median %8.2f p99\n", what.c_str(), values[values.size() / 2],
                  values[values.size() * 99 / 100]);
    }
  }

 private:
  std::map<std::string, std::vector<double>> took_;
};

std::string item(int number) {
  return "knowledge/area" + std::to_string(number % 10) + "/note-" + std::to_string(number) + ".md";
}

bool fill(const item::Volume& volume) {
  std::vector<git::Change> changes;
  for (int i = 0; i < kItems; ++i) changes.push_back({.path = item(i), .bytes = "note " + std::to_string(i)});
  return volume.change(changes, {.text = "fill"}).has_value();
}

bool peer(const std::string& folder, const std::string& settings, int round) {
  const std::string git = "git -C '" + folder + "' -c user.name=a -c user.email=a@b " + settings;
  return std::system(("echo " + std::to_string(round) + " >'" + folder + "/a.md' && " + git + " add a.md && " + git +
                      " commit -qm x")
                         .c_str()) == 0;
}

int run(const std::string& root, int rounds) {
  const auto volume = item::Volume::open({.folder = root + "/ai", .repository = root + "/ai.git"});
  const auto bare = git::Repository::open_or_create(root + "/bare.git");
  const std::string other = root + "/peer";
  if (!volume || !bare || !fill(*volume) || std::system(("git init -q '" + other + "'").c_str()) != 0) return 1;
  const item::VolumeSet set({*volume});
  Rounds all;
  for (int i = 0; i < rounds; ++i) {
    const std::string bytes = "round " + std::to_string(i);
    all.time("write of an item in a volume of 1,000",
             [&] { return volume->write({.path = item(i % kItems), .bytes = bytes}, {}).has_value(); });
    all.time("commit to a bare repository",
             [&] { return git::commit(*bare, "main", {{.path = "a.md", .bytes = bytes}}, {}).has_value(); });
    all.time("git add, git commit, core.fsync=all", [&] { return peer(other, "-c core.fsync=all", i); });
    all.time("git add, git commit, as git does by default", [&] { return peer(other, "", 1'000'000 + i); });
    all.time("opening a repository", [&] { return git::Repository::open(root + "/ai.git").has_value(); });
    all.time("listing 1,000 items", [&] { return volume->list().items.size() == kItems; });
    all.time("resolving a name among 1,000", [&] { return set.resolve(item::Kind::knowledge, "note-7").has_value(); });
    all.time("reading an item", [&] { return volume->read(item(i % kItems)).has_value(); });
    all.time("history, 20 of one item", [&] { return volume->history({.path = item(1)}).has_value(); });
  }
  all.print();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: bench_volume <folder on a real disk> [rounds]\n", stderr);
    return 2;
  }
  const std::string root = std::filesystem::absolute(argv[1]).string() + "/lilux-bench-volume";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root);
  const int result = run(root, argc > 2 ? std::atoi(argv[2]) : 100);
  std::filesystem::remove_all(root);
  return result;
}

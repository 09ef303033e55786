// Two hundred writers, in processes of two threads each, change one volume at once: no commit is lost, none fails, and
// git fsck --strict finds nothing.
//
//   volume_writers [WRITERS]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "item/volume.h"

using lilux::base::Result;
using lilux::item::Volume;

namespace {

constexpr const char* kShared = "knowledge/shared.md";

struct World {
  std::string root;
  Result<Volume> volume() const { return Volume::open({.folder = root + "/ai", .repository = root + "/git/ai.git"}); }
};

bool says(const lilux::base::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return false;
}

// One file of its own and one that all of them write.
bool write(const World& world, int number) {
  const std::string name = std::to_string(number);
  const auto volume = world.volume();
  if (!volume) return says(volume.error());
  for (const std::string& path : {"plans/" + name + ".md", std::string(kShared)}) {
    const auto done = volume->write({.path = path, .bytes = name}, {.author = {}, .text = name + " " + path});
    if (!done) return says(done.error());
  }
  return true;
}

int check(const World& world, int writers) {
  const auto volume = world.volume();
  const auto records = volume->history({.limit = 100'000});
  const auto of_shared = volume->history({.path = kShared, .limit = 100'000});
  const auto files = volume->list().items.size();
  const auto expected = static_cast<std::size_t>(writers);
  if (!records || !of_shared) return 1;
  std::printf("%zu commits, %zu of one file, %zu files\n", records->size(), of_shared->size(), files);
  const std::string fsck = "git --git-dir='" + world.root + "/git/ai.git' fsck --strict --no-dangling --no-progress";
  const bool is_whole = std::system(fsck.c_str()) == 0;
  return is_whole && records->size() == 2 * expected && of_shared->size() == expected && files == expected + 1 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int writers = argc > 1 ? std::atoi(argv[1]) : 200;
  std::string root = std::filesystem::temp_directory_path().string() + "/lilux-writers-XXXXXX";
  if (::mkdtemp(root.data()) == nullptr) return 1;
  const World world{.root = std::filesystem::canonical(root).string()};
  const auto begin = std::chrono::steady_clock::now();
  std::vector<pid_t> children;
  for (int i = 0; i < writers; i += 2) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool other = true;
      std::jthread thread([&] { other = i + 1 >= writers || write(world, i + 1); });
      const bool own = write(world, i);
      thread.join();
      ::_exit(own && other ? 0 : 1);
    }
    children.push_back(child);
  }
  int failed = 0;
  for (const pid_t child : children) {
    int status = 0;
    failed += ::waitpid(child, &status, 0) != child || status != 0 ? 1 : 0;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%d writers, %.2f s, %d failed\n", writers, took.count(), failed);
  failed += check(world, writers);
  std::filesystem::remove_all(world.root);
  return failed == 0 ? 0 : 1;
}

#pragma once

// A folder in memory for targets of parsers that read files; gone when the run ends.

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

namespace lilux::fuzz {

class Scratch {
 public:
  explicit Scratch(const std::string& name) {
    const std::filesystem::path shared = "/dev/shm";
    path_ = (std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path()) /
            ("fuzz-" + name + "-" + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::filesystem::path path_;
};

}  // namespace lilux::fuzz

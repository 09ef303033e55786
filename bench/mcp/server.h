#pragma once

// A server of the Model Context Protocol as a child: its standard streams, and what it and what it started cost.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "sys/fd.h"

namespace lilux::bench {

enum class End : std::uint8_t { of_input, signal };

struct Command {
  std::vector<std::string> words;        // the program by its path
  std::vector<std::string> environment;  // NAME=value, before what we have ourselves
  std::string folder;                    // where it runs
  std::vector<pid_t> also;               // what else works for it, and is counted with it
  End end = End::of_input;               // what it ends by
};

class Server {
 public:
  explicit Server(Command command);
  ~Server();  // ends it, by force when it does not
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  pid_t pid() const { return pid_; }
  void write(std::string_view bytes) const;
  std::size_t read(char* to, std::size_t size) const;
  std::string first_line() const;  // byte by byte: nothing behind it is taken

  double cpu_us() const;  // user and system time until now
  double resident_mib() const;

 private:
  std::vector<pid_t> processes() const;

  Command command_;
  pid_t pid_ = 0;
  sys::Fd in_;
  sys::Fd out_;
};

}  // namespace lilux::bench

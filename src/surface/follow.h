#pragma once

// Printing what a program writes to files, as it writes it. One thread.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

namespace lilux::surface {

// To the stream; the file keeps growing.
struct Followed {
  std::string file;
  std::FILE* stream = nullptr;
  std::uint64_t printed = 0;
};
void print_new(Followed& followed);

// Runs `wait` on a thread of its own; until it returns, what is new is printed every moment, and then the rest.
void follow_while(Followed& out, Followed& errors, const std::function<void()>& wait);

}  // namespace lilux::surface

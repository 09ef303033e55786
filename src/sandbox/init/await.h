#pragma once

// What the first process of a sandbox does while the program runs. No C library.

namespace lilux::sandbox {

inline constexpr int kInitReportAt = 3;

// A number of 32 bits, to descriptor 3.
void report(int number);

// Hands on signals, reaps what loses its parent, answers renames when there is a listener (renames.h), reports how the
// program ended, as waitpid(2) says it, and ends as it did. All signals are blocked.
[[noreturn]] void await(long program, int listener);

}  // namespace lilux::sandbox

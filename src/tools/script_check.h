#pragma once

// Whether a script can be read by what runs it, found without running it: Python compiles it, node and bash only look
// at it, in the sandbox. Any thread.

#include <chrono>
#include <string>
#include <vector>

#include "item/item.h"
#include "item/script.h"
#include "kernel/context.h"

namespace lilux::tools::script {

struct Checked {
  std::vector<item::Problem> problems;
  std::string by;  // what was done, for people: "python3, in the sandbox; it was not run"
};
// Never fails: where the interpreter is not there or may not be used, it says so and finds nothing. What it finds is
// remembered by the script's text.
Checked check_syntax(kernel::CallContext& call, const item::Script& script);

// Looks at scripts beside other work. What is remembered is told at once. Of the others so many are looked at as time
// and number allow, and only where nobody has to be asked; nothing is said of the rest.
class Glance {
 public:
  explicit Glance(kernel::CallContext& call) : call_(call) {}
  // Puts what is wrong with its program among the problems of a script; other items stay as they are.
  void over(item::Item& item);

 private:
  kernel::CallContext& call_;
  int looks_ = 0;
  std::chrono::steady_clock::time_point began_ = {};  // the first of them
};

}  // namespace lilux::tools::script

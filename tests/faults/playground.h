#pragma once

// A home and a project folder that can be saved and put back exactly, and the two ways to run something in them: a
// shell line, or a call under the tracer. Removed at the end. For one thread.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/tracer.h"
#include "tests/support/tree.h"

namespace lilux::test {

// All that a call of one row can change.
struct State {
  Tree project;
  Tree scratch;  // TMPDIR
  std::string probe;
};

class Playground {
 public:
  explicit Playground(std::filesystem::path lilux);
  ~Playground();
  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;

  // Empty home, project and TMPDIR.
  void clear();
  void save();
  void restore();

  // Runs bash in the project folder; what it left running is ended. Throws when it does not end within a minute.
  Outcome shell(const std::string& script);
  // `lilux <arguments>` in the project folder.
  Outcome lilux(const std::vector<std::string>& arguments, const Plan& plan);
  State state(const std::string& probe);
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path lilux_;
  std::filesystem::path base_;
  std::filesystem::path root_;  // what save() saves
  std::vector<std::string> environment_;
};

// How `now` differs from the state before the call.
std::vector<std::string> differences_from_before(const State& before, const State& now);
// How `now` differs from `after`, which the undisturbed call made of `before` at another time.
std::vector<std::string> differences_from_after(const State& before, const State& after, const State& now);

}  // namespace lilux::test

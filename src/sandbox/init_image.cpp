#include "sandbox/init_image.h"

#include "base/embed.h"
#include "sys/process.h"

LILUX_EMBED(lilux_init, LILUX_INIT_FILE);
LILUX_EMBED(lilux_starter, LILUX_STARTER_FILE);
LILUX_EMBED(lilux_starter_library, LILUX_STARTER_LIBRARY_FILE);
LILUX_EMBED(lilux_python, LILUX_PYTHON_FILE);

namespace lilux::sandbox {

using base::Result;

namespace {

Result<int> number_of(const Result<sys::Fd>& made) {
  if (!made) return std::unexpected(made.error());
  return made->get();
}

}  // namespace

Result<int> init_program() {
  static const Result<sys::Fd> made = sys::memory_program("lilux-init", lilux_init());
  return number_of(made);
}

Result<int> starter_program() {
  static const Result<sys::Fd> made = sys::memory_program("lilux-starter", lilux_starter());
  return number_of(made);
}

Result<int> starter_library() {
  static const Result<sys::Fd> made = sys::memory_program("lilux-starter.so", lilux_starter_library());
  return number_of(made);
}

std::string_view python_starter() {
  return lilux_python();
}

}  // namespace lilux::sandbox

// Patterns from outside. The first line is a wide pattern, the second a narrow one, the rest a text: compiling never
// fails badly, matching ends soon, and what the narrow one matches is matched by the wide one whenever it is said to
// cover it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/argv_glob.h"
#include "text/glob.h"
#include "text/host_glob.h"
#include "text/shell.h"

namespace {

using namespace lilux::text;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Glob, class Matches>
void check(std::string_view wide_text, std::string_view narrow_text, Matches matches) {
  const auto wide = Glob::compile(wide_text);
  const auto narrow = Glob::compile(narrow_text);
  for (const auto* glob : {&wide, &narrow}) {
    if (!*glob) require(!(*glob).error().message.empty());
  }
  if (wide) matches(*wide);
  if (wide) require(covers(*wide, *wide) || wide_text.size() > 500);
  if (!wide || !narrow || !covers(*wide, *narrow)) return;
  require(!matches(*narrow) || matches(*wide));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096));
  const auto line = [&rest] {
    const std::string_view taken = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
    return taken;
  };
  const std::string_view wide = line();
  const std::string_view narrow = line();
  check<NameGlob>(wide, narrow, [&](const NameGlob& glob) { return glob.matches(rest); });
  check<PathGlob>(wide, narrow, [&](const PathGlob& glob) { return glob.matches(rest); });
  check<HostGlob>(wide, narrow, [&](const HostGlob& glob) { return glob.matches(rest); });
  const auto words = split(rest);
  if (!words || words->empty()) return 0;
  for (const Reading reading : {Reading::strict, Reading::lenient}) {
    check<ArgvGlob>(wide, narrow, [&](const ArgvGlob& glob) { return glob.matches(*words, reading); });
  }
  const auto own = ArgvGlob::compile(join(*words));
  require(!own || own->matches(*words, Reading::lenient));
  const auto escaped = NameGlob::compile(escape_glob(rest));
  require(!escaped || escaped->matches(rest));
  return 0;
}

#include "tools/no_project.h"

#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "sys/error.h"
#include "sys/path.h"

namespace lilux::tools {

std::unexpected<base::Error> no_project(const kernel::CallContext& call, const std::string& folder) {
  const std::string& home = call.kernel().folders().home;
  const std::string elsewhere = "go to the folder of a project, or make one: mkdir NAME && cd NAME";
  const auto none = [](const std::string& why, const std::string& hint) {
    return base::fail(base::ErrorCode::invalid_argument, why, hint);
  };
  if (folder == home)
    return none(
        "the home folder " + sys::quoted(folder) + " is no project: all of it would be open to what works in it",
        elsewhere);
  if (sys::is_beneath(home, folder))
    return none("folder " + sys::quoted(folder) +
                    " holds the home folder, so it is no project: all of it would be open "
                    "to what works in it",
                elsewhere);
  if (kernel::project_of(folder, home).empty())
    return none("folder " + sys::quoted(folder) + " is no project: all users may write to it", elsewhere);
  return none("folder " + sys::quoted(folder) + " is no project that you have trusted",
              "in a terminal: lilux policy trust " + folder);
}

}  // namespace lilux::tools

#include "sys/folders.h"

#include <cerrno>
#include <cstdlib>

#include <pwd.h>
#include <unistd.h>

#include "sys/file.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;

namespace {

std::optional<std::string> absolute(const Environment& environment, const char* name) {
  auto value = environment(name);
  if (!value || !value->starts_with('/')) return std::nullopt;
  while (value->size() > 1 && value->ends_with('/')) value->pop_back();
  return value;
}

// What the user database says of this user.
std::optional<std::string> of_user(char* passwd::* what) {
  constexpr std::size_t kRecordBytes = 16384;
  std::string buffer(kRecordBytes, '\0');
  passwd record{};
  passwd* found = nullptr;
  const int result = ::getpwuid_r(::geteuid(), &record, buffer.data(), buffer.size(), &found);
  return result == 0 && found != nullptr ? std::optional<std::string>(found->*what) : std::nullopt;
}

bool is_ours(const std::string& folder) {
  const auto status = stat(folder);
  return status && status->is_directory() && status->uid == ::geteuid();
}

// Ours, or to be made. In another user's folder that user would serve the socket.
bool may_be_ours(const std::string& folder) {
  const auto status = stat(folder);
  return status ? is_ours(folder) : status.error().code == ErrorCode::not_found;
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string user_name() {
  const std::optional<std::string> name = of_user(&passwd::pw_name);
  return name && !name->empty() ? *name : std::to_string(::geteuid());
}

Result<std::string> user_home(const Environment& environment) {
  if (auto home = absolute(environment, "HOME")) return std::move(*home);
  if (auto home = of_user(&passwd::pw_dir); home && home->starts_with('/')) return std::move(*home);
  return base::fail(ErrorCode::not_found, "this user has no home folder", "export HOME=/path/to/a/folder");
}

Result<Folders> folders(const Environment& environment) {
  Folders found;
  found.home = TRY(user_home(environment));
  const auto below = [&](const char* name, const char* otherwise) {
    return absolute(environment, name).value_or(found.home + otherwise) + "/lilux";
  };
  found.config = below("XDG_CONFIG_HOME", "/.config");
  found.data = below("XDG_DATA_HOME", "/.local/share");
  found.state = below("XDG_STATE_HOME", "/.local/state");
  const std::string usual = "/run/user/" + std::to_string(::geteuid());
  if (const auto given = absolute(environment, "XDG_RUNTIME_DIR"); given && may_be_ours(*given)) {
    found.runtime = *given + "/lilux";
  } else if (is_ours(usual)) {
    found.runtime = usual + "/lilux";
  } else {
    found.runtime = found.state + "/run";
  }
  return found;
}

}  // namespace lilux::sys

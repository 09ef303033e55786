#include "git/handles.h"

#include <algorithm>
#include <cctype>

#include "sys/error.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

// The cause in the words of libgit2, as they stand in our messages.
std::string cause() {
  const git_error* error = git_error_last();
  if (error == nullptr || error->message == nullptr) return "it does not say why";
  std::string text = error->message;
  if (!text.empty() && std::isupper(static_cast<unsigned char>(text[0])))
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

ErrorCode code_of(int result) {
  const git_error* error = git_error_last();
  const int kind = error == nullptr ? GIT_ERROR_NONE : error->klass;
  switch (result) {
    case GIT_ENOTFOUND: return kind == GIT_ERROR_ODB ? ErrorCode::corrupt : ErrorCode::not_found;
    case GIT_EINVALIDSPEC:
    case GIT_EINVALID: return ErrorCode::invalid_argument;
    case GIT_EEXISTS:
    case GIT_EMODIFIED:
    case GIT_EMERGECONFLICT:
    case GIT_ECONFLICT:
    case GIT_ENONFASTFORWARD:
    case GIT_EDIRECTORY: return ErrorCode::conflict;
    case GIT_ELOCKED: return ErrorCode::unavailable;
    case GIT_EAUTH:
    case GIT_ECERTIFICATE: return ErrorCode::unauthenticated;
    case GIT_EMISMATCH: return ErrorCode::corrupt;
    default: break;
  }
  switch (kind) {
    case GIT_ERROR_ODB:
    case GIT_ERROR_OBJECT:
    case GIT_ERROR_ZLIB:
    case GIT_ERROR_INDEXER: return ErrorCode::corrupt;
    case GIT_ERROR_OS:
    case GIT_ERROR_NET:
    case GIT_ERROR_SSL:
    case GIT_ERROR_SSH:
    case GIT_ERROR_HTTP:
    case GIT_ERROR_NOMEMORY: return ErrorCode::unavailable;
    default: return ErrorCode::internal;
  }
}

// Once for the process: what lies in the user's and the machine's configuration is not looked at.
int start_library() {
  const int result = git_libgit2_init();
  for (const int level :
       {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  return result;
}

}  // namespace

Result<void> need_library() {
  static const int result = start_library();
  return result < 0 ? Result<void>(fail_git(result, "start libgit2")) : Result<void>();
}

std::unexpected<base::Error> fail_git(int result, std::string_view what) {
  return base::fail(code_of(result), "cannot " + std::string(what) + ": " + cause());
}

std::string text_of(const git_oid& id) {
  std::string text(GIT_OID_HEXSZ, '0');
  git_oid_fmt(text.data(), &id);
  return text;
}

Result<git_oid> id_of(std::string_view text) {
  git_oid id{};
  const bool is_hex = std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (is_hex && text.size() == GIT_OID_HEXSZ && git_oid_fromstrn(&id, text.data(), text.size()) == 0) return id;
  return base::fail(ErrorCode::invalid_argument, sys::quoted(text) + " is no id of a commit", "forty hex digits");
}

}  // namespace lilux::git

#include "sys/error.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/encoding.h"

namespace lilux::sys {

using base::ErrorCode;

namespace {

constexpr std::size_t kQuotedBytesMax = 300;

std::string hint_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT: return "check how the path is spelt";
    case ENOTDIR: return "something on the way is no folder: check the path";
    case EISDIR: return "it is a folder: name a file in it";
    case EEXIST: return "choose another name or remove what is there";
    case ENOTEMPTY: return "empty the folder first";
    case ENAMETOOLONG: return "shorten it: a name takes 255 bytes, a path 4095";
    case ENOSPC: return "free disk space, see: df -h";
    case EDQUOT: return "the disk quota is used up: remove files or ask for more";
    case EROFS: return "the filesystem is mounted read-only";
    case EIO: return "the disk reports errors, see: dmesg";
    case EMFILE: return "too many files are open in this process, see: ulimit -n";
    case ENFILE: return "too many files are open on this machine";
    case ENOMEM: return "free memory, see: free -h";
    case EFBIG: return "the file is larger than the filesystem or ulimit -f allows";
    case EACCES:
    case EPERM: return "check owner and mode with: ls -ld";
    case EXDEV: return "the two places are on different filesystems: copy and then remove";
    case ELOOP: return "a symlink stands where none may be";
    case EADDRINUSE: return "another program uses that address: choose another port or stop it";
    default: return {};
  }
}

// What shows a person more, when the thing is a path that can be pasted.
std::string hint_of_path(int error_number, std::string_view path) {
  const bool can_be_pasted = path.starts_with('/') && path.size() <= kQuotedBytesMax &&
                             std::ranges::none_of(path, [](char c) { return c == '\'' || (c >= 0 && c < 0x20); });
  if (!can_be_pasted) return {};
  const std::string_view folder = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
  switch (error_number) {
    case ENOENT: return "see what is there: ls -A " + quoted(folder);
    case ENOTEMPTY: return "see what is in it: ls -A " + quoted(path);
    case EACCES:
    case EPERM: return "see owner and mode: ls -ld " + quoted(path);
    case EEXIST:
    case EISDIR:
    case ENOTDIR: return "see what it is: ls -ld " + quoted(path);
    default: return {};
  }
}

void append_escaped(std::string& out, char character) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(character);
  out += "\\x";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

}  // namespace

ErrorCode code_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ESRCH:
    case ENODATA:
    case ECHILD: return ErrorCode::not_found;
    case EACCES:
    case EPERM: return ErrorCode::denied;
    case EEXIST:
    case ENOTEMPTY:
    case EBUSY:
    case ETXTBSY:
    case EADDRINUSE: return ErrorCode::conflict;
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
    case EXDEV:
    case ENOEXEC:
    case E2BIG:
    case ENOTSUP:
    case ENXIO: return ErrorCode::invalid_argument;
    case ETIMEDOUT: return ErrorCode::timeout;
    case ECANCELED: return ErrorCode::cancelled;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EIO:
    case EROFS:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
    case ENOSYS:
    case ENODEV:
    case EPIPE:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case ESTALE: return ErrorCode::unavailable;
    default: return ErrorCode::internal;
  }
}

std::string errno_text(int error_number) {
  std::string text = std::generic_category().message(error_number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string quoted(std::string_view text) {
  const bool is_cut = text.size() > kQuotedBytesMax;
  if (is_cut) text = text.substr(0, kQuotedBytesMax);
  std::string out = "'";
  while (!text.empty()) {
    const std::size_t length = base::utf8_length(text);
    const bool is_control = length == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f);
    if (length == 0 || is_control) {
      append_escaped(out, text[0]);
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out + (is_cut ? "...'" : "'");
}

std::unexpected<base::Error> fail_errno(int error_number, std::string_view what) {
  return base::fail(code_of_errno(error_number), "cannot " + std::string(what) + ": " + errno_text(error_number),
                    hint_of_errno(error_number));
}

std::unexpected<base::Error> fail_errno(int error_number, std::string_view verb, std::string_view thing) {
  auto failed = fail_errno(error_number, std::string(verb) + " " + quoted(thing));
  if (std::string hint = hint_of_path(error_number, thing); !hint.empty()) failed.error().hint = std::move(hint);
  return failed;
}

}  // namespace lilux::sys

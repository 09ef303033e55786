#include "base/uri.h"

#include <algorithm>

namespace lilux::base {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

// Cuts `text` at the first `mark` and gives what comes after it.
std::optional<std::string_view> cut_after(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view after = text.substr(at + 1);
  text = text.substr(0, at);
  return after;
}

std::string without_dots(std::string_view path) {
  std::string out;
  const auto drop_last = [&] { out.erase(std::min(out.size(), out.rfind('/'))); };
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../")) {
      path.remove_prefix(3);
      drop_last();
    } else if (path == "/..") {
      path = "/";
      drop_last();
    } else if (path == "." || path == "..") {
      path = {};
    } else {
      const std::size_t end = std::min(path.size(), path.find('/', 1));
      out += path.substr(0, end);
      path.remove_prefix(end);
    }
  }
  return out;
}

std::string merged_path(const UriParts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  const std::size_t slash = base.path.rfind('/');
  return std::string(base.path.substr(0, slash == std::string_view::npos ? 0 : slash + 1)) + std::string(path);
}

}  // namespace

UriParts split_uri(std::string_view reference) {
  UriParts parts;
  parts.fragment = cut_after(reference, '#');
  parts.query = cut_after(reference, '?');
  const std::size_t colon = reference.find(':');
  if (colon != std::string_view::npos && is_scheme(reference.substr(0, colon))) {
    parts.scheme = reference.substr(0, colon);
    reference.remove_prefix(colon + 1);
  }
  if (reference.starts_with("//")) {
    const std::size_t end = std::min(reference.size(), reference.find('/', 2));
    parts.authority = reference.substr(2, end - 2);
    reference.remove_prefix(end);
  }
  parts.path = reference;
  return parts;
}

std::string resolve_uri(std::string_view base, std::string_view reference) {
  const UriParts from = split_uri(base);
  UriParts to = split_uri(reference);
  std::string path(to.path);
  if (!to.scheme && !to.authority) {
    if (to.path.empty()) {
      path = from.path;
      if (!to.query) to.query = from.query;
    } else if (!to.path.starts_with('/')) {
      path = without_dots(merged_path(from, to.path));
    } else {
      path = without_dots(to.path);
    }
    to.authority = from.authority;
  } else {
    path = without_dots(to.path);
  }
  if (!to.scheme) to.scheme = from.scheme;
  std::string out;
  if (to.scheme) out.append(*to.scheme).append(":");
  if (to.authority)
    out.append("//").append(*to.authority);
  else if (path.starts_with("//"))
    out += "/.";  // what follows is a path still, no authority
  out += path;
  if (to.query) out.append("?").append(*to.query);
  if (to.fragment) out.append("#").append(*to.fragment);
  return out;
}

}  // namespace lilux::base

// Needs and capabilities as text, what covers what, and narrowing.

#include <algorithm>

#include "base/escape.h"
#include "base/field.h"
#include "base/nearest.h"
#include "policy/target.h"

namespace lilux::policy {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::array<std::string_view, 10> kResources{"env", "fs",      "kernel", "memory", "model",
                                                      "net", "process", "shell",  "usd",    "*"};

struct Words {
  std::string_view verb;
  std::string_view resource;
  std::string_view target;
};

Result<Words> split(std::string_view text, std::string_view what) {
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  if (second == std::string_view::npos || second + 1 == text.size()) {
    return fail(
        ErrorCode::invalid_argument,
        std::string(what) + " '" + base::escape_for_terminal(text.substr(0, 200)) + "' is not 'verb resource target'",
        "for example 'write fs dist/**' or 'execute shell npm test **'");
  }
  return Words{.verb = text.substr(0, first),
               .resource = text.substr(first + 1, second - first - 1),
               .target = text.substr(second + 1)};
}

Result<Verb> verb_of(std::string_view name) {
  if (const auto verb = base::enum_from_name<Verb>(name)) return *verb;
  const auto near = base::nearest(name, enum_names(Verb{}));
  return fail(ErrorCode::invalid_argument, "unknown verb '" + std::string(name.substr(0, 60)) + "'",
              near ? "did you mean '" + std::string(*near) + "'?"
                   : "one of read, write, execute, connect, use, spend, signal, admin");
}

Result<void> check_resource(std::string_view name) {
  if (is_resource(name)) return {};
  const auto near = base::nearest(name, kResources);
  return fail(ErrorCode::invalid_argument, "unknown resource '" + std::string(name.substr(0, 60)) + "'",
              near ? "did you mean '" + std::string(*near) + "'?"
                   : "one of env, fs, kernel, memory, model, net, process, shell, usd");
}

bool is_canonical(std::string_view path) {
  if (path.empty() || path[0] != '/' || path.find('\0') != std::string_view::npos) return false;
  if (path == "/") return true;
  if (path.ends_with('/') || path.find("//") != std::string_view::npos) return false;
  for (const std::string_view bad : {"/./", "/../"}) {
    if (path.find(bad) != std::string_view::npos) return false;
  }
  return !path.ends_with("/.") && !path.ends_with("/..");
}

}  // namespace

bool is_resource(std::string_view name) {
  return std::ranges::find(kResources, name) != kResources.end();
}

std::string escape_glob(std::string_view path) {
  std::string glob;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '{' || c == '}' || c == '\\')
      glob.append({'[', c, ']'});
    else
      glob += c;
  }
  return glob;
}

std::string_view host_of(std::string_view target) {
  const std::size_t bracket = target.rfind(']');
  const std::size_t colon = target.rfind(':');
  return colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)
             ? target
             : target.substr(0, colon);
}

std::string malformed(const Need& need) {
  if (need.target.find('\0') != std::string::npos) return "the target holds a NUL byte";
  if (need.resource == "fs" && !is_canonical(need.target)) return "the path is not canonical";
  if (need.resource == "net" && !std::ranges::all_of(need.target, [](char c) { return c > 0x20 && c < 0x7f; }))
    return "the host is not plain text";
  return {};
}

std::string to_string(const Need& need) {
  return std::string(base::enum_name(need.verb)) + " " + need.resource + " " + need.target;
}

Result<Need> parse_need(std::string_view text) {
  const Words words = TRY(split(text, "need"));
  TRY(check_resource(words.resource));
  return Need{
      .verb = TRY(verb_of(words.verb)), .resource = std::string(words.resource), .target = std::string(words.target)};
}

std::string to_string(const Capability& capability) {
  return (capability.any_verb ? std::string("*") : std::string(base::enum_name(capability.verb))) + " " +
         capability.resource + " " + capability.target;
}

Result<Capability> parse_capability(std::string_view text, std::string_view root, std::string_view home) {
  const Words words = TRY(split(text, "capability"));
  Capability made{
      .resource = std::string(words.resource), .target = std::string(words.target), .any_verb = words.verb == "*"};
  if (!made.any_verb) made.verb = TRY(verb_of(words.verb));
  TRY(check_resource(words.resource));
  if (made.resource == "fs" && made.target != "**") {
    if (made.target == "~" || made.target.starts_with("~/"))
      made.target = escape_glob(home) + made.target.substr(1);
    else if (!made.target.starts_with('/'))
      made.target = escape_glob(root) + "/" + (made.target.starts_with("./") ? made.target.substr(2) : made.target);
  }
  if (made.resource == "*" && made.target != "**")
    return fail(ErrorCode::invalid_argument,
                "capability '" + std::string(text.substr(0, 200)) + "' names a target of any resource",
                "write ** for the target, or name the resource");
  TRY(Pattern::compile(made));
  return made;
}

Result<Pattern> Pattern::compile(const Capability& capability) {
  const std::string& target = capability.target;
  Pattern made(capability, Any{});
  if (capability.resource == "*" || target == "**") return made;
  if (capability.resource == "fs") {
    text::PathGlob glob = TRY(text::PathGlob::compile(target));
    made.anchor_ = glob.literal_prefix();
    made.target_ = std::move(glob);
  } else if (capability.resource == "net") {
    made.target_ = TRY(text::HostGlob::compile(target));
    made.anchor_ = host_of(target);
    if (made.anchor_.starts_with("*.")) made.anchor_.erase(0, 2);
    if (made.anchor_.find_first_of("*?[{") != std::string::npos) made.anchor_.clear();
    std::ranges::transform(made.anchor_, made.anchor_.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  } else if (capability.resource == "shell") {
    made.target_ = TRY(text::ArgvGlob::compile(target));
    made.anchor_ = target.substr(0, target.find(' '));
    if (made.anchor_.find_first_of("*?[{") != std::string::npos)
      made.anchor_.clear();
    else
      made.anchor_ = made.anchor_.substr(made.anchor_.rfind('/') + 1);
  } else {
    made.target_ = TRY(text::NameGlob::compile(target));
    if (target.find_first_of("*?[{") == std::string::npos) made.anchor_ = target;
  }
  return made;
}

bool Pattern::matches(const Need& need) const {
  if (capability_.resource != "*" && capability_.resource != need.resource) return false;
  if (!capability_.any_verb && capability_.verb != need.verb) return false;
  return std::visit(
      [&](const auto& glob) {
        using Glob = std::remove_cvref_t<decltype(glob)>;
        if constexpr (std::same_as<Glob, Any>)
          return true;
        else if constexpr (std::same_as<Glob, text::ArgvGlob>)
          return glob.matches_text(need.target);
        else
          return glob.matches(need.target);
      },
      target_);
}

bool Pattern::covers(const Pattern& other) const {
  if (capability_.resource != "*" && capability_.resource != other.capability_.resource) return false;
  if (!capability_.any_verb && (other.capability_.any_verb || capability_.verb != other.capability_.verb)) return false;
  return std::visit(
      [&](const auto& glob) {
        using Glob = std::remove_cvref_t<decltype(glob)>;
        if constexpr (std::same_as<Glob, Any>)
          return true;
        else {
          const Glob* narrow = std::get_if<Glob>(&other.target_);
          return narrow && text::covers(glob, *narrow);
        }
      },
      target_);
}

bool covers(const Capability& capability, const Need& need, std::int64_t now_us) {
  if (capability.expires_us != 0 && now_us >= capability.expires_us) return false;
  if (capability.calls_left && *capability.calls_left <= 0) return false;
  if (!malformed(need).empty()) return false;
  const Result<Pattern> pattern = Pattern::compile(capability);
  return pattern && pattern->matches(need);
}

bool is_narrower(const Capability& narrow, std::span<const Capability> wide) {
  const Result<Pattern> inner = Pattern::compile(narrow);
  if (!inner) return false;
  return std::ranges::any_of(wide, [&](const Capability& one) {
    const bool lasts = one.expires_us == 0 || (narrow.expires_us != 0 && narrow.expires_us <= one.expires_us);
    const bool is_within = !one.calls_left || (narrow.calls_left && *narrow.calls_left <= *one.calls_left);
    const Result<Pattern> outer = Pattern::compile(one);
    return lasts && is_within && outer && outer->covers(*inner);
  });
}

}  // namespace lilux::policy

#include "policy/target.h"

#include <algorithm>
#include <charconv>

#include "base/escape.h"
#include "base/field.h"
#include "base/nearest.h"
#include "text/inner_commands.h"
#include "text/shell.h"

namespace lilux::policy {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr unsigned bits(std::initializer_list<Verb> verbs) {
  unsigned made = 0;
  for (const Verb verb : verbs) made |= 1u << static_cast<unsigned>(verb);
  return made;
}

// What can be done to what. A capability with another verb would never match.
struct Resource {
  std::string_view name;
  unsigned verbs;
};
constexpr auto kResources = std::to_array<Resource>({
    {"env", bits({Verb::read, Verb::write})},
    {"fs", bits({Verb::read, Verb::write, Verb::execute})},
    {"item", bits({Verb::write})},
    {"kernel", bits({Verb::read, Verb::write, Verb::admin})},
    {"memory", bits({Verb::read, Verb::write, Verb::use})},
    {"model", bits({Verb::use})},
    {"net", bits({Verb::connect})},
    {"process", bits({Verb::read, Verb::write, Verb::signal})},
    {"sandbox", bits({Verb::execute})},
    {"shell", bits({Verb::execute})},
    {"usd", bits({Verb::spend})},
});

std::string quoted(std::string_view text) {
  return "'" + base::escape_for_terminal(text.substr(0, 200)) + "'";
}

struct Words {
  std::string_view verb;
  std::string_view resource;
  std::string_view target;
};

Result<Words> split(std::string_view text, std::string_view what) {
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  if (second == std::string_view::npos || second + 1 == text.size()) {
    return fail(ErrorCode::invalid_argument, std::string(what) + " " + quoted(text) + " is not 'verb resource target'",
                "for example 'write fs dist/**' or 'execute shell npm test **'");
  }
  return Words{.verb = text.substr(0, first),
               .resource = text.substr(first + 1, second - first - 1),
               .target = text.substr(second + 1)};
}

std::string one_of(std::string_view typed, std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all.append(all.empty() ? "one of " : ", ").append(name);
  return base::guess(typed, names, all);
}

Result<Verb> verb_of(std::string_view name) {
  if (const auto verb = base::enum_from_name<Verb>(name)) return *verb;
  return fail(ErrorCode::invalid_argument, "unknown verb " + quoted(name), one_of(name, enum_names(Verb{})));
}

Result<void> check_resource(std::string_view name) {
  if (resource_number(name)) return {};
  std::array<std::string_view, kResources.size()> names;
  std::ranges::transform(kResources, names.begin(), &Resource::name);
  return fail(ErrorCode::invalid_argument, "unknown resource " + quoted(name), one_of(name, names));
}

Result<void> check_verb(const Capability& capability) {
  const auto number = resource_number(capability.resource);
  if (capability.any_verb || !number) return {};
  const unsigned possible = kResources[*number].verbs;
  if ((possible & bits({capability.verb})) != 0) return {};
  std::string verbs;
  for (std::size_t i = 0; i < enum_names(Verb{}).size(); ++i) {
    if ((possible >> i & 1u) != 0) verbs.append(verbs.empty() ? "" : " or ").append(enum_names(Verb{})[i]);
  }
  return fail(ErrorCode::invalid_argument,
              "no call ever needs to " + std::string(base::enum_name(capability.verb)) + " " + capability.resource +
                  ", so it never matches",
              "for " + capability.resource + " the verb is " + verbs);
}

// "1.50" in millionths; nothing for what is no amount.
std::optional<std::int64_t> micros_of(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, dot);
  std::string part(text.substr(std::min(dot + 1, text.size())));
  if (whole.empty() || whole.size() > 9 || part.size() > 6 || (dot < text.size() && part.empty())) return std::nullopt;
  part.resize(6, '0');
  const std::string digits = std::string(whole) + part;
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::int64_t micros = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), micros);
  return micros;
}

Result<Pattern::Target> target_of(const Capability& capability) {
  const std::string& target = capability.target;
  if (target == "**") return Pattern::Any{};
  if (capability.resource == "*") {
    return fail(ErrorCode::invalid_argument, "a target of any resource can only be **",
                "write **, or name the resource");
  }
  if (capability.resource == "fs") return TRY(text::PathGlob::compile(target));
  if (capability.resource == "net") return TRY(text::HostGlob::compile(target));
  if (capability.resource == "shell") return TRY(text::ArgvGlob::compile(target));
  if (capability.resource != "usd") return TRY(text::NameGlob::compile(target));
  const auto micros = micros_of(target);
  if (!micros)
    return fail(ErrorCode::invalid_argument, quoted(target) + " is no amount of money", "for example 'spend usd 1.50'");
  return Amount{.micros = *micros};
}

}  // namespace

std::optional<std::uint8_t> resource_number(std::string_view name) {
  const auto found = std::ranges::find(kResources, name, &Resource::name);
  if (found == kResources.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - kResources.begin());
}

std::string below(std::string_view folder, std::string_view rest) {
  std::string made = text::escape_glob(folder);
  if (made.ends_with('/') && rest.starts_with('/')) made.pop_back();
  return made.append(rest);
}

std::string to_string(const Need& need) {
  const std::string_view verb = base::enum_name(need.verb);
  std::string text;
  text.reserve(verb.size() + need.resource.size() + need.target.size() + 2);
  text.append(verb).append(" ").append(need.resource).append(" ").append(need.target);
  return text;
}

Result<Need> parse_need(std::string_view text) {
  const Words words = TRY(split(text, "need"));
  TRY(check_resource(words.resource));
  return Need{
      .verb = TRY(verb_of(words.verb)), .resource = std::string(words.resource), .target = std::string(words.target)};
}

std::string to_string(const Capability& capability) {
  const std::string_view verb = capability.any_verb ? "*" : base::enum_name(capability.verb);
  return std::string(verb) + " " + capability.resource + " " + capability.target;
}

Result<Capability> parse_capability(std::string_view text, std::string_view root, std::string_view home) {
  const Words words = TRY(split(text, "capability"));
  Capability made{
      .resource = std::string(words.resource), .target = std::string(words.target), .any_verb = words.verb == "*"};
  if (!made.any_verb) made.verb = TRY(verb_of(words.verb));
  if (made.resource != "*") TRY(check_resource(words.resource));
  TRY(check_verb(made));
  const bool is_path = made.resource == "fs" && made.target != "**";
  if ((is_path || made.resource == "shell") && (made.target == "~" || made.target.starts_with("~/"))) {
    if (home.empty())
      return fail(ErrorCode::invalid_argument, quoted(text) + " is about a home, and there is none",
                  "write the whole path");
    made.target = below(home, words.target.substr(1));
  } else if (is_path && !made.target.starts_with('/')) {
    if (root.empty() || made.target.starts_with('~')) {
      return fail(ErrorCode::invalid_argument, "the path in " + quoted(text) + " is relative", "begin it with / or ~/");
    }
    made.target = below(root, "/" + (made.target.starts_with("./") ? made.target.substr(2) : made.target));
  }
  TRY(Pattern::compile(made));
  return made;
}

Subject::Subject(const Need& subject) : need(&subject) {
  const std::string& target = subject.target;
  if (target.empty()) {
    problem = "it does not say what it is about";
  } else if (target.find('\0') != std::string::npos) {
    problem = "it holds a NUL byte";
  } else if (subject.resource == "fs") {
    if (!text::is_canonical_path(target))
      problem = "the path is not canonical";
    else
      segments = text::segments_of(target);
  } else if (subject.resource == "net") {
    Result<text::Host> parsed = text::Host::parse(target);
    if (parsed)
      host = std::move(*parsed);
    else
      problem = parsed.error().message;
  } else if (subject.resource == "shell") {
    auto parsed = text::split(target);
    is_doubtful = !parsed || parsed->empty() || text::join(*parsed) != target;
    if (is_doubtful) {
      for (std::size_t from = 0; from <= target.size();) {
        const std::size_t end = std::min(target.find(' ', from), target.size());
        words.push_back(target.substr(from, end - from));
        from = end + 1;
      }
    } else {
      words = std::move(*parsed);
    }
    const std::optional<text::ShellCommands> inside = text::shell_commands(words);
    is_opaque = inside && (!inside->is_certain || inside->hides_programs || inside->reads_input);
  } else if (subject.resource == "usd") {
    const auto micros = micros_of(target);
    if (micros)
      amount = *micros;
    else
      problem = "it is no amount of money";
  } else if (!resource_number(subject.resource)) {
    problem = "there is no such resource";
  }
}

Result<Pattern> Pattern::compile(const Capability& capability) {
  return Pattern(capability, TRY(target_of(capability)));
}

void Pattern::add_elsewhere(const text::PathGlob::Elsewhere& elsewhere) {
  if (auto* path = std::get_if<text::PathGlob>(&target_)) path->add_elsewhere(elsewhere);
  if (auto* argv = std::get_if<text::ArgvGlob>(&target_)) argv->add_elsewhere(elsewhere);
}

bool Pattern::matches(const Subject& subject, Reading reading) const {
  const Need& need = *subject.need;
  if (!capability_.any_verb && capability_.verb != need.verb) return false;
  if (capability_.resource == "*") return true;
  if (capability_.resource != need.resource) return false;
  return std::visit(
      [&](const auto& target) {
        using T = std::remove_cvref_t<decltype(target)>;
        if constexpr (std::same_as<T, Any>) return true;
        if constexpr (std::same_as<T, text::PathGlob>) return target.matches(subject.segments);
        if constexpr (std::same_as<T, text::HostGlob>) return subject.host && target.matches(*subject.host);
        if constexpr (std::same_as<T, text::ArgvGlob>) {
          return !(subject.is_doubtful && reading == Reading::strict) && target.matches(subject.words, reading);
        }
        if constexpr (std::same_as<T, text::NameGlob>) return target.matches(need.target);
        if constexpr (std::same_as<T, Amount>) {
          return reading == Reading::strict ? subject.amount <= target.micros : subject.amount >= target.micros;
        }
      },
      target_);
}

bool Pattern::covers(const Pattern& other, Reading reading) const {
  if (!capability_.any_verb && (other.capability_.any_verb || capability_.verb != other.capability_.verb)) return false;
  if (capability_.resource == "*") return true;
  if (capability_.resource != other.capability_.resource) return false;
  return std::visit(
      [&](const auto& target) {
        using T = std::remove_cvref_t<decltype(target)>;
        if constexpr (std::same_as<T, Any>) {
          return true;
        } else {
          const T* narrow = std::get_if<T>(&other.target_);
          if constexpr (std::same_as<T, Amount>) {
            return narrow && reading == Reading::strict && narrow->micros <= target.micros;
          } else {
            return narrow && text::covers(target, *narrow);
          }
        }
      },
      target_);
}

}  // namespace lilux::policy

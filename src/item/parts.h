#pragma once

// What items of several kinds have: inputs, permissions, relationships, and what is wrong with them. Values; any
// thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "text/fault.h"

namespace lilux::item {

enum class Severity : std::uint8_t { error, warning };

// Something wrong with an item's text. With an error the item is broken: listed, and never run.
struct Problem {
  text::Fault fault = {};
  Severity severity = Severity::error;
  friend bool operator==(const Problem&, const Problem&) = default;
};

// Gathers what is wrong with one text, by places of its bytes.
class Review {
 public:
  explicit Review(std::string_view text) : text_(text) {}  // which must outlive it

  void error(std::size_t at, std::string message, std::string hint = {});
  void warning(std::size_t at, std::string message, std::string hint = {});
  void error(const base::Error& error);  // of a reader in text/
  bool is_full() const;                  // of errors: whether another one would be left out
  std::vector<Problem> take();           // in the order of their places

 private:
  void put(Problem problem);

  std::string_view text_;
  std::vector<Problem> problems_;
};

// What base::parse_json() said of a text, by its line and column.
base::Error json_fault(std::string_view text, const base::Error& error);

struct Attribute {
  std::string name = {};
  std::string value = {};
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// What an item says it needs: "read filesystem src/**". Which capability that is, the policy knows.
struct Permission {
  std::string verb = {};
  std::string resource = {};
  std::string target = {};                 // of the attribute that says which one; empty: all
  std::vector<Attribute> attributes = {};  // as they are written
  friend bool operator==(const Permission&, const Permission&) = default;
};
// Finds resource and target among the attributes: path, endpoint, var, command, module, id, action.
Permission permission_of(std::string verb, std::vector<Attribute> attributes);
// "read filesystem src/**", as scripts declare theirs; the target may be left out.
std::optional<Permission> permission_from(std::string_view line);
std::string to_text(const Permission& permission);
// Warns of a verb or a resource that means nothing, and so gives no right.
void check_words(const Permission& permission, std::size_t at, Review& review);

struct Input {
  std::string name = {};
  std::string type = "string";
  std::string description = {};
  bool is_required = false;
  std::optional<base::Json> value = {};  // when none is given
  std::vector<std::string> choices = {};
  bool is_positional = false;  // of a script: given without its name
  bool is_together = false;    // of a script: its values stand behind one name, as of nargs="+"
  std::string flag = {};       // of a script: what stands before its value; empty: its name, as "--max-pages"
  std::string no_flag = {};    // of a script: what says no to it, where that is said, as "--no-color"
  bool is_counted = false;     // of a script: its flag stands as often as its value says, as in -vvv
  friend bool operator==(const Input&, const Input&) = default;
};

struct Relationship {
  std::string kind = {};  // requires, suggests, extends, related, ...
  std::string target = {};
  friend bool operator==(const Relationship&, const Relationship&) = default;
};

// Which of Lilux's tools a tool of Claude Code is: "Read" -> "fs.read", "Bash(git:*)" -> "shell.run"; nothing for those
// that Lilux has no tool for, as WebFetch.
std::optional<std::string_view> lilux_tool(std::string_view claude_tool);
// Warns of what is written nearly as a tool of Claude Code is.
void check_tools(const std::vector<std::string>& claude_tools, std::size_t at, Review& review);
// The names in "Read, Bash(git log *), mcp__x__y": divided by commas or spaces outside of parentheses.
std::vector<std::string> tool_names(std::string_view list);

}  // namespace lilux::item

#pragma once

// Pure decisions: what a call needs, held against capabilities and rules, gives allow, ask or deny and names the rule
// that said so. Deny beats ask beats allow, whatever the order; what nothing matches is decided by the autonomy level.
// No I/O, no clock: time comes in. Values; a compiled RuleSet is immutable and may be read from any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/glob.h"

namespace lilux::policy {

enum class Verb : std::uint8_t { read, write, execute, connect, use, spend, signal, admin };
constexpr std::array<std::string_view, 8> enum_names(Verb) {
  return {"read", "write", "execute", "connect", "use", "spend", "signal", "admin"};
}

// One thing a call does to one thing: `write fs /home/u/p/a.txt`, `execute shell npm test`, `connect net
// a.example:443`, `signal process 4711`, `read kernel task`, `admin kernel policy`. Paths are absolute and canonical;
// shell targets are argv joined by single spaces with the program as it was resolved.
struct Need {
  Verb verb = Verb::read;
  std::string resource;  // fs, shell, sandbox, net, env, process, kernel, memory, item, model, usd
  std::string target;
  friend bool operator==(const Need&, const Need&) = default;
};
std::string to_string(const Need& need);
base::Result<Need> parse_need(std::string_view text);

enum class Risk : std::uint8_t { none, low, medium, high, critical };
constexpr std::array<std::string_view, 5> enum_names(Risk) {
  return {"none", "low", "medium", "high", "critical"};
}
enum class Autonomy : std::uint8_t { manual, supervised, full };
constexpr std::array<std::string_view, 3> enum_names(Autonomy) {
  return {"manual", "supervised", "full"};
}
// Who is behind the task. Only a terminal session may widen anything.
enum class Principal : std::uint8_t { terminal, agent, mcp, http };
constexpr std::array<std::string_view, 4> enum_names(Principal) {
  return {"terminal", "agent", "mcp", "http"};
}

// Permission a task holds. `target` is a glob of its resource's kind (see glob semantics in docs/policy.md).
struct Capability {
  Verb verb = Verb::read;
  std::string resource;                    // "*" for any
  std::string target;                      // "**" for any
  bool any_verb = false;                   // "* * **": everything, what a person's own session holds
  std::int64_t expires_us = 0;             // 0: never
  std::optional<std::int64_t> calls_left;  // quota; absent: unlimited
  friend bool operator==(const Capability&, const Capability&) = default;
};
std::string to_string(const Capability& capability);
// Parses "write fs dist/**": a relative path glob is taken below `root`, "~/" below `home`.
base::Result<Capability> parse_capability(std::string_view text, std::string_view root, std::string_view home);
bool covers(const Capability& capability, const Need& need, std::int64_t now_us);
// True when every need `narrow` covers is covered by one of `wide`, later expiry and larger quota included; when it
// cannot be shown the answer is no. What delegation is checked with.
bool is_narrower(const Capability& narrow, std::span<const Capability> wide);

enum class Effect : std::uint8_t { allow, ask, deny };
constexpr std::array<std::string_view, 3> enum_names(Effect) {
  return {"allow", "ask", "deny"};
}

// One rule as written in policy.toml or built in.
struct Rule {
  std::string id;
  Effect effect = Effect::ask;
  std::string tool = "*";              // glob over tool names
  std::string capability;              // "write fs ~/work/**", "execute shell git push*", "* * **"; empty: any need
  std::vector<Principal> who;          // empty: everybody
  std::vector<std::string> match;      // examples that must match: "fs.write write fs /home/u/work/a"
  std::vector<std::string> not_match;  // examples that must not
  std::string reason;                  // shown when it decides
  std::string source;                  // "builtin", "policy.toml:12"
};

// What is to be decided: one call with everything it needs.
struct Question {
  std::string_view tool;
  std::span<const Need> needs;
  Risk risk = Risk::low;
  bool has_effect = false;
  bool is_irreversible = false;
  Principal who = Principal::terminal;
  Autonomy autonomy = Autonomy::supervised;
};

struct Decision {
  Effect effect = Effect::ask;
  std::string rule;    // id, or "autonomy:supervised" and the like when no rule matched
  std::string reason;  // one sentence a person understands
  std::string need;    // the need that decided; empty for calls that need nothing
};

// Where globs of rules are anchored.
struct Anchors {
  std::string project;  // canonical root; `{project}` in rules; empty when there is none
  std::string home;     // "~/" in rules
  std::string state;    // Lilux's own folders; `{state}`, `{data}`, `{config}` in rules
  std::string data;
  std::string config;
  // Where a path leads over symlinks, as calls name it. Rules that take rights hold for both; absent: nowhere else.
  text::PathGlob::Elsewhere elsewhere = {};
};

class RuleSet {
 public:
  // Compiles rules into an index. Refuses, naming the rule: bad globs, unknown verbs or resources, tools that fit none
  // of `tool_names`, examples that do not hold, duplicate ids, and rules that can never fire (a pattern that is not
  // canonical, one that a deny rule covers wholly, an exact repeat of another).
  static base::Result<RuleSet> compile(std::vector<Rule> rules, const Anchors& anchors,
                                       std::span<const std::string_view> tool_names);
  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();

  // Every need is decided by itself and the strictest answer counts. Never blocks, never fails: doubt asks.
  Decision decide(const Question& question) const;
  // Rules that take away something below the folder that is needed: what is allowed there is not all of it then.
  std::vector<Rule> restrictions_below(const Question& question, const Need& folder) const;
  // Folders and files that rules of a person's own allow as a whole, as far as they are written out; other rules may
  // take them away again.
  std::vector<std::string> allowed_places(const Question& question, const Need& kind) const;
  // All rules that match, strictest first, for `policy test`.
  std::vector<Rule> matching(const Question& question) const;
  const std::vector<Rule>& rules() const;
  // Hash of everything that can change a decision; bound into approvals and records.
  const std::string& version() const;

 private:
  struct Index;
  explicit RuleSet(std::unique_ptr<Index> index);
  std::unique_ptr<Index> index_;
};

// The rules every installation starts with (see docs/policy.md).
std::vector<Rule> builtin_rules();

// Rules that would answer a question for good, narrowest first; none for what is critical or about many things at once.
std::vector<Rule> generalise(std::string_view tool, std::span<const Need> needs, const Anchors& anchors);

// policy.toml: `autonomy`, `disable = [ids of built-in rules]`, `[[rule]]` tables. Unknown keys are errors with line
// and nearest name. The text is edited, not rewritten: comments and order stay.
struct PolicyFile {
  Autonomy autonomy = Autonomy::supervised;
  std::vector<std::string> disabled;
  std::vector<Rule> rules;
};
base::Result<PolicyFile> parse_policy(std::string_view text, std::string_view file_name);
// The text with the rule appended; `conflict` when the id is taken.
base::Result<std::string> with_rule(std::string_view text, const Rule& rule);
// The text without that rule; a built-in id is put on the disable list instead; `not_found` when there is none.
base::Result<std::string> without_rule(std::string_view text, std::string_view id);
base::Result<std::string> with_autonomy(std::string_view text, Autonomy autonomy);

}  // namespace lilux::policy

#pragma once

// What settings of other programs declare: MCP servers, permissions and hooks. Nothing of it is started, run or in
// force by being read. Pure; any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "policy/policy.h"

namespace lilux::tools {

// claude: permissions and hooks, in settings.json. servers: "mcpServers" of any JSON. claude_home: ~/.claude.json,
// with those of a project. gemini: servers, tools and hooks. codex: TOML with servers and the level of approval. aios,
// mixos: what they ask a person about.
enum class SettingsForm : std::uint8_t { claude, servers, claude_home, gemini, codex, aios, mixos };

// A server as it is declared, with `${NAME}` where a secret may have stood.
struct ServerFound {
  std::string name;
  base::Json declaration;
  std::vector<std::string> variables = {};  // that stand for what was taken out
};

// A permission as our policy would say it; without a capability and a tool `note` says why it cannot.
struct RuleFound {
  std::string said;
  policy::Effect effect = policy::Effect::ask;
  std::string capability = {};
  std::string note = {};
  std::string tool = {};  // or all that this one does, a glob
};

struct HookFound {
  std::string event;
  std::string command;
};

struct SettingsFound {
  std::vector<ServerFound> servers = {};
  std::vector<RuleFound> rules = {};
  std::vector<HookFound> hooks = {};
  std::vector<std::string> left = {};  // what else is not taken over, and why
};

struct SettingsFrom {
  SettingsForm form = SettingsForm::servers;
  std::string project = {};  // canonical; paths of rules are made absolute with it
  std::string anchor = {};   // what "/a" in a rule of Claude Code means: the project, or the home
};
// An error for what is no such text; entries of another shape are passed over.
base::Result<SettingsFound> read_settings(const SettingsFrom& from, std::string_view text);

// "Bash(npm run *)" and the like, as Claude Code writes its permissions.
RuleFound rule_of(const SettingsFrom& from, policy::Effect effect, const std::string& said);

}  // namespace lilux::tools

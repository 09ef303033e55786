// The rules every installation starts with: a table and nothing else.

#include "policy/policy.h"

namespace lilux::policy {

namespace {

struct Row {
  std::string_view id;
  Effect effect;
  std::string_view capability;
  std::string_view who;  // "", "terminal", "others"
  std::string_view reason;
};

constexpr auto kRows = std::to_array<Row>({
    {"project-read", Effect::allow, "read fs {project}/**", "", "it lies in the project"},
    {"project-write", Effect::allow, "write fs {project}/**", "", "it lies in the project"},
    {"git-hooks", Effect::ask, "write fs {project}/**/.git/hooks/**", "", "git runs what lies there"},
    {"git-config", Effect::ask, "write fs {project}/**/.git/config", "", "git runs what stands there"},
    {"system-read", Effect::allow, "read fs /{bin,lib,lib32,lib64,opt,sbin,usr}/**", "",
     "it is a public part of the system"},
    {"etc-read", Effect::allow, "read fs /etc/**", "", "it is a public part of the system"},
    {"proc-read", Effect::allow, "read fs /proc/{cpuinfo,loadavg,meminfo,stat,uptime,version}", "",
     "it is a public part of the system"},
    {"etc-secrets", Effect::deny, "* fs /etc/{gshadow,gshadow-,shadow,shadow-,sudoers,sudoers.d}/**", "",
     "it holds passwords and who may become root"},
    {"etc-keys", Effect::deny, "* fs /etc/{ssh/ssh_host_*,ssl/private/**}", "", "it holds private keys"},
    {"lilux-state", Effect::deny, "* fs {state}/**", "", "it is Lilux's own record"},
    {"lilux-config", Effect::deny, "write fs {config}/**", "",
     "only people change what Lilux may do, with `lilux policy`"},
    {"ssh", Effect::deny, "* fs ~/.ssh/**", "", "it holds private keys"},
    {"gnupg", Effect::deny, "* fs ~/.gnupg/**", "", "it holds private keys"},
    {"cloud", Effect::deny, "* fs ~/{.aws,.azure,.kube,.config/gcloud,.config/gh,.docker/config.json}/**", "",
     "it holds credentials"},
    {"netrc", Effect::deny, "* fs ~/{.netrc,.git-credentials,.npmrc,.pypirc}", "", "it holds credentials"},
    {"keyrings", Effect::deny,
     "* fs ~/{.local/share/keyrings,.local/share/kwalletd,.password-store,.config/1Password,.config/Bitwarden}/**", "",
     "it holds passwords"},
    {"browsers", Effect::deny, "* fs ~/{.mozilla,.config/chromium,.config/google-chrome,.config/BraveSoftware}/**", "",
     "it holds cookies and passwords"},
    {"history", Effect::deny, "* fs ~/{.bash_history,.zsh_history,.python_history,.psql_history,.mysql_history}", "",
     "it may hold what was typed in secret"},
    {"kernel-read", Effect::allow, "read kernel **", "", "looking at the kernel changes nothing"},
    {"kernel-own", Effect::allow, "write kernel {task/own,task/own/*,undo,charge,stop}", "", "it is the caller's own"},
    {"kernel-tasks", Effect::allow, "write kernel task/*", "terminal", "a person manages all tasks"},
    {"kernel-admin", Effect::allow, "admin kernel **", "terminal", "a person decides"},
    {"kernel-admin-people", Effect::deny, "admin kernel **", "others", "only a person in a terminal may do this"},
    {"memory-read", Effect::allow, "read memory **", "", "it is Lilux's own memory"},
    {"memory-write", Effect::allow, "write memory **", "", "it is Lilux's own memory, and can be undone"},
    {"process-read", Effect::allow, "read process **", "", "looking at processes changes nothing"},
    {"process-own", Effect::allow, "signal process own:*", "", "the task started it"},
    {"process-kernel", Effect::deny, "signal process {pid:1,kernel:*}", "", "the system or Lilux itself would stop"},
});

}  // namespace

std::vector<Rule> builtin_rules() {
  std::vector<Rule> rules;
  for (const Row& row : kRows) {
    Rule rule{.id = "builtin:" + std::string(row.id),
              .effect = row.effect,
              .capability = std::string(row.capability),
              .reason = std::string(row.reason),
              .source = "builtin"};
    if (row.who == "terminal") rule.who = {Principal::terminal};
    if (row.who == "others") rule.who = {Principal::agent, Principal::mcp, Principal::http};
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace lilux::policy

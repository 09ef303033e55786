// The rules every installation starts with: a table and little else. What a person may want to lift is a rule of its
// own.

#include "policy/policy.h"

namespace lilux::policy {

namespace {

struct Row {
  std::string_view id;
  Effect effect;
  std::string_view capability;
  std::string_view who;  // "" everybody, "terminal", "others"
  std::string_view reason;
};

constexpr auto kRows = std::to_array<Row>({
    {"project-read", Effect::allow, "read fs {project}/**", "", "it lies in the project"},
    {"project-write", Effect::allow, "write fs {project}/**", "", "it lies in the project"},
    {"git", Effect::ask, "write fs /**/.git", "", "git runs what lies in it; a folder with a HEAD is one to git"},
    {"git-hooks", Effect::ask, "write fs /**/.git/hooks/**", "", "git runs what lies there"},
    {"git-config", Effect::ask, "write fs /**/.git/{commondir,config,config.worktree,rebase-merge/**}", "",
     "git runs what stands there"},
    {"git-inner", Effect::ask, "write fs /**/.git/{modules,worktrees}/**/{commondir,config,config.worktree,hooks/**}",
     "", "git runs what stands there"},
    {"git-bare", Effect::ask, "write fs /**/*.git/{config,hooks/**}", "",
     "git runs what stands there when it is used in that folder"},
    {"clients", Effect::ask,
     "write fs /**/{.mcp.json,.claude/{settings.json,settings.local.json,hooks/**},.codex/{config.toml,hooks.json},"
     ".cursor/{hooks.json,mcp.json},.vscode/{mcp.json,settings.json,tasks.json},.gemini/settings.json,"
     ".ai/rules.toml,.zed/{debug.json,settings.json,tasks.json},.devcontainer.json,.devcontainer/**,.husky/**}",
     "", "agents and editors, or git through them, run what stands there"},
    {"clients-folders", Effect::ask, "write fs /**/{.claude,.codex,.cursor,.vscode,.gemini,.zed,.ai}", "others",
     "agents and editors run what stands in it, also when it is a link to somewhere else"},
    {"system-read", Effect::allow, "read fs /{bin,lib,lib32,lib64,libx32,opt,sbin,usr}/**", "",
     "it is a public part of the system"},
    {"etc-read", Effect::allow, "read fs /etc/**", "", "it is a public part of the system"},
    {"proc-read", Effect::allow, "read fs /proc/{cpuinfo,filesystems,loadavg,meminfo,stat,uptime,version}", "",
     "it is a public part of the system"},
    {"etc-secrets", Effect::deny,
     "* fs /etc/{gshadow,gshadow-,shadow,shadow-,sudoers,sudoers.d,security/opasswd,krb5.keytab,docker/key.json}/**",
     "", "it holds passwords and who may become root"},
    {"etc-keys", Effect::deny,
     "* fs /etc/{ssh/ssh_host_*_key,ssl/private/**,pki/tls/private/**,letsencrypt/{archive,keys,live}/**,wireguard/**}",
     "", "it holds private keys"},
    {"etc-networks", Effect::deny,
     "* fs /etc/{NetworkManager/system-connections,openvpn,ppp,wpa_supplicant,ipsec.secrets,kubernetes}/**", "",
     "it holds passwords of networks"},
    {"process-memory", Effect::deny, "* fs /proc/*/**/{environ,mem,auxv,maps,syscall}", "",
     "it shows what another process keeps to itself"},
    {"lilux-state", Effect::deny, "* fs {state}/**", "", "it is Lilux's own record"},
    {"lilux-config", Effect::deny, "write fs {config}/**", "",
     "only people change what Lilux may do, with `lilux policy`"},
    {"items-env", Effect::deny, "* fs ~/.ai/.env", "", "it holds keys of the user"},
    {"items-user", Effect::allow, "read fs ~/.ai/**", "", "items of the user are for all that works for the user"},
    {"items-user-write", Effect::allow, "write fs ~/.ai/**", "terminal", "a person changes items of their own"},
    {"items-volumes", Effect::allow, "read fs {data}/volumes/{teams,system}/**", "",
     "items of teams are for all that works for them"},
    {"items-volumes-write", Effect::allow, "write fs {data}/volumes/{teams,system}/**", "terminal", "a person decides"},
    {"items-promote", Effect::allow, "write item {promote,propose,remote}/**", "terminal", "a person decides"},
    {"ssh", Effect::deny, "* fs ~/.ssh/**", "", "it holds private keys"},
    {"gnupg", Effect::deny, "* fs ~/.gnupg/**", "", "it holds private keys"},
    {"cloud", Effect::deny,
     "* fs ~/{.aws,.azure,.kube,.oci,.config/gcloud,.config/gh,.config/rclone,.config/doctl,.docker/config.json,"
     ".terraform.d/credentials.tfrc.json,.vault-token}/**",
     "", "it holds credentials"},
    {"netrc", Effect::deny,
     "* fs ~/{.netrc,.git-credentials,.config/git/credentials,.npmrc,.pypirc,.pgpass,.my.cnf,.cargo/credentials,"
     ".cargo/credentials.toml,.gem/credentials}",
     "", "it holds credentials"},
    {"keyrings", Effect::deny,
     "* fs "
     "~/{.local/share/keyrings,.local/share/kwalletd,.password-store,.config/1Password,.config/Bitwarden,.config/op,"
     ".config/KeePass,.config/keepassxc}/**",
     "", "it holds passwords"},
    {"browsers", Effect::deny,
     "* fs ~/{.mozilla,.librewolf,.thunderbird,.config/chromium,.config/google-chrome*,.config/BraveSoftware,"
     ".config/microsoft-edge*,.config/opera*,.config/vivaldi,snap/{chromium,firefox},.var/app/*{chrom,firefox,Brave}*}/"
     "**",
     "", "it holds cookies and passwords"},
    {"history", Effect::deny,
     "* fs ~/{.*_history,.histfile,.lesshst,.viminfo,.local/share/fish/fish_history,.local/state/bash/history,"
     ".config/fish/fish_history}",
     "", "it may hold what was typed in secret"},
    {"kernel-read", Effect::allow, "read kernel **", "", "looking at the kernel changes nothing"},
    {"kernel-own", Effect::allow, "write kernel {task/own,task/own/*,undo,charge,stop}", "", "it is the caller's own"},
    {"kernel-tasks", Effect::allow, "write kernel task/*", "terminal", "a person manages all tasks"},
    {"kernel-tasks-of-others", Effect::deny, "write kernel task/other/*", "others",
     "only a person or a task above it ends, pauses or answers for a task"},
    {"kernel-admin", Effect::allow, "admin kernel **", "terminal", "a person decides"},
    {"kernel-admin-people", Effect::deny, "admin kernel **", "others", "only a person in a terminal may do this"},
    {"sandboxed", Effect::allow, "execute sandbox **", "",
     "it runs without a network on a copy of the project; what it changes there is judged by itself"},
    {"memory-read", Effect::allow, "read memory **", "", "it is Lilux's own memory"},
    {"memory-write", Effect::allow, "write memory **", "", "it is Lilux's own memory, and can be undone"},
    {"process-read", Effect::allow, "read process **", "", "looking at processes changes nothing"},
    {"process-own", Effect::allow, "signal process own:*", "", "the task started it"},
    {"process-kernel", Effect::deny, "signal process {pid:1:*,kernel:*}", "", "the system or Lilux itself would stop"},
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

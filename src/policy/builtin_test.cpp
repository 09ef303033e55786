#include <algorithm>

#include <doctest/doctest.h>

#include "policy/policy.h"

namespace lilux::policy {
namespace {

const Anchors kAnchors{.project = "/home/u/p",
                       .home = "/home/u",
                       .state = "/home/u/.local/state/lilux",
                       .data = "/home/u/.local/share/lilux",
                       .config = "/home/u/.config/lilux"};
constexpr auto kPrincipals = std::to_array({Principal::terminal, Principal::agent, Principal::mcp, Principal::http});

Decision decide(std::string_view text, Principal who = Principal::terminal, const Anchors& anchors = kAnchors) {
  const auto set = RuleSet::compile(builtin_rules(), anchors, {});
  REQUIRE(set);
  const std::vector<Need> needs{*parse_need(text)};
  return set->decide({.tool = "fs.write", .needs = needs, .has_effect = needs[0].verb != Verb::read, .who = who});
}

TEST_CASE("built-in rules compile with and without a project, and each says why") {
  CHECK(RuleSet::compile(builtin_rules(), kAnchors, {})->rules().size() == builtin_rules().size());
  CHECK(RuleSet::compile(builtin_rules(), {}, {}));
  for (const Rule& rule : builtin_rules()) {
    INFO(rule.id);
    CHECK(rule.id.starts_with("builtin:"));
    CHECK(rule.source == "builtin");
    CHECK_FALSE(rule.reason.empty());
  }
}

TEST_CASE("a session works in its project, reads what is public, and is asked about the rest") {
  for (const Principal who : kPrincipals) {
    for (const std::string_view text :
         {"read fs /home/u/p", "write fs /home/u/p/a/b.c", "read fs /usr/include/stdio.h", "read fs /lib/x",
          "read fs /etc/passwd", "read fs /etc/ssh/ssh_config", "read fs /etc/ssh/ssh_host_rsa_key.pub",
          "read fs /proc/cpuinfo", "read fs /opt/x", "read kernel task", "read memory notes", "write memory notes",
          "signal process own:77:123", "read process all"}) {
      INFO(text);
      CHECK(decide(text, who).effect == Effect::allow);
    }
    for (const std::string_view text :
         {"read fs /home/u/other", "write fs /home/u/other", "write fs /usr/bin/x", "write fs /etc/hosts", "read fs /",
          "read fs /root/x", "connect net api.example.com:443", "execute shell /usr/bin/ls -l", "read env HOME",
          "signal process pid:77:123", "use model strategic", "spend usd 0.01", "read fs /proc/self/status",
          "write fs /home/u/.bashrc"}) {
      INFO(text);
      CHECK(decide(text, who).effect == Effect::ask);
      CHECK(decide(text, who).rule == "autonomy:supervised");
    }
  }
}

TEST_CASE("secrets are denied to everybody, read and written") {
  for (const std::string_view path : {"/home/u/.ssh",
                                      "/home/u/.ssh/id_ed25519",
                                      "/home/u/.gnupg/x",
                                      "/home/u/.aws/credentials",
                                      "/home/u/.netrc",
                                      "/home/u/.config/gcloud/x",
                                      "/home/u/.kube/config",
                                      "/home/u/.docker/config.json",
                                      "/home/u/.password-store/a.gpg",
                                      "/home/u/.local/share/keyrings/login.keyring",
                                      "/home/u/.local/share/kwalletd/x",
                                      "/home/u/.mozilla/firefox/x",
                                      "/home/u/.config/chromium/Default/Cookies",
                                      "/home/u/.config/google-chrome-beta/x",
                                      "/home/u/.var/app/org.mozilla.firefox/x",
                                      "/home/u/snap/chromium/x",
                                      "/home/u/.bash_history",
                                      "/home/u/.zsh_history",
                                      "/home/u/.node_repl_history",
                                      "/home/u/.local/share/fish/fish_history",
                                      "/home/u/.git-credentials",
                                      "/home/u/.npmrc",
                                      "/home/u/.cargo/credentials.toml",
                                      "/etc/shadow",
                                      "/etc/shadow-",
                                      "/etc/gshadow",
                                      "/etc/sudoers",
                                      "/etc/sudoers.d/x",
                                      "/etc/ssh/ssh_host_rsa_key",
                                      "/etc/ssl/private/x.pem",
                                      "/etc/letsencrypt/live/x/privkey.pem",
                                      "/etc/NetworkManager/system-connections/home.nmconnection",
                                      "/etc/wireguard/wg0.conf",
                                      "/proc/7/environ",
                                      "/proc/7/task/8/mem",
                                      "/home/u/.local/state/lilux/ledger/key",
                                      "/home/u/.local/state/lilux/http.token"}) {
    for (const Principal who : kPrincipals) {
      INFO(path);
      CHECK(decide("read fs " + std::string(path), who).effect == Effect::deny);
      CHECK(decide("write fs " + std::string(path), who).effect == Effect::deny);
    }
  }
}

TEST_CASE("a denied place stays denied when the project lies around it or in it") {
  Anchors anchors = kAnchors;
  anchors.project = "/home/u";
  CHECK(decide("read fs /home/u/.ssh/id", Principal::terminal, anchors).effect == Effect::deny);
  anchors.project = "/home/u/.ssh";
  CHECK(decide("write fs /home/u/.ssh/config", Principal::terminal, anchors).effect == Effect::deny);
}

TEST_CASE("nothing in a project widens anything: what git would run asks, and Lilux's own folders are denied") {
  for (const std::string_view path :
       {"/home/u/p/.git/hooks/pre-commit", "/home/u/p/.git/config", "/home/u/p/sub/.git/hooks", "/home/u/p/.git",
        "/home/u/p/sub/.git", "/home/u/p/.git/modules/x/hooks/post-checkout", "/home/u/p/.git/modules/a/b/config",
        "/home/u/p/.git/worktrees/w/config.worktree", "/home/u/p/.git/commondir",
        "/home/u/p/.git/worktrees/w/commondir", "/home/u/p/.git/rebase-merge/git-rebase-todo",
        "/home/u/p/a/inner.git/config", "/home/u/p/inner.git/hooks/post-checkout"}) {
    INFO(path);
    CHECK(decide("write fs " + std::string(path)).effect == Effect::ask);
    CHECK(decide("write fs " + std::string(path)).rule.starts_with("builtin:git"));
    CHECK(decide("read fs " + std::string(path)).effect == Effect::allow);
  }
  CHECK(decide("write fs /home/u/p/.git/index").effect == Effect::allow);
  CHECK(decide("write fs /home/u/p/.ai/policy.toml").effect ==
        Effect::allow);  // a file like any other: nothing reads it as policy
  for (const Principal who : kPrincipals) {
    CHECK(decide("write fs /home/u/.config/lilux/policy.toml", who).effect == Effect::deny);
    CHECK(decide("write fs /home/u/.local/state/lilux/lilux.db", who).effect == Effect::deny);
  }
}

TEST_CASE("what agents and editors run when they start in a project asks") {
  for (const std::string_view path :
       {"/home/u/p/.mcp.json", "/home/u/p/a/.claude/settings.local.json", "/home/u/p/.claude/hooks/a/b",
        "/home/u/p/.codex/config.toml", "/home/u/p/.cursor/hooks.json", "/home/u/p/.vscode/tasks.json",
        "/home/u/p/.gemini/settings.json", "/home/u/p/.zed/tasks.json", "/home/u/p/.devcontainer/devcontainer.json",
        "/home/u/p/.devcontainer.json", "/home/u/p/.husky/pre-commit"}) {
    INFO(path);
    CHECK(decide("write fs " + std::string(path)).rule == "builtin:clients");
    CHECK(decide("read fs " + std::string(path)).effect == Effect::allow);
  }
  CHECK(decide("write fs /home/u/p/.vscode/launch.txt").effect == Effect::allow);
}

TEST_CASE("a client is asked before anything takes the name of a folder that agents and editors run") {
  for (const std::string_view name : {".claude", ".codex", "a/.cursor", ".vscode", ".gemini", ".zed", "a/b/.ai"}) {
    const std::string need = "write fs /home/u/p/" + std::string(name);
    INFO(need);
    for (const Principal who : {Principal::agent, Principal::mcp, Principal::http})
      CHECK(decide(need, who).rule == "builtin:clients-folders");
    CHECK(decide(need).effect == Effect::allow);
    CHECK(decide(need + "/x.md", Principal::mcp).effect == Effect::allow);
  }
}

TEST_CASE("only people in a terminal administer Lilux") {
  for (const std::string_view text : {"admin kernel policy", "admin kernel trust", "admin kernel approval",
                                      "admin kernel resume", "admin kernel autonomy", "admin kernel stop"}) {
    CHECK(decide(text).effect == Effect::allow);
    for (const Principal who : {Principal::agent, Principal::mcp, Principal::http}) {
      CHECK(decide(text, who).effect == Effect::deny);
      CHECK(decide(text, who).rule == "builtin:kernel-admin-people");
    }
  }
}

TEST_CASE("nobody but people changes tasks of others") {
  CHECK(decide("write kernel task/other/t1").effect == Effect::allow);
  for (const Principal who : {Principal::agent, Principal::mcp, Principal::http}) {
    CHECK(decide("write kernel task/other/t1", who).effect == Effect::deny);
    CHECK(decide("write kernel task/own/t1", who).effect == Effect::allow);
  }
}

TEST_CASE("neither the first process nor Lilux itself is signalled") {
  CHECK(decide("signal process pid:1:5").effect == Effect::deny);
  CHECK(decide("signal process kernel:4711:123").effect == Effect::deny);
  CHECK(decide("signal process pid:11:5").effect == Effect::ask);
}

TEST_CASE("items of the user and of teams are read by all, and changed by people") {
  for (const Principal who : kPrincipals) {
    CHECK(decide("read fs /home/u/.ai/skills/a.md", who).effect == Effect::allow);
    CHECK(decide("read fs /home/u/.local/share/lilux/volumes/teams/a/skills/a.md", who).effect == Effect::allow);
    CHECK(decide("read fs /home/u/.ai/.env", who).effect == Effect::deny);
    CHECK(decide("read fs /home/u/.local/share/lilux/volumes/project-p.git/HEAD", who).effect == Effect::ask);
    const Effect change = who == Principal::terminal ? Effect::allow : Effect::ask;
    CHECK(decide("write fs /home/u/.ai/skills/a.md", who).effect == change);
    CHECK(decide("write fs /home/u/.local/share/lilux/volumes/teams/a/skills/a.md", who).effect == change);
    CHECK(decide("write item promote/team/a", who).effect == change);
    CHECK(decide("write item remote/user", who).effect == change);
    CHECK(decide("write item propose/team/a", who).effect == change);
  }
}

}  // namespace
}  // namespace lilux::policy

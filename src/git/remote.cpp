#include "git/remote.h"

#include <algorithm>
#include <functional>

#include "git/enclosed.h"
#include "git/handles.h"
#include "git/names.h"
#include "git/own_config.h"
#include "git/remote_url.h"
#include "git/tree.h"
#include "git/turn.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/patience.h"

namespace lilux::git {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kReceivedBytesMax = std::size_t{512} << 20;
constexpr unsigned kObjectsMax = 2'000'000;
constexpr std::size_t kBranchesMax = 1000;
constexpr std::string_view kHeads = "refs/heads/";
constexpr const char* kCertificates = "/etc/ssl/certs/ca-certificates.crt";

// What goes on while libgit2 talks to the other side.
struct Talk {
  const Credentials& credentials;
  sys::Patience patience;
  int asked = 0;
  std::string refused = {};  // what the other side said of a branch
  bool is_too_much = false;
};

constexpr int kAskedMax = 3;  // a name, then a key, then it was the wrong one

int sign_in(git_credential** out, const char*, const char* user_in_url, unsigned allowed, void* payload) {
  Talk& talk = *static_cast<Talk*>(payload);
  if (++talk.asked > kAskedMax) return GIT_EAUTH;
  const std::string user = user_in_url != nullptr ? user_in_url : "";
  const std::string ssh_user = user.empty() ? "git" : user;
  if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) return git_credential_username_new(out, ssh_user.c_str());
  if ((allowed & GIT_CREDENTIAL_SSH_KEY) != 0) return git_credential_ssh_key_from_agent(out, ssh_user.c_str());
  const std::string& token = talk.credentials.token;
  if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0 && !token.empty() && talk.asked == 1) {
    const std::string token_user = user.empty() ? "x-access-token" : user;
    return git_credential_userpass_plaintext_new(out, token_user.c_str(), token.c_str());
  }
  git_error_set_str(GIT_ERROR_HTTP, "it asks who we are and was given nothing that helps");
  return GIT_EAUTH;
}

int count_received(const git_indexer_progress* progress, void* payload) {
  Talk& talk = *static_cast<Talk*>(payload);
  if (talk.patience.is_over()) return GIT_EUSER;
  talk.is_too_much = progress->received_bytes > kReceivedBytesMax || progress->total_objects > kObjectsMax;
  return talk.is_too_much ? GIT_EUSER : 0;
}

int note_refusal(const char* reference, const char* status, void* payload) {
  if (status != nullptr) static_cast<Talk*>(payload)->refused = std::string(reference) + ": " + status;
  return 0;
}

template <class Options>
void set_callbacks(Options& options, Talk& talk) {
  options.callbacks.payload = &talk;
  options.callbacks.credentials = sign_in;
  options.callbacks.transfer_progress = count_received;
  options.callbacks.push_update_reference = note_refusal;
  options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
  options.proxy_opts.type = GIT_PROXY_NONE;
}

// Reading them takes a while, so it is done when somebody is to be trusted for the first time.
Result<void> need_certificates() {
  static const int result =
      sys::exists(kCertificates) ? git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, kCertificates, nullptr) : 0;
  return result < 0 ? Result<void>(fail_git(result, "read " + std::string(kCertificates))) : Result<void>();
}

// The URL of a remote, as the configuration has it: somebody else may have written that.
Result<std::string> url_of(const Repository& repository, const std::string& name) {
  TRY(check_remote_name(name));
  const auto known = TRY(remotes(repository));
  const auto found = std::ranges::find(known, name, &Remote::name);
  if (found == known.end())
    return base::fail(ErrorCode::not_found, "no remote " + sys::quoted(name),
                      known.empty() ? "there is none yet" : "the first there is: " + known.front().name);
  TRY(check_url(found->url));
  return found->url;
}

// Without a name, so that nothing of the configuration has a say in what it does.
Result<RemoteHandle> connected(const Repository& repository, const std::string& url) {
  if (url.starts_with("https:")) TRY(need_certificates());
  std::string spelled = url;
  if (const std::string path = path_of(url); !path.empty()) {
    const std::string canonical = TRY(sys::resolve(path, "/", sys::Final::follow));
    TRY(check_enclosed(canonical));
    spelled = spelled_for_git(canonical);
  }
  git_remote_create_options options;
  git_remote_create_options_init(&options, GIT_REMOTE_CREATE_OPTIONS_VERSION);
  options.repository = repository.handle();
  options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
  RemoteHandle remote;
  const int result = make(remote, git_remote_create_with_opts, spelled.c_str(), &options);
  if (result < 0) return fail_git(result, "make ready to talk to " + sys::quoted(url));
  return remote;
}

std::unexpected<base::Error> fail_talk(int result, const Talk& talk, const std::string& what) {
  if (talk.patience.is_over())
    return base::fail(ErrorCode::timeout, "cannot " + what + ": it took too long",
                      "see whether the other side is there");
  if (talk.is_too_much)
    return base::fail(ErrorCode::over_budget, "cannot " + what + ": it sends more than a volume may hold");
  base::Error error = fail_git(result, what).error();
  if (error.code == ErrorCode::conflict) error.hint = "fetch and merge what is there first";
  if (error.message.contains("exchange encryption keys"))
    error.hint = "the host's ed25519 or ecdsa key has to be in ~/.ssh/known_hosts: ssh-keyscan shows it";
  if (error.code == ErrorCode::unauthenticated)
    error.hint = "ssh asks the agent and needs the host in ~/.ssh/known_hosts; https needs a token";
  return std::unexpected(std::move(error));
}

std::string key(const std::string& remote, std::string_view what) {
  return "remote." + remote + "." + std::string(what);
}

struct Head {
  std::string branch;
  std::string commit;
};

// Its branches; names that cannot be branches of ours are left out.
Result<std::vector<Head>> heads_of(git_remote* remote) {
  const git_remote_head** found = nullptr;
  std::size_t count = 0;
  const int result = git_remote_ls(&found, &count, remote);
  if (result < 0) return fail_git(result, "list the branches of a remote");
  std::vector<Head> heads;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = found[i]->name;
    if (!name.starts_with(kHeads) || !check_branch(name.substr(kHeads.size()))) continue;
    heads.push_back({.branch = std::string(name.substr(kHeads.size())), .commit = text_of(found[i]->oid)});
    if (heads.size() > kBranchesMax)
      return base::fail(ErrorCode::over_budget,
                        "the remote has more than " + std::to_string(kBranchesMax) + " branches");
  }
  return heads;
}

// What was fetched by that name is another repository's as soon as its URL is another one.
int forget_branches(git_repository* repository, const std::string& remote) {
  References iterator;
  const std::string pattern = "refs/remotes/" + remote + "/*";
  int result = make(iterator, git_reference_iterator_glob_new, repository, pattern.c_str());
  std::vector<std::string> names;
  const char* name = nullptr;
  while (result >= 0 && (result = git_reference_next_name(&name, iterator.get())) == 0) names.emplace_back(name);
  if (result < 0 && result != GIT_ITEROVER) return result;
  for (const std::string& one : names) {
    const int gone = git_reference_remove(repository, one.c_str());
    if (gone < 0 && gone != GIT_ENOTFOUND) return gone;
  }
  return 0;
}

bool has_url(git_config* config, const std::string& remote, const std::optional<std::string>& url) {
  git_buf found = GIT_BUF_INIT;
  const int result = git_config_get_string_buf(&found, config, key(remote, "url").c_str());
  const bool is_same = result < 0 ? !url : url && *url == std::string_view(found.ptr, found.size);
  git_buf_dispose(&found);
  return is_same;
}

Result<std::vector<Fetched>> show(const Repository& repository, const std::string& name, const std::string& url,
                                  const std::vector<Head>& heads) {
  for (const Head& head : heads) {
    auto files = files_of(repository, TRY(tree_of(repository, head.commit)));
    if (!files) return base::in_context(std::move(files).error(), "branch " + sys::quoted(head.branch) + " of " + name);
  }
  TRY(repository.sync());
  const Turn turn = TRY(Turn::take(repository));
  if (TRY(url_of(repository, name)) != url)
    return base::fail(ErrorCode::conflict, "remote " + sys::quoted(name) + " was changed meanwhile", "fetch again");
  std::vector<Fetched> fetched;
  for (const Head& head : heads) {
    const std::string branch = name + "/" + head.branch;
    BranchMove move = TRY(BranchMove::begin(turn, repository, "refs/remotes/" + branch));
    if (move.from() == head.commit) continue;
    TRY(move.move_to(repository, head.commit));
    fetched.push_back({.branch = branch, .before = move.from(), .now = head.commit});
  }
  TRY(repository.sync());
  return fetched;
}

}  // namespace

Result<void> check_remote_name(const std::string& name) {
  TRY(check_branch(name));
  if (name.find_first_of("/.") == std::string::npos) return {};
  return base::fail(ErrorCode::invalid_argument, sys::quoted(name) + " cannot be the name of a remote",
                    "letters, digits, '_' and '-': origin");
}

Result<std::vector<Remote>> remotes(const Repository& repository) {
  return remotes_in_config(repository.path());
}

// Git itself wants to know what to fetch, too.
Result<void> set_remote(const Repository& repository, const std::string& name, const std::optional<std::string>& url) {
  TRY(check_remote_name(name));
  if (url) TRY(check_url(*url));
  const std::string spec = "+refs/heads/*:refs/remotes/" + name + "/*";
  return change_config(repository, [&](git_config* config) {
    const int forgotten = has_url(config, name, url) ? 0 : forget_branches(repository.handle(), name);
    if (forgotten < 0) return forgotten;
    for (const char* what : {"url", "fetch"}) {
      const int gone = git_config_delete_multivar(config, key(name, what).c_str(), ".*");
      if (gone < 0 && gone != GIT_ENOTFOUND) return gone;
    }
    if (!url) return 0;
    const int result = git_config_set_string(config, key(name, "url").c_str(), url->c_str());
    return result < 0 ? result : git_config_set_string(config, key(name, "fetch").c_str(), spec.c_str());
  });
}

Result<std::vector<Fetched>> fetch(const Repository& repository, const std::string& name,
                                   const Credentials& credentials, const Waiting& waiting) {
  const std::string url = TRY(url_of(repository, name));
  const RemoteHandle remote = TRY(connected(repository, url));
  Talk talk{.credentials = credentials, .patience = sys::Patience(waiting.until, waiting.stop)};
  git_fetch_options options;
  git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
  set_callbacks(options, talk);
  std::string spec = "+refs/heads/*:refs/remotes/" + name + "/*";
  char* one = spec.data();
  const git_strarray specs{.strings = &one, .count = 1};
  const int result = git_remote_download(remote.get(), &specs, &options);
  if (result < 0) return fail_talk(result, talk, "fetch from " + sys::quoted(url));
  return show(repository, name, url, TRY(heads_of(remote.get())));
}

Result<void> push(const Repository& repository, const std::string& name, std::string_view branch,
                  const Credentials& credentials, const Waiting& waiting) {
  const std::string url = TRY(url_of(repository, name));
  const RemoteHandle remote = TRY(connected(repository, url));
  const std::string reference = TRY(reference_of(branch));
  TRY(repository.commit_at(branch));
  Talk talk{.credentials = credentials, .patience = sys::Patience(waiting.until, waiting.stop)};
  git_push_options options;
  git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
  set_callbacks(options, talk);
  std::string spec = reference + ":" + reference;
  char* one = spec.data();
  const git_strarray specs{.strings = &one, .count = 1};
  const int result = git_remote_upload(remote.get(), &specs, &options);
  const std::string what = "push to " + sys::quoted(url);
  if (result < 0) return fail_talk(result, talk, what);
  if (talk.refused.empty()) return {};
  return base::fail(ErrorCode::conflict, "cannot " + what + ": " + sys::quoted(talk.refused),
                    "fetch and merge what is there first");
}

}  // namespace lilux::git

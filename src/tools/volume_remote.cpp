#include "tools/volume_remote.h"

#include <algorithm>
#include <cctype>
#include <ranges>
#include <set>

#include "git/history.h"
#include "git/remote.h"
#include "git/remote_url.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "tools/fs_common.h"
#include "tools/volumes.h"

namespace lilux::tools::volume_tools {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::string_view kOrigin = "origin";

Result<std::vector<git::Remote>> known_remotes(const item::Volume& volume) {
  if (!sys::exists(volume.place().repository)) return std::vector<git::Remote>{};
  return git::remotes(TRY(volume.repository()));
}

// A volume, and one of its remotes.
struct Line {
  const item::Volume* volume = nullptr;
  git::Remote remote = {};
  std::optional<git::Endpoint> endpoint = {};  // nullopt: a path of this machine
};
Result<Line> line_to(const Volumes& volumes, const std::string& source, const std::optional<std::string>& remote) {
  Line line{.volume = TRY(volumes.named(source))};
  const std::string name = remote.value_or(std::string(kOrigin));
  const auto known = TRY(known_remotes(*line.volume));
  const auto found = std::ranges::find(known, name, &git::Remote::name);
  if (found == known.end())
    return fail(ErrorCode::not_found, "volume " + source + " has no remote " + sys::quoted(name),
                "lilux call volume.set_remote --source " + source + " --name " + name + " --url <url>");
  line.remote = *found;
  line.endpoint = TRY(git::endpoint_of(line.remote.url));
  return line;
}

// What talking to it needs: `read` or `write` of a path, or its host.
Result<policy::Need> need_of(const CallContext& call, const Line& line, Verb verb) {
  if (line.endpoint)
    return policy::Need{.verb = Verb::connect,
                        .resource = "net",
                        .target = line.endpoint->host + ":" + std::to_string(line.endpoint->port)};
  return policy::Need{.verb = verb,
                      .resource = "fs",
                      .target = TRY(call.resolve(git::path_of(line.remote.url), kernel::Final::follow))};
}

// LILUX_GIT_TOKEN_EXAMPLE_ORG: each host has its own, so that nobody sends it to another one by naming it.
std::string token_variable(const std::string& host) {
  std::string name = "LILUX_GIT_TOKEN_";
  for (const char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '-')
      name += "__";
    else
      name += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return name;
}

git::Credentials credentials_for(const Line& line) {
  if (!line.endpoint) return {};
  return {.token = sys::environment_variable(token_variable(line.endpoint->host).c_str()).value_or("")};
}

Result<std::string> with_hint(base::Error error, const Line& line) {
  if (error.code == ErrorCode::unauthenticated && line.endpoint && line.remote.url.starts_with("http"))
    error.hint = "set " + token_variable(line.endpoint->host) + " where Lilux is started";
  return std::unexpected(std::move(error));
}

git::Waiting waiting_of(const CallContext& call) {
  return {.until = call.deadline(), .stop = call.stop()};
}

RemotesResponse response_of(const std::vector<git::Remote>& remotes) {
  RemotesResponse response;
  for (const git::Remote& one : remotes) response.remotes.push_back({.name = one.name, .url = one.url});
  return response;
}

std::optional<std::string> url_of(const std::vector<git::Remote>& remotes, const std::string& name) {
  const auto found = std::ranges::find(remotes, name, &git::Remote::name);
  return found == remotes.end() ? std::nullopt : std::optional(found->url);
}

// What the other side is known to lack.
struct News {
  git::Diff diff = {};
  git::Unshared sent = {};  // with what was made and removed again
};
Result<News> news_of(const Line& line, const std::string& branch) {
  const git::Repository repository = TRY(line.volume->repository());
  const std::string ours = TRY(repository.commit_at(branch));
  const std::string theirs = repository.commit_at(line.remote.name + "/" + branch).value_or("");
  return News{.diff = TRY(line.volume->diff({.from = theirs, .to = ours})),
              .sent = TRY(git::unshared(repository, theirs, ours))};
}

std::string earlier_commits(const git::Unshared& sent) {
  constexpr std::size_t kNamesMax = 1000;
  if (sent.commits < 2) return {};
  std::string text = "\nand in " + std::to_string(sent.commits - 1) + " earlier commits:";
  for (const std::string& file : sent.files | std::views::take(kNamesMax)) text += "\n  " + file;
  if (sent.files.size() > kNamesMax) text += "\n  … " + std::to_string(sent.files.size() - kNamesMax) + " more";
  return text + "\n";
}

}  // namespace

Result<Assessment> assess_remotes(const CallContext& call, const RemotesRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  Assessment made{.risk = Risk::low};
  made.needs.push_back(read_need(*TRY(volumes.named(request.source))));
  return made;
}

Result<RemotesResponse> remotes(CallContext& call, const RemotesRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return response_of(TRY(known_remotes(*TRY(volumes.named(request.source)))));
}

Result<Assessment> assess_set_remote(const CallContext& call, const SetRemoteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  TRY(volumes.check_writer(volume));
  TRY(git::check_remote_name(request.name));
  if (request.url) TRY(git::check_url(*request.url));
  const auto before = url_of(TRY(known_remotes(volume)), request.name);
  if (!request.url && !before)
    return fail(ErrorCode::not_found, "volume " + request.source + " has no remote " + sys::quoted(request.name),
                "lilux call volume.remotes --source " + request.source);
  Assessment made{.risk = Risk::medium};
  made.needs.push_back({.verb = Verb::write, .resource = "item", .target = "remote/" + request.source});
  const SetRemoteRequest back{.source = request.source, .name = request.name, .url = before};
  made.inverse = JsonObject{{"tool", "volume.set_remote"}, {"arguments", base::encode(back)}};
  return made;
}

Result<RemotesResponse> set_remote(CallContext& call, const SetRemoteRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const git::Repository repository = TRY(git::Repository::open_or_create(volume.place().repository));
  call.begins();
  TRY(git::set_remote(repository, request.name, request.url));
  return response_of(TRY(git::remotes(repository)));
}

Result<Assessment> assess_fetch(const CallContext& call, const FetchRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Line line = TRY(line_to(volumes, request.source, request.remote));
  TRY(volumes.check_writer(*line.volume));
  Assessment made{.risk = Risk::medium};
  made.needs.push_back(TRY(need_of(call, line, Verb::read)));
  made.undo_limit = "what was fetched stays in the volume's repository; no item is changed by it";
  return made;
}

Result<FetchResponse> fetch(CallContext& call, const FetchRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Line line = TRY(line_to(volumes, request.source, request.remote));
  const git::Repository repository = TRY(line.volume->repository());
  auto fetched = git::fetch(repository, line.remote.name, credentials_for(line), waiting_of(call));
  if (!fetched) TRY(with_hint(std::move(fetched).error(), line));
  FetchResponse response{.url = line.remote.url};
  for (git::Fetched& one : *fetched)
    response.branches.push_back(
        {.branch = std::move(one.branch), .before = std::move(one.before), .now = std::move(one.now)});
  return response;
}

Result<Assessment> assess_push(const CallContext& call, const PushRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Line line = TRY(line_to(volumes, request.source, request.remote));
  TRY(volumes.check_writer(*line.volume));
  Assessment made{.risk = Risk::high, .is_irreversible = true};
  made.needs.push_back(TRY(need_of(call, line, Verb::write)));
  const News news = TRY(news_of(line, request.branch.value_or(std::string(git::kMain))));
  std::set<std::string> files(news.sent.files.begin(), news.sent.files.end());
  files.insert(news.diff.files.begin(), news.diff.files.end());
  TRY(volumes.check_seen(*line.volume, {files.begin(), files.end()}));
  for (const std::string& file : files)
    made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = line.volume->at(file)});
  made.undo_limit = "what was sent stays there";
  return made;
}

Result<std::string> preview_push(const CallContext& call, const PushRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Line line = TRY(line_to(volumes, request.source, request.remote));
  const std::string branch = request.branch.value_or(std::string(git::kMain));
  const News news = TRY(news_of(line, branch));
  const std::string_view cut = news.diff.is_cut ? "\n… and more" : "";
  return "sends to " + line.remote.url + ":\n" + news.diff.text + std::string(cut) + earlier_commits(news.sent);
}

Result<PushResponse> push(CallContext& call, const PushRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Line line = TRY(line_to(volumes, request.source, request.remote));
  const git::Repository repository = TRY(line.volume->repository());
  PushResponse response{.url = line.remote.url, .branch = request.branch.value_or(std::string(git::kMain))};
  response.commit = TRY(repository.commit_at(response.branch));
  const bool is_as_judged = call.assessment() && TRY(assess_push(call, request)).needs == call.assessment()->needs;
  if (!is_as_judged)
    return fail(ErrorCode::conflict, "where it goes or what it holds has changed since it was asked for", "push again");
  const auto pushed = git::push(repository, line.remote.name, response.branch, credentials_for(line), waiting_of(call));
  // Refused is refused; when the connection broke, it may have come there all the same.
  const bool may_be_there = pushed || pushed.error().code == ErrorCode::timeout;
  if (may_be_there) call.begins();
  if (!pushed) TRY(with_hint(pushed.error(), line));
  return response;
}

}  // namespace lilux::tools::volume_tools

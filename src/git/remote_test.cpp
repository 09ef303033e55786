#include "git/remote.h"

#include <array>
#include <csignal>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "git/history.h"
#include "git/merge.h"
#include "git/remote_url.h"
#include "git/turn.h"
#include "sys/file.h"
#include "sys/io.h"
#include "tests/support/git_fixture.h"
#include "tests/support/pipe.h"

// There under AddressSanitizer alone: what is allocated between the two may be forgotten.
extern "C" {
[[gnu::weak]] void __lsan_disable();
[[gnu::weak]] void __lsan_enable();
}

namespace lilux::git {

using base::ErrorCode;
using test::code_of;
using test::must;

namespace {

// git's own server on loopback, for the repositories of a folder and who has the token.
class Served {
 public:
  explicit Served(const std::string& folder) {
    test::Pipe pipe;
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::dup2(pipe.write.get(), 1);
      ::execlp("python3", "python3", "-B", LILUX_GIT_HTTP, folder.c_str(), "secret", nullptr);
      ::_exit(127);
    }
    pipe.write.close();
    std::array<char, 16> port{};
    const auto size = must(sys::read_some(pipe.read.get(), port));
    REQUIRE(size.value_or(0) > 1);
    url_ = "http://127.0.0.1:" + std::string(port.data(), *size - 1);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ~Served() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  const std::string& url() const { return url_; }

 private:
  pid_t pid_ = -1;
  std::string url_;
};

// Runs git in a bare repository; what it prints, without the line's end.
std::string git(const Bare& bare, const std::string& arguments) {
  const std::string out = bare.scratch / "out";
  const std::string command = "git --git-dir='" + bare.path + "' " + arguments + " >'" + out + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  std::string text = must(sys::read_file(out, 1 << 20));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string fetched_branches(const Bare& bare) {
  return git(bare, "for-each-ref --format='%(refname:lstrip=2)' refs/remotes");
}

// A commit on branch main with the tree that `git mktree` makes of `entries`.
void hostile(const Bare& bare, const std::string& entries) {
  must(sys::write_file_atomic(bare.scratch / "tree", entries));
  const std::string tree = git(bare, "mktree --missing <'" + (bare.scratch / "tree") + "'");
  git(bare, "update-ref refs/heads/main $(git --git-dir='" + bare.path +
                "' -c user.name=a -c user.email=a@b commit-tree -m x " + tree + ")");
}

}  // namespace

TEST_CASE("remotes are added, listed and removed") {
  const Bare bare;
  must(set_remote(bare.repository, "origin", "https://example.org/x.git"));
  const auto known = must(remotes(bare.repository));
  REQUIRE(known.size() == 1);
  CHECK(known[0].url == "https://example.org/x.git");
  CHECK(git(bare, "remote get-url origin") == "https://example.org/x.git");
  must(set_remote(bare.repository, "origin", std::nullopt));
  CHECK(must(remotes(bare.repository)).empty());
  CHECK(code_of(set_remote(bare.repository, "a/b", "/x")) == ErrorCode::invalid_argument);
}

TEST_CASE("only URLs that cannot be changed on the way are taken, and none with a secret") {
  for (const char* url :
       {"/a/b.git", "file:///a/b.git", "https://example.org/x", "ssh://git@example.org:22/x", "git@example.org:x/y.git",
        "http://127.0.0.1:8080/x", "http://localhost/x", "git://[::1]/x", "/a folder/x"}) {
    INFO(url);
    must(check_url(url));
  }
  for (const char* url : {"http://example.org/x", "git://example.org/x", "http://127.0.0.1.example.org/x",
                          "http://localhost@example.org/x", "https://token@example.org/x", "ssh://a:b@example.org/x"}) {
    INFO(url);
    CHECK(code_of(check_url(url)) == ErrorCode::denied);
  }
  for (const char* url : {"", "relative/path", "ext::sh -c id", "ftp://example.org/x", "file://host/x", "https:///x",
                          "-oProxyCommand=id:x", "ssh://-oProxyCommand=id/x", "https://a b/x", "/a\nb"}) {
    INFO(url);
    CHECK(code_of(check_url(url)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("a URL that two readers may take for two hosts or two paths is refused") {
  for (const char* url : {"http://127.0.0.2?@127.0.0.1:7799/r",
                          "http://127.0.0.2#@127.0.0.1:7799/r",
                          "ssh://127.0.0.2?@example.org/x",
                          "ssh://127.0.0.2\\@example.org/x",
                          "https://example.org?x/y",
                          "https://example.org#/y",
                          "https://ex%61mple.org/x",
                          "ssh://a@b@example.org/x",
                          "ssh://-l@example.org/x",
                          "https://[::1%25lo]/x",
                          "https://[::1]x/y",
                          "https://[::1]80/y",
                          "https://[::1/x",
                          "https://[]/x",
                          "https://example.org./x",
                          "https://example.org:4?3/x",
                          "a@b@example.org:x",
                          "127.0.0.2?@example.org:x",
                          "[example.org:22]:x",
                          "ssh://git@example.org:0/x",
                          "ssh://git@example.org:022/x",
                          "ssh://git@example.org:65536/x",
                          "file:///a/%2e%2e/b",
                          "file:///a%"}) {
    INFO(url);
    CHECK(code_of(check_url(url)) == ErrorCode::invalid_argument);
    CHECK(code_of(endpoint_of(url)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("a path is a path, whatever its name looks like to others") {
  for (const std::string name : {"%2e%2e", "a:b", "@127.0.0.1:x", "a b", "a?b#c", "ssh:", "é"}) {
    CAPTURE(name);
    const Bare ours;
    ours.write("a", "one\n");
    const std::string path = ours.scratch / name;
    const Repository hub = must(Repository::open_or_create(path));
    must(set_remote(ours.repository, "hub", path));
    must(push(ours.repository, "hub", "main", {}));
    CHECK(must(hub.read("main", "a", 100)) == "one\n");
    CHECK(must(fetch(ours.repository, "hub", {})).size() == 1);
  }
}

TEST_CASE("work goes from one volume to another and back by a path") {
  const Bare ours;
  const Bare hub;
  const Bare theirs;
  for (const Bare* each : {&ours, &theirs}) must(set_remote(each->repository, "hub", hub.path));
  const std::string first = ours.write("a", "one\n");
  must(push(ours.repository, "hub", "main", {}));
  CHECK(hub.read("main", "a") == "one\n");
  const auto fetched = must(fetch(theirs.repository, "hub", {}));
  REQUIRE(fetched.size() == 1);
  CHECK(fetched[0].branch == "hub/main");
  CHECK_FALSE(fetched[0].before);
  CHECK(fetched[0].now == first);
  CHECK(must(fetch(theirs.repository, "hub", {})).empty());
  CHECK(fetched_branches(theirs) == "hub/main");
  must(create_branch(theirs.repository, "main", "hub/main"));
  theirs.write("b", "two\n");
  must(push(theirs.repository, "hub", "main", {}));
  ours.write("a", "ONE\n");
  CHECK(code_of(push(ours.repository, "hub", "main", {})) == ErrorCode::conflict);
  CHECK(must(fetch(ours.repository, "hub", {})).size() == 1);
  must(merge(ours.repository, "main", "hub/main", {}, kRemark));
  must(push(ours.repository, "hub", "main", {}));
  CHECK(hub.read("main", "b") == "two\n");
  CHECK(code_of(push(ours.repository, "hub", "none", {})) == ErrorCode::not_found);
  CHECK(code_of(fetch(ours.repository, "none", {})) == ErrorCode::not_found);
  for (const Bare* each : {&ours, &hub, &theirs}) each->check();
}

TEST_CASE("what was fetched is not taken for another repository's") {
  const Bare ours;
  const Bare hub;
  const Bare other;
  hub.write("a", "one\n");
  must(set_remote(ours.repository, "hub", hub.path));
  must(set_remote(ours.repository, "hub-2", hub.path));
  must(fetch(ours.repository, "hub-2", {}));
  must(fetch(ours.repository, "hub", {}));
  git(ours, "pack-refs --all");
  must(set_remote(ours.repository, "hub", hub.path));
  CHECK(fetched_branches(ours) == "hub-2/main\nhub/main");
  must(set_remote(ours.repository, "hub", other.path));
  CHECK(fetched_branches(ours) == "hub-2/main");
  must(set_remote(ours.repository, "hub", hub.path));
  CHECK(must(fetch(ours.repository, "hub", {})).size() == 1);
  must(set_remote(ours.repository, "hub", std::nullopt));
  CHECK(fetched_branches(ours) == "hub-2/main");
}

TEST_CASE("work goes over HTTP to who has the token") {
  const Bare ours;
  const Bare hub;
  const Served served(hub.scratch.path());
  must(set_remote(ours.repository, "hub", served.url() + "/x.git"));
  ours.write("a", "one\n");
  const auto refused = push(ours.repository, "hub", "main", {});
  CHECK(code_of(refused) == ErrorCode::unauthenticated);
  CHECK(code_of(push(ours.repository, "hub", "main", {.token = "wrong"})) == ErrorCode::unauthenticated);
  must(push(ours.repository, "hub", "main", {.token = "secret"}));
  CHECK(hub.read("main", "a") == "one\n");
  const std::string second = hub.write("a", "two\n");
  CHECK(must(fetch(ours.repository, "hub", {.token = "secret"}))[0].now == second);
  CHECK(code_of(fetch(ours.repository, "hub", {})) == ErrorCode::unauthenticated);
  ours.check();
  hub.check();
}

TEST_CASE("trees that lead elsewhere are refused by name, and no branch shows them") {
  for (const std::string entry : {"120000 blob {}\tlink", "100644 blob {}\t..", "100644 blob {}\t.GIT",
                                  "160000 commit {}\tmodule", "100644 blob {}\ta\\b"}) {
    const Bare evil;
    evil.write("a", "/etc/passwd");
    std::string line = entry;
    const bool is_commit = line.starts_with("160000");
    line.replace(line.find("{}"), 2, is_commit ? std::string(40, '1') : must(content_id("/etc/passwd")));
    hostile(evil, line + "\n");
    const Bare ours;
    must(set_remote(ours.repository, "evil", evil.path));
    const auto failed = fetch(ours.repository, "evil", {});
    INFO(entry);
    CHECK(code_of(failed) == ErrorCode::denied);
    const std::string name = entry.substr(entry.find('\t') + 1);
    CHECK(failed.error().message.find(name == "a\\b" ? "a" : name) != std::string::npos);
    CHECK(fetched_branches(ours).empty());
  }
}

TEST_CASE("a remote that is not there is told") {
  const Bare bare;
  must(set_remote(bare.repository, "gone", bare.scratch / "gone.git"));
  const auto failed = fetch(bare.repository, "gone", {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.find("gone.git") != std::string::npos);
  must(set_remote(bare.repository, "closed", "http://127.0.0.1:1/x.git"));
  CHECK(code_of(fetch(bare.repository, "closed", {})) == ErrorCode::unavailable);
}

TEST_CASE("a URL says where a connection goes, or which path it is") {
  const auto at = [](const char* url) {
    const auto found = must(endpoint_of(url));
    return found ? found->host + ":" + std::to_string(found->port) : path_of(url);
  };
  CHECK(at("https://Example.org/x") == "example.org:443");
  CHECK(at("ssh://git@example.org:2222/x") == "example.org:2222");
  CHECK(at("git@example.org:x/y.git") == "example.org:22");
  CHECK(at("http://[::1]:8080/x") == "[::1]:8080");
  CHECK(at("git://localhost/x") == "localhost:9418");
  CHECK(at("file:///a/b") == "/a/b");
  CHECK(at("/a/b") == "/a/b");
  CHECK(code_of(endpoint_of("https://example.org:70000/x")) == ErrorCode::invalid_argument);
  CHECK(code_of(endpoint_of("https://example.org:x/x")) == ErrorCode::invalid_argument);
}

// Takes what connects and never says a word.
class Silent {
 public:
  Silent() {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {::htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_, 4) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = std::to_string(::ntohs(address.sin_port));
  }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;
  ~Silent() { ::close(fd_); }
  const std::string& port() const { return port_; }

 private:
  int fd_ = -1;
  std::string port_;
};

// libgit2 1.5 forgets the stream of a push over git:// that does not connect, a few hundred bytes.
base::Result<void> push_forgetfully(const Repository& repository, const std::string& name, const Waiting& waiting) {
  if (__lsan_disable) __lsan_disable();
  base::Result<void> result = push(repository, name, "main", {}, waiting);
  if (__lsan_enable) __lsan_enable();
  return result;
}

TEST_CASE("a server that says nothing is not waited for longer than was said") {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  const Silent silent;
  for (const std::string scheme : {"http://127.0.0.1:", "https://127.0.0.1:", "git://127.0.0.1:", "ssh://127.0.0.1:"}) {
    CAPTURE(scheme);
    const Bare bare;
    bare.write("a", "one\n");
    must(set_remote(bare.repository, "mute", scheme + silent.port() + "/x.git"));
    const auto began = steady_clock::now();
    CHECK(code_of(fetch(bare.repository, "mute", {}, {.until = began + milliseconds(150)})) == ErrorCode::timeout);
    std::stop_source source;
    source.request_stop();
    const Waiting no_longer{.stop = source.get_token()};
    CHECK(code_of(push_forgetfully(bare.repository, "mute", no_longer)) == ErrorCode::timeout);
    CHECK(steady_clock::now() - began < milliseconds(2000));
  }
}

TEST_CASE("what else stands in a repository's configuration is not listened to") {
  const Bare ours;
  const Bare hub;
  const Bare elsewhere;
  ours.write("a", "one\n");
  must(set_remote(ours.repository, "hub", hub.path));
  git(ours, "config url." + elsewhere.path + ".insteadOf " + hub.path);
  git(ours, "config remote.hub.pushurl " + elsewhere.path);
  git(ours, "config remote.hub.fetch +refs/heads/*:refs/heads/*");
  git(ours, "config core.hooksPath " + ours.path);
  must(push(ours.repository, "hub", "main", {}));
  CHECK(hub.read("main", "a") == "one\n");
  CHECK(must(elsewhere.repository.branches()).empty());
  hub.write("a", "two\n");
  CHECK(must(fetch(ours.repository, "hub", {}))[0].branch == "hub/main");
  CHECK(ours.read("main", "a") == "one\n");
  must(set_remote(ours.repository, "hub", std::nullopt));
  CHECK(must(remotes(ours.repository)).empty());
}

TEST_CASE("a configuration that includes others is refused, before it is followed") {
  for (const std::string section :
       {"[include]", "[ INCLUDE ]", "[includeIf \"gitdir:/\"]", "[a] b = 1\n[core][include]"}) {
    CAPTURE(section);
    const Bare ours;
    const Bare theirs;
    must(set_remote(ours.repository, "other", theirs.path));
    const std::string text = must(sys::read_file(theirs.path + "/config", 1 << 20));
    must(sys::write_file_atomic(theirs.path + "/config", text + section + "\n path = /dev/stdin\n"));
    const auto failed = Repository::open(theirs.path);
    CHECK(code_of(failed) == ErrorCode::denied);
    CHECK(failed.error().message.contains("/config"));
    CHECK(code_of(fetch(ours.repository, "other", {})) == ErrorCode::denied);
    must(sys::write_file_atomic(theirs.path + "/config", text));
    must(sys::write_file_atomic(theirs.path + "/commondir", ours.path + "\n"));
    CHECK(code_of(Repository::open(theirs.path)) == ErrorCode::denied);
  }
}

TEST_CASE("a repository that leads out of its folder is neither read nor written") {
  const Bare elsewhere;
  elsewhere.write("secret", "s\n");
  const auto moved = [&](const std::string& name) { return "mv " + name + " ../moved && ln -s ../moved " + name; };
  const std::string other = "'" + elsewhere.path + "/objects'";
  for (const std::string& arrange : std::vector<std::string>{
           moved("HEAD"), moved("objects"), moved("refs"), moved("refs/heads/main"), moved("config"),
           "ln -s " + other + " objects/aa", "mkdir -p logs/refs && ln -s ../../../log logs/refs/heads",
           "ln -s ../gone packed-refs", "mkfifo refs/heads/fifo", "echo " + other + " >objects/info/alternates",
           "echo .. >commondir", "ln -s '" + elsewhere.path + "' .git", "echo gitdir: '" + elsewhere.path + "' >.git",
           "mkdir .git && ln -s " + other + " .git/objects"}) {
    CAPTURE(arrange);
    const Bare ours;
    const Bare hub;
    hub.write("a", "one\n");
    ours.write("b", "two\n");
    must(set_remote(ours.repository, "hub", hub.path));
    REQUIRE(std::system(("cd '" + hub.path + "' && " + arrange).c_str()) == 0);
    CHECK(code_of(fetch(ours.repository, "hub", {})) == ErrorCode::denied);
    CHECK(code_of(push(ours.repository, "hub", "main", {})) == ErrorCode::denied);
    must(set_remote(ours.repository, "hub", hub.path + "/../x.git"));
    CHECK(code_of(fetch(ours.repository, "hub", {})) == ErrorCode::denied);
  }
}

}  // namespace lilux::git

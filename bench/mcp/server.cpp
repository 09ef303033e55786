#include "server.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../measure.h"

namespace lilux::bench {

namespace {

constexpr int kEndsWithin = 5000;  // milliseconds after the end of its input

std::vector<std::string> environment_with(const std::vector<std::string>& first) {
  std::vector<std::string> all = first;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('=') + 1);
    bool is_given = false;
    for (const std::string& given : first) is_given = is_given || given.starts_with(name);
    if (!is_given) all.emplace_back(text);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> made;
  for (std::string& text : texts) made.push_back(text.data());
  made.push_back(nullptr);
  return made;
}

// Room for what is written ahead, the same for every server.
std::pair<sys::Fd, sys::Fd> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) stop("cannot make a pipe");
  ::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  return {sys::Fd(ends[0]), sys::Fd(ends[1])};
}

}  // namespace

Server::Server(Command command) : command_(std::move(command)) {
  auto [child_in, in] = make_pipe();
  auto [out, child_out] = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child_in.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, child_out.get(), 1);
  posix_spawn_file_actions_addchdir_np(&actions, command_.folder.c_str());
  if (std::getenv("BENCH_MCP_LOUD") == nullptr) posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::vector<std::string> environment = environment_with(command_.environment);
  const std::string program = command_.words[0];
  if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, pointers(command_.words).data(),
                    pointers(environment).data()) != 0)
    stop("cannot run " + program);
  posix_spawn_file_actions_destroy(&actions);
  in_ = std::move(in);
  out_ = std::move(out);
}

Server::~Server() {
  in_ = {};
  if (command_.end == End::signal) ::kill(pid_, SIGTERM);
  for (int waited = 0; waited < kEndsWithin; waited += 5) {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Server::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(in_.get(), bytes.data(), bytes.size());
    if (written <= 0) stop(command_.words[0] + " has gone");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::size_t Server::read(char* to, std::size_t size) const {
  const ssize_t got = ::read(out_.get(), to, size);
  if (got <= 0) stop(command_.words[0] + " has ended");
  return static_cast<std::size_t>(got);
}

std::string Server::first_line() const {
  std::string line;
  for (char byte = 0; read(&byte, 1) == 1 && byte != '\n';) line += byte;
  return line;
}

double Server::cpu_us() const {
  double all = 0;
  for (const pid_t process : processes()) {
    clockid_t clock = 0;
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
      stop("cannot read its clock");
    all += static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  }
  return all;
}

double Server::resident_mib() const {
  double all = 0;
  for (const pid_t process : processes()) {
    std::ifstream file("/proc/" + std::to_string(process) + "/statm");
    double total = 0;
    double resident = 0;
    file >> total >> resident;
    all += resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
  }
  return all;
}

std::vector<pid_t> Server::processes() const {
  std::vector<pid_t> all{pid_};
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(all[i]) + "/task", gone)) {
      std::ifstream file(thread.path() / "children");
      for (pid_t child = 0; file >> child;) all.push_back(child);
    }
  }
  all.insert(all.end(), command_.also.begin(), command_.also.end());
  return all;
}

}  // namespace lilux::bench

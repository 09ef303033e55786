#pragma once

// The client's side over standard streams: one message a line, no more JSON than it takes to tell answers apart.

#include <string>
#include <string_view>
#include <vector>

#include "../measure.h"
#include "server.h"

namespace lilux::bench {

double quantile(std::vector<double> values, double part);

// The text of a request; its number stands at a fixed place, so that a new one is a few bytes written over.
class Request {
 public:
  Request(std::string before, std::string behind);
  // `meta` is what follows the arguments: empty, or a comma and a member.
  static Request call(std::string_view tool, std::string_view arguments, std::string_view meta = "");
  std::string_view next();

 private:
  std::string text_;
  std::size_t at_;
  int number_;
};

struct Sequential {
  double p50_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double cpu_us = 0;  // each
};

struct Pipelined {
  double per_second = 0;
  double cpu_us = 0;
};

class Lines {
 public:
  explicit Lines(const Server& server) : server_(server), piece_(std::size_t{1} << 20) {}

  void shake_hands();
  double first_call_us(Request& request);  // its answer sets what others are held against
  Sequential one_by_one(Request& request, int count);
  Pipelined many(Request& request, int count, int window);

 private:
  std::string receive();  // one whole line
  void receive_alike();   // the same, held against the first answer; not copied
  const Server& server_;
  std::vector<char> piece_;
  std::size_t size_usual_ = 0;
};

}  // namespace lilux::bench

#include "net/http_parser.h"

#include <doctest/doctest.h>

namespace lilux::net {
namespace {

using State = RequestParser::State;

struct Outcome {
  int status = 0;  // 0: complete, -1: more is wanted
  std::string message;
  Request request;
  std::size_t taken = 0;
};

// Feeds the text in pieces of that size.
Outcome parse(std::string_view text, std::size_t piece = std::string_view::npos, MessageLimits limits = {}) {
  RequestParser parser(limits);
  Outcome outcome;
  while (outcome.taken < text.size() && parser.state() != State::complete && parser.state() != State::refused) {
    outcome.taken += parser.consume(text.substr(outcome.taken, piece));
  }
  if (parser.state() == State::complete) {
    outcome.request = parser.take();
  } else {
    outcome.status = parser.state() == State::refused ? parser.refusal().status : -1;
    outcome.message = parser.refusal().message;
  }
  return outcome;
}

std::string with_field(const std::string& field) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + field + "\r\n\r\n";
}

TEST_CASE("a request is read into its parts") {
  const Outcome outcome = parse(
      "POST /api/call/fs%2Eread?dry=1&q=a+b HTTP/1.1\r\nHost: localhost:80\r\nX-A:  b c \t\r\ncontent-length: "
      "3\r\n\r\nabcGET");
  REQUIRE(outcome.status == 0);
  CHECK(outcome.request.method == "POST");
  CHECK(outcome.request.target == "/api/call/fs%2Eread?dry=1&q=a+b");
  CHECK(outcome.request.path == "/api/call/fs.read");
  CHECK(*outcome.request.query_value("q") == "a b");
  CHECK(*outcome.request.headers.find("x-a") == "b c");
  CHECK(outcome.request.body == "abc");
  CHECK(outcome.taken > 3);  // what follows belongs to the next request
}

TEST_CASE("requests that are refused, each for its reason") {
  struct Case {
    int status;
    std::string text;
  };
  const std::vector<Case> cases{
      {400, "GET / HTTP/1.1\nHost: h\n\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\n\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"},
      {400, std::string("GET /\0 HTTP/1.1\r\n", 17)},
      {400, std::string("GET / HTTP/1.1\r\nHost: h\0\r\n", 26)},
      {400, "GET  / HTTP/1.1\r\n"},
      {400, "GET /  HTTP/1.1\r\n"},
      {400, " GET / HTTP/1.1\r\n"},
      {400, "GET /a b HTTP/1.1\r\n"},
      {400, "GET\t/\tHTTP/1.1\r\n"},
      {400, "GET /\r\n"},
      {400, "GET\r\n"},
      {400, "\r\n\r\n"},
      {400, "G@T / HTTP/1.1\r\n"},
      {400, "GET / http/1.1\r\n"},
      {400, "GET / HTTP/1.1 \r\n"},
      {400, "GET / HTTP/11\r\n"},
      {505, "GET / HTTP/2.0\r\n"},
      {505, "GET / HTTP/1.2\r\n"},
      {400, "GET /%zz HTTP/1.1\r\n"},
      {400, "GET /%00 HTTP/1.1\r\n"},
      {400, "GET /?a=%4 HTTP/1.1\r\n"},
      {400, "GET /\xc3\xa9 HTTP/1.1\r\n"},
      {400, "GET /#part HTTP/1.1\r\n"},
      {400, "GET path HTTP/1.1\r\n"},
      {400, "GET * HTTP/1.1\r\n"},
      {400, "GET https://h/ HTTP/1.1\r\n"},
      {400, "GET http:///x HTTP/1.1\r\n"},
      {400, "CONNECT h:80 HTTP/1.1\r\n"},
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {400, "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"},
      {400, "GET http://u@a/ HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n"},
      {400, with_field("X: a\r\n b")},
      {400, with_field("X: a\r\n\tb")},
      {400, with_field("X : a")},
      {400, with_field("X\t: a")},
      {400, with_field(": a")},
      {400, with_field("no colon")},
      {400, with_field("X\xc3\xa9: a")},
      {400, with_field("X(y): a")},
      {400, with_field("X: a\x01z")},
      {400, with_field("X: a\x7fz")},
      {400, with_field("Content-Length: 1\r\nContent-Length: 1")},
      {400, with_field("Content-Length: 1, 1")},
      {400, with_field("Content-Length: +1")},
      {400, with_field("Content-Length: -1")},
      {400, with_field("Content-Length: 0x1")},
      {400, with_field("Content-Length:")},
      {400, with_field("Content-Length: 99999999999999999999")},
      {400, with_field("Content-Length: 1\r\nTransfer-Encoding: chunked")},
      {400, with_field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")},
      {501, with_field("Transfer-Encoding: gzip, chunked")},
      {501, with_field("Transfer-Encoding: chunked, identity")},
      {501, with_field("Transfer-Encoding: xchunked")},
      {501, with_field("Transfer-Encoding:")},
      {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {417, with_field("Expect: cake")},
      {400, with_field("Expect: 100-continue\r\nExpect: 100-continue")},
      {400, with_field("Origin: a\r\nOrigin: b")},
      {400, with_field("Authorization: a\r\nAuthorization: b")},
      {400, with_field("Content-Type: a\r\nContent-Type: b")},
  };
  for (const Case& wrong : cases) {
    CAPTURE(wrong.text);
    CHECK(parse(wrong.text).status == wrong.status);
    CHECK(parse(wrong.text, 1).status == wrong.status);
    CHECK_FALSE(parse(wrong.text).message.empty());
  }
}

TEST_CASE("requests that are unusual and right") {
  CHECK(parse("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 0);
  CHECK(parse("GET / HTTP/1.1\r\nHost:\r\n\r\n").status == 0);
  CHECK(parse("GET / HTTP/1.0\r\n\r\n").status == 0);
  CHECK(parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").request.path == "*");
  CHECK(parse("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n").request.method == "BREW");
  CHECK(parse(with_field("Content-Length: 0 ")).status == 0);
  CHECK(parse(with_field("X:")).request.headers.find("x")->empty());
  CHECK(parse("GET ? HTTP/1.1\r\n").status == 400);

  const Outcome absolute = parse("GET HTTP://h:8080?x=1 HTTP/1.1\r\nHost: H:8080\r\n\r\n");
  CHECK(absolute.request.path == "/");
  CHECK(*absolute.request.query_value("x") == "1");
  CHECK(*parse("GET http://h/p HTTP/1.0\r\n\r\n").request.headers.find("Host") == "h");
}

TEST_CASE("limits on the line, the fields and the body are exact") {
  const MessageLimits limits{
      .start_line_bytes_max = 32, .header_bytes_max = 64, .headers_max = 3, .body_bytes_max = 10};
  const auto status = [&](const std::string& text) {
    CHECK(parse(text, 1, limits).status == parse(text, std::string_view::npos, limits).status);
    return parse(text, 1, limits).status;
  };
  const std::string line = "GET / HTTP/1.1\r\n";
  CHECK(status("GET /" + std::string(18, 'a') + " HTTP/1.1\r\nHost:\r\n\r\n") == 0);
  CHECK(status("GET /" + std::string(19, 'a') + " HTTP/1.1\r\nHost:\r\n\r\n") == 414);
  CHECK(status("GET /" + std::string(60, 'a')) == 414);
  CHECK(status(line + "Host:\r\nA:" + std::string(64 - 7 - 4, 'a') + "\r\n\r\n") == 0);
  CHECK(status(line + "Host:\r\nA:" + std::string(64 - 7 - 3, 'a') + "\r\n\r\n") == 431);
  CHECK(status(line + "Host:" + std::string(200, 'a')) == 431);
  CHECK(status(line + "Host:\r\nA:\r\nB:\r\n\r\n") == 0);
  CHECK(status(line + "Host:\r\nA:\r\nB:\r\nC:\r\n\r\n") == 431);
  CHECK(status(line + "Host:\r\nContent-Length: 10\r\n\r\n0123456789") == 0);
  CHECK(status(line + "Host:\r\nContent-Length: 11\r\n\r\n") == 413);
  CHECK(status(line + "Host:\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n") == 0);
  CHECK(status(line + "Host:\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n") == 413);
  CHECK(status(line + "Host:\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n") == 413);
}

TEST_CASE("chunked bodies are put together, and wrong ones are refused") {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n";
  const Outcome whole = parse(head + "3\r\nabc\r\n0A;name=\"v\"\r\n0123456789\r\n000\r\nTrailer: x\r\n\r\nNEXT");
  REQUIRE(whole.status == 0);
  CHECK(whole.request.body == "abc0123456789");
  CHECK(whole.request.headers.find("Trailer") == nullptr);
  CHECK(parse(head + "0\r\n\r\n").request.body.empty());
  CHECK(parse(head + "3\r\nabc\r\n").status == -1);
  for (const char* wrong : {"3\nabc\r\n", "3\r\nabc\n", "3\r\nabcd\r\n", "3\r\nab\r\n0\r\n\r\n", "\r\n", "g\r\n",
                            "0x3\r\n", " 3\r\n", "3 \r\n", "3 ;a\r\n", "-3\r\n", "+3\r\n", "11111111111111111\r\n",
                            "0\r\n folded\r\n\r\n", "0\r\nno colon\r\n\r\n", "0\r\n\n", "3;\x01\r\n"}) {
    CAPTURE(wrong);
    CHECK(parse(head + wrong).status == 400);
    CHECK(parse(head + wrong, 1).status == 400);
  }
  CHECK(parse(head + "3;" + std::string(300, 'x') + "\r\n").status == 400);
  CHECK(parse(head + "0\r\nX: " + std::string(40'000, 'x')).status == 400);
}

TEST_CASE("a request reads the same however its bytes are cut") {
  const std::string text =
      "\r\nPUT /a?b=c HTTP/1.1\r\nHost: h\r\nX: y\r\nTransfer-Encoding: "
      "chunked\r\n\r\n4\r\nwxyz\r\n2;e\r\n!!\r\n0\r\nT: u\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const Outcome outcome = parse(text, piece);
    REQUIRE(outcome.status == 0);
    CHECK(outcome.taken == text.size());
    CHECK(outcome.request.body == "wxyz!!");
    CHECK(outcome.request.headers.size() == 3);
  }
  for (std::size_t size = 0; size < text.size(); ++size) CHECK(parse(text.substr(0, size)).status == -1);
}

TEST_CASE("one parser reads request after request") {
  const std::string text =
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi\r\nGET /3 "
      "HTTP/1.0\r\n\r\n";
  RequestParser parser;
  std::string_view rest = text;
  std::string paths;
  while (!rest.empty()) {
    rest.remove_prefix(parser.consume(rest));
    REQUIRE(parser.state() == State::complete);
    paths += parser.take().path;
    CHECK_FALSE(parser.has_begun());
  }
  CHECK(paths == "/1/2/3");
}

TEST_CASE("what the head says about the connection") {
  const auto fed = [](std::string_view text) {
    RequestParser parser;
    parser.consume(text);
    return parser;
  };
  CHECK(fed("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keeps_alive());
  CHECK_FALSE(fed("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n").keeps_alive());
  CHECK_FALSE(fed("GET / HTTP/1.0\r\n\r\n").keeps_alive());
  CHECK(fed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keeps_alive());
  const RequestParser waiting = fed("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
  CHECK(waiting.expects_continue());
  CHECK(waiting.state() == State::body);
  CHECK_FALSE(fed("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").expects_continue());
  CHECK_FALSE(fed("PUT / HTTP/1.0\r\nExpect: anything\r\nContent-Length: 1\r\n\r\n").expects_continue());
  CHECK_FALSE(fed("").has_begun());
  CHECK(fed("G").has_begun());
}

Response read_response(std::string_view text, std::string_view method = "GET", std::size_t piece = 1) {
  ResponseParser parser(method);
  std::size_t taken = 0;
  while (taken < text.size() &&
         (parser.state() == ResponseParser::State::head || parser.state() == ResponseParser::State::body)) {
    taken += parser.consume(text.substr(taken, piece));
  }
  parser.consume_end();
  if (parser.state() == ResponseParser::State::complete) return parser.response();
  return {.status = -parser.refusal().status, .headers = {}, .body = {}};
}

TEST_CASE("responses are read by length, by chunks, to the end, and without a body") {
  CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").body == "hi");
  CHECK(read_response("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n").body == "hi");
  CHECK(read_response("HTTP/1.0 404 Not Here\r\n\r\nto the end").body == "to the end");
  CHECK(read_response("HTTP/1.1 204 No Content\r\n\r\n").status == 204);
  CHECK(read_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n").status == 304);
  CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD").status == 200);
  CHECK(read_response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
                      "OK\r\nContent-Length: 0\r\n\r\n")
            .status == 200);
}

TEST_CASE("responses that are refused") {
  for (const char* wrong :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 099 Low\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1_200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\n\n"}) {
    CAPTURE(wrong);
    CHECK(read_response(wrong).status < 0);
    CHECK(read_response(wrong, "GET", 1000).status < 0);
  }
  CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n").status == -400);
  CHECK(read_response("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").status == -413);
}

}  // namespace
}  // namespace lilux::net

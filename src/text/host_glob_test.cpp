#include "text/host_glob.h"

#include <array>
#include <random>

#include <doctest/doctest.h>

namespace lilux::text {
namespace {

bool fits(std::string_view pattern, std::string_view target) {
  const auto glob = HostGlob::compile(pattern);
  INFO(pattern);
  REQUIRE(glob);
  return glob->matches(target);
}

std::string refusal(std::string_view pattern) {
  const auto glob = HostGlob::compile(pattern);
  return glob ? "" : glob.error().message;
}

TEST_CASE("hosts: a port when one is named, any case, everything below a domain") {
  CHECK(fits("api.example.com:443", "api.example.com:443"));
  CHECK(fits("API.Example.com:443", "api.EXAMPLE.com:443"));
  CHECK_FALSE(fits("api.example.com:443", "api.example.com:80"));
  CHECK_FALSE(fits("api.example.com:443", "api.example.com"));
  CHECK(fits("api.example.com", "api.example.com:80"));
  CHECK(fits("api.example.com:*", "api.example.com:80"));
  CHECK(fits("*.example.com:443", "a.b.example.com:443"));
  CHECK_FALSE(fits("*.example.com", "example.com:443"));
  CHECK_FALSE(fits("*.example.com", "badexample.com:443"));
  CHECK_FALSE(fits("*.example.com", "a.example.com.evil.org:443"));
  CHECK(fits("*", "a.b:1"));
  CHECK(fits("*:443", "a.b:443"));
  CHECK_FALSE(fits("*:443", "a.b:80"));
  CHECK(fits("{a,b}.example:1", "b.example:1"));
  CHECK(fits("api-*.example", "api-7.example:1"));
  CHECK_FALSE(fits("api-*.example", "api-7.x.example:1"));
  CHECK(fits("localhost", "localhost:8080"));
}

TEST_CASE("hosts: an address has one spelling") {
  CHECK(fits("[::1]:80", "[0:0:0:0:0:0:0:1]:80"));
  CHECK(fits("[2001:DB8::0]", "[2001:db8::]:443"));
  CHECK(fits("127.0.0.1", "[::ffff:127.0.0.1]:80"));
  CHECK(fits("[::ffff:127.0.0.1]", "127.0.0.1:80"));
  CHECK_FALSE(fits("[::1]:80", "[::2]:80"));
  CHECK(fits("10.0.0.*", "10.0.0.7:1"));
  CHECK_FALSE(fits("*.com", "[::1]:80"));
}

TEST_CASE("what two readers could read differently is no host") {
  using namespace std::string_view_literals;
  for (const std::string_view target : {"evil.com\0.example.com:443"sv,
                                        "a.example.com.:443"sv,
                                        "a..b:1"sv,
                                        ".a:1"sv,
                                        ""sv,
                                        ":443"sv,
                                        "a:0"sv,
                                        "a:65536"sv,
                                        "a:x"sv,
                                        "a:"sv,
                                        "a:080"sv,
                                        "a b:1"sv,
                                        "http://a:1"sv,
                                        "a/b"sv,
                                        "u@a:1"sv,
                                        "\xc3\xa4.example:1"sv,
                                        "a%2e:1"sv,
                                        "[::1"sv,
                                        "[::1]x"sv,
                                        "[::1%eth0]:1"sv,
                                        "::1"sv,
                                        "a:1:2"sv,
                                        "127.1:80"sv,
                                        "0x7f.0.0.1:80"sv,
                                        "0x7f000001:80"sv,
                                        "2130706433:80"sv,
                                        "0177.0.0.1:1"sv,
                                        "1.2.3.4.5:1"sv,
                                        "256.0.0.1:1"sv,
                                        "*.a:1"sv,
                                        "a\n:1"sv}) {
    INFO(target);
    CHECK_FALSE(Host::parse(target));
    CHECK_FALSE(fits("*", target));
  }
  CHECK_FALSE(Host::parse(std::string(254, 'a')));
}

TEST_CASE("patterns over hosts that never match are refused with the reason") {
  CHECK(refusal("https://example.com") ==
        "pattern 'https://example.com' has a scheme or a path, so it never matches a host");
  CHECK(refusal("example.com/a") == "pattern 'example.com/a' has a scheme or a path, so it never matches a host");
  CHECK(refusal("example.com.") == "pattern 'example.com.' has a dot at its end, so it never matches");
  CHECK(refusal("example.com:99999") == "pattern 'example.com:99999' has a port that is none");
  CHECK(refusal("a..b") == "pattern 'a..b' has an empty part, so it never matches");
  CHECK(refusal("**.example.com") == "pattern '**.example.com' has '**' in it");
  CHECK(refusal("u@a") == "pattern 'u@a' names a user");
  CHECK(refusal("\xc3\xa4.de").ends_with("holds bytes that no host has"));
  CHECK(refusal("127.1") == "pattern '127.1' is a number, but not a plain IPv4 address, so it never matches");
  CHECK(refusal("[::g]:1") == "pattern '[::g]:1' has no IPv6 address in its brackets");
  CHECK(refusal("::1").ends_with("has a port that is none"));
  CHECK_FALSE(refusal("a b").empty());
  CHECK_FALSE(refusal("").empty());
}

bool host_covers(std::string_view wide, std::string_view narrow) {
  return covers(*HostGlob::compile(wide), *HostGlob::compile(narrow));
}

TEST_CASE("a host pattern covers those whose every match it matches") {
  CHECK(host_covers("*", "a.b:1"));
  CHECK(host_covers("*.b", "*.a.b:1"));
  CHECK(host_covers("*.b", "x.b"));
  CHECK(host_covers("a.b", "a.b:1"));
  CHECK(host_covers("a*.b", "ax.b"));
  CHECK_FALSE(host_covers("a.b:1", "a.b"));
  CHECK_FALSE(host_covers("*.a.b", "*.b"));
  CHECK_FALSE(host_covers("*.b", "b"));
  CHECK_FALSE(host_covers("a.b", "*"));
  CHECK_FALSE(host_covers("x.b", "*.b"));
}

TEST_CASE("covering of hosts is sound") {
  std::mt19937 random(3);
  const auto one = [&](bool is_pattern) {
    const auto kLabels = std::to_array<std::string_view>({"a", "b", "ab", "a*", "*b", "?"});
    std::string host = is_pattern && random() % 3 == 0 ? "*." : "";
    for (std::size_t i = 0, count = 1 + random() % 3; i < count; ++i)
      host.append(i == 0 ? "" : ".").append(kLabels[random() % (is_pattern ? 6 : 3)]);
    if (is_pattern && random() % 8 == 0) host = "*";
    return host + (random() % 2 == 0 || !is_pattern ? (random() % 2 == 0 ? ":1" : ":2") : "");
  };
  int covered = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string wide = one(true);
    const std::string narrow = one(true);
    const std::string target = one(false);
    INFO(wide << " " << narrow << " " << target);
    if (!host_covers(wide, narrow)) continue;
    ++covered;
    const bool is_sound = !fits(narrow, target) || fits(wide, target);
    REQUIRE(is_sound);
  }
  CHECK(covered > 500);
}

}  // namespace
}  // namespace lilux::text

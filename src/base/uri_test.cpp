#include "base/uri.h"

#include <doctest/doctest.h>

using lilux::base::resolve_uri;
using lilux::base::split_uri;

TEST_CASE("a path of two slashes never becomes an authority") {
  CHECK(resolve_uri("a:/b", "/.//c") == "a:/.//c");
  CHECK(resolve_uri("a:/b", "..//c") == "a:/.//c");
  CHECK_FALSE(split_uri(resolve_uri("a:/b/c", "/x/..//evil.example/d")).authority);
  CHECK(resolve_uri("a://h/b", "/.//c") == "a://h//c");
}

#pragma once

// Hosts with ports, as `connect net` needs name them, and globs over them. Values, immutable once compiled; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/wild.h"

namespace lilux::text {

// "api.example.com:443", "[::1]:80", "10.0.0.1": taken apart. An address is one spelling only: IPv6 in its short form,
// and IPv4 that is written into IPv6 is IPv4.
struct Host {
  std::vector<std::string> labels;  // lower case, from the right: com, example, api; an IPv6 address is one label
  std::string port;                 // empty when there is none

  // Refuses what two readers could read differently: NUL, spaces and other bytes that no host has, a scheme, a path, a
  // user, a dot at the end, numbers that are no plain IPv4 address, IPv6 without brackets, ports that are none.
  static base::Result<Host> parse(std::string_view target);
};

// `*.example.com:443` (whatever ends in .example.com, at any depth, but not example.com), `host` and `host:*` (any
// port), `api-*.example.com` (`*` within one label), `*:443`, `{a,b}.example`, `[::1]:80`. Case does not count.
class HostGlob {
 public:
  struct Choice {
    std::vector<Wild> labels;  // from the right, without the star that stands for any number of them
    bool is_open = false;      // begins with "*."
    bool is_any = false;       // "*"
    std::string port;          // empty for any
  };

  static base::Result<HostGlob> compile(std::string_view pattern);
  bool matches(const Host& host) const;
  // False for what is no host.
  bool matches(std::string_view target) const;
  const std::vector<Choice>& choices() const { return choices_; }

 private:
  std::vector<Choice> choices_;
};

// True when everything the second matches is matched by the first; false when that cannot be shown.
bool covers(const HostGlob& wide, const HostGlob& narrow);

}  // namespace lilux::text

// Addresses of remotes: what is taken has one reading, and its host is the one that a rule is asked about.

#include "git/remote_url.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using lilux::fuzz::require;
  const std::string_view url = lilux::fuzz::Input(data, size).rest();
  const auto checked = lilux::git::check_url(url);
  const auto endpoint = lilux::git::endpoint_of(url);
  if (!checked) {
    require(!endpoint);
    return 0;
  }
  require(endpoint.has_value());
  if (!*endpoint) return 0;  // a path of this machine
  const std::string& host = (*endpoint)->host;
  require(!host.empty() && (*endpoint)->port != 0);
  require(!host.starts_with('-'));
  require(host.find_first_of("@/?#\\% ") == std::string::npos);
  return 0;
}

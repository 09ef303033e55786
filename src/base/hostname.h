#pragma once

// Names of hosts as in RFC 1123, and with letters of every script as in RFC 5890 to 5893 (IDNA 2008). Any thread.

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace lilux::base {

class HostnameCheck {
 public:
  HostnameCheck();

  // Letters, digits and hyphens; labels in Punycode must stand for a valid label.
  bool is_hostname(std::string_view text) const;
  // The same with letters of every script. Whether a label is in normal form is not looked at, and which Arabic and
  // Syriac letters join is approximated.
  bool is_idn_hostname(std::string_view text) const;

 private:
  bool is_label(std::string_view label, bool is_bidi) const;

  std::shared_ptr<const re2::RE2> letters_;  // shared by copies of this check
};

}  // namespace lilux::base

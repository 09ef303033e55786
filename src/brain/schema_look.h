#pragma once

// What a value must look like to be one for a parameter at all: an e-mail address has an @ in it, whatever else the
// sentence offers. Told from the format of its schema and from its name. Pure; any thread.

#include <cstdint>
#include <string_view>

namespace lilux::brain {

enum class Look : std::uint8_t { any, email, url, phone, iban, date, uuid, address, glob };

// Of what is written as text. `name` is that of the parameter, `description` what is said of it.
struct Told {
  std::string_view name = {};
  std::string_view description = {};
  std::string_view format = {};
};
Look look_of(const Told& told);

bool looks_like(Look look, std::string_view text);

}  // namespace lilux::brain

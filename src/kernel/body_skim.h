#pragma once

// Picks the few members the index wants out of a record's body without building the rest of it: indexing a long ledger
// is mostly this. Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lilux::kernel {

struct SkimmedBody {
  std::string call;
  std::string tool;
  std::string task;
  std::string principal;
  std::string cause;
  std::string result;
  std::string undo;
  std::string error_code;
  std::string need;  // the first of its needs
  std::string tier;
  std::string changes;  // as JSON text; empty when there are none
  std::int64_t wall_us = 0;
  bool has_inverse = false;
};

// Absent when the body is no JSON object. Members of another type than expected are left out.
std::optional<SkimmedBody> skim(std::string_view body);

}  // namespace lilux::kernel

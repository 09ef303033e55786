#include "kernel/record.h"

#include "base/encoding.h"
#include "ledger/ledger.h"

namespace lilux::kernel {

std::string_view kind_name(std::uint8_t kind) {
  switch (kind) {
    case 1: return "call";
    case 2: return "intent";
    case 3: return "outcome";
    case 4: return "note";
    case 254: return "checkpoint";
    case 255: return "retention";
    default: return "unknown";
  }
}

base::Result<Body> body_of(const ledger::Record& record) {
  return base::decode<Body>(TRY(base::parse_json(record.body)));
}

RecordedError recorded(const base::Error& error) {
  return {.code = std::string(base::code_name(error.code)),
          .message = std::string(base::clipped(error.message, 4000)),
          .hint = std::string(base::clipped(error.hint, 2000)),
          .rule = error.rule};
}

}  // namespace lilux::kernel

#pragma once

// item.import: what other programs left behind, as items of a volume. Its request and response.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "item/kind.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::item_tools {

using base::Field;
using base::Result;
using item::Kind;
using kernel::Assessment;
using kernel::CallContext;

enum class Origin : std::uint8_t { claude, codex, cursor, gemini, kiwi, llmunix, llmos, aios, mixos };
constexpr std::array<std::string_view, 9> enum_names(Origin) {
  return {"claude", "codex", "cursor", "gemini", "kiwi", "llmunix", "llmos", "aios", "mixos"};
}

enum class Found : std::uint8_t { item, server, rule, hook, other };
constexpr std::array<std::string_view, 5> enum_names(Found) {
  return {"item", "server", "rule", "hook", "other"};
}

struct ImportRow {
  Origin from = Origin::claude;
  Found what = Found::item;
  std::string file;
  std::string state;
  std::optional<Kind> kind;
  std::optional<std::string> name;
  std::optional<std::string> location;
  std::optional<std::int64_t> files;
  std::string note;
  static constexpr base::Fields fields{
      Field{"from", &ImportRow::from, "Whose it is"},
      Field{"what", &ImportRow::what, "item, server (MCP), rule (permission), hook or other"},
      Field{"file", &ImportRow::file, "File or folder"},
      Field{"state", &ImportRow::state,
            "new: it is brought over; imported: it was; there: one of that name is there already; broken; proposed: it "
            "holds when a person does what the note says; in_place: it is read where it is; left: it is not brought "
            "over"},
      Field{"kind", &ImportRow::kind, "What it becomes"},
      Field{"name", &ImportRow::name, "Under what name"},
      Field{"location", &ImportRow::location, "Volume it becomes part of"},
      Field{"files", &ImportRow::files, "How many files, of a skill's folder"},
      Field{"note", &ImportRow::note, "Why, what is left out, or what a person may do"},
  };
};
struct ImportRequest {
  std::string from;
  std::optional<std::string> location;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"from",
            &ImportRequest::from,
            "Whose, with commas: claude, codex, cursor, gemini, kiwi, llmunix, llmos, aios, mixos",
            {.minimum = 1, .maximum = 200}},
      Field{
          "location", &ImportRequest::location,
          "Volume to bring all to; when absent what lies in the project goes to the project, what lies in the home to "
          "the user's"},
      Field{"dry_run", &ImportRequest::dry_run, "Only say what would be brought over"},
  };
};
struct ImportResponse {
  std::vector<ImportRow> found;
  std::int64_t imported = 0;
  static constexpr base::Fields fields{
      Field{"found", &ImportResponse::found, "What there is"},
      Field{"imported", &ImportResponse::imported, "How many items and servers were"},
  };
};
Result<Assessment> assess_import(const CallContext& call, const ImportRequest& request);
Result<ImportResponse> import_items(CallContext& call, const ImportRequest& request);

}  // namespace lilux::tools::item_tools

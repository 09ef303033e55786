// Settings of other programs from outside: every rule that is proposed is one of ours, and no environment is told.

#include "policy/policy.h"
#include "tests/fuzz/input.h"
#include "tools/import_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::tools;
  using lilux::fuzz::require;
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  for (const SettingsForm form : {SettingsForm::claude, SettingsForm::servers, SettingsForm::claude_home,
                                  SettingsForm::gemini, SettingsForm::codex}) {
    const auto found = read_settings({.form = form, .project = "/p", .anchor = "/h/.claude"}, text);
    if (!found) continue;
    for (const RuleFound& rule : found->rules)
      require(rule.capability.empty() ? !rule.note.empty()
                                      : lilux::policy::parse_capability(rule.capability, "/p", "/h").has_value());
    for (const ServerFound& server : found->servers) {
      const lilux::base::Json* environment = server.declaration.find("env");
      if (!environment || !environment->is_object()) continue;
      for (const auto& [name, value] : environment->as_object())
        require(!value.is_string() || value.as_string().empty() || value.as_string().starts_with('$'));
    }
  }
  return 0;
}

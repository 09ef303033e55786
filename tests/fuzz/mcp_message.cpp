// Messages of a peer that means no good: each line that is a request gets one answer at most while it is open, an
// answer can be read again, and no call is made of what is no message.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "mcp/conversation.h"
#include "tests/fuzz/input.h"

namespace {

using lilux::base::Json;
using lilux::base::JsonArray;
using lilux::base::JsonObject;
using lilux::fuzz::Input;
using lilux::fuzz::require;
using lilux::mcp::Host;

class TestHost : public Host {
 public:
  JsonObject info() const override { return {{"name", "test"}}; }
  std::string instructions() const override { return ""; }
  JsonArray list(lilux::mcp::List) const override {
    return {JsonObject{{"name", "now"}}, JsonObject{{"name", "later"}}};
  }
  std::expected<std::vector<std::string>, lilux::mcp::RpcError> complete(const Json&) const override { return {}; }
  void serve(Call call) override {
    ++calls;
    require(call.params->is_object());
    call.asker->progress({.done = 1});
    const std::string name = call.params->string_or("name");
    if (name == "ask" && call.answers.empty())
      call.asker->done(lilux::mcp::Needed{.questions = {{.key = "k", .method = "elicitation/create"}}});
    else if (name == "later")
      waiting.push_back(std::move(call));
    else
      call.asker->done(JsonObject{});
  }
  bool is_long(const Json& params) const override { return params.string_or("name") == "later"; }
  void expect(const lilux::mcp::Client&) override {}
  std::shared_ptr<void> watch(lilux::mcp::Watched, std::function<void(const lilux::mcp::Change&)>) override {
    return {};
  }
  std::vector<Call> waiting;
  std::size_t calls = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto host = std::make_shared<TestHost>();
  lilux::mcp::Conversation conversation(
      host, {.open_max = 4, .page = 1, .seal = [](std::string_view text) { return std::string(text); }});
  Input input(data, size);
  std::size_t messages = 0;
  while (!input.is_empty()) {
    const auto message = lilux::mcp::read_message(input.line());
    if (!message) {
      require(lilux::base::parse_json(lilux::base::to_text(error_message(message.error()))).has_value());
      continue;
    }
    ++messages;
    const auto ends = std::make_shared<int>();  // of a call that ends late too
    conversation.take(*message, [ends](const Json& answer, bool is_last) {
      require(answer.is_null() || answer.find("error") ||
              lilux::mcp::read_message(lilux::base::to_text(answer)).has_value());
      *ends += is_last ? 1 : 0;
      require(*ends <= 1);
    });
  }
  require(host->calls <= 2 * messages);  // a request that has asked begins again
  conversation.close();
  for (Host::Call& call : host->waiting) {
    require(call.cancel.stop_requested());
    call.asker->done(JsonObject{});
  }
  return 0;
}

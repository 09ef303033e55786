// A kernel with the tools, prompts and resources that the conformance suite calls: ordinary rows beside none of ours.
// Prints its port and token, then serves until its standard input ends.
//
//   mcp_fixture FOLDER

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/kernel.h"
#include "kernel/tool.h"
#include "surface/http.h"
#include "sys/file.h"

namespace {

using lilux::base::Field;
using lilux::base::Fields;
using lilux::base::Json;
using lilux::base::JsonArray;
using lilux::base::JsonObject;
using lilux::base::Result;
using lilux::kernel::Assessment;
using lilux::kernel::CallContext;
using lilux::kernel::Tool;
using lilux::kernel::Traits;
using lilux::surface::Resource;
namespace kernel = lilux::kernel;
namespace surface = lilux::surface;

constexpr std::string_view kPng =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
constexpr std::string_view kWav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";
constexpr auto kStep = std::chrono::milliseconds(50);

// Set by main before anything is served.
std::atomic<surface::McpHttp*> served = nullptr;

struct Nothing {
  static constexpr Fields<> fields{};
};
struct Blocks {
  std::vector<Json> content;
  std::optional<bool> is_error;
  static constexpr Fields fields{
      Field{"content", &Blocks::content, "Blocks"},
      Field{"isError", &Blocks::is_error, "Failed"},
  };
};
struct Messages {
  std::vector<Json> messages;
  static constexpr Fields fields{Field{"messages", &Messages::messages, "Messages"}};
};
struct Content {
  std::string content;
  static constexpr Fields fields{Field{"content", &Content::content, "Content"}};
};

template <class Request>
Result<Assessment> harmless(const CallContext&, const Request&) {
  return Assessment{.risk = lilux::policy::Risk::none};
}

Json text(std::string_view said) {
  return JsonObject{{"type", "text"}, {"text", said}};
}
Json image() {
  return JsonObject{{"type", "image"}, {"data", kPng}, {"mimeType", "image/png"}};
}
Json embedded(std::string_view uri, std::string_view mime_type, std::string_view content) {
  return JsonObject{{"type", "resource"},
                    {"resource", JsonObject{{"uri", uri}, {"mimeType", mime_type}, {"text", content}}}};
}
Json from_user(Json content) {
  return JsonObject{{"role", "user"}, {"content", std::move(content)}};
}
Result<Blocks> said(std::string_view what) {
  return Blocks{.content = {text(what)}};
}

// A moment, or until the call is cancelled.
void pause(const CallContext& call) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, call.stop(), kStep, [] { return false; });
}

// Questions to the client

Json object_schema(JsonObject properties, JsonArray required) {
  return JsonObject{{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}
Json text_form(const std::string& field) {
  return object_schema({{field, JsonObject{{"type", "string"}}}}, {field});
}
Result<Json> elicit(const CallContext& call, const std::string& key, std::string_view message, Json schema) {
  return call.ask(key, "elicitation/create", JsonObject{{"message", message}, {"requestedSchema", std::move(schema)}});
}
Result<Json> sample(const CallContext& call, const std::string& key, std::string_view prompt, int tokens) {
  return call.ask(key, "sampling/createMessage",
                  JsonObject{{"messages", JsonArray{from_user(text(prompt))}}, {"maxTokens", tokens}});
}
Result<Json> roots(const CallContext& call, const std::string& key) {
  return call.ask(key, "roots/list", JsonObject{});
}
std::string entered(const Json& answer, std::string_view field) {
  const Json* content = answer.find("content");
  return content ? content->string_or(field) : std::string();
}
std::string sampled(const Json& answer) {
  return entered(answer, "text");
}

// Tools

Result<Blocks> simple_text(CallContext&, const Nothing&) {
  return said("This is a simple text response for testing.");
}
Result<Blocks> image_content(CallContext&, const Nothing&) {
  return Blocks{.content = {image()}};
}
Result<Blocks> audio_content(CallContext&, const Nothing&) {
  return Blocks{.content = {JsonObject{{"type", "audio"}, {"data", kWav}, {"mimeType", "audio/wav"}}}};
}
Result<Blocks> embedded_resource(CallContext&, const Nothing&) {
  return Blocks{
      .content = {embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")}};
}
Result<Blocks> multiple_content_types(CallContext&, const Nothing&) {
  return Blocks{
      .content = {text("Multiple content types test:"), image(),
                  embedded("test://mixed-content-resource", "application/json", R"({"test":"data","value":123})")}};
}
Result<Blocks> error_handling(CallContext&, const Nothing&) {
  return Blocks{.content = {text("This tool intentionally returns an error for testing")}, .is_error = true};
}
Result<Blocks> tool_with_progress(CallContext& call, const Nothing&) {
  for (const int done : {0, 50, 100}) {
    call.progress(done, 100, "");
    pause(call);
  }
  return said("done");
}
Result<Blocks> tool_with_logging(CallContext& call, const Nothing&) {
  for (const std::string_view step : {"Tool execution started", "Tool processing data", "Tool execution completed"}) {
    call.log("info", step);
    pause(call);
  }
  return said("logged");
}

struct PromptText {
  std::string prompt;
  static constexpr Fields fields{Field{"prompt", &PromptText::prompt, "What the model is asked"}};
};
Result<Blocks> sampling(CallContext& call, const PromptText& request) {
  return said("LLM response: " + sampled(TRY(sample(call, "sampled", request.prompt, 100))));
}

struct MessageText {
  std::string message;
  static constexpr Fields fields{Field{"message", &MessageText::message, "What the user is asked"}};
};
Result<Blocks> elicitation(CallContext& call, const MessageText& request) {
  const Json schema =
      object_schema({{"username", JsonObject{{"type", "string"}, {"description", "User's response"}}},
                     {"email", JsonObject{{"type", "string"}, {"description", "User's email address"}}}},
                    {"username", "email"});
  return said("User response: " + lilux::base::to_text(TRY(elicit(call, "user", request.message, schema))));
}

Result<Blocks> completed(const Json& answer) {
  const Json* content = answer.find("content");
  return said("Elicitation completed: action=" + answer.string_or("action") +
              ", content=" + (content ? lilux::base::to_text(*content) : "{}"));
}
Result<Blocks> elicitation_defaults(CallContext& call, const Nothing&) {
  const Json properties = *lilux::base::parse_json(R"({
    "name": {"type": "string", "default": "John Doe"},
    "age": {"type": "integer", "default": 30},
    "score": {"type": "number", "default": 95.5},
    "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    "verified": {"type": "boolean", "default": true}})");
  return completed(TRY(elicit(call, "form", "Defaults", object_schema(properties.as_object(), {}))));
}
Result<Blocks> elicitation_enums(CallContext& call, const Nothing&) {
  const Json properties = *lilux::base::parse_json(R"({
    "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
    "titledSingle": {"type": "string", "oneOf": [{"const": "value1", "title": "First Option"},
      {"const": "value2", "title": "Second Option"}, {"const": "value3", "title": "Third Option"}]},
    "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"],
      "enumNames": ["Option One", "Option Two", "Option Three"]},
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
    "titledMulti": {"type": "array", "items": {"anyOf": [{"const": "value1", "title": "First Choice"},
      {"const": "value2", "title": "Second Choice"}, {"const": "value3", "title": "Third Choice"}]}}})");
  return completed(TRY(elicit(call, "form", "Choices", object_schema(properties.as_object(), {}))));
}

Result<Blocks> missing_capability(CallContext& call, const Nothing&) {
  return said(sampled(TRY(sample(call, "sampled", "Anything", 10))));
}
Result<Blocks> logging_tool(CallContext& call, const Nothing&) {
  call.log("info", "heard only by who asked for it");
  return said("logged");
}
Result<Blocks> trigger_tool_change(CallContext&, const Nothing&) {
  served.load()->changes()->tell({.kind = lilux::mcp::Change::Kind::tools});
  return said("told");
}
Result<Blocks> trigger_prompt_change(CallContext&, const Nothing&) {
  served.load()->changes()->tell({.kind = lilux::mcp::Change::Kind::prompts});
  return said("told");
}

Result<Blocks> ask_name(CallContext& call, const Nothing&) {
  const Json answer = TRY(elicit(call, "user_name", "What is your name?", text_form("name")));
  return said("Hello, " + entered(answer, "name") + "!");
}
Result<Blocks> ask_model(CallContext& call, const Nothing&) {
  return said(sampled(TRY(sample(call, "capital_question", "What is the capital of France?", 100))));
}
Result<Blocks> ask_roots(CallContext& call, const Nothing&) {
  return said("roots: " + lilux::base::to_text(TRY(roots(call, "client_roots"))));
}
Result<Blocks> ask_confirmation(CallContext& call, const Nothing&) {
  const Json form = object_schema({{"ok", JsonObject{{"type", "boolean"}}}}, {"ok"});
  TRY(elicit(call, "confirm", "Please confirm", form));
  return said("state-ok");
}
Result<Blocks> ask_three(CallContext& call, const Nothing&) {
  const Result<Json> name = elicit(call, "user_name", "What is your name?", text_form("name"));
  const Result<Json> greeting = sample(call, "greeting", "Generate a greeting", 50);
  const Result<Json> folders = roots(call, "client_roots");
  return said(sampled(TRY(greeting)) + " " + entered(TRY(name), "name") + lilux::base::to_text(TRY(folders)));
}
Result<Blocks> ask_twice(CallContext& call, const Nothing&) {
  const Json name = TRY(elicit(call, "step1", "Step 1: What is your name?", text_form("name")));
  const Json color = TRY(elicit(call, "step2", "Step 2: What is your favorite color?", text_form("color")));
  return said(entered(name, "name") + " likes " + entered(color, "color"));
}

// What takes its time

struct NameRequest {
  std::string name;
  static constexpr Fields fields{Field{"name", &NameRequest::name, "Whom"}};
};
Result<Blocks> greet(CallContext&, const NameRequest& request) {
  return said("Hello, " + request.name + "!");
}
struct SlowRequest {
  std::optional<std::int64_t> seconds;
  std::optional<std::string> label;
  static constexpr Fields fields{
      Field{"seconds", &SlowRequest::seconds, "How long"},
      Field{"label", &SlowRequest::label, "Anything"},
  };
};
Result<Blocks> slow_compute(CallContext& call, const SlowRequest& request) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(request.seconds.value_or(0));
  while (std::chrono::steady_clock::now() < end) {
    TRY(call.check_alive());
    pause(call);
  }
  return said("computed");
}
Result<Blocks> failing_job(CallContext& call, const Nothing&) {
  TRY(slow_compute(call, {.seconds = 1}));
  return Blocks{.content = {text("This job fails")}, .is_error = true};
}
struct FileRequest {
  std::optional<std::string> filename;
  static constexpr Fields fields{Field{"filename", &FileRequest::filename, "Which"}};
};
Result<Blocks> confirm_delete(CallContext& call, const FileRequest& request) {
  const Json form = object_schema({{"confirm", JsonObject{{"type", "boolean"}}}}, {"confirm"});
  TRY(elicit(call, "confirm", "Delete " + request.filename.value_or("it") + "?", form));
  return said("deleted");
}
Result<Blocks> multi_input(CallContext& call, const Nothing&) {
  const Result<Json> first = elicit(call, "first", "Who?", text_form("name"));
  const Result<Json> second = elicit(call, "second", "Who else?", text_form("name"));
  return said(entered(TRY(first), "name") + entered(TRY(second), "name"));
}

struct RegionRequest {
  std::string region;
  static constexpr Fields fields{Field{"region", &RegionRequest::region, "Where"}};
};
Result<Blocks> x_mcp_header(CallContext&, const RegionRequest& request) {
  return said("region " + request.region);
}
Json header_schema() {
  return *lilux::base::parse_json(R"({"type": "object", "required": ["region"],
    "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}})");
}

Json wide_schema() {
  return *lilux::base::parse_json(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object",
      "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
      "contactMethod": {"type": "string", "enum": ["phone", "email"]},
      "phone": {"type": "string"}, "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]}, "else": {"required": ["email"]}, "additionalProperties": false})");
}

// Prompts

Result<Messages> simple_prompt(CallContext&, const Nothing&) {
  return Messages{.messages = {from_user(text("This is a simple prompt for testing."))}};
}
struct TwoArguments {
  std::string arg1;
  std::string arg2;
  static constexpr Fields fields{
      Field{"arg1", &TwoArguments::arg1, "First"},
      Field{"arg2", &TwoArguments::arg2, "Second"},
  };
};
Result<Messages> prompt_with_arguments(CallContext&, const TwoArguments& request) {
  return Messages{
      .messages = {from_user(text("Prompt with arguments: arg1='" + request.arg1 + "', arg2='" + request.arg2 + "'"))}};
}
struct UriArgument {
  std::string uri;
  static constexpr Fields fields{Field{"resourceUri", &UriArgument::uri, "Resource"}};
};
Result<Messages> prompt_with_resource(CallContext&, const UriArgument& request) {
  return Messages{.messages = {from_user(embedded(request.uri, "text/plain", "Embedded resource content for testing.")),
                               from_user(text("Please process the embedded resource above."))}};
}
Result<Messages> prompt_with_image(CallContext&, const Nothing&) {
  return Messages{.messages = {from_user(image()), from_user(text("Please analyze the image above."))}};
}
Result<Messages> prompt_that_asks(CallContext& call, const Nothing&) {
  const Json answer = TRY(elicit(call, "user_context", "What context should the prompt use?", text_form("context")));
  return Messages{.messages = {from_user(text("Use this: " + entered(answer, "context")))}};
}

// Resources

Result<Content> static_text(CallContext&, const Nothing&) {
  return Content{.content = "This is the content of the static text resource."};
}
Result<Content> static_binary(CallContext&, const Nothing&) {
  return Content{.content = std::string(kPng)};
}
struct IdRequest {
  std::string id;
  static constexpr Fields fields{Field{"id", &IdRequest::id, "Which"}};
};
Result<Content> template_data(CallContext&, const IdRequest& request) {
  return Content{.content = lilux::base::to_text(
                     JsonObject{{"id", request.id}, {"templateTest", true}, {"data", "Data for ID: " + request.id}})};
}

constexpr std::array kResources{
    Resource{.uri = "test://static-text",
             .name = "static-text",
             .title = "Text",
             .mime_type = "text/plain",
             .tool = "resource.static_text"},
    Resource{.uri = "test://static-binary",
             .name = "static-binary",
             .title = "Image",
             .mime_type = "image/png",
             .tool = "resource.static_binary",
             .arguments = R"({"encoding": "base64"})"},
    Resource{.uri = "test://watched-resource",
             .name = "watched",
             .title = "Watched",
             .mime_type = "text/plain",
             .tool = "resource.static_text"},
    Resource{.uri = "test://template/{id}/data",
             .name = "template",
             .title = "Data",
             .mime_type = "application/json",
             .tool = "resource.template_data",
             .field = "id"},
};

struct EncodingRequest {
  std::optional<std::string> encoding;
  static constexpr Fields fields{Field{"encoding", &EncodingRequest::encoding, "How"}};
};
Result<Content> binary(CallContext& call, const EncodingRequest&) {
  return static_binary(call, {});
}

template <auto Run, class Request>
Tool row(std::string_view name, const Request&) {
  return kernel::tool<Run, harmless<Request>>(name, "For the conformance suite",
                                              Traits{.risk = lilux::policy::Risk::none, .is_idempotent = true});
}
Tool as_task(Tool made) {
  made.traits.is_long = true;
  return made;
}
Tool with_schema(Tool made, Json (*schema)()) {
  made.input_schema = schema;
  return made;
}

std::vector<Tool> table() {
  std::vector<Tool> rows{
      row<simple_text>("test.simple_text", Nothing{}),
      row<audio_content>("test.audio_content", Nothing{}),
      row<elicitation>("test.elicitation", MessageText{}),
      row<elicitation_defaults>("test.elicitation_sep1034_defaults", Nothing{}),
      row<elicitation_enums>("test.elicitation_sep1330_enums", Nothing{}),
      row<embedded_resource>("test.embedded_resource", Nothing{}),
      row<error_handling>("test.error_handling", Nothing{}),
      row<image_content>("test.image_content", Nothing{}),
      row<ask_model>("test.input_required_result_capabilities", Nothing{}),
      row<ask_name>("test.input_required_result_elicitation", Nothing{}),
      row<ask_roots>("test.input_required_result_list_roots", Nothing{}),
      row<ask_twice>("test.input_required_result_multi_round", Nothing{}),
      row<ask_three>("test.input_required_result_multiple_inputs", Nothing{}),
      row<ask_confirmation>("test.input_required_result_request_state", Nothing{}),
      row<ask_model>("test.input_required_result_sampling", Nothing{}),
      row<ask_confirmation>("test.input_required_result_tampered_state", Nothing{}),
      row<logging_tool>("test.logging_tool", Nothing{}),
      row<missing_capability>("test.missing_capability", Nothing{}),
      row<multiple_content_types>("test.multiple_content_types", Nothing{}),
      row<sampling>("test.sampling", PromptText{}),
      row<ask_name>("test.streaming_elicitation", Nothing{}),
      row<tool_with_logging>("test.tool_with_logging", Nothing{}),
      row<tool_with_progress>("test.tool_with_progress", Nothing{}),
      row<trigger_prompt_change>("test.trigger_prompt_change", Nothing{}),
      row<trigger_tool_change>("test.trigger_tool_change", Nothing{}),
      with_schema(row<x_mcp_header>("test.x_mcp_header", RegionRequest{}), header_schema),
      with_schema(row<simple_text>("json.schema_2020_12_tool", Nothing{}), wide_schema),
      row<greet>("greet", NameRequest{}),
      as_task(row<slow_compute>("slow_compute", SlowRequest{})),
      as_task(row<failing_job>("failing_job", Nothing{})),
      as_task(row<confirm_delete>("confirm_delete", FileRequest{})),
      as_task(row<multi_input>("multi_input", Nothing{})),
      row<simple_prompt>("prompt.test_simple_prompt", Nothing{}),
      row<prompt_with_arguments>("prompt.test_prompt_with_arguments", TwoArguments{}),
      row<prompt_with_resource>("prompt.test_prompt_with_embedded_resource", UriArgument{}),
      row<prompt_with_image>("prompt.test_prompt_with_image", Nothing{}),
      row<prompt_that_asks>("prompt.test_input_required_result_prompt", Nothing{}),
      row<static_text>("resource.static_text", Nothing{}),
      row<binary>("resource.static_binary", EncodingRequest{}),
      row<template_data>("resource.template_data", IdRequest{}),
  };
  std::ranges::sort(rows, {}, &Tool::name);
  return rows;
}

Result<void> serve(const std::string& folder) {
  const kernel::Folders folders{.config = folder + "/config",
                                .data = folder + "/data",
                                .state = folder + "/state",
                                .runtime = folder + "/run",
                                .home = folder};
  TRY(kernel::make_folders(folders));
  const kernel::Config config = TRY(kernel::load_config(folder + "/none.toml", {}));
  const std::vector<Tool> rows = table();
  const auto owner = TRY(kernel::Kernel::open(folders, config, rows, kernel::Kernel::Role::daemon));
  const auto http = TRY(surface::HttpSurface::start(
      *owner, std::uint16_t{0}, kResources, "test.*,json.*,greet,slow_compute,failing_job,confirm_delete,multi_input"));
  served = &http->mcp();
  const std::string token = TRY(lilux::sys::read_file(surface::token_path(folders.state.string()), 200));
  std::cout << http->port() << " " << token << std::flush;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  http->stop();
  return {};
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::cerr << "usage: mcp_fixture FOLDER\n";
    return 2;
  }
  if (const Result<void> done = serve(words[1]); !done) {
    std::cerr << done.error().message << "\n";
    return 1;
  }
  return 0;
}

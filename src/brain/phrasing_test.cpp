#include "brain/phrasing.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace lilux::brain;
using lilux::base::JsonArray;
using lilux::base::JsonObject;

namespace {

lilux::base::Json script(std::string_view name, std::string_view description, JsonObject properties) {
  return JsonObject{{"name", name},
                    {"description", description},
                    {"inputSchema", JsonObject{{"type", "object"}, {"properties", std::move(properties)}}}};
}
JsonObject text(std::string_view name) {
  return {{std::string(name), JsonObject{{"type", "string"}}}};
}

ToolSet scripts() {
  JsonArray all{
      script("restart_server", "Restarts a server or service", text("server")),
      script("create_invoice", "Writes an invoice for a client", text("client")),
      script("lock_door", "Locks a door", text("door")),
      script("lock_screen", "Locks the screen", {}),
      script("build_project", "Builds the project", {}),
      script("delete_draft", "Deletes a draft", text("name")),
      JsonObject{{"name", "publish_site"},
                 {"description", "Puts a web site online"},
                 {"inputSchema",
                  JsonObject{{"type", "object"},
                             {"properties",
                              JsonObject{{"env", JsonObject{{"type", "string"}, {"enum", JsonArray{"test", "live"}}}}}},
                             {"required", JsonArray{"env"}}}}},
      script("rename_photo", "Gives a photo another name",
             {{"from", JsonObject{{"type", "string"}}}, {"to", JsonObject{{"type", "string"}}}}),
      script("set_heating", "Sets the heating",
             {{"room", JsonObject{{"type", "string"}, {"maxLength", 12}}},
              {"state", JsonObject{{"type", "string"}, {"enum", JsonArray{"on", "off"}}}}})};
  auto made = ToolSet::compile(all);
  REQUIRE(made);
  return std::move(*made);
}

// "restart_server {...}: restart {{server}}".
std::string meant(std::string_view sentence) {
  static const ToolSet kTools = scripts();
  lilux::search::Words words;
  const auto found = phrased(read(sentence, {}, words), kTools);
  if (!found) return "-";
  return kTools.tools()[found->tool].name + " " + lilux::base::to_text(found->arguments) + ": " + found->text;
}

}  // namespace

TEST_CASE("a sentence is what a name does, alone or with what it is done with, and the rest is the value") {
  CHECK(meant("restart docker") == R"(restart_server {"server":"docker"}: restart {{server}})");
  CHECK(meant("invoice for the new kitchen") == R"(create_invoice {"client":"new kitchen"}: invoice {{client}})");
  CHECK(meant("the heating off in the kitchen") == R"(set_heating {"room":"kitchen","state":"off"}: heating {{room}})");
  CHECK(meant("write my invoice for hansen").starts_with(R"(create_invoice {"client":"hansen"})"));
}

TEST_CASE("the whole is met by other words of the same meaning, a part alone is not") {
  CHECK(meant("compose an invoice for hansen").starts_with(R"(create_invoice {"client":"hansen"})"));
  CHECK(meant("erase the draft report").starts_with(R"(delete_draft {"name":"report"})"));
  CHECK(meant("compose hansen") == "-");
}

TEST_CASE("what is said of much, of another tool too or in the middle is no phrasing") {
  CHECK(meant("set the table") == "-");
  CHECK(meant("lock the pc") == "-");
  CHECK(meant("i hope they restart docker") == "-");
  CHECK(meant("restarting") == "-");
}

TEST_CASE("what cannot be taken back is its whole name") {
  CHECK(meant("delete the draft report").starts_with("delete_draft"));
  CHECK(meant("delete the report") == "-");
  CHECK(meant("draft a letter") == "-");
}

TEST_CASE("a word that nothing takes, a value that the schema refuses and two gaps are no phrasing") {
  CHECK(meant("build the project").starts_with("build_project {}"));
  CHECK(meant("build the project of hansen") == "-");
  CHECK(meant("heating off in the grand ballroom") == "-");
  CHECK(meant("photo of the harbour") == "-");
  CHECK(meant("restart docker. It hangs") == "-");
  CHECK(meant("publish the site in live") == R"(publish_site {"env":"live"}: publish site)");
  CHECK(meant("publish the site") == "-");
  CHECK(meant("") == "-");
  CHECK(meant("the") == "-");
}

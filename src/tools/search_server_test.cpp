#include "tools/search_server.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "net/http_server.h"
#include "sys/file.h"
#include "tests/support/undo_world.h"

namespace lilux::tools {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using test::UndoWorld;

// Answers as Ollama does, or says nothing.
class Ollama {
 public:
  Ollama() {
    server_ = kernel::must(net::Server::start({.port = 0}, [this](const net::Request& request, net::Exchange exchange) {
      ++asked;
      const std::string* said = request.headers.find("Authorization");
      if (!key.empty() && (!said || *said != "Bearer " + key)) return exchange.respond({.status = 401});
      if (is_silent) return waiting_.push_back(std::move(exchange));
      JsonArray vectors;
      for (const Json& text : kernel::must(base::parse_json(request.body)).find("input")->as_array())
        vectors.emplace_back(JsonArray{text.as_string().contains("feline") ? 1.0 : 0.0, 0.5});
      exchange.respond({.body = base::to_text(JsonObject{{"embeddings", std::move(vectors)}})});
    }));
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::atomic<bool> is_silent = false;
  std::atomic<int> asked = 0;
  std::string key = {};  // that it wants; set before it is asked

 private:
  std::vector<net::Exchange> waiting_ = {};
  std::unique_ptr<net::Server> server_;
};

Json search(UndoWorld& world) {
  return world.answer("search.query", {{"query", "feline"}, {"kinds", JsonArray{"plan"}}});
}

UndoWorld::Settings with(const Ollama& ollama) {
  return {{"search.server", ollama.url()}, {"search.model", "m"}};
}

void write_plan(UndoWorld& world) {
  world.does("item.create", {{"kind", "plan"}, {"name", "cats"}, {"content", "About the feline kind.\n"}});
}

TEST_CASE("the server that is named gives the vectors, unless a rule denies it") {
  const Ollama ollama;
  UndoWorld world(with(ollama));
  write_plan(world);
  CHECK(search(world).find("results")->as_array().size() == 1);
  CHECK(search(world).string_or("note").empty());
  CHECK(ollama.asked > 0);
  world.does("policy.add", {{"id", "no"}, {"effect", "deny"}, {"capability", "connect net 127.0.0.1:*"}});
  const int before = ollama.asked;
  const Json denied = search(world);
  CHECK(denied.find("results")->as_array().size() == 1);
  CHECK(denied.string_or("note").contains("connect net 127.0.0.1"));
  CHECK(ollama.asked == before);
}

std::size_t watches() {
  const auto is_watch = [](const auto& entry) {
    std::error_code gone;
    return std::filesystem::read_symlink(entry, gone) == "anon_inode:inotify";
  };
  return static_cast<std::size_t>(
      std::ranges::count_if(std::filesystem::directory_iterator("/proc/self/fd"), is_watch));
}

TEST_CASE("with a server nothing is looked at again that nobody touched") {
  const Ollama ollama;
  UndoWorld world(with(ollama));
  write_plan(world);
  const std::size_t before = watches();
  for (int i = 0; i < 3; ++i) CHECK(search(world).find("results")->as_array().size() == 1);
  CHECK(watches() > before);
  const int asked = ollama.asked;
  search(world);
  CHECK(ollama.asked == asked + 1);  // for the query alone
  world.does("item.create", {{"kind", "plan"}, {"name", "more"}, {"content", "Of the feline kind too.\n"}});
  CHECK(search(world).find("results")->as_array().size() == 2);
}

TEST_CASE("a server that says nothing is waited for once, and what is built in serves") {
  Ollama ollama;
  ollama.is_silent = true;
  UndoWorld world(with(ollama));
  write_plan(world);
  const auto began = std::chrono::steady_clock::now();
  const Json answer = search(world);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
  CHECK(answer.find("results")->as_array().size() == 1);
  CHECK(answer.string_or("note").contains("embedding server"));
  CHECK(ollama.asked == 1);
}

TEST_CASE("an address that is none is told, and what is built in serves") {
  UndoWorld world(UndoWorld::Settings{{"search.server", "ftp://example.org"}});
  write_plan(world);
  const Json answer = search(world);
  CHECK(answer.find("results")->as_array().size() == 1);
  CHECK(answer.string_or("note").contains("example.org"));
}

// The files of a folder that hold the text.
int files_with(const std::string& folder, const std::string& text) {
  int found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      found += kernel::must(sys::read_file(entry.path().string(), std::size_t{64} << 20)).contains(text) ? 1 : 0;
  return found;
}

TEST_CASE("the key of the server is sent to it and is nowhere written down") {
  Ollama ollama;
  ollama.key = "right-zqxjkv";
  ::setenv("LILUX_TEST_KEY", "wrong-zqxjkv", 1);
  UndoWorld::Settings settings = with(ollama);
  settings["search.key_from"] = "env:LILUX_TEST_KEY";
  UndoWorld world(settings);
  write_plan(world);
  const Json refused = search(world);
  CHECK(refused.find("results")->as_array().size() == 1);  // by what is built in
  CHECK(refused.string_or("note").contains("does not take the key"));
  CHECK_FALSE(refused.string_or("note").contains("zqxjkv"));
  UndoWorld other(settings);  // which was not refused a moment ago
  write_plan(other);
  ::setenv("LILUX_TEST_KEY", ollama.key.c_str(), 1);
  CHECK(search(other).string_or("note").empty());
  ::unsetenv("LILUX_TEST_KEY");
  for (const UndoWorld* one : {&world, &other}) CHECK(files_with(one->root.string(), "zqxjkv") == 0);
}

}  // namespace
}  // namespace lilux::tools

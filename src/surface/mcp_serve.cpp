#include "surface/mcp_serve.h"

#include <algorithm>
#include <array>
#include <iostream>

#include "base/encoding.h"
#include "surface/arguments.h"
#include "surface/mcp_stdio.h"
#include "surface/print.h"
#include "surface/session.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

struct Wanted {
  net::QueryPairs query;  // of /mcp
  bool is_here = false;
};

std::string query_text(const net::QueryPairs& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text += text.empty() ? "?" : "&";
    text += name + "=" + base::percent_encode(value);
  }
  return text;
}

Result<Wanted> wanted_in(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 6> kPassedOn{"expose", "grant", "calls", "usd", "tokens", "wall_ms"};
  Wanted wanted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--here") {
      wanted.is_here = true;
      continue;
    }
    const std::string_view name =
        words[i].starts_with("--") ? std::string_view(words[i]).substr(2) : std::string_view();
    if (std::ranges::find(kPassedOn, name) == kPassedOn.end() || i + 1 == words.size())
      return fail(ErrorCode::invalid_argument, "unknown word '" + words[i] + "'", "`lilux help mcp serve` lists them");
    wanted.query.emplace_back(name, words[++i]);
  }
  return wanted;
}

// What a text weighs in a model's context. Tokenizers differ; JSON comes to a token for each three to four bytes.
std::int64_t tokens_of(const std::string& text) {
  return static_cast<std::int64_t>((text.size() * 2 + 6) / 7);
}

}  // namespace

Result<int> mcp_serve_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  const Wanted wanted = TRY(wanted_in(command.words));
  Session session = TRY(Session::open(wanted.is_here ? Session::Want::own : Session::Want::daemon));
  kernel::Caller caller = own_caller(session.folders());
  if (wanted.is_here) return serve_here(session, wanted.query, std::move(caller));
  return relay(TRY(session.attach_mcp(query_text(wanted.query), caller)));
}

Result<int> mcp_cost_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  std::vector<std::string> choices{"four", "all"};
  for (const std::string& word : command.words) choices.push_back(word);
  base::JsonArray rows;
  for (const std::string& expose : choices) {
    const Offer offer = TRY(Offer::make(tools::table(), own_resources(), expose));
    const base::JsonArray tools = offer.tools();
    const std::string text = base::to_text(tools);
    rows.emplace_back(base::JsonObject{{"expose", expose},
                                       {"tools", static_cast<std::int64_t>(tools.size())},
                                       {"bytes", static_cast<std::int64_t>(text.size())},
                                       {"tokens", tokens_of(text)}});
  }
  if (command.common.is_json) {
    print_json(base::JsonObject{{"choices", std::move(rows)}});
    return 0;
  }
  std::cout << "What the list of tools takes in a client's context, in tokens (bytes * 2/7; tokenizers differ):\n\n";
  for (const Json& row : rows)
    std::cout << "  " << row.integer_or("tokens") << "\t" << row.string_or("expose") << " (" << row.integer_or("tools")
              << " tools, " << row.integer_or("bytes") << " bytes)\n";
  std::cout << "\nChoose with `lilux mcp serve --expose four|all|'fs.*,task.list'`; four reach everything.\n";
  return 0;
}

}  // namespace lilux::surface

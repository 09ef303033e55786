// What others wrote: collections, answers of embedding servers, and rows of a damaged index. The first line says which;
// reading never fails badly, and what was read keeps its promises.

#include <cstddef>
#include <cstdint>

#include "search/collection.h"
#include "search/http_embedder.h"
#include "search/postings.h"
#include "tests/fuzz/input.h"

namespace {

using namespace lilux::search;
using lilux::fuzz::require;

void check_postings(std::string_view bytes) {
  std::vector<Posting> postings;
  if (!decode_postings(bytes, 100, 5000, postings)) return;
  std::vector<Posting> again;
  require(decode_postings(encode_postings(postings, 100), 100, 5000, again).has_value() && again == postings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lilux::fuzz::Input input(data, size);
  const std::string_view what = input.line();
  if (what == "corpus") {
    if (const auto corpus = parse_corpus(input.rest(), "c")) require(!corpus->empty());
  } else if (what == "qrels") {
    if (const auto judged = parse_judgements(input.rest(), "q")) require(measure({}, *judged).topics == 0);
  } else if (what == "postings") {
    check_postings(input.rest());
  } else if (what == "terms") {
    if (const auto terms = decode_terms(input.rest())) require(decode_terms(encode_terms(*terms)).value() == *terms);
  } else {
    for (const EmbedDialect dialect : {EmbedDialect::openai, EmbedDialect::ollama}) {
      const auto vectors = parse_vectors(input.rest(), dialect, 2);
      if (vectors) require(vectors->size() == 2 && vectors->front().size() == vectors->back().size());
    }
    if (const auto server = embed_server(what, "m")) require(server->endpoint.port > 0 || !what.empty());
  }
  return 0;
}

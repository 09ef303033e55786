// Queries and texts as anybody may write them: words have their places within the text, terms are short and do not
// change when split again, a snippet is text, and an index searched with it answers or says why not.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/encoding.h"
#include "search/index.h"
#include "search/snippet.h"
#include "search/words.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/scratch.h"

namespace {

using namespace lilux::search;
using lilux::fuzz::require;

Index& index_of_few() {
  static const lilux::fuzz::Scratch scratch("search-query");
  static const std::unique_ptr<Index> index = [] {
    auto made = Index::open(scratch.file("search.db"));
    require(made.has_value());
    Batch batch;
    for (int i = 0; i < 12; ++i)
      batch.put.push_back(
          {.id = std::to_string(i), .title = "title of it", .text = "to be found by a word " + std::to_string(i % 5)});
    require((*made)->apply(batch).has_value() && (*made)->learn().has_value());
    return std::move(*made);
  }();
  return *index;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = lilux::fuzz::Input(data, size).rest();
  Words words;
  std::map<std::string, double> wanted;
  for (const Word& word : words.split(text)) {
    require(word.begin < word.end && word.end <= text.size());
    require(!word.term.empty() && word.term.size() <= kTermBytesMax + 1 && lilux::base::is_utf8(word.term));
    require(word.term[0] != kFilterMark);
    if (wanted.size() < 20) wanted[word.term] = 1;
  }
  require(lilux::base::is_utf8(snippet(text, wanted, words)));
  const auto answer = index_of_few().search({.text = std::string(text), .explain = true});
  require(answer.has_value() || answer.error().code == lilux::base::ErrorCode::invalid_argument);
  return 0;
}

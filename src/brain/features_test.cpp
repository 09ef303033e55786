#include "brain/features.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

namespace {

using namespace lilux::brain;
using Strings = std::vector<std::string>;

bool has_named(const std::vector<NamedFeature>& features, std::string_view name) {
  return std::ranges::find(features, name, &NamedFeature::name) != features.end();
}

}  // namespace

TEST_CASE("words are told apart without case, with what follows an apostrophe on its own") {
  CHECK(tokens_of("What's my PIN-code?") == Strings{"what", "'s", "my", "pin", "code", "?"});
  CHECK(tokens_of("it costs $5") == Strings{"it", "costs", "$", "5"});
  CHECK(tokens_of("what\u2019s") == Strings{"what", "'s"});
  CHECK(tokens_of("'quoted'") == Strings{"quoted"});
}

TEST_CASE("other writings have words too") {
  CHECK(tokens_of("ÜBER Москва") == Strings{"über", "москва"});
  CHECK(tokens_of("東京へ") == Strings{"東", "京", "へ"});
}

TEST_CASE("any bytes have words, and not too many") {
  CHECK(tokens_of("").empty());
  CHECK(tokens_of("a\xff\xfe"
                  "b") == Strings{"a", "b"});
  CHECK(tokens_of(std::string("a\0b", 3)) == Strings{"a", "b"});
  CHECK(tokens_of(std::string(1 << 20, 'x')).size() == 1);
  std::string many;
  for (int i = 0; i < 100000; ++i) many += "a ";
  CHECK(tokens_of(many).size() == kTokensMax);
  CHECK(features_of(tokens_of(many)).size() < 20 * kTokensMax);
}

TEST_CASE("a text has words, stems, neighbours and parts of words") {
  const std::vector<NamedFeature> features = named_features_of(tokens_of("paying bills"));
  for (const char* name : {"word paying", "stem pay", "words paying bills", "words < paying", "words apart < bills",
                           "part ayi", "part <pay"})
    CHECK_MESSAGE(has_named(features, name), name);
  CHECK_FALSE(has_named(features, "part bills>"));  // six bytes
}

TEST_CASE("the named features are the features") {
  const Strings tokens = tokens_of("move it to the other folder");
  const std::vector<Feature> features = features_of(tokens);
  const std::vector<NamedFeature> named = named_features_of(tokens);
  REQUIRE(features.size() == named.size());
  std::set<std::uint32_t> hashes;
  std::set<std::string> names;
  for (std::size_t i = 0; i < features.size(); ++i) {
    CHECK(features[i] == named[i].feature);
    hashes.insert(features[i].hash);
    names.insert(named[i].name);
  }
  CHECK(hashes.size() == names.size());
}

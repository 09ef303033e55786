#include "search/postings.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "search/vectors.h"
#include "tests/support/scratch.h"

namespace lilux::search {

using base::ErrorCode;
using test::code_of;
using test::must;

TEST_CASE("postings survive their bytes") {
  const std::vector<Posting> postings{{4096, 1}, {4097, 300}, {5000, 2}, {8191, 1'000'000}};
  std::vector<Posting> read;
  must(decode_postings(encode_postings(postings, 4096), 4096, 8192, read));
  CHECK(read == postings);
  const std::vector<TermCount> terms{{1, 1}, {7, 2}, {4'000'000'000U, 3}};
  CHECK(must(decode_terms(encode_terms(terms))) == terms);
}

TEST_CASE("damaged postings are told") {
  const std::string good = encode_postings(std::vector<Posting>{{1, 1}, {2, 9}}, 0);
  std::vector<Posting> read;
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(code_of(decode_postings(good.substr(0, size), 0, 10, read)) == ErrorCode::corrupt);
  CHECK(code_of(decode_postings(good, 0, 2, read)) == ErrorCode::corrupt);
  CHECK(code_of(decode_postings(good + "x", 0, 10, read)) == ErrorCode::corrupt);
  CHECK(code_of(decode_postings("\xff\xff\xff\xff\x0f", 0, 10, read)) == ErrorCode::corrupt);
  CHECK(code_of(decode_terms("\x01")) == ErrorCode::corrupt);
}

TEST_CASE("vectors in bytes are nearly as alike as they are") {
  Vector one;
  Vector other;
  for (int i = 0; i < 96; ++i) {
    one.push_back(std::sin(static_cast<float>(i)));
    other.push_back(std::sin(static_cast<float>(i) * 1.1F));
  }
  normalise(one);
  normalise(other);
  double exact = 0;
  for (std::size_t i = 0; i < one.size(); ++i) exact += static_cast<double>(one[i]) * other[i];
  const Coded left = encode_vector(one);
  const Coded right = encode_vector(other);
  std::vector<std::int8_t> rows = right.codes;
  rows.insert(rows.end(), left.codes.begin(), left.codes.end());
  std::vector<std::int32_t> sums(2);
  multiply(left.codes, rows, sums);
  CHECK(static_cast<double>(sums[0]) * left.scale * right.scale == doctest::Approx(exact).epsilon(0.02));
  CHECK(static_cast<double>(sums[1]) * left.scale * left.scale == doctest::Approx(1).epsilon(0.02));
  CHECK(encode_vector(Vector(4)).scale == 0);
  Vector broken{1, NAN};
  normalise(broken);
  CHECK(broken == Vector{0, 0});
}

}  // namespace lilux::search

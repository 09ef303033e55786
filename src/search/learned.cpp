#include "search/learned.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lilux::search {

using base::Result;

namespace {

constexpr int kRounds = 3;

struct Cell {
  std::uint32_t column = 0;
  float value = 0;
};
// Rows of few cells each.
struct Sparse {
  std::vector<std::vector<Cell>> rows = {};
  std::size_t columns = 0;
};

// Rows of `width` numbers one after the other.
struct Matrix {
  std::size_t rows = 0;
  std::size_t width = 0;
  std::vector<float> cells = {};
  float* row(std::size_t i) { return cells.data() + i * width; }
  const float* row(std::size_t i) const { return cells.data() + i * width; }
};

Matrix zeros(std::size_t rows, std::size_t width) {
  return {.rows = rows, .width = width, .cells = std::vector<float>(rows * width)};
}

// 1 and -1, from a fixed sequence (splitmix64).
Matrix signs(std::size_t rows, std::size_t width) {
  Matrix matrix = zeros(rows, width);
  std::uint64_t state = 0;
  for (float& cell : matrix.cells) {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    cell = (mixed >> 63) != 0 ? 1.0F : -1.0F;
  }
  return matrix;
}

void add_scaled(float* into, const float* from, std::size_t width, float factor) {
  for (std::size_t i = 0; i < width; ++i) into[i] += factor * from[i];
}

// sparse * matrix
Matrix product(const Sparse& sparse, const Matrix& matrix) {
  Matrix result = zeros(sparse.rows.size(), matrix.width);
  for (std::size_t i = 0; i < sparse.rows.size(); ++i) {
    for (const Cell& cell : sparse.rows[i])
      add_scaled(result.row(i), matrix.row(cell.column), matrix.width, cell.value);
  }
  return result;
}

// transposed sparse * matrix
Matrix product_transposed(const Sparse& sparse, const Matrix& matrix) {
  Matrix result = zeros(sparse.columns, matrix.width);
  for (std::size_t i = 0; i < sparse.rows.size(); ++i) {
    for (const Cell& cell : sparse.rows[i])
      add_scaled(result.row(cell.column), matrix.row(i), matrix.width, cell.value);
  }
  return result;
}

// The upper triangle R with R' R = M' M, by Cholesky. A column that hangs on those before it gets a zero pivot.
std::vector<double> triangle_of(const Matrix& matrix) {
  const std::size_t n = matrix.width;
  std::vector<double> triangle(n * n);
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    const float* cells = matrix.row(row);
    for (std::size_t i = 0; i < n; ++i) {
      const double left = cells[i];
      for (std::size_t j = i; j < n; ++j) triangle[i * n + j] += left * cells[j];
    }
  }
  double most = 0;
  for (std::size_t i = 0; i < n; ++i) most = std::max(most, triangle[i * n + i]);
  for (std::size_t i = 0; i < n; ++i) {
    const double pivot = triangle[i * n + i] > most * 1e-12 ? std::sqrt(triangle[i * n + i]) : 0;
    for (std::size_t j = i; j < n; ++j) triangle[i * n + j] = pivot > 0 ? triangle[i * n + j] / pivot : 0;
    for (std::size_t k = i + 1; k < n; ++k) {
      const double factor = triangle[i * n + k];
      for (std::size_t j = k; j < n; ++j) triangle[k * n + j] -= factor * triangle[i * n + j];
    }
  }
  return triangle;
}

// Columns of length one, at right angles to each other; those that cannot be so become zeros.
void make_orthonormal(Matrix& matrix) {
  const std::size_t n = matrix.width;
  const std::vector<double> triangle = triangle_of(matrix);
  std::vector<double> solved(n);
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    float* cells = matrix.row(row);
    std::copy_n(cells, n, solved.begin());
    for (std::size_t i = 0; i < n; ++i) {
      const double pivot = triangle[i * n + i];
      solved[i] = pivot > 0 ? solved[i] / pivot : 0;
      for (std::size_t j = i + 1; j < n; ++j) solved[j] -= solved[i] * triangle[i * n + j];
    }
    for (std::size_t i = 0; i < n; ++i) cells[i] = static_cast<float>(solved[i]);
  }
}

struct Weighted {
  Sparse cells = {};
  std::vector<std::uint32_t> terms = {};  // of the columns
  std::vector<double> rarity = {};        // likewise
};

// The square root of how often, times how rare; each document of length one.
Weighted weigh(std::span<const std::vector<TermCount>> documents) {
  std::map<std::uint32_t, std::uint32_t> holders;
  for (const auto& terms : documents) {
    for (const TermCount& term : terms) ++holders[term.term];
  }
  Weighted weighted;
  std::unordered_map<std::uint32_t, std::uint32_t> columns;
  const auto total = static_cast<double>(documents.size());
  for (const auto& [term, count] : holders) {
    if (count < 2) continue;
    columns.emplace(term, static_cast<std::uint32_t>(weighted.terms.size()));
    weighted.terms.push_back(term);
    weighted.rarity.push_back(std::log(1 + (total - count + 0.5) / (count + 0.5)));
  }
  weighted.cells.columns = weighted.terms.size();
  for (const auto& terms : documents) {
    std::vector<Cell> row;
    double squares = 0;
    for (const TermCount& term : terms) {
      const auto column = columns.find(term.term);
      if (column == columns.end()) continue;
      const double value = std::sqrt(term.count) * weighted.rarity[column->second];
      squares += value * value;
      row.push_back({.column = column->second, .value = static_cast<float>(value)});
    }
    for (Cell& cell : row) cell.value = static_cast<float>(cell.value / std::sqrt(squares));
    weighted.cells.rows.push_back(std::move(row));
  }
  return weighted;
}

}  // namespace

TermVectors learn_vectors(std::span<const std::vector<TermCount>> documents) {
  if (documents.size() < kLearnFromLeast) return {};
  const Weighted weighted = weigh(documents);
  const std::size_t width = std::min({kLearnedDimensions, documents.size() - 1, weighted.terms.size()});
  if (width < 2) return {};
  Matrix directions = signs(weighted.terms.size(), width);
  for (int round = 0; round < kRounds; ++round) {
    directions = product_transposed(weighted.cells, product(weighted.cells, directions));
    make_orthonormal(directions);
  }
  make_orthonormal(directions);  // once more: the first time leaves what rounding spoiled
  TermVectors vectors{.dimensions = width, .terms = {}};
  for (std::size_t i = 0; i < weighted.terms.size(); ++i) {
    Vector vector(directions.row(i), directions.row(i) + width);
    for (float& value : vector) value = static_cast<float>(value * weighted.rarity[i]);
    vectors.terms.emplace_hint(vectors.terms.end(), weighted.terms[i], std::move(vector));
  }
  return vectors;
}

const std::string LearnedEmbedder::kSpace = "learned";

Result<std::vector<Vector>> LearnedEmbedder::embed(std::span<const Passage> passages) {
  std::vector<Vector> vectors;
  for (const Passage& passage : passages) vectors.push_back(TRY(embed(passage.terms)));
  return vectors;
}

Result<Vector> LearnedEmbedder::embed(std::span<const TermCount> terms) {
  Vector vector(dimensions_);
  for (const TermCount& term : terms) {
    const Coded& coded = *TRY(vector_of(term.term));
    const float factor = std::sqrt(static_cast<float>(term.count)) * coded.scale;
    for (std::size_t i = 0; i < coded.codes.size(); ++i) vector[i] += factor * static_cast<float>(coded.codes[i]);
  }
  normalise(vector);
  return vector;
}

Result<const Coded*> LearnedEmbedder::vector_of(std::uint32_t term) {
  const auto [seen, is_new] = seen_.try_emplace(term);
  if (is_new) {
    const std::string bytes = TRY(store_->term_vector(term));
    std::vector<float> scale;
    if (!bytes.empty()) TRY(append_coded(bytes, dimensions_, scale, seen->second.codes));
    if (!scale.empty()) seen->second.scale = scale.front();
  }
  return &seen->second;
}

}  // namespace lilux::search

#include "brain/model_file.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/hash.h"
#include "brain/loops.h"
#include "brain/model_bytes.h"

namespace lilux::brain {

using base::Result;

namespace {

constexpr std::string_view kMagic = "LILUXBRN";
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kHeadBytes = kMagic.size() + 2 * sizeof(std::uint32_t);  // magic, version, checksum
constexpr std::uint32_t kNone = 0xffffffff;
constexpr std::size_t kPartsMax = 64;
constexpr float kCodeMost = 127;
constexpr float kRarityLeast = 1e-3F;
constexpr float kRarityMost = 1e3F;

Result<Vocabulary> read_vocabulary(ModelReader& reader) {
  const auto has_details = TRY(reader.value<std::uint8_t>());
  if (has_details > 1) return corrupt_model("says neither yes nor no to details");
  const auto texts = TRY(reader.value<std::uint32_t>());
  const auto count = TRY(reader.value<std::uint32_t>());
  const std::vector<std::uint32_t> hashes = TRY(reader.values<std::uint32_t>(count));
  const std::vector<float> rarities = TRY(reader.reals(count));
  const std::vector<std::uint8_t> groups = TRY(reader.values<std::uint8_t>(count));
  std::vector<Vocabulary::Entry> entries(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && hashes[i] <= hashes[i - 1]) return corrupt_model("has features out of order");
    if (groups[i] >= kGroups || rarities[i] < kRarityLeast || rarities[i] > kRarityMost)
      return corrupt_model("has a feature of an impossible weight");
    entries[i] = {.hash = hashes[i], .group = static_cast<Group>(groups[i]), .rarity = rarities[i]};
  }
  return Vocabulary(std::move(entries), texts, has_details == 1);
}

Result<PackedWeights> read_part(ModelReader& reader, std::size_t rows, std::size_t labels) {
  PackedWeights part{.width = TRY(reader.value<std::uint32_t>())};
  const auto deep = TRY(reader.value<std::uint8_t>());
  if (deep > 1) return corrupt_model("has a part of no kind");
  const bool is_deep = deep == 1;
  if (part.width == 0 || (!is_deep && part.width != labels))
    return corrupt_model("has a part that does not fit its labels");
  part.bias = TRY(reader.reals(part.width));
  if (is_deep) {
    part.heads = TRY(reader.reals(labels * part.width));  // both are below 2^32
    part.head_bias = TRY(reader.reals(labels));
  }
  part.scales = TRY(reader.reals(rows));
  part.codes = TRY(reader.values<std::int8_t>(rows * part.width));
  return part;
}

Result<Model> read_body(ModelReader reader) {
  Model model;
  for (double& factor : model.calibration.factors) factor = TRY(reader.real());
  model.calibration.offset = TRY(reader.real());
  model.labels = TRY(reader.names("label"));
  if (model.labels.size() < 2) return corrupt_model("has fewer than two labels");
  const auto outside = TRY(reader.value<std::uint32_t>());
  if (outside != kNone && outside >= model.labels.size())
    return corrupt_model("has no such label for what is out of scope");
  if (outside != kNone) model.out_of_scope = outside;
  model.vocabulary = TRY(read_vocabulary(reader));
  const auto parts = TRY(reader.value<std::uint32_t>());
  if (parts == 0 || parts > kPartsMax) return corrupt_model("has " + std::to_string(parts) + " parts");
  for (std::uint32_t i = 0; i < parts; ++i)
    model.parts.push_back(TRY(read_part(reader, model.vocabulary.size(), model.labels.size())));
  model.labeller = TRY(Labeller::read(reader, model.labels.size()));
  if (!reader.is_empty()) return corrupt_model("goes on behind its end");
  return model;
}

void write_part(ModelWriter& writer, const PackedWeights& part) {
  writer.put_count(part.width);
  writer.put(static_cast<std::uint8_t>(part.heads.empty() ? 0 : 1));
  writer.put_all(part.bias);
  writer.put_all(part.heads);
  writer.put_all(part.head_bias);
  writer.put_all(part.scales);
  writer.put_all(part.codes);
}

}  // namespace

PackedWeights packed(const ModelWeights& weights) {
  PackedWeights result{
      .width = weights.width, .bias = weights.bias, .heads = weights.heads, .head_bias = weights.head_bias};
  result.codes.reserve(weights.rows.size());
  for (std::size_t begin = 0; begin < weights.rows.size(); begin += weights.width) {
    const std::span<const float> row(weights.rows.data() + begin, weights.width);
    float most = 0;
    for (const float weight : row) most = std::max(most, std::abs(weight));
    const float scale = most > 0 ? most / kCodeMost : 1;
    result.scales.push_back(scale);
    for (const float weight : row) result.codes.push_back(static_cast<std::int8_t>(std::lround(weight / scale)));
  }
  return result;
}

std::vector<float> layer_of(const PackedWeights& weights, const Rows& text) {
  std::vector<float> layer = weights.bias;
  for (std::size_t i = 0; i < text.rows.size(); ++i) {
    const std::size_t row = text.rows[i];
    add_scaled(layer, text.weights[i] * weights.scales[row], weights.codes.data() + row * weights.width);
  }
  return layer;
}

std::vector<float> scores_of(const PackedWeights& weights, const Rows& text, std::size_t label_count) {
  return scores_from(layer_of(weights, text), weights.heads, weights.head_bias, label_count);
}

std::string write_model(const Model& model) {
  ModelWriter body;
  for (const double factor : model.calibration.factors) body.put(factor);
  body.put(model.calibration.offset);
  body.put_names(model.labels);
  body.put(model.out_of_scope ? static_cast<std::uint32_t>(*model.out_of_scope) : kNone);
  const std::vector<Vocabulary::Entry>& entries = model.vocabulary.entries();
  body.put(static_cast<std::uint8_t>(model.vocabulary.has_details() ? 1 : 0));
  body.put_count(model.vocabulary.texts());
  body.put_count(entries.size());
  for (const Vocabulary::Entry& entry : entries) body.put(entry.hash);
  for (const Vocabulary::Entry& entry : entries) body.put(entry.rarity);
  for (const Vocabulary::Entry& entry : entries) body.put(entry.group);
  body.put_count(model.parts.size());
  for (const PackedWeights& part : model.parts) write_part(body, part);
  model.labeller.write(body);
  const std::string bytes = body.take();
  ModelWriter whole;
  whole.put_all(std::vector<char>(kMagic.begin(), kMagic.end()));
  whole.put(kVersion);
  whole.put(base::crc32c(bytes));
  return whole.take() + bytes;
}

Result<Model> read_model(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kHeadBytes) return corrupt_model("does not begin like one");
  ModelReader head(bytes.substr(kMagic.size(), kHeadBytes - kMagic.size()));
  const auto version = TRY(head.value<std::uint32_t>());
  if (version != kVersion)
    return corrupt_model("has version " + std::to_string(version) + "; this program reads " + std::to_string(kVersion));
  const std::string_view body = bytes.substr(kHeadBytes);
  if (base::crc32c(body) != TRY(head.value<std::uint32_t>()))
    return corrupt_model("is damaged: its checksum is another");
  return read_body(ModelReader(body));
}

}  // namespace lilux::brain

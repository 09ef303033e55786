#pragma once

// The front matter of an item: typed look-ups whose faults go into a review, and writing. Pure; any thread.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "item/parts.h"
#include "text/front_matter.h"

namespace lilux::item {

class Head {
 public:
  // A head that cannot be read is an error; one that had to be mended, a warning; none at all is an empty one.
  Head(std::string_view text, Review& review);  // which must both outlive it

  bool is_there() const { return is_there_; }
  // The same, and a fault when there is none at all.
  bool require(std::string hint);
  std::string_view body() const { return text_.substr(front_.body); }
  bool has(std::string_view key) const { return front_.value.find(key) != nullptr; }
  const base::Json* find(std::string_view key) const { return front_.value.find(key); }
  std::size_t place_of(std::string_view key) const { return front_.place_of(key); }

  std::string text(std::string_view key);                // "" when it is not there
  std::vector<std::string> texts(std::string_view key);  // a list, or words with commas between them
  std::vector<std::string> tools(std::string_view key);  // a list, or names as tool_names() reads them
  std::optional<bool> flag(std::string_view key);
  std::optional<double> number(std::string_view key);
  std::optional<std::int64_t> whole(std::string_view key);
  std::vector<Input> inputs(std::string_view key);  // a list of mappings: name, type, description, default, required
  // What has no look-up of its own, to be kept.
  base::Json rest(std::initializer_list<std::string_view> known) const;

 private:
  void wrong(std::string_view key, std::string_view wanted);
  // Whether an entry may have so many; a fault when not.
  bool may_have(std::string_view key, std::size_t count);
  Input input(const base::Json& entry, std::size_t at);

  std::string_view text_;
  Review& review_;
  text::FrontMatter front_;
  bool is_there_ = false;
  bool is_broken_ = false;
};

// A head as it is written, without what is empty.
class HeadWriter {
 public:
  void text(std::string_view key, const std::string& value);
  void texts(std::string_view key, const std::vector<std::string>& values);
  void flag(std::string_view key, std::optional<bool> value);
  void number(std::string_view key, std::optional<double> value);
  void whole(std::string_view key, std::optional<std::int64_t> value);
  void inputs(std::string_view key, const std::vector<Input>& values);
  void rest(const base::Json& values);
  base::JsonObject take() { return std::move(made_); }

 private:
  base::JsonObject made_;
};

// A whole file of a head and a body.
struct HeadAndBody {
  base::JsonObject head = {};
  std::string body = {};
};
std::string write_head(const HeadAndBody& wanted);

}  // namespace lilux::item

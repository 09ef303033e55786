#pragma once

// From a sentence to calls, by layers, cheapest first: each answers or passes on, and the answer says which one it was
// and how sure it is. Nothing is ever called here. Pure but for its layers; any thread.

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brain/bands.h"
#include "brain/caller.h"

namespace lilux::brain {

// execute: nothing more has to be asked. verify: a person, or the next brain, looks first. defer: nobody here knows.
enum class Band : std::uint8_t { execute, verify, defer };
constexpr std::array<std::string_view, 3> enum_names(Band) {
  return {"execute", "verify", "defer"};
}

struct Route {
  Proposal proposal = {};
  std::string layer = {};  // that answered; empty: none did
  Band band = Band::defer;
};

class Router {
 public:
  // What a layer says to a sentence; nothing when it passes.
  using Layer = std::function<std::optional<Proposal>(std::string_view text)>;
  // Whether a call of the tool may be made without being looked at.
  using IsHarmless = std::function<bool(std::string_view tool)>;
  // Which argument of a call its tool does not take; empty: none. Such a call is never offered, whichever layer made
  // it.
  using Refused = std::function<std::string(const ProposedCall& call)>;
  // Whether what the layer says is the answer, a call or not, or is held against what later layers say.
  enum class Word : std::uint8_t { weighed, last };

  explicit Router(IsHarmless is_harmless, const Bands& bands = {})
      : is_harmless_(std::move(is_harmless)), bands_(bands) {}
  const Bands& bands() const { return bands_; }
  void set_refused(Refused refused) { refused_ = std::move(refused); }
  // Mends what a layer says, or takes its calls back and names what is missing; whichever layer says it.
  using Check = std::function<void(Proposal& said)>;
  void set_check(Check check) { check_ = std::move(check); }
  void add(std::string name, Layer layer, Word word = Word::weighed) {
    layers_.push_back({.name = std::move(name), .says = std::move(layer), .word = word});
  }

  // Of the first layer that has the last word, is sure enough to execute or is settled; else of the surest.
  Route route(std::string_view text) const;

  // What every layer says, in their order; nothing where it passes.
  struct Said {
    std::string layer = {};
    std::optional<Proposal> proposal = {};
  };
  std::vector<Said> each(std::string_view text) const;

  // How much surer the layer is of what it says by each of the first words, than it is without that one: 0.4 for what
  // decides, 0 for what says nothing to it, less than 0 for what speaks against it.
  struct Share {
    std::string word = {};
    double share = 0;
  };
  static constexpr std::size_t kSharesMost = 24;
  std::vector<Share> shares(std::string_view layer, std::string_view text) const;

 private:
  struct Named {
    std::string name;
    Layer says;
    Word word = Word::weighed;
  };
  Band band_of(const Proposal& proposal) const;
  std::optional<Proposal> said_by(const Named& layer, std::string_view text) const;

  IsHarmless is_harmless_;
  Refused refused_ = {};
  Check check_ = {};
  Bands bands_;
  std::vector<Named> layers_;
};

}  // namespace lilux::brain

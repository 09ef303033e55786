#pragma once

// Several classifiers, each learned by itself from the texts of its own domain, that give one decision together. Which
// of them a text is for is told by how often its words stood in the texts of each; those it may be for are asked, and
// what they say is weighed by that. Nothing is learned here: to add a domain costs its own training, to remove one
// nothing. A value; any number of threads may ask the same one.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "brain/classifier.h"

namespace lilux::brain {

struct DomainDecision {
  std::string domain = {};  // that the label is of
  // Its others are the best of the other domains that were asked, with their shares.
  Decision decision = {};
};

class Domains {
 public:
  Domains() = default;
  explicit Domains(std::map<std::string, Classifier> classifiers);

  // Takes the place of one of the same name. The words of all are weighed anew, which takes milliseconds.
  void add(std::string name, Classifier classifier);
  // Whether there was one.
  bool remove(std::string_view name);

  // Never fails; empty without domains. The decision of a single domain is its classifier's own.
  DomainDecision decide(std::string_view text) const;
  // The classifier of that domain, or null.
  const Classifier* find(std::string_view name) const;

  std::size_t size() const { return domains_.size(); }
  bool has_slots() const;  // any of them

 private:
  struct Domain {
    std::string name = {};
    Classifier classifier;
    double texts = 0;
  };
  // How much more a word that stood in a domain speaks for it than one that did not.
  struct Posting {
    std::uint32_t domain = 0;
    float weight = 0;
  };
  struct Word {
    std::uint32_t hash = 0;
    std::uint32_t end = 0;  // of its postings; they begin where the last word's end
    float absent = 0;       // what it says of a domain where it never stood, beside the domain's own `absent_`
  };
  // The chance of one domain's guess against that of none, and the guess.
  struct Answer {
    std::size_t domain = 0;
    Decision decision = {};
    double odds = 0;
  };

  void weigh();
  std::vector<double> evidence(std::span<const Feature> features) const;
  std::vector<Answer> ask(std::span<const Feature> features) const;

  std::vector<Domain> domains_ = {};  // by name
  std::vector<Word> words_ = {};      // by hash
  std::vector<Posting> postings_ = {};
  std::vector<double> absent_ = {};  // what a word that never stood in a domain says of it
};

}  // namespace lilux::brain

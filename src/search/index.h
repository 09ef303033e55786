#pragma once

// The one index over documents of every sort: full text and vectors in one ranking (docs/search.md). A file derived
// from what is elsewhere: it may be deleted at any time, and one that is damaged is dropped and made anew, empty;
// whoever feeds it sees that in statistics() and feeds it again. Any thread, any number of processes on one file:
// searches wait for nobody, changes for each other. A process killed at any moment leaves the old or the new state.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/document.h"
#include "search/embedder.h"

namespace lilux::search {

struct Learned {
  bool is_new = false;        // otherwise there was no need
  std::size_t documents = 0;  // that got a vector
  std::size_t dimensions = 0;
};

struct Statistics {
  std::string made = {};  // another file has another: then it has to be fed again
  std::int64_t documents = 0;
  std::string vectors = {};  // whose they are: "learned", or a server's; empty: none yet
  std::int64_t dimensions = 0;
  bool is_learning_due = false;
  std::string dropped = {};  // why what was there before was dropped, since this object was opened; empty: it was not
};

class Index {
 public:
  // `path` is the file; its folder must be there. Without an embedder vectors are learned from the corpus. The embedder
  // must outlive the index and may be used by several threads at once.
  static base::Result<std::unique_ptr<Index>> open(std::string path, Embedder* embedder = nullptr);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  ~Index();

  // All of it or nothing. `invalid_argument` names the document that is wrong. Blocks while another change is made.
  base::Result<Applied> apply(const Batch& batch);
  // Makes vectors: learns anew when half of the corpus has changed since, or asks the embedder for those that lack.
  // To be called after changes, where some seconds do not matter; it is quick when nothing is due.
  base::Result<Learned> learn();
  // Answers with full text alone, and says so, when vectors cannot be had. `corrupt`: the file was damaged and has been
  // dropped.
  base::Result<Answer> search(const Query& query);
  base::Result<Statistics> statistics();

 private:
  struct Parts;
  explicit Index(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lilux::search

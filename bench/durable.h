#pragma once

// What a durable record is compared with: a row of SQLite, and the least that the disk takes.

#include <cstdint>
#include <string>

#include <fcntl.h>
#include <sqlite3.h>

#include "measure.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::bench {

inline constexpr std::size_t kRecordBytes = 400;

// One row a transaction, with a write-ahead log and synchronous=FULL.
class Sqlite {
 public:
  explicit Sqlite(const std::string& path, std::size_t bytes = kRecordBytes) : body_(bytes, 'b') {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) stop("cannot open " + path);
    sqlite3_exec(database_,
                 "pragma journal_mode=wal; pragma synchronous=full;"
                 "create table record(sequence integer primary key, time integer, kind integer, body text)",
                 nullptr, nullptr, nullptr);
    sqlite3_prepare_v2(database_, "insert into record(time, kind, body) values (?, ?, ?)", -1, &insert_, nullptr);
  }
  ~Sqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void add() const {
    sqlite3_bind_int64(insert_, 1, 1'700'000'000'000'000);
    sqlite3_bind_int(insert_, 2, 1);
    sqlite3_bind_text(insert_, 3, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
    if (sqlite3_step(insert_) != SQLITE_DONE) stop("sqlite cannot insert");
    sqlite3_reset(insert_);
  }

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  const std::string body_;
};

// A write into space that is there already, and a sync.
class Floor {
 public:
  explicit Floor(const std::string& path) : fd_(need(sys::open(path, O_RDWR | O_CREAT, 0600))) {
    need(sys::write_at(fd_.get(), 0, std::string(kBytes, '\0')));
    need(sys::sync_all(fd_.get()));
  }
  void add() {
    need(sys::write_at(fd_.get(), at_, bytes_));
    need(sys::sync_data(fd_.get()));
    at_ = (at_ + bytes_.size()) % (kBytes - bytes_.size());
  }

 private:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;
  sys::Fd fd_;
  std::uint64_t at_ = 0;
  const std::string bytes_ = std::string(kRecordBytes, 'f');
};

}  // namespace lilux::bench

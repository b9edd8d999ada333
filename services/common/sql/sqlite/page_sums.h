// A checksum in every page of an SQLite file, checked whenever the page is read (P14). Checksums of
// rows cannot detect that a row is missing because its key or the page above it has changed; this
// one can. Only for the files of this folder and tests/faults.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_PAGE_SUMS_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_PAGE_SUMS_H_

#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;

namespace gongji::sql {

// Bytes of the checksum at the end of each page; in a page of the log they mean nothing.
inline constexpr int kPageSumBytes = 8;

// A VFS over `base`, known to SQLite as vfs() during the lifetime of this object. The last 8 bytes
// of each page of a database are XXH3 over its number and the other bytes; reading a page whose
// checksum is wrong returns SQLITE_IOERR_DATA. The write-ahead log is left as it is: SQLite has
// checksums of its own there, which it checks when it finds a log at start.
class PageSums {
 public:
  explicit PageSums(const std::string& base);
  ~PageSums();
  PageSums(const PageSums&) = delete;
  PageSums& operator=(const PageSums&) = delete;

  const std::string& vfs() const { return name_; }

  // Reserves room for a checksum in pages that are made from now on. Call it before the first
  // statement on a connection.
  static void MakeRoom(sqlite3* connection);

  // The page whose checksum was wrong when this thread last got SQLITE_IOERR_DATA.
  static int64_t DamagedPage();

 private:
  struct Registration;

  const std::string name_;
  const std::unique_ptr<Registration> registration_;
};

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_PAGE_SUMS_H_

#include "services/common/sql/sqlite/page_sums.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "services/common/errors/status.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::sql {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr int64_t kRows = 3000;

class PageSumsTest : public testing::Test {
 public:
  ~PageSumsTest() override { std::filesystem::remove_all(folder_); }

 protected:
  PageSumsTest() {
    const auto database = *Database::OpenSqlite({.path = path_});
    EXPECT_TRUE(database
                    ->Script("CREATE TABLE names (name TEXT PRIMARY KEY, body TEXT NOT NULL) "
                             "WITHOUT ROWID")
                    .ok());
    const absl::Status filled = database->Transaction([&]() -> absl::Status {
      for (int64_t i = 0; i < kRows; ++i) {
        RETURN_IF_ERROR(
            database->Prepared("INSERT INTO names (name, body) VALUES (?1, ?2)").Run(Name(i), "b"));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(filled.ok());
  }

  static std::string Name(int64_t number) { return "name-" + std::to_string(1'000'000 + number); }

  // Counts the rows that are found by name, each by itself; nothing if the file cannot even be
  // opened.
  struct Found {
    int64_t rows = 0;
    int64_t missing = 0;
    int64_t damaged = 0;
  };
  Found FindAll() const {
    Found found;
    const auto database = Database::OpenSqlite({.path = path_});
    if (!database.ok()) {
      // Without its first bytes the file is no database at all.
      const std::string why = ReasonOf(database.status());
      EXPECT_TRUE(why == "ROW_DAMAGED" || why == "STORE_NOT_OURS") << database.status();
      found.damaged = kRows;
      return found;
    }
    for (int64_t i = 0; i < kRows; ++i) {
      bool there = false;
      const absl::Status read = (*database)
                                    ->Prepared("SELECT body FROM names WHERE name = ?1")
                                    .ForEach([&](const Statement&) { there = true; }, Name(i));
      EXPECT_TRUE(read.ok() || ReasonOf(read) == "ROW_DAMAGED") << read;
      ++(!read.ok() ? found.damaged : there ? found.rows : found.missing);
    }
    return found;
  }

  std::string Bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void SetBytes(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  const std::filesystem::path folder_ = MakeTemporaryFolder();
  const std::filesystem::path path_ = folder_ / "test.db";
};

// SQLite asks the VFS of a file for these too.
TEST(PageSums, WhatDoesNotConcernTheDiskIsThatOfTheVfsBeneath) {
  const PageSums sums("unix-none");
  const sqlite3_vfs* const vfs = sqlite3_vfs_find(sums.vfs().c_str());
  const sqlite3_vfs* const beneath = sqlite3_vfs_find("unix-none");
  ASSERT_NE(vfs, nullptr);
  EXPECT_EQ(vfs->xRandomness, beneath->xRandomness);
  EXPECT_EQ(vfs->xSleep, beneath->xSleep);
  EXPECT_EQ(vfs->xCurrentTime, beneath->xCurrentTime);
  EXPECT_EQ(vfs->xGetLastError, beneath->xGetLastError);
  EXPECT_EQ(vfs->mxPathname, beneath->mxPathname);
  // The usual VFS of the process stays the usual one.
  EXPECT_NE(sqlite3_vfs_find(nullptr), vfs);
}

TEST_F(PageSumsTest, WholeFileIsServed) { EXPECT_EQ(FindAll().rows, kRows); }

// A changed byte is found even where it would only make rows missing, and rows of other pages are
// served.
TEST_F(PageSumsTest, ChangedByteIsFound_P14) {
  const std::string whole = Bytes();
  int64_t served = 0;
  for (size_t page = 0; page < whole.size() / kPageBytes; ++page) {
    std::string changed = whole;
    char& byte = changed[page * kPageBytes + page * 131 % kPageBytes];
    byte = static_cast<char>(byte ^ 0x20);
    SetBytes(changed);
    const Found found = FindAll();
    EXPECT_EQ(found.missing, 0) << "page " << page + 1;
    EXPECT_GT(found.damaged, 0) << "page " << page + 1;
    served = std::max(served, found.rows);
  }
  EXPECT_GT(served, kRows / 2);
}

TEST_F(PageSumsTest, SwappedPagesAreFound_P14) {
  std::string bytes = Bytes();
  ASSERT_GT(bytes.size(), 6 * kPageBytes);
  std::swap_ranges(bytes.begin() + 3 * kPageBytes, bytes.begin() + 4 * kPageBytes,
                   bytes.begin() + 5 * kPageBytes);
  SetBytes(bytes);
  const Found found = FindAll();
  EXPECT_EQ(found.missing, 0);
  EXPECT_GT(found.damaged, 0);
}

// The refusal names the damaged page, and writing goes on where nothing is damaged.
TEST_F(PageSumsTest, DamageIsNamedAndKeepsToItself_P14) {
  std::string bytes = Bytes();
  bytes[4 * kPageBytes + 2000] = static_cast<char>(bytes[4 * kPageBytes + 2000] ^ 1);
  SetBytes(bytes);
  const auto database = *Database::OpenSqlite({.path = path_});
  int64_t written = 0;
  absl::Status refused;
  constexpr int64_t kStep = 20;  // a page has more rows than that
  for (int64_t i = 0; i < kRows; i += kStep) {
    const absl::Status status = database->Transaction([&] {
      return database->Prepared("UPDATE names SET body = 'c' WHERE name = ?1").Run(Name(i));
    });
    if (status.ok()) {
      ++written;
    } else {
      refused = status;
    }
  }
  EXPECT_GT(written, kRows / kStep / 2);
  EXPECT_LT(written, kRows / kStep);
  ASSERT_EQ(ReasonOf(refused), "ROW_DAMAGED");
  const Metadata where = {{"file", path_.string()}, {"page", "5"}};
  EXPECT_EQ(DetailOf(refused)->metadata, where);
}

}  // namespace
}  // namespace gongji::sql

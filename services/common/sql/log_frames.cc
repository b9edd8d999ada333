#include "services/common/sql/log_frames.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "services/common/sql/page_sums.h"

namespace gongji::sql {
namespace {

constexpr size_t kHeaderBytes = 32;
constexpr size_t kFrameBytes = 24;  // before its page
constexpr uint32_t kMagic = 0x377f0682;

uint32_t Word(const unsigned char* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

struct Sum {
  uint32_t one = 0;
  uint32_t two = 0;

  friend bool operator==(const Sum&, const Sum&) = default;
};

Sum StoredAt(const unsigned char* at) { return {Word(at), Word(at + 4)}; }

class Log {
 public:
  Log(sqlite3_file* file, sqlite3_file* database, int64_t bytes)
      : file_(file), database_(database), bytes_(bytes) {}

  int FindEnd(LogEnd& end) {
    end = {.bytes = bytes_};
    unsigned char header[kHeaderBytes];
    if (bytes_ < static_cast<int64_t>(kHeaderBytes)) return SQLITE_OK;
    const int code = file_->pMethods->xRead(file_, header, kHeaderBytes, 0);
    if (code != SQLITE_OK) return code;
    const uint32_t page = Word(header + 8);
    const bool size_is_one = page >= 512 && page <= 65536 && (page & (page - 1)) == 0;
    const uint32_t magic = Word(header);
    // A header is written and synced before any frame, and lies within one sector.
    page_bytes_ = size_is_one ? page : 4096;
    highest_first_ = (magic & 1) != 0;
    const Sum sum = Add({}, header, kHeaderBytes - 8);
    const bool whole = (magic & ~1U) == kMagic && size_is_one && sum == StoredAt(header + 24);
    salts_ = StoredAt(header + 16);
    const int read = ReadFrames(whole, sum, end);
    if (read != SQLITE_OK || whole) return read;
    bool copied = false;
    const int compared = Compare(copied);
    if (copied) end = {};
    return compared;
  }

 private:
  int ReadFrames(bool whole, Sum before, LogEnd& end) {
    std::vector<unsigned char> frame(kFrameBytes + page_bytes_);
    const auto frame_bytes = static_cast<int64_t>(frame.size());
    if (whole) end.bytes = kHeaderBytes;
    Sum stored_before;
    bool first = true;
    for (int64_t at = kHeaderBytes; at + frame_bytes <= bytes_; at += frame_bytes) {
      const int code =
          file_->pMethods->xRead(file_, frame.data(), static_cast<int>(frame_bytes), at);
      if (code != SQLITE_OK) return code;
      // Of a log without a header, the first frame tells the salts.
      if (first && !whole) salts_ = StoredAt(frame.data() + 8);
      const bool ours = StoredAt(frame.data() + 8) == salts_ && Word(frame.data()) != 0;
      const bool commit = Word(frame.data() + 4) != 0;
      const Sum stored = StoredAt(frame.data() + 16);
      if (whole) {
        before = SumOf(before, frame);
        whole = ours && before == stored;
        if (whole && commit) end.bytes = at + frame_bytes;
      }
      // Whether it followed the frame before it when it was written.
      const bool follows = !first && ours && SumOf(stored_before, frame) == stored;
      if (!whole && commit && follows) ++end.commits_behind;
      if (ours && (first || follows)) Note(Word(frame.data()), Word(frame.data() + 4), at);
      stored_before = stored;
      first = false;
    }
    return SQLITE_OK;
  }

  // A frame of `page`; `pages` are those of the database after its commit, 0: more frames follow.
  void Note(uint32_t page, uint32_t pages, int64_t at) {
    uncommitted_[page] = at + static_cast<int64_t>(kFrameBytes);
    if (pages == 0) return;
    for (const auto& [number, place] : uncommitted_) newest_[number] = place;
    uncommitted_.clear();
    pages_ = pages;
  }

  // Whether the database has every page as the last commit left it.
  int Compare(bool& copied) const {
    const auto size = static_cast<int>(page_bytes_);
    std::vector<char> here(page_bytes_);
    std::vector<char> there(page_bytes_);
    copied = false;
    for (const auto& [number, at] : newest_) {
      if (number > pages_) break;  // Cut off since.
      int code = file_->pMethods->xRead(file_, here.data(), size, at);
      if (code != SQLITE_OK) return code;
      code = database_->pMethods->xRead(database_, there.data(), size,
                                        (int64_t{number} - 1) * int64_t{size});
      if (code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_DATA) return SQLITE_OK;
      if (code != SQLITE_OK) return code;
      if (!std::equal(here.begin(), here.end() - kPageSumBytes, there.begin())) return SQLITE_OK;
    }
    copied = true;
    return SQLITE_OK;
  }

  Sum SumOf(Sum before, const std::vector<unsigned char>& frame) const {
    return Add(Add(before, frame.data(), 8), frame.data() + kFrameBytes, page_bytes_);
  }

  Sum Add(Sum sum, const unsigned char* bytes, size_t size) const {
    for (size_t at = 0; at < size; at += 8) {
      sum.one += WordOfSum(bytes + at) + sum.two;
      sum.two += WordOfSum(bytes + at + 4) + sum.one;
    }
    return sum;
  }
  uint32_t WordOfSum(const unsigned char* at) const {
    const uint32_t word = Word(at);
    return highest_first_ ? word : __builtin_bswap32(word);
  }

  sqlite3_file* const file_;
  sqlite3_file* const database_;
  const int64_t bytes_;
  size_t page_bytes_ = 0;
  bool highest_first_ = false;
  Sum salts_;
  // Where in the log the newest contents of each page are.
  std::map<uint32_t, int64_t> newest_;
  std::map<uint32_t, int64_t> uncommitted_;
  uint32_t pages_ = 0;
};

}  // namespace

int FindLogEnd(sqlite3_file* log, sqlite3_file* database, LogEnd& end) {
  sqlite3_int64 bytes = 0;
  const int code = log->pMethods->xFileSize(log, &bytes);
  return code == SQLITE_OK ? Log(log, database, bytes).FindEnd(end) : code;
}

}  // namespace gongji::sql

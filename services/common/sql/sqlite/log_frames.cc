// With a whole header (ReadFrames) a frame is valid if it has the header's salts and its sum
// continues the sum of the frame before it. Without one (ReadWithoutHeader) frames are recognised
// because they continue each other, and the newest pages are compared with the database, to tell a
// log that was copied back from a damaged one. The result is a LogEnd.
#include "services/common/sql/sqlite/log_frames.h"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>
#include <map>
#include <vector>

#include "services/common/sql/sqlite/page_sums.h"

namespace gongji::sql {
namespace {

constexpr size_t kHeaderBytes = 32;
constexpr size_t kFrameBytes = 24;   // before its page
constexpr size_t kPageBytes = 4096;  // of every file that we make
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
    highest_first_ = (magic & 1) != 0;
    // The header is written and synced before any frame, and lies within one sector.
    const Sum sum = Add({}, header, kHeaderBytes - 8);
    if ((magic & ~1U) != kMagic || !size_is_one || sum != StoredAt(header + 24)) {
      return ReadWithoutHeader(end);
    }
    page_bytes_ = page;
    salts_ = StoredAt(header + 16);
    return ReadFrames(sum, end);
  }

 private:
  struct Frame {
    Sum salts;
    Sum stored;
    uint32_t page = 0;
    uint32_t pages = 0;  // size of the database after this commit; 0: more frames follow
  };

  // Calls `use` with each frame of the file.
  template <class Use>
  int ForEachFrame(Use use) {
    bytes_of_frame_.resize(kFrameBytes + page_bytes_);
    const auto size = static_cast<int64_t>(bytes_of_frame_.size());
    for (int64_t at = kHeaderBytes; at + size <= bytes_; at += size) {
      unsigned char* const bytes = bytes_of_frame_.data();
      const int code = file_->pMethods->xRead(file_, bytes, static_cast<int>(size), at);
      if (code != SQLITE_OK) return code;
      use(Frame{StoredAt(bytes + 8), StoredAt(bytes + 16), Word(bytes), Word(bytes + 4)}, at);
    }
    return SQLITE_OK;
  }
  int64_t BehindFrame(int64_t at) const { return at + std::ssize(bytes_of_frame_); }
  // True if the sum of the frame that was read last continues the sum `before`.
  bool Follows(Sum before, const Frame& frame) const {
    return SumOf(before, bytes_of_frame_) == frame.stored;
  }

  int ReadFrames(Sum before, LogEnd& end) {
    end.bytes = kHeaderBytes;
    bool whole = true;
    int commits_behind = 0;
    const int code = ForEachFrame([&](const Frame& frame, int64_t at) {
      const bool follows = frame.salts == salts_ && frame.page != 0 && Follows(before, frame);
      whole = whole && follows;
      if (frame.pages != 0 && follows) {
        if (whole) end.bytes = BehindFrame(at);
        if (!whole) ++commits_behind;
      }
      before = frame.stored;
    });
    end.damaged = commits_behind > 1;
    return code;
  }

  // Nothing of the header is trusted: frames are recognised because they continue each other.
  int ReadWithoutHeader(LogEnd& end) {
    page_bytes_ = kPageBytes;
    highest_first_ = std::endian::native == std::endian::big;
    int frames = 0;
    int commits = 0;
    bool known = false;  // the salts of this log, from the first two frames that follow each other
    bool gap = false;
    Frame last;
    int64_t last_at = 0;
    const int code = ForEachFrame([&](const Frame& frame, int64_t at) {
      const bool ours = frame.page != 0 && (!known || frame.salts == salts_);
      const bool follows =
          frames++ > 0 && ours && frame.salts == last.salts && Follows(last.stored, frame);
      if (follows && !known) {
        known = true;
        salts_ = frame.salts;
        gap = frames > 2;
        Note(last, last_at);
      }
      if (ours && !follows) gap = true;
      if (follows) {
        Note(frame, at);
        if (frame.pages != 0) ++commits;
      }
      last = frame;
      last_at = at;
    });
    if (code != SQLITE_OK) return code;
    if (!gap && !newest_.empty()) {
      const int compared = Compare(end.copied);
      if (compared != SQLITE_OK) return compared;
    }
    if (end.copied) end.bytes = 0;
    end.damaged = !end.copied && (commits > 1 || (commits == 0 && frames > 1));
    return SQLITE_OK;
  }

  void Note(const Frame& frame, int64_t at) {
    uncommitted_[frame.page] = at + static_cast<int64_t>(kFrameBytes);
    if (frame.pages == 0) return;
    for (const auto& [number, place] : uncommitted_) newest_[number] = place;
    uncommitted_.clear();
    pages_ = frame.pages;
  }

  // Whether the database has every page as the last commit left it.
  int Compare(bool& copied) const {
    const auto size = static_cast<int>(page_bytes_);
    std::vector<char> here(page_bytes_);
    std::vector<char> there(page_bytes_);
    for (const auto& [number, at] : newest_) {
      if (number > pages_) break;  // cut off since then
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
  std::vector<unsigned char> bytes_of_frame_;
  size_t page_bytes_ = 0;
  bool highest_first_ = false;
  Sum salts_;
  // Where the newest contents of each page are in the log.
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

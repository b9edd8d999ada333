#include "tests/faults/t4.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/encoding/bytes.h"
#include "tests/faults/child.h"

namespace gongji::faults {
namespace {

constexpr size_t kMostFindings = 40;
constexpr char kStopped[] = "stopping, the store is read again at the next start";

// What a story leaves.
struct End {
  DiskState disk;
  Told told;
  bool stopped = false;
};

std::string Pair(const std::string& one, const std::string& other) {
  BytesWriter out;
  out.String(one);
  out.String(other);
  return std::move(out).Finish();
}

class T4 {
 public:
  explicit T4(T4Plan plan) : plan_(plan) {}

  T4Report Run() {
    report_.accesses = CountOf(DiskError::kIo);
    report_.writes = CountOf(DiskError::kFull);
    for (const bool for_ever : {false, true}) {
      for (const DiskError error : {DiskError::kIo, DiskError::kFull}) {
        const int64_t last = error == DiskError::kIo ? report_.accesses : report_.writes;
        for (int64_t at = plan_.first; at <= last; at += plan_.step) {
          RunOne({.at = at, .for_ever = for_ever, .error = error});
          if (report_.bad.size() > kMostFindings) return std::move(report_);
        }
      }
    }
    return std::move(report_);
  }

 private:
  void Bad(const std::string& what) { report_.bad.push_back(what); }

  // Counts the accesses of the story without a fault, which must go well.
  int64_t CountOf(DiskError error) {
    Disk disk;
    Told told;
    disk.Fail(DiskFault{.at = 0, .error = error});
    TellStory(disk, told);
    for (const std::string& wrong : told.wrong) Bad("without a fault: " + wrong);
    for (const std::string& wrong : Judge(disk.state(), told)) Bad("without a fault: " + wrong);
    for (const Told::Batch& batch : told.batches) {
      const bool all =
          batch.end == Told::End::kAnswered && batch.ids.size() <= batch.entries.size();
      if (!all || (batch.ids.empty() && batch.entries.empty())) Bad("without a fault not answered");
    }
    return disk.accesses();
  }

  void RunOne(const DiskFault& fault) {
    const std::string name =
        absl::StrCat(fault.error == DiskError::kIo ? "access " : "write without room ", fault.at,
                     fault.for_ever ? " and all after it" : "");
    const End end = StoryWith(fault, name);
    ++report_.stories;
    if (end.stopped) ++report_.stopped;
    // Damage 0 is a killed process; each of the others is a power cut with a seed of its own.
    const auto judge = [&](const Told& before, bool more) {
      return [this, &end, &before, more, &name] {
        for (int damage = 0; damage < plan_.damages; ++damage) {
          Disk disk(end.disk);
          disk.EndProcess();
          Told told = before;
          if (more) TellMore(disk, told);
          if (damage > 0) disk.LosePower(static_cast<uint64_t>(damage));
          for (const std::string& finding : Judge(disk.state(), told)) {
            Bad(absl::StrCat(name, more ? ", more, damage " : ", damage ", damage, ": ", finding));
          }
        }
      };
    };
    Collect(name, judge(end.told, false));
    // The same after another process has worked on what the fault left.
    Collect(name + ", more", judge(end.told, true));
    report_.images += int64_t{2} * plan_.damages;
  }

  End StoryWith(const DiskFault& fault, const std::string& name) {
    Disk disk;
    Told told;
    const ChildEnd child = RunInChild(
        [&] {
          disk.Fail(fault);
          TellStory(disk, told);
          disk.EndProcess();
        },
        [&] { return Pair(ToBytes(disk.state()), ToBytes(told)); });
    BytesReader in(child.left);
    End end;
    end.disk = FromBytes(in.String());
    end.told = ToldFromBytes(in.String());
    end.stopped = child.stopped;
    if (child.stopped && child.said.find(kStopped) == std::string::npos) {
      Bad(absl::StrCat(name, ": ends with ", child.said));
    }
    return end;
  }

  // Runs `judge` in a child, which must not stop, and takes over its findings.
  void Collect(const std::string& name, const std::function<void()>& judge) {
    std::vector<std::string> before = std::exchange(report_.bad, {});
    const ChildEnd child = RunInChild(judge, [this] {
      BytesWriter out;
      for (const std::string& bad : report_.bad) out.String(bad);
      return std::move(out).Finish();
    });
    report_.bad = std::move(before);
    BytesReader in(child.left);
    while (!in.AtEnd()) Bad(in.String());
    if (child.stopped) Bad(absl::StrCat(name, ": recovery stops: ", child.said));
  }

  const T4Plan plan_;
  T4Report report_;
};

}  // namespace

T4Report RunT4(T4Plan plan) { return T4(plan).Run(); }

}  // namespace gongji::faults

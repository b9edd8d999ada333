// For tests: metrics whose values can be read again.
#ifndef GONGJI_SERVICES_COMMON_TESTING_RECORDED_METRICS_H_
#define GONGJI_SERVICES_COMMON_TESTING_RECORDED_METRICS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/common/metrics.h"

namespace gongji {

class RecordedMetrics final : public Metrics {
 public:
  Counter& counter(const std::string& name, const std::string& /*help*/,
                   const Labels& labels) override {
    return series_[{name, labels}];
  }
  Gauge& gauge(const std::string& name, const std::string& /*help*/,
               const Labels& labels) override {
    return series_[{name, labels}];
  }
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels,
                       const std::vector<double>& bounds) override {
    return NullMetrics().histogram(name, help, labels, bounds);
  }

  // What a counter or gauge stands at; -1 if there is none of that name and labels.
  double Value(const std::string& name, const Labels& labels = {}) const {
    const auto found = series_.find({name, labels});
    return found == series_.end() ? -1 : found->second.value;
  }

 private:
  struct Series final : Counter, Gauge {
    void Add(double amount) override { value += amount; }
    void Set(double set) override { value = set; }
    double value = 0;
  };

  std::map<std::pair<std::string, Labels>, Series> series_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_RECORDED_METRICS_H_

#include "services/common/metrics.h"

namespace gongji {
namespace {

class Nothing final : public Counter, public Gauge, public Histogram {
 public:
  void Add(double /*amount*/) override {}
  void Set(double /*value*/) override {}
  void Observe(double /*value*/) override {}
};

class NullMetricsImpl final : public Metrics {
 public:
  Counter& counter(const std::string& /*name*/, const std::string& /*help*/,
                   const Labels& /*labels*/) override {
    return nothing_;
  }
  Gauge& gauge(const std::string& /*name*/, const std::string& /*help*/,
               const Labels& /*labels*/) override {
    return nothing_;
  }
  Histogram& histogram(const std::string& /*name*/, const std::string& /*help*/,
                       const Labels& /*labels*/, const std::vector<double>& /*bounds*/) override {
    return nothing_;
  }

 private:
  Nothing nothing_;
};

}  // namespace

Metrics& NullMetrics() {
  static NullMetricsImpl metrics;
  return metrics;
}

std::vector<double> SecondsBounds() {
  return {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
}

std::vector<double> SizeBounds() { return {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}; }

}  // namespace gongji

// Metrics as the domain sees them: named counters, gauges and histograms. A process exports them
// to Prometheus (rpc/admin.h); tests and the simulator use NullMetrics.
#ifndef GONGJI_SERVICES_COMMON_METRICS_H_
#define GONGJI_SERVICES_COMMON_METRICS_H_

#include <map>
#include <string>
#include <vector>

namespace gongji {

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(double amount) = 0;
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Set(double value) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

using Labels = std::map<std::string, std::string>;

// Names end in their unit (_seconds, _bytes, _total). The same name and labels return the same
// object, which lives as long as the Metrics.
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Counter& counter(const std::string& name, const std::string& help,
                           const Labels& labels) = 0;
  virtual Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) = 0;
  // `bounds` are the upper bounds of the buckets, rising.
  virtual Histogram& histogram(const std::string& name, const std::string& help,
                               const Labels& labels, const std::vector<double>& bounds) = 0;
};

// Accepts everything and keeps nothing.
Metrics& NullMetrics();

// Bucket bounds that serve most histograms.
std::vector<double> SecondsBounds();
std::vector<double> SizeBounds();

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_METRICS_H_

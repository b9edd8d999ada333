// Metrics that Prometheus can read.
#ifndef GONGJI_SERVICES_COMMON_METRICS_PROMETHEUS_H_
#define GONGJI_SERVICES_COMMON_METRICS_PROMETHEUS_H_

#include <memory>
#include <string>

#include "services/common/metrics.h"

namespace gongji {

class PrometheusMetrics final : public Metrics {
 public:
  PrometheusMetrics();
  ~PrometheusMetrics() override;

  Counter& counter(const std::string& name, const std::string& help, const Labels& labels) override;
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) override;
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels,
                       const std::vector<double>& bounds) override;

  // All current values in the text exposition format. Any thread.
  std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_METRICS_PROMETHEUS_H_

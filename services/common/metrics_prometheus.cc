#include "services/common/metrics_prometheus.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <utility>

namespace gongji {
namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
  void Add(double amount) override { counter_.Increment(amount); }

 private:
  prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void Set(double value) override { gauge_.Set(value); }

 private:
  prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

using Key = std::pair<std::string, Labels>;

}  // namespace

struct PrometheusMetrics::Impl {
  prometheus::Registry registry;
  std::map<Key, std::unique_ptr<Counter>> counters;
  std::map<Key, std::unique_ptr<Gauge>> gauges;
  std::map<Key, std::unique_ptr<Histogram>> histograms;
};

PrometheusMetrics::PrometheusMetrics() : impl_(std::make_unique<Impl>()) {}
PrometheusMetrics::~PrometheusMetrics() = default;

Counter& PrometheusMetrics::counter(const std::string& name, const std::string& help,
                                    const Labels& labels) {
  auto& kept = impl_->counters[{name, labels}];
  if (kept == nullptr) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
    kept = std::make_unique<PrometheusCounter>(family.Add(labels));
  }
  return *kept;
}

Gauge& PrometheusMetrics::gauge(const std::string& name, const std::string& help,
                                const Labels& labels) {
  auto& kept = impl_->gauges[{name, labels}];
  if (kept == nullptr) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
    kept = std::make_unique<PrometheusGauge>(family.Add(labels));
  }
  return *kept;
}

Histogram& PrometheusMetrics::histogram(const std::string& name, const std::string& help,
                                        const Labels& labels, const std::vector<double>& bounds) {
  auto& kept = impl_->histograms[{name, labels}];
  if (kept == nullptr) {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry);
    kept = std::make_unique<PrometheusHistogram>(family.Add(labels, bounds));
  }
  return *kept;
}

std::string PrometheusMetrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace gongji
